//! What a screen asks about fixtures: the last result of each, the map of what they cover, a fixture for an empty cell, a
//! replay of some of them, and their recorded plans. All of it takes long: it is done beside the loop.

use std::sync::Arc;

use crate::coverage::{CoverageMap, Filled, LastResults};
use crate::session::golden::Finding;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorpusRequest {
    /// Read the fixtures with their last results, and what they cover of what is loaded.
    Read,
    /// Write the smallest fixture that fills a cell, and keep it if it does.
    Fill {
        /// The cell's name.
        cell: String,
    },
    /// Play a fixture file, or one envelope of it, in a run of its own.
    Play {
        /// The file.
        file: String,
        /// The envelope's digest; those that are alike are played too.
        envelope: Option<String>,
    },
    /// Hold a run's plans against those that were recorded.
    Compare {
        /// The run.
        run: u32,
    },
    /// Record what is proposed now in place of what was, of one difference.
    Accept(Box<Finding>),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum CorpusReply {
    /// The fixtures and the map.
    Read {
        /// The fixtures.
        results: Arc<LastResults>,
        /// The map.
        map: Arc<CoverageMap>,
    },
    /// A fixture was written for a cell, or why none was.
    Filled(Result<Filled, String>),
    /// Fixtures were played in that run.
    Played(u32),
    /// How a run's plans differ from those that were recorded; or why nobody can say.
    Compared {
        /// The run.
        run: u32,
        /// The differences.
        found: Result<Vec<Finding>, String>,
    },
    /// A difference was recorded.
    Accepted,
    /// It could not be done.
    Failed(String),
}
