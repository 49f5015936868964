//! Plans that are there already, disposed of: validation, policy, locks, keys, stub, and a group-committed receipt.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use fibric_console::kernel::envelope::EventEnvelope;
use fibric_console::kernel::executor::State;
use fibric_console::kernel::journal::RunKind;
use fibric_console::kernel::json;
use fibric_console::kernel::plan::{Digits, ExecutionPlan};
use fibric_console::session::clock::FIXTURE_NOW;
use fibric_console::session::dev_kernel::DevKernel;
use fibric_console::session::ledger::Options;
use fibric_console::session::run::{PlanInHand, Run, Setup};
use fibric_console::session::store::Store;
use fibric_console::workspace::Workspace;

use crate::{Row, ground, median};

const RUNS: usize = 21;
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

pub fn run() -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for size in SIZES {
        let runs = match size {
            1_000_000.. => 1,
            100_000.. => 5,
            _ => RUNS,
        };
        let mut with = Vec::new();
        let mut without = Vec::new();
        let mut bare = Vec::new();
        for _ in 0..runs {
            let folder = ground::workspace()?;
            with.push(dispositions(folder.path(), size, REPLAY)?);
            without.push(dispositions(folder.path(), size, Options { sync: false, ..REPLAY })?);
            bare.push(raw_write(folder.path(), size)?);
        }
        let ours = median(with);
        let goal = "≥ 100,000 a second";
        let name = format!("replay: dispose and receipt, group-committed, {size} actions");
        rows.push(Row::new(&name, goal, ours, "a second").against("the same without fsync", median(without) / ours));
        rows.push(
            Row::new(format!("{name}: the disk's own limit"), "", median(bare.clone()), "a second")
                .against("ours, synced", ours / median(bare)),
        );
    }
    Ok(rows)
}

/// How a replay writes, without plan files.
const REPLAY: Options = Options { sync: true, plan_files: false, persistent_keys: false };

/// Leaves so many receipts behind, as live input does: their keys are the workspace's.
pub fn leave_live_receipts(root: &std::path::Path, size: usize) -> Result<()> {
    dispositions(root, size, Options { persistent_keys: true, ..REPLAY }).map(drop)
}

fn dispositions(root: &std::path::Path, size: usize, ledger: Options) -> Result<f64> {
    let workspace = Workspace::open(root).map_err(|fault| anyhow!(fault.message))?;
    let store = Store::open(workspace.state_dir())?;
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let document = json::read(&ground::envelope(1))?;
    let envelope = EventEnvelope::from_json(&document.value).map_err(|_| anyhow!("not an envelope"))?;
    let envelope = Arc::new(envelope);
    let plans: Vec<_> = (0..size).map(plan).collect::<Result<_>>()?;
    let setup = Setup {
        kind: if ledger.persistent_keys { RunKind::Live } else { RunKind::Replay },
        propose_only: false,
        now: FIXTURE_NOW.to_owned(),
        ledger,
    };
    let started = Instant::now();
    let mut run = Run::begin(&store, &kernel, setup, State::default())?;
    for (n, plan) in plans.into_iter().enumerate() {
        let plan = PlanInHand::of("order-risk", "pl_bench".to_owned(), plan);
        run.dispose(&mut kernel, n as u64, &envelope, vec![plan])?;
        if run.is_group_full() {
            run.hand_over()?;
        }
    }
    let (counts, _) = run.end()?;
    let time = started.elapsed();
    anyhow::ensure!(counts.receipts == size as u64, "{} receipts", counts.receipts);
    Ok(size as f64 / time.as_secs_f64())
}

fn plan(n: usize) -> Result<ExecutionPlan> {
    let text = format!(
        r#"{{"actions":[{{"tool":"order.hold","args":{{"order_id":"SO-{n}","reason":"ships too late"}},"entity_key":"order:SO-{n}","idempotency_key":"order-risk:SO-{n}:hold"}}]}}"#
    );
    ExecutionPlan::parse(&text, Digits::Written).ok().context("not a plan")
}

/// As many bytes as a journal and its receipts take, written and synced in groups as large.
fn raw_write(root: &std::path::Path, size: usize) -> Result<f64> {
    const GROUP: usize = 4096;
    let line = vec![b'x'; 2_200];
    let group = line.repeat(GROUP.min(size));
    let started = Instant::now();
    let mut file = File::create(root.join("raw"))?;
    for _ in 0..size.div_ceil(GROUP) {
        file.write_all(&group)?;
        file.sync_data()?;
    }
    Ok(size as f64 / started.elapsed().as_secs_f64())
}
