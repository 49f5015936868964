//! Writing a file that a person named: through links, with the mode and the owner it has, whole or not at all. A pipe
//! or a device takes the bytes as they come.
//!
//! Knows nothing of what files mean. State below `.fibric` is not written here: `session::state_files` keeps it, and
//! goes through no link.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Links that are followed, one after another.
const MOST_LINKS: usize = 40;

/// Names that stand for what this process has open already.
const DESCRIPTORS: [&str; 5] = ["/proc", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"];

/// A file that is being written. What was there before stays until [`NamedFile::finish`]; dropped before, nothing
/// happened. A pipe or a device has taken what was written.
#[derive(Debug)]
pub struct NamedFile {
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    /// A plain file: written beside, put in its place at the end.
    Beside { beside: NamedTempFile, path: PathBuf },
    /// A plain file that another one in its place would not be the same as: written elsewhere, copied at the end.
    InPlace { spool: File, file: File },
    /// A pipe, a device, or what this process has open.
    Stream(File),
}

/// Writes a file that a person named.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = NamedFile::create(path)?;
    file.write_all(bytes)?;
    file.finish()
}

impl NamedFile {
    /// Begins a file. Waits where a named pipe has no reader yet. Creates no folder.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::Error::other("it names a folder, not a file"));
        }
        let path = destination(path)?;
        let sink = match fs::metadata(&path) {
            Ok(about) if about.is_dir() => return Err(io::Error::other("it is a folder, not a file")),
            Ok(about) if !about.is_file() || is_descriptor(&path) => {
                Sink::Stream(OpenOptions::new().append(true).open(&path)?)
            }
            Ok(about) => existing(path, &about)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Sink::Beside { beside: beside(&path)?, path },
            Err(error) => return Err(error),
        };
        Ok(Self { sink })
    }

    /// Puts it in its place, on disk before the name leads to it.
    pub fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Stream(mut file) => file.flush(),
            Sink::InPlace { mut spool, file } => copy(&mut spool, file),
            Sink::Beside { beside, path } => {
                beside.as_file().sync_all()?;
                match beside.persist(&path) {
                    Ok(_) => {
                        // The name is a promise too; some systems cannot keep it for a folder.
                        let _ = File::open(folder_of(&path)).and_then(|folder| folder.sync_all());
                        Ok(())
                    }
                    // A file that is mounted by itself can be written and not replaced.
                    Err(failed) => match OpenOptions::new().write(true).open(&path) {
                        Ok(file) => copy(&mut failed.file.reopen()?, file),
                        Err(_) => Err(failed.error),
                    },
                }
            }
        }
    }
}

impl Write for NamedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Beside { beside, .. } => beside.write(bytes),
            Sink::InPlace { spool, .. } => spool.write(bytes),
            Sink::Stream(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Beside { beside, .. } => beside.flush(),
            Sink::InPlace { spool, .. } => spool.flush(),
            Sink::Stream(file) => file.flush(),
        }
    }
}

/// Where the links lead that a path goes through at its end, also where nothing is there yet.
fn destination(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        // What these lead to has a name that need not be the file's any more.
        if is_descriptor(&path) {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(target) => path = folder_of(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

fn is_descriptor(path: &Path) -> bool {
    DESCRIPTORS.iter().any(|name| path.starts_with(name))
}

/// The folder that a path's last name is in; the current one where it has none.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Replaces a plain file where nothing of it is lost by that, and else writes into it.
fn existing(path: PathBuf, about: &Metadata) -> io::Result<Sink> {
    // A file that may not be written is not replaced either.
    let file = OpenOptions::new().write(true).open(&path)?;
    let replacement = beside(&path).ok().filter(|_| !is_shared(&file, about));
    match replacement.filter(|beside| take_after(beside.as_file(), about).is_ok()) {
        Some(beside) => Ok(Sink::Beside { beside, path }),
        None => Ok(Sink::InPlace { spool: tempfile::tempfile()?, file }),
    }
}

/// A new file in the folder of another, under a name that no watch and no reader of folders takes up.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = folder_of(path);
    fs::metadata(folder)?;
    let mut builder = Builder::new();
    builder.prefix(".fibric-").suffix(".new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    // The error's own words name the file beside, which nobody asked for.
    builder.tempfile_in(folder).map_err(|error| error.kind().into())
}

/// True for a file with a second name, or with access lists: one in its place would lose them.
#[cfg(unix)]
fn is_shared(file: &File, about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.nlink() > 1 || has_access_list(file)
}

#[cfg(not(unix))]
fn is_shared(_: &File, _: &Metadata) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn has_access_list(file: &File) -> bool {
    let mut value = [0_u8; 1];
    // A buffer that is too short for it says that it is there.
    matches!(rustix::fs::fgetxattr(file, "system.posix_acl_access", &mut value), Ok(_) | Err(rustix::io::Errno::RANGE))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn has_access_list(_: &File) -> bool {
    false
}

/// Gives a file the owner and the mode of another.
#[cfg(unix)]
fn take_after(file: &File, about: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (about.uid(), about.gid()) {
        fchown(file, Some(about.uid()), Some(about.gid()))?;
    }
    file.set_permissions(about.permissions())
}

#[cfg(not(unix))]
fn take_after(file: &File, about: &Metadata) -> io::Result<()> {
    file.set_permissions(about.permissions())
}

fn copy(from: &mut File, mut to: File) -> io::Result<()> {
    from.rewind()?;
    to.set_len(0)?;
    io::copy(from, &mut to)?;
    to.sync_all()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.path(name)).unwrap()
        }

        fn mode(&self, name: &str) -> u32 {
            fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o7777
        }

        fn names(&self) -> usize {
            fs::read_dir(self.0.path()).unwrap().count()
        }
    }

    #[test]
    fn a_file_is_new_or_keeps_its_mode_and_nothing_is_left_beside_it() {
        let folder = Folder::new();
        File::create(folder.path("usual")).unwrap();
        write(&folder.path("new"), b"one").unwrap();
        assert_eq!(folder.mode("new"), folder.mode("usual"), "as any other program would create it");
        for mode in [0o600, 0o640, 0o755, 0o666] {
            fs::set_permissions(folder.path("new"), fs::Permissions::from_mode(mode)).unwrap();
            write(&folder.path("new"), format!("{mode}").as_bytes()).unwrap();
            assert_eq!((folder.mode("new"), folder.text("new")), (mode, format!("{mode}")));
        }
        assert_eq!(folder.names(), 2);
    }

    #[test]
    fn links_are_written_through_to_their_end_whether_something_is_there_or_not() {
        let folder = Folder::new();
        fs::create_dir(folder.path("deep")).unwrap();
        fs::write(folder.path("real"), "old").unwrap();
        symlink("../real", folder.path("deep/link")).unwrap();
        symlink("deep/link", folder.path("chain")).unwrap();
        symlink("deep/yet-to-come", folder.path("hanging")).unwrap();
        symlink("circle", folder.path("circle")).unwrap();
        symlink("deep", folder.path("folder")).unwrap();
        write(&folder.path("chain"), b"new").unwrap();
        write(&folder.path("hanging"), b"came").unwrap();
        assert_eq!((folder.text("real"), folder.text("deep/yet-to-come")), ("new".to_owned(), "came".to_owned()));
        for link in ["chain", "deep/link", "hanging"] {
            assert!(fs::symlink_metadata(folder.path(link)).unwrap().is_symlink(), "{link}");
        }
        assert_eq!(write(&folder.path("circle"), b"").unwrap_err().to_string(), "its links lead in a circle");
        assert_eq!(write(&folder.path("folder"), b"").unwrap_err().to_string(), "it is a folder, not a file");
        assert!(write(&folder.path("none/file"), b"").unwrap_err().to_string().starts_with("No such file"));
        assert!(write(&folder.path("new/"), b"").is_err());
    }

    #[test]
    fn a_file_with_a_second_name_stays_the_same_file() {
        let folder = Folder::new();
        fs::write(folder.path("one"), "a longer text than the next").unwrap();
        fs::hard_link(folder.path("one"), folder.path("two")).unwrap();
        write(&folder.path("one"), b"short").unwrap();
        assert_eq!(folder.text("two"), "short");
        assert_eq!(fs::metadata(folder.path("one")).unwrap().nlink(), 2);
    }

    #[test]
    fn what_is_not_finished_has_not_happened() {
        let folder = Folder::new();
        fs::write(folder.path("plain"), "old").unwrap();
        fs::write(folder.path("one"), "old").unwrap();
        fs::hard_link(folder.path("one"), folder.path("two")).unwrap();
        for name in ["plain", "one", "new"] {
            let mut file = NamedFile::create(&folder.path(name)).unwrap();
            file.write_all(b"half").unwrap();
        }
        assert_eq!((folder.text("plain"), folder.text("one"), folder.names()), ("old".to_owned(), "old".to_owned(), 3));
    }

    #[test]
    fn a_pipe_takes_the_bytes_and_stays_one_and_a_full_device_says_so() {
        let folder = Folder::new();
        let pipe = folder.path("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        symlink("pipe", folder.path("link")).unwrap();
        let reading = pipe.clone();
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            File::open(reading).unwrap().read_to_string(&mut text).unwrap();
            text
        });
        write(&folder.path("link"), b"through").unwrap();
        assert_eq!(reader.join().unwrap(), "through");
        assert!(!fs::metadata(&pipe).unwrap().is_file());
        #[cfg(target_os = "linux")]
        assert_eq!(write(Path::new("/dev/full"), b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        write(Path::new("/dev/null"), b"x").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_this_process_has_open_is_added_to() {
        use std::os::fd::AsRawFd as _;
        let folder = Folder::new();
        let mut open = File::create(folder.path("open")).unwrap();
        open.write_all(b"before ").unwrap();
        write(Path::new(&format!("/proc/self/fd/{}", open.as_raw_fd())), b"after").unwrap();
        assert_eq!(folder.text("open"), "before after");
    }
}
