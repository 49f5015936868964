//! Who has claimed which idempotency key, in about sixteen bytes a key: sessions go on for days, and no key is ever
//! forgotten.
//!
//! A key is known by 72 bits of its SHA-256, so two keys of a hundred million are taken for one with a chance of one in
//! a million; an action would then be deduplicated that should have run, never the other way round. Most keys lie sorted
//! and without gaps; the newest few lie in a hash table, which is merged into the others when it has grown.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use hashbrown::{HashMap, HashTable};
use sha2::{Digest as _, Sha256};

const DIGEST: usize = 9;
const ENTRY: usize = DIGEST + 2 + 4;

/// Fewer recent keys than this are not merged.
const FEW: usize = 4_096;

/// One merge for each so-many-th part of all keys.
const SHARE: usize = 32;

/// Guesses before the rest is halved.
const GUESSES: usize = 8;

/// The number of a receipt whose name does not end in one.
const UNNUMBERED: u32 = u32::MAX;

/// The series of what was given back.
const FREE: u16 = u16::MAX;

/// What a key is known by here.
pub type KeyDigest = [u8; DIGEST];

/// Digest of the key, series of the receipt's name, number in it.
type Entry = [u8; ENTRY];

/// Idempotency key → the receipt that claimed it.
#[derive(Clone, Default)]
pub struct Claims {
    /// INVARIANT: ascending by digest, none twice, and none that is also among the recent.
    sorted: Vec<Entry>,
    recent: HashTable<Entry>,
    free: usize,
    /// What names of receipts begin with: `rc_12_`.
    series: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u16>,
    /// Keys whose receipt belongs to none of the first sixty thousand series.
    others: HashMap<KeyDigest, Box<str>>,
}

impl Claims {
    /// The receipt that claimed a key.
    pub fn get(&self, key: &str) -> Option<String> {
        self.of_digest(&digest(key))
    }

    /// The receipt that claimed the key of that digest.
    pub fn of_digest(&self, digest: &KeyDigest) -> Option<String> {
        if let Some(entry) = self.recent.find(hash(digest), |entry| entry[..DIGEST] == *digest) {
            return Some(self.receipt(entry));
        }
        if let Some(held) = self.find(digest).map(|at| &self.sorted[at]).filter(|entry| !is_free(entry)) {
            return Some(self.receipt(held));
        }
        self.others.get(digest).map(ToString::to_string)
    }

    fn named_in(&self, entry: &Entry) -> (&str, u32) {
        let [a, b, c, d] = [entry[DIGEST + 2], entry[DIGEST + 3], entry[DIGEST + 4], entry[DIGEST + 5]];
        let name = self.series.get(usize::from(series(entry))).map_or("", |name| &**name);
        (name, u32::from_le_bytes([a, b, c, d]))
    }

    /// Claims a key, or gives it to another receipt.
    pub fn insert(&mut self, key: &str, receipt: &str) {
        let digest = digest(key);
        self.forget(&digest);
        let Some((series, number)) = self.named(receipt) else {
            self.others.insert(digest, receipt.into());
            return;
        };
        let mut entry = [0; ENTRY];
        entry[..DIGEST].copy_from_slice(&digest);
        entry[DIGEST..DIGEST + 2].copy_from_slice(&series.to_le_bytes());
        entry[DIGEST + 2..].copy_from_slice(&number.to_le_bytes());
        if let Some(at) = self.find(&digest) {
            self.free -= 1;
            self.sorted[at] = entry;
            return;
        }
        self.recent.insert_unique(hash(&digest), entry, hash_of);
        if self.recent.len() >= FEW.max(self.sorted.len() / SHARE) {
            self.merge();
        }
    }

    /// Gives a key back.
    pub fn remove(&mut self, key: &str) {
        self.forget(&digest(key));
    }

    fn forget(&mut self, digest: &KeyDigest) {
        if let Ok(found) = self.recent.find_entry(hash(digest), |entry| entry[..DIGEST] == *digest) {
            found.remove();
        } else if let Some(at) = self.find(digest).filter(|at| !is_free(&self.sorted[*at])) {
            self.free += 1;
            self.sorted[at][DIGEST..DIGEST + 2].copy_from_slice(&FREE.to_le_bytes());
        } else {
            self.others.remove(digest);
        }
    }

    /// Where a digest lies among the sorted. They are spread evenly, so its place can be guessed; where somebody saw to it
    /// that they are not, halving finds it too.
    fn find(&self, digest: &KeyDigest) -> Option<usize> {
        let (mut low, mut high) = (0, self.sorted.len());
        let (mut least, mut most) = (0_u64, u64::MAX);
        let wanted = hash(digest);
        let mut guesses = 0..GUESSES;
        while low < high {
            let (span, into) = (u128::from(most - least) + 1, u128::from(wanted.saturating_sub(least)));
            let share =
                if guesses.next().is_some() { into * (high - low) as u128 / span } else { (high - low) as u128 / 2 };
            let guess = (low + usize::try_from(share).unwrap_or(0)).clamp(low, high - 1);
            let found = &self.sorted[guess];
            match found[..DIGEST].cmp(&digest[..]) {
                Ordering::Equal => return Some(guess),
                Ordering::Less => (low, least) = (guess + 1, hash_of(found)),
                Ordering::Greater => (high, most) = (guess, hash_of(found)),
            }
        }
        None
    }

    /// Merges from the end, in place: at ten million keys a copy would be what makes a process large.
    fn merge(&mut self) {
        let mut recent: Vec<Entry> = self.recent.drain().collect();
        recent.sort_unstable();
        if std::mem::take(&mut self.free) > 0 {
            self.sorted.retain(|entry| !is_free(entry));
        }
        let (mut older, mut newer) = (self.sorted.len(), recent.len());
        self.sorted.reserve_exact(newer);
        self.sorted.extend_from_slice(&recent);
        while let (Some(old), Some(new)) = (older.checked_sub(1), newer.checked_sub(1)) {
            let is_last = self.sorted[old][..DIGEST] > recent[new][..DIGEST];
            self.sorted[older + newer - 1] = if is_last { self.sorted[old] } else { recent[new] };
            if is_last { older = old } else { newer = new }
        }
        // Of the newer, what is left comes first; what is left of the older is in its place.
        self.sorted[..newer].copy_from_slice(&recent[..newer]);
    }

    /// The series and the number of a receipt; none where there are too many series.
    fn named(&mut self, receipt: &str) -> Option<(u16, u32)> {
        let split = receipt.rsplit_once('_').and_then(|(_, number)| {
            let parsed = number.parse::<u32>().ok().filter(|parsed| *parsed != UNNUMBERED)?;
            (parsed.to_string() == number).then(|| (&receipt[..receipt.len() - number.len()], parsed))
        });
        let (name, number) = split.unwrap_or((receipt, UNNUMBERED));
        if let Some(series) = self.numbers.get(name) {
            return Some((*series, number));
        }
        let series = u16::try_from(self.series.len()).ok().filter(|series| *series != FREE)?;
        self.series.push(name.into());
        self.numbers.insert(name.into(), series);
        Some((series, number))
    }

    fn receipt(&self, entry: &Entry) -> String {
        match self.named_in(entry) {
            (name, UNNUMBERED) => name.to_owned(),
            (name, number) => format!("{name}{number}"),
        }
    }

    /// How many keys are claimed.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.all().len()
    }

    /// True when none is.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// Every claim, by digest.
    pub(super) fn all(&self) -> Vec<(KeyDigest, String)> {
        let held = self.sorted.iter().filter(|entry| !is_free(entry)).chain(&self.recent);
        let mut all: Vec<_> = held.map(|entry| (key_of(entry), self.receipt(entry))).collect();
        all.extend(self.others.iter().map(|(digest, receipt)| (*digest, receipt.to_string())));
        all.sort_unstable();
        all
    }
}

/// Another's words on claims, heard one by one and held against these: a bit a key, whatever the other says of it last.
pub struct Agreement<'a> {
    claims: &'a Claims,
    /// Of the sorted.
    agreed: Vec<u64>,
    /// Of the few that do not lie among them.
    beside: HashSet<KeyDigest>,
}

impl<'a> Agreement<'a> {
    /// Nothing was said yet.
    pub fn of(claims: &'a Claims) -> Self {
        Self { claims, agreed: vec![0; claims.sorted.len().div_ceil(64)], beside: HashSet::new() }
    }

    /// The other says who has a key, or that it is free. False where nobody has it here.
    pub fn hear(&mut self, key: &str, by: Option<&str>) -> bool {
        let digest = digest(key);
        let held = self.claims.of_digest(&digest);
        let agrees = held.is_some() && held.as_deref() == by;
        match self.claims.find(&digest).filter(|at| !is_free(&self.claims.sorted[*at])) {
            Some(at) if agrees => self.agreed[at / 64] |= 1 << (at % 64),
            Some(at) => self.agreed[at / 64] &= !(1 << (at % 64)),
            None if agrees => {
                self.beside.insert(digest);
            }
            None => {
                self.beside.remove(&digest);
            }
        }
        held.is_some()
    }

    /// The keys that are claimed here and, by the other's last word, not by the same receipt.
    pub fn lacking(&self) -> HashSet<KeyDigest> {
        let is_agreed = |at: usize| self.agreed[at / 64] & (1 << (at % 64)) != 0;
        let sorted = self.claims.sorted.iter().enumerate();
        let sorted = sorted.filter(|(at, entry)| !is_free(entry) && !is_agreed(*at)).map(|(_, entry)| key_of(entry));
        let beside = self.claims.recent.iter().map(key_of).chain(self.claims.others.keys().copied());
        sorted.chain(beside.filter(|digest| !self.beside.contains(digest))).collect()
    }
}

/// What a key is known by.
pub fn digest(key: &str) -> KeyDigest {
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&Sha256::digest(key.as_bytes())[..DIGEST]);
    digest
}

fn key_of(entry: &Entry) -> KeyDigest {
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&entry[..DIGEST]);
    digest
}

/// The first eight bytes as a number, in the order in which digests are sorted.
fn hash(digest: &KeyDigest) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_be_bytes(first)
}

fn hash_of(entry: &Entry) -> u64 {
    hash(&key_of(entry))
}

fn series(entry: &Entry) -> u16 {
    u16::from_le_bytes([entry[DIGEST], entry[DIGEST + 1]])
}

fn is_free(entry: &Entry) -> bool {
    series(entry) == FREE
}

impl PartialEq for Claims {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().iter().map(|(_, receipt)| receipt)).finish()
    }
}

impl<K: AsRef<str>, R: AsRef<str>> FromIterator<(K, R)> for Claims {
    fn from_iter<I: IntoIterator<Item = (K, R)>>(claims: I) -> Self {
        let mut all = Self::default();
        for (key, receipt) in claims {
            all.insert(key.as_ref(), receipt.as_ref());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::{Agreement, Claims, FEW};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_is_a_map(steps in prop::collection::vec((0..4_u8, 0..300_u32, 0..40_u32), 1..600), older in 0..2_usize) {
            let mut claims = Claims::default();
            let mut plain: HashMap<String, String> = HashMap::new();
            // So many that most of them lie sorted.
            for n in 0..older * FEW {
                claims.insert(&format!("k{n}"), &format!("rc_7_{n}"));
                plain.insert(format!("k{n}"), format!("rc_7_{n}"));
            }
            for (what, key, receipt) in steps {
                let key = format!("k{key}");
                let receipt = match receipt {
                    0 => "by hand".to_owned(),
                    1 => "rc_1_007".to_owned(),
                    2 => "rc_4294967295".to_owned(),
                    receipt => format!("rc_{}_{receipt}", receipt % 5),
                };
                if what == 0 {
                    claims.remove(&key);
                    plain.remove(&key);
                } else {
                    claims.insert(&key, &receipt);
                    plain.insert(key, receipt);
                }
            }
            prop_assert_eq!(claims.len(), plain.len());
            for n in 0..300 {
                let key = format!("k{n}");
                prop_assert_eq!(claims.get(&key), plain.get(&key).cloned());
            }
            let again: Claims = plain.iter().collect();
            let mut told = Agreement::of(&claims);
            for (key, by) in &plain {
                prop_assert!(told.hear(key, Some("by another")) && told.hear(key, Some(by)));
            }
            prop_assert!(!told.hear("nobody's", Some("rc_1_1")) && told.lacking().is_empty());
            let mut expected = HashSet::new();
            for (n, word) in [(1, None), (2, Some("by another")), (3, None)] {
                let key = format!("k{n}");
                prop_assert_eq!(told.hear(&key, word), plain.contains_key(&key));
                expected.extend(plain.get(&key).map(|_| super::digest(&key)));
            }
            prop_assert_eq!(told.lacking(), expected);
            prop_assert_eq!(claims, again);
        }
    }

    #[test]
    fn more_series_than_there_are_numbers_for_are_kept_by_name() {
        let mut claims = Claims::default();
        for n in 0..70_000 {
            claims.insert(&format!("k{n}"), &format!("rc_{n}_1"));
        }
        assert_eq!(claims.len(), 70_000);
        for n in [0, 65_534, 65_535, 65_536, 69_999] {
            assert_eq!(claims.get(&format!("k{n}")), Some(format!("rc_{n}_1")));
        }
        claims.remove("k69999");
        claims.insert("k0", "rc_69998_2");
        assert_eq!((claims.get("k69999"), claims.get("k0")), (None, Some("rc_69998_2".to_owned())));
    }

    #[test]
    fn a_key_costs_sixteen_bytes() {
        let claims: Claims = (0..200_000).map(|n| (format!("key {n}"), format!("rc_1_{n}"))).collect();
        let bytes = claims.sorted.capacity() * size_of::<super::Entry>() + claims.recent.allocation_size();
        assert!(bytes <= 200_000 * 17, "{bytes}");
    }
}
