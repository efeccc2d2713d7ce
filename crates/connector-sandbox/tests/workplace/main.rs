//! What the stand-in of Workplace does over the wire, written as a specification: one module per part of the
//! reference.

mod access;
mod client;
mod control;
mod errors;
mod graph;
mod graph_access;
mod graph_groups;
mod graph_lists;
mod graph_membership;
mod graph_people;
mod lists;
mod patch;
mod people_sets;
mod shapes;
mod throttling;
mod update;
#[path = "../wire/mod.rs"]
mod wire;
mod writes;
