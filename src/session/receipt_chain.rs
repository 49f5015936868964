//! The tamper chain beside the receipts: one line a receipt, `END SHA256`, where END is the byte at which the receipt
//! ends in `receipts.jsonl` and each hash covers the one before it. Receipts stay what production writes.

use std::fmt::Write as _;
use std::io::BufRead;

use sha2::{Digest, Sha256};

use crate::workspace::policy::hex;

/// One line of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Offset just past the receipt's line break.
    pub end: u64,
    /// SHA-256 over the previous hash and the receipt's line, hex.
    pub hash: String,
}

impl Link {
    /// The link that follows `previous` for one receipt line (with its line break).
    pub fn after(previous: Option<&Self>, end: u64, line: &[u8]) -> Self {
        let mut digest = Sha256::new();
        digest.update(previous.map_or("", |link| link.hash.as_str()).as_bytes());
        digest.update(line);
        Self { end, hash: hex(&digest.finalize()) }
    }

    /// Reads one line.
    pub fn parse(line: &str) -> Option<Self> {
        let (end, hash) = line.trim_end().split_once(' ')?;
        let whole = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        whole.then(|| Some(Self { end: end.parse().ok()?, hash: hash.to_owned() })).flatten()
    }

    /// The line to write.
    pub fn line(&self) -> String {
        let mut line = String::new();
        self.write_to(&mut line);
        line
    }

    /// Adds the line to a text.
    pub fn write_to(&self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", self.end, self.hash);
    }
}

/// What holding receipts against their chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Every receipt is as it was written.
    Sound {
        /// How many there are.
        receipts: u64,
    },
    /// The first line that is not.
    Broken {
        /// The line, from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
}

/// Holds receipts against their chain, one line of each at a time.
#[derive(Debug, Default)]
pub struct Checker {
    /// Lines taken so far.
    pub number: u64,
    previous: Option<Link>,
    offset: u64,
    /// The first line that is not as it was written, and why.
    broken: Option<(u64, String)>,
    receipts: u64,
}

impl Checker {
    /// Takes the next line of each, with their breaks; nothing of a file that has ended.
    pub fn take(&mut self, receipt: &[u8], link: &[u8]) {
        if receipt.is_empty() && link.is_empty() {
            return;
        }
        self.number += 1;
        if self.broken.is_some() {
            return;
        }
        match self.next(receipt, link) {
            Ok(link) => {
                self.previous = Some(link);
                self.receipts += 1;
            }
            Err(why) => self.broken = Some((self.number, why)),
        }
    }

    fn next(&mut self, receipt: &[u8], link: &[u8]) -> Result<Link, String> {
        if link.is_empty() {
            return Err("the receipt is not in the chain: it was added from outside".to_owned());
        }
        let Some(link) = Link::parse(&String::from_utf8_lossy(link)) else {
            return Err(format!("line {} of the chain is damaged", self.number));
        };
        if receipt.is_empty() {
            return Err("the receipt is missing: the file was cut short".to_owned());
        }
        self.offset += receipt.len() as u64;
        if Link::after(self.previous.as_ref(), link.end, receipt).hash != link.hash {
            return Err("the receipt is not the one that was written: edited, removed or moved".to_owned());
        }
        if self.offset != link.end {
            return Err("the receipt does not end where it was written".to_owned());
        }
        Ok(link)
    }

    /// What was found.
    pub fn finding(self) -> Finding {
        match self.broken {
            Some((line, reason)) => Finding::Broken { line, reason },
            None => Finding::Sound { receipts: self.receipts },
        }
    }
}

/// Holds receipts against their chain; both are read as streams.
pub fn verify(mut receipts: impl BufRead, mut chain: impl BufRead) -> std::io::Result<Finding> {
    let mut checker = Checker::default();
    let (mut line, mut link) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        link.clear();
        receipts.read_until(b'\n', &mut line)?;
        chain.read_until(b'\n', &mut link)?;
        if line.is_empty() && link.is_empty() {
            return Ok(checker.finding());
        }
        checker.take(&line, &link);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chained(lines: &[String]) -> (String, String) {
        let (mut text, mut chain, mut previous) = (String::new(), String::new(), None);
        for line in lines {
            text.push_str(line);
            text.push('\n');
            let link = Link::after(previous.as_ref(), text.len() as u64, format!("{line}\n").as_bytes());
            chain.push_str(&link.line());
            previous = Some(link);
        }
        (text, chain)
    }

    fn broken(text: &str, chain: &str) -> Option<u64> {
        match verify(text.as_bytes(), chain.as_bytes()).unwrap() {
            Finding::Sound { .. } => None,
            Finding::Broken { line, .. } => Some(line),
        }
    }

    #[test]
    fn each_kind_of_tampering_names_the_first_bad_line() {
        let lines: Vec<String> = (0..5).map(|n| format!("{{\"id\":{n}}}")).collect();
        let (text, chain) = chained(&lines);
        assert_eq!(broken(&text, &chain), None);
        assert_eq!(broken(&text.replace("{\"id\":2}", "{\"id\":9}"), &chain), Some(3), "edit");
        assert_eq!(broken(&text.replace("{\"id\":1}\n", ""), &chain), Some(2), "deletion");
        assert_eq!(
            broken(&text.replace("{\"id\":3}\n{\"id\":4}", "{\"id\":4}\n{\"id\":3}"), &chain),
            Some(4),
            "reorder"
        );
        assert_eq!(broken(&text[..text.len() - 9], &chain), Some(5), "truncation");
        assert_eq!(broken(&format!("{text}{{}}\n"), &chain), Some(6), "addition");
        assert_eq!(broken(&text, &chain.replacen("9 ", "x ", 1)), Some(1), "damaged chain");
        let binary = [chain.as_bytes(), b"\xff\xfe\n"].concat();
        let found = verify(text.as_bytes(), binary.as_slice()).unwrap();
        assert!(matches!(found, Finding::Broken { line: 6, .. }), "binary in the chain");
        let mut no_text = chain.into_bytes();
        no_text[90] = 0xff;
        let found = verify(text.as_bytes(), no_text.as_slice()).unwrap();
        assert!(matches!(found, Finding::Broken { line: 2, .. }), "{found:?}");
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_found_at_its_line(
            lines in prop::collection::vec("[a-z]{1,8}", 1..8), at in any::<prop::sample::Index>(), to in any::<u8>(),
        ) {
            let (text, chain) = chained(&lines);
            let mut bytes = text.clone().into_bytes();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            let line = text[..at].matches('\n').count() as u64 + 1;
            bytes[at] = to;
            match verify(bytes.as_slice(), chain.as_bytes()).unwrap() {
                Finding::Broken { line: found, .. } => prop_assert_eq!(found, line),
                Finding::Sound { .. } => prop_assert!(false, "not found"),
            }
        }
    }
}
