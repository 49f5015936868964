//! Text from outside, made harmless to show: what a terminal would obey, or what would show other text than is there,
//! becomes a visible mark, or in JSON an escape. For showing only; nothing that is stored or compared passes through
//! here.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with control characters, escapes, bidi controls and invisible characters as visible marks. The result is
/// one line: a line break is marked too.
pub fn inert(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_active) else { return Cow::Borrowed(text) };
    let mut shown = String::with_capacity(text.len() + 8);
    shown.push_str(&text[..first]);
    for c in text[first..].chars() {
        if is_active(c) { mark(c, &mut shown) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

/// JSON that says the same with nothing in it that a terminal obeys or that shows other text than is there: such
/// characters are written as escapes inside strings, and as blanks between values. Line breaks between values stay.
pub fn inert_json(json: &str) -> Cow<'_, str> {
    if !json.contains(|c: char| c != '\n' && (c.is_control() || hidden(c))) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    let (mut inside, mut escaped) = (false, false);
    for c in json.chars() {
        let active = c.is_control() || hidden(c);
        if inside && active {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else if active && c != '\n' {
            text.push(' ');
        } else {
            text.push(c);
        }
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
    }
    Cow::Owned(text)
}

/// Joiners and variation selectors stay: scripts and emoji need them, and they move nothing.
fn is_active(c: char) -> bool {
    let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}');
    c.is_control() || (hidden(c) && !joins)
}

/// True for a character that draws nothing itself: it turns the direction of its neighbours, joins or parts them, or
/// is just not there.
pub fn hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn mark(c: char, shown: &mut String) {
    let picture = match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        _ => None,
    };
    match picture {
        Some(picture) => shown.push(picture),
        // Writing to a string cannot fail.
        None => drop(write!(shown, "<U+{:04X}>", u32::from(c))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_marked() {
        assert_eq!(inert("a\x1b[31mb\r\n\t\u{7f}\u{9b}2J"), "a␛[31mb␍␊␉␡<U+009B>2J");
        assert_eq!(inert("user\u{202e}txt.exe\u{2066}"), "user<U+202E>txt.exe<U+2066>");
        assert_eq!(inert("a\u{200b}b\u{feff}c\u{e0041}"), "a<U+200B>b<U+FEFF>c<U+E0041>");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        for text in ["", "Zoë ☕ 東京 🧑\u{200d}🌾 ❤\u{fe0f}", "שלום"] {
            assert!(matches!(inert(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn json_is_inert_and_says_the_same() {
        let text = "{\"a\":\"\u{9b}31m\u{202e}x\u{7f}\u{e0041}é\"}\n";
        assert_eq!(inert_json(text), "{\"a\":\"\\u009b31m\\u202ex\\u007f\\udb40\\udc41é\"}\n");
        assert_eq!(inert_json("{\t\"a\\\\\":\r\n 1}\n"), "{ \"a\\\\\": \n 1}\n");
        assert!(matches!(inert_json("{\"a\":\"Zoë ☕ 東京\"}\n"), Cow::Borrowed(_)));
    }

    /// Text in which what matters here is frequent.
    fn odd() -> impl Strategy<Value = String> {
        let c = prop_oneof![
            any::<char>(),
            proptest::sample::select(vec![
                '"', '\\', '/', 'u', '0', '\n', '\r', '\t', ' ', 'é', '\u{200d}', '\u{feff}'
            ]),
            proptest::char::ranges(
                vec![
                    '\0'..='\u{9f}',
                    '\u{600}'..='\u{8ff}',
                    '\u{2000}'..='\u{206f}',
                    '\u{fff0}'..='\u{ffff}',
                    '\u{e0000}'..='\u{e01ff}'
                ]
                .into()
            ),
        ];
        proptest::collection::vec(c, 0..40).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn any_json_parses_to_the_same(texts in proptest::collection::vec(odd(), 1..5), lined in any::<bool>()) {
            let value: serde_json::Value = texts.iter().map(|text| (text.clone(), text.clone())).collect();
            let json = if lined { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let shown = inert_json(&json);
            prop_assert!(!shown.contains(|c: char| c != '\n' && (c.is_control() || hidden(c))));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
            prop_assert_eq!(inert_json(&shown), shown.as_ref());
        }

        #[test]
        fn nothing_active_is_left_and_it_is_done_once(text in ".*") {
            let once = inert(&text).into_owned();
            prop_assert!(!once.contains(is_active));
            prop_assert_eq!(inert(&once), once.as_str());
        }
    }
}
