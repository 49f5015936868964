//! Whole upgrades: the versions of the example pack, and packs that are changed one thing at a time.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// The version that the workspace runs stands in `packs/`, the others among the examples.
fn example(version: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match version {
        "1.2.0" => root.join("packs/order-risk"),
        version => root.join("examples/packs/order-risk").join(version),
    }
}

fn between(old: &Path, new: &Path) -> Upgrade {
    compare(old, new).unwrap()
}

fn compare(old: &Path, new: &Path) -> Result<Upgrade, Vec<Diagnostic>> {
    let workspace = Workspace::around(&example("1.0.0")).unwrap();
    let [old, new] = [old, new].map(|folder| Source { folder, named_from: folder.parent().unwrap() });
    Upgrade::between(&workspace, old, new, &mut |_, _| true)
}

#[test]
fn the_example_versions_demand_what_they_declare() {
    let versions = ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0"];
    let demands = [Bump::Patch, Bump::Minor, Bump::Minor, Bump::Major];
    for (pair, demand) in versions.windows(2).zip(demands) {
        let upgrade = between(&example(pair[0]), &example(pair[1]));
        assert_eq!((upgrade.required(), upgrade.declared()), (demand, demand), "{pair:?}: {:?}", upgrade.changes);
        assert!(upgrade.is_enough() && upgrade.faults.is_empty(), "{pair:?}: {:?}", upgrade.faults);
        assert!(upgrade.comparisons.len() >= 40, "{pair:?}");
        let refusals = upgrade.comparisons.iter().filter(|one| one.new.is_refusal()).count();
        assert!(refusals >= 8, "{pair:?}: {refusals}");
        let changed_plans = upgrade.comparisons.iter().any(Comparison::proposes_otherwise);
        assert_eq!(changed_plans, pair[1] >= "1.2.0", "{pair:?}");
    }
    let wording = between(&example("1.0.1"), &example("1.1.0"));
    assert!(wording.is_prompt_not_exercised(), "a stub says nothing of the text");
    assert!(!between(&example("1.0.0"), &example("1.0.1")).is_prompt_not_exercised(), "only the layout is other");
}

#[test]
fn a_changed_key_is_marked_and_a_refund_is_judged_under_both_policies() {
    let upgrade = between(&example("1.2.0"), &example("2.0.0"));
    let pairs: Vec<_> = upgrade.comparisons.iter().flat_map(|one| &one.pairs).collect();
    let broken: Vec<_> = pairs.iter().filter(|pair| pair.breaks_dedup()).collect();
    assert_eq!(broken.len(), 18);
    let field = broken[0].field.as_ref().unwrap();
    assert_eq!(field.field, "idempotency_key");
    let refunds: Vec<_> = pairs.iter().filter(|pair| pair.old.is_none()).collect();
    assert_eq!(refunds.len(), 4);
    let allowed = refunds.iter().filter(|pair| pair.newly_allowed()).count();
    assert_eq!(allowed, 3, "40, 100 and 89.9 of a ceiling of 100");
    let demand = upgrade.changes.iter().find(|change| change.rule == "key convention changed").unwrap();
    assert_eq!(demand.bump, Bump::Major);
}

#[test]
fn too_small_a_rise_and_a_lower_version_are_not_enough() {
    let (dir, changed) = copy_of("1.2.0");
    replace(&changed, "operator.ts", "keys('notify')", "keys('notice')");
    replace(&changed, "index.ts", "1.2.0", "1.3.0");
    let upgrade = between(&example("1.2.0"), &changed);
    assert_eq!((upgrade.required(), upgrade.declared(), upgrade.is_enough()), (Bump::Major, Bump::Minor, false));
    assert_eq!(upgrade.needs().to_string(), "2.0.0");
    let down = between(&example("1.2.0"), &example("1.1.0"));
    assert!(!down.is_enough());
    let same = between(&example("1.2.0"), &example("1.2.0"));
    assert_eq!((same.required(), same.is_enough(), same.differing().count()), (Bump::None, true, 0));
    replace(&changed, "index.ts", "op-order-risk", "op-other");
    let faults = compare(&example("1.2.0"), &changed).unwrap_err();
    assert_eq!(faults[0].message, "`op-order-risk` and `op-other` are not versions of one pack");
    drop(dir);
}

fn copy_of(version: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("pack");
    for file in walkdir::WalkDir::new(example(version)).into_iter().map(Result::unwrap) {
        let path = to.join(file.path().strip_prefix(example(version)).unwrap());
        if file.file_type().is_dir() {
            fs::create_dir_all(path).unwrap();
        } else {
            let _ = fs::copy(file.path(), path).unwrap();
        }
    }
    (dir, to)
}

fn replace(pack: &Path, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(pack.join(file)).unwrap();
    assert!(text.contains(from), "{from} in {file}");
    fs::write(pack.join(file), text.replace(from, to)).unwrap();
}

/// A change to a pack, and the least it demands by itself.
type Mutation = (&'static str, &'static str, &'static str, Bump);

const MUTATIONS: [Mutation; 11] = [
    ("prompt.md", "Never propose a refund.", "Never propose\na refund.", Bump::Patch),
    ("prompt.md", "at most one hold", "one hold at most", Bump::Minor),
    ("prompt.md", "order-risk:<order_id>:<action>", "order-risk:v2:<order_id>:<action>", Bump::Major),
    ("guardrails.ts", "'ALERT'", "'BLOCK'", Bump::Major),
    ("guardrails.ts", "// What a tenant", "// All that a tenant", Bump::Patch),
    ("requires.json", "order state and", "the order's state and", Bump::Patch),
    (
        "requires.json",
        "save an order\"}",
        "save an order\"},\n{\"capability\":\"page.send\",\"why\":\"x\"}",
        Bump::Major,
    ),
    ("operator.ts", "in time for", "well in time for", Bump::Patch),
    ("operator.ts", "on: 'order.*'", "on: 'order.**'", Bump::Major),
    ("listing.json", "\"from_usd_month\": 49", "\"from_usd_month\": 59", Bump::Patch),
    ("index.ts", "'notify.send': proposed(),", "'notify.send': proposed(),\n 'order.refund': proposed(),", Bump::Minor),
];

#[test]
fn each_change_demands_what_the_contract_says_and_more_changes_never_demand_less() {
    for (file, from, to, demand) in &MUTATIONS {
        let (_dir, pack) = copy_of("1.0.0");
        replace(&pack, file, from, to);
        let alone = between(&example("1.0.0"), &pack);
        assert_eq!(alone.required(), *demand, "{file} {to}: {:?}", alone.changes);
    }
    // From the least to the most, one on top of the other.
    let mut all = MUTATIONS;
    all.sort_by_key(|(_, _, _, demand)| *demand);
    let (_dir, pack) = copy_of("1.0.0");
    let mut before = Bump::None;
    for (file, from, to, demand) in &all {
        replace(&pack, file, from, to);
        let now = between(&example("1.0.0"), &pack).required();
        assert!(now >= before && now >= *demand, "{file} {to}: {before:?} became {now:?}");
        before = now;
    }
}
