//! Checks every connector must pass, offline. The host's tests run them over its whole registry, so that no connector can
//! leave them out.

mod sample;
mod tables;

pub use tables::{check_tables, table_problems};
