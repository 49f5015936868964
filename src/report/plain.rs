//! The append-only lines of `fibric dev --plain`, as the documentation prints them.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::diagnostics::{self, Style, said};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::{Answered, Disposed, Entry, Fact, Held, Loaded, PolicyStamp, Proposed, Received};
use crate::kernel::receipt::{Outcome, Ruling};
use crate::kernel::sanitize::inert;
use crate::kernel::sentences::{policy, reasoned_elsewhere, unrouted, would_pass_with};

pub use crate::kernel::sentences::counted;

/// Turns entries into lines. Keeps only what a line needs of the entries before it.
pub struct Printer {
    zone: TimeZone,
    style: Style,
    /// The policy of the first run, until the banner is complete.
    banner: Option<PolicyStamp>,
    begun: bool,
    /// Whether something is watched while it prints.
    watching: bool,
    /// Whether packs are among what is loaded, and watched.
    packs: bool,
    /// Receipts of the plan being disposed of, and the time of the last.
    receipts: (u32, String),
}

impl Printer {
    /// Prints times in the given zone.
    pub fn new(zone: TimeZone, style: Style) -> Self {
        Self { zone, style, banner: None, begun: false, watching: true, packs: false, receipts: (0, String::new()) }
    }

    /// Prints what other processes did: nothing is watched here.
    #[must_use]
    pub fn looking_back(self) -> Self {
        Self { watching: false, ..self }
    }

    /// The lines of some entries, each with its line break.
    pub fn lines<'a>(&mut self, entries: impl IntoIterator<Item = &'a Entry>) -> String {
        let mut text = String::new();
        for entry in entries {
            self.entry(entry, &mut text);
        }
        self.end_banner(&mut text);
        self.end_plan(&mut text);
        text
    }

    fn entry(&mut self, entry: &Entry, text: &mut String) {
        if let Fact::Disposed(disposed) = &entry.fact {
            self.receipts.0 += 1;
            self.receipts.1.clone_from(&entry.at);
            return self.line(text, &entry.at, &disposition(disposed, self.receipts.0));
        }
        // The claims of a plan stand between its receipts, and nothing is printed of them.
        if matches!(entry.fact, Fact::Claimed(_)) {
            return;
        }
        self.end_plan(text);
        if !matches!(entry.fact, Fact::Loaded(_)) {
            self.end_banner(text);
        }
        match &entry.fact {
            Fact::RunStarted(started) if !self.begun => {
                self.begun = true;
                self.banner = Some(started.policy.clone());
                let version = started.version.rsplit_once('.').map_or(started.version.as_str(), |(head, _)| head);
                let _ = writeln!(text, "fibric dev {version} · local kernel · tenant {}", inert(&started.tenant));
            }
            Fact::Loaded(loaded) => {
                self.packs |= loaded.file.starts_with("packs/");
                self.loaded(text, &entry.at, loaded);
            }
            Fact::PolicyLoaded(stamp) => {
                self.line(text, &entry.at, &inert(&policy(stamp)));
                self.diagnostics(text, &stamp.diagnostics);
            }
            Fact::Received(received) => {
                self.line(text, &entry.at, &envelope(received));
                self.diagnostics(text, &received.warnings);
            }
            Fact::Refused(refused) => {
                let which = refused.envelope.as_ref().map_or_else(String::new, |envelope| {
                    format!(" {} corr={}", inert(&envelope.event_type), short(&envelope.correlation_id))
                });
                self.line(text, &entry.at, &format!("refused{which} src={}", refused.origin.source.word()));
                self.diagnostics(text, &refused.diagnostics);
            }
            Fact::Routed(routed) if routed.to.is_empty() => self.line(text, &entry.at, &inert(&unrouted(routed))),
            Fact::Proposed(proposed) => self.proposed(text, &entry.at, proposed),
            Fact::Held(held) => self.line(text, &entry.at, &waiting(held)),
            Fact::Answered(answered) => {
                let said = if answered.approved { "approved" } else { "vetoed" };
                let line = format!("{said} {} by {}", inert(&answered.action_id), said_by(answered));
                self.line(text, &entry.at, &line);
            }
            Fact::Carried(carried) if !carried.alerts.is_empty() => {
                let count = carried.alerts.len();
                let s = if count == 1 { "" } else { "s" };
                let line = format!("{count} ALERT{s} of earlier runs not acknowledged");
                self.line(text, &entry.at, &line);
            }
            Fact::Acknowledged(seen) => {
                self.line(text, &entry.at, &format!("acknowledged {} by {}", inert(&seen.receipt), inert(&seen.who)));
            }
            Fact::Settled(notice) => {
                self.line(text, &entry.at, &format!("fixed {}", diagnostics::one_line(notice)));
            }
            Fact::Listening(listening) => {
                let what = if listening.live { "" } else { ", the stream alone" };
                self.line(text, &entry.at, &format!("listening on {}{what}", inert(&listening.address)));
            }
            Fact::Noticed(notice) => self.diagnostics(text, std::slice::from_ref(notice)),
            _ => {}
        }
    }

    fn loaded(&self, text: &mut String, at: &str, loaded: &Loaded) {
        let name = inert(&loaded.name);
        let line = match (&loaded.failure, &loaded.running, &loaded.on_disk) {
            (None, Some(_), _) => format!("loaded {} {name}{}", loaded.kind.word(), inert(&loaded.summary)),
            (None, None, _) => format!("unloaded {} {name}", loaded.kind.word()),
            (Some(_), Some(running), on_disk) => format!(
                "reload failed {} {name}: running {}, on disk {}",
                loaded.kind.word(),
                inert(running),
                inert(on_disk.as_deref().unwrap_or("nothing"))
            ),
            (Some(_), None, _) => format!("load failed {} {name}", loaded.kind.word()),
        };
        // The banner's own lines carry no time.
        if self.banner.is_some() {
            let _ = writeln!(text, "{line}");
        } else {
            self.line(text, at, &line);
        }
        self.diagnostics(text, loaded.failure.as_slice());
        self.diagnostics(text, &loaded.further);
    }

    fn proposed(&self, text: &mut String, at: &str, proposed: &Proposed) {
        let operator = inert(&proposed.operator);
        for log in &proposed.logs {
            self.line(text, at, &format!("log {operator} {}: {}", inert(&log.level), inert(&log.text)));
        }
        if let Some(failure) = &proposed.failure {
            self.line(text, at, &format!("failed {operator}"));
            return self.diagnostics(text, std::slice::from_ref(failure));
        }
        let by = reasoned_elsewhere(&proposed.reasoned).map_or_else(String::new, |by| format!(" · {}", inert(&by)));
        let line = match proposed.typed().map_or(0, |plan| plan.actions.len()) {
            0 => format!("plan {operator} refusal, 0 actions (proposed nothing){by}"),
            n => format!("plan {operator} {} (proposed, not disposed){by}", counted(n, "action")),
        };
        self.line(text, at, &line);
    }

    fn end_banner(&mut self, text: &mut String) {
        let Some(stamp) = self.banner.take() else { return };
        let _ = writeln!(text, "executor: in-memory, {}", inert(&policy(&stamp)));
        if self.watching {
            let packs = if self.packs { " ./packs" } else { "" };
            let _ = writeln!(text, "watching ./connectors ./operators{packs} ./fixtures");
        }
        self.diagnostics(text, &stamp.diagnostics);
    }

    fn end_plan(&mut self, text: &mut String) {
        let (count, at) = std::mem::take(&mut self.receipts);
        if count > 0 {
            self.line(text, &at, &format!("receipt {count} written -> .fibric/dev/receipts.jsonl"));
        }
    }

    fn line(&self, text: &mut String, at: &str, line: &str) {
        let time = at.parse::<Timestamp>().map_or_else(
            |_| inert(at).into_owned(),
            |time| time.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string(),
        );
        let _ = writeln!(text, "[{time}] {line}");
    }

    fn diagnostics(&self, text: &mut String, found: &[Diagnostic]) {
        for diagnostic in found {
            let _ = writeln!(text, "{}", diagnostics::render(diagnostic, self.style));
        }
    }
}

fn waiting(held: &Held) -> String {
    let receipt = &held.interrupted;
    let tool = said(&receipt.tool);
    format!(
        "hold {tool} {}  {} waits for a person: {}",
        held.verdict.decision,
        inert(&held.action_id),
        said(&held.verdict.reason)
    )
}

fn said_by(answered: &Answered) -> String {
    said(&answered.who).into_owned()
}

/// The first four characters of a correlation id, as a person names it.
pub fn short(id: &str) -> String {
    inert(&id.chars().take(4).collect::<String>()).into_owned()
}

fn envelope(received: &Received) -> String {
    let envelope = &received.envelope;
    format!(
        "envelope {} src={} corr={}",
        inert(&envelope.event_type),
        received.origin.source.word(),
        short(&envelope.correlation_id)
    )
}

/// `dispose order.hold ALLOW key=…`, with the reason where it is not a plain ALLOW. One that names no tool is called by
/// its number in the plan.
fn disposition(disposed: &Disposed, number: u32) -> String {
    let receipt = &disposed.receipt;
    let verdict = &receipt.verdict;
    let tool = if receipt.tool.is_empty() { format!("action {number}").into() } else { said(&receipt.tool) };
    let mut line = format!("dispose {tool} {} key={}", verdict.decision, said(&receipt.idempotency_key));
    if verdict.decision != Ruling::Allow || verdict.stale {
        let _ = write!(line, "  {}", said(&verdict.reason));
    }
    if let Some(change) = would_pass_with(disposed) {
        let _ = write!(line, "; would pass with {}", said(&change));
    }
    if receipt.outcome == Outcome::Failed {
        let _ = write!(line, "  failed: {}", inert(receipt.error.as_deref().unwrap_or_default()));
    }
    line
}
