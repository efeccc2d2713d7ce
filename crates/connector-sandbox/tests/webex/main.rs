//! What the stand-in of Webex does over the wire, written as a specification: one module per part of the reference.

mod access;
mod client;
mod control;
mod lists;
mod oauth;
#[path = "../wire/mod.rs"]
mod wire;
