//! Reading a file that is not ours: settings, tables and code that a checkout from anywhere may bring. A pipe or a
//! device is refused and never waited for; a file that is too long is refused before it is read, as is one that grows
//! past the bound meanwhile. Knows nothing of what files mean.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// Bytes beyond which a file of settings is none.
pub const SETTINGS: u64 = 1 << 20;

/// The bytes of a plain file of at most so many.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Looked at by name first, because to open some devices is to use them.
    fit(&std::fs::metadata(path)?, most)?;
    let file = open(path)?;
    let about = file.metadata()?;
    fit(&about, most)?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(bytes.len() as u64, most)) } else { Ok(bytes) }
}

/// The same as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(read(path, most)?)
}

/// As text, what comes from elsewhere and is waited for, such as standard input.
pub fn text_from(reader: impl io::Read, most: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(bytes.len() as u64, most)) } else { text(bytes) }
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8 at byte {at}"))
    })
}

/// Opens without waiting, should a pipe have taken the file's place meanwhile.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    options.open(path)
}

fn fit(about: &Metadata, most: u64) -> io::Result<()> {
    if about.is_dir() {
        Err(io::Error::other("it is a folder, not a file"))
    } else if !about.is_file() {
        Err(io::Error::other("it is a pipe or a device, not a file"))
    } else if about.len() > most {
        Err(too_long(about.len(), most))
    } else {
        Ok(())
    }
}

fn too_long(length: u64, most: u64) -> io::Error {
    let whole = if most.is_multiple_of(1 << 20) { (most >> 20, "MiB") } else { (most >> 10, "KiB") };
    let limit = if most < 1 << 10 { format!("{most} bytes") } else { format!("{} {}", whole.0, whole.1) };
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has {length} bytes, the limit is {limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        read(path, 8).unwrap_err().to_string()
    }

    #[test]
    fn a_file_that_is_too_long_or_none_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("fits"), "12345678").unwrap();
        assert_eq!(read(&path("fits"), 8).unwrap(), b"12345678");
        std::fs::write(path("long"), "123456789").unwrap();
        assert_eq!(refused(&path("long")), "it has 9 bytes, the limit is 8 bytes");
        File::create(path("sparse")).unwrap().set_len(6 << 30).unwrap();
        let told = read(&path("sparse"), SETTINGS).unwrap_err().to_string();
        assert_eq!(told, "it has 6442450944 bytes, the limit is 1 MiB");
        assert_eq!(refused(dir.path()), "it is a folder, not a file");
        assert_eq!(read(&path("none"), 8).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(path("bytes"), b"a\xff").unwrap();
        assert_eq!(text_from(File::open(path("fits")).unwrap(), 8).unwrap(), "12345678");
        assert_eq!(text_from(io::repeat(b'x'), 8).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_text(&path("bytes"), 8).unwrap_err().to_string(), "it is not UTF-8 at byte 1");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_and_a_device_are_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let (pipe, link) = (dir.path().join("pipe"), dir.path().join("link"));
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [pipe.as_path(), &link, Path::new("/dev/zero"), Path::new("/dev/tty")] {
            assert_eq!(refused(path), "it is a pipe or a device, not a file", "{path:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_says_it_is_empty_is_bounded_too() {
        assert!(refused(Path::new("/proc/self/status")).contains("the limit is 8 bytes"));
    }
}
