//! The ground benches stand on: copies of the bundled workspace, and envelopes made from the seed's.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A copy of the bundled workspace in a folder of its own.
pub fn workspace() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for name in ["connectors", "operators", "packs", "policy", "fixtures"] {
        copy(&root.join(name), &folder.path().join(name))?;
    }
    fs::copy(root.join("fibric.toml"), folder.path().join("fibric.toml"))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for item in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = item?.path();
        let to = to.join(path.file_name().context("a file without a name")?);
        if path.is_dir() { copy(&path, &to)? } else { fs::copy(&path, &to).map(drop)? }
    }
    Ok(())
}

/// The seed's envelope with another id, as one JSON line.
pub fn envelope(n: usize) -> String {
    format!(
        r#"{{"event_id":"ev-{n}","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"magento","event_type":"order.created","correlation_id":"{n:08x}","payload":{{"order_id":"SO-10884","promise_date":"2026-07-04","total":412.50}},"agent_id":null,"session_id":null}}"#
    )
}
