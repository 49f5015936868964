//! Writes what tests a boundary: operators are asked, on a kernel of its own, and only a test that notices the change is
//! written.

use std::path::Path;
use std::sync::Arc;

use super::files;
use crate::console::screen::files::{Boundary, FileReply};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::policy::file::read_tests;
use crate::session::corpus::{BoundaryTest, test_for};
use crate::session::dev_kernel::DevKernel;
use crate::workspace::{Workspace, fixtures};

/// Where such fixtures are written.
const FIXTURES: &str = "fixtures/boundaries.jsonl";

/// Finds the test and writes it, beside the policy file or to the fixtures.
pub fn write(root: &Path, boundary: &Boundary, file: &str, recorded: &[Arc<EventEnvelope>]) -> FileReply {
    written(root, boundary, file, recorded).unwrap_or_else(|why| FileReply::Failed { why: format!("no test: {why}") })
}

fn written(root: &Path, boundary: &Boundary, file: &str, recorded: &[Arc<EventEnvelope>]) -> Result<FileReply, String> {
    let workspace = Workspace::open(root).map_err(|fault| fault.message)?;
    let vocabulary = workspace.vocabulary.clone();
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let known = fixtures::expand(&root.join("fixtures")).unwrap_or_default();
    match test_for(&mut kernel, &known, recorded, &boundary.0) {
        Some(BoundaryTest::Fixture(envelope, batch)) => {
            let line = serde_json::to_string(&envelope).map_err(|error| error.to_string())?;
            files::append(&root.join(FIXTURES), &line).map_err(|error| format!("cannot write {FIXTURES}: {error}"))?;
            Ok(FileReply::TestWritten { file: FIXTURES.to_owned(), fixture: Some(batch) })
        }
        Some(BoundaryTest::Row(row)) => {
            let table = Path::new(file).with_extension("tests.yaml");
            let name = table.to_string_lossy().into_owned();
            let now = match std::fs::read_to_string(root.join(&table)) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(format!("cannot read {name}: {error}")),
            };
            // A list in brackets, say, has no room for a line.
            read_tests(&name, &format!("{}\n{row}\n", now.trim_end()), &vocabulary)
                .map_err(|_| format!("{name} takes no further line; add `{row}` there"))?;
            files::append(&root.join(&table), &row).map_err(|error| format!("cannot write {name}: {error}"))?;
            Ok(FileReply::TestWritten { file: name, fixture: None })
        }
        None => Err("neither an event nor a policy test can tell the two apart".to_owned()),
    }
}
