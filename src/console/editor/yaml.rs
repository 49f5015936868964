//! The parts of one line of YAML and the role each is drawn in. It looks at one line alone, so that what is drawn costs
//! what is in view; it never says that something is wrong.

use std::ops::Range;

use crate::console::theme::Role;
use crate::kernel::decimal::Decimal;

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its bytes in the line.
    pub range: Range<usize>,
    /// In which colour.
    pub role: Role,
    /// Whether bold.
    pub bold: bool,
    /// Whether slanted.
    pub italic: bool,
}

const fn part(range: Range<usize>, role: Role) -> Part {
    Part { range, role, bold: false, italic: false }
}

/// The parts of a line, in order, all of it covered.
pub fn parts(line: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let long = match rest.as_bytes()[0] {
            b'#' if at == 0 || line[..at].ends_with([' ', '\t']) => {
                found.push(Part { italic: true, ..part(at..line.len(), Role::Faint) });
                rest.len()
            }
            b'"' | b'\'' => {
                let long = quoted(rest);
                let role = if is_key(&rest[long..]) { Role::Muted } else { Role::Text };
                found.push(part(at..at + long, role));
                long
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => push_mark(&mut found, at),
            b'-' if rest.len() == 1 || rest.starts_with("- ") => push_mark(&mut found, at),
            b' ' | b'\t' => {
                let long = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                found.push(part(at..at + long, Role::Text));
                long
            }
            _ => {
                let long = word(rest);
                found.push(plain(line, at..at + long, is_key(&rest[long..])));
                long
            }
        };
        at += long.max(1);
    }
    found
}

fn push_mark(found: &mut Vec<Part>, at: usize) -> usize {
    found.push(part(at..at + 1, Role::Faint));
    1
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

fn plain(line: &str, range: Range<usize>, key: bool) -> Part {
    let word = &line[range.clone()];
    let strong = |role| Part { bold: true, ..part(range.clone(), role) };
    match (key, word) {
        (true, "allow") | (false, "ALLOW") => strong(Role::Allow),
        (true, "require_confirmation") | (false, "ALERT") => strong(Role::Alert),
        (true, "deny") | (false, "BLOCK") => strong(Role::Block),
        (true, _) => part(range, Role::Muted),
        (false, "true" | "false" | "null" | "~") => part(range, Role::Data),
        (false, _) if Decimal::parse(word).is_ok() => strong(Role::Data),
        (false, _) => part(range, Role::Text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(line: &str) -> Vec<(&str, Role)> {
        let words = parts(line).into_iter().filter(|part| !line[part.range.clone()].trim().is_empty());
        words.map(|part| (&line[part.range], part.role)).collect()
    }

    #[test]
    fn keys_numbers_decisions_and_comments_have_their_roles() {
        use Role::{Alert, Allow, Data, Faint, Muted, Text};
        let flow = "- { tool: order.hold, decision: ALLOW }  # why: not";
        let wanted = [
            ("-", Faint),
            ("{", Faint),
            ("tool", Muted),
            (":", Faint),
            ("order.hold", Text),
            (",", Faint),
            ("decision", Muted),
            (":", Faint),
            ("ALLOW", Allow),
            ("}", Faint),
            ("# why: not", Faint),
        ];
        assert_eq!(shown(flow), wanted);
        assert_eq!(shown("  maxValue: 250"), [("maxValue", Muted), (":", Faint), ("250", Data)]);
        assert_eq!(
            shown("  require_confirmation: x#y"),
            [("require_confirmation", Alert), (":", Faint), ("x#y", Text)]
        );
        assert_eq!(shown("'a: b': \"c # d"), [("'a: b'", Muted), (":", Faint), ("\"c # d", Text)]);
        assert_eq!(shown("note: a b  c # d"), [("note", Muted), (":", Faint), ("a b  c", Text), ("# d", Faint)]);
    }

    proptest! {
        #[test]
        fn any_line_is_covered_in_order(line in "[-a:{}\\[\\], #'\"\\\\\té日0.\u{1b}]{0,40}|\\PC{0,40}") {
            let mut at = 0;
            for part in parts(&line) {
                prop_assert_eq!(part.range.start, at);
                prop_assert!(line.get(part.range.clone()).is_some_and(|text| !text.is_empty()));
                at = part.range.end;
            }
            prop_assert_eq!(at, line.len());
        }
    }
}
