//! The policy against its definition.
