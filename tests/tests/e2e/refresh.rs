//! A consent's token is kept alive: refreshed once, in time, by nobody twice.

use std::time::{Duration, Instant};

use connector_host_tests::{ConsentWorld, PATIENCE, Setup, eventually, instance};
use connector_sandbox::{Effect, Fault, slack};

use crate::binary;

const TOKEN_ENDPOINT: &str = "/api/oauth.v2.access";
/// Tokens live twelve.
const HOUR: i64 = 3600;

async fn world() -> ConsentWorld {
    ConsentWorld::consented(&binary(), Setup::rotating()).await
}

/// Time passes for both sides.
async fn later(world: &ConsentWorld, seconds: i64) {
    world.slack.advance(Duration::from_secs(seconds.unsigned_abs()));
    world.age(seconds).await;
}

/// Waits until the vendor is asked to refresh, whenever it answers.
async fn being_refreshed(world: &ConsentWorld) {
    let is_asked = || world.tap.heard().contains("grant_type=refresh_token");
    eventually(PATIENCE, async || is_asked().then_some(())).await;
}

/// What the target was asked, without queries.
fn asked(world: &ConsentWorld) -> Vec<String> {
    let line = |request: connector_sandbox::RecordedRequest| {
        format!("{} {} {}", request.method, request.path, request.status)
    };
    world.slack.requests().into_iter().map(line).collect()
}

#[tokio::test]
async fn twenty_requests_on_an_ended_token_cause_one_refresh_and_are_all_answered() {
    let world = world().await;
    later(&world, 13 * HOUR).await;
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let scim = world.scim();
            tokio::spawn(async move { scim.get("/Users?count=1").await })
        })
        .collect();
    for asked in asking {
        asked.await.unwrap().ok(200);
    }
    assert_eq!(world.refreshes(), 1);
    let refused = asked(&world).iter().filter(|line| line.ends_with(" 401")).count();
    assert_eq!(refused, 0, "nobody tried the old one");
    let status = world.status().await;
    assert!(status.contains("usable") && !status.contains("last refresh     never"), "{status}");
}

#[tokio::test]
async fn a_token_that_ended_before_its_time_is_refreshed_once_and_the_request_sent_again() {
    let world = world().await;
    world.age(HOUR).await;
    world.slack.advance(Duration::from_hours(13));
    world.scim().get("/Users?count=1").await.ok(200);
    let users = "GET /scim/v1/Users";
    assert_eq!(
        asked(&world),
        [format!("{users} 401"), format!("POST {TOKEN_ENDPOINT} 200"), format!("{users} 200")]
    );
    world.scim().get("/Users?count=1").await.ok(200);
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_as_well_is_not_refreshed_again() {
    let world = world().await;
    world.age(HOUR).await;
    world.slack.inject(Fault::on("/scim/v1", slack::refusal(401, "invalid_authentication")).times(99));
    for _ in 0..5 {
        let detail = world.scim().get("/Users?count=1").await.refused(502, "");
        assert!(detail.contains("consent needed"), "{detail}");
    }
    assert_eq!(world.refreshes(), 1);
    world.slack.clear_faults();
    world.scim().get("/Users?count=1").await.ok(200);
}

#[tokio::test]
async fn a_token_is_refreshed_ahead_of_its_end_by_itself() {
    let world = world().await;
    later(&world, 11 * HOUR).await;
    world.host.logged(|line| line["message"] == "credential refreshed").await;
    assert_eq!(world.refreshes(), 1);
    later(&world, 3 * HOUR).await;
    world.scim().get("/Users?count=1").await.ok(200);
    assert_eq!(asked(&world).len(), 2, "the old one would have ended meanwhile");
}

#[tokio::test]
async fn a_refused_refresh_is_told_with_the_way_out_and_concerns_nobody_else() {
    let slack = connector_host_tests::stand_in().await;
    let more = instance("other", &slack.scim_url(), slack.token(), "");
    let world = ConsentWorld::consented(&binary(), Setup { more: &more, ..Setup::rotating() }).await;
    let token = world.host.token("other", "e2e").await;
    let other = world.host.client("other", &token);
    let refusal = Effect::status(200, r#"{"ok":false,"error":"invalid_refresh_token"}"#);
    world.slack.inject(Fault::on(TOKEN_ENDPOINT, refusal));
    later(&world, 13 * HOUR).await;
    for _ in 0..3 {
        let detail = world.scim().get("/Users?count=1").await.refused(502, "");
        let page = format!("http://{}/consent/acme", world.host.address);
        for word in ["invalid_refresh_token", "consent needed", "connector-host consent acme", &page] {
            assert!(detail.contains(word), "{word} in {detail}");
        }
    }
    assert_eq!(world.state("acme").await, "consent needed");
    assert!(world.status().await.contains("consent needed, since"));
    assert_eq!(world.refreshes(), 1);
    other.get("/Users?count=1").await.ok(200);
    assert_eq!(world.state("other").await, "ready");
    world.walk("allow").await.page(200);
    world.scim().get("/Users?count=1").await.ok(200);
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_as_such() {
    let mut world = world().await;
    let stopped = world.host.kill().await;
    let file = stopped.directory().join("connector-host.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace(world.slack.client_secret(), "wrong")).unwrap();
    connector_host_tests::consent::age(stopped.directory(), 13 * HOUR).await;
    world.host = stopped.start(&[]).await;
    for _ in 0..2 {
        let detail = world.scim().get("/Users?count=1").await.refused(502, "");
        assert!(detail.contains("check client_id and client_secret"), "{detail}");
        assert!(!detail.contains("consent needed"), "that would not help: {detail}");
    }
    assert_eq!(world.refreshes(), 1);
}

#[tokio::test]
async fn requests_go_on_with_a_living_token_while_the_vendor_is_down() {
    for fault in [
        Fault::on(TOKEN_ENDPOINT, Effect::status(500, "<html>")),
        Fault::on(TOKEN_ENDPOINT, Effect::MalformedJson),
        Fault::on(TOKEN_ENDPOINT, Effect::CloseAfter),
        Fault::on(TOKEN_ENDPOINT, Effect::Pass).delay_ms(60_000),
    ] {
        let shown = format!("{:?}", fault.effect);
        let world = ConsentWorld::consented(
            &binary(),
            Setup {
                // As it is with a cut connection: the vendor believes that it has given new tokens.
                options: slack::Options { rotation_grace_ms: 999_999_999, ..Setup::rotating().options },
                ..Setup::default()
            },
        )
        .await;
        world.slack.inject(fault.times(99));
        later(&world, 11 * HOUR).await;
        being_refreshed(&world).await;
        let started = Instant::now();
        for _ in 0..5 {
            world.scim().get("/Users?count=1").await.ok(200);
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{shown}: {:?}", started.elapsed());
        assert_eq!(world.state("acme").await, "ready");
    }
}

#[tokio::test]
async fn a_vendor_that_is_down_at_the_end_costs_time_and_no_consent() {
    let world = world().await;
    world.slack.inject(Fault::on(TOKEN_ENDPOINT, Effect::status(503, "")).times(99));
    later(&world, 13 * HOUR).await;
    for _ in 0..3 {
        let answer = world.scim().get("/Users?count=1").await;
        let detail = answer.refused(503, "");
        assert!(detail.contains("token endpoint answers 503"), "{detail}");
        let wait: u64 = answer.header("retry-after").unwrap().parse().expect("whole seconds");
        assert!((1..=10).contains(&wait), "{wait}");
    }
    assert_eq!(world.refreshes(), 1, "not one per request");
    assert_eq!(world.state("acme").await, "ready");
    assert!(world.status().await.contains("token endpoint answers 503"));
    world.slack.clear_faults();
    // Without anybody asking.
    world.host.logged(|line| line["message"] == "credential refreshed").await;
    world.scim().get("/Users?count=1").await.ok(200);
    assert!(world.status().await.contains("last failure     none"));
}

#[tokio::test]
async fn what_another_process_changes_counts_within_a_second() {
    let world = world().await;
    let started = Instant::now();
    world.age(HOUR).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_refresh_keeps_what_the_vendor_gives() {
    let mut world = world().await;
    world.slack.inject(Fault::on(TOKEN_ENDPOINT, Effect::Pass).delay_ms(1_000));
    later(&world, 11 * HOUR).await;
    being_refreshed(&world).await;
    world.host.terminate().await;
    let (code, stopped) = world.host.stopped().await;
    assert_eq!(code, Some(0));
    world.host = stopped.start(&[]).await;
    world.scim().get("/Users?count=1").await.ok(200);
    assert_eq!(world.refreshes(), 1);
}
