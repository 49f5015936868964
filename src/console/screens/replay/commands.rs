//! The commands of the Replay screen, in the order of the footer.

use std::borrow::Cow;

use super::prompt::Ask;
use super::sheet::Shows;
use super::{Focus, Message, Replay};
use crate::console::keys::{Group, Scope, ScreenId};
use crate::console::screen::{Command, Context};
use crate::replayer::transport::{Direction, Unit};

type ReplayCommand = Command<Replay>;

const REPLAY: Group = Group {
    title: "Replay",
    scope: Scope { screen: Some(ScreenId(2)), text: Some(false) },
    elsewhere: "on the Replay screen",
};
const AGAIN: Group =
    Group { title: "Replaying", scope: Scope { screen: None, text: Some(false) }, elsewhere: "the text has the keys" };

/// The headings under which the help lists the commands of this screen.
pub const GROUPS: &[Group] = &[REPLAY, AGAIN];
/// How many of them are named before the keys that move.
pub const BEFORE_MOVING: usize = 23;

/// The commands of this screen.
pub const COMMANDS: &[ReplayCommand] = &[
    ReplayCommand::named(
        REPLAY,
        "play on",
        "Goes on by itself, a step at a time; again, stops.",
        &["space"],
        there,
        Message::Play,
    )
    .labelled(|replay, _| Some(Cow::Borrowed(if replay.transport.is_playing() { "pause" } else { "play" }))),
    step("stage", "One stage on.", &["s", "right", "l"], Unit::Stage, Direction::Forward),
    step("back a stage", "One stage back.", &["b", "left", "h"], Unit::Stage, Direction::Back)
        .labelled(|_, _| Some(Cow::Borrowed("back"))),
    step("action", "To where the next action is decided.", &["n"], Unit::Action, Direction::Forward),
    ReplayCommand::silent(
        REPLAY,
        "back an action",
        "To where the action before is decided.",
        &["N"],
        steps,
        Message::Step(Unit::Action, Direction::Back),
    ),
    step("envelope", "The next envelope.", &["S"], Unit::Envelope, Direction::Forward),
    ReplayCommand::silent(
        REPLAY,
        "back an envelope",
        "The envelope before.",
        &["B"],
        steps,
        Message::Step(Unit::Envelope, Direction::Back),
    ),
    ReplayCommand::named(
        REPLAY,
        "difference",
        "The next difference from the play before.",
        &["d"],
        there,
        Message::Difference,
    ),
    ReplayCommand::named(
        REPLAY,
        "break on",
        "Runs on to what a query lets through, and stops there.",
        &["/"],
        there,
        Message::Ask(Ask::Break),
    )
    .labelled(|_, _| Some(Cow::Borrowed("break"))),
    ReplayCommand::named(
        REPLAY,
        "run on",
        "To the next action at which it breaks.",
        &["f"],
        |replay, cx| {
            there(replay, cx)?;
            if replay.stop.is_some() { Ok(()) } else { Err("it breaks on nothing; `/` says on what") }
        },
        Message::Break,
    ),
    ReplayCommand::silent(
        REPLAY,
        "edit envelope",
        "Its fields in place; then replay it, or save it.",
        &["e"],
        |replay, cx| {
            there(replay, cx)?;
            if replay.scene.received.is_some() { Ok(()) } else { Err("no envelope is at hand") }
        },
        Message::EditEnvelope,
    ),
    ReplayCommand::silent(
        REPLAY,
        "save fixture",
        "What was edited, or what fills a cell, as a fixture.",
        &["w"],
        |replay, _| match replay.sheet.map(|sheet| sheet.shows) {
            Some(Shows::Coverage) => Ok(()),
            _ if replay.editing.is_some() => Ok(()),
            _ => Err("nothing is edited; `e` does"),
        },
        Message::SaveFixture,
    ),
    ReplayCommand::named(
        REPLAY,
        "fork",
        "What would have come of it, one thing being otherwise.",
        &["F"],
        |replay, cx| {
            there(replay, cx)?;
            if replay.scene.action.is_some() { Ok(()) } else { Err("no action is at hand") }
        },
        Message::Fork,
    ),
    ReplayCommand::silent(
        REPLAY,
        "interleave",
        "Every order in which plans on this entity could have come.",
        &["I"],
        |replay, cx| {
            if replay.interleavings.is_some() {
                return Ok(());
            }
            there(replay, cx)?;
            if replay.scene.action.is_some() { Ok(()) } else { Err("no action is at hand") }
        },
        Message::Interleavings,
    ),
    ReplayCommand::named(
        REPLAY,
        "accept",
        "Accepts the step at hand; of plans, the difference.",
        &["a"],
        markable,
        Message::Accept,
    ),
    ReplayCommand::named(
        REPLAY,
        "flag",
        "Flags the step, with a note; of plans, keeps the recorded.",
        &["x"],
        markable,
        Message::Flag,
    ),
    ReplayCommand::silent(REPLAY, "note", "A note on the step at hand.", &["i"], there, Message::Note),
    sheet("fixtures", "The fixtures on disk with the last result of each.", &["o"], Shows::Fixtures),
    sheet("coverage", "What the fixtures cover, and what they do not.", &["C"], Shows::Coverage),
    sheet("recorded plans", "Where this run differs from recorded plans.", &["p"], Shows::Plans),
    sheet("review", "What was said of this run's steps.", &["v"], Shows::Review),
    ReplayCommand::silent(
        REPLAY,
        "export review",
        "This run with its notes as one file that verifies itself.",
        &["E"],
        |replay, _| if replay.tape.is_some() { Ok(()) } else { Err("no run is open") },
        Message::Ask(Ask::Export),
    ),
    ReplayCommand::named(
        REPLAY,
        "present",
        "What matters, large, and the keys that are pressed.",
        &["P"],
        there,
        Message::Present,
    ),
    ReplayCommand::named(REPLAY, "runs", "Another run to step through.", &["r"], |_, _| Ok(()), Message::Runs),
    ReplayCommand::silent(
        REPLAY,
        "compare with it",
        "In the list of runs: what differences are against.",
        &["c"],
        |replay, _| if replay.list.is_some() { Ok(()) } else { Err("choose a run in the list of `r`") },
        Message::CompareRun,
    ),
    ReplayCommand::silent(
        REPLAY,
        "break on nothing",
        "Stops at nothing any more.",
        &["backspace"],
        |replay, _| if replay.stop.is_some() { Ok(()) } else { Err("it breaks on nothing") },
        Message::NoBreak,
    ),
    ReplayCommand::silent(
        REPLAY,
        "go to",
        "A moment by its numbers: `7`, `7.2` or `7.2.lock`.",
        &["t"],
        there,
        Message::Ask(Ask::GoTo),
    ),
    ReplayCommand::silent(REPLAY, "mark", "Marks this moment, or takes the mark away.", &["m"], there, Message::Mark),
    ReplayCommand::silent(
        REPLAY,
        "next mark",
        "The next moment that is marked.",
        &["'"],
        |replay, _| if replay.transport.marks().is_empty() { Err("nothing is marked") } else { Ok(()) },
        Message::NextMark,
    ),
    ReplayCommand::silent(REPLAY, "faster", "Plays twice as fast.", &["+"], there, Message::Speed { faster: true }),
    ReplayCommand::silent(REPLAY, "slower", "Plays half as fast.", &["-"], there, Message::Speed { faster: false }),
    ReplayCommand::silent(REPLAY, "step of a play", "By stages, actions or envelopes.", &["u"], there, Message::Unit),
    ReplayCommand::silent(
        REPLAY,
        "other pane",
        "The keys to the stages, or to the fixtures.",
        &["tab", "backtab"],
        |replay, _| if replay.presenting { Err("it is being presented") } else { Ok(()) },
        Message::NextPane,
    ),
    ReplayCommand::silent(
        REPLAY,
        "whole pane",
        "The pane that has the keys over the whole screen, or not.",
        &["z"],
        |replay, _| if replay.presenting { Err("it is being presented") } else { Ok(()) },
        Message::Zoom,
    ),
    ReplayCommand::silent(
        AGAIN,
        "replay it",
        "The selected envelope again, in a run of its own.",
        &["R"],
        |replay, cx| {
            if cx.ended {
                return Err("the session has ended");
            }
            if cx.shown == ScreenId(2) && replay.sheet.is_some_and(|sheet| sheet.shows != Shows::Fixtures) {
                return Err("choose a fixture in the list of `o`");
            }
            let here = cx.shown == ScreenId(2) && (replay.scene.received.is_some() || replay.sheet.is_some());
            let selected = cx.selected.and_then(|row| cx.model.received(cx.model.arrival(row)?));
            if here || selected.is_some() { Ok(()) } else { Err("no envelope is selected") }
        },
        Message::Again,
    ),
];

/// Whether there is a step, or a difference from a recorded plan, to accept or not.
fn markable(replay: &Replay, cx: &Context<'_>) -> Result<(), &'static str> {
    match replay.sheet.map(|sheet| sheet.shows) {
        Some(Shows::Plans) if replay.corpus.findings().is_empty() => Err("no difference is in hand"),
        Some(Shows::Plans) => Ok(()),
        _ => there(replay, cx),
    }
}

const fn sheet(name: &'static str, doc: &'static str, keys: &'static [&'static str], shows: Shows) -> ReplayCommand {
    ReplayCommand::silent(
        REPLAY,
        name,
        doc,
        keys,
        |replay, _| if replay.presenting { Err("it is being presented") } else { Ok(()) },
        Message::Sheet(shows),
    )
}

const fn step(
    name: &'static str,
    doc: &'static str,
    keys: &'static [&'static str],
    unit: Unit,
    direction: Direction,
) -> ReplayCommand {
    ReplayCommand::named(REPLAY, name, doc, keys, steps, Message::Step(unit, direction))
}

/// Whether there is a run, or a schedule, to step through.
fn steps(replay: &Replay, cx: &Context<'_>) -> Result<(), &'static str> {
    match &replay.interleavings {
        Some(open) if open.has_steps() => Ok(()),
        Some(_) => Err("no schedule is there yet"),
        None => there(replay, cx),
    }
}

/// Whether there is a run to move in.
fn there(replay: &Replay, _: &Context<'_>) -> Result<(), &'static str> {
    match &replay.tape {
        _ if replay.list.is_some() => Err("the list of runs has the keys"),
        _ if replay.sheet.is_some() => Err("the open list has the keys"),
        _ if replay.editing.is_some() => Err("an envelope is edited"),
        _ if replay.interleavings.is_some() => Err("the interleavings have the keys"),
        _ if replay.revision.is_some() => Err("two futures are shown"),
        None => Err("no run is open"),
        Some(tape) if tape.index.envelopes() + tape.index.actions() == 0 => Err("nothing happened in this run"),
        Some(_) => Ok(()),
    }
}

impl Focus {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Tree => Self::Stages,
            Self::Stages => Self::Tree,
        }
    }
}
