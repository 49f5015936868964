//! Annotations, as GitHub Actions takes them from what a step prints: a finding as one line that the page of a change
//! shows beside the line it is about.

use std::fmt::Write as _;

use super::diagnostics::said;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::sanitize::inert;

/// `::error file=fixtures/orders.jsonl,line=3::what is wrong`. `folder` is the workspace's below the repository, empty
/// where it is the same.
pub fn annotation(found: &Diagnostic, folder: &str) -> String {
    let word = if found.is_error() { "error" } else { "warning" };
    let mut line = format!("::{word} ");
    if let Some(file) = &found.file {
        let outside = folder.is_empty() || file.starts_with('/');
        let path = if outside { file.clone() } else { format!("{folder}/{file}") };
        // Writing to a string cannot fail.
        let _ = write!(line, "file={},", property(&path));
        if let Some(number) = found.line {
            let _ = write!(line, "line={number},");
        }
        if let Some(column) = found.column {
            let _ = write!(line, "col={column},");
        }
    }
    let help = found.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {}", said(help)));
    let _ = write!(line, "title=fibric::{}", data(&format!("{}{help}", said(&found.message))));
    line
}

/// What stands for itself in a message. The one line break is this module's own: others are made visible before.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands for itself in a property.
fn property(text: &str) -> String {
    data(&inert(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_says_nothing_but_what_it_should() {
        let text = "a\nb: nope\n";
        let found =
            Diagnostic::error("100% wrong\n::set-env name=X::y").in_file("a,b:c.jsonl").at_span(text, &(2..3), 7);
        let said = annotation(&found.help("mend\r\nit"), "deep/er");
        assert_eq!(
            said,
            "::error file=deep/er/a%2Cb%3Ac.jsonl,line=8,col=1,title=fibric::100%25 wrong␊::set-env \
             name=X::y%0Ahelp: mend␍␊it"
        );
        assert_eq!(annotation(&Diagnostic::warning("odd"), "x"), "::warning title=fibric::odd");
    }
}
