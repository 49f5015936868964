//! Authors' source files: the import graph of an entry, TypeScript made into JavaScript, and the way back from a
//! position in the code that runs to the line its author wrote. Knows files and syntax, nothing of what code means.

mod graph;
mod hints;
mod place;
mod purity;
mod refused;
mod resolve;
mod strip;

pub use graph::{Broken, Graph};
pub use place::{diagnose, mark_word};
pub use strip::{Stripped, strip};

/// Modules that the kernel itself provides.
pub const BUILTIN: [&str; 4] =
    ["@fibric/sdk", "@fibric/connector-sdk", "@fibric/connector-sdk/testing", "@fibric/kernel"];

/// What each of them exports.
pub const EXPORTS: [&str; 7] = ["defineConnector", "defineOperator", "tool", "auth", "none", "evaluate", "devKernel"];
