//! What a plan's file is called (contract 6): the first four characters of the correlation id, longer while another
//! correlation id of the run shares them; a second operator's plan carries its name.

use std::collections::HashMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// The names given so far in one run.
#[derive(Debug, Default)]
pub struct PlanFiles {
    /// Correlation id → its prefix and the operator that came first.
    given: HashMap<String, (String, String)>,
    /// Prefix → how it is taken.
    taken: HashMap<String, String>,
}

impl PlanFiles {
    /// The file of an operator's plan, relative to the workspace.
    pub fn name(&mut self, correlation_id: &str, operator: &str) -> String {
        if !self.given.contains_key(correlation_id) {
            let prefix = self.free_prefix(correlation_id);
            self.taken.insert(prefix.clone(), correlation_id.to_owned());
            self.given.insert(correlation_id.to_owned(), (prefix, operator.to_owned()));
        }
        let (prefix, first) = &self.given[correlation_id];
        if first == operator {
            format!(".fibric/dev/plans/{prefix}.json")
        } else {
            format!(".fibric/dev/plans/{prefix}.{}.json", encode(operator))
        }
    }

    fn free_prefix(&self, correlation_id: &str) -> String {
        let whole = correlation_id.chars().take(NAME_BYTES).count();
        // Past what `encode` keeps, a longer prefix is the same name again.
        for length in 4..=whole.clamp(4, NAME_BYTES) {
            let prefix: String = correlation_id.chars().take(length).collect();
            let prefix = encode(&prefix);
            if !self.taken.contains_key(&prefix) {
                return prefix;
            }
        }
        // Another id begins with all of this one.
        let whole = encode(correlation_id);
        let candidates = (2..=self.taken.len() + 2).map(|n| format!("{whole}~{n}"));
        candidates.into_iter().find(|name| !self.taken.contains_key(name)).unwrap_or(whole)
    }
}

/// Bytes of an id that a file's name is made of: encoded, two of them must fit into a name of 255.
const NAME_BYTES: usize = 36;

/// What stands in a file's name as it is.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// Percent-encodes everything but `[A-Za-z0-9_-]`; over-long names are cut.
fn encode(text: &str) -> String {
    percent_encode(&text.as_bytes()[..text.len().min(NAME_BYTES)], &PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_grow_only_while_they_are_shared() {
        let mut files = PlanFiles::default();
        assert_eq!(files.name("9f31c4d8", "order-risk"), ".fibric/dev/plans/9f31.json");
        assert_eq!(files.name("9f31ffff", "order-risk"), ".fibric/dev/plans/9f31f.json");
        assert_eq!(files.name("9f31c4d8", "zone-guard"), ".fibric/dev/plans/9f31.zone-guard.json");
        assert_eq!(files.name("9f31c4d8", "order-risk"), ".fibric/dev/plans/9f31.json");
        assert_eq!(files.name("9f31", "order-risk"), ".fibric/dev/plans/9f31~2.json");
    }

    #[test]
    fn no_correlation_id_leaves_the_folder() {
        let mut files = PlanFiles::default();
        assert_eq!(files.name("../../etc/passwd", "a/b"), ".fibric/dev/plans/%2E%2E%2F%2E.json");
        assert_eq!(files.name("é", "a"), ".fibric/dev/plans/%C3%A9.json");
    }
}
