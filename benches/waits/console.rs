//! The console itself: one frame; key press to bytes out on a pseudo-terminal while entries arrive; memory with a million
//! receipts in scroll. The program starts itself again in the terminal, as a console or as a bare loop of the same stack.

use std::fs;
use std::hint::black_box;
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use fibric_console::console::{self, Depth, Incoming, News, Options, Palette, Runner, Setup};
use fibric_console::kernel::journal::{Entry, Fact};
use fibric_console::session::bus::{Batch, Link};
use fibric_console::session::journal::reader::JournalReader;
use fibric_console::session::ledger::{self, FileLedger, Ledger as _};
use fibric_console::session::store::Store;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::buffer::Buffer;

use crate::{Row, median, millis};

/// Tells a copy of this program what it is to be.
const ROLE: &str = "FIBRIC_WAITS";
const COLUMNS: u16 = 200;
const ROWS: u16 = 60;
const FRAMES: usize = 400;
const PRESSES: usize = 300;
/// Envelopes a second, each with its route, plan and receipt.
const RATE: u32 = 5_000;
const RECEIPTS: usize = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(20);

/// True when this process was started to be measured and has been.
pub fn played_a_role() -> Result<bool> {
    match std::env::var(ROLE).as_deref() {
        Ok("console") => fed_console()?,
        Ok("bare") => bare()?,
        Ok("memory") => memory()?,
        _ => return Ok(false),
    }
    Ok(true)
}

pub fn run() -> Result<Vec<Row>> {
    let (still, moved) = frames()?;
    let mut ours = presses("console")?;
    let mut bare = presses("bare")?;
    let (p50, bare50) = (median(ours.clone()), median(bare.clone()));
    let (p99, bare99) = (high(&mut ours), high(&mut bare));
    let me = std::env::current_exe()?;
    let said = std::process::Command::new(me).env(ROLE, "memory").output()?.stdout;
    let resident: f64 = String::from_utf8(said)?.trim().parse().context("no figure for the memory")?;
    let peer = "a bare ratatui loop";
    Ok(vec![
        Row::new("one frame at 200×60, nothing changed: render + diff", "≤ 1 ms", still, "ms"),
        Row::new("one frame at 200×60, one row down: render + diff", "≤ 1 ms", moved, "ms"),
        Row::new("key → bytes at 5,000 envelopes/s, p50", "≤ 5 ms", p50, "ms").against(peer, bare50 / p50),
        Row::new("key → bytes at 5,000 envelopes/s, p99", "≤ 2× the bare stack's", p99, "ms")
            .against(peer, bare99 / p99),
        Row::new("memory, 1,000,000 receipts in scroll", "≤ 400 MB", resident, "MB"),
    ])
}

fn story() -> Result<Vec<Arc<Entry>>> {
    let lines = include_str!("../../src/console/tests/story.jsonl").lines();
    lines.map(|line| Ok(Arc::new(serde_json::from_str(line)?))).collect()
}

/// The receipts of a story told again and again, numbered on.
fn again(story: &[Arc<Entry>], round: usize) -> Vec<Arc<Entry>> {
    let from = round as u64 * 1_000;
    story.iter().map(|entry| Arc::new(Entry { seq: entry.seq + from, ..(**entry).clone() })).collect()
}

fn options() -> Options {
    Options { palette: Palette::Dark, depth: Depth::True, ..Options::default() }
}

/// Milliseconds for a frame that equals the last, and for one in which the selection moved.
fn frames() -> Result<(f64, f64)> {
    let mut runner = Runner::new(COLUMNS, ROWS, options().theme());
    let story = story()?;
    for round in 0..20 {
        runner.feed(1, again(&story, round));
    }
    let mut measure = |keys: [&str; 2]| {
        let mut figures = Vec::with_capacity(FRAMES);
        let mut shown: Buffer = runner.frame().clone();
        for at in 0..FRAMES {
            let started = Instant::now();
            runner.press(keys[at % 2]);
            black_box(shown.diff(runner.frame()).len());
            figures.push(millis(started.elapsed()));
            shown.clone_from(runner.frame());
        }
        median(figures)
    };
    // Of the oldest row, up leads nowhere and draws all the same.
    let moved = measure(["up", "down"]);
    let still = measure(["g", "g"]);
    Ok((still, moved))
}

/// Milliseconds from each of many keys to the first bytes that answer it.
fn presses(role: &str) -> Result<Vec<f64>> {
    let pair = native_pty_system().openpty(PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 })?;
    let mut reader = pair.master.try_clone_reader()?;
    let mut writer = pair.master.take_writer()?;
    let folder = tempfile::tempdir()?;
    let mut command = CommandBuilder::new(std::env::current_exe()?);
    command.cwd(folder.path());
    for (name, value) in [(ROLE, role), ("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LC_ALL", "C.UTF-8")] {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command)?;
    let (send, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0_u8; 65_536];
        while let Ok(count) = reader.read(&mut buffer) {
            if count == 0 || send.send((Instant::now(), buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    let figures = answers(&mut *writer, &bytes);
    child.kill()?;
    child.wait()?;
    figures
}

/// Opens and closes the help, whose title says that the key was answered, whatever else is drawn meanwhile.
fn answers(writer: &mut dyn Write, bytes: &Receiver<(Instant, Vec<u8>)>) -> Result<Vec<f64>> {
    let mut figures = Vec::with_capacity(PRESSES);
    let mut screen =
        vt100::Parser::new(NonZero::new(ROWS).context("rows")?, NonZero::new(COLUMNS).context("columns")?, 0);
    // The first screen, and the feed under way.
    until(bytes, &mut screen, |text| text.contains("Decisions"))?;
    for at in 0..PRESSES as u64 {
        // Not in step with the frames.
        std::thread::sleep(Duration::from_micros(7_000 + 1_300 * (at % 17)));
        while let Ok((_, more)) = bytes.try_recv() {
            screen.process(&more);
        }
        let pressed = Instant::now();
        writer.write_all(b"?")?;
        let answered = until(bytes, &mut screen, |text| text.contains("Help"))?;
        figures.push(millis(answered.saturating_duration_since(pressed)));
        writer.write_all(b"\x1b")?;
        until(bytes, &mut screen, |text| !text.contains("Help"))?;
    }
    Ok(figures)
}

/// When the bytes came after which the screen is as wanted.
fn until(
    bytes: &Receiver<(Instant, Vec<u8>)>,
    screen: &mut vt100::Parser,
    wanted: impl Fn(&str) -> bool,
) -> Result<Instant> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok((when, more)) = bytes.recv_timeout(left) else {
            bail!("no answer: {}", screen.screen().contents());
        };
        screen.process(&more);
        if wanted(&screen.screen().contents()) {
            return Ok(when);
        }
    }
}

/// The value that one in a hundred exceeds.
fn high(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() * 99 / 100).copied().unwrap_or(f64::NAN)
}

/// Sends batches at the rate until nobody takes them.
fn feeding(entries: &SyncSender<Batch>) -> Result<()> {
    let story = story()?;
    let envelopes = story.iter().filter(|entry| matches!(entry.fact, Fact::Received(_))).count();
    let pause = Duration::from_secs(1) * u32::try_from(envelopes)? / RATE;
    let started = Instant::now();
    for round in 0_u32.. {
        if entries.send(Batch::unwritten(1, again(&story, round as usize))).is_err() {
            return Ok(());
        }
        std::thread::sleep((started + pause * round).saturating_duration_since(Instant::now()));
    }
    Ok(())
}

fn fed_console() -> Result<()> {
    let (entries, batches) = sync_channel(4);
    let (commands, _asked) = sync_channel(4);
    std::thread::spawn(move || feeding(&entries));
    console::run(Link { batches, commands, past: JournalReader::default() }, options(), Path::new("."), None)?;
    Ok(())
}

/// What the stack costs by itself: the same feed, counted; a key switches one word; 60 frames a second at most.
fn bare() -> Result<()> {
    use ratatui::crossterm::event::{self, Event};
    let (entries, batches) = sync_channel::<Batch>(4);
    std::thread::spawn(move || feeding(&entries));
    let mut terminal = ratatui::init();
    let (mut count, mut help) = (0_usize, false);
    loop {
        terminal.draw(|frame| {
            let title = if help { "Help" } else { "Decisions" };
            frame.render_widget(format!("{title} {count}"), frame.area());
        })?;
        if event::poll(Duration::from_millis(16))? && matches!(event::read()?, Event::Key(_)) {
            help = !help;
        }
        count += batches.try_iter().map(|batch| batch.entries.len()).sum::<usize>();
    }
}

/// Says how many megabytes a million receipts take, the whole of which is on disk as a session writes it.
fn memory() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path().join("dev"))?;
    let options = ledger::Options { sync: false, plan_files: false, persistent_keys: false };
    let mut ledger = FileLedger::begin(&store, options)?;
    let mut runner = Runner::over(
        COLUMNS,
        ROWS,
        Setup::of(self::options().theme(), console::commands()),
        JournalReader::of(store.dir()),
    );
    let story = story()?;
    let receipts = story.iter().filter(|entry| matches!(entry.fact, Fact::Disposed(_))).count();
    for round in 0..RECEIPTS.div_ceil(receipts) {
        for entry in &story {
            ledger.append(entry.at.clone(), later(&entry.fact, round as u64))?;
        }
        // A frame is drawn for each batch: many rounds at once, or the frames are most of the time.
        if round % 64 == 63
            && let Some(batch) = ledger.commit()?
        {
            runner.send(Incoming::News(News::Entries(batch)));
        }
    }
    drop(ledger);
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).context("no VmRSS")?;
    let kilobytes: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
    println!("{}", kilobytes / 1024.0);
    Ok(())
}

/// A fact about another round's envelopes.
fn later(fact: &Fact, round: u64) -> Fact {
    let mut fact = fact.clone();
    let arrival = match &mut fact {
        Fact::Received(received) => &mut received.arrival,
        Fact::Routed(routed) => &mut routed.arrival,
        Fact::Proposed(proposed) => &mut proposed.arrival,
        Fact::Disposed(disposed) => &mut disposed.arrival,
        _ => return fact,
    };
    *arrival += round * 100;
    fact
}
