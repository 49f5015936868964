//! The policy engine beside its peers, in one program.

fn main() {}
