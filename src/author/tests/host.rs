//! What the other tests' hosts are.

/// A host of the other tests: they start this program again with this one test. Run by hand it finds no kernel at its
/// standard input, and does nothing.
#[test]
fn the_host_of_other_tests() {
    if std::env::var_os(crate::author::process::launch::MEMORY).is_some() {
        crate::author::serve();
    }
}

use crate::author::process::{HostOptions, Hosts};

#[test]
fn a_host_reaches_nothing_and_the_same_unconfined_reaches_it() {
    let refused = |unconfined| {
        let found = Hosts::new(HostOptions { unconfined, ..HostOptions::default() }).self_test().unwrap();
        assert!(found.len() > 10);
        found.into_iter().partition::<Vec<_>, _>(|attempt| attempt.refused.is_some())
    };
    let (_, reached) = refused(false);
    assert!(reached.is_empty(), "{reached:?}");
    let (kept_from, _) = refused(true);
    assert!(kept_from.is_empty(), "{kept_from:?}");
}
