//! The module from outside: entries on disk in, hosts and diagnostics out.

mod ahead;
mod confined;
mod crossing;
mod definitions;
mod host;
mod hostile;
mod places;
mod scenes;

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::host::{Host, Limits, Reasoned, Scene, Services};
use super::load::{CodeKind, LoadFailure, Loaded, Request, RuntimeKind, load};
use super::process::Hosts;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::{self, Raw};

/// Limits short enough to be hit in a test.
fn quick() -> Limits {
    Limits { call: Duration::from_millis(300), ..Limits::default() }
}

struct Workspace(tempfile::TempDir);

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let workspace = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            workspace.write(name, text);
        }
        workspace
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn load_with(&self, entry: &str, limits: Limits) -> Result<Loaded, LoadFailure> {
        let entry = self.path().join(entry);
        let (kind, runtime, hosts) = (CodeKind::Any, RuntimeKind::Embedded, &Hosts::default());
        load(&Request { root: self.path(), named_from: self.path(), entry: &entry, kind, runtime, limits, hosts })
    }

    fn load(&self, entry: &str) -> Result<Loaded, LoadFailure> {
        self.load_with(entry, Limits::default())
    }

    fn host(&self, entry: &str) -> Box<dyn Host> {
        match self.load_with(entry, quick()) {
            Ok(loaded) => loaded.host,
            Err(failure) => panic!("{:#?}", failure.diagnostic),
        }
    }
}

/// An operator whose `run(ctx)` has this body.
fn operator(body: &str) -> String {
    format!(
        "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{\n  name: 'op', goal: 'g', \
         requires: ['orders.read'], trigger: {{ on: 'order.*' }},\n  async run(ctx: any) {{\n{body}\n  }},\n  \
         stub(input: any) {{ return {{ stubbed: input }}; }},\n}});\n"
    )
}

fn host_of(body: &str) -> (Workspace, Box<dyn Host>) {
    let workspace = Workspace::new(&[("op.ts", &operator(body))]);
    let host = workspace.host("op.ts");
    (workspace, host)
}

fn envelope() -> EventEnvelope {
    envelope_with(r#"{"order_id":"SO-10884","total":412.50}"#)
}

fn envelope_with(payload: &str) -> EventEnvelope {
    let text = format!(
        r#"{{"event_id":"6a1e","reseller_id":null,"tenant_id":"t_local","workspace_id":null,"source":"magento",
        "event_type":"order.created","correlation_id":"9f31","payload":{payload},"agent_id":null,"session_id":null}}"#
    );
    EventEnvelope::from_json(&json::read(&text).unwrap().value).unwrap()
}

#[derive(Default)]
struct World {
    sensed: Vec<String>,
    logged: Vec<String>,
    reasoned: Vec<String>,
}

impl Services for World {
    fn sense(&mut self, capability: &str, args: &Raw) -> Result<Raw, String> {
        self.sensed.push(format!("{capability} {}", args.as_str()));
        if capability == "orders.slow" {
            std::thread::sleep(Duration::from_millis(500));
        }
        match capability {
            "orders.gone" => Err("no recording".to_owned()),
            _ => Ok(Raw::parse(r#"{"status":"open","n":1}"#).unwrap()),
        }
    }

    fn reason(&mut self, _: &Raw) -> Result<Reasoned, String> {
        Ok(Reasoned::Stub)
    }

    fn reasoned(&mut self, input: &Raw) {
        self.reasoned.push(input.as_str().to_owned());
    }

    fn stub_answered(&mut self, input: &Raw, answer: &Raw) {
        self.reasoned.push(format!("{} → {}", input.as_str(), answer.as_str()));
    }

    fn http(&mut self, request: &Raw) -> Result<Raw, String> {
        Err(format!("no connection for {}", request.as_str()))
    }

    fn log(&mut self, level: &str, text: &str) {
        self.logged.push(format!("{level} {text}"));
    }
}

fn propose(host: &mut dyn Host) -> Result<String, Diagnostic> {
    propose_in(host, &mut World::default(), "e1")
}

fn propose_in(host: &mut dyn Host, world: &mut World, seed: &str) -> Result<String, Diagnostic> {
    let envelope = envelope();
    let scene = Scene { envelope: Some(&envelope), clock: "2026-03-04T05:06:07.890Z", seed, own_stub: false };
    host.propose(&scene, world).map(|raw| raw.as_str().to_owned())
}

fn call(host: &mut dyn Host, tool: &str, input: &str, world: &mut World) -> Result<String, Diagnostic> {
    let scene = Scene { envelope: None, clock: "2026-01-01T00:00:00Z", seed: "", own_stub: false };
    host.call(tool, &Raw::parse(input).unwrap(), &scene, world).map(|raw| raw.as_str().to_owned())
}
