//! A review as Markdown. Text from outside is code or escaped: it makes no markup of its own.

use super::{Story, conclusion, counts, in_order, plan_line, step, stories};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::policy;
use crate::review::contents::Entries;
use crate::review::notes::{Note, Notes};
use crate::review::verify::Verified;

/// The document.
pub fn document(verified: &Verified) -> String {
    let Verified { verification: found, entries, notes } = verified;
    let run = found.run.unwrap_or_default();
    let mut text = format!("# Review of run {run}\n\n{}\n\n", conclusion(found));
    if let Some(started) = entries.started() {
        text += &format!("{}\n\n", escaped(&policy(&started.policy)));
    }
    let proven = &found.proven;
    text += "| proven | |\n|---|---|\n";
    for (count, what) in [
        (proven.verdicts, "verdicts, judged again to the same"),
        (proven.routes, "routes whose trigger matches"),
        (proven.entries, "lines of the journal"),
        (proven.seals, "seals that hold"),
    ] {
        text += &format!("| {count} | {what} |\n");
    }
    if !found.not_proven.is_empty() {
        text += "\n| not proven | |\n|---|---|\n";
    }
    for open in &found.not_proven {
        text += &format!("| {} | {} |\n", open.count, escaped(&open.what));
    }
    for difference in &found.differences {
        text += &format!("\n- **differs** {}: {}", escaped(&difference.place()), escaped(&difference.message));
    }
    reviewed(&mut text, notes, entries);
    for told in &stories(entries) {
        story(&mut text, told, notes);
    }
    text
}

/// What a reviewer said, flagged steps first.
fn reviewed(text: &mut String, notes: &Notes, entries: &Entries) {
    if notes.0.is_empty() {
        return;
    }
    *text += &format!("\n## Review\n\n{}\n\n| | step | note |\n|---|---|---|\n", counts(notes));
    for note in in_order(notes) {
        *text += &format!("| {} | {} | {} |\n", note.mark.word(), escaped(&step(note, entries)), escaped(&note.note));
    }
}

fn story(text: &mut String, story: &Story<'_>, notes: &Notes) {
    let envelope = &story.received.envelope;
    *text += &format!("\n## {} {}\n\n", story.received.arrival, escaped(&envelope.event_type));
    *text += &format!("Correlation {} from {}\n", code(&envelope.correlation_id), code(&envelope.source));
    if let Some(note) = notes.0.iter().find(|note| note.receipt.is_none() && note.arrival == story.received.arrival) {
        *text += &format!("\n**{}** {}\n", note.mark.word(), escaped(&note.note));
    }
    if story.routed.is_empty() {
        *text += "\nNo trigger matched.\n";
    }
    for (proposed, ended) in &story.plans {
        *text += &format!("\n{}\n", escaped(&plan_line(proposed)));
        if let Some(reasoning) = proposed.typed().and_then(|plan| plan.reasoning) {
            *text += &format!("\n> {}\n", escaped(&reasoning));
        }
        if !ended.is_empty() {
            *text += "\n| decision | tool | value | key | outcome | why |\n|---|---|---|---|---|---|\n";
        }
        for disposed in ended {
            let receipt = &disposed.receipt;
            *text += &format!(
                "| {} | {} | {} | {} | {} | {} |\n",
                receipt.verdict.decision.word(),
                code(&receipt.tool),
                receipt.value.as_ref().map(|value| value.number.to_string()).unwrap_or_default(),
                code(&receipt.idempotency_key),
                receipt.outcome.word(),
                escaped(&receipt.verdict.reason)
            );
        }
        for disposed in ended {
            let of = |note: &&Note| note.receipt.as_deref() == Some(&disposed.receipt.id);
            if let Some(note) = notes.0.iter().find(of) {
                let tool = code(&disposed.receipt.tool);
                *text += &format!("\n**{}** {tool} {}\n", note.mark.word(), escaped(&note.note));
            }
        }
    }
}

/// Words in which nothing is markup.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in inert(text).chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// The same as code, where a reader expects an identifier; what has a backtick cannot be.
fn code(text: &str) -> String {
    let shown = inert(text);
    if shown.is_empty() || shown.contains(['`', '|', '\n', '\r', '\\']) { escaped(text) } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(
            escaped("<img onerror=x>\n# *a* [b](c) | `d`"),
            r"&lt;img onerror=x&gt;␊\# \*a\* \[b\]\(c\) \| \`d\`"
        );
        assert_eq!((code("a_b"), code("a`b")), ("`a_b`".to_owned(), r"a\`b".to_owned()));
    }
}
