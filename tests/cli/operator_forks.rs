//! Another revision of an operator, asked about a recorded envelope: a file's, or a git revision's.

use std::path::Path;
use std::process::Command;

use fibric_console::kernel::receipt::{Outcome, Ruling};
use fibric_console::session::operator_fork::{Futures, Question, futures};

use super::harness::{HOLDS, Workspace, operator, order};

const IMPORTING: &str = "import { key } from '../lib/keys';\n";

fn git(root: &Path, args: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").args(identity).args(args).current_dir(root).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

/// A run over three orders, the third the same as the first.
fn played() -> Workspace {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", [order(1), order(2), order(1)].concat());
    workspace.ok(&["dev", "replay", "fixtures"]);
    workspace
}

fn asked(workspace: &Workspace, arrival: u64, revision: &str) -> Result<Futures, String> {
    fibric_console::author::process::launch::use_program(env!("CARGO_BIN_EXE_fibric"));
    let question = Question { run: 1, arrival, operator: "holder".to_owned(), revision: revision.to_owned() };
    futures(&workspace.path(""), &question).map_err(|fault| fault.message)
}

#[test]
fn the_code_of_a_file_is_asked_and_what_comes_of_it_stands_beside_what_was() {
    let workspace = played();
    let before = workspace.state("receipts.jsonl");
    workspace.write("drafts/same.ts", operator("holder", "order.*", HOLDS));
    workspace.write(
        "drafts/reason.ts",
        operator("holder", "order.*", &HOLDS.replace("order_id: id", "order_id: id, why: 'late'")),
    );
    workspace
        .write("drafts/none.ts", operator("holder", "order.*", "return { reasoning: 'nothing to do', actions: [] };"));
    workspace.write("drafts/throws.ts", operator("holder", "order.*", "throw new Error('no');"));
    workspace.write("drafts/unlisted.ts", operator("holder", "order.*", &HOLDS.replace("order.hold", "notify.send")));
    let same = asked(&workspace, 1, "drafts/same.ts").unwrap();
    assert_eq!((same.difference, same.recorded.plan), (None, same.revised.plan));
    assert_eq!(same.recorded.disposed[0].stages, same.revised.disposed[0].stages);
    let reason = asked(&workspace, 1, "drafts/reason.ts").unwrap();
    assert_eq!(reason.difference.unwrap().field, "plan.actions[0].args.why");
    assert_eq!(reason.revised.disposed[0].receipt.outcome, Outcome::Applied);
    // The key that the first had used by then is used for the other code too.
    let third = asked(&workspace, 3, "drafts/reason.ts").unwrap();
    let receipt = &third.revised.disposed[0].receipt;
    assert_eq!((receipt.verdict.decision, receipt.claimed_by.as_deref()), (Ruling::Dedup, Some("rc_1_1")));
    let none = asked(&workspace, 2, "drafts/none.ts").unwrap();
    assert_eq!((none.revised.reasoning.as_deref(), none.revised.disposed.len()), (Some("nothing to do"), 0));
    let throws = asked(&workspace, 2, "drafts/throws.ts").unwrap();
    assert!(throws.revised.failure.unwrap().contains("no"), "it has no plan");
    let unlisted = asked(&workspace, 2, "drafts/unlisted.ts").unwrap();
    assert_eq!(unlisted.revised.disposed[0].receipt.outcome, Outcome::Refused);
    assert_eq!(workspace.state("receipts.jsonl"), before, "nothing is written");
}

#[test]
fn a_git_revision_is_asked_with_what_it_imported_then() {
    let workspace = played();
    let root = workspace.path("");
    let importing =
        format!("{IMPORTING}{}", operator("holder", "order.*", &HOLDS.replace("`holder:${id}:hold`", "key(id)")));
    workspace.write("operators/holder.ts", &importing);
    workspace.write("lib/keys.ts", "export const key = (id: string) => `then:${id}`;\n");
    git(&root, &["init", "-q"]);
    git(&root, &["add", "operators", "lib"]);
    git(&root, &["commit", "-qm", "then"]);
    workspace.write("operators/holder.ts", operator("holder", "order.*", HOLDS));
    workspace.remove("lib/keys.ts");
    let then = asked(&workspace, 1, "HEAD").unwrap();
    assert_eq!(then.revised.disposed[0].receipt.idempotency_key, "then:SO-1");
    assert_eq!(then.difference.unwrap().field, "plan.actions[0].idempotency_key");
}

#[test]
fn what_cannot_be_asked_says_why() {
    let workspace = played();
    workspace.write("drafts/other.ts", operator("other", "order.*", HOLDS));
    workspace.write("drafts/broken.ts", "export default {{{\n");
    let told = |revision: &str| asked(&workspace, 1, revision).unwrap_err();
    assert_eq!(told("drafts/other.ts"), "it defines operator other, not holder");
    assert!(told("drafts/none.ts").contains("there is no file `drafts/none.ts`"), "{}", told("drafts/none.ts"));
    assert!(told("--output=x").contains("is no git revision"));
    assert!(!told("drafts/broken.ts").is_empty());
    assert!(asked(&workspace, 9, "drafts/other.ts").unwrap_err().contains("run 1 has no envelope 9"));
    // Under another policy than was recorded it is judged by that one; where the kernel differs otherwise, it says so.
    workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: BLOCK }\n");
    workspace.write("drafts/same.ts", operator("holder", "order.*", HOLDS));
    assert_eq!(asked(&workspace, 1, "drafts/same.ts").unwrap().revised.disposed[0].receipt.outcome, Outcome::Applied);
    workspace.remove("connectors/cn-acts.ts");
    assert!(told("drafts/same.ts").contains("does not come to what was recorded"));
}
