//! What is sent to Workplace and what is made of its answers, call by call. Each test is named after what it prevents.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod answers;
mod changes;
mod checks;
mod creates;
mod deletes;
mod failures;
mod groups;
mod lists;
mod people_sets;
mod proofs;
mod support;
