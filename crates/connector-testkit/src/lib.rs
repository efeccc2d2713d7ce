//! Checks every connector must pass. The host's tests run them over its whole registry, so that no connector can leave
//! them out.

pub mod faults;
mod sample;
mod tables;

pub use tables::{check_tables, table_problems};
