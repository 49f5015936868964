//! Files that a screen works on, and the drafts of them: read, written whole or not at all, kept for after a crash.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{journals, receipts, reviews};
use crate::console::present::clipboard_text::CommandLine;
use crate::console::screen::files::{FileReply, FileRequest, KeptDraft};
use crate::kernel::capability::Vocabulary;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::policy::file::{MAX_BYTES, PolicyTest, read_tests};
use crate::session::state_files;
use crate::workspace::policy::test_tables;
use crate::workspace::{Workspace, named_file};

/// Does what is asked in a workspace; the answer, where there is one.
pub fn perform(root: &Path, request: FileRequest) -> Option<FileReply> {
    match request {
        FileRequest::Read { file } => Some(read(root, file)),
        FileRequest::Replace { file, text, over } => Some(save(root, file, text, over.as_deref())),
        FileRequest::KeepDraft(kept) => keep(root, &kept)
            .err()
            .map(|error| FileReply::Failed { why: format!("cannot keep the draft for after a crash: {error}") }),
        FileRequest::ForgetDraft { file } => {
            // Gone is gone, whoever took it.
            let _ = state_files::remove(&kept_at(root, &file));
            None
        }
        FileRequest::HandDraft { file, text, .. } => {
            let path = root.join(handed(&file));
            let written = state_files::keep(&path, text.as_bytes());
            written.err().map(|error| FileReply::Failed { why: format!("cannot hand the draft over: {error}") })
        }
        FileRequest::RecallActions { archive, rows } => Some(receipts::recall(&archive, &rows)),
        FileRequest::Journal(request) if !journals::takes_long(&request) => {
            let mut reply = None;
            journals::perform(root, request, &mut |told| {
                reply = Some(FileReply::Journal(told));
                true
            });
            reply
        }
        FileRequest::AddFixture { file, envelope } => Some(add_fixture(root, file, &envelope)),
        // Whoever has a thread for it does it there.
        FileRequest::ReadReceipts { .. }
        | FileRequest::WriteTest { .. }
        | FileRequest::Journal(_)
        | FileRequest::Corpus(_) => None,
        FileRequest::Review(request) => reviews::perform(root, request).map(FileReply::Review),
        FileRequest::TakeDraftBack { file } => Some(match text_of(&root.join(handed(&file))) {
            Ok(Some(text)) => {
                // It is the draft now; what is left there is of no use.
                let _ = state_files::remove(&root.join(handed(&file)));
                FileReply::TakenBack { text }
            }
            Ok(None) => FileReply::Failed { why: "the editor left no draft".to_owned() },
            Err(why) => FileReply::Failed { why: format!("cannot read what the editor left: {why}") },
        }),
    }
}

/// What of a command line is copied, as a person is told, and its text: where a file that it plays is gone, the one that
/// plays the same from the journals. Or why none would show anything.
pub fn playable(root: &Path, line: CommandLine) -> Result<(String, String), String> {
    let gone = line.files.iter().find(|file| !root.join(file).exists());
    match (gone, line.from_journals) {
        (None, _) => Ok(("command".to_owned(), line.text)),
        (Some(file), Some(text)) => Ok((format!("a command for the journals, as {file} is gone,"), text)),
        (Some(file), None) => Err(format!("copy: {file} is gone, and with it what plays this again")),
    }
}

/// Where a draft is while another editor has it, relative to the workspace.
pub fn handed(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or("trust.yaml");
    format!(".fibric/dev/draft/{name}")
}

fn kept_at(root: &Path, file: &str) -> PathBuf {
    let name: String = file.chars().map(|c| if c.is_alphanumeric() || c == '.' { c } else { '_' }).collect();
    root.join(".fibric/dev/draft").join(format!("{name}.json"))
}

fn read(root: &Path, file: String) -> FileReply {
    let extension = Path::new(&file).extension().unwrap_or_default();
    if extension != "yaml" && extension != "yml" {
        return FileReply::Unreadable { file, why: "only policies in YAML are edited here".to_owned() };
    }
    // What is wrong with the configuration is said elsewhere.
    let vocabulary = Workspace::open(root).map_or_else(|_| Vocabulary::shipped(), |workspace| workspace.vocabulary);
    match text_of(&root.join(&file)) {
        Ok(text) => {
            let kept = text_of(&kept_at(root, &file)).ok().flatten();
            let kept =
                kept.and_then(|text| serde_json::from_str::<KeptDraft>(&text).ok()).filter(|kept| kept.file == file);
            let tests = policy_tests(root, &vocabulary);
            FileReply::Read { file, text, vocabulary: Arc::new(vocabulary), kept, tests }
        }
        Err(why) => FileReply::Unreadable { file, why },
    }
}

/// The policy tests of a workspace; what is wrong with a table is for `policy test` to say.
pub(super) fn policy_tests(root: &Path, vocabulary: &Vocabulary) -> Vec<PolicyTest> {
    let read = |path: PathBuf| {
        let text = text_of(&path).ok().flatten()?;
        read_tests(&path.to_string_lossy(), &text, vocabulary).ok()
    };
    test_tables(root).into_iter().filter_map(read).flatten().collect()
}

/// What a file says; none where there is none. A pipe or a device is not waited for.
pub(super) fn text_of(path: &Path) -> Result<Option<String>, String> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if !about.is_file() {
        return Err("it is not a file".to_owned());
    }
    if about.len() > 4 * MAX_BYTES as u64 {
        return Err("it is too long for a policy".to_owned());
    }
    let mut bytes = Vec::new();
    let read = state_files::open_named(path).and_then(|file| file.take(about.len()).read_to_end(&mut bytes));
    match read.map_err(|error| error.to_string()).map(|_| String::from_utf8(bytes))? {
        Ok(text) => Ok(Some(text)),
        Err(error) => Err(format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to())),
    }
}

fn save(root: &Path, file: String, text: String, over: Option<&str>) -> FileReply {
    let path = root.join(&file);
    match text_of(&path) {
        Ok(now) if now.as_deref() != over && now.as_deref() != Some(&text) => return FileReply::Differs { text: now },
        Ok(_) => {}
        Err(why) => return FileReply::Failed { why: format!("cannot save {file}: {why}") },
    }
    match replace(&path, &text) {
        Ok(()) => FileReply::Replaced { file, text },
        Err(error) => FileReply::Failed { why: format!("cannot save {file}: {error}") },
    }
}

/// Whole or not at all, in a folder that may have to be made first.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(named_file::folder_of(path))?;
    named_file::write(path, text.as_bytes())
}

fn add_fixture(root: &Path, file: String, envelope: &EventEnvelope) -> FileReply {
    let added = serde_json::to_string(envelope).map_err(io::Error::from);
    match added.and_then(|line| append(&root.join(&file), &line)) {
        Ok(()) => FileReply::FixtureAdded { file },
        Err(error) => FileReply::Failed { why: format!("cannot save {file}: {error}") },
    }
}

/// Adds a line that is not there yet, whole or not at all.
pub(super) fn append(path: &Path, line: &str) -> io::Result<()> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if before.lines().any(|known| known == line) {
        return Ok(());
    }
    let broken = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    replace(path, &format!("{before}{broken}{line}\n"))
}

fn keep(root: &Path, kept: &KeptDraft) -> io::Result<()> {
    state_files::keep(&kept_at(root, &kept.file), serde_json::to_string(kept)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "policy/trust.yaml";

    fn save_over(root: &Path, text: &str, over: Option<&str>) -> Option<FileReply> {
        let over = over.map(str::to_owned);
        perform(root, FileRequest::Replace { file: FILE.to_owned(), text: text.to_owned(), over })
    }

    #[test]
    fn a_save_is_refused_over_what_it_does_not_know() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert!(matches!(save_over(root, "a\n", None), Some(FileReply::Replaced { .. })));
        assert!(matches!(save_over(root, "b\n", Some("a\n")), Some(FileReply::Replaced { .. })));
        assert!(
            matches!(save_over(root, "c\n", Some("a\n")), Some(FileReply::Differs { text: Some(text), .. }) if text == "b\n")
        );
        assert!(matches!(save_over(root, "c\n", None), Some(FileReply::Differs { .. })));
        assert_eq!(fs::read_to_string(root.join(FILE)).unwrap(), "b\n");
        assert_eq!(fs::read_dir(root.join("policy")).unwrap().count(), 1, "nothing else is left");
        fs::remove_file(root.join(FILE)).unwrap();
        assert!(matches!(save_over(root, "c\n", Some("b\n")), Some(FileReply::Differs { text: None, .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_save_keeps_links_and_rights() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("policy")).unwrap();
        fs::write(root.join("real.yaml"), "a\n").unwrap();
        fs::set_permissions(root.join("real.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("../real.yaml", root.join(FILE)).unwrap();
        assert!(matches!(save_over(root, "b\n", Some("a\n")), Some(FileReply::Replaced { .. })));
        assert_eq!(fs::read_to_string(root.join("real.yaml")).unwrap(), "b\n");
        assert!(fs::symlink_metadata(root.join(FILE)).unwrap().is_symlink());
        assert_eq!(fs::metadata(root.join("real.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_draft_is_there_after_a_crash_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let kept = KeptDraft { file: FILE.to_owned(), base: None, text: "x\n".to_owned() };
        assert!(perform(root, FileRequest::KeepDraft(kept.clone())).is_none());
        let found = |root: &Path| match perform(root, FileRequest::Read { file: FILE.to_owned() }) {
            Some(FileReply::Read { kept, .. }) => kept,
            other => panic!("{other:?}"),
        };
        assert_eq!(found(root), Some(kept));
        assert!(perform(root, FileRequest::ForgetDraft { file: FILE.to_owned() }).is_none());
        assert_eq!(found(root), None);
    }

    #[test]
    fn what_is_no_text_is_said_to_be_none() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join(FILE)).unwrap();
        let read = |root: &Path| match perform(root, FileRequest::Read { file: FILE.to_owned() }) {
            Some(FileReply::Unreadable { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(read(root), "it is not a file");
        fs::remove_dir(root.join(FILE)).unwrap();
        fs::write(root.join(FILE), b"a: \xff").unwrap();
        assert_eq!(read(root), "it is not UTF-8 at byte 3");
    }
}
