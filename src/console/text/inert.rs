//! Which characters act instead of being seen, and the visible mark each one gets. Nothing is dropped silently: a text
//! that hides something looks different from one that does not.

use std::fmt::Write;

use unicode_general_category::{GeneralCategory, get_general_category};
use unicode_width::UnicodeWidthChar;

use super::Charset;
use crate::kernel::sanitize::hidden;

/// Combining marks kept on one base; more only stack into the neighbouring rows.
const MARKS: usize = 3;

/// Appends one grapheme with everything in it that could act on a terminal made visible.
pub fn push(grapheme: &str, charset: Charset, out: &mut String) {
    match charset {
        Charset::Ascii => grapheme.chars().for_each(|c| push_ascii(c, out)),
        Charset::Unicode => push_unicode(grapheme, out),
    }
}

fn push_ascii(c: char, out: &mut String) {
    match c {
        ' '..='~' => out.push(c),
        '\0'..='\u{1f}' | '\u{7f}' => {
            out.push('^');
            out.push(char::from(u8::try_from(u32::from(c)).unwrap_or(0) ^ 0x40));
        }
        // The signs of the policy's own sentences.
        '≠' => out.push_str("!="),
        '≤' => out.push_str("<="),
        '≥' => out.push_str(">="),
        _ => mark(out, "\\u{", c, "}"),
    }
}

fn push_unicode(grapheme: &str, out: &mut String) {
    let mut base = false;
    let mut marks = 0;
    let mut previous = None;
    for c in grapheme.chars() {
        let control = u32::from(c);
        if control < 0x20 {
            out.push(char::from_u32(0x2400 + control).unwrap_or('?'));
        } else if c == '\u{7f}' {
            out.push('␡');
        } else if presentation(c) && previous.is_some_and(|p: char| !p.is_ascii() && !hidden(p)) {
            // It only asks for an emoji or a text shape, about whose width terminals disagree.
        } else if hidden(c) || c.is_control() || is_anyones_width(c) {
            mark(out, "‹", c, "›");
            base = false;
        } else if c.width().unwrap_or(0) == 0 {
            marks += 1;
            if !base {
                out.push('◌');
                base = true;
            }
            if marks <= MARKS {
                out.push(c);
            }
        } else {
            out.push(c);
            base = true;
        }
        previous = Some(c);
    }
}

fn mark(out: &mut String, open: &str, c: char, close: &str) {
    // INVARIANT: writing to a String cannot fail.
    let _ = write!(out, "{open}{:x}{close}", u32::from(c));
}

/// True for what terminals draw as wide as their font or their tables have it, alone or with what stands before it: skin
/// tones, halves of flags, key caps, private use, and what Unicode does not say anything of.
fn is_anyones_width(c: char) -> bool {
    use GeneralCategory::{PrivateUse, Unassigned};
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{1f1e6}'..='\u{1f1ff}' | '\u{20e3}')
        || (c >= '\u{300}' && matches!(get_general_category(c), PrivateUse | Unassigned))
}

fn presentation(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}
