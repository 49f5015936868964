//! A pack's JSON files: read whole, every fault with its place. It must not know what they mean.

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{self, Value, locate};
use crate::kernel::shape::ShapeError;

/// What a file says, or why it says nothing. A key given twice is a fault.
pub fn parse(text: &str) -> Result<Value, Vec<Diagnostic>> {
    let document = json::read(text).map_err(|error| {
        let is_comment = text.get(error.offset..).is_some_and(|rest| rest.starts_with("//") || rest.starts_with("/*"));
        let fault = Diagnostic::error(error.message).at_span(text, &(error.offset..error.offset + 1), 1);
        vec![if is_comment { fault.help("JSON has no comments: take it out") } else { fault }]
    })?;
    let twice = |pointer: &String| {
        let fault = Diagnostic::error(format!("the key at `{pointer}` is given twice")).at_pointer(pointer);
        placed(fault, text, pointer, true).help("keep one of the two")
    };
    let faults: Vec<_> = document.duplicates.iter().map(twice).collect();
    if faults.is_empty() { Ok(document.value) } else { Err(faults) }
}

/// A fault of a shape as a finding in the file.
pub fn at(text: &str, fault: ShapeError) -> Diagnostic {
    let found = Diagnostic::error(fault.message).at_pointer(&*fault.pointer);
    let found = placed(found, text, &fault.pointer, fault.key);
    match fault.help {
        Some(help) => found.help(help),
        None => found,
    }
}

/// Puts a finding at the value, or the key, that a pointer names.
pub fn placed(found: Diagnostic, text: &str, pointer: &str, key: bool) -> Diagnostic {
    let span = locate(text, pointer, key).unwrap_or(0..text.len().min(1));
    // Of an object or a list the first character is enough.
    let span = if text[span.clone()].contains('\n') { span.start..span.start + 1 } else { span };
    found.at_span(text, &span, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_and_a_key_given_twice_are_faults_with_places() {
        let fault = parse("{\n  // why\n  \"a\": 1\n}").unwrap_err().remove(0);
        assert_eq!((fault.line, fault.column), (Some(2), Some(3)));
        assert!(fault.help.unwrap().contains("no comments"));
        let fault = parse("{\n  \"a\": 1,\n  \"a\": 2\n}").unwrap_err().remove(0);
        assert!(fault.message.contains("given twice"), "{fault:?}");
    }
}
