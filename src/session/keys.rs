//! Reading the workspace's persistent keys: used by live input and sandbox effects, so that a key used before a
//! restart is still used after it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};

use super::error::Error;
use super::projections::KeyChange;
use super::store::Store;
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::executor::{State, Use};

/// The keys in use, and what they count for, at a time.
pub fn load(store: &Store, now: &str) -> Result<State, Error> {
    let claims = read(store)?;
    let uses: Vec<Use> = claims.values().filter_map(|(_, used)| used.clone()).collect();
    Ok(State::with_claims(claims.into_iter().map(|(key, (by, _))| (key, by))).with_uses(uses, now))
}

/// Key → the receipt that claimed it.
fn read(store: &Store) -> Result<HashMap<String, (String, Option<Use>)>, Error> {
    let path = store.file("keys.jsonl");
    let mut claims = HashMap::new();
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(claims),
        Err(error) => return Err(Error::disk("read", &path)(error)),
    };
    for (line, number) in BufReader::new(file).split(b'\n').zip(1..) {
        let line = line.map_err(Error::disk("read", &path))?;
        // Going on without a key would let its action run a second time.
        let damaged = |_| {
            let fault = Diagnostic::error("this line of the used keys is damaged, so no live input is taken");
            let fault = fault.in_file(path.to_string_lossy()).help(
                "repair or remove the line; or start with `--fresh`, which sets the old state aside with every used key",
            );
            Diagnostic { line: Some(number), ..fault }
        };
        match serde_json::from_slice(&line).map_err(damaged)? {
            KeyChange::Claimed { key, by, used } => claims.insert(key, (by, used)),
            KeyChange::Released { key } => claims.remove(&key),
        };
    }
    Ok(claims)
}
