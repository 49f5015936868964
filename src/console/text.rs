//! Text on its way to the screen: made inert, measured in cells, cut at the end of a grapheme. It knows nothing of what
//! the text means or what colour it gets.

mod agreed;
mod inert;

pub use agreed::has_agreed_width;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Which characters the terminal can be trusted to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// UTF-8, with every width as Unicode says.
    #[default]
    Unicode,
    /// Only the printable ASCII characters.
    Ascii,
}

impl Charset {
    /// Stands where text was cut; one cell wide.
    pub fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "~",
        }
    }
}

/// Cells a text takes once it is inert.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A count as people read it; up to 9999 without separators.
pub fn grouped(count: usize) -> String {
    let digits = count.to_string();
    if count < 10_000 {
        return digits;
    }
    let place = |(at, digit): (usize, char)| {
        let parted = at > 0 && (digits.len() - at).is_multiple_of(3);
        parted.then_some(',').into_iter().chain([digit])
    };
    digits.chars().enumerate().flat_map(place).collect()
}

/// A count as terminal coordinates, which end at 65,535.
pub fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

/// The longest grapheme looked at, in bytes: a text is never scanned further than its cells could need.
const BYTES_PER_CELL: usize = 32;

/// `text` made inert and cut to `max` cells. The cost depends on `max`, not on the text.
pub fn fit(text: &str, max: usize, charset: Charset) -> String {
    let mut out = String::new();
    let reach = text.floor_char_boundary((max + 1) * BYTES_PER_CELL);
    let mut cut = reach < text.len();
    let mut used = 0;
    // Where the text would end if an ellipsis had to follow.
    let mut roomy = 0;
    for grapheme in text[..reach].graphemes(true) {
        let before = out.len();
        inert::push(grapheme, charset, &mut out);
        let wide = width(&out[before..]);
        if used + wide > max {
            cut = true;
            break;
        }
        used += wide;
        if used < max {
            roomy = out.len();
        }
    }
    if cut {
        out.truncate(roomy);
        if max > 0 {
            out.push_str(charset.ellipsis());
        }
    }
    out
}

/// The whole text made inert; for short texts only.
pub fn inert(text: &str, charset: Charset) -> String {
    let mut out = String::new();
    text.graphemes(true).for_each(|grapheme| inert::push(grapheme, charset, &mut out));
    out
}

/// `text` made inert and broken into lines of at most `max` cells, at spaces where there are any; its own line breaks
/// hold. At most `lines` of them.
pub fn wrap(text: &str, max: usize, lines: usize, charset: Charset) -> Vec<String> {
    let mut out = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            let word = fit(word, max.max(1), charset);
            if !line.is_empty() && width(&line) + 1 + width(&word) > max {
                out.push(std::mem::take(&mut line));
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
            if out.len() >= lines {
                return out;
            }
        }
        out.push(line);
    }
    out.truncate(lines);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cut_text_says_so_and_fits() {
        assert_eq!(fit("order.refund", 12, Charset::Unicode), "order.refund");
        assert_eq!(fit("order.refund", 6, Charset::Unicode), "order…");
        assert_eq!(fit("order.refund", 6, Charset::Ascii), "order~");
        assert_eq!(fit("日本語", 5, Charset::Unicode), "日本…");
        assert_eq!(fit("日本語", 4, Charset::Unicode), "日…");
        assert_eq!(fit("x", 0, Charset::Unicode), "");
    }

    #[test]
    fn what_cannot_be_seen_gets_a_mark() {
        assert_eq!(inert("a\u{1b}[31mb\n", Charset::Unicode), "a␛[31mb␊");
        assert_eq!(inert("a\u{1b}b\u{7f}", Charset::Ascii), "a^[b^?");
        assert_eq!(inert("a\u{202e}b\u{200b}\u{9b}", Charset::Unicode), "a‹202e›b‹200b›‹9b›");
        assert_eq!(inert("é 日", Charset::Ascii), "\\u{e9} \\u{65e5}");
        assert_eq!(inert("\u{301}", Charset::Unicode), "◌\u{301}");
        assert_eq!(inert("❤\u{fe0f}", Charset::Unicode), "❤");
        assert_eq!(inert("a\u{fe0f}", Charset::Unicode), "a‹fe0f›");
    }

    #[test]
    fn what_terminals_draw_as_wide_as_they_like_stands_as_a_mark() {
        assert_eq!(inert("👍\u{1f3fd}", Charset::Unicode), "👍‹1f3fd›");
        assert_eq!(inert("🇩🇪", Charset::Unicode), "‹1f1e9›‹1f1ea›");
        assert_eq!(inert("\u{378}\u{301}", Charset::Unicode), "‹378›◌\u{301}");
        assert_eq!(inert("x\u{e0b0}", Charset::Unicode), "x‹e0b0›");
        assert_eq!(inert("1\u{fe0f}\u{20e3}", Charset::Unicode), "1‹fe0f›‹20e3›");
    }

    proptest! {
        #[test]
        fn any_text_fits_and_is_inert(text in "\\PC{0,20}|[\u{0}-\u{a0}\u{ad}\u{200b}-\u{202f}\u{2060}-\u{206f}e\u{301}\u{feff}日]{0,40}", max in 0_usize..30) {
            for charset in [Charset::Unicode, Charset::Ascii] {
                let shown = fit(&text, max, charset);
                prop_assert!(width(&shown) <= max, "{shown:?}");
                prop_assert!(!shown.chars().any(|c| c.is_control() || crate::kernel::sanitize::hidden(c)), "{shown:?}");
                prop_assert!(charset == Charset::Unicode || shown.is_ascii());
            }
        }
    }
}
