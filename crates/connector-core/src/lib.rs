//! SCIM 2.0 model, mapping engine, connector trait, completion of what targets lack, and the one outbound door.
//!
//! This crate knows no server, no vendor and no database; see `docs/ARCHITECTURE.md`.

pub mod cached;
pub mod complete;
pub mod connector;
pub mod contract;
mod dry_run;
pub mod error;
pub mod hex;
pub mod http;
pub mod ledger;
pub mod mapping;
pub mod oauth;
pub mod scim;
pub mod secret;
pub mod spec;

pub use dry_run::{DryRun, PlannedCall};
