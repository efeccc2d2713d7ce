//! What end-to-end tests need: an HTTP client, the host as a process, and a world of one host and one target.
//!
//! Helpers panic where a test would fail anyway.

mod client;
pub mod consent;
mod gate;
mod host;
mod issuer;
pub mod postgres;
pub mod replay;
mod tap;
mod webdriver;
mod world;

use std::time::{Duration, Instant};

pub use client::{Answer, Client};
pub use consent::{Browser, ConsentWorld, Setup};
pub use gate::Gate;
pub use host::{Finished, Host, Process, Stopped};
pub use issuer::{Issuer, SigningKey, claims};
pub use tap::Tap;
pub use webdriver::WebDriver;
pub use world::{World, calls, instance, stand_in, user};

/// How long anything that must happen may take before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until the answer is there, and fails after `within`.
pub async fn eventually<T, F>(within: Duration, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < within, "did not happen within {within:?}");
        tokio::task::yield_now().await;
    }
}
