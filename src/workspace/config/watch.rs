//! `[watch]`: saves that nothing comes of.

use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;

/// `[watch]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WatchTable {
    /// Paths that may change without anything being loaded or played again.
    pub ignore: Ignored,
}

/// Patterns over paths relative to the workspace. One without a `/` means a name in any folder, as in `.gitignore`; one
/// that matches a folder means all that is in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Ignored {
    patterns: Vec<String>,
    set: GlobSet,
}

impl Ignored {
    /// True for what is ignored.
    pub fn covers(&self, root: &Path, path: &Path) -> bool {
        let below = path.strip_prefix(root).unwrap_or(path);
        !self.patterns.is_empty()
            && below.ancestors().any(|part| !part.as_os_str().is_empty() && self.set.is_match(part))
    }
}

impl PartialEq for Ignored {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Eq for Ignored {}

impl TryFrom<Vec<String>> for Ignored {
    type Error = String;

    fn try_from(patterns: Vec<String>) -> Result<Self, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in &patterns {
            let anywhere = if pattern.trim_end_matches('/').contains('/') { "" } else { "**/" };
            let whole = format!("{anywhere}{}", pattern.trim_start_matches('/').trim_end_matches('/'));
            let glob = GlobBuilder::new(&whole).literal_separator(true).build();
            set.add(glob.map_err(|error| format!("`{pattern}` is no pattern: {}", error.kind()))?);
        }
        let set = set.build().map_err(|error| error.to_string())?;
        Ok(Self { patterns, set })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_over_paths_below_the_root() {
        let root = Path::new("/w");
        let ignored = |pattern: &str, path: &str| {
            Ignored::try_from(vec![pattern.to_owned()]).unwrap().covers(root, &root.join(path))
        };
        for (pattern, path, expected) in [
            ("*.tmp", "fixtures/a.tmp", true),
            ("*.tmp", "fixtures/a.jsonl", false),
            ("generated/", "operators/generated/x.ts", true),
            ("fixtures/big/*", "fixtures/big/a/b.jsonl", true),
            ("fixtures/*.jsonl", "fixtures/deep/a.jsonl", false),
            ("fixtures/**/*.jsonl", "fixtures/deep/a.jsonl", true),
            ("/fixtures/a.jsonl", "fixtures/a.jsonl", true),
        ] {
            assert_eq!(ignored(pattern, path), expected, "{pattern} {path}");
        }
        assert!(Ignored::try_from(vec!["[".to_owned()]).unwrap_err().contains("`[` is no pattern"));
        assert!(!Ignored::default().covers(root, Path::new("/w/x")));
    }
}
