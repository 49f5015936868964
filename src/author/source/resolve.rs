//! From an import's specifier to a file inside the root, or to why there is none.
//!
//! INVARIANT: a path is returned only after it was canonicalised, symlinks followed, and found below the root.

use std::path::{Component, Path, PathBuf};

use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

use super::BUILTIN;

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A module the kernel provides.
    Builtin(&'static str),
    /// A file, canonical.
    File(PathBuf),
}

const EXTENSIONS: [&str; 5] = ["ts", "mts", "js", "mjs", "json"];

/// What an import without a path means in Node, and no package on npm.
const NODE: [&str; 32] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "dns",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "querystring",
    "readline",
    "stream",
    "timers",
    "tls",
    "url",
    "util",
    "vm",
    "worker_threads",
    "zlib",
];

/// Resolves a specifier of the module at `importer` (canonical), below `root` (canonical). `looked` gets every path
/// below the root that was tried, the last one as it was written: what comes there, or goes, leads elsewhere.
pub fn resolve(
    root: &Path,
    importer: &Path,
    specifier: &str,
    looked: &mut Vec<PathBuf>,
) -> Result<Target, Box<Diagnostic>> {
    if let Some(name) = BUILTIN.iter().find(|name| **name == specifier) {
        return Ok(Target::Builtin(name));
    }
    if specifier.starts_with("./") || specifier.starts_with("../") || specifier == "." || specifier == ".." {
        return relative(root, importer, specifier, looked).map(Target::File);
    }
    Err(Box::new(alias(root, importer, specifier).unwrap_or_else(|| refusal(specifier))))
}

/// A path that `tsconfig.json` or `package.json` would have to be asked about, and what to write for it.
fn alias(root: &Path, importer: &Path, specifier: &str) -> Option<Diagnostic> {
    let is_alias = ["@/", "~/", "#"].iter().any(|start| specifier.starts_with(start));
    let below = specifier.trim_start_matches(['@', '~', '#']).trim_start_matches('/');
    let found = ["", "src"].iter().map(|folder| root.join(folder).join(below)).find(|wanted| {
        // A package may have the name of a folder; one file is meant by a path to it.
        (is_alias || specifier.contains('/') && !specifier.starts_with('/'))
            && candidates(wanted, false).iter().any(|file| file.is_file())
    });
    if !is_alias && found.is_none() {
        return None;
    }
    let fault = Diagnostic::error(format!("`{specifier}` is no relative path, and `tsconfig.json` is not read"));
    Some(fault.help(match found {
        Some(wanted) => format!("write `{}`", relative_to(importer.parent().unwrap_or(root), &wanted)),
        None => "paths that it maps are not known: import by a relative path, as in `./orders`".to_owned(),
    }))
}

/// The path from a folder to a file, as an import has it.
fn relative_to(folder: &Path, file: &Path) -> String {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().count() - shared;
    let start = if up == 0 { "./".to_owned() } else { "../".repeat(up) };
    let down: Vec<_> = file.components().skip(shared).map(|part| part.as_os_str().to_string_lossy()).collect();
    start + &down.join("/")
}

fn refusal(specifier: &str) -> Diagnostic {
    let only_relative = "import files of the workspace by a relative path, as in `./orders`";
    if Path::new(specifier).is_absolute() || specifier.starts_with(['/', '\\']) {
        return Diagnostic::error(format!("`{specifier}` is an absolute path")).help(only_relative);
    }
    let bare = specifier.strip_prefix("node:").unwrap_or(specifier);
    if specifier.starts_with("node:") || NODE.contains(&bare.split('/').next().unwrap_or(bare)) {
        let help = match bare {
            "crypto" => "`crypto.randomUUID()` and `crypto.getRandomValues()` are there without an import".to_owned(),
            _ => format!(
                "leave `{bare}` out: files and sockets are not reachable, a tool's `ctx.http` performs requests"
            ),
        };
        let message = format!("`{specifier}` is a Node built-in, which is not there: author code does not run in Node");
        return Diagnostic::error(message).help(help);
    }
    if specifier.contains(':') {
        return Diagnostic::error(format!("`{specifier}` is a URL, which is never fetched")).help(only_relative);
    }
    if specifier.starts_with("@fibric/") {
        let help = did_you_mean(specifier, BUILTIN).unwrap_or_else(|| format!("there are {}", BUILTIN.join(", ")));
        return Diagnostic::error(format!("there is no module `{specifier}`")).help(help);
    }
    let diagnostic = Diagnostic::error(format!("npm packages cannot be loaded by this version yet: `{specifier}`"));
    if specifier == "zod" || specifier.starts_with("zod/") {
        return diagnostic.help(
            "give `input` as a JSON Schema, as in `{ type: 'object', properties: { since: { type: 'string' } } }`, or as \
             a function that returns the checked input or throws",
        );
    }
    diagnostic.help("copy what is needed into a file of the workspace and import that by a relative path")
}

fn relative(
    root: &Path,
    importer: &Path,
    specifier: &str,
    looked: &mut Vec<PathBuf>,
) -> Result<PathBuf, Box<Diagnostic>> {
    let folder = importer.parent().unwrap_or(root);
    let wanted = lexical(&folder.join(specifier));
    if !wanted.starts_with(root) {
        return Err(Box::new(outside(specifier)));
    }
    for candidate in candidates(&wanted, specifier.ends_with('/') || specifier.ends_with("..") || specifier == ".") {
        looked.push(candidate.clone());
        if !candidate.is_file() {
            continue;
        }
        return match candidate.canonicalize() {
            Ok(path) if path.starts_with(root) => loadable(path, specifier),
            Ok(_) => Err(Box::new(outside(specifier))),
            Err(error) => Err(Box::new(Diagnostic::error(format!("`{specifier}` cannot be read: {error}")))),
        };
    }
    let missing = Diagnostic::error(format!("`{specifier}` was not found"));
    Err(Box::new(match neighbours(&wanted).and_then(|names| nearest_name(&wanted, &names)) {
        Some(help) => missing.help(help),
        None => missing.help("the path is relative to the file that imports"),
    }))
}

fn loadable(path: PathBuf, specifier: &str) -> Result<PathBuf, Box<Diagnostic>> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if EXTENSIONS.contains(&extension) {
        return Ok(path);
    }
    let message = format!("`{specifier}` is not a file that can be imported");
    Err(Box::new(Diagnostic::error(message).help("TypeScript, JavaScript and JSON files can be")))
}

fn outside(specifier: &str) -> Diagnostic {
    Diagnostic::error(format!("`{specifier}` leads out of the workspace"))
        .help("move the file into the workspace: author code reads nothing outside it")
}

fn candidates(wanted: &Path, folder_only: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if !folder_only {
        found.push(wanted.to_path_buf());
        match wanted.extension().and_then(|extension| extension.to_str()) {
            Some("js") => found.push(wanted.with_extension("ts")),
            Some("mjs") => found.push(wanted.with_extension("mts")),
            _ => {}
        }
        for extension in EXTENSIONS {
            let mut name = wanted.as_os_str().to_owned();
            name.push(".");
            name.push(extension);
            found.push(PathBuf::from(name));
        }
    }
    found.extend(["ts", "mts", "js", "mjs"].iter().map(|extension| wanted.join("index").with_extension(extension)));
    found
}

/// The path without `.` and `..`, without asking the file system.
pub fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn neighbours(wanted: &Path) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(wanted.parent()?).ok()?;
    Some(entries.flatten().take(500).filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

fn nearest_name(wanted: &Path, names: &[String]) -> Option<String> {
    did_you_mean(wanted.file_name()?.to_str()?, names.iter().map(String::as_str))
}
