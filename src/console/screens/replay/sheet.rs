//! A sheet over the panes: the fixtures on disk with their last results, the map of what they cover, the differences from
//! recorded plans, or what was said of steps. One has the keys at a time; what they do follows from the row in hand.

use std::sync::Arc;

use super::{Destination, ID, Message, Replay, opening, reviewing};
use crate::console::keys::Key;
use crate::console::screen::corpus::{CorpusReply, CorpusRequest};
use crate::console::screen::files::FileRequest;
use crate::console::screen::{Context, Effect, Hints};
use crate::console::widgets::Motion;
use crate::coverage::{CoverageMap, FixtureFile, FixtureResult, LastResults, MapRow};
use crate::session::golden::Finding;

/// Which sheet lies open, and the row in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    /// What it shows.
    pub shows: Shows,
    /// Index of the row.
    pub at: usize,
}

/// What a sheet shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// The fixtures, file by file, with the last result of each.
    Fixtures,
    /// What they cover.
    Coverage,
    /// Where the open run differs from the plans that were recorded.
    Plans,
    /// The steps that were accepted or flagged.
    Review,
}

impl Shows {
    /// In the order in which `tab` goes through them.
    pub const ALL: [Self; 4] = [Self::Fixtures, Self::Coverage, Self::Plans, Self::Review];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixtures => "Fixtures",
            Self::Coverage => "Coverage",
            Self::Plans => "Recorded plans",
            Self::Review => "Review",
        }
    }

    fn next(self) -> Self {
        let at = Self::ALL.iter().position(|shows| *shows == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The keys the open sheet takes, as far as its row in hand takes them.
pub fn hints(replay: &Replay, sheet: Sheet) -> Hints<Message> {
    let key = |c| Key::plain(crossterm::event::KeyCode::Char(c));
    let mut keys = vec![];
    match sheet.shows {
        _ if total(replay) == 0 => {}
        Shows::Fixtures => {
            keys.push((Key::ENTER, "last result", Some(Message::OpenRow)));
            keys.push((key('R'), "replay it", Some(Message::Again)));
        }
        Shows::Coverage => {
            keys.push((key('w'), "write a fixture for it", Some(Message::SaveFixture)));
            keys.push((Key::ENTER, "why", Some(Message::OpenRow)));
        }
        Shows::Plans => {
            keys.push((key('a'), "accept", Some(Message::Accept)));
            keys.push((key('x'), "reject", Some(Message::Flag)));
        }
        Shows::Review => {
            keys.push((Key::ENTER, "go there", Some(Message::OpenRow)));
            keys.push((key('E'), "export", Some(Message::Ask(super::prompt::Ask::Export))));
        }
    }
    keys.push((Key::TAB, "next list", Some(Message::NextPane)));
    Hints { keys, alone: false }
}

/// What was read for the sheets.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The fixtures.
    pub results: Option<Arc<LastResults>>,
    /// The map.
    pub map: Option<Arc<CoverageMap>>,
    /// The run whose plans were compared, and what was found, or why that could not be.
    pub plans: Option<(u32, Result<Vec<Finding>, String>)>,
    /// Differences that were rejected since the sheet was opened.
    pub rejected: Vec<(String, (String, u32), Option<String>)>,
    /// What is being done beside the loop.
    pub working: Option<&'static str>,
}

/// A row of the list of fixtures.
#[derive(Debug, Clone, Copy)]
pub enum FixtureRow<'a> {
    /// A file.
    File(&'a FixtureFile),
    /// An envelope of it.
    Envelope(&'a FixtureFile, &'a FixtureResult),
    /// Something in it that is no envelope, by its index among the faults.
    Fault(&'a FixtureFile, usize),
}

impl Corpus {
    /// The rows of the list of fixtures: each file, then what is in it in the order of its lines.
    pub fn fixture_rows(&self) -> Vec<FixtureRow<'_>> {
        let mut rows = Vec::new();
        for file in self.results.iter().flat_map(|results| &results.files) {
            rows.push(FixtureRow::File(file));
            let envelopes = file.envelopes.iter().map(|found| (found.line, FixtureRow::Envelope(file, found)));
            let faults = file.faults.iter().enumerate();
            let faults = faults.map(|(at, fault)| (fault.line.unwrap_or(0), FixtureRow::Fault(file, at)));
            let mut inside: Vec<_> = envelopes.chain(faults).collect();
            inside.sort_by_key(|(line, _)| *line);
            rows.extend(inside.into_iter().map(|(_, row)| row));
        }
        rows
    }

    /// The rows of the map: those first that can be filled and are not.
    pub fn cells(&self) -> Vec<&MapRow> {
        let mut rows: Vec<_> = self.map.iter().flat_map(|map| &map.rows).collect();
        rows.sort_by_key(|row| row.standing.rank());
        rows
    }

    /// The differences of the open run.
    pub fn findings(&self) -> &[Finding] {
        match &self.plans {
            Some((_, Ok(found))) => found,
            _ => &[],
        }
    }
}

fn ask(request: CorpusRequest) -> Effect {
    Effect::Files(ID, FileRequest::Corpus(request))
}

/// Opens a sheet, or closes the one that is open and the same.
pub fn toggle(replay: &mut Replay, shows: Shows) -> Vec<Effect> {
    if replay.sheet.is_some_and(|sheet| sheet.shows == shows) {
        replay.sheet = None;
        return Vec::new();
    }
    replay.transport.pause();
    (replay.list, replay.editing, replay.fork_menu) = (None, None, None);
    replay.sheet = Some(Sheet { shows, at: 0 });
    replay.corpus.rejected.clear();
    read(replay, shows)
}

/// Opens the next sheet.
pub fn next(replay: &mut Replay) -> Vec<Effect> {
    let Some(sheet) = replay.sheet else { return Vec::new() };
    let shows = sheet.shows.next();
    replay.sheet = Some(Sheet { shows, at: 0 });
    read(replay, shows)
}

/// Asks for what a sheet shows.
fn read(replay: &mut Replay, shows: Shows) -> Vec<Effect> {
    match shows {
        Shows::Fixtures | Shows::Coverage => {
            replay.corpus.working = Some("reading the journals");
            vec![ask(CorpusRequest::Read)]
        }
        Shows::Plans => {
            let Some(run) = replay.tape.as_ref().map(|tape| tape.run) else { return Vec::new() };
            replay.corpus.working = Some("comparing");
            vec![ask(CorpusRequest::Compare { run })]
        }
        Shows::Review => Vec::new(),
    }
}

/// How many rows the open sheet has.
pub fn total(replay: &Replay) -> usize {
    match replay.sheet.map(|sheet| sheet.shows) {
        Some(Shows::Fixtures) => replay.corpus.fixture_rows().len(),
        Some(Shows::Coverage) => replay.corpus.cells().len(),
        Some(Shows::Plans) => replay.corpus.findings().len(),
        Some(Shows::Review) => replay.notes.0.len(),
        None => 0,
    }
}

/// How many rows show at once.
pub fn page(cx: &Context<'_>) -> usize {
    usize::from(cx.frame().body.height.saturating_sub(4)).max(1)
}

/// Moves in it.
pub fn go(replay: &mut Replay, cx: &Context<'_>, motion: Motion) {
    let total = total(replay);
    if let Some(sheet) = &mut replay.sheet {
        sheet.at = motion.applied(sheet.at, page(cx), total);
    }
}

/// Opens what the row in hand is about: where an envelope was played last, the fixture that fills a cell, a step.
pub fn open(replay: &mut Replay) -> Vec<Effect> {
    let Some(Sheet { shows, at }) = replay.sheet else { return Vec::new() };
    match shows {
        Shows::Fixtures => match replay.corpus.fixture_rows().get(at) {
            Some(FixtureRow::Envelope(_, FixtureResult { last: Some(last), .. })) => {
                let destination = if last.arrival > 0 {
                    Destination::Envelope { arrival: last.arrival, receipt: None }
                } else {
                    Destination::Start
                };
                let run = last.run;
                replay.sheet = None;
                opening::open(replay, run, destination);
                Vec::new()
            }
            Some(FixtureRow::Envelope(..)) => vec![Effect::say("no run has played it yet; `R` does")],
            Some(FixtureRow::Fault(file, fault)) => {
                let fault = &file.faults[*fault];
                vec![Effect::say(format!("{}: {}", fault.place().unwrap_or_default(), fault.message))]
            }
            Some(FixtureRow::File(_)) | None => Vec::new(),
        },
        Shows::Coverage => match replay.corpus.cells().get(at) {
            Some(row) => vec![Effect::say(crate::report::coverage::why(row))],
            None => Vec::new(),
        },
        Shows::Plans => match replay.corpus.findings().get(at) {
            Some(found) => vec![Effect::say(found.state.told())],
            None => Vec::new(),
        },
        Shows::Review => reviewing::go_to(replay, at),
    }
}

/// Plays the file or the envelope in hand, in a run of its own.
pub fn play(replay: &mut Replay) -> Vec<Effect> {
    let at = replay.sheet.map_or(0, |sheet| sheet.at);
    let rows = replay.corpus.fixture_rows();
    let (file, envelope) = match rows.get(at) {
        Some(FixtureRow::File(file) | FixtureRow::Fault(file, _)) => (file.name.clone(), None),
        Some(FixtureRow::Envelope(file, fixture)) => (file.name.clone(), Some(fixture.key.0.clone())),
        None => return Vec::new(),
    };
    replay.corpus.working = Some("playing it");
    vec![ask(CorpusRequest::Play { file, envelope })]
}

/// Writes the smallest fixture for the cell in hand.
pub fn fill(replay: &mut Replay) -> Vec<Effect> {
    let at = replay.sheet.map_or(0, |sheet| sheet.at);
    let Some(cell) = replay.corpus.cells().get(at).map(|row| row.cell.name()) else { return Vec::new() };
    replay.corpus.working = Some("looking for the smallest fixture");
    vec![ask(CorpusRequest::Fill { cell })]
}

/// Records what is proposed now, of the difference in hand alone.
pub fn accept(replay: &mut Replay) -> Vec<Effect> {
    let at = replay.sheet.map_or(0, |sheet| sheet.at);
    let Some(found) = replay.corpus.findings().get(at).cloned() else { return Vec::new() };
    replay.corpus.working = Some("recording it");
    vec![ask(CorpusRequest::Accept(Box::new(found)))]
}

/// Keeps what was recorded, of the difference in hand: it is no longer shown, and fails the next replay as before.
pub fn reject(replay: &mut Replay) -> Vec<Effect> {
    let Some(sheet) = &mut replay.sheet else { return Vec::new() };
    let Some((_, Ok(found))) = &mut replay.corpus.plans else { return Vec::new() };
    if sheet.at < found.len() {
        replay.corpus.rejected.push(known_by(&found.remove(sheet.at)));
    }
    sheet.at = sheet.at.min(found.len().saturating_sub(1));
    vec![Effect::say("kept as it was recorded; a replay fails until the operator is mended")]
}

/// By what a difference is known when it is found again.
fn known_by(found: &Finding) -> (String, (String, u32), Option<String>) {
    (found.file.clone(), found.key.clone(), found.operator.clone())
}

/// Takes in what came of something.
pub fn take(replay: &mut Replay, reply: CorpusReply) -> Vec<Effect> {
    replay.corpus.working = None;
    match reply {
        CorpusReply::Read { results, map } => {
            (replay.corpus.results, replay.corpus.map) = (Some(results), Some(map));
        }
        CorpusReply::Filled(filled) => {
            let said = match filled {
                Ok(filled) => format!("wrote {}: {}", filled.file, filled.outcome),
                Err(why) => why,
            };
            let mut effects = vec![Effect::say(said)];
            effects.extend(read(replay, Shows::Coverage));
            return effects;
        }
        CorpusReply::Played(run) => {
            let mut effects = vec![Effect::say(format!("played in run {run}; enter opens it"))];
            effects.extend(read(replay, Shows::Fixtures));
            return effects;
        }
        CorpusReply::Compared { run, found } => {
            let rejected = &replay.corpus.rejected;
            let open =
                |found: Vec<Finding>| found.into_iter().filter(|found| !rejected.contains(&known_by(found))).collect();
            replay.corpus.plans = Some((run, found.map(open)));
        }
        CorpusReply::Accepted => {
            let mut effects = vec![Effect::say("recorded: that plan alone")];
            effects.extend(read(replay, Shows::Plans));
            return effects;
        }
        CorpusReply::Failed(why) => return vec![Effect::say(why)],
    }
    let total = total(replay);
    if let Some(sheet) = &mut replay.sheet {
        sheet.at = sheet.at.min(total.saturating_sub(1));
    }
    Vec::new()
}
