//! Commands and flags that are to come: who asks for one is told so, instead of being offered what is spelt alike.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::kernel::diagnostic::Diagnostic;

/// The command it belongs to (empty: `fibric` itself), and its name.
const TO_COME: [(&str, &str); 7] = [
    ("", "connector"),
    ("", "connectors"),
    ("", "install"),
    ("", "secrets"),
    ("", "man"),
    ("receipts", "meter"),
    ("dev replay", "--connect"),
];

/// What to say when arguments were refused because of something to come.
pub(super) fn explain(error: &clap::Error, args: &[String]) -> Option<Diagnostic> {
    let kind = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return None,
    };
    let Some(ContextValue::String(asked)) = error.get(kind) else { return None };
    let asked = asked.split([' ', '=']).next()?;
    let at = args.iter().position(|arg| arg.split('=').next() == Some(asked))?;
    let (parent, name) = TO_COME
        .iter()
        .filter(|(parent, name)| {
            *name == asked && parent.split_whitespace().all(|word| args[..at].iter().any(|arg| arg == word))
        })
        .max_by_key(|(parent, _)| parent.len())?;
    if parent.is_empty()
        && ["dev", "policy", "receipts", "events", "capabilities"]
            .iter()
            .any(|other| args[..at].iter().any(|arg| arg == other))
    {
        return None;
    }
    let command = if parent.is_empty() { "fibric".to_owned() } else { format!("fibric {parent}") };
    Some(
        Diagnostic::error(format!("`{command} {name}` is not in this version yet"))
            .help(format!("`{command} --help` lists what is")),
    )
}
