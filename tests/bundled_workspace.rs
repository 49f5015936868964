//! The bundled workspace's files: its fixtures are sound, and what stands under `examples/refused` is refused as its
//! README says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fibric_console::kernel::diagnostic::Diagnostic;
use fibric_console::report::diagnostics::one_line;
use fibric_console::workspace::fixtures::{Offered, expand, open};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> Result<Vec<Offered>, Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    open(path, &name).map(Iterator::collect)
}

#[test]
fn the_first_fixture_is_the_documented_one() {
    let text = std::fs::read_to_string(root().join("fixtures/order-created.jsonl")).unwrap();
    assert!(text.starts_with("{\"event_id\":\"6a1e0c2f-6c1a-4f0e-9f31-b7d02f6e8c11\",\n\"reseller_id\":null,\n"));
    assert!(text.contains("{\"order_id\":\"SO-10884\",\"promise_date\":\"2026-07-04\",\"total\":412.50},\n"));
    assert_eq!(text.lines().count(), 10);
}

#[test]
fn every_bundled_fixture_is_sound_and_keeps_its_digits() {
    let mut events = BTreeMap::new();
    let mut payloads = String::new();
    for path in expand(&root().join("fixtures")).unwrap() {
        for offered in read(&path).unwrap() {
            let Offered::Envelope { envelope, warnings, .. } = offered else {
                panic!("{}: {offered:?}", path.display())
            };
            assert!(warnings.is_empty());
            assert_eq!(envelope.tenant_id, "t_local");
            payloads.push_str(envelope.payload.as_str());
            let earlier = events.insert(envelope.event_id.clone(), envelope.correlation_id.clone());
            assert_eq!(earlier, None, "event id {} stands twice", envelope.event_id);
        }
    }
    let prefixes: BTreeSet<_> = events.values().map(|correlation| correlation[..4].to_owned()).collect();
    assert_eq!(prefixes.len(), events.len(), "two correlation ids share a prefix");
    assert!(events.len() >= 15);
    for digits in ["412.50", "9007199254740993", "18446744073709551615", "10412.0625"] {
        assert!(payloads.contains(digits), "{digits}");
    }
}

#[test]
fn what_is_meant_to_be_refused_is_refused() {
    let mut lines = Vec::new();
    for path in expand(&root().join("examples/refused")).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut sound = 0;
        for offered in read(&path).unwrap() {
            match offered {
                Offered::Envelope { .. } => sound += 1,
                Offered::Refused { diagnostics, .. } => lines.extend(diagnostics.iter().map(one_line)),
                Offered::Passed => {}
                Offered::Noticed(notice) => lines.push(one_line(&notice)),
            }
        }
        lines.push(format!("{name}: {sound} sound"));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn the_readme_names_every_refused_file() {
    let folder = root().join("examples/refused");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    for path in expand(&folder).unwrap() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(readme.contains(&format!("| `{name}` |")), "{name}");
    }
}
