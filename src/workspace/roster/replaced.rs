//! Other code in the place of an operator's, for one question: what it would have proposed.

use std::path::{Path, PathBuf};

use super::{Roster, Slot, Workspace};
use crate::author::entry::Entry;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::journal::CodeKind;
use crate::pack;

impl Roster {
    /// The file an operator is loaded from.
    pub fn operator_file(&mut self, name: &str) -> Option<PathBuf> {
        self.operator(name).map(|slot| match &slot.pack {
            Some(_) => slot.entry.path.join(pack::OPERATOR[0]),
            None => slot.entry.path.clone(),
        })
    }

    /// Puts the code of a file, below a root of its own, in the place of an operator; gives its revision. Where it does
    /// not load, or is another operator, the old code stays: what is wrong is given, with the files that it was made
    /// from and where imports were looked for.
    pub fn replace_operator(
        &mut self,
        workspace: &Workspace,
        name: &str,
        (root, path): (&Path, &Path),
    ) -> Result<String, (Diagnostic, Vec<PathBuf>)> {
        let elsewhere = Workspace { root: root.to_path_buf(), ..workspace.clone() };
        let entry = Entry { stem: name.to_owned(), path: path.to_path_buf() };
        let mut slot = Slot::load(&elsewhere, root, CodeKind::Operator, entry, None);
        if let Some(failure) = slot.loaded.failure {
            return Err((failure, slot.files));
        }
        if slot.loaded.name != name {
            let fault = format!("it defines operator {}, not {name}", slot.loaded.name);
            return Err((Diagnostic::error(fault).in_file(slot.loaded.file), slot.files));
        }
        let revision = slot.running.clone().unwrap_or_default();
        let defines = |other: &Slot| other.loaded.kind == CodeKind::Operator && other.loaded.name == name;
        let place = self.slots.iter().find(|(_, other)| defines(other)).map(|(key, _)| key.clone());
        let place = place.unwrap_or_else(|| (CodeKind::Operator.word(), slot.entry.path.clone()));
        // Of a pack only the code is other: what it may propose is still its definition's.
        slot.pack = self.slots.get(&place).and_then(|other| other.pack.clone());
        self.slots.insert(place, slot);
        self.settle(workspace);
        Ok(revision)
    }
}
