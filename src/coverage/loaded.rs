//! What is loaded, as the map asks: which operator listens to what, what it may propose, and which policy judges that.

use std::sync::Arc;

use crate::author::definition::Trigger;
use crate::kernel::journal::CodeKind;
use crate::kernel::policy::PolicySet;
use crate::session::dev_kernel::DevKernel;

/// Operators, tools and policy.
#[derive(Debug, Clone)]
pub struct WhatIsLoaded {
    /// In name order.
    pub operators: Vec<LoadedOperator>,
    /// The policy in force.
    pub policy: Arc<PolicySet>,
    /// Its digest, as receipts carry it; none without a policy.
    pub digest: Option<String>,
}

/// An operator.
#[derive(Debug, Clone)]
pub struct LoadedOperator {
    /// Its name.
    pub name: String,
    /// What it listens to.
    pub trigger: Trigger,
    /// Digest of the code that runs.
    pub revision: Option<String>,
    /// What it may propose, in the order of its `requires`.
    pub tools: Vec<LoadedTool>,
}

/// A capability that acts, as an operator may propose it.
#[derive(Debug, Clone)]
pub struct LoadedTool {
    /// The canonical name.
    pub capability: String,
    /// The connector it is bound to, or why to none.
    pub connector: Result<String, String>,
}

impl WhatIsLoaded {
    /// Of a kernel.
    pub fn of(kernel: &DevKernel) -> Self {
        let vocabulary = &kernel.workspace.vocabulary;
        let mut operators: Vec<_> = kernel
            .roster
            .operators()
            .map(|operator| {
                let canonical = operator.requires.iter().filter_map(|name| vocabulary.canonical(name).ok());
                let tools = canonical.filter(|name| vocabulary.acts(name)).map(|name| LoadedTool {
                    capability: name.to_owned(),
                    connector: kernel.roster.bind(name).map(|binding| binding.connector),
                });
                let is_it = |name: &str| name == operator.name;
                let mut loaded = kernel.roster.loaded().filter(|loaded| loaded.kind == CodeKind::Operator);
                LoadedOperator {
                    name: operator.name.clone(),
                    trigger: operator.trigger.clone(),
                    revision: loaded.find(|loaded| is_it(&loaded.name)).and_then(|loaded| loaded.running.clone()),
                    tools: tools.collect(),
                }
            })
            .collect();
        operators.sort_by(|one, other| one.name.cmp(&other.name));
        Self { operators, policy: Arc::clone(&kernel.policy.rules), digest: kernel.policy.stamp.digest.clone() }
    }
}
