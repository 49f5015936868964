//! Envelopes through a TypeScript operator, propose-only, against node running the same function over the same JSON; and
//! through the bundled one, which reads through a connector.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use fibric_console::kernel::executor::State;
use fibric_console::kernel::journal::RunKind;
use fibric_console::session::bus::Batch;
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev_kernel::DevKernel;
use fibric_console::session::ledger::Options;
use fibric_console::session::replay::{Play, ReplayObserver};
use fibric_console::session::run::{Run, Setup};
use fibric_console::session::store::Store;
use fibric_console::workspace::Workspace;

use crate::{Row, ground, median};

const RUNS: usize = 21;
const SIZE: usize = 10_000;
const NAME: &str = "replay through a TypeScript operator";

/// What both sides run: everything an operator does but sensing.
const BODY: &str = r"
const { order_id, promise_date } = ctx.envelope.payload;
if (typeof order_id !== 'string' || typeof promise_date !== 'string') return { actions: [] };
return {
  reasoning: `${order_id} ships late`,
  actions: [
    { tool: 'order.hold', args: { order_id, reason: `promised for ${promise_date}` },
      entity_key: `order:${order_id}`, idempotency_key: `bench:${order_id}:hold` },
  ],
};";

struct Nobody;

impl ReplayObserver for Nobody {
    fn batch(&mut self, _: u32, _: Batch) {}
}

pub fn run() -> Result<Vec<Row>> {
    let folder = ground::workspace()?;
    let root = folder.path();
    for folder in ["operators", "packs"] {
        fs::remove_dir_all(root.join(folder))?;
    }
    fs::create_dir(root.join("operators"))?;
    fs::write(
        root.join("operators/bench.ts"),
        format!(
            "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{ name: 'bench', goal: 'g', \
             requires: ['order.hold'], trigger: {{ on: 'order.*' }}, run(ctx: any) {{ {BODY} }} }});\n"
        ),
    )?;
    let lines: String = (0..SIZE).map(|n| ground::envelope(n) + "\n").collect();
    fs::write(root.join("many.jsonl"), lines)?;
    let bundled = ground::workspace()?;
    fs::copy(root.join("many.jsonl"), bundled.path().join("many.jsonl"))?;
    let mut ours = Vec::new();
    let mut a_core = Vec::new();
    let mut reading = Vec::new();
    let mut node = Vec::new();
    for _ in 0..RUNS {
        let before = processor_seconds();
        ours.push(propose(root)?);
        a_core.extend(before.and_then(|before| Some(SIZE as f64 / (processor_seconds()? - before))));
        reading.push(propose(bundled.path())?);
        node.extend(under_node(root));
    }
    let ours = median(ours);
    let row = Row::new(NAME, "≥ 25,000 envelopes a second", ours, "a second");
    let version = Command::new("node").arg("--version").output().ok();
    let row = match version {
        Some(version) if !node.is_empty() => {
            let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
            row.against(format!("node {version}: the function alone, start not counted"), median(node) / ours)
        }
        _ => row,
    };
    let mut rows = vec![row];
    if !a_core.is_empty() {
        let name = format!("{NAME}: a second of processor time, loading counted");
        rows.push(Row::new(name, "≥ 25,000 envelopes a second", median(a_core), "a second"));
    }
    rows.push(Row::new(
        format!("{NAME} that reads through a connector in another child"),
        "≥ 10,000",
        median(reading),
        "a second",
    ));
    Ok(rows)
}

/// What all threads of this process have used so far; none where the system does not say.
fn processor_seconds() -> Option<f64> {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<_> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_A_SECOND)
}

fn propose(root: &Path) -> Result<f64> {
    let workspace = Workspace::open(root).map_err(|fault| anyhow!(fault.message))?;
    let store = Store::open(workspace.state_dir())?;
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let setup = Setup {
        kind: RunKind::Replay,
        propose_only: true,
        now: FIXTURE_NOW.to_owned(),
        ledger: Options { sync: true, plan_files: false, persistent_keys: false },
    };
    let files = [root.join("many.jsonl")];
    let started = Instant::now();
    let mut run = Run::begin(&store, &kernel, setup, State::default())?;
    Play { files: &files, select: None, passes: 1, stopped: Arc::default(), until: None }.through(
        &mut run,
        &mut kernel,
        &mut Nobody,
    )?;
    let (counts, _) = run.end()?;
    anyhow::ensure!(counts.plans == SIZE as u64, "{} plans", counts.plans);
    Ok(SIZE as f64 / started.elapsed().as_secs_f64())
}

/// The same function over the same lines, parsed and printed again; none without node.
fn under_node(root: &Path) -> Option<f64> {
    let script = format!(
        "const lines = require('fs').readFileSync('many.jsonl', 'utf8').trim().split('\\n');\n\
         const run = (ctx) => {{ {BODY} }};\n\
         const started = process.hrtime.bigint(); let bytes = 0;\n\
         for (const line of lines) bytes += JSON.stringify(run({{ envelope: JSON.parse(line) }})).length;\n\
         console.log(Number(process.hrtime.bigint() - started) / 1e9, bytes);"
    );
    let output = Command::new("node").current_dir(root).args(["-e", &script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let seconds: f64 = text.split_whitespace().next().context("no figure").ok()?.parse().ok()?;
    Some(SIZE as f64 / seconds)
}
