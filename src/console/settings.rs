//! What a person has set: keys and themes from their files, and the theme that was kept. Whatever is wrong with a file
//! becomes a notice; the console starts all the same.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::keys::{CommandSpec, Keymap, file as key_file};
use super::theme::{Named, Palette, Theme, ThemeRegistry, file as theme_file};
use crate::author::bounded_read;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};

mod kept;
mod layout_prefs;
mod options;

pub use kept::keep;
pub use layout_prefs::LayoutPrefs;
pub use options::{Options, drops_what_it_does_not_know};

/// Where the files are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The workspace's folder for state, which holds what is set for one workspace.
    pub workspace: Option<PathBuf>,
    /// The person's own folder.
    pub config: Option<PathBuf>,
}

impl Places {
    /// The folders with what to call them, the stronger last.
    fn folders(&self) -> impl Iterator<Item = (&Path, &'static str)> {
        let own = self.config.as_deref().map(|folder| (folder, "~/.config/fibric"));
        own.into_iter().chain(self.workspace.as_deref().map(|folder| (folder, ".fibric")))
    }

    /// The folders to watch for changes of them.
    pub fn watched(&self) -> Vec<PathBuf> {
        self.folders().flat_map(|(folder, _)| [folder.to_path_buf(), folder.join("themes")]).collect()
    }

    /// The file in which a choice is kept: the workspace's, or without one the person's.
    pub fn memory(&self) -> Option<PathBuf> {
        self.workspace.as_ref().or(self.config.as_ref()).map(|folder| folder.join("console.toml"))
    }
}

/// Everything that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// Which key means what.
    pub keymap: Keymap,
    /// The themes there are, and the one in force.
    pub themes: ThemeRegistry,
    /// What was wrong.
    pub faults: Vec<Diagnostic>,
    /// Where a choice is kept.
    pub memory: Option<PathBuf>,
}

impl Setup {
    /// The commands' keys out of the box and the shipped themes, with `theme` in force.
    pub fn of(theme: Theme, commands: &'static [CommandSpec]) -> Self {
        Self { keymap: Keymap::new(commands), themes: ThemeRegistry::shipped(theme), ..Self::default() }
    }

    /// Reads the files; keys are of those commands.
    pub fn read(options: &Options, commands: &'static [CommandSpec]) -> Self {
        let shipped = Self::of(options.theme(), commands);
        let Options { theme, places, .. } = options.clone();
        let mut setup = Self { memory: places.memory(), ..shipped };
        for (folder, called) in places.folders() {
            setup.keys(&folder.join("keys.toml"), &format!("{called}/keys.toml"));
        }
        setup.themes(&places);
        setup.choose(theme);
        setup
    }

    fn keys(&mut self, path: &Path, called: &str) {
        if let Some(text) = self.text(path, called) {
            let faults = key_file::apply(&mut self.keymap, &text);
            self.faults.extend(faults.into_iter().map(|fault| fault.in_file(called)));
        }
    }

    fn text(&mut self, path: &Path, called: &str) -> Option<String> {
        match read(path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                self.faults.push(Diagnostic::error(format!("cannot be read: {error}")).in_file(called));
                None
            }
        }
    }

    fn themes(&mut self, places: &Places) {
        let mut sources: Vec<_> =
            Palette::ALL.iter().map(|palette| (palette.name().to_owned(), palette.source().to_owned())).collect();
        let mut own = Vec::new();
        for (folder, called) in places.folders() {
            for path in theme_files(&folder.join("themes")) {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let called = format!("{called}/themes/{name}.toml");
                if let Some(text) = self.text(&path, &called) {
                    sources.push((name.clone(), text));
                    own.push((name, called));
                }
            }
        }
        for (name, called) in own {
            match theme_file::load(&name, &sources) {
                Ok(loaded) => {
                    self.faults.extend(faint_ink(&loaded.looks.on(None)).map(|fault| fault.in_file(&called)));
                    let about = if loaded.about.is_empty() { called } else { loaded.about };
                    self.themes.add(Named { name, about, looks: loaded.looks });
                }
                Err(faults) => self.faults.extend(faults.into_iter().take(1).map(|fault| fault.in_file(&called))),
            }
        }
    }

    /// The command line and the environment before what was kept, that before what the terminal looks like.
    fn choose(&mut self, named: Option<String>) {
        let kept = self.memory.as_deref().map(kept::theme);
        let (kept, fault) = match kept {
            Some(Ok(kept)) => (kept, None),
            Some(Err(fault)) => (None, Some(fault)),
            None => (None, None),
        };
        self.faults.extend(fault);
        let Some(name) = named.or(kept) else {
            // No colour was asked for: what the terminal looks like changes nothing.
            self.themes.settled = self.themes.theme(None).wanted() == Palette::Mono.look();
            return;
        };
        self.themes.settled = true;
        if !self.themes.choose(&name) {
            let names: Vec<_> = self.themes.themes.iter().map(|named| named.name.as_str()).collect();
            let mut fault = Diagnostic::error(format!("there is no theme `{name}`"));
            fault.help =
                did_you_mean(&name, names.iter().copied()).or_else(|| Some(format!("there are {}", names.join(", "))));
            self.faults.push(fault);
        }
    }
}

/// Bytes beyond which a file is none of ours.
const LARGEST: u64 = 256 * 1024;

/// A workspace may be anyone's: a pipe in it must not keep the console from starting, nor a huge file fill the memory.
fn read(path: &Path) -> io::Result<String> {
    bounded_read::read_text(path, LARGEST)
}

/// By name, so that what is listed does not depend on the disk.
fn theme_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn faint_ink(look: &super::theme::Look) -> Option<Diagnostic> {
    let (ink, ground, contrast) = look.weakest().filter(|(.., contrast)| *contrast < 4.5)?;
    let said = format!("`{}` on `{}` has a contrast of {contrast:.1}, less than 4.5", ink.name(), ground.name());
    Some(Diagnostic::warning(said))
}

#[cfg(test)]
mod tests;
