//! What is done outside the terminal itself, in the workspace it belongs to: clipboard, editor, the layout that is kept,
//! receipts that are read. What may take long is done on a thread of its own, and tells the loop afterwards how it went.

mod clipboard;
mod external_editor;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::SyncSender;

use super::draft_keeper::DraftKeeper;
use super::{journals, receipts};
use crate::console::keys::ScreenId;
use crate::console::present::source_location::At;
use crate::console::runtime::Incoming;
use crate::console::screen::files::FileReply;
use crate::console::screen::journals::JournalRequest;
use crate::console::settings::LayoutPrefs;
use crate::console::shell::News;
use crate::session::state_files;

pub use clipboard::{MOST, takes_copies};

/// Where effects are performed that are not the terminal's.
#[derive(Debug, Clone)]
pub struct Desk {
    root: PathBuf,
    to_loop: SyncSender<Incoming>,
}

impl Desk {
    /// In a workspace, telling the loop.
    pub fn new(root: &Path, to_loop: SyncSender<Incoming>) -> Self {
        Self { root: root.to_path_buf(), to_loop }
    }

    /// The workspace.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whoever keeps the drafts of the workspace.
    pub fn draft_keeper(&self) -> DraftKeeper {
        DraftKeeper::start(self.root.clone(), self.to_loop.clone())
    }

    /// Reads the receipts of earlier sessions on a thread of its own, for a screen.
    pub fn record(&self, to: ScreenId, before: u32) -> Option<News> {
        let desk = self.clone();
        let reading = move || {
            // A loop that has ended wants no more.
            let mut tell = |reply| desk.to_loop.send(Incoming::News(News::Reply(to, reply))).is_ok();
            receipts::read(&desk.root, before, &mut tell);
        };
        let started = std::thread::Builder::new().name("console-record".to_owned()).spawn(reading);
        started.err().map(|error| News::Said(format!("cannot read the receipts: {error}")))
    }

    /// Reads journals on a thread of its own, for a screen.
    pub fn read_journal(&self, to: ScreenId, request: JournalRequest) -> Option<News> {
        let desk = self.clone();
        let reading = move || {
            // A loop that has ended wants no more.
            let mut tell =
                |reply| desk.to_loop.send(Incoming::News(News::Reply(to, FileReply::Journal(reply)))).is_ok();
            journals::perform(&desk.root, request, &mut tell);
        };
        let started = std::thread::Builder::new().name("console-journal".to_owned()).spawn(reading);
        started.err().map(|error| News::Said(format!("cannot read the run: {error}")))
    }

    /// Does something that takes long on a thread of its own, and tells a screen what came of it.
    pub fn answer(&self, to: ScreenId, work: impl FnOnce(&Path) -> Option<FileReply> + Send + 'static) -> Option<News> {
        let desk = self.clone();
        let working = move || {
            if let Some(reply) = work(&desk.root) {
                // A loop that has ended wants no answer.
                let _ = desk.to_loop.send(Incoming::News(News::Reply(to, reply)));
            }
        };
        let started = std::thread::Builder::new().name("console-work".to_owned()).spawn(working);
        started.err().map(|error| News::Said(format!("cannot start to work on it: {error}")))
    }

    /// Hands a text to the system's clipboard, or keeps it in a file. `sent` says that the terminal was given it.
    pub fn copy(&self, what: String, text: String, sent: bool) {
        clipboard::copy(&self.root, &self.to_loop, what, text, sent);
    }

    /// The person's editor on a file.
    pub fn editor(&self, name: &str, at: At) -> Result<Command, String> {
        external_editor::command(&self.root, name, at)
    }

    /// Waits for the editor and tells the loop.
    pub fn wait(&self, child: Child) -> io::Result<()> {
        external_editor::wait(&self.to_loop, child)
    }

    fn layout_file(&self) -> PathBuf {
        self.root.join(".fibric").join("console.json")
    }

    /// How the screen looked last time; a file that cannot be read says where and why.
    pub fn remembered(&self) -> Result<LayoutPrefs, String> {
        let path = self.layout_file();
        let said = |why: String| format!("{} is ignored: {why}", path.display());
        match state_files::read_to_string(&path) {
            Ok(text) => LayoutPrefs::read(&text).map_err(said),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LayoutPrefs::default()),
            Err(error) => Err(said(error.to_string())),
        }
    }

    /// Keeps how it looks.
    pub fn remember(&self, text: &str) -> Option<News> {
        let path = self.layout_file();
        let told = |error: io::Error| News::Said(format!("cannot keep this in {}: {error}", path.display()));
        replace(&path, text).err().map(told)
    }
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    state_files::keep(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use std::fs;

    use super::*;

    #[test]
    fn what_is_remembered_is_there_next_time_and_a_broken_file_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (to_loop, _incoming) = sync_channel(1);
        let desk = Desk::new(folder.path(), to_loop);
        assert_eq!(desk.remembered(), Ok(LayoutPrefs::default()));
        let layout = LayoutPrefs { list: 4, ..LayoutPrefs::default() };
        assert!(desk.remember(&layout.text()).is_none());
        assert_eq!(desk.remembered(), Ok(layout));
        fs::write(folder.path().join(".fibric/console.json"), "{\"list\": x").unwrap();
        let said = desk.remembered().unwrap_err();
        assert!(said.contains("console.json is ignored") && said.contains("line 1 column"), "{said}");
    }
}
