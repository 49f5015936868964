//! How much a version has to rise by, and how much it does (contract 9).

use semver::Version;
use serde::Serialize;

/// A rise of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// None: nothing is other.
    None,
    /// The last number.
    Patch,
    /// The middle number.
    Minor,
    /// The first number.
    Major,
}

impl Bump {
    /// The word on screens and in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// How much a version rises from one to another; none where it does not rise.
    pub fn between(old: &Version, new: &Version) -> Self {
        if new <= old {
            Self::None
        } else if new.major > old.major {
            Self::Major
        } else if new.minor > old.minor {
            Self::Minor
        } else {
            // A release after its own pre-release too.
            Self::Patch
        }
    }

    /// The lowest version that rises by so much.
    pub fn next(self, old: &Version) -> Version {
        let released = Version::new(old.major, old.minor, old.patch);
        match self {
            Self::None => old.clone(),
            // The release that a pre-release was before is a rise by itself.
            Self::Patch if !old.pre.is_empty() => released,
            Self::Patch => Version::new(old.major, old.minor, old.patch.saturating_add(1)),
            Self::Minor => Version::new(old.major, old.minor.saturating_add(1), 0),
            Self::Major => Version::new(old.major.saturating_add(1), 0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_rise_is_told_by_the_first_number_that_rose() {
        let table = [
            ("1.0.0", "1.0.1", Bump::Patch),
            ("1.0.9", "1.1.0", Bump::Minor),
            ("1.9.9", "2.0.0", Bump::Major),
            ("1.0.0", "1.0.0", Bump::None),
            ("1.1.0", "1.0.9", Bump::None),
            ("1.1.0-rc.1", "1.1.0", Bump::Patch),
            ("1.0.0", "2.0.0-rc.1", Bump::Major),
        ];
        for (old, new, rise) in table {
            assert_eq!(Bump::between(&version(old), &version(new)), rise, "{old} {new}");
        }
    }

    proptest! {
        #[test]
        fn the_next_version_rises_by_what_was_asked(major in 0..99_u64, minor in 0..99_u64, patch in 0..99_u64) {
            let old = Version::new(major, minor, patch);
            for bump in [Bump::None, Bump::Patch, Bump::Minor, Bump::Major] {
                prop_assert_eq!(Bump::between(&old, &bump.next(&old)), bump);
            }
        }
    }
}
