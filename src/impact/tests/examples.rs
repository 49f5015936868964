//! One ceiling moved, as a person would read it; and what incremental bookkeeping may get wrong.

use super::*;
use crate::kernel::policy::{PredicateId, Standing};
use Decision::{Alert, Allow, Block};

fn refunds() -> Vec<Recorded> {
    let values = ["40", "104", "250", "118", "100", "250.01", "", "-3", "9007199254740993"];
    values.iter().map(|value| Recorded::new("cn-brightdesk", "order.refund", value)).collect()
}

fn ceiling(text: &str) -> Vec<TrustPolicy> {
    vec![rule("", "order.hold", "", Allow), rule("cn-brightdesk", "order.refund", text, Allow)]
}

#[test]
fn a_raised_ceiling_names_its_flips_with_witness_edge_and_rule() {
    let mut impact = Impact::new(Corpus::from(batch(&refunds())));
    impact.add(&Recorded::new("acme-wms", "order.hold", "").action());
    impact.set_in_force(policy(&ceiling("100")));
    impact.set_draft(policy(&ceiling("100")));
    assert_eq!(impact.summary().flipped(), 0);
    assert_eq!(impact.summary().same, 10);
    impact.set_draft(policy(&ceiling("250")));
    let summary = impact.summary();
    assert_eq!((summary.before.allow, summary.after.allow, summary.newly_allowed()), (3, 6, 3));
    let [group] = &summary.flips[..] else { panic!("{:?}", summary.flips) };
    assert_eq!((&*group.tool, group.direction, group.count), ("order.refund", Direction::decided(Block, Allow), 3));
    assert_eq!((group.smallest.row, &group.smallest.worth), (1, &Worth::Exact(decimal("104"))));
    assert_eq!((group.edge.row, &group.edge.worth), (2, &Worth::Exact(decimal("250"))));
    assert_eq!((group.smallest.before.rule, group.smallest.after.rule), (Some(1), Some(1)));
    let rows: Vec<Row> = impact.flips("order.refund", group.direction, 1..9).iter().map(|flip| flip.row).collect();
    assert_eq!(rows, [3, 2]);
    assert_eq!(impact.position("order.refund", Direction::decided(Block, Allow), 3), Some(1));
    impact.set_in_force(Arc::clone(impact.policy(Side::Draft)));
    assert_eq!(impact.summary().flipped(), 0);
}

#[test]
fn an_action_recorded_in_several_runs_is_one_action() {
    let value = Amount::exact(decimal("104"));
    let action = |key| Action {
        operator: Some("op"),
        connector: Some("cn-brightdesk"),
        tool: "order.refund",
        value: Some(&value),
        entity_key: Some("order:1"),
        idempotency_key: Some(key),
    };
    let mut batch = Batch::default();
    for key in ["r:1", "r:1", "r:2"] {
        batch.add(&action(key));
    }
    let mut impact = Impact::new(Corpus::from(batch.clone()));
    impact.set_in_force(policy(&ceiling("100")));
    impact.set_draft(policy(&ceiling("250")));
    assert_eq!(impact.absorb(batch), 3, "what is recorded again has rows of its own");
    assert_eq!(impact.add(&action("r:1")), Some(6));
    let other = Amount::exact(decimal("105"));
    impact.add(&Action { value: Some(&other), ..action("r:1") });
    impact.add(&Action { entity_key: Some("order:2"), ..action("r:1") });
    impact.add(&Action { operator: Some("another"), ..action("r:1") });
    impact.add(&Action { idempotency_key: None, ..action("r:1") });
    let summary = impact.summary();
    assert_eq!((summary.actions, summary.recorded, summary.newly_allowed()), (6, 11, 6));
    let flips = impact.flips("order.refund", Direction::decided(Block, Allow), 0..9);
    let times: Vec<_> = flips.iter().map(|flip| (flip.row, flip.times)).collect();
    assert_eq!(times, [(0, 5), (2, 2), (8, 1), (10, 1), (9, 1), (7, 1)]);
}

#[test]
fn without_a_ceiling_even_what_has_no_usable_value_is_allowed() {
    let mut impact = Impact::new(Corpus::from(batch(&refunds())));
    impact.set_in_force(policy(&ceiling("100")));
    let mut free = ceiling("100");
    free[1].max_value = None;
    impact.set_draft(policy(&free));
    let direction = Direction::decided(Block, Allow);
    let flips = impact.flips("order.refund", direction, 0..99);
    assert_eq!(flips.iter().map(|flip| flip.row).collect::<Vec<_>>(), [1, 3, 2, 5, 8, 6, 7]);
    assert_eq!(flips[5].worth, Worth::Missing);
    let group = &impact.summary().flips[0];
    assert_eq!((group.count, group.smallest.row, group.edge.row), (7, 1, 8));
    for (index, flip) in flips.iter().enumerate() {
        assert_eq!(impact.position("order.refund", direction, flip.row), Some(index));
    }
}

#[test]
fn a_rule_inserted_above_renumbers_the_words_it_does_not_touch() {
    let mut impact = Impact::new(Corpus::from(batch(&refunds())));
    impact.set_in_force(policy(&ceiling("100")));
    impact.set_draft(policy(&ceiling("250")));
    let above = [vec![rule("", "page.send", "", Alert)], ceiling("250")].concat();
    impact.set_draft(policy(&above));
    let smallest = &impact.summary().flips[0].smallest;
    assert_eq!((smallest.before.rule, smallest.after.rule), (Some(1), Some(2)));
    impact.set_draft(policy(&above[1..]));
    assert_eq!(impact.summary().flips[0].smallest.after.rule, Some(1));
}

#[test]
fn what_a_predicate_has_not_said_is_never_taken_for_allowed() {
    let mut impact = Impact::new(Corpus::from(batch(&refunds())));
    impact.set_in_force(policy(&ceiling("100")));
    let mut asking = ceiling("250");
    asking[1].predicate = Some(PredicateId(7));
    impact.set_draft(policy(&asking));
    let summary = impact.summary();
    assert_eq!((summary.after.allow, summary.after.undecided, summary.flipped()), (0, 5, 0));
    assert_eq!(summary.undecided(), 5);
    assert_eq!(impact.waiting(2), [(PredicateId(7), 4), (PredicateId(7), 3)]);
    impact.answer(PredicateId(7), [(1, true), (0, false)]);
    let summary = impact.summary();
    assert_eq!((summary.after.allow, summary.after.undecided, summary.newly_allowed()), (1, 3, 1));
    assert_eq!(summary.flips[1].smallest.after.standing, Some(Standing::Violated));
    impact.forget(PredicateId(7));
    assert_eq!(impact.summary().undecided(), 5);
}

#[test]
fn what_a_rule_decides_and_how_its_values_are_spread() {
    let mut impact = Impact::new(Corpus::from(batch(&refunds())));
    impact.set_in_force(policy(&ceiling("100")));
    impact.set_draft(policy(&ceiling("250")));
    let [hold, refund] = impact.rules(Side::Draft)[..] else { panic!() };
    assert_eq!(hold.speaks_of, 0);
    assert_eq!((refund.speaks_of, refund.decides.allow, refund.decides.blocked), (9, 5, 4));
    assert_eq!(impact.rules(Side::InForce)[1].decides.allow, 2);
    let spread = impact.spread(Side::Draft, 1, 4, &[decimal("1")]).unwrap();
    assert_eq!((spread.highest, spread.without), (decimal("9007199254740993"), 2));
    assert_eq!(spread.bins, [6, 0, 0, 1]);
    let wider = impact.spread(Side::Draft, 1, 4, &[decimal("1"), decimal("1e20")]).unwrap();
    assert_eq!((&wider.highest, wider.bins.iter().sum::<usize>()), (&decimal("1e20"), spread.bins.iter().sum()));
    assert_eq!(impact.spread(Side::Draft, 0, 4, &[]), None);
}

#[test]
fn a_corpus_is_twelve_bytes_an_action() {
    assert_eq!(size_of::<crate::kernel::decimal::Compact>() + size_of::<Row>(), 12);
}
