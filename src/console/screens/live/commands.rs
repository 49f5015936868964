//! The commands of the Live screen, in the order of the footer.

use super::jump::Jump;
use super::panes::{self, Pane};
use super::{Counted, Live, Message, Overlay};
use std::borrow::Cow;

use crate::console::keys::{Group, Scope, ScreenId};
use crate::console::model::RowKind;
use crate::console::present::clipboard_text::What;
use crate::console::screen::{Command, Context, Enabled};
use crate::console::widgets::Beside;

type LiveCommand = Command<Live>;

const SCOPE: Scope = Scope { screen: Some(ScreenId(1)), text: None };
const LIVE: Group = Group { title: "Live", scope: SCOPE, elsewhere: "on the Live screen" };
const GO_TO: Group = Group { title: "Going to", ..LIVE };

const FILTERS: Group = Group { title: "Only what was counted", ..LIVE };

/// The headings under which the help lists the commands of this screen.
pub const GROUPS: &[Group] = &[GO_TO, LIVE, FILTERS];
/// How many of them are named before the keys that move.
pub const BEFORE_MOVING: usize = 5;

/// The commands of this screen.
pub const COMMANDS: &[LiveCommand] = &[
    LiveCommand::named(
        LIVE,
        "all rows",
        "Takes the query away; esc does, once nothing is open.",
        &["backspace"],
        |live, _| if live.is_narrowed() { Ok(()) } else { Err("every row shows") },
        Message::Unfilter,
    ),
    LiveCommand::named(
        LIVE,
        "open",
        "The whole of the selected row, full width.",
        &["enter"],
        |live, cx| match (live.reading(), live.selected_row(cx.model)) {
            (true, _) => Err("it is open already"),
            (false, None) => Err("nothing is selected"),
            (false, Some(_)) => Ok(()),
        },
        Message::Open,
    ),
    LiveCommand::named(
        LIVE,
        "next pane",
        "The list to the right, then the panes below.",
        &["tab", "right", "l"],
        nothing_open,
        Message::Focus(Beside::Next),
    ),
    LiveCommand::silent(
        LIVE,
        "pane before",
        "The list to the left, or the pane before.",
        &["backtab", "left", "h"],
        nothing_open,
        Message::Focus(Beside::Previous),
    ),
    LiveCommand::named(
        LIVE,
        "acknowledge",
        "Takes the selected ALERT off what waits.",
        &["a"],
        |live, cx| match live.selected_row(cx.model) {
            Some(row) if row.kind == RowKind::Disposed && live.pending.waits(row.id()) => Ok(()),
            _ => Err("no ALERT is selected"),
        },
        Message::Acknowledge,
    ),
    LiveCommand::named(
        GO_TO,
        "next block",
        "The next BLOCK after the selection.",
        &["g b"],
        |_, cx| there_is(cx.model.counts.blocked, "nothing was blocked"),
        Message::Jump(Jump::Block),
    ),
    jump(
        "next dedup",
        "The next DEDUP after the selection.",
        &["g d"],
        |_, cx| there_is(cx.model.counts.deduped, "no key was used twice"),
        Jump::Dedup,
    ),
    jump(
        "next alert",
        "The next ALERT after the selection.",
        &["g a"],
        |_, cx| there_is(cx.model.counts.alerted, "nothing was alerted"),
        Jump::Alert,
    ),
    jump(
        "next failed",
        "The next handler or operator that failed.",
        &["g x"],
        |_, cx| there_is(cx.model.counts.failed, "nothing failed"),
        Jump::Failed,
    ),
    jump(
        "next not routed",
        "The next envelope that no trigger matched.",
        &["g u"],
        |_, cx| there_is(cx.model.counts.unmatched, "everything was routed"),
        Jump::Unrouted,
    ),
    LiveCommand::silent(
        GO_TO,
        "way back",
        "Back to where the last leap began.",
        &["ctrl-o", "g o"],
        |live, _| if live.can_retrace(true) { Ok(()) } else { Err("no leap was made yet") },
        Message::Retrace { back: true },
    ),
    LiveCommand::silent(
        GO_TO,
        "way on",
        "On again to where the way back began.",
        &["g i"],
        |live, _| if live.can_retrace(false) { Ok(()) } else { Err("nothing was gone back from") },
        Message::Retrace { back: false },
    ),
    LiveCommand::silent(
        LIVE,
        "acknowledge all",
        "Takes all ALERTs off what waits, after a question.",
        &["ctrl-k"],
        |live, _| if live.pending.to_acknowledge() > 0 { Ok(()) } else { Err("no ALERT waits") },
        Message::AskAcknowledgeAll,
    ),
    LiveCommand::named(
        LIVE,
        "to ack",
        "Only the ALERTs that wait for a person, or all rows.",
        &["A"],
        |live, _| match (&live.overlay, live.pending.rows()) {
            (Some(_), _) => Err("something is open"),
            (None, []) => Err("no ALERT waits"),
            (None, _) => Ok(()),
        },
        Message::PendingAlone,
    ),
    LiveCommand::named(
        LIVE,
        "approve",
        "Lets the action that is held act; your name is kept.",
        &["ctrl-a"],
        held,
        Message::Answer { approve: true },
    ),
    LiveCommand::named(
        LIVE,
        "veto",
        "Refuses the action that is held; your name is kept.",
        &["ctrl-v"],
        held,
        Message::Answer { approve: false },
    ),
    LiveCommand::named(
        LIVE,
        "fold",
        "Folds the value in hand, or shows what is nested.",
        &["space"],
        |live, cx| if live.reading() { selected(live, cx) } else { panes::folds(live, cx) },
        Message::Unfold,
    ),
    LiveCommand::silent(
        LIVE,
        "fold all",
        "Folds all that is nested in what is open; again, shows it.",
        &["F"],
        |live, _| {
            let folds = live.reading() || live.panes.has_keys(Pane::Action);
            if folds { Ok(()) } else { Err("nothing is open") }
        },
        Message::FoldAll,
    ),
    LiveCommand::named(
        LIVE,
        "trouble",
        "Opens what is wrong; again, the next that is.",
        &["!"],
        |_, cx| {
            let somewhere = cx.faults.all().iter().any(|fault| fault.row.is_some());
            if somewhere { Ok(()) } else { Err("nothing is wrong") }
        },
        Message::NextFault,
    ),
    LiveCommand::named(
        LIVE,
        "dismiss",
        "Takes the notices off the top; their rows stay.",
        &["x"],
        |_, cx| if cx.faults.dismissible() { Ok(()) } else { Err("there is no notice") },
        Message::Dismiss,
    ),
    LiveCommand::named(
        LIVE,
        "play",
        "Plays the fixtures again, with keys of their own.",
        &["p"],
        |_, cx| if cx.ended { Err("the session has ended") } else { Ok(()) },
        Message::Play,
    ),
    LiveCommand::named(
        LIVE,
        "filter",
        "Only the rows of a query; in a record, finds words.",
        &["/"],
        |live, _| if matches!(live.overlay, Some(Overlay::Prompt(_))) { Err("a query is typed") } else { Ok(()) },
        Message::Filter,
    )
    .labelled(|live, _| live.reading().then_some(Cow::Borrowed("find"))),
    LiveCommand::named(
        LIVE,
        "next record",
        "Opens the next row of the list in place of this one.",
        &["]"],
        |live, _| if live.reading() { Ok(()) } else { Err("nothing is open") },
        Message::TurnOver(Beside::Next),
    ),
    LiveCommand::named(
        LIVE,
        "record before",
        "Opens the row before it in place of this one.",
        &["["],
        |live, _| if live.reading() { Ok(()) } else { Err("nothing is open") },
        Message::TurnOver(Beside::Previous),
    ),
    LiveCommand::silent(
        LIVE,
        "next match",
        "The next of what was gone to or filtered last.",
        &["n"],
        sought,
        Message::Match(Beside::Next),
    ),
    LiveCommand::silent(LIVE, "match before", "The one before it.", &["N"], sought, Message::Match(Beside::Previous)),
    only(
        "only refused",
        "What was offered and refused.",
        &["f r"],
        |_, cx| there_is(cx.model.counts.refused, "there is none"),
        Counted::Refused,
    ),
    only(
        "only not routed",
        "What no trigger matched.",
        &["f u"],
        |_, cx| there_is(cx.model.counts.unmatched, "there is none"),
        Counted::Unrouted,
    ),
    only(
        "only allowed",
        "Actions that were allowed.",
        &["f o"],
        |_, cx| there_is(cx.model.counts.allowed, "there is none"),
        Counted::Allowed,
    ),
    only(
        "only alerted",
        "Actions that were raised.",
        &["f a"],
        |_, cx| there_is(cx.model.counts.alerted, "there is none"),
        Counted::Alerted,
    ),
    only(
        "only blocked",
        "Actions that were stopped.",
        &["f b"],
        |_, cx| there_is(cx.model.counts.blocked, "there is none"),
        Counted::Blocked,
    ),
    only(
        "only deduped",
        "Actions whose key was used.",
        &["f d"],
        |_, cx| there_is(cx.model.counts.deduped, "there is none"),
        Counted::Deduped,
    ),
    only(
        "only applied",
        "Actions that acted.",
        &["f p"],
        |_, cx| there_is(cx.model.counts.applied, "there is none"),
        Counted::Applied,
    ),
    only(
        "only failed",
        "What failed on the way.",
        &["f x"],
        |_, cx| there_is(cx.model.counts.failed, "there is none"),
        Counted::Failed,
    ),
    LiveCommand::named(
        LIVE,
        "copy",
        "Copies the id; again, the reason, the key, the thread.",
        &["y"],
        selected,
        Message::Copy(What::Value),
    ),
    LiveCommand::silent(LIVE, "copy JSON", "Copies the whole as JSON.", &["Y"], selected, Message::Copy(What::Json)),
    LiveCommand::silent(
        LIVE,
        "copy command",
        "Copies the command that shows it again.",
        &["c"],
        selected,
        Message::Copy(What::Command),
    ),
    LiveCommand::named(
        LIVE,
        "edit",
        "Opens what it comes from in your editor.",
        &["e"],
        selected,
        Message::Source { envelope: false },
    ),
    LiveCommand::silent(
        LIVE,
        "edit event",
        "Opens the fixture it came in by.",
        &["E"],
        selected,
        Message::Source { envelope: true },
    ),
    LiveCommand::named(LIVE, "zoom", "The pane over the whole body, or not.", &["z"], nothing_open, Message::Zoom),
    LiveCommand::silent(
        LIVE,
        "larger",
        "Gives the list more rows.",
        &["+"],
        nothing_open,
        Message::Resize { larger: true },
    ),
    LiveCommand::silent(
        LIVE,
        "smaller",
        "Gives the list fewer rows.",
        &["-"],
        nothing_open,
        Message::Resize { larger: false },
    ),
    LiveCommand::silent(
        LIVE,
        "mouse",
        "Releases the mouse to the terminal, or takes it.",
        &["M"],
        |_, _| Ok(()),
        Message::Mouse,
    ),
];

/// One that goes to the next row of a kind.
const fn jump(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    enabled: Enabled<Live>,
    to: Jump,
) -> LiveCommand {
    LiveCommand::silent(GO_TO, name, doc, keys, enabled, Message::Jump(to))
}

/// One that shows what was counted, and no other rows.
const fn only(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    enabled: Enabled<Live>,
    counted: Counted,
) -> LiveCommand {
    LiveCommand::silent(FILTERS, name, doc, keys, enabled, Message::Only(counted))
}

fn sought(live: &Live, cx: &Context<'_>) -> Result<(), &'static str> {
    if live.sought.is_some() || live.query().is_some() || (live.reading() && live.record.is_sought()) {
        selected(live, cx)
    } else {
        Err("nothing was gone to or filtered yet")
    }
}

fn nothing_open(live: &Live, _: &Context<'_>) -> Result<(), &'static str> {
    if live.overlay.is_none() { Ok(()) } else { Err("something is open") }
}

fn selected(live: &Live, cx: &Context<'_>) -> Result<(), &'static str> {
    if live.selected_row(cx.model).is_some() { Ok(()) } else { Err("nothing is selected") }
}

fn held(live: &Live, cx: &Context<'_>) -> Result<(), &'static str> {
    let held = live.selected_row(cx.model).and_then(|row| cx.model.held(row));
    if held.is_some() { Ok(()) } else { Err("nothing that is held is selected") }
}

fn there_is(count: u64, reason: &'static str) -> Result<(), &'static str> {
    if count > 0 { Ok(()) } else { Err(reason) }
}
