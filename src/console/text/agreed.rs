//! Of which clusters every terminal says the same width. Terminals follow different versions of Unicode, and count what
//! is written together (conjuncts, jamo, ligatures, emoji) together or one by one.

/// True for a cluster, made inert, that is as wide on every terminal as `unicode-width` has it.
pub fn has_agreed_width(cluster: &str) -> bool {
    let mut letters = cluster.chars();
    match (letters.next(), letters.next()) {
        (None, _) => true,
        (Some(letter), None) => is_agreed(letter),
        (Some(base), Some(mark)) => takes_marks(base) && is_mark(mark) && letters.all(is_mark),
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

/// Letters with which every terminal that combines at all combines a mark.
fn takes_marks(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{391}'..='\u{3c9}' | '\u{400}'..='\u{45f}' | '◌')
}

/// Long assigned, and neither emoji, nor combining, nor shaped by what stands beside.
fn is_agreed(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{2ff}'
        // Greek, Cyrillic, Georgian, Latin with everything.
        | '\u{370}'..='\u{377}' | '\u{384}'..='\u{38a}' | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{482}'
        | '\u{48a}'..='\u{52f}' | '\u{10d0}'..='\u{10f0}' | '\u{1e00}'..='\u{1eff}'
        // Punctuation, currencies, arrows, mathematics.
        | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203b}' | '\u{203d}'..='\u{2048}' | '\u{204a}'..='\u{205e}'
        | '\u{20a0}'..='\u{20bf}' | '\u{2190}'..='\u{2193}' | '\u{2200}'..='\u{22ff}'
        // Pictures of controls, lines, blocks, shapes, the two marks.
        | '\u{2400}'..='\u{2426}' | '\u{2500}'..='\u{259f}' | '\u{25a0}'..='\u{25a9}' | '\u{25ac}'..='\u{25b5}'
        | '\u{25b7}'..='\u{25bf}' | '\u{25c1}'..='\u{25fa}' | '✓' | '✗' | '\u{2800}'..='\u{28ff}'
        // East Asian: kana, Hangul, ideographs, full and half width.
        | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{309b}'..='\u{30ff}' | '\u{3105}'..='\u{312d}'
        | '\u{3400}'..='\u{4db5}' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{fa2d}'
        | '\u{ff01}'..='\u{ff60}' | '\u{ff61}'..='\u{ff9f}' | '\u{ffe0}'..='\u{ffe6}')
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::console::text::Charset;
    use crate::console::theme::{Frame, Glyph, level};

    #[test]
    fn what_is_written_everywhere_is_agreed_on_and_what_is_shaped_is_not() {
        for cluster in ["a", "é", "e\u{301}", "ß", "Ж", "λ", "…", "─", "日", "한", "ア", "（", "◌\u{301}", "–", "€"]
        {
            assert!(has_agreed_width(cluster), "{cluster}");
        }
        for cluster in
            ["👍", "👨\u{200d}👩", "❤", "⌚", "क्ष", "ᄀ\u{1161}", "لا", "\u{378}", "\u{e0b0}", "日\u{301}", "⏩", "▶"]
        {
            assert!(!has_agreed_width(cluster), "{cluster}");
        }
    }

    /// Else every row would be written whole each time.
    #[test]
    fn what_the_console_itself_draws_is_agreed_on() {
        let glyphs = [
            Glyph::Allow,
            Glyph::Alert,
            Glyph::Block,
            Glyph::Dedup,
            Glyph::Refused,
            Glyph::Failed,
            Glyph::Refusal,
            Glyph::NoMatch,
            Glyph::Real,
            Glyph::Dot,
            Glyph::Bar,
            Glyph::Heavy,
            Glyph::Down,
            Glyph::Up,
            Glyph::Path,
            Glyph::Folded,
            Glyph::Dropped,
            Glyph::Draft,
            Glyph::Seen,
        ];
        let glyphs = glyphs.map(|glyph| glyph.symbol(Charset::Unicode));
        let levels: Vec<_> = (0..8).map(|at| level(at, Charset::Unicode)).collect();
        let frame = Frame::of(Charset::Unicode);
        for symbol in glyphs.iter().chain(&levels).chain(&frame.corners).chain([&frame.across, &frame.down, &"…"]) {
            assert!(has_agreed_width(symbol) && symbol.width() == 1, "{symbol}");
        }
    }
}
