//! What is sent to Webex and what is made of its answers, call by call. Each test is named after what it prevents.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod catalog;
mod changes;
mod checks;
mod creates;
mod deletes;
mod failures;
mod groups;
mod licenses;
mod lists;
mod members;
mod reads;
mod support;
mod unsure;
