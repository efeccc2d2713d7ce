//! Credentials that somebody consented to: kept sealed, refreshed by one at a time, lost loudly.

mod grant;
mod held;
mod protocol;
mod refresh;
mod upkeep;

pub use grant::{Event, Grant};
pub use held::Consented;
pub use protocol::{Departure, Protocol, TokenFailure};
pub use upkeep::follow;

#[cfg(test)]
mod tests;
