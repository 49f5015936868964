//! The tokens of one line of YAML. It looks at one line alone, so that what is drawn costs what is in view; it never says
//! that something is wrong, and knows neither colours nor what a policy's words mean.

use std::ops::Range;

use crate::kernel::decimal::Decimal;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a value.
    Key,
    /// A text, quoted or not.
    Scalar,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Punctuation: `-`, `:`, brackets, commas.
    Mark,
    /// Spaces and tabs.
    Blank,
    /// From `#` to the end.
    Comment,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the line.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The tokens of a line, in order, all of it covered.
pub fn tokens(line: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let (kind, long) = match rest.as_bytes()[0] {
            b'#' if at == 0 || line[..at].ends_with([' ', '\t']) => (Kind::Comment, rest.len()),
            b'"' | b'\'' => {
                let long = quoted(rest);
                (if is_key(&rest[long..]) { Kind::Key } else { Kind::Scalar }, long)
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => (Kind::Mark, 1),
            b'-' if rest.len() == 1 || rest.starts_with("- ") => (Kind::Mark, 1),
            b' ' | b'\t' => (Kind::Blank, rest.len() - rest.trim_start_matches([' ', '\t']).len()),
            _ => {
                let long = word(rest);
                (plain(&rest[..long], is_key(&rest[long..])), long)
            }
        };
        let end = at + long.max(1);
        found.push(Token { range: at..end, kind });
        at = end;
    }
    found
}

/// True when what follows makes a key of what stood before.
fn is_key(rest: &str) -> bool {
    rest.trim_start_matches(' ')
        .strip_prefix(':')
        .is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t']))
}

/// How long a quoted text is; to the end where it is not closed.
fn quoted(rest: &str) -> usize {
    let quote = if rest.starts_with('"') { '"' } else { '\'' };
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote == '"' {
            letters.next();
        } else if letter == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// How long an unquoted text is: up to what ends it, without the blanks before that.
fn word(rest: &str) -> usize {
    let mut end = rest.len();
    for (at, letter) in rest.char_indices() {
        let tail = &rest[at + letter.len_utf8()..];
        let stops = match letter {
            ',' | '}' | ']' | '{' | '[' => true,
            ':' => tail.is_empty() || tail.starts_with([' ', '\t']),
            ' ' | '\t' => tail.starts_with('#'),
            _ => false,
        };
        if stops {
            end = at;
            break;
        }
    }
    rest[..end].trim_end_matches([' ', '\t']).len()
}

fn plain(word: &str, key: bool) -> Kind {
    match word {
        _ if key => Kind::Key,
        "true" | "false" | "null" | "~" => Kind::Literal,
        _ if Decimal::parse(word).is_ok() => Kind::Number,
        _ => Kind::Scalar,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(line: &str) -> Vec<(&str, Kind)> {
        let words = tokens(line).into_iter().filter(|token| token.kind != Kind::Blank);
        words.map(|token| (&line[token.range], token.kind)).collect()
    }

    #[test]
    fn keys_numbers_and_comments_are_told_apart() {
        use Kind::{Comment, Key, Literal, Mark, Number, Scalar};
        let flow = "- { tool: order.hold, decision: ALLOW }  # why: not";
        let wanted = [
            ("-", Mark),
            ("{", Mark),
            ("tool", Key),
            (":", Mark),
            ("order.hold", Scalar),
            (",", Mark),
            ("decision", Key),
            (":", Mark),
            ("ALLOW", Scalar),
            ("}", Mark),
            ("# why: not", Comment),
        ];
        assert_eq!(shown(flow), wanted);
        assert_eq!(shown("  maxValue: 250"), [("maxValue", Key), (":", Mark), ("250", Number)]);
        assert_eq!(shown("  deny: true"), [("deny", Key), (":", Mark), ("true", Literal)]);
        assert_eq!(shown("'a: b': \"c # d"), [("'a: b'", Key), (":", Mark), ("\"c # d", Scalar)]);
        assert_eq!(shown("note: a b  c # d"), [("note", Key), (":", Mark), ("a b  c", Scalar), ("# d", Comment)]);
    }

    proptest! {
        #[test]
        fn any_line_is_covered_in_order(line in "[-a:{}\\[\\], #'\"\\\\\té日0.\u{1b}]{0,40}|\\PC{0,40}") {
            let mut at = 0;
            for token in tokens(&line) {
                prop_assert_eq!(token.range.start, at);
                prop_assert!(line.get(token.range.clone()).is_some_and(|text| !text.is_empty()));
                at = token.range.end;
            }
            prop_assert_eq!(at, line.len());
        }
    }
}
