//! Author code and files that mean harm: contained, told with a place, and nothing of them reaches the terminal.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::harness::{HOLDS, Workspace, connector, envelope, operator, order};

#[test]
fn hostile_files_are_told_and_the_rest_runs() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("fibric.toml", "[limits]\ncall = \"300ms\"\n");
    let answer = |name: &str, body: &str| operator(name, "order.*", body);
    let table: Vec<(&str, String, &str)> = vec![
        ("a-loop.ts", "while (true) {}".to_owned(), "loading took longer"),
        ("b-never.ts", "await new Promise(() => {});\nexport default 1;".to_owned(), "never settles"),
        ("c-path.ts", answer("../../x", HOLDS), "not a lowercase slug"),
        (
            "d-out.ts",
            "import x from '../../../../etc/passwd';\nexport default x;".to_owned(),
            "leads out of the workspace",
        ),
        ("e-cycle.ts", "import './e-cycle2';\nexport default 3;".to_owned(), "operators/e-cycle.ts:2"),
        ("e-cycle2.ts", "import './e-cycle';\nexport default 3;".to_owned(), "operators/e-cycle2.ts:2"),
        ("f-deep.ts", format!("export default {}1{};", "(".repeat(50_000), ")".repeat(50_000)), "operators/f-deep.ts"),
        ("g-large.ts", " ".repeat(2 << 20), "too large"),
        ("h-unknown.ts", answer("h", HOLDS).replace("order.hold'],", "order.hodl'],"), "did you mean `order.hold`?"),
        ("i-glob.ts", answer("i", HOLDS).replace("order.*", "order.[a]"), "has no meaning in a glob"),
        ("j-bomb.ts", answer("j", HOLDS).replace("order.*", &"**.".repeat(2_000)), "longer than 1024 bytes"),
        ("k-\u{1b}[31m\n\u{202e}.ts", "export default;".to_owned(), "k-␛[31m␊<U+202E>.ts"),
    ];
    for (name, text, _) in &table {
        workspace.write(&format!("operators/{name}"), text);
    }
    for n in 0..510 {
        let text = format!("export {{ x }} from './n{}';\n", n + 1);
        workspace.write(&format!("operators/lib/n{n}.ts"), text);
    }
    workspace.write("operators/p-many.ts", "import { x } from './lib/n0';\nexport default x;\n");
    symlink("/etc/passwd", workspace.path("operators/l-link.ts")).unwrap();
    symlink(".", workspace.path("operators/m-self")).unwrap();
    symlink("nowhere", workspace.path("operators/n-nowhere.ts")).unwrap();
    std::fs::create_dir(workspace.path("operators/o-folder.ts")).unwrap();
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert_eq!(said.code, 0, "{said:?}");
    for (name, _, told) in &table {
        assert!(said.err.contains(told), "{name}: {}", said.err);
    }
    assert!(said.err.contains("more than 500 files are imported"), "{}", said.err);
    assert!(said.err.contains("`operators/l-link.ts` leads out of the workspace"), "{}", said.err);
    assert!(!said.err.contains("root:"), "{}", said.err);
    assert!(said.out.contains("plan proposed: 1 action"), "{}", said.out);
    let applied = workspace.state("receipts.jsonl").iter().filter(|receipt| receipt["outcome"] == "applied").count();
    assert_eq!(applied, 1);
}

#[test]
fn hostile_plans_and_output_are_contained() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("fibric.toml", "[limits]\ncall = \"1500ms\"\nactions_per_plan = 5000\n");
    let answer =
        |name: &str, body: &str| workspace.write(&format!("operators/{name}.ts"), operator(name, "order.*", body));
    answer("a-loop", "while (true) {}");
    answer("b-never", "return new Promise(() => {});");
    answer("c-throws", "throw new Error('\\u001b[31mred\\u0007\\n\\u202e');");
    answer(
        "d-logs",
        "for (let i = 0; i < 3000; i++) console.log('\\u001b[31m' + 'x'.repeat(1e5)); return { actions: [] };",
    );
    answer("e-alloc", "const a = []; while (true) a.push('x'.repeat(1e6) + a.length);");
    answer(
        "f-keys",
        "return { reasoning: '\\u001b[2J', actions: [{ tool: 'order.\\u001b[31m' + 'x'.repeat(1e5), args: {}, entity_key: \
         '\\u202e', idempotency_key: '\\u009b2J\\n' + 'k'.repeat(1e5) }] };",
    );
    answer(
        "g-many",
        "return { actions: Array.from({ length: 3000 }, (_, i) => ({ tool: 'order.hold', args: {}, entity_key: 'e', \
         idempotency_key: 'g' + i })) };",
    );
    let said = workspace.ok(&["dev", "--plain", "--once"]);
    for name in ["a-loop", "b-never", "c-throws", "e-alloc"] {
        assert!(said.contains(&format!("failed {name}\n")), "{name}");
    }
    assert!(said.contains("key=holder:SO-1:hold") && said.contains("dispose order.hold ALLOW key=g2999"));
    assert!(said.len() < 1 << 20, "{} bytes are printed", said.len());
    workspace.ok(&["receipts", "tail", "-n", "9999"]);
    workspace.ok(&["events", "tail", "-n", "9999"]);
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn of_names_given_twice_none_counts() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let second = operator("holder", "order.*", "return { actions: [] };");
    workspace.write("operators/second.ts", second);
    workspace.write("connectors/cn-again.ts", connector("cn-acts", &["order.hold", "page.send"]));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    for told in [
        "operator `holder` is defined in `operators/holder.ts` and in `operators/second.ts`: none of them is used",
        "operator `holder` is defined in `operators/second.ts` and in `operators/holder.ts`: none of them is used",
        "connector `cn-acts` is defined in `connectors/cn-acts.ts` and in `connectors/cn-again.ts`",
    ] {
        assert!(said.err.contains(told), "{}", said.err);
    }
    assert!(!said.err.contains("is provided by"), "{}", said.err);
    assert!(workspace.state("receipts.jsonl").is_empty(), "{}", said.out);
    assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--strict"]).code, 1);
    // Once the other is gone, the one that is left is the one that is meant.
    workspace.remove("operators/second.ts");
    workspace.remove("connectors/cn-again.ts");
    assert!(workspace.ok(&["dev", "replay", "fixtures"]).contains("plan proposed: 1 action"));
    // A file that never loaded does not stand in the way of a definition of its name.
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    std::fs::rename(workspace.path("operators/holder.ts"), workspace.path("operators/z.ts")).unwrap();
    workspace.write("operators/holder.ts", "export default {{{\n");
    workspace.write("connectors/cn-acts/index.ts", "export default {{{\n");
    assert!(workspace.ok(&["dev", "replay", "fixtures"]).contains("plan proposed: 1 action"));
    assert_eq!(workspace.state("receipts.jsonl")[0]["outcome"], "applied");
    workspace.write("fibric.toml", "[bindings]\n\"order.hodl\" = \"cn-acts\"\n");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.err.contains("`[bindings]`: unknown capability `order.hodl`"), "{}", said.err);
}

#[test]
fn names_that_are_not_known_are_errors_with_a_place_and_the_nearest() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write("connectors/cn-more.ts", connector("cn-more", &["page.sned", "order.read"]));
    let senses = operator("senses", "order.*", "return ctx.sense('order.red', {});");
    workspace.write("operators/senses.ts", senses);
    workspace.write("operators/wants.ts", operator("wants", "x.*", HOLDS).replace("'order.hold'", "'order.hodl'"));
    workspace.write("fibric.toml", "[bindings]\n\"order.hold\" = \"cn-act\"\n\"order.raed\" = \"cn-more\"\n");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    for told in [
        "tool `page_sned` of cn-more: unknown capability `page.sned`\n --> connectors/cn-more.ts:5:44",
        "help: did you mean `page.send`?",
        "`run` failed: unknown capability `order.red`; did you mean `order.read`?",
        "operator wants requires `order.hodl`: unknown capability `order.hodl`\n --> operators/wants.ts:5:15",
        "`[bindings]`: unknown capability `order.raed`\n --> fibric.toml:3:2",
        "`[bindings]` binds `order.hold` to `cn-act`, which is not loaded or has no such tool\n --> fibric.toml:2:17",
        "help: did you mean `cn-acts`?",
    ] {
        assert!(said.err.contains(told) || said.out.contains(told), "{told}: {said:?}");
    }
    assert_eq!(workspace.run(&["dev", "replay", "fixtures", "--strict"]).code, 5);
}

#[test]
fn a_tool_that_reaches_for_the_network_is_told_what_to_do_instead() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let reads = connector("cn-reads", &["order.read"]).replace("sideEffecting: true, ", "");
    workspace.write("connectors/cn-reads.ts", reads.replace("return {};", "await fetch('http://x');"));
    let senses = operator("senses", "order.*", "return ctx.sense('order.read', {});");
    workspace.write("operators/senses.ts", senses.replace("['order.hold']", "['order.read']"));
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.out.contains("fetch is not defined (connectors/cn-reads.ts:5:"), "{said:?}");
    assert!(said.out.contains("); author code has no network: "), "{said:?}");
}

#[test]
fn long_ids_and_types_cost_little_and_stay_in_the_folder() {
    let workspace = Workspace::small();
    let mut text = String::new();
    for n in 0..80_u32 {
        let id = format!("{}{n}", "é".repeat(if n % 2 == 0 { 20_000 } else { 35 }));
        text += &order(n).replace(&format!("{n:04}-c"), &id);
    }
    for id in ["../../../x", "/etc/x", ".", "..", "\\u0000", "a/b", "CON"] {
        text += &order(90).replace("0090-c", id);
    }
    text += &envelope(91, &vec!["a"; 100_000].join("."), "{}");
    text += &envelope(92, &"a".repeat(1_000_000), "{}");
    workspace.write("fixtures/a.jsonl", text);
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert!(said.starts_with("89 envelopes · 87 plans proposed"), "{said}");
    let plans = std::fs::read_dir(workspace.path(".fibric/dev/plans")).unwrap().count();
    assert_eq!(plans, 87, "two plans share a file");
}

#[test]
fn what_is_no_file_among_the_fixtures_is_not_waited_for() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    assert!(Command::new("mkfifo").arg(workspace.path("fixtures/pipe.jsonl")).status().unwrap().success());
    std::fs::create_dir(workspace.path("fixtures/folder.jsonl")).unwrap();
    symlink("nowhere", workspace.path("fixtures/link.jsonl")).unwrap();
    let said = workspace.ok(&["dev", "replay", "fixtures"]);
    assert!(said.contains("there is no `fixtures/link.jsonl`"), "{said}");
    assert!(workspace.ok(&["dev", "--plain", "--once"]).contains("key=holder:SO-1:hold"));
    assert_eq!(workspace.run(&["doctor"]).code, 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    workspace.write(".fibric/dev/receipts.jsonl/x", "");
    let said = workspace.run(&["dev", "replay", "fixtures"]);
    assert!(said.code == 1 && said.err.contains("receipts.jsonl"), "{said:?}");
}

#[test]
fn too_few_files_may_be_open_and_it_is_told() {
    let workspace = Workspace::small();
    workspace.write("fixtures/a.jsonl", order(1));
    let binary = env!("CARGO_BIN_EXE_fibric");
    for limit in [6, 9, 12, 15] {
        let line = format!("ulimit -n {limit} && exec {binary} dev replay fixtures");
        let output = Command::new("sh").args(["-c", &line]).current_dir(workspace.path("")).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(!err.contains("panicked"), "{limit}: {err}");
        assert!(output.status.success() || !err.is_empty(), "{limit}: fails without a word");
    }
    workspace.ok(&["receipts", "verify"]);
}

#[test]
fn a_full_disk_is_told_and_loses_no_receipt() {
    let workspace = Workspace::small();
    let large = "x".repeat(20_000);
    let fixtures: String = (0..400)
        .map(|n| envelope(n, "order.created", &format!("{{\"order_id\":\"SO-{n}\",\"note\":\"{large}\"}}")))
        .collect();
    workspace.write("fixtures/a.jsonl", fixtures);
    std::fs::create_dir(workspace.path(".fibric")).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=3m none .fibric || exit 99\n{0} dev replay fixtures >out 2>err; echo $? >code\n{0} receipts \
         verify >verified 2>&1; echo $? >>code; cp -r .fibric/dev kept; true",
        env!("CARGO_BIN_EXE_fibric")
    );
    let done = Command::new("unshare").args(["-rm", "sh", "-c", &script]).current_dir(workspace.path("")).status();
    if !done.is_ok_and(|status| status.success()) {
        eprintln!("skipped: a small file system cannot be mounted here");
        return;
    }
    let err = workspace.read("err");
    assert!(err.contains("No space left") && err.contains("free some space"), "{err}");
    let codes = workspace.read("code");
    assert!(codes.starts_with("1\n"), "{codes}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn what_is_printed_as_json_leads_nobody_and_says_the_same() {
    let odd = "a\u{9b}31m\u{85}\u{61c}\u{200b}\u{200e}\u{2028}\u{202e}\u{2066}\u{feff}\u{7f}\u{e0041}\u{200d}é";
    let workspace = Workspace::small();
    let payload = format!("{{\"order_id\":\"{odd}\",\"{odd}\":[\"{odd}\"]}}");
    workspace.write("fixtures/a.jsonl", envelope(1, "order.created", &payload) + &format!("{{\"{odd}\":\n"));
    let active = |c: char| c != '\n' && (c.is_control() || fibric_console::kernel::sanitize::hidden(c));
    let mut met = 0;
    for args in [
        &["dev", "replay", "fixtures", "--json"][..],
        &["receipts", "tail", "--json"],
        &["receipts", "export"],
        &["receipts", "export", "--envelopes"],
        &["events", "tail", "--json", "-n", "99"],
    ] {
        let said = workspace.run(args);
        assert!(!said.out.contains(active), "{args:?}: {:?}", said.out);
        for line in said.out.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            met += usize::from(value["payload"]["order_id"] == odd || value["args"]["order_id"] == odd);
        }
    }
    assert_eq!(met, 3, "a receipt twice and an envelope once");
    for out in ["one.jsonl", "two.jsonl"] {
        workspace.ok(&["receipts", "export", "--envelopes", "-o", out]);
        assert!(!workspace.read(out).contains(active));
    }
    // On disk it stays as it came.
    assert!(std::fs::read_to_string(workspace.path(".fibric/dev/receipts.jsonl")).unwrap().contains(odd));
}

#[test]
fn megabytes_of_faults_are_told_in_a_few_lines() {
    let workspace = Workspace::small();
    let noise = "{\n".repeat(200_000);
    workspace.write("fixtures/a.jsonl", noise.clone() + &order(1) + &noise);
    for args in [&["dev", "replay", "fixtures"][..], &["dev", "replay", "fixtures", "--json"]] {
        let said = workspace.run(args);
        assert!(said.out.len() + said.err.len() < 64 << 10, "{args:?}: {}", said.out.len() + said.err.len());
        assert!(said.out.contains("399980 more lines were refused"), "{}", said.out);
    }
    let mut dev = workspace.dev(&["--no-play", "--events", "-"]);
    dev.send(&noise);
    dev.send(&order(2));
    dev.wait_for("more lines were refused");
    dev.wait_for("key=holder:SO-2:hold");
    dev.stop();
    let journals = std::fs::read_dir(workspace.path(".fibric/dev/runs")).unwrap().flatten();
    let bytes: u64 =
        journals.filter_map(|item| item.path().join("journal.jsonl").metadata().ok()).map(|about| about.len()).sum();
    assert!(bytes < 128 << 10, "{bytes} bytes are journalled");
    let said = workspace.run(&["doctor"]);
    assert!(said.out.len() + said.err.len() < 64 << 10);
}

/// Puts something under a name.
type Deed<'a> = &'a dyn Fn(&Workspace, &str);

/// What has a name that is read at the start, and is no file or none that anyone would have written.
#[test]
fn settings_and_code_that_are_no_files_are_refused_at_once() {
    let pipe = |workspace: &Workspace, name: &str| {
        std::fs::create_dir_all(workspace.path(name).parent().unwrap()).unwrap();
        let made = Command::new("mkfifo").arg(workspace.path(name)).status().unwrap();
        assert!(made.success());
    };
    let zero = |workspace: &Workspace, name: &str| {
        symlink("/dev/zero", workspace.path(name)).unwrap();
    };
    let huge = |workspace: &Workspace, name: &str| {
        std::fs::File::create(workspace.path(name)).unwrap().set_len(6 << 30).unwrap();
    };
    let deeds: [(Deed<'_>, &str); 3] =
        [(&pipe, "pipe or a device"), (&zero, "pipe or a device"), (&huge, "the limit is")];
    for (deed, told) in deeds {
        let workspace = Workspace::small();
        deed(&workspace, "fibric.toml");
        for args in
            [&["dev", "--plain", "--once"][..], &["doctor"], &["dev", "replay", "fixtures"], &["capabilities", "ls"]]
        {
            let said = workspace.run(args);
            let all = said.out + &said.err;
            assert!(
                said.code != 0 && all.contains("cannot read `fibric.toml`") && all.contains(told),
                "{args:?} {all}"
            );
        }
        let workspace = Workspace::small();
        workspace.write("fixtures/a.jsonl", order(1));
        deed(&workspace, "operators/other.ts");
        let said = workspace.run(&["dev", "replay", "--strict", "fixtures"]);
        assert_ne!(said.code, 0);
        let refused = said.err.contains(told) || said.err.contains("leads out of the workspace");
        assert!(said.err.contains("operators/other.ts") && refused, "{said:?}");
    }
    let workspace = Workspace::small();
    symlink("nowhere", workspace.path("operators/nowhere.ts")).unwrap();
    symlink("self.ts", workspace.path("operators/self.ts")).unwrap();
    let said = workspace.run(&["doctor"]);
    for name in ["`operators/nowhere.ts` cannot be read", "`operators/self.ts` cannot be read"] {
        assert!(said.out.contains(name) || said.err.contains(name), "{name}: {said:?}");
    }
}
