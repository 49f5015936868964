//! Writes what tests a boundary: operators are asked, on a kernel of its own, and only a test that notices the change is
//! written.

use std::path::Path;
use std::sync::Arc;

use super::files;
use crate::console::screen::files::{Boundary, FileReply};
use crate::coverage::{BoundaryTest, test_for};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::policy::file::read_tests;
use crate::session::dev_kernel::DevKernel;
use crate::session::store::Store;
use crate::workspace::{Workspace, fixtures};

/// Finds the test and writes it, beside the policy file or to the fixtures.
pub fn write(root: &Path, boundary: &Boundary, file: &str, recorded: &[Arc<EventEnvelope>]) -> FileReply {
    written(root, boundary, file, recorded).unwrap_or_else(|why| FileReply::Failed { why: format!("no test: {why}") })
}

fn written(root: &Path, boundary: &Boundary, file: &str, recorded: &[Arc<EventEnvelope>]) -> Result<FileReply, String> {
    let workspace = Workspace::open(root).map_err(|fault| fault.message)?;
    let vocabulary = workspace.vocabulary.clone();
    let store = Store::open(workspace.state_dir()).map_err(|error| error.to_string())?;
    let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
    let known = fixtures::expand(&root.join("fixtures")).unwrap_or_default();
    let test = test_for(&mut kernel, &store, &known, recorded, &boundary.0).map_err(|why| why.to_string())?;
    match test {
        BoundaryTest::Fixture(filled, batch) => {
            let told = format!("written to {}: {}", filled.file, filled.outcome);
            Ok(FileReply::TestWritten { told, fixture: Some(batch), tests: None })
        }
        BoundaryTest::Row { line, instead } => {
            let table = Path::new(file).with_extension("tests.yaml");
            let name = table.to_string_lossy().into_owned();
            let now = match std::fs::read_to_string(root.join(&table)) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
                Err(error) => return Err(format!("cannot read {name}: {error}")),
            };
            // A list in brackets, say, has no room for a line.
            read_tests(&name, &format!("{}\n{line}\n", now.trim_end()), &vocabulary)
                .map_err(|_| format!("{name} takes no further line; add `{line}` there"))?;
            files::append(&root.join(&table), &line).map_err(|error| format!("cannot write {name}: {error}"))?;
            let told = format!("no event leads there: written to {name} as a policy test ({instead})");
            Ok(FileReply::TestWritten { told, fixture: None, tests: Some(files::policy_tests(root, &vocabulary)) })
        }
    }
}
