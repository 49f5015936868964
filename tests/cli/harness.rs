//! A workspace in a temporary folder, and the binary run in it, to its end or beside the test.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub struct Workspace {
    dir: tempfile::TempDir,
}

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// An operator that answers every `TRIGGER` with one action, unless `body` says otherwise.
pub fn operator(name: &str, on: &str, body: &str) -> String {
    format!(
        "import {{ defineOperator }} from '@fibric/sdk';\nexport default defineOperator({{\n  name: '{name}',\n  \
         goal: 'g',\n  requires: ['order.hold'],\n  trigger: {{ on: '{on}' }},\n  async run(ctx) {{\n    {body}\n  }},\n}});\n"
    )
}

/// The body of an operator that holds the order its envelope names, under a key of its own.
pub const HOLDS: &str = "const id = ctx.envelope.payload.order_id;\n    return { actions: [{ tool: 'order.hold', \
                         args: { order_id: id }, entity_key: `order:${id}`, idempotency_key: `holder:${id}:hold` }] };";

/// A connector that provides these capabilities and takes any input.
pub fn connector(id: &str, capabilities: &[&str]) -> String {
    let mut tools = String::new();
    for capability in capabilities {
        let name = capability.replace('.', "_");
        let _ = writeln!(
            tools,
            "    tool({{ name: '{name}', capability: '{capability}', summary: 'Does it', sideEffecting: true, input: {{ \
             type: 'object' }}, async run() {{ return {{}}; }} }}),"
        );
    }
    format!(
        "import {{ auth, defineConnector, tool }} from '@fibric/sdk';\nexport default defineConnector({{\n  name: \
         '{id}', summary: 'Acts.', version: '1.0.0', category: 'oms', publisher: 'acme', auth: auth.none(),\n  tools: \
         [\n{tools}  ],\n}});\n"
    )
}

/// One envelope's line, with its line break.
pub fn envelope(n: u32, event_type: &str, payload: &str) -> String {
    format!(
        "{{\"event_id\":\"e{n}\",\"reseller_id\":null,\"tenant_id\":\"t_local\",\"workspace_id\":null,\
         \"source\":\"shop\",\"event_type\":\"{event_type}\",\"correlation_id\":\"{n:04}-c\",\"payload\":{payload},\
         \"agent_id\":null,\"session_id\":null}}\n"
    )
}

/// An envelope that the workspace's own operator answers by holding an order.
pub fn order(n: u32) -> String {
    envelope(n, "order.created", &format!("{{\"order_id\":\"SO-{n}\"}}"))
}

impl Workspace {
    /// A folder with nothing but `operators/`.
    pub fn bare() -> Self {
        let workspace = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(workspace.path("operators")).unwrap();
        workspace
    }

    /// One connector, one operator that holds orders, a policy that allows it, and no fixtures.
    pub fn small() -> Self {
        let workspace = Self::bare();
        workspace.write("connectors/cn-acts.ts", connector("cn-acts", &["order.hold", "notify.send"]));
        workspace.write("operators/holder.ts", operator("holder", "order.*", HOLDS));
        workspace.write("policy/trust.yaml", "- { tool: order.hold, decision: ALLOW }\n");
        workspace
    }

    /// The workspace that comes with the product.
    pub fn bundled() -> Self {
        let workspace = Self::bare();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for name in ["fibric.toml", "connectors", "operators", "fixtures", "policy"] {
            copy(&root.join(name), &workspace.path(name));
        }
        workspace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Saves as many editors do: beside, then renamed into place.
    pub fn replace(&self, name: &str, text: &str) {
        let path = self.path(name);
        let beside = path.with_file_name(".beside~");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// A projection's lines as JSON.
    pub fn state(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(".fibric/dev").join(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fibric"));
        command.args(args).current_dir(self.dir.path()).env("TZ", "UTC").env_remove("NO_COLOR").stdin(Stdio::null());
        command
    }

    /// Runs a command to its end. Whatever it says must be inert.
    pub fn run(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().unwrap();
        let said = Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!said.err.contains("panicked"), "{args:?}: {}", said.err);
        for text in [&said.out, &said.err] {
            let active = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!text.contains(active), "{args:?} is not inert: {text:?}");
        }
        said
    }

    /// Runs a command that must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }

    /// The same for what may hold tabs: scripts.
    pub fn ok_raw(&self, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a command that goes on until it is stopped.
    pub fn spawn(&self, args: &[&str]) -> Running {
        self.spawn_with(args, &[])
    }

    /// The same with variables of the environment.
    pub fn spawn_with(&self, args: &[&str], variables: &[(&str, &Path)]) -> Running {
        let mut command = self.command(args);
        command.envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| tell.send(line).is_ok()));
        Running { input: child.stdin.take(), child, lines, seen: String::new() }
    }

    /// Starts `fibric dev --plain` on a free port and waits until it watches.
    pub fn dev(&self, args: &[&str]) -> Running {
        // One that ends by itself listens nowhere.
        let port: &[&str] = if args.contains(&"--once") { &[] } else { &["--port", "0"] };
        let mut running = self.spawn(&[&["dev", "--plain"], port, args].concat());
        running.wait_for("watching ");
        running
    }
}

pub fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for item in fs::read_dir(from).unwrap().flatten() {
            copy(&item.path(), &to.join(item.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// A command beside the test; killed when dropped.
pub struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// Every line so far.
    pub seen: String,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line that holds `part`, among those not yet waited through.
    pub fn wait_for(&mut self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else { panic!("`{part}` never came; so far:\n{}", self.seen) };
            let _ = writeln!(self.seen, "{line}");
            if line.contains(part) {
                return line;
            }
        }
    }

    pub fn send(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Ends its standard input.
    pub fn close(&mut self) {
        self.input = None;
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status().unwrap();
        assert!(sent.success(), "{}", self.id());
    }

    /// Waits for the end; gives the exit code, or none when a signal killed it.
    pub fn end(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(line) = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            let _ = writeln!(self.seen, "{line}");
        }
        assert!(Instant::now() < deadline, "it does not end; so far:\n{}", self.seen);
        self.child.wait().unwrap().code()
    }

    /// Stops it in order.
    pub fn stop(&mut self) {
        self.signal("TERM");
        assert_eq!(self.end(), Some(130), "{}", self.seen);
    }

    /// The most memory it has held so far, in mebibytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Times in brackets, which differ from run to run.
pub fn timeless(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        let timed = line.starts_with('[') && line.as_bytes().get(9) == Some(&b']');
        let _ = writeln!(lines, "{}", if timed { format!("[hh:mm:ss]{}", &line[10..]) } else { line.to_owned() });
    }
    lines
}
