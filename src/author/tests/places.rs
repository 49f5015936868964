//! Where errors are said to be: always in what the author wrote.

use super::*;

fn marked(diagnostic: &Diagnostic) -> (String, String) {
    let excerpt = diagnostic.excerpt.as_ref().unwrap();
    (diagnostic.place().unwrap(), excerpt.text[excerpt.start..excerpt.end].to_owned())
}

const TYPED: &str = "import type { TrustPolicy } from '@fibric/sdk';
import { defineOperator } from '@fibric/sdk';
import { risk } from './lib/risk.js';

interface Ctx {
  envelope: { payload: Record<string, unknown> };
}

type Unused = TrustPolicy;

export default defineOperator({
  name: 'op', goal: 'g', requires: [], trigger: { on: '**' },
  async run(ctx: Ctx) {
    const score: number = risk(ctx.envelope.payload as any);
    return { score };
  },
});
";

#[test]
fn positions_survive_stripped_types_in_every_file() {
    let lib = "export interface Order {\n  lines: string[];\n}\n\nexport function risk(order: Order): number {\n  const lines = order.lines as string[];\n  return lines.length;\n}\n";
    let files = Workspace::new(&[("operators/op.ts", TYPED), ("operators/lib/risk.ts", lib)]);
    let error = propose(&mut *files.host("operators/op.ts")).unwrap_err();
    assert_eq!(error.message, "`run` failed: TypeError: cannot read property 'length' of undefined");
    assert_eq!(marked(&error), ("operators/lib/risk.ts:7:10".to_owned(), "lines".to_owned()));
    assert_eq!(error.help.as_deref(), Some("called from `run` at operators/op.ts:14:27"));
}

#[test]
fn a_throw_after_an_await_is_placed_too() {
    let (_files, mut host) = host_of("await ctx.sense('orders.read');\n    throw new RangeError('too much');");
    let error = propose(&mut *host).unwrap_err();
    assert_eq!(error.message, "`run` failed: RangeError: too much");
    assert_eq!(error.place().unwrap(), "op.ts:6:15");
}

#[test]
fn a_syntax_error_has_its_span() {
    let files = Workspace::new(&[("op.ts", "export default {\n  run( {\n};\n")]);
    let failed = files.load("op.ts").err().unwrap();
    assert!(failed.diagnostic.message.starts_with("syntax: "), "{}", failed.diagnostic.message);
    assert_eq!((failed.diagnostic.file.as_deref(), failed.diagnostic.line), (Some("op.ts"), Some(3)));
    files.write("op.ts", "const a = 1;\nconst a = 2;\n");
    let failed = files.load("op.ts").err().unwrap();
    assert_eq!(failed.diagnostic.message, "syntax: identifier `a` has already been declared");
    files.write("op.ts", "import './x.json';\n");
    files.write("x.json", "{\n  \"a\": tru\n}");
    let failed = files.load("op.ts").err().unwrap();
    assert_eq!(failed.diagnostic.place().unwrap().split(':').take(2).collect::<Vec<_>>(), ["x.json", "2"]);
}

#[test]
fn an_import_that_leads_nowhere_is_marked() {
    let files = Workspace::new(&[("lib/orders.ts", "export const a = 1;")]);
    let cases = [
        ("import { z } from 'zod';", "npm packages cannot be loaded by this version yet: `zod`", "op.ts:2:19"),
        ("import './lib/order';", "`./lib/order` was not found", "op.ts:2:8"),
        (
            "import * as fs from 'node:fs';",
            "`node:fs` is a Node built-in, which is not there: author code does not run in Node",
            "op.ts:2:21",
        ),
        (
            "import { readFile } from 'fs/promises';\nvoid readFile;",
            "`fs/promises` is a Node built-in, which is not there: author code does not run in Node",
            "op.ts:2:26",
        ),
        (
            "import { defineOperater } from '@fibric/sdk';\nvoid defineOperater;",
            "`@fibric/sdk` does not export `defineOperater`",
            "op.ts:2:10",
        ),
        ("import { tool } from '@fibric/sdl';", "there is no module `@fibric/sdl`", "op.ts:2:22"),
        (
            "import x from 'https://example.com/x.js';",
            "`https://example.com/x.js` is a URL, which is never fetched",
            "op.ts:2:15",
        ),
        ("import { b } from './lib/orders';", "`lib/orders.ts` does not export `b`", "op.ts:2:10"),
    ];
    for (import, said, place) in cases {
        let uses = "export default [typeof z, typeof fs, typeof tool, typeof x, typeof b];";
        files.write("op.ts", &format!("// first\n{import}\n{uses}\n"));
        let failed = files.load("op.ts").err().unwrap();
        assert_eq!((failed.diagnostic.message.as_str(), failed.diagnostic.place().unwrap().as_str()), (said, place));
        assert!(failed.diagnostic.excerpt.is_some());
    }
    files.write("op.ts", "import './lib/order';");
    let failed = files.load("op.ts").err().unwrap();
    assert_eq!(failed.diagnostic.help.as_deref(), Some("did you mean `orders.ts`?"));
}

#[test]
fn names_from_elsewhere_come_with_what_to_do_instead() {
    let cases = [
        ("await fetch('http://x');", "author code has no network"),
        ("require('fs');", "there is no `require`"),
        ("return process.env;", "author code sees no process"),
        ("await ctx.http.get('/x');", "an operator has no `ctx.http`"),
        ("await ctx.senses('order.read');", "`ctx` has no `senses`; did you mean `sense`?"),
        ("ctx.log.inof('x');", "`ctx.log` has no `inof`; did you mean `info`?"),
        ("auth.apikey({});", "`auth` has no `apikey`; did you mean `apiKey`?"),
    ];
    for (body, told) in cases {
        let source = format!("import {{ auth }} from '@fibric/sdk';\nvoid auth;\n{}", operator(body));
        let files = Workspace::new(&[("op.ts", &source)]);
        let error = propose(&mut *files.host("op.ts")).unwrap_err();
        assert!(error.help.as_deref().is_some_and(|help| help.starts_with(told)), "{body}: {error:?}");
        assert_eq!(error.line, Some(7), "{body}");
    }
    let files = Workspace::new(&[("op.ts", "import { defineOperater as x } from '@fibric/sdk';\nexport default x;")]);
    let failed = files.load("op.ts").err().unwrap();
    assert_eq!(failed.diagnostic.help.as_deref(), Some("did you mean `defineOperator`?"));
}

#[test]
fn other_runtimes_are_refused_honestly() {
    let files = Workspace::new(&[("op.py", ""), ("op.ts", "")]);
    let failed = files.load("op.py").err().unwrap();
    assert_eq!(failed.diagnostic.message, "`op.py` is Python, which cannot be run yet");
    let entry = files.path().join("op.ts");
    let request = Request {
        root: files.path(),
        named_from: files.path(),
        entry: &entry,
        kind: CodeKind::Any,
        runtime: RuntimeKind::Node,
        limits: quick(),
        hosts: &Hosts::default(),
    };
    let failed = load(&request).err().unwrap();
    assert_eq!(failed.diagnostic.message, "`op.ts` asks for `runtime = \"node\"`, which cannot be run yet");
    files.write("op.ts", &operator("return {};"));
    let failed = load(&Request { kind: CodeKind::Connector, runtime: RuntimeKind::Embedded, ..request }).err().unwrap();
    assert_eq!(failed.diagnostic.message, "`op.ts` exports an operator where a connector is expected");
}

#[test]
fn an_error_while_loading_is_placed() {
    let files = Workspace::new(&[(
        "op.ts",
        "type A = string;\n\nconst table: A[] = null as any;\ntable.map((x) => x);\nexport default 1;",
    )]);
    let failed = files.load("op.ts").err().unwrap();
    assert!(failed.diagnostic.message.starts_with("loading failed: TypeError"), "{}", failed.diagnostic.message);
    assert_eq!(failed.diagnostic.line, Some(4));
}

#[test]
fn what_cannot_run_is_told_with_what_to_write_instead() {
    let files = Workspace::new(&[("lib/v.ts", "export const a = 1;"), ("src/w.ts", "export const b = 2;")]);
    for (text, message, help) in [
        ("export = { a: 1 };\n", "`export =` exports nothing here", "write `export default` instead"),
        (
            "import fs = require('fs');\nvoid fs;\n",
            "`import … = require(…)` imports nothing here",
            "write `import NAME",
        ),
        ("@logged\nclass A {}\nexport default new A();\n", "decorators are not run", "call the function yourself"),
        (
            "class A { @logged a = 1; }\nexport default new A();\n",
            "decorators are not run",
            "call the function yourself",
        ),
        ("class A { accessor a = 1; }\nexport default new A();\n", "`accessor` fields are not run", "write a field"),
        ("import { a } from '@/lib/v';\nvoid a;\n", "`@/lib/v` is no relative path", "write `../lib/v`"),
        ("import { b } from '~/w';\nvoid b;\n", "`~/w` is no relative path", "write `../src/w`"),
        ("import { a } from 'lib/v.js';\nvoid a;\n", "`lib/v.js` is no relative path", "write `../lib/v.js`"),
        ("import { a } from '#gone';\nvoid a;\n", "`#gone` is no relative path", "import by a relative path"),
        ("import { a } from '@acme/gone';\nvoid a;\n", "npm packages cannot be loaded", "copy what is needed"),
    ] {
        files.write("operators/op.ts", text);
        let failed = files.load("operators/op.ts").err().unwrap().diagnostic;
        assert!(failed.message.starts_with(message), "{text}: {}", failed.message);
        let told = failed.help.clone().unwrap_or_default();
        assert!(told.contains(help) && failed.line.is_some(), "{text}: {told}");
    }
}

#[test]
fn a_locale_that_is_not_heard_is_refused() {
    for call in [
        "(1234.5).toLocaleString('de-DE', { style: 'currency', currency: 'EUR' })",
        "(1234.5).toLocaleString(undefined, { minimumFractionDigits: 2 })",
        "10n.toLocaleString('de')",
        "[1.5].toLocaleString('de')",
        "new Date().toLocaleString('en-US')",
        "new Date().toLocaleDateString(undefined, { timeZone: 'Europe/Berlin' })",
        "new Date().toLocaleTimeString([], { hour: '2-digit' })",
        "'a'.localeCompare('b', 'de')",
        "'a'.localeCompare('b', undefined, { numeric: true })",
        "'i'.toLocaleUpperCase('tr')",
        "new Intl.NumberFormat('de')",
    ] {
        let (_files, mut host) = host_of(&format!("return {{ reasoning: String({call}), actions: [] }};"));
        let failed = propose(&mut *host).unwrap_err();
        let told =
            failed.message.contains("author code has no locales") || failed.message.contains("Intl is not defined");
        assert!(
            told && failed.help.as_deref().unwrap_or_default().contains("write the format out"),
            "{call}: {failed:?}"
        );
    }
    for (call, said) in [
        ("(1234.5).toLocaleString()", "1234.5"),
        ("'a'.localeCompare('b')", "-1"),
        ("'i'.toLocaleUpperCase('en-US')", "I"),
        ("[1, 2].toLocaleString()", "1,2"),
    ] {
        let (_files, mut host) = host_of(&format!("return {{ reasoning: String({call}), actions: [] }};"));
        let plan = format!("{:?}", propose(&mut *host).unwrap());
        assert!(plan.contains(said), "{call}: {plan}");
    }
}
