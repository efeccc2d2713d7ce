//! Named points at which a test kills the process. Nothing of it is in a binary built without the feature.

/// Stops here for ever when the environment names this point: the test then kills the process.
#[cfg(feature = "failpoints")]
pub(crate) async fn reached(point: &str) {
    if std::env::var("CONNECTOR_HOST_FAILPOINT").is_ok_and(|wanted| wanted == point) {
        eprintln!("failpoint {point}");
        std::future::pending::<()>().await;
    }
}

/// Nothing.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the other one waits")]
pub(crate) async fn reached(_: &str) {}
