//! Opening a run's journal to be stepped through, and getting to any moment of it: the index in one pass, then a seek or
//! a step back with all that is read and looked up for the moment that shows.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fibric_console::kernel::journal::{Fact, RunKind};
use fibric_console::replayer::stages::{ActionView, Around};
use fibric_console::replayer::transport::{Direction, Unit};
use fibric_console::replayer::{Index, Stage, StateView, Transport, scan};
use fibric_console::session::journal::reader::{EntryLocation, JournalReader};
use fibric_console::session::store;

use crate::{Row, median, millis};

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
const MOMENTS: usize = 400;
const RUN: u32 = 1;

pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for entries in SIZES {
        let folder = tempfile::tempdir()?;
        let journal = store::journal_in(folder.path(), RUN);
        write(&journal, entries)?;
        let runs = if entries > 100_000 { 5 } else { 21 };
        let (mut first, mut whole, mut bare) = (Vec::new(), Vec::new(), Vec::new());
        let mut index = Index::default();
        for _ in 0..runs {
            bare.push(millis(lines(&journal)?));
            let (built, to_first, to_whole) = open(folder.path())?;
            index = built;
            first.push(millis(to_first));
            whole.push(millis(to_whole));
        }
        ensure!(u64::from(index.len()) == entries, "{} entries", index.len());
        let (mut seeks, mut steps) = (Vec::new(), Vec::new());
        moments(folder.path(), &index, &mut seeks, &mut steps)?;
        let name = |what: &str| format!("replay: {what}, a journal of {entries} entries");
        let opened = median(whole);
        rows.push(Row::new(name("opening it, to the first lines"), "≤ 300 ms", median(first), "ms"));
        let peer = "its lines read, and no more";
        rows.push(
            Row::new(name("opening it, to the whole timeline"), "≤ 1 s", opened, "ms")
                .against(peer, median(bare) / opened),
        );
        rows.push(Row::new(name("the index's memory"), "≤ 150 MB", index.bytes() as f64 / 1e6, "MB"));
        let tail = |figures: &[f64]| {
            let mut sorted = figures.to_vec();
            sorted.sort_by(f64::total_cmp);
            sorted[sorted.len() * 99 / 100]
        };
        rows.push(Row::new(name("a seek anywhere, p99"), "≤ 5 ms", tail(&seeks), "ms"));
        rows.push(Row::new(name("a step back, p99"), "≤ 5 ms", tail(&steps), "ms"));
    }
    Ok(rows)
}

fn open(state: &Path) -> Result<(Index, Duration, Duration)> {
    let started = Instant::now();
    let mut index = Index::default();
    let mut first = None;
    scan::read(state, RUN, 0, &mut |portion| {
        let taken = portion.take_into(&mut index);
        first.get_or_insert_with(|| started.elapsed());
        taken
    })?;
    Ok((index, first.context("nothing was read")?, started.elapsed()))
}

fn lines(journal: &Path) -> Result<Duration> {
    let started = Instant::now();
    let mut reader = BufReader::with_capacity(1 << 20, File::open(journal)?);
    let mut line = Vec::new();
    let mut bytes = 0;
    while reader.read_until(b'\n', &mut line)? > 0 {
        bytes += line.len();
        line.clear();
    }
    black_box(bytes);
    Ok(started.elapsed())
}

fn moments(state: &Path, index: &Index, seeks: &mut Vec<f64>, steps: &mut Vec<f64>) -> Result<()> {
    let mut transport = Transport::at_start(index);
    let mut random = 88_172_645_463_325_252_u64;
    for _ in 0..MOMENTS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let entry = u32::try_from(random % u64::from(index.len()))?;
        let started = Instant::now();
        transport.seek_entry(index, entry);
        show(state, index, &transport)?;
        seeks.push(millis(started.elapsed()));
        let started = Instant::now();
        transport.step(index, Unit::Action, Direction::Back);
        show(state, index, &transport)?;
        steps.push(millis(started.elapsed()));
    }
    Ok(())
}

/// All that is read and looked up for a moment.
fn show(state: &Path, index: &Index, transport: &Transport) -> Result<()> {
    let mut past = JournalReader::of(state);
    let at = transport.at();
    let place = index.envelope_at(at.entry).unwrap_or(0);
    for entry in index.about(place) {
        let offset = index.offset(entry).context("no such entry")?;
        let read = past.read(EntryLocation { run: RUN, offset })?;
        if let Fact::Disposed(disposed) = &read.fact
            && entry == at.entry
        {
            let before = StateView::before(index, entry);
            let claimer = None;
            let view = ActionView {
                disposed,
                proposed: None,
                state: before,
                claimer,
                kind: Some(RunKind::Play),
                around: Around::default(),
            };
            for stage in Stage::ALL {
                black_box(view.stage(stage));
            }
            black_box(before.key(&disposed.receipt.idempotency_key));
        }
    }
    black_box(StateView::before(index, at.entry).counters());
    Ok(())
}

/// A run as the kernel writes it: four entries an envelope, every third key used before.
fn write(journal: &Path, entries: u64) -> Result<()> {
    fs::create_dir_all(journal.parent().context("no folder")?)?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(journal)?);
    let at = "2026-01-01T00:00:00.123Z";
    writeln!(
        out,
        r#"{{"seq":1,"at":"{at}","fact":{{"run_started":{{"run":1,"kind":"play","tenant":"t_local","version":"0.1.0","propose_only":false,"live_connections":[],"policy":{{"state":"in_force","digest":"a41f","files":["policy/trust.yaml"],"rules":0}}}}}}}}"#
    )?;
    for seq in 2..=entries {
        let (arrival, part) = ((seq - 2) / 4 + 1, (seq - 2) % 4);
        let key = if arrival % 3 == 0 { arrival - 1 } else { arrival };
        let fact = match part {
            0 => format!(
                r#"{{"received":{{"arrival":{arrival},"envelope":{{"event_id":"ev-{arrival}","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"magento","event_type":"order.created","correlation_id":"{arrival:08x}","payload":{{"order_id":"SO-{arrival}","promise_date":"2026-07-04","total":412.50}},"agent_id":null,"session_id":null}},"origin":{{"source":"fixture","file":"fixtures/{}.jsonl","line":{arrival}}},"clock":"{at}"}}}}"#,
                arrival / 500
            ),
            1 => format!(
                r#"{{"routed":{{"arrival":{arrival},"to":[{{"operator":"order-risk","trigger":"order.*"}}]}}}}"#
            ),
            2 => format!(
                r#"{{"proposed":{{"arrival":{arrival},"plan_id":"pl_1_{arrival}","operator":"order-risk","operator_version":null,"revision":"77aa","plan":{{"reasoning":"it ships too late","actions":[{{"tool":"order.hold","args":{{"order_id":"SO-{arrival}","reason":"ships too late"}},"entity_key":"order:SO-{arrival}","idempotency_key":"order-risk:SO-{key}:hold"}}]}},"micros":120,"file":"plans/{arrival:04x}.json"}}}}"#
            ),
            _ => disposed(arrival, key, at),
        };
        writeln!(out, r#"{{"seq":{seq},"at":"{at}","fact":{fact}}}"#)?;
    }
    out.flush()?;
    Ok(())
}

fn disposed(arrival: u64, key: u64, at: &str) -> String {
    let used = key != arrival;
    let (decision, outcome) = if used { ("DEDUP", "deduplicated") } else { ("ALLOW", "applied") };
    let (claimed, last) = if used {
        (format!(r#""rc_1_{key}""#), format!(r#","claimed_by":"rc_1_{key}"}}"#))
    } else {
        ("null".to_owned(), r#"},{"stage":"handler","handler":"stub","ok":true,"claimed":true}"#.to_owned())
    };
    format!(
        r#"{{"disposed":{{"arrival":{arrival},"stages":[{{"stage":"validate","passed":true,"connector":"cn-orderbook"}},{{"stage":"policy","decision":"ALLOW","rule":"policy/trust.yaml:1","reason":"rule 1: tool order.hold"}},{{"stage":"lock","entity_key":"order:SO-{arrival}"}},{{"stage":"dedup","key":"order-risk:SO-{key}:hold"{last}],"receipt":{{"id":"rc_1_{arrival}","tenant_id":"t_local","reseller_id":null,"workspace_id":null,"operator":"order-risk","operator_version":null,"event_id":"ev-{arrival}","correlation_id":"{arrival:08x}","plan_id":"pl_1_{arrival}","action_id":"ac_1_{arrival}","connector":"cn-orderbook","tool":"order.hold","tool_name":"order_hold","args":{{"order_id":"SO-{arrival}","reason":"ships too late"}},"value":null,"entity_key":"order:SO-{arrival}","idempotency_key":"order-risk:SO-{key}:hold","verdict":{{"decision":"{decision}","tier":1,"rule":"policy/trust.yaml:1","reason":"rule 1: tool order.hold"}},"outcome":"{outcome}","handler":null,"claimed_by":{claimed},"policy_digest":"a41f","at":"{at}"}}}}}}"#
    )
}
