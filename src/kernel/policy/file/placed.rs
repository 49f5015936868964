//! Faults of rules in code, placed in the source by the words that stand there.
//!
//! The rules were read out of a running program, which remembers no lines: the third `maxValue` of the list is taken for
//! the third in the text. Where a program computes its rules that is a guess, and a fault without a word stays with the
//! file.

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{Span, Value};

/// Places each fault that [`super::read_coded`] gave a pointer into `rules`.
pub fn placed(faults: Vec<Diagnostic>, rules: &[Value], text: &str) -> Vec<Diagnostic> {
    let code = without_comments(text);
    let place = |fault: Diagnostic| {
        let found = fault.pointer.as_deref().and_then(|pointer| find(pointer, &fault.message, rules, &code));
        let fault = Diagnostic { pointer: None, ..fault };
        match found {
            Some(span) if fault.line.is_none() => fault.at_span(text, &span, 1),
            _ => fault,
        }
    };
    faults.into_iter().map(place).collect()
}

/// A pointer to a whole rule means the key that the message names, or the rule's first.
fn find(pointer: &str, message: &str, rules: &[Value], code: &str) -> Option<Span> {
    let mut steps = pointer.split('/').skip(1);
    let number: usize = steps.next()?.parse().ok()?;
    let key = if let Some(key) = steps.next() {
        key
    } else {
        let keys = rules.get(number)?.as_object()?.keys();
        keys.clone().find(|key| message.contains(&format!("`{key}`"))).or_else(|| keys.clone().next())?
    };
    let earlier = rules.iter().take(number).filter(|rule| rule.get(key).is_some()).count();
    let keys = code.match_indices(key).filter(|(at, _)| is_key(code, *at, key.len()));
    keys.map(|(at, _)| at..at + key.len()).nth(earlier)
}

/// True where a word stands as the key of an object.
fn is_key(code: &str, at: usize, length: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let whole = !code[..at].chars().next_back().is_some_and(is_word);
    let after = code[at + length..].trim_start_matches(['\'', '"', '`', ']']).trim_start();
    whole && after.starts_with([':', ',', '}', '('])
}

/// The text with spaces for its comments and for its strings, but for those that may be keys; so places stay.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '\'' | '"' | '`' => string_length(rest, c),
            _ => c.len_utf8(),
        };
        let piece = &rest[..length];
        let inner = piece.trim_matches(c);
        let kept =
            length == c.len_utf8() || c != '/' && inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
        if kept {
            code.push_str(piece);
        } else {
            code.extend(piece.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        }
        at += length;
    }
    code
}

/// The bytes of a string, with its quotes; of one that is not closed, its first quote alone.
fn string_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => break,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json;

    #[test]
    fn the_third_of_the_list_is_the_third_in_the_text() {
        let text = "// maxValue: 1\nexport default [\n  { maxValue: 1, decision: 'ALLOW' }, /* maxValue: */\n  \
                    { tool: 'maxValue:', maxValue: NaN },\n  { decision: 'X' },\n];";
        let rules = json::read(r#"[{"maxValue":1,"decision":"ALLOW"},{"tool":"a","maxValue":{}},{"decision":"X"}]"#);
        let Value::Array(rules) = rules.unwrap().value else { panic!() };
        let place = |pointer: &str| {
            let faults = placed(vec![Diagnostic::error("e").in_file("f").at_pointer(pointer)], &rules, text);
            faults[0].place().unwrap()
        };
        assert_eq!(place("/1/maxValue"), "f:4:24");
        assert_eq!(place("/2"), "f:5:5");
        let named = vec![Diagnostic::error("unknown key `maxValue`").in_file("f").at_pointer("/0")];
        assert_eq!(placed(named, &rules, text)[0].line, Some(3));
        assert_eq!(place("/2/nothing"), "f");
        assert_eq!(place("/7"), "f");
        assert_eq!(without_comments(text).len(), text.len());
    }
}
