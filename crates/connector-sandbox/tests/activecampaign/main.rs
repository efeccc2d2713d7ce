//! What the stand-in of ActiveCampaign does over the wire, written as a specification: one module per part of the
//! reference.

mod access;
mod client;
mod control;
mod errors;
mod groups;
mod limits;
mod lists;
mod memberships;
mod user_writes;
mod users;
#[path = "../wire/mod.rs"]
mod wire;
