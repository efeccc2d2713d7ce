//! Stand-ins of the target applications, over real HTTP on loopback.
//!
//! A stand-in is the other side of the wire: it is written from what is known of the target and shares no code with
//! the connectors, so it cannot share their mistakes. What is not known of a target is a switch.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use connector_sandbox::slack;
//!
//! let slack = slack::start("127.0.0.1:0".parse().expect("an address"), slack::Options::default()).await?;
//! println!("{} answers with token {}", slack.scim_url(), slack.token());
//! slack.shutdown().await;
//! # Ok(())
//! # }
//! ```

pub mod activecampaign;
mod bucket;
mod calendar;
mod clock;
mod fault;
mod form;
mod harness;
mod locks;
mod log;
mod names;
mod page;
mod pkce;
mod rng;
pub mod slack;
pub mod webex;
mod words;
pub mod workplace;

pub use clock::Clock;
pub use fault::{Effect, Fault};
pub use harness::StandIn;
pub use log::RecordedRequest;
