//! Two versions of a pack, compared.

pub mod contract;
