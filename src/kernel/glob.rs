//! Dotted globs over event types (contract 2): which envelopes a trigger takes, and how near one came that did not.
//!
//! Matching takes time bounded by pattern × text, whatever the stars. Knows nothing of operators or envelopes.

use std::fmt;

use super::json::Span;

/// The longest glob that is read, in bytes.
pub const MAX_LEN: usize = 1_024;

/// A trigger or filter over `event_type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob {
    text: Box<str>,
    parts: Box<[Part]>,
}

/// One step of the pattern. `**`, one or more segments, is `Segment(*)` and then `Rest`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Exactly one segment.
    Segment(Box<str>),
    /// Any number of segments, none included.
    Rest,
}

/// Why a text is not a glob, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct GlobError {
    /// What was wrong, lower case, no trailing stop.
    pub message: String,
    /// Byte offset into the glob.
    pub offset: usize,
    /// What to do.
    pub help: String,
}

/// How near a glob came to an event type that it does not match: of two, the greater is the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nearness(std::cmp::Reverse<u32>);

impl Glob {
    /// Reads a glob.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        let refuse =
            |message: String, offset: usize, help: &str| Err(GlobError { message, offset, help: help.to_owned() });
        if text.is_empty() {
            return refuse("the glob is empty".to_owned(), 0, "`**` matches every event type");
        }
        if text.len() > MAX_LEN {
            return refuse(format!("the glob is longer than {MAX_LEN} bytes"), 0, "use `**` for many segments");
        }
        if let Some((offset, c)) = text.char_indices().find(|(_, c)| "?[]{}\\!".contains(*c)) {
            let help = "only `*` (any run within a segment) and `**` (one or more segments) are patterns";
            return refuse(format!("`{c}` has no meaning in a glob: `{text}`"), offset, help);
        }
        if let Some((offset, _)) = text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
            return refuse(format!("the glob holds white space: `{text}`"), offset, "take it out");
        }
        let mut parts = Vec::new();
        for Span { start, end } in segments(text) {
            match &text[start..end] {
                "" => {
                    return refuse(
                        format!("the glob has an empty segment: `{text}`"),
                        start,
                        "write it dotted, as in `order.*`",
                    );
                }
                "**" => parts.extend([Part::Segment("*".into()), Part::Rest]),
                segment => match segment.find("**") {
                    Some(at) => {
                        let help = "`**` stands alone between dots; within a segment write one `*`";
                        return refuse(format!("`**` is not a whole segment: `{segment}`"), start + at, help);
                    }
                    None => parts.push(Part::Segment(segment.into())),
                },
            }
        }
        Ok(Self { text: text.into(), parts: parts.into() })
    }

    /// The text it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the whole event type fits.
    pub fn matches(&self, event_type: &str) -> bool {
        let segments: Vec<&str> = event_type.split('.').collect();
        runs(
            &self.parts,
            &segments,
            |part| *part == Part::Rest,
            |part, segment| match part {
                Part::Segment(pattern) => segment_matches(pattern, segment),
                Part::Rest => false,
            },
        )
    }

    /// How near it comes to an event type; the greatest is what a person most likely meant.
    pub fn nearness(&self, event_type: &str) -> Nearness {
        // Comparing is quadratic; nobody reads further than this anyway.
        let segments: Vec<&str> = event_type.split('.').take(32).collect();
        let parts = &self.parts[..self.parts.len().min(32)];
        let mut row: Vec<u32> = (0..).step_by(GAP as usize).take(segments.len() + 1).collect();
        for part in parts {
            let mut next = Vec::with_capacity(row.len());
            match part {
                Part::Rest => {
                    for distance in &row {
                        let before = next.last().copied().unwrap_or(u32::MAX);
                        next.push(before.min(*distance));
                    }
                }
                Part::Segment(pattern) => {
                    next.push(row[0] + WHOLE);
                    for (at, segment) in segments.iter().enumerate() {
                        let replaced = row[at] + segment_distance(pattern, segment);
                        next.push(replaced.min(row[at + 1] + WHOLE).min(next[at] + GAP));
                    }
                }
            }
            row = next;
        }
        Nearness(std::cmp::Reverse(row.last().copied().unwrap_or(u32::MAX)))
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a segment that is wholly another costs.
const WHOLE: u32 = 100;

/// What a segment of the event type costs that the glob lacks: a trigger cut short is nearer than one about something
/// else, and one of its own segments is rarely beside the point.
const GAP: u32 = 60;

fn segments(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    text.split('.').map(move |segment| {
        let span = start..start + segment.len();
        start = span.end + 1;
        span
    })
}

fn segment_matches(pattern: &str, segment: &str) -> bool {
    runs(pattern.as_bytes(), segment.as_bytes(), |byte| *byte == b'*', |byte, other| byte == other)
}

fn segment_distance(pattern: &str, segment: &str) -> u32 {
    if segment_matches(pattern, segment) {
        return 0;
    }
    let head = |text: &str| text.chars().take(40).collect::<String>();
    let (pattern, segment) = (head(&pattern.replace('*', "")), head(segment));
    let longer = pattern.chars().count().max(segment.chars().count()).max(1);
    let edits = strsim::damerau_levenshtein(&pattern, &segment).min(longer);
    u32::try_from(edits * WHOLE as usize / longer).unwrap_or(WHOLE).max(1)
}

/// A pattern in which some items stand for any run of the text. Only the last such item is ever reconsidered: what an
/// earlier one took can stay as short as it was, so the time is bounded by pattern × text.
fn runs<P, T>(pattern: &[P], text: &[T], is_run: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p).is_some_and(&is_run) {
            retry = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|item| fits(item, &text[t])) {
            p += 1;
            t += 1;
        } else if let Some((run, taken)) = retry {
            retry = Some((run, taken + 1));
            p = run + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(is_run)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::parse(text).unwrap()
    }

    #[test]
    fn stars_stay_within_their_segment() {
        for (pattern, event_type, expected) in [
            ("order.*", "order.created", true),
            ("order.*", "order.refund.issued", false),
            ("order.*", "order", false),
            ("order.**", "order.refund.issued", true),
            ("order.**", "order", false),
            ("**", "order", true),
            ("**.fault", "hvac.zone.fault", true),
            ("**.fault", "fault", false),
            ("*.zone.f*t", "hvac.zone.fault", true),
            ("or*er.c*d", "order.created", true),
            ("**.**", "order", false),
            ("order.created", "order.created", true),
            ("order.created", "Order.created", false),
        ] {
            assert_eq!(glob(pattern).matches(event_type), expected, "{pattern} over {event_type}");
        }
    }

    #[test]
    fn what_is_not_a_glob_is_refused_with_a_place() {
        for (text, offset) in [
            ("", 0),
            ("order.?", 6),
            ("order.[ab]", 6),
            ("{a,b}", 0),
            ("!order", 0),
            ("a\\*", 1),
            ("order..x", 6),
            (".order", 0),
            ("order.", 6),
            ("order.a**", 7),
            ("order.***", 6),
            ("order. created", 6),
        ] {
            let error = Glob::parse(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text:?}: {error}");
            assert!(!error.help.is_empty());
        }
        assert!(Glob::parse(&"a".repeat(MAX_LEN + 1)).is_err());
    }

    #[test]
    fn bombs_are_harmless() {
        let bomb = glob(&format!("{}b", "*a".repeat(400)));
        assert!(!bomb.matches(&"a".repeat(20_000)));
        let bomb = glob(&format!("{}.b", vec!["**.a"; 200].join(".")));
        assert!(!bomb.matches(&vec!["a"; 10_000].join(".")));
    }

    #[test]
    fn the_nearest_trigger_is_the_one_meant() {
        let nearest = |event_type: &str| {
            ["order.*", "hvac.zone.fault", "support.**"].into_iter().max_by_key(|g| glob(g).nearness(event_type))
        };
        assert_eq!(nearest("orders.created"), Some("order.*"));
        assert_eq!(nearest("order.refund.issued"), Some("order.*"));
        assert_eq!(nearest("hvac.zone.falut"), Some("hvac.zone.fault"));
        assert_eq!(nearest("suport.message"), Some("support.**"));
    }

    /// The definition, without a thought for time.
    fn naive(pattern: &[&str], text: &[&str]) -> bool {
        fn within(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|n| within(rest, &text[n..])),
                Some((c, rest)) => text.first() == Some(c) && within(rest, &text[1..]),
            }
        }
        match pattern.split_first() {
            None => text.is_empty(),
            Some((&"**", rest)) => (1..=text.len()).any(|n| naive(rest, &text[n..])),
            Some((first, rest)) => {
                !text.is_empty() && within(first.as_bytes(), text[0].as_bytes()) && naive(rest, &text[1..])
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn it_agrees_with_the_definition(
            pattern in prop::collection::vec(r"\*\*|\*|[ab]{1,2}|\*?a\*?b?|b\*a", 1..6),
            text in prop::collection::vec("[ab]{1,4}", 1..6),
        ) {
            let parts: Vec<_> = pattern.iter().map(String::as_str).collect();
            let segments: Vec<_> = text.iter().map(String::as_str).collect();
            let found = glob(&pattern.join(".")).matches(&text.join("."));
            prop_assert_eq!(found, naive(&parts, &segments));
        }

        #[test]
        fn a_match_is_nearest_of_all(pattern in r"(\*\*|\*|[ab]{1,2})(\.(\*\*|\*|[ab]{1,2})){0,3}", text in r"[ab]{1,3}(\.[ab]{1,3}){0,3}") {
            let glob = glob(&pattern);
            let exact = Nearness(std::cmp::Reverse(0));
            prop_assert_eq!(glob.matches(&text), glob.nearness(&text) == exact);
        }

        #[test]
        fn no_text_panics(pattern in ".{0,40}", text in ".{0,40}") {
            if let Ok(glob) = Glob::parse(&pattern) {
                glob.matches(&text);
                glob.nearness(&text);
            }
        }
    }
}
