//! `docs/json.md`: the shapes `--json` prints, each with a line as the kernel writes it.

use std::sync::Arc;

use fibric_console::kernel::diagnostic::Diagnostic;
use fibric_console::kernel::journal::{
    Acknowledged, Alert, Answered, Carried, Claimed, CodeKind, Entry, Fact, Held, Listening, Loaded,
};
use fibric_console::kernel::receipt::{Cause, Decision, Outcome, Receipt, Verdict};
use fibric_console::session::clock::FIXTURE_NOW;

use crate::hold;
use crate::played::played;

const INTRODUCTION: &str = "\
# What `--json` prints

JSON lines on standard output and nothing else; complaints that do not end a command go to standard error. Field names are
snake_case; numbers keep their digits. Optional fields are left out rather than null, except where a shape says null. Characters that
a terminal obeys, or that are not seen, are written as `\\u` escapes. The examples
are made by a test, which fails when they are no longer what is written.

- `fibric dev --json`, `fibric dev replay --json`, `fibric events tail --json`: **entries** of the journal, as `journal.jsonl` has them.
- `fibric dev replay --json`, after the entries: one `{golden: {file, line|null, recording, event_type, correlation_id, operator, state, …}}`
  for each plan that is not as it was recorded. `state` is `differs` (`field`, `before` and `after`, null where nothing stands there;
  `reasoning` alike, where it differs too), `missing` (`why`) and `unexpected` (`field`, `before`, `after`), which fail the replay;
  `reasoning` (`field`, `before`, `after`), `new` and `gone`, which do not. With `--record` one
  `{recorded: {recording, plans, added, changed, removed, written}}` a file of plans, and `{recorded: {recording, recordings, added, changed, written}}`
  one of answers; `written` is false where it was so already.
- `fibric dev replay --trials N --json`: one `{tried: {file, line, event_type, correlation_id, operator, trials, plans, failures, differs|null,
  tokens|null, cost_usd|null}}` a proposal, where `plans` is `{times, actions, would}`, the commonest first, `would` as in `proposed`, `failures`
  is `{times, message}`, and `differs` is `{field, before|null, after|null}`; then `{trials: {envelopes, times, proposals, unstable, failing}}`.
- `fibric dev plan --json`: `{run, plan_id, operator, event_id, correlation_id, reasoned?, plan}`, one a plan.
- `fibric dev diff --json`: first `{diff: {run_a, run_b, shared, same, only_in_a, only_in_b, regressions}}`, then one
  `{change: {file|null, line|null, event_type, correlation_id, operator|null, regression|null, kind, …}}` a difference. `kind` is `plan`
  (`field`, `before|null`, `after|null`), `disposition` (the same and `reason|null`), `only_in_first` or `only_in_second`; `regression` is
  `blocked`, `failed` or `invalid`.
- `fibric diff --json`: first `{required, declared, ok, id, old, new, needs, prompt_exercised, envelopes, differ, breaks_dedup, newly_allowed}`,
  `required` and `declared` being `none`, `patch`, `minor` or `major`; then one `{change: {part, bump, what, rule}}` each, and one
  `{envelope: {file, line, event_id, event_type, correlation_id, old, new, actions}}` for each that the versions do not answer alike: `old`
  and `new` are `{routed, plan|null, failure|null}`, `actions` a list of `{old|null, new|null, field|null, breaks_dedup, newly_allowed}`, whose
  sides are `{action|null, tool, verdict, tenant}`: the verdict under the policy joined with the version's guardrails, and under the policy alone.
- `fibric dev interleave --json`: first `{interleavings: {run, plans, actions, schedules, orders, states, met_again, looked_for, bad|null}}`, where
  `plans` are `{plan_id, operator, event_type, correlation_id}`, `actions` are `{name, action_id, tool, entity_key, idempotency_key}` and `bad` is
  the number of the outcome that the shortest bad schedule comes to, from 1; then one `{outcome: {schedules, as_recorded, serial, bad,
  endings}}` each, `endings` in the order of `actions`, `{decision, cause, outcome}` or null; then, where a schedule is bad, one
  `{step: {action, says, lost}}` for each of its steps; with `lost` every way on is bad.
- `fibric receipts tail --json`, `fibric receipts export`: **receipts**, as `receipts.jsonl` has them.
- `fibric receipts export --envelopes`: envelopes, exactly the ten fields, replayable.
- `fibric receipts verify --json`: `{receipts, head|null, unchained, base?}` where everything holds, else **diagnostics**. `head` is what to keep
  elsewhere for `--head`; `unchained` counts the runs that an earlier version wrote without seals; `base` is `{upto, at, keys}`, the last of the
  runs that were cleaned away, when, and the keys that are kept of them.
- `fibric init --json`: one `{file}` for each file that was written.
- `fibric clean --json`: `{upto|null, runs, envelopes, receipts, keys, freed, kept|null, dry_run, state}`: the last run that is removed, and how much
  of what; `keys` are kept, with their receipts; `freed` and `state` are bytes, `freed` about so many with `--dry-run`; `kept` is
  `{run, why}`, the first run that is not removed, `recent`, `alive` or `open`.
- `fibric policy check --json`, `fibric publish --check --json` and what any command complains of: **diagnostics**, one a line.
- `fibric policy explain --json`: one `{decision, rule, reason, ladder}` an action, in order; `ladder` is `{rule, decision|null, deciding,
  clause}` for every rule in file order.
- `fibric policy impact --json`: first `{impact: {actions, recorded, before, after, same, newly_allowed, newly_restricted, undecided}}`, where `before`
  and `after` are `{allow, alert, block, no_match, undecided}`; then `{flips: {tool, before, after, count, smallest, edge}}` for each tool and
  direction, newly allowed first, `{unclear: …}` alike where a side is not decided (null); `{rule: {rule, speaks_of, decides, shadowed_by|null,
  provided}}` for each rule of the draft; `{coverage: {mutants, killed, equivalent}}` and one `{survivor: {rule, change, killer}}` each.
  `smallest` and `edge` are `{place|null, operator|null, connector|null, tool, value|null, times, in_force, draft}`, each side `{rule|null, reason}`.
- `fibric policy test --json`: `{name, file, line, passed, expected, decision, rule|null, reason, faults}`, one a test.
- `fibric policy diff --json`: first `{relation, new_access}` (`equal`, `stricter`, `looser`, `incomparable`, or `undecided` where only
  predicates know, which a comparison never asks; `new_access` is null where only they know that), then `{change, looser, action, before, after}`, one a difference, or `{change: undecided, action, rules, may_be_looser,
  may_be_stricter}`. An `operator`, `connector` or `tool` that is null stands for any that the policies do not name.
- `fibric review verify --json`, `fibric review export --json`: `{digest, run|null, intact, signed, proven, not_proven, redaction|null, differences}`; `proven`
  is `{entries, seals, routes, verdicts}`, `not_proven` a list of `{what, count}`, `redaction` is `{members, forms, values}`, and `differences` a list of `{part, line|null, field|null,
  message}`, where `field` is a JSON pointer into the line. `fibric review open --json`: **entries**, where the review is intact.
- `fibric demo --json`: `{demo: {step, of, title, caption, keys, shows}}`, one a step.
- `fibric capabilities ls --json`: `{capability, effect, spellings, provided_by, bound_to|null, required_by}`, the effect
  `reads` or `acts`.
- `fibric doctor --json`: `{name, ok, said, diagnostics?}`, one a check.

## Entries

`{seq, at, fact}`: `seq` counts from 1 in each run without gaps, `at` is RFC 3339, `fact` has one member, named after what happened. An
envelope is called by its `arrival`, its ordinal in the run, because event ids may repeat. In `journal.jsonl`, and so in `events tail`, the
last entry of each group that was written together has a fourth member, `sealed`: a SHA-256 over all that the run wrote before.
";

/// What a fact is, in a sentence. A new kind of fact does not compile without one.
fn sentence(fact: &Fact) -> (&'static str, &'static str) {
    match fact {
        Fact::RunStarted(_) => ("run_started", "The first entry of every run. `kind` is `live`, `play` or `replay`."),
        Fact::Received(_) => ("received", "An envelope was accepted. `clock` is the time author code sees."),
        Fact::Refused(_) => (
            "refused",
            "Something offered was no envelope, or one of another tenant. `count` is there where one entry stands for more: of very \
             many lines that are no envelopes, the last are summed up.",
        ),
        Fact::Routed(_) => ("routed", "Whose triggers matched; when none did, `nearest` is the one that came closest."),
        Fact::Proposed(_) => (
            "proposed",
            "An operator's plan, or the `failure` that left none. `reads` says what was sensed, `recorded` where a recording answered; \
             `reasoned` what answered `ctx.reason`: `from` is `stub`, `rules` (`rule`), `recorded` (`digest`) or `model` (`model`, `tokens`, \
             `cost_usd`, `attempts`, `millis`), with `error` where nothing did. `missed` stands where nothing was recorded.",
        ),
        Fact::Held(_) => (
            "held",
            "An action waits for a person; `interrupted` tells the action, and what its receipt says if nobody answers.",
        ),
        Fact::Answered(_) => ("answered", "A person's answer; what came of it is in the disposition that follows."),
        Fact::Carried(_) => (
            "carried",
            "ALERTs of earlier runs that nobody has acknowledged, each by its run and its receipt: they still wait.",
        ),
        Fact::Acknowledged(_) => ("acknowledged", "A person has seen an ALERT, of this run or an earlier one."),
        Fact::Claimed(_) => {
            ("claimed", "A persistent key is about to be used: what its receipt says if nothing more is heard.")
        }
        Fact::Disposed(_) => ("disposed", "An action reached its end: each stage it passed, and the receipt."),
        Fact::Loaded(_) => ("loaded", "Author code was read. After a failure `running` is the last good revision."),
        Fact::PolicyLoaded(_) => ("policy_loaded", "The policy changed. `state` is `in_force`, `stale` or `none`."),
        Fact::Noticed(_) => ("noticed", "A diagnostic that concerns no envelope."),
        Fact::Listening(_) => (
            "listening",
            "Events are taken over HTTP at `address`; `live` is false where another process takes the workspace's events, and only the \
             stream is here.",
        ),
        Fact::Settled(_) => ("settled", "What an earlier notice said is no longer so."),
        Fact::RunEnded(_) => ("run_ended", "The last entry of a run that ended by itself."),
    }
}

/// One fact of each kind.
fn facts() -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for entry in played(&["examples/refused/wrong-tenant.jsonl", "fixtures/order-created.jsonl"]) {
        if !facts.iter().any(|fact| sentence(fact).0 == sentence(&entry.fact).0) {
            facts.push(entry.fact.clone());
        }
    }
    let stamp = facts.iter().find_map(|fact| match fact {
        Fact::RunStarted(started) => Some(started.policy.clone()),
        _ => None,
    });
    let receipt = receipt(&facts);
    facts.push(Fact::Held(held(&receipt)));
    let (action_id, who) = (receipt.action_id.clone(), "ana".to_owned());
    facts.push(Fact::Answered(Answered { arrival: 1, action_id, who, approved: true }));
    let seen = receipt.id.clone();
    facts.push(Fact::Carried(Carried { alerts: vec![Alert { run: 1, receipt: seen.clone() }] }));
    facts.push(Fact::Acknowledged(Acknowledged { receipt: seen, who: "ana".to_owned() }));
    let interrupted =
        Receipt { outcome: Outcome::Failed, result: None, error: Some("interrupted".to_owned()), ..receipt.clone() };
    facts.push(Fact::Claimed(Claimed {
        arrival: 1,
        action_id: receipt.action_id.clone(),
        key: receipt.idempotency_key,
        interrupted: Arc::new(interrupted),
    }));
    facts.push(Fact::Loaded(Loaded {
        kind: CodeKind::Operator,
        name: "order-risk".to_owned(),
        file: "operators/order-risk.ts".to_owned(),
        on_disk: Some("9c07b1d2e3f4".to_owned()),
        running: Some("4be1a2b3c4d5".to_owned()),
        summary: " (requires orders.read, orders.hold, notify.send)".to_owned(),
        provides: Vec::new(),
        requires: ["notify.send", "orders.hold", "orders.read"].map(str::to_owned).to_vec(),
        events: Vec::new(),
        trigger: Some("order.*".to_owned()),
        failure: Some(diagnostic()),
        further: Vec::new(),
        micros: 2_400,
    }));
    facts.push(Fact::PolicyLoaded(stamp.unwrap()));
    facts.push(Fact::Listening(Listening { address: "http://127.0.0.1:4310".to_owned(), live: true }));
    facts.push(Fact::Settled(diagnostic()));
    facts.push(Fact::Noticed(Diagnostic::warning("the old state was set aside as `.fibric/dev.20260101T000000Z`")));
    facts
}

fn held(receipt: &Receipt) -> Held {
    let rule = Some("policy/trust.yaml:6".to_owned());
    let reason = "rule 6: tool conversation.reply".to_owned();
    let alert = Verdict::of_rules(Decision::Alert, rule, reason);
    let reason = format!("{}; interrupted before anyone answered", alert.reason);
    let verdict = Verdict::blocked(Cause::Person, alert.rule.clone(), reason);
    let interrupted = Receipt { verdict, outcome: Outcome::Refused, result: None, handler: None, ..receipt.clone() };
    Held {
        arrival: 1,
        action_id: receipt.action_id.clone(),
        verdict: alert,
        since: FIXTURE_NOW.to_owned(),
        interrupted: Arc::new(interrupted),
    }
}

fn receipt(facts: &[Fact]) -> Receipt {
    let disposed = facts.iter().find_map(|fact| match fact {
        Fact::Disposed(disposed) => Some((*disposed.receipt).clone()),
        _ => None,
    });
    disposed.unwrap()
}

fn diagnostic() -> Diagnostic {
    let text = "export default defineOperator({\n  triger: { on: 'order.*' },\n";
    let start = text.find("triger").unwrap();
    Diagnostic::error("unknown field `triger` in an operator")
        .in_file("operators/order-risk.ts")
        .at_span(text, &(start..start + 6), 1)
        .help("did you mean `trigger`?")
}

fn block(page: &mut String, value: &impl serde::Serialize) {
    page.push_str(&format!("\n```json\n{}\n```\n", serde_json::to_string(value).unwrap()));
}

#[test]
fn the_json_page_is_what_is_written() {
    let mut page = INTRODUCTION.to_owned();
    let facts = facts();
    for (seq, fact) in (1..).zip(&facts) {
        let (name, what) = sentence(fact);
        page.push_str(&format!("\n### `{name}`\n\n{what}\n"));
        let entry = Entry { seq, at: FIXTURE_NOW.to_owned(), fact: fact.clone() };
        let line = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry, "{name} is read back");
        block(&mut page, &entry);
    }
    page.push_str(
        "\n## Receipts\n\nOne a disposition, with every field; `result`, or `error` when the handler failed. In `verdict`, `reason` is for people; \
         what decided is\n`cause`, left out where it is `rule` or `no_match`, which `rule` tells: else `not_asked` (only the predicate of `rule` \
         knows), `no_policy`,\n`stale` (the policy no longer loads, and the effect would be real), `validate`, `limit`, `lock` or `person` \
         (vetoed, or nobody answered).\n`stale: true` marks a verdict of a policy that no longer is what its file says.\n",
    );
    block(&mut page, &receipt(&facts));
    page.push_str(
        "\n## Diagnostics\n\n`severity` is `error` or `warning`. `line` and `column` count from 1, columns in characters; `pointer` is a JSON \
         pointer into\nthe source. In `excerpt`, `start` and `end` are byte offsets into `text`, whose first line is number `first_line`.\n",
    );
    block(&mut page, &diagnostic());
    hold("docs/json.md", &page);
}
