//! The rules of the house that a compiler does not hold: which module may use which, how long a file may be, where
//! printing lives, and what no file may name. `ARCHITECTURE.md` says why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each module may use only those before it.
const ORDER: [&str; 21] = [
    "kernel",
    "query",
    "impact",
    "author",
    "cassette",
    "reason",
    "pack",
    "template",
    "workspace",
    "session",
    "coverage",
    "replayer",
    "review",
    "publish",
    "upgrade",
    "registry",
    "report",
    "serve",
    "console",
    "demo",
    "cli",
];

/// The rooms of `console/`: each may use only those of the lines before its own. Where facts stand below and a terminal
/// above, a screen cannot reach for either but through what is between.
const ROOMS: [&[&str]; 11] = [
    &["text"],
    &["theme", "keys", "model"],
    &["settings", "picture", "widgets"],
    &["editor", "present"],
    &["screen"],
    &["screens"],
    &["shell"],
    &["runtime"],
    &["terminal"],
    &["headless"],
    &["console"],
];

/// Lines of code a file may have, without blank lines, comments and tests.
const LONGEST: usize = 400;

/// Names that say nothing about what is inside.
const NAMELESS: [&str; 4] = ["utils", "util", "common", "helpers"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the project, relative to its root: what version control tracks, or without it what lies there.
fn files() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    match listed {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => String::from_utf8_lossy(&output.stdout)
            .split('\0')
            .filter(|name| !name.is_empty())
            .map(PathBuf::from)
            .filter(|path| root().join(path).is_file())
            .collect(),
        _ => walk(&root()).iter().filter_map(|path| path.strip_prefix(root()).ok()).map(Path::to_owned).collect(),
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_file() {
            found.push(path);
        } else if !matches!(name.as_str(), "target" | ".git" | "node_modules" | ".fibric") {
            found.extend(walk(&path));
        }
    }
    found
}

fn rust_files(under: &str) -> Vec<(PathBuf, String)> {
    let wanted = |path: &PathBuf| path.starts_with(under) && path.extension().is_some_and(|found| found == "rs");
    files()
        .into_iter()
        .filter(wanted)
        .map(|path| {
            let text = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
            (path, text)
        })
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs")))
}

/// The lines of code: no blank lines, no comments, nothing from the module's tests on.
fn code(text: &str) -> Vec<&str> {
    let end = text.find("\n#[cfg(test)]\nmod ").map_or(text.len(), |at| {
        // A test module in a file of its own is one line, and code may follow it.
        let declared = text[at..].lines().nth(2).is_some_and(|line| line.trim_end().ends_with(';'));
        if declared { text.len() } else { at }
    });
    text[..end].lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).collect()
}

/// The top-level modules that code names after `crate::`, also within braces.
fn used(code: &str) -> BTreeSet<String> {
    named_after("crate::", code)
}

/// What code names right after a path, also within braces.
fn named_after(path: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(path) {
        let preceded = code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
        if preceded {
            continue;
        }
        let rest = &code[at + path.len()..];
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(heads(group));
        } else {
            found.insert(head(rest));
        }
    }
    found
}

fn head(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first name of each member of a brace group whose opening brace is already passed.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut found) = (0_usize, vec![head(group)]);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(head(&group[at + 1..])),
            _ => {}
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The top-level module a file belongs to.
fn module(path: &Path) -> Option<String> {
    let first = path.strip_prefix("src").ok()?.components().next()?;
    let name = first.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
    ORDER.contains(&name.as_str()).then_some(name)
}

fn rank(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == name)
}

fn wrong_edges(from: &str, code: &str) -> Vec<String> {
    used(code).into_iter().filter(|to| rank(to).is_some_and(|to| Some(to) > rank(from))).collect()
}

/// The same edges written from below: as many `super::` as the file lies deep.
fn with_supers_resolved(path: &Path, code: &str) -> String {
    let depth = path.components().count() - 1;
    code.replace(&"super::".repeat(depth), "crate::")
}

/// The path of the module that a file is.
fn module_path(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix("src").unwrap_or(path).with_extension("");
    inside.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

/// Code with every `super::` written as the path from `crate::` on.
fn absolute(path: &Path, code: &str) -> String {
    let own = module_path(path);
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("super::") {
        let steps = rest[at..].split("super::").skip(1).take_while(|between| between.is_empty()).count() + 1;
        out.push_str(&rest[..at]);
        out.push_str("crate::");
        for part in &own[..own.len().saturating_sub(steps)] {
            out.push_str(part);
            out.push_str("::");
        }
        rest = &rest[at + steps * "super::".len()..];
    }
    out + rest
}

/// The room of `console/` a file belongs to, and on which line it stands.
fn room(path: &Path) -> Option<(String, usize)> {
    let [console, rest @ ..] = &*module_path(path) else { return None };
    let name = rest.first().unwrap_or(console).clone();
    (console == "console").then(|| level(&name).map(|level| (name, level)))?
}

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that code of one room uses and may not.
fn wrong_rooms(from: (&str, usize), code: &str) -> Vec<String> {
    let used = named_after("crate::console::", code).into_iter();
    used.filter(|to| to != from.0 && level(to).is_some_and(|to| to >= from.1)).collect()
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn every_edge_points_down() {
    let mut found = Vec::new();
    for (path, text) in rust_files("src").iter().filter(|(path, _)| !is_test(path)) {
        let Some(from) = module(path) else { continue };
        let wrong = wrong_edges(&from, &with_supers_resolved(path, &code(text).join("\n")));
        found.extend(wrong.iter().map(|to| format!("{}: {from} uses {to}", path.display())));
    }
    assert_none("these modules use what stands above them", &found);
}

#[test]
fn a_wrong_edge_is_noticed() {
    assert_eq!(wrong_edges("author", "use crate::session::bus;"), ["session"]);
    assert_eq!(wrong_edges("kernel", "use crate::{kernel::json, cli::{a, b}, report};"), ["cli", "report"]);
    assert_eq!(wrong_edges("report", "fn f(x: &crate::serve::X) -> crate::kernel::Y"), ["serve"]);
    let climbing = with_supers_resolved(Path::new("src/kernel/json.rs"), "use super::super::session::bus;");
    assert_eq!(wrong_edges("kernel", &climbing), ["session"]);
    assert!(wrong_edges("cli", "use crate::{console, session}; my_crate::cli").is_empty());
    assert!(code("//! crate::cli\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n use crate::cli;\n}\n") == ["fn f() {}"]);
}

#[test]
fn the_rooms_of_the_console_use_only_those_below() {
    let (mut found, mut homeless) = (Vec::new(), Vec::new());
    let console = |path: &Path| path.starts_with("src/console") || path.ends_with("src/console.rs");
    for (path, text) in rust_files("src").iter().filter(|(path, _)| console(path) && !is_test(path)) {
        let Some((name, level)) = room(path) else {
            homeless.push(path.display().to_string());
            continue;
        };
        let wrong = wrong_rooms((&name, level), &absolute(path, &code(text).join("\n")));
        found.extend(wrong.iter().map(|to| format!("{}: {name} uses {to}", path.display())));
    }
    assert_none("these files belong to no room of the list", &homeless);
    assert_none("these rooms use what stands beside or above them", &found);
}

#[test]
fn screens_do_not_know_each_other() {
    let mut found = Vec::new();
    for (path, text) in rust_files("src/console/screens").iter().filter(|(path, _)| !is_test(path)) {
        let own = module_path(path).get(2).cloned().unwrap_or_default();
        let named = named_after("crate::console::screens::", &absolute(path, &code(text).join("\n")));
        let others = named.iter().filter(|name| **name != own);
        found.extend(others.map(|other| format!("{}: {own} names {other}", path.display())));
    }
    assert_none("these screens name another, or the list of them", &found);
}

#[test]
fn a_wrong_room_is_noticed() {
    let wrong = |path: &str, code: &str| {
        let path = Path::new(path);
        let (name, level) = room(path).unwrap();
        wrong_rooms((&name, level), &absolute(path, code))
    };
    assert_eq!(wrong("src/console/model/row.rs", "use super::super::text::Charset;"), [""; 0]);
    assert_eq!(wrong("src/console/model/row.rs", "use super::super::shell::{App, News};"), ["shell"]);
    assert_eq!(wrong("src/console/text.rs", "use super::{theme, shell::App};"), ["shell", "theme"]);
    assert_eq!(wrong("src/console/screens/live/view/lists.rs", "use super::super::Live; use super::rows;"), [""; 0]);
    assert_eq!(wrong("src/console/widgets/pen.rs", "fn f(x: crate::console::editor::Text)"), ["editor"]);
    let policy = absolute(Path::new("src/console/screens/live/update.rs"), "use super::super::policy::Draft;");
    assert_eq!(policy, "use crate::console::screens::policy::Draft;");
}

#[test]
fn every_module_has_its_place_in_the_order() {
    let known = |path: &Path| module(path).is_some() || path.ends_with("lib.rs") || path.ends_with("main.rs");
    let found: Vec<_> =
        rust_files("src").iter().filter(|(path, _)| !known(path)).map(|(path, _)| path.display().to_string()).collect();
    assert_none("these files belong to no module of the list", &found);
}

#[test]
fn files_are_short_documented_and_well_named() {
    let (mut long, mut silent, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for (path, text) in ["src", "xtask", "tests", "benches"].into_iter().flat_map(rust_files) {
        let shown = path.display().to_string();
        let lines = code(&text).len();
        if lines > LONGEST {
            long.push(format!("{shown}: {lines} lines of code"));
        }
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!"));
        let needs_docs = !is_test(&path) || path.starts_with("tests");
        if needs_docs && !first.is_some_and(|line| line.starts_with("//!")) {
            silent.push(shown.clone());
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let folders = path.parent().into_iter().flat_map(Path::components);
        let vague = folders.map(|part| part.as_os_str().to_string_lossy().into_owned()).chain([stem.clone()]);
        if stem == "mod" || vague.into_iter().any(|name| NAMELESS.contains(&name.as_str())) {
            named.push(shown);
        }
    }
    assert_none(&format!("these files have more than {LONGEST} lines of code"), &long);
    assert_none("these modules do not say what they are for (`//!`)", &silent);
    assert_none("these names say nothing (no `mod.rs`, `utils`, `common`, `helpers`)", &named);
}

#[test]
fn printing_lives_in_the_command_line_and_the_reports() {
    let mut found = Vec::new();
    for (path, text) in rust_files("src").iter().filter(|(path, _)| !is_test(path)) {
        let may_print = matches!(module(path).as_deref(), Some("cli" | "report"));
        let prints = |line: &&str| ["println!", "eprintln!", "print!(", "dbg!("].iter().any(|word| line.contains(word));
        if let Some(line) = code(text).into_iter().find(prints).filter(|_| !may_print) {
            found.push(format!("{}: {line}", path.display()));
        }
    }
    assert_none("these print past the screen", &found);
}

/// Where the text names a machine's folders or the tools of the desk it was written at.
fn traces(text: &str) -> Option<&'static str> {
    const FOLDERS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    const TOOLS: [&str; 5] = [
        concat!("clau", "de"),
        concat!("anthro", "pic"),
        concat!("chat", "gpt"),
        concat!("co", "pilot"),
        concat!("cod", "ex "),
    ];
    let inside_a_path =
        |at: usize| text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || "._-}".contains(c));
    let folder = FOLDERS.into_iter().find(|name| text.match_indices(name).any(|(at, _)| !inside_a_path(at)));
    let lower = text.to_lowercase();
    folder.or_else(|| TOOLS.into_iter().find(|name| lower.contains(name)))
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    let mut found = Vec::new();
    for path in files() {
        // What is not text has no sentence to check.
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        found.extend(traces(&text).map(|name| format!("{}: {name}", path.display())));
    }
    assert_none("these files name a machine's folders or tools", &found);
    assert!(traces(concat!("in /wo", "rk/main")).is_some() && traces(concat!("src/wo", "rk/x")).is_none());
}
