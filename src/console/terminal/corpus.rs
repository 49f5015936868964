//! Fixtures, their results and their recorded plans, for a screen: on a kernel of its own, in runs that share no keys and
//! whose handlers are stubs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::console::screen::corpus::{CorpusReply, CorpusRequest};
use crate::coverage::{CoverageMap, WhatIsLoaded, fill, play_fixture, read};
use crate::session::dev_kernel::DevKernel;
use crate::session::golden;
use crate::session::store::Store;
use crate::workspace::{Workspace, fixtures};

/// Does what is asked.
pub fn perform(root: &Path, request: CorpusRequest) -> CorpusReply {
    done(root, request).unwrap_or_else(CorpusReply::Failed)
}

fn done(root: &Path, request: CorpusRequest) -> Result<CorpusReply, String> {
    let workspace = Workspace::open(root).map_err(|fault| fault.message)?;
    Ok(match request {
        CorpusRequest::Read => {
            let files = own(&workspace);
            let kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
            let results = read(&kernel.workspace, &files);
            let map = CoverageMap::of(&WhatIsLoaded::of(&kernel), &results);
            CorpusReply::Read { results: Arc::new(results), map: Arc::new(map) }
        }
        CorpusRequest::Fill { cell } => {
            let (files, store) = (own(&workspace), opened(&workspace)?);
            let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
            CorpusReply::Filled(fill(&mut kernel, &store, &files, &cell).map_err(|why| why.to_string()))
        }
        CorpusRequest::Play { file, envelope } => {
            let (path, store) = (workspace.root.join(&file), opened(&workspace)?);
            let mut kernel = DevKernel::load(workspace, Vec::new(), &mut |_| {});
            let run = play_fixture(&mut kernel, &store, &path, envelope.as_deref());
            CorpusReply::Played(run.map_err(|error| format!("cannot play {file}: {error}"))?)
        }
        CorpusRequest::Compare { run } => {
            let store = Store::reading(workspace.state_dir());
            let found = golden::of_run(&workspace, &store, run).map_err(|error| error.to_string());
            CorpusReply::Compared { run, found }
        }
        CorpusRequest::Accept(finding) => {
            golden::accept(&workspace, &finding).map_err(|fault| fault.message)?;
            CorpusReply::Accepted
        }
    })
}

fn own(workspace: &Workspace) -> Vec<PathBuf> {
    fixtures::expand(&workspace.root.join("fixtures")).unwrap_or_default()
}

fn opened(workspace: &Workspace) -> Result<Store, String> {
    Store::open(workspace.state_dir()).map_err(|error| error.to_string())
}
