//! The program a host was given: its modules by name.

use std::collections::BTreeMap;

use crate::author::message::{Program, ProgramModule};

/// Modules by name, and what each of them imports.
pub struct Modules {
    /// The module to evaluate first.
    pub entry: String,
    /// True when no call can leave anything behind.
    pub is_steady: bool,
    by_name: BTreeMap<String, (String, BTreeMap<String, String>)>,
}

impl Modules {
    /// Those of a program.
    pub fn of(program: Program) -> Self {
        let named = |ProgramModule { name, code, imports }| (name, (code, imports.into_iter().collect()));
        let by_name = program.modules.into_iter().map(named).collect();
        Self { entry: program.entry, is_steady: program.steady, by_name }
    }

    /// The code of a module.
    pub fn code(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(|(code, _)| code.as_str())
    }

    /// What a specifier in a module leads to.
    pub fn resolve(&self, from: &str, specifier: &str) -> Option<&str> {
        self.by_name.get(from)?.1.get(specifier).map(String::as_str)
    }
}
