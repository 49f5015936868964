//! Half lines at the end of a file: what a crash leaves in the middle of a write. They are cut off and kept beside, so
//! that nothing is ever written behind one.

use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::disk::{Disk as _, FileDisk};
use super::error::Error;
use super::state_files::{self, Access};
use crate::kernel::diagnostic::Diagnostic;

/// Cuts an unfinished last line off, keeping it in a file beside.
pub fn cut(path: &Path, what: &str, notices: &mut Vec<Diagnostic>) -> Result<(), Error> {
    let (whole, torn) = match torn_tail(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::disk("read", path)(error)),
    };
    if torn.is_empty() {
        return Ok(());
    }
    let aside = cut_at(path, whole)?;
    notices.push(
        Diagnostic::warning(format!(
            "{what}: the last line was torn by a crash ({} bytes), and is kept in `{}`",
            torn.len(),
            aside
        ))
        .in_file(path.file_name().unwrap_or_default().to_string_lossy()),
    );
    Ok(())
}

/// Where the last whole line ends, and what stands behind it. Reads backwards, only as far as that.
fn torn_tail(path: &Path) -> io::Result<(u64, Vec<u8>)> {
    const STEP: u64 = 1 << 16;
    let mut file = state_files::open(path, Access::Read)?;
    let length = file.metadata()?.len();
    let mut reach = 0;
    loop {
        reach = (reach + STEP).min(length);
        file.seek(SeekFrom::Start(length - reach))?;
        let mut tail = Vec::new();
        (&mut file).take(reach).read_to_end(&mut tail)?;
        let last = tail.iter().rposition(|byte| *byte == b'\n');
        if last.is_some() || reach == length {
            let torn = tail.split_off(last.map_or(0, |at| at + 1));
            return Ok((length - torn.len() as u64, torn));
        }
    }
}

/// Cuts a file back to a length, keeping what stood behind it in a file beside. Gives that file's name.
pub fn cut_at(path: &Path, whole: u64) -> Result<String, Error> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".torn");
    let aside = PathBuf::from(aside);
    let copied = state_files::open(path, Access::Read).and_then(|mut file| {
        file.seek(SeekFrom::Start(whole))?;
        let mut copy = state_files::open(&aside, Access::Anew)?;
        io::copy(&mut file, &mut copy)
    });
    copied.map_err(Error::disk("write", &aside))?;
    let mut disk = FileDisk::open(path).map_err(Error::disk("open", path))?;
    disk.cut(whole).map_err(Error::disk("cut", path))?;
    Ok(aside.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// True for a file that is empty, absent, or ends with a whole line.
pub fn ends_whole(path: &Path) -> io::Result<bool> {
    let Some(mut file) = state_files::open_existing(path)? else {
        return Ok(true);
    };
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
