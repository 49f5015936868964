//! What the other tests' hosts are.

/// A host of the other tests: they start this program again with this one test. Run by hand it finds no kernel at its
/// standard input, and does nothing.
#[test]
fn the_host_of_other_tests() {
    if std::env::var_os(crate::author::process::launch::MEMORY).is_some() {
        crate::author::serve();
    }
}
