//! What the stand-in of Webex does over the wire, written as a specification: one module per part of the reference.

mod access;
mod client;
mod control;
mod create;
mod errors;
mod licenses;
mod lists;
mod memberships;
mod oauth;
mod shapes;
mod teams;
mod update;
#[path = "../wire/mod.rs"]
mod wire;
