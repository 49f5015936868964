//! Pages and pictures that are made, not written: each is made anew and compared with what is kept.
//! `UPDATE_GENERATED=1 cargo test --test generated` writes them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod commands_page;
mod grammars_page;
mod json_page;
mod keys_page;
mod pictures;
mod played;
mod query_page;

use std::path::Path;

/// Compares a file of the project with what it should be now.
fn hold(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == now, "{name} is not what is made now; UPDATE_GENERATED=1 makes it anew");
}
