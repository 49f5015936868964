//! Reading `--where`, the same for every command that has it.

use super::exit::Failure;
use crate::kernel::diagnostic::Diagnostic;
use crate::query::{Query, Record};

/// A query about one kind of record; an empty text lets everything through.
pub fn parse<R: Record>(text: &str) -> Result<Query, Failure> {
    Query::parse::<R>(text).map_err(|error| {
        let end = text[error.offset..].find(' ').map_or(text.len(), |at| error.offset + at);
        let fault = Diagnostic::error(error.message).in_file("--where").at_span(text, &(error.offset..end), 1);
        Failure::usage(Diagnostic { help: error.help, ..fault })
    })
}
