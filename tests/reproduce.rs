//! The command line the console copies for a row really shows that row again: every distinct one of the bundled
//! fixtures is run by a shell, in a copy of the workspace.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use fibric_console::console::{Effect, Options, Runner};
use fibric_console::kernel::journal::{Entry, Fact};
use fibric_console::kernel::receipt::Receipt;

#[path = "generated/played.rs"]
mod played;

/// Runs a copied command line; what happened.
fn shown_again(line: &str, root: &Path) -> Vec<Entry> {
    let binary = Path::new(env!("CARGO_BIN_EXE_fibric")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let line = line.replacen("fibric ", "fibric --json ", 1);
    let ran = Command::new("sh").args(["-c", &line]).current_dir(root).env("PATH", path).output().unwrap();
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn same(a: &Receipt, b: &Receipt) -> bool {
    let of = |r: &Receipt| {
        (r.idempotency_key.clone(), r.verdict.decision, r.verdict.rule.clone(), r.outcome, r.tool.clone())
    };
    of(a) == of(b)
}

#[test]
fn the_copied_command_shows_the_row_again() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["connectors", "operators", "packs", "policy", "fixtures", "fibric.toml"] {
        let copied = Command::new("cp").arg("-r").arg(manifest.join(name)).arg(folder.path()).status();
        assert!(copied.unwrap().success());
    }
    let mut runner = Runner::new(120, 40, Options::default().theme());
    runner.feed(1, played::played(&["fixtures"])).press("g");
    let mut wanted: BTreeMap<String, Vec<Receipt>> = BTreeMap::new();
    let mut text = String::new();
    while std::mem::replace(&mut text, runner.text()) != runner.text() {
        let json = match &runner.press("Y").performed()[..] {
            [Effect::Copy { text, .. }] => text.clone(),
            _ => String::new(),
        };
        if let [Effect::Copy { text, .. }] = &runner.press("c").performed()[..] {
            wanted.entry(text.clone()).or_default().extend(serde_json::from_str::<Receipt>(&json));
        }
        runner.press("down");
    }
    assert!(wanted.keys().any(|line| line.contains("--where event:")), "{wanted:?}");
    for (line, receipts) in wanted {
        let entries = shown_again(&line, folder.path());
        let disposed = |fact: &Fact| match fact {
            Fact::Disposed(disposed) => Some(disposed.receipt.clone()),
            _ => None,
        };
        let found: Vec<_> = entries.iter().filter_map(|entry| disposed(&entry.fact)).collect();
        for receipt in receipts {
            assert!(found.iter().any(|again| same(again, &receipt)), "{line} does not show {receipt:?}: {found:?}");
        }
    }
}
