//! The local tenant by now: `fibric.toml` may be saved while the session runs, which then reads it again.

use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::workspace::config::{self, Config};

/// The tenant of events that name none.
pub(super) struct LocalTenant {
    root: PathBuf,
    known: Mutex<Known>,
}

struct Known {
    tenant: String,
    /// The file as it was when it was last read; none before, and where it is not there.
    file: Option<(SystemTime, u64)>,
}

impl LocalTenant {
    /// Of a workspace that said `tenant` when it was opened.
    pub(super) fn of(root: PathBuf, tenant: String) -> Self {
        Self { root, known: Mutex::new(Known { tenant, file: None }) }
    }

    /// As the file says it. One that is wrong changes nothing, as for the session.
    pub(super) fn now(&self) -> String {
        let file = std::fs::metadata(self.root.join(config::FILE)).ok().as_ref().and_then(version);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if file != known.file {
            known.file = file;
            if let Ok(config) = Config::read(&self.root) {
                known.tenant = config.tenant;
            }
        }
        known.tenant.clone()
    }
}

fn version(about: &Metadata) -> Option<(SystemTime, u64)> {
    Some((about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_the_file_says_last_and_a_broken_one_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| std::fs::write(folder.path().join(config::FILE), text).unwrap();
        let tenant = LocalTenant::of(folder.path().to_path_buf(), "t_first".to_owned());
        assert_eq!(tenant.now(), "t_first");
        write("tenant = 't_second'\n");
        assert_eq!(tenant.now(), "t_second");
        write("tenant = t_third, unquoted\n");
        assert_eq!(tenant.now(), "t_second");
        write("tenant = 't_third_of_them'\n");
        assert_eq!(tenant.now(), "t_third_of_them");
    }
}
