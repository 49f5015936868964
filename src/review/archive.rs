//! The file a review travels in: a tar without compression, and only the one tar that this module writes for its parts.
//!
//! Every byte of a header follows from name and size, so reading is a comparison with what would be written: a link, a
//! device, a path, a time or an owner has no place to stand. Nothing is unpacked anywhere. Knows nothing of what the
//! parts mean.

/// Bytes of all parts with their headers beyond which an archive is not read.
pub const MOST: u64 = 256 << 20;

const BLOCK: usize = 512;
const CHECKSUM: std::ops::Range<usize> = 148..156;
/// Two blocks of zeros.
const END: usize = 2 * BLOCK;

/// A part of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

/// Why an archive is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It never was an archive of this kind.
    #[error("{0}")]
    Foreign(String),
    /// It was one, and is not any more what was written.
    #[error("{0}")]
    Damaged(String),
}

/// The archive of some parts, in their order. Names are those of parts of a review: short, and plain.
pub fn write(parts: &[Part<'_>]) -> Vec<u8> {
    let padded: usize = parts.iter().map(|part| BLOCK + part.bytes.len().next_multiple_of(BLOCK)).sum();
    let mut bytes = Vec::with_capacity(padded + END);
    for part in parts {
        bytes.extend_from_slice(&header(part.name, part.bytes.len() as u64));
        bytes.extend_from_slice(part.bytes);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    bytes.resize(bytes.len() + END, 0);
    bytes
}

/// The parts of an archive, if it is exactly what [`write()`] makes of them and `is_known` knows each name.
pub fn read(bytes: &[u8], is_known: impl Fn(&str) -> bool) -> Result<Vec<Part<'_>>, Refused> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let (mut at, mut declared) = (0_usize, 0_u64);
    loop {
        let damaged = |why: &str| {
            let after =
                parts.last().map_or_else(|| "at its beginning".to_owned(), |part| format!("behind `{}`", part.name));
            let why = format!("{why} ({after}, byte {at})");
            // What does not even begin as one may be anything.
            if parts.is_empty() { Refused::Foreign(why) } else { Refused::Damaged(why) }
        };
        let Some(found) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) else {
            return Err(damaged("the file is cut off where a part would begin"));
        };
        if found.iter().all(|byte| *byte == 0) {
            let rest = &bytes[at..];
            return match rest.iter().position(|byte| *byte != 0) {
                Some(extra) => Err(damaged(&format!("there is something {extra} bytes behind the end"))),
                None if rest.len() == END => Ok(parts),
                None => Err(damaged("the end is not two blocks of zeros")),
            };
        }
        if octal(&found[CHECKSUM]) != Some(checksum(found)) {
            return Err(damaged("the header of a part is damaged: its checksum does not hold"));
        }
        let (name, size) = named(found).map_err(Refused::Foreign)?;
        declared = declared.saturating_add(size);
        if declared > MOST {
            let why = format!("`{name}` says it has {size} bytes; all parts may have {} MiB", MOST >> 20);
            return Err(Refused::Foreign(why));
        }
        if !is_known(name) {
            return Err(Refused::Foreign(format!("`{name}` is no part of a review")));
        }
        if parts.iter().any(|part| part.name == name) {
            return Err(Refused::Foreign(format!("there are two parts `{name}`")));
        }
        if *found != header(name, size) {
            return Err(Refused::Foreign(format!("the header of `{name}` is not one that a review has")));
        }
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        let body = at + BLOCK;
        let Some(content) = length.checked_add(body).and_then(|end| bytes.get(body..end)) else {
            let why = format!("`{name}` is cut off: it has {} of {size} bytes", bytes.len().saturating_sub(body));
            return Err(Refused::Damaged(why));
        };
        at = body + length.next_multiple_of(BLOCK);
        if !bytes.get(body + length..at).is_some_and(|padding| padding.iter().all(|byte| *byte == 0)) {
            return Err(Refused::Damaged(format!("what fills the last block of `{name}` is not zeros, or cut off")));
        }
        parts.push(Part { name, bytes: content });
    }
}

fn header(name: &str, size: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &name.as_bytes()[..name.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum = checksum(&block);
    block[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// The sum of a header's bytes, its own field taken for spaces.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let own = block[CHECKSUM].iter().map(|byte| u64::from(*byte)).sum::<u64>();
    block.iter().map(|byte| u64::from(*byte)).sum::<u64>() - own + 8 * u64::from(b' ')
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(field).ok()?.trim_end_matches(['\0', ' ']);
    u64::from_str_radix(digits, 8).ok()
}

/// What a header says, or what about it no part of a review has.
fn named(block: &[u8; BLOCK]) -> Result<(&str, u64), String> {
    let field = &block[..100];
    let length = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let name = std::str::from_utf8(&field[..length]).map_err(|_| "the name of a part is no text".to_owned())?;
    if name.starts_with('/') {
        return Err(format!("`{name}` is an absolute path, and no part of a review"));
    }
    if name.split(['/', '\\']).any(|step| step == "..") {
        return Err(format!("`{name}` leads out of the archive, and is no part of a review"));
    }
    let kind = match block[156] {
        b'0' => None,
        b'1' | b'2' => Some("a link"),
        b'3' | b'4' => Some("a device"),
        b'5' => Some("a folder"),
        b'6' => Some("a pipe"),
        _ => Some("of a kind that a review has not"),
    };
    if let Some(kind) = kind {
        return Err(format!("`{name}` is {kind}; a review holds plain files only"));
    }
    let size = octal(&block[124..136]).ok_or_else(|| format!("the size of `{name}` is no number"))?;
    Ok((name, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> bool {
        matches!(name, "manifest.json" | "a" | "b")
    }

    fn sample() -> Vec<u8> {
        write(&[
            Part { name: "manifest.json", bytes: b"{}\n" },
            Part { name: "a", bytes: &[b'x'; 1_100] },
            Part { name: "b", bytes: b"" },
        ])
    }

    /// A header as somebody else might write it, with a checksum that holds.
    fn forged(name: &str, change: impl Fn(&mut [u8; BLOCK])) -> Vec<u8> {
        let mut block = header(name, 0);
        change(&mut block);
        let sum = checksum(&block);
        block[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        [header("manifest.json", 0).as_slice(), &block, &[0; END]].concat()
    }

    #[test]
    fn it_reads_what_it_writes() {
        let bytes = sample();
        let parts = read(&bytes, known).unwrap();
        assert_eq!(parts.iter().map(|part| part.name).collect::<Vec<_>>(), ["manifest.json", "a", "b"]);
        assert_eq!(write(&parts), bytes);
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_refused() {
        let bytes = sample();
        for length in (0..bytes.len()).step_by(BLOCK).chain([1, 700, bytes.len() - 1]) {
            assert!(read(&bytes[..length], known).is_err(), "{length}");
        }
        assert!(read(&[bytes, vec![0; BLOCK]].concat(), known).is_err());
    }

    #[test]
    fn what_no_review_has_is_refused_by_name() {
        let refused = |bytes: Vec<u8>| read(&bytes, known).unwrap_err().to_string();
        for (name, said) in [
            ("/etc/passwd", "absolute path"),
            ("../a", "leads out"),
            ("a/../../b", "leads out"),
            ("c", "no part of a review"),
            ("manifest.json", "two parts"),
        ] {
            let told = refused(forged(name, |_| {}));
            assert!(told.contains(said), "{told}");
        }
        for (kind, said) in
            [(b'1', "a link"), (b'2', "a link"), (b'3', "a device"), (b'5', "a folder"), (b'L', "kind"), (b'x', "kind")]
        {
            assert!(refused(forged("a", |block| block[156] = kind)).contains(said));
        }
        assert!(refused(forged("a", |block| block[100..107].copy_from_slice(b"0000777"))).contains("not one"));
        assert!(refused(forged("a", |block| block[124..135].copy_from_slice(b"77777777777"))).contains("256 MiB"));
        assert!(refused(forged("a", |block| block[124] = b'x')).contains("no number"));
        assert!(matches!(read(b"PK\x03\x04", known), Err(Refused::Foreign(_))));
        assert!(matches!(read(&[0; 4_096], known), Err(Refused::Foreign(_))), "no parts");
    }

    #[test]
    fn every_changed_byte_outside_of_contents_is_found() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            let same_shape =
                read(&changed, known).map(|parts| parts.iter().map(|part| part.bytes.len()).collect::<Vec<_>>());
            let inside = (BLOCK..BLOCK + 3).contains(&at) || (3 * BLOCK..3 * BLOCK + 1_100).contains(&at);
            assert_eq!(same_shape.is_ok(), inside, "{at}");
        }
    }
}
