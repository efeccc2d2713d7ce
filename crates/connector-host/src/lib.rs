//! The gateway: configuration, store, command line and SCIM server.

mod admin;
pub mod app;
pub mod auth;
pub mod changes;
pub mod cli;
mod commands;
pub mod config;
pub mod consent;
mod failpoint;
pub mod instances;
pub mod ledger;
mod logging;
mod mapping_command;
pub mod metrics;
pub mod oauth;
pub mod outbound;
pub mod registry;
pub mod scim;
pub mod serve;
mod shares;
mod spill;
pub mod store;
mod time;
mod versions;
