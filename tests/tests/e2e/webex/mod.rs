//! Webex, from the consent on.

mod consent;
