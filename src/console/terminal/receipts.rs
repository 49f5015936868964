//! The receipts of earlier sessions, read for a screen a portion at a time.

use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;

use crate::console::screen::files::{Archive, Brief, FileReply, Portion};
use crate::impact::Row;
use crate::kernel::capability::Vocabulary;
use crate::session::corpus::{self, Chunk, Names};
use crate::workspace::Workspace;

/// Where they are, relative to the workspace.
const FILE: &str = ".fibric/dev/receipts.jsonl";

/// What names mean here; a receipt says where its action was bound.
struct Known(Vocabulary);

impl Names for Known {
    fn capability(&self, tool: &str) -> Result<String, String> {
        self.0.canonical(tool).map(str::to_owned).map_err(|unknown| unknown.to_string())
    }

    fn bound_to(&self, _: &str) -> Option<String> {
        None
    }
}

/// Reads some of them again.
pub fn recall(archive: &Archive, rows: &[Row]) -> FileReply {
    let known = Known(Vocabulary::shipped());
    let brief = |row: Row| -> Option<Brief> {
        let found = archive.0.find(row, &known).ok()??;
        let named: Named = serde_json::from_str(&found.text).ok()?;
        Some(Brief { id: named.id, entity: named.entity_key, place: format!("{FILE}:{}", found.line) })
    };
    FileReply::Recalled(rows.iter().map(|row| (*row, brief(*row))).collect())
}

/// What a receipt is called by.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: String,
    #[serde(default)]
    entity_key: String,
}

/// Reads them up to those of a run; `tell` says whether to go on.
pub fn read(root: &Path, before: u32, tell: &mut dyn FnMut(FileReply) -> bool) {
    let path = root.join(FILE);
    if !path.exists() {
        tell(FileReply::ReceiptsEnd { fault: None });
        return;
    }
    let upto = corpus::start_of(&path, before).unwrap_or(u64::MAX);
    let vocabulary = Workspace::open(root).map_or_else(|_| Vocabulary::shipped(), |workspace| workspace.vocabulary);
    let mut each = |Chunk { batch, places, read, size }: Chunk| {
        let portion = Portion { batch, places, read, size };
        if tell(FileReply::Receipts(Box::new(portion))) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let fault = match corpus::read_upto(&path, FILE, upto, &Known(vocabulary), &mut each) {
        Ok(tally) => tally.diagnostics(FILE).into_iter().next(),
        Err(fault) => Some(fault),
    };
    tell(FileReply::ReceiptsEnd { fault });
}
