//! The `evaluate` that author code imports from `@fibric/kernel`, held to the same vectors as the kernel.

use std::fs;
use std::path::Path;

use fibric_console::author::host::{Limits, Reasoned, Scene, Services};
use fibric_console::author::load::{CodeKind, Request, RuntimeKind, load};
use fibric_console::author::process::{Hosts, launch};
use fibric_console::kernel::json::{self, Raw};
use fibric_console::session::clock::FIXTURE_NOW;

/// Runs every vector a double can hold and says in its plan which ones it was wrong about.
const OPERATOR: &str = r"
import { defineOperator } from '@fibric/sdk';
import { evaluate } from '@fibric/kernel';
import vectors from '../evaluate.json';

const predicate = (spelled: any) => {
  if ('throws' in spelled) return () => { throw new Error(spelled.throws); };
  return () => spelled.returns;
};
const policy = ({ maxValue, predicate: spelled, ...rest }: any) => ({
  ...rest,
  ...(maxValue === undefined ? {} : { maxValue: Number(maxValue) }),
  ...(spelled === undefined ? {} : { predicate: predicate(spelled) }),
});

export default defineOperator({
  name: 'vectors', goal: 'agree', requires: [], trigger: { on: '**' },
  run() {
    const wrong: string[] = [];
    let ran = 0;
    for (const { name, policies, action, expected, digits } of vectors.cases) {
      if (digits === 'exact' || policies.some((one: any) => one.predicate?.times_out)) continue;
      const { value, float, ...rest } = action;
      const found = evaluate(policies.map(policy), value === undefined ? rest : { ...rest, value: Number(value) }, {});
      ran += 1;
      if (found !== expected.decision) wrong.push(`${name}: ${found}, expected ${expected.decision}`);
    }
    return { reasoning: `${ran} ran; ${wrong.join(' | ')}`, actions: [] };
  },
});";

struct Nothing;

impl Services for Nothing {
    fn sense(&mut self, _: &str, _: &Raw) -> Result<Raw, String> {
        Err("nothing to sense".to_owned())
    }

    fn reason(&mut self, _: &Raw) -> Result<Reasoned, String> {
        Err("nothing to ask".to_owned())
    }

    fn http(&mut self, _: &Raw) -> Result<Raw, String> {
        Err("no connection".to_owned())
    }

    fn log(&mut self, _: &str, _: &str) {}
}

/// Author code may not load files of any size, so the vectors come in pieces.
const PIECE: usize = 2_000;

#[test]
fn what_authors_import_agrees_with_the_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/evaluate.json");
    let vectors = json::read(&fs::read_to_string(vectors).unwrap()).unwrap().value;
    fs::create_dir(folder.path().join("operators")).unwrap();
    let entry = folder.path().join("operators/vectors.ts");
    fs::write(&entry, OPERATOR).unwrap();
    let mut ran = 0;
    for cases in vectors["cases"].as_array().unwrap().chunks(PIECE) {
        let piece = serde_json::json!({ "cases": cases });
        fs::write(folder.path().join("evaluate.json"), piece.to_string()).unwrap();
        launch::use_program(env!("CARGO_BIN_EXE_fibric"));
        let request = Request {
            root: folder.path(),
            entry: &entry,
            kind: CodeKind::Operator,
            runtime: RuntimeKind::Embedded,
            limits: Limits::default(),
            hosts: &Hosts::default(),
        };
        let mut host = load(&request).unwrap().host;
        let scene = Scene { envelope: None, clock: FIXTURE_NOW, seed: "vectors" };
        let plan = host.propose(&scene, &mut Nothing).unwrap().value();
        let said = plan["reasoning"].as_str().unwrap();
        let (some, wrong) = said.split_once(" ran; ").unwrap();
        ran += some.parse::<u32>().unwrap();
        assert_eq!(wrong, "");
    }
    assert!(ran > 3_500, "{ran}");
}
