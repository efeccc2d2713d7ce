//! What the stand-in of Slack does over the wire, written as a specification: one module per part of the check list.

mod client;
mod control;
mod credentials;
mod faults;
mod groups;
mod limits;
mod lists;
mod oauth;
mod shapes;
mod users;
#[path = "../wire/mod.rs"]
mod wire;
mod writes;
