//! A review as one HTML page: no script, nothing loaded from elsewhere, dark or light as the reader has it, fit to print.
//! Everything that came from outside is escaped where it is written.

use super::{Story, conclusion, counts, in_order, plan_line, step, stories};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::policy;
use crate::review::contents::Entries;
use crate::review::notes::Notes;
use crate::review::verify::Verified;

const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#fff;--text:#1b1d21;--faint:#5b616b;--line:#d7dae0;--allow:#1a6b34;--alert:#8a5200;--block:#a8201a;--dedup:#3a4fa0}
@media (prefers-color-scheme:dark){:root{--ground:#15171b;--text:#e6e8ec;--faint:#9aa1ad;--line:#343943;--allow:#7bd88f;--alert:#f0b35a;--block:#ff8a80;--dedup:#9db2ff}}
body{background:var(--ground);color:var(--text);font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-top:1px solid var(--line);padding-top:1rem}
code,pre{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}td:nth-child(2) code{overflow-wrap:break-word}
p,td,blockquote{overflow-wrap:anywhere}th,td:not(:nth-child(4)){overflow-wrap:break-word}
p.faint,td.faint{color:var(--faint)}blockquote{margin:.5rem 0;padding-left:1rem;border-left:3px solid var(--line)}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
.ALLOW{color:var(--allow)}.ALERT{color:var(--alert)}.BLOCK,.differs{color:var(--block)}.DEDUP{color:var(--dedup)}
@media (max-width:44rem){table,tbody{display:block}tr{display:flex;flex-wrap:wrap;gap:0 1rem;border-bottom:1px solid var(--line);padding:.3rem 0}
th,td{border:0;padding:0;min-width:0}td,td code{overflow-wrap:anywhere!important}}
@media print{:root{--ground:#fff;--text:#000;--faint:#333;--line:#999;--allow:#000;--alert:#000;--block:#000;--dedup:#000}
body{margin:0;max-width:none;font-size:11pt}details{display:block}h2,tr,blockquote{break-inside:avoid}h2{break-after:avoid}}
";

/// The page.
pub fn page(verified: &Verified) -> String {
    let Verified { verification: found, entries, notes } = verified;
    let title = format!("Review of run {}", found.run.unwrap_or_default());
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p><strong>{}</strong></p>\n",
        escaped(&conclusion(found))
    );
    if let Some(started) = entries.started() {
        page += &format!("<p class=\"faint\">{}</p>\n", escaped(&policy(&started.policy)));
    }
    for difference in &found.differences {
        let (place, message) = (escaped(&difference.place()), escaped(&difference.message));
        page += &format!("<p class=\"differs\">differs {place}: {message}</p>\n");
    }
    let proven = &found.proven;
    page += "<table>\n<tr><th>Proven</th><th></th></tr>\n";
    for (count, what) in [
        (proven.verdicts, "verdicts, judged again to the same"),
        (proven.routes, "routes whose trigger matches"),
        (proven.entries, "lines of the journal"),
        (proven.seals, "seals that hold"),
    ] {
        page += &format!("<tr><td>{count}</td><td>{what}</td></tr>\n");
    }
    if !found.not_proven.is_empty() {
        page += "<tr><th>Not proven</th><th></th></tr>\n";
    }
    for open in &found.not_proven {
        page += &format!("<tr><td>{}</td><td>{}</td></tr>\n", open.count, escaped(&open.what));
    }
    page += "</table>\n";
    reviewed(&mut page, notes, entries);
    for told in &stories(entries) {
        story(&mut page, told);
    }
    page + "</body>\n</html>\n"
}

/// What a reviewer said, flagged steps first.
fn reviewed(page: &mut String, notes: &Notes, entries: &Entries) {
    if notes.0.is_empty() {
        return;
    }
    *page +=
        &format!("<h2>Review</h2>\n<p>{}</p>\n<table>\n<tr><th></th><th>Step</th><th>Note</th></tr>\n", counts(notes));
    for note in in_order(notes) {
        let (step, said) = (escaped(&step(note, entries)), escaped(&note.note));
        *page += &format!("<tr><td>{}</td><td>{step}</td><td>{said}</td></tr>\n", note.mark.word());
    }
    *page += "</table>\n";
}

fn story(page: &mut String, story: &Story<'_>) {
    let envelope = &story.received.envelope;
    *page += &format!("<h2>{} {}</h2>\n", story.received.arrival, escaped(&envelope.event_type));
    *page += &format!("<p class=\"faint\">correlation <code>{}</code></p>\n", escaped(&envelope.correlation_id));
    *page += &format!("<pre>{}</pre>\n", escaped(envelope.payload.as_str()));
    if story.routed.is_empty() {
        *page += "<p>No trigger matched.</p>\n";
    }
    for (proposed, ended) in &story.plans {
        *page += &format!("<p>{}</p>\n", escaped(&plan_line(proposed)));
        if let Some(reasoning) = proposed.typed().and_then(|plan| plan.reasoning) {
            *page += &format!("<blockquote>{}</blockquote>\n", escaped(&reasoning));
        }
        if ended.is_empty() {
            continue;
        }
        *page +=
            "<table>\n<tr><th>Decision</th><th>Tool</th><th>Value</th><th>Key</th><th>Outcome</th><th>Why</th></tr>\n";
        for disposed in ended {
            let receipt = &disposed.receipt;
            let word = receipt.verdict.decision.word();
            *page += &format!(
                "<tr><td class=\"{word}\">{word}</td><td><code>{}</code></td><td>{}</td><td><code>{}</code></td><td>{}</td>\
                 <td>{}</td></tr>\n",
                escaped(&receipt.tool),
                receipt.value.as_ref().map(|value| escaped(value.number.as_str())).unwrap_or_default(),
                escaped(&receipt.idempotency_key),
                receipt.outcome.word(),
                escaped(&receipt.verdict.reason)
            );
        }
        *page += "</table>\n";
    }
}

/// Text in which nothing is markup, inside of attributes too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in inert(text).chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(super::escaped("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }
}
