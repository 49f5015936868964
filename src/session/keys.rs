//! Reading the workspace's persistent keys: used by live input and sandbox effects, so that a key used before a
//! restart is still used after it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};

use super::error::Error;
use super::projections::KeyChange;
use super::store::Store;

/// Key → the receipt that claimed it.
pub fn load(store: &Store) -> Result<HashMap<String, String>, Error> {
    let path = store.file("keys.jsonl");
    let mut claims = HashMap::new();
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(claims),
        Err(error) => return Err(Error::disk("read", &path)(error)),
    };
    for line in BufReader::new(file).lines() {
        let line = line.map_err(Error::disk("read", &path))?;
        let change = serde_json::from_str(&line)
            .map_err(|error| Error::disk("read", &path)(std::io::Error::new(std::io::ErrorKind::InvalidData, error)))?;
        match change {
            KeyChange::Claimed { key, by } => claims.insert(key, by),
            KeyChange::Released { key } => claims.remove(&key),
        };
    }
    Ok(claims)
}
