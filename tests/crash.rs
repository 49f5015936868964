//! Nothing acknowledged is lost: a process that writes receipts as fast as it can is killed at random points, again and
//! again over one state folder, and each time everything it had shown must be there.
//!
//! The number of kills is 200, or what `FIBRIC_CRASHES` says.

#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fibric_console::kernel::journal::{
    Claimed, Disposed, Fact, PolicyStamp, PolicyState, RunKind, RunStarted, StageRecord,
};
use fibric_console::kernel::json::Raw;
use fibric_console::kernel::receipt::{Decision, Handler, Outcome, Receipt, Verdict};
use fibric_console::session::audit::audit;
use fibric_console::session::clean::Cleaner;
use fibric_console::session::ledger::{FileLedger, Ledger as _, Options};
use fibric_console::session::receipt_chain::Finding;
use fibric_console::session::store::Store;
use fibric_console::session::{keys, recovery};

const AT: &str = "2026-01-01T00:00:00.000Z";
/// Set for the child: the state folder it writes to.
const FOLDER: &str = "FIBRIC_CRASH_FOLDER";
/// Set for the child: receipts in a group.
const GROUP: &str = "FIBRIC_CRASH_GROUP";

/// Receipts past which a group is written by the ledger's thread while the next one fills.
const LARGE: u64 = 2_100;

fn receipt(run: u32, n: u64, outcome: Outcome) -> Arc<Receipt> {
    Arc::new(Receipt {
        id: format!("rc_{run}_{n}"),
        tenant_id: "t_local".to_owned(),
        reseller_id: None,
        workspace_id: None,
        operator: "order-risk".to_owned(),
        operator_version: None,
        event_id: "evt".to_owned(),
        correlation_id: "c".to_owned(),
        plan_id: format!("pl_{run}_{n}"),
        action_id: format!("ac_{run}_{n}"),
        connector: Some("acme".to_owned()),
        tool: "order.hold".to_owned(),
        tool_name: Some("hold".to_owned()),
        args: Raw::null(),
        value: None,
        entity_key: format!("e_{n}"),
        idempotency_key: format!("k_{run}_{n}"),
        verdict: Verdict::of_rules(Decision::Allow, None, "allowed"),
        outcome,
        result: None,
        error: (outcome == Outcome::Failed).then(|| "interrupted".to_owned()),
        handler: Some(Handler::Stub),
        claimed_by: None,
        policy_digest: None,
        at: AT.to_owned(),
    })
}

fn started(run: u32) -> RunStarted {
    let policy = PolicyStamp {
        state: PolicyState::None,
        digest: None,
        files: Vec::new(),
        rules: 0,
        ruleset: Vec::new(),
        diagnostics: Vec::new(),
    };
    RunStarted {
        run,
        kind: RunKind::Live,
        tenant: "t_local".to_owned(),
        version: "0".to_owned(),
        propose_only: false,
        live_connections: Vec::new(),
        unconfined: false,
        policy,
    }
}

/// The child: writes groups until it is killed, and says which receipts are committed. Without a folder it is no child.
#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let group: u64 = std::env::var(GROUP).unwrap().parse().unwrap();
    let store = Store::open(PathBuf::from(folder)).unwrap();
    let options = Options { sync: true, plan_files: false, persistent_keys: true };
    let mut ledger = FileLedger::begin(&store, options).unwrap();
    let run = ledger.run();
    ledger.append(AT.to_owned(), Fact::RunStarted(started(run))).unwrap();
    let mut out = std::io::stdout();
    for n in 1.. {
        let action_id = format!("ac_{run}_{n}");
        let interrupted = receipt(run, n, Outcome::Failed);
        let claimed = Claimed { arrival: n, action_id, key: format!("k_{run}_{n}"), interrupted };
        ledger.append(AT.to_owned(), Fact::Claimed(claimed)).unwrap();
        if n % group == 0 {
            // The group ends between a claim and its receipt.
            let batch = if group >= LARGE { ledger.hand_over() } else { ledger.commit() };
            let entries = batch.unwrap().map_or_else(Vec::new, |batch| batch.entries);
            let shown: String = entries
                .iter()
                .filter_map(|entry| match &entry.fact {
                    Fact::Disposed(disposed) => Some(format!("\n{}.", disposed.receipt.id)),
                    _ => None,
                })
                .collect();
            if out.write_all(shown.as_bytes()).and_then(|()| out.flush()).is_err() {
                return;
            }
        }
        let stages = vec![StageRecord::Handler { handler: Handler::Stub, ok: true, claimed: true }];
        let disposed = Disposed { arrival: n, stages, met: None, receipt: receipt(run, n, Outcome::Applied) };
        ledger.append(AT.to_owned(), Fact::Disposed(disposed)).unwrap();
    }
}

/// The child: a run of a few receipts, and then all that has ended is cleaned away, again and again until it is killed.
/// A thread beside writes lines while it cleans, so that it is killed in the middle of that.
#[test]
fn child_that_cleans() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(PathBuf::from(folder)).unwrap();
    let is_cleaning = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_cleaning);
    std::thread::spawn(move || {
        while !seen.load(Ordering::Relaxed) || std::io::stdout().write_all(b"\nrc_.").is_ok() {
            std::thread::yield_now();
        }
    });
    loop {
        let options = Options { sync: true, plan_files: false, persistent_keys: true };
        let mut ledger = FileLedger::begin(&store, options).unwrap();
        let run = ledger.run();
        ledger.append(AT.to_owned(), Fact::RunStarted(started(run))).unwrap();
        for n in 1..=5 {
            let stages = vec![StageRecord::Handler { handler: Handler::Stub, ok: true, claimed: true }];
            let disposed = Disposed { arrival: n, stages, met: None, receipt: receipt(run, n, Outcome::Applied) };
            ledger.append(AT.to_owned(), Fact::Disposed(disposed)).unwrap();
        }
        ledger.close().unwrap();
        if std::io::stdout().write_all(format!("\nrc_{run}_1.").as_bytes()).is_err() {
            return;
        }
        let (cleaner, _) = Cleaner::begin(store.clone(), AT).unwrap();
        is_cleaning.store(true, Ordering::Relaxed);
        cleaner.clean(jiff::Timestamp::MAX, AT).unwrap();
        is_cleaning.store(false, Ordering::Relaxed);
    }
}

#[test]
fn no_key_is_lost_by_a_kill_at_any_point_of_a_clean() {
    let kills: u64 = std::env::var("FIBRIC_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("dev");
    let store = Store::open(folder.clone()).unwrap();
    let mut seed = 0x2545_f491_4f6c_dd1d;
    let (mut shown, mut cut_off) = (HashSet::new(), 0);
    for kill in 1..=kills {
        let after = 1 + random(&mut seed) % 20_000;
        shown.extend(killed(&folder, "child_that_cleans", 1, after).into_iter().filter(|id| id != "rc_"));
        let names = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name());
        cut_off += names.filter(|name| name.to_string_lossy().starts_with("clean.")).count();
        recovery::recover(&store, AT).unwrap();
        let found = audit(&store, None).unwrap();
        assert!(found.is_sound() && found.notes.is_empty(), "kill {kill}: {found:?}");
        let (claims, out_of_step) = keys::load(&store, AT).unwrap();
        assert_eq!(out_of_step, [], "kill {kill}");
        for id in &shown {
            let run = id.trim_start_matches("rc_").trim_end_matches("_1");
            for n in 1..=5 {
                let (key, by) = (format!("k_{run}_{n}"), format!("rc_{run}_{n}"));
                assert_eq!(claims.claimed_by(&key), Some(by), "kill {kill}: of a run that had ended");
            }
        }
        assert_eq!(recovery::recover(&store, AT).unwrap(), [], "kill {kill}: recovery is done");
    }
    assert!(shown.len() > 5 && cut_off > 0, "{cut_off} in the middle, {shown:?}");
}

/// Starts a child and kills it after so many lines of its output. Gives the ids it had shown by then.
fn killed(folder: &Path, child: &str, group: u64, after: u64) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(GROUP, group.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reader = BufReader::with_capacity(64, child.stdout.take().unwrap());
    let mut shown = Vec::new();
    let mut line = String::new();
    let mut left = after;
    while reader.read_line(&mut line).unwrap() > 0 {
        // An id counts as shown when it is whole, which its stop says.
        if line.starts_with("rc_") && line.trim_end().ends_with('.') {
            shown.push(line.trim_end().trim_end_matches('.').to_owned());
            left = left.saturating_sub(1);
        }
        line.clear();
        if left == 0 {
            // SIGKILL. What it wrote before it died is read to the end and counts too.
            let _ = child.kill();
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(left == 0, "the child ended by itself");
    shown
}

/// A small generator, so that a failure can be had again.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// The lines of a file behind the first `from` bytes, and its length; none may be torn.
fn behind(store: &Store, name: &str, from: usize) -> (Vec<String>, usize) {
    let bytes = std::fs::read(store.file(name)).unwrap();
    assert_eq!(bytes.last(), Some(&b'\n'), "{name} is torn");
    let text = String::from_utf8(bytes[from..].to_vec()).unwrap();
    (text.lines().map(ToOwned::to_owned).collect(), bytes.len())
}

#[test]
fn what_was_shown_survives_a_kill_at_any_point() {
    let kills: u64 = std::env::var("FIBRIC_CRASHES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("dev");
    let store = Store::open(folder.clone()).unwrap();
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let mut written: HashMap<String, Receipt> = HashMap::new();
    let mut shown = HashSet::new();
    let mut length = 0;
    for kill in 1..=kills {
        // The last few while groups are written beside.
        let group = if kill + 3 > kills { LARGE } else { 1 + random(&mut seed) % 12 };
        let now_shown = killed(&folder, "child_that_is_killed", group, 1 + random(&mut seed) % 24);
        recovery::recover(&store, AT).unwrap();
        let (lines, now) = behind(&store, "receipts.jsonl", length);
        length = now;
        for line in lines {
            let receipt: Receipt = serde_json::from_str(&line).unwrap();
            assert_eq!(written.insert(receipt.id.clone(), receipt), None, "kill {kill}: twice: {line}");
        }
        for id in &now_shown {
            assert!(written.contains_key(id), "kill {kill}: {id} was shown and is lost");
        }
        shown.extend(now_shown);
        // Holding everything against everything grows with the square of the kills.
        if kill % 100 == 0 || kill == kills {
            let found = audit(&store, None).unwrap();
            assert!(found.is_sound() && found.notes.is_empty(), "kill {kill}: {found:?}");
            assert_eq!(found.chain, Finding::Sound { receipts: written.len() as u64 }, "kill {kill}");
            let (claims, out_of_step) = keys::load(&store, AT).unwrap();
            assert_eq!(out_of_step, [], "kill {kill}");
            for receipt in written.values() {
                assert_eq!(
                    claims.claimed_by(&receipt.idempotency_key).as_deref(),
                    Some(receipt.id.as_str()),
                    "kill {kill}"
                );
            }
            assert!(shown.iter().all(|id| written.contains_key(id)), "kill {kill}");
            assert_eq!(behind(&store, "receipts.jsonl", 0).0.len(), written.len());
            behind(&store, "keys.jsonl", 0);
            behind(&store, "receipts.chain", 0);
            behind(&store, "journals.chain", 0);
            assert_eq!(recovery::recover(&store, AT).unwrap(), [], "kill {kill}: recovery is done");
        }
    }
    assert!(shown.len() as u64 >= kills);
}
