//! The seal of a journal: the last line of each group that is written together carries a hash over all the run wrote
//! before and the group itself.
//!
//! So a group and its seal are on disk in one write and one sync: what no seal follows is a group that a crash cut off,
//! of which nothing was shown, or something that was added by hand; neither is taken for an entry. A line that was
//! edited, removed or moved breaks the seal of its group, and of no other.
//!
//! The hash has no secret in it. Whoever rewrites a journal can seal it anew; that is found by the chain of all
//! journals ([`super::chain`]), and with it by a head that was saved elsewhere.

use sha2::{Digest, Sha256};

use crate::workspace::policy::hex;

const MEMBER: &[u8] = b",\"sealed\":\"";
const CLOSING: &[u8] = b"\"}\n";
const HEX: usize = 64;

/// Bytes that a seal adds to a group.
pub const SEAL_BYTES: usize = MEMBER.len() + HEX + 1;

/// Follows one journal from its beginning.
#[derive(Debug, Clone)]
pub struct Seals {
    previous: String,
    group: Sha256,
    /// Bytes taken since the last seal.
    unsealed: u64,
}

/// The end of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// What is written there.
    pub seal: String,
    /// False where it is not what follows from the lines: the group was tampered with.
    pub holds: bool,
}

impl Seals {
    /// For the journal of that run: one that was moved to another number does not hold.
    pub fn of(run: u32) -> Self {
        let mut seals = Self { previous: format!("run {run}"), group: Sha256::new(), unsealed: 0 };
        seals.begin();
        seals
    }

    /// The same, from behind a sealed line on; from the beginning, where that is none.
    pub fn after(run: u32, line: &[u8]) -> Self {
        let mut seals = Self::of(run);
        if let Some((_, seal)) = split(line) {
            seal.clone_into(&mut seals.previous);
            seals.begin();
        }
        seals
    }

    fn begin(&mut self) {
        self.unsealed = 0;
        self.group = Sha256::new();
        self.group.update(self.previous.as_bytes());
    }

    /// Seals a group of whole lines, which begins where the last one ended. Gives the seal.
    pub fn seal(&mut self, lines: &mut Vec<u8>) -> String {
        self.group.update(&lines);
        let seal = self.end();
        // The last line is an object: its brace and line break come after the seal.
        lines.truncate(lines.len() - (CLOSING.len() - 1));
        lines.extend_from_slice(MEMBER);
        lines.extend_from_slice(seal.as_bytes());
        lines.extend_from_slice(CLOSING);
        self.previous.clone_from(&seal);
        self.begin();
        seal
    }

    fn end(&mut self) -> String {
        hex(&std::mem::take(&mut self.group).finalize())
    }

    /// Takes the next line of a journal that is read; gives the end of a group.
    pub fn take(&mut self, line: &[u8]) -> Option<Sealed> {
        self.unsealed += line.len() as u64;
        let Some((body, seal)) = split(line) else {
            self.group.update(line);
            return None;
        };
        self.group.update(body);
        self.group.update(b"}\n");
        let holds = self.end() == seal;
        // What follows was sealed after what stands here, whatever became of it: so one edit is one bad group.
        seal.clone_into(&mut self.previous);
        self.begin();
        Some(Sealed { seal: self.previous.clone(), holds })
    }

    /// The last seal that was taken.
    pub fn last(&self) -> &str {
        &self.previous
    }

    /// Bytes that no seal follows.
    pub fn unsealed(&self) -> u64 {
        self.unsealed
    }
}

/// A sealed line without its seal and its end, and the seal.
// INVARIANT: only the object of the line itself can end there, so no text of an author passes for a seal.
fn split(line: &[u8]) -> Option<(&[u8], &str)> {
    let rest = line.strip_suffix(CLOSING)?;
    let (rest, seal) = rest.split_at_checked(rest.len().checked_sub(HEX)?)?;
    let body = rest.strip_suffix(MEMBER)?;
    let seal = std::str::from_utf8(seal).ok()?;
    seal.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')).then_some((body, seal))
}

/// True where a line ends a group.
pub fn is_sealed(line: &[u8]) -> bool {
    split(line).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealed(run: u32, groups: &[Vec<String>]) -> Vec<u8> {
        let mut seals = Seals::of(run);
        let mut text = Vec::new();
        for group in groups {
            let mut lines: Vec<u8> =
                group.iter().flat_map(|line| format!("{{\"fact\":{{\"x\":\"{line}\"}}}}\n").into_bytes()).collect();
            let before = lines.len();
            seals.seal(&mut lines);
            assert_eq!(lines.len(), before + SEAL_BYTES);
            text.extend(lines);
        }
        text
    }

    /// Whether each group holds, and the bytes behind the last.
    fn read(run: u32, text: &[u8]) -> (Vec<bool>, u64) {
        let mut seals = Seals::of(run);
        let held = text.split_inclusive(|byte| *byte == b'\n').filter_map(|line| seals.take(line)).map(|end| end.holds);
        let held = held.collect();
        (held, seals.unsealed())
    }

    #[test]
    fn a_moved_or_forged_journal_does_not_hold() {
        let text = sealed(3, &[vec!["a".to_owned()], vec!["b".to_owned()]]);
        assert_eq!(read(3, &text), (vec![true, true], 0));
        assert_eq!(read(4, &text).0, [false, true]);
        let forged = "{\"fact\":{\"x\":\",\\\"sealed\\\":\\\"".to_owned() + &"0".repeat(64) + "\"}}\n";
        assert!(!is_sealed(forged.as_bytes()), "an author's text is no seal");
        let behind = [&text[..], forged.as_bytes()].concat();
        assert_eq!(read(3, &behind), (vec![true, true], forged.len() as u64));
    }

    proptest! {
        #[test]
        fn any_changed_byte_breaks_its_group_or_leaves_it_unsealed(
            groups in prop::collection::vec(prop::collection::vec("[a-z]{0,5}", 1..4), 1..5),
            at in any::<prop::sample::Index>(),
            to in any::<u8>(),
        ) {
            let text = sealed(1, &groups);
            prop_assert_eq!(read(1, &text), (vec![true; groups.len()], 0));
            let mut changed = text.clone();
            let at = at.index(text.len());
            prop_assume!(changed[at] != to);
            changed[at] = to;
            let (held, behind) = read(1, &changed);
            prop_assert!(held.len() < groups.len() || behind > 0 || held.contains(&false));
        }

        #[test]
        fn a_line_that_is_taken_out_or_moved_breaks_a_seal(
            lines in prop::collection::vec("[a-z]{3,5}", 3..9), at in any::<prop::sample::Index>(),
        ) {
            let groups: Vec<_> = lines.chunks(2).map(<[String]>::to_vec).collect();
            let text = sealed(1, &groups);
            let mut broken: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
            let at = at.index(broken.len() - 1);
            broken.remove(at);
            let (held, behind) = read(1, &broken.concat());
            prop_assert!(held.len() < groups.len() || behind > 0 || held.contains(&false));
        }
    }
}
