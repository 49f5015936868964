//! One edit of a policy over recorded actions, at growing sizes, against judging every action again; and the first load
//! of a corpus, against `serde_json` reading the same file.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use fibric_console::impact::{Action, Batch, Corpus, Impact, coverage, review};
use fibric_console::kernel::decimal::Decimal;
use fibric_console::kernel::json;
use fibric_console::kernel::plan::Amount;
use fibric_console::kernel::policy::{ActionKind, NoPredicates, Origin, PolicySet, Subject, TrustPolicy};
use fibric_console::kernel::receipt::Decision;
use fibric_console::session::corpus::{self, Names};

use crate::{Row, median, millis};

const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
const TOOLS: usize = 50;
const CONNECTORS: usize = 10;
const RULES: usize = 100;
const RUNS: usize = 41;
/// Up to so many actions a scan is tried; naive ones take seconds beyond.
const SCANNED: usize = 1_000_000;
const LOADED: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// One recorded action: connector, tool, and the value in cents.
#[derive(Clone, Copy)]
struct Recorded {
    connector: usize,
    tool: usize,
    cents: u64,
}

struct Ground {
    connectors: Vec<String>,
    tools: Vec<String>,
    amounts: Vec<Amount>,
}

impl Ground {
    fn new() -> Result<Self> {
        let amount = |cents: u64| {
            let number = Decimal::parse(&format!("{}.{:02}", cents / 100, cents % 100));
            number.map(Amount::exact).map_err(|error| anyhow!("{error}"))
        };
        Ok(Self {
            connectors: (0..CONNECTORS).map(|n| format!("cn-{n}")).collect(),
            tools: (0..TOOLS).map(|n| format!("noun{n}.verb")).collect(),
            amounts: (0..50_000).map(amount).collect::<Result<_>>()?,
        })
    }

    fn roll(dice: &mut Dice) -> Recorded {
        let side = |sides: usize| sides as u64;
        let at = |rolled: u64| usize::try_from(rolled).unwrap_or(0);
        let (connector, tool) = (at(dice.roll(side(CONNECTORS))), at(dice.roll(side(TOOLS))));
        Recorded { connector, tool, cents: dice.roll(50_000) }
    }

    fn action(&self, of: Recorded) -> Action<'_> {
        Action {
            operator: Some("op"),
            connector: Some(&self.connectors[of.connector]),
            tool: &self.tools[of.tool],
            value: self.amounts.get(usize::try_from(of.cents).unwrap_or(0)),
            ..Action::default()
        }
    }

    /// A corpus as a loader would build it.
    fn corpus(&self, size: usize) -> Impact {
        let (mut impact, mut dice, mut batch) = (Impact::new(Corpus::default()), Dice(7), Batch::default());
        for _ in 0..size {
            batch.add(&self.action(Self::roll(&mut dice)));
            if batch.len() >= 16_384.max(impact.corpus().len() / 8) {
                impact.absorb(std::mem::take(&mut batch));
            }
        }
        impact.absorb(batch);
        impact
    }

    /// A hundred rules, the first for anything, with one ceiling of them to choose.
    fn policy(&self, rule: usize, ceiling: u64) -> Result<Arc<PolicySet>> {
        let mut rules = Vec::new();
        for at in 0..RULES {
            let (connector, tool) = match at {
                0 => (None, None),
                1..10 => (Some(at), None),
                10..35 => (None, Some(at)),
                _ => (Some(at % CONNECTORS), Some(at % TOOLS)),
            };
            let cents = if at == rule { ceiling } else { 30_000 + at as u64 * 150 };
            rules.push(TrustPolicy {
                connector: connector.map(|n| self.connectors[n].clone()),
                tool: tool.map(|n| self.tools[n].clone()),
                max_value: Some(
                    Decimal::parse(&format!("{}.{:02}", cents / 100, cents % 100)).map_err(|e| anyhow!("{e}"))?,
                ),
                predicate: None,
                decision: if at % 7 == 3 { Decision::Alert } else { Decision::Allow },
                origin: Origin::new("policy/trust.yaml", u32::try_from(at + 1)?),
                guard: None,
            });
        }
        Ok(Arc::new(PolicySet::compile(rules)))
    }
}

pub fn run() -> Result<Vec<Row>> {
    let ground = Ground::new()?;
    let mut rows = Vec::new();
    for size in SIZES {
        edits(&ground, size, &mut rows)?;
    }
    understanding(&ground, &mut rows)?;
    for size in LOADED {
        rows.push(load(size)?);
    }
    Ok(rows)
}

/// Median microseconds.
fn micros(runs: usize, mut work: impl FnMut(usize)) -> f64 {
    let once = |run| {
        let began = Instant::now();
        work(run);
        began.elapsed().as_secs_f64() * 1e6
    };
    median((0..runs).map(once).collect())
}

fn edits(ground: &Ground, size: usize, rows: &mut Vec<Row>) -> Result<()> {
    let mut impact = ground.corpus(size);
    if size >= SCANNED {
        let bytes = impact.corpus().bytes() as f64 / size as f64;
        rows.push(Row::new(format!("memory an action, {size} actions"), "≤ 24 bytes", bytes, "bytes"));
    }
    for (what, rule, one, other) in [("an ordinary rule", 60, 10_000, 25_000), ("an any/any rule", 0, 20_000, 30_000)] {
        let drafts = [ground.policy(rule, one)?, ground.policy(rule, other)?];
        impact.set_in_force(Arc::clone(&drafts[0]));
        impact.set_draft(Arc::clone(&drafts[0]));
        let mut flipped = 0;
        let ours = micros(RUNS, |run| {
            impact.set_draft(Arc::clone(&drafts[(run + 1) % 2]));
            flipped = flipped.max(impact.summary().flipped());
        });
        let name = format!("edit of {what}, {size} actions ({flipped} flips)");
        let row = Row::new(name, "≤ 1,000 µs at 1 M", ours, "µs");
        rows.push(if size > SCANNED { row } else { against_scans(ground, size, &drafts, row, ours, flipped)? });
    }
    let compiled = micros(RUNS, |run| drop(black_box(ground.policy(60, 10_000 + run as u64))));
    if size == SIZES[0] {
        rows.push(Row::new(format!("compiling {RULES} rules, which each edit needs too"), "", compiled, "µs"));
    }
    Ok(())
}

/// What is told of the rules themselves, once for each draft.
fn understanding(ground: &Ground, rows: &mut Vec<Row>) -> Result<()> {
    let policy = ground.policy(60, 10_000)?;
    let mut dice = Dice(3);
    let mut fixtures = Batch::default();
    for _ in 0..200 {
        fixtures.add(&ground.action(Ground::roll(&mut dice)));
    }
    let fixtures = Corpus::from(fixtures);
    let mut mutants = 0;
    let covered = micros(11, |_| mutants = black_box(coverage(&policy, &fixtures, &[])).mutants());
    rows.push(Row::new(format!("coverage of {RULES} rules by 200 actions, {mutants} mutants"), "", covered, "µs"));
    let reviewed = micros(11, |_| drop(black_box(review(&policy, &[]))));
    rows.push(Row::new(format!("shadows among {RULES} rules"), "", reviewed, "µs"));
    let mut impact = ground.corpus(1_000_000);
    impact.set_draft(policy);
    let one = ground.action(Ground::roll(&mut dice));
    let added = micros(2_000, |_| {
        black_box(impact.add(&one));
    });
    rows.push(Row::new("one receipt more at 1,000,000", "", added, "µs"));
    Ok(())
}

/// The same edit by judging every action again: with names interned and ceilings looked up once, and plainly.
fn against_scans(
    ground: &Ground,
    size: usize,
    drafts: &[Arc<PolicySet>; 2],
    row: Row,
    ours: f64,
    flipped: usize,
) -> Result<Row> {
    let mut dice = Dice(7);
    let recorded: Vec<Recorded> = (0..size).map(|_| Ground::roll(&mut dice)).collect();
    let mut found = 0;
    let runs = if size == SCANNED { 11 } else { RUNS };
    let interned = micros(runs, |_| found = interned_scan(ground, drafts, &recorded));
    if found != flipped {
        return Err(anyhow!("the scan found {found} flips, the engine {flipped}"));
    }
    let plain: Vec<_> = recorded.iter().map(|of| ground.action(*of)).collect();
    let runs = if size == SCANNED { 1 } else { 3 };
    let naive = micros(runs, |_| {
        let said = |policy: &PolicySet, action: &Action<'_>| {
            let subject = Subject { connector: action.connector, tool: action.tool, value: action.value };
            policy.general().judge(&subject, &mut NoPredicates).decision
        };
        found = plain.iter().filter(|action| said(&drafts[0], action) != said(&drafts[1], action)).count();
    });
    if found != flipped {
        return Err(anyhow!("judging found {found} flips, the engine {flipped}"));
    }
    Ok(row.against(format!("full rescan: interned {interned:.0} µs, naive {naive:.0} µs"), interned / ours))
}

fn interned_scan(ground: &Ground, drafts: &[Arc<PolicySet>; 2], recorded: &[Recorded]) -> usize {
    let mut steps: Vec<Vec<(u64, Decision)>> = Vec::new();
    for policy in drafts {
        for of in 0..CONNECTORS * TOOLS {
            let (connector, tool) = (Some(&*ground.connectors[of / TOOLS]), &*ground.tools[of % TOOLS]);
            let bands = policy.bands(&ActionKind { operator: Some("op"), connector, tool });
            let cents = |upto: &Decimal| (upto.as_str().parse::<f64>().unwrap_or(0.0) * 100.0).round();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cents of small ceilings")]
            let step = |upto: Option<&Decimal>| upto.map_or(u64::MAX, |upto| cents(upto) as u64);
            let bands = bands.bands.iter().map(|band| (step(band.upto), band.reached.standing.decision()));
            steps.push(bands.collect());
        }
    }
    let said = |steps: &[(u64, Decision)], cents: u64| steps.iter().find(|step| cents <= step.0).map(|step| step.1);
    let flips = |of: &&Recorded| {
        let pair = of.connector * TOOLS + of.tool;
        said(&steps[pair], of.cents) != said(&steps[pair + CONNECTORS * TOOLS], of.cents)
    };
    recorded.iter().filter(flips).count()
}

struct Plain;

impl Names for Plain {
    fn capability(&self, tool: &str) -> Result<String, String> {
        Ok(tool.to_owned())
    }

    fn bound_to(&self, _: &str) -> Option<String> {
        None
    }
}

fn load(size: usize) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("receipts.jsonl");
    let bytes = write_receipts(&path, size)?;
    let mut ours = Vec::new();
    let (mut peer, mut reader) = (Vec::new(), None);
    for _ in 0..if size == SCANNED { 5 } else { 21 } {
        let began = Instant::now();
        let mut impact = Impact::new(Corpus::default());
        let tally = corpus::read(&path, "receipts", &Plain, &mut |chunk| {
            impact.absorb(chunk.batch);
            ControlFlow::Continue(())
        });
        let tally = tally.map_err(|error| anyhow!(error.message))?;
        ours.push(millis(began.elapsed()));
        if impact.corpus().len() != size || tally.bad > 0 {
            return Err(anyhow!("{} of {size} receipts were read: {:?}", impact.corpus().len(), tally.faults));
        }
        if reader.is_none() {
            let began = Instant::now();
            for line in BufReader::with_capacity(1 << 18, fs::File::open(&path)?).lines() {
                black_box(json::read(&line?).map_err(|error| anyhow!(error.message))?);
            }
            reader = Some(millis(began.elapsed()));
        }
        if peer.len() < 3 {
            let began = Instant::now();
            for line in BufReader::with_capacity(1 << 18, fs::File::open(&path)?).lines() {
                let line: HashMap<String, serde_json::Value> = serde_json::from_str(&line?)?;
                black_box(line);
            }
            peer.push(millis(began.elapsed()));
        }
    }
    let (ours, peer) = (median(ours), median(peer));
    let name = format!("load of {size} receipts ({:.0} MB)", bytes as f64 / 1e6);
    Ok(Row::new(name, "≤ 2,000 ms at 1 M", ours, "ms").against(
        format!("serde_json values {peer:.0} ms, the kernel's own reader {:.0} ms", reader.unwrap_or(f64::NAN)),
        peer / ours,
    ))
}

/// Receipts as the console writes them, with everything around that a policy does not look at.
fn write_receipts(path: &Path, size: usize) -> Result<u64> {
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    let mut dice = Dice(11);
    let mut line = String::new();
    for n in 0..size {
        let of = Ground::roll(&mut dice);
        line.clear();
        writeln!(
            line,
            r#"{{"id":"rc_12_{n}","tenant_id":"t_local","reseller_id":null,"workspace_id":"ws_west","operator":"op-{}","operator_version":null,"event_id":"69538064-63cf-5d43-8b0a-3f4f{n:08x}","correlation_id":"f2a93ba1-2cc8-54cf-b975-fabb37854873","plan_id":"pl_12_{n}","action_id":"ac_12_{n}","connector":"cn-{}","tool":"noun{}.verb","tool_name":"do_it","args":{{"order_id":"SO-{n}","amount":{}.{:02},"reason":"promised for 2026-07-04"}},"value":{}.{:02},"entity_key":"order:SO-{n}","idempotency_key":"op:SO-{n}:verb","verdict":{{"decision":"ALLOW","tier":1,"rule":"policy/trust.yaml:3","reason":"rule 3: value 12 ≤ maxValue 100"}},"outcome":"applied","result":{{"ok":true}},"handler":"stub","claimed_by":null,"policy_digest":"a41f0c2f6c1a4f0e9f31b7d02f6e8c11a41f0c2f6c1a4f0e9f31b7d02f6e8c11","at":"2026-01-01T00:00:00Z"}}"#,
            of.tool % 4,
            of.connector,
            of.tool,
            of.cents / 100,
            of.cents % 100,
            of.cents / 100,
            of.cents % 100
        )?;
        out.write_all(line.as_bytes())?;
    }
    out.flush()?;
    fs::metadata(path).map(|about| about.len()).context("the corpus is gone")
}
