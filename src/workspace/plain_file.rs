//! Reading what must be a plain file of a bounded size. A pipe or a device is refused and never waited for, and a file
//! that is too long is refused before it is read, as is one that grows past the bound meanwhile.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// The bytes of a plain file of at most so many.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Looked at by name first, because to open some devices is to use them.
    fit(&std::fs::metadata(path)?, most)?;
    let file = open(path)?;
    let about = file.metadata()?;
    fit(&about, most)?;
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(bytes.len() as u64, most)) } else { Ok(bytes) }
}

/// The same as text.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| {
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
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(i32::try_from(flags).unwrap_or(0));
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
    io::Error::other(format!("it has {length} bytes, and at most {most} are read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> String {
        read(path, 8).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_plain_file_or_too_long_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("fits"), "12345678").unwrap();
        assert_eq!(read(&path("fits"), 8).unwrap(), b"12345678");
        std::fs::write(path("long"), "123456789").unwrap();
        assert_eq!(refused(&path("long")), "it has 9 bytes, and at most 8 are read");
        File::create(path("sparse")).unwrap().set_len(6 << 30).unwrap();
        assert!(refused(&path("sparse")).contains("6442450944 bytes"));
        assert_eq!(refused(dir.path()), "it is a folder, not a file");
        assert!(read(&path("none"), 8).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_and_a_device_are_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &pipe,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero"), Path::new("/dev/tty")] {
            assert_eq!(refused(path), "it is a pipe or a device, not a file", "{path:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_says_it_is_empty_is_bounded_too() {
        assert!(refused(Path::new("/proc/self/status")).contains("at most 8 are read"));
    }
}
