//! When the target refuses, is slow, or is not there.

use std::time::{Duration, Instant};

use connector_host_tests::{Gate, PATIENCE, World, eventually, instance, user};
use connector_sandbox::{Effect, Fault, slack};
use serde_json::json;

use crate::{binary, world};

#[tokio::test]
async fn a_refused_credential_is_ours_to_mend_and_shown_nowhere() {
    let world = world().await;
    world.slack.inject(Fault::on("/scim/v1/Users", slack::refusal(401, "invalid_authentication")).times(9));
    for answer in [
        world.scim.get("/Users?count=1").await,
        world.scim.get("/Users/W1").await,
        world.scim.post("/Users", &user("ada.l", json!({}))).await,
    ] {
        let detail = answer.refused(502, "");
        assert!(detail.contains("access_token"), "says what to replace: {detail}");
        assert!(!answer.text.contains(world.slack.token()));
        assert!(answer.header("www-authenticate").is_none(), "the client's credential is fine");
    }
    assert!(!world.host.log().contains(world.slack.token()));
}

#[tokio::test]
async fn a_rate_limit_that_outlasts_the_client_is_passed_on_with_whole_seconds() {
    let world = World::with(binary(), "request_deadline_secs = 2", "").await;
    let limited = |wait: Option<&str>| Effect::Status {
        status: 429,
        body: "{\"Errors\":{\"description\":\"too_many_requests\",\"code\":429}}".into(),
        retry_after: wait.map(str::to_owned),
        content_type: None,
    };
    for (said, told) in [(Some("7"), Some(7)), (Some("soon"), None), (None, None)] {
        world.slack.inject(Fault::on("/scim/v1/Users", limited(said)).times(50));
        let answer = world.scim.get("/Users?count=1").await;
        answer.refused(429, "");
        let wait: u64 = answer.header("retry-after").unwrap().parse().expect("a whole number");
        assert!(told.map_or(wait >= 1, |told| wait == told || wait + 1 == told), "{said:?} became {wait}");
        world.slack.clear_faults();
    }
}

#[tokio::test]
async fn a_write_that_outlives_its_deadline_still_takes_effect() {
    let (world, gate) = World::behind_gate(binary(), "request_deadline_secs = 1").await;
    let started = Instant::now();
    let answer = world.scim.post("/Users", &user("ada.l", json!({ "active": false }))).await;
    let took = started.elapsed();
    answer.refused(503, "");
    assert!(took >= Duration::from_millis(950) && took < Duration::from_millis(1_900), "{took:?}");
    let wait: u64 = answer.header("retry-after").unwrap().parse().expect("a whole number");
    assert!(wait >= 1);
    assert!(world.slack.user_named("ada.l").is_none());
    // It goes on by itself, to its second call.
    gate.open();
    let user =
        eventually(PATIENCE, async || world.slack.user_named("ada.l").filter(|user| user["active"] == false))
            .await;
    let found = world.scim.get("/Users?filter=userName eq \"ada.l\"").await.ok(200);
    assert_eq!(found["Resources"][0]["id"], user["id"]);
}

#[tokio::test]
async fn a_read_of_a_slow_target_ends_at_the_deadline() {
    let world = World::with(binary(), "request_deadline_secs = 1", "").await;
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::Pass).delay_ms(5_000));
    let started = Instant::now();
    let answer = world.scim.get("/Users?count=1").await;
    assert!(started.elapsed() < Duration::from_millis(1_600), "{:?}", started.elapsed());
    answer.refused(503, "");
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_its_write() {
    let (world, gate) = World::behind_gate(binary(), "").await;
    let scim = world.scim.clone();
    let body = user("ada.l", json!({ "active": false }));
    let asking = tokio::spawn(async move { scim.post("/Users", &body).await });
    gate.arrived(1).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    gate.open();
    eventually(PATIENCE, async || world.slack.user_named("ada.l").filter(|user| user["active"] == false))
        .await;
}

#[tokio::test]
async fn a_broken_answer_is_the_targets_fault() {
    let world = world().await;
    let path = "/Users?count=1";
    for effect in [
        Effect::MalformedJson,
        Effect::Redirect { location: "http://169.254.169.254/".into(), status: 302 },
        Effect::status(200, "<html>maintenance</html>"),
        Effect::status(500, "<html>maintenance</html>"),
        Effect::status(503, ""),
        Effect::TruncateBody { bytes: 100 },
    ] {
        let shown = format!("{effect:?}");
        world.slack.inject(Fault::on("/scim/v1/Users", effect).times(9));
        let answer = world.scim.get(path).await;
        assert!(matches!(answer.status, 502 | 503), "{shown}: {} {}", answer.status, answer.text);
        answer.refused(answer.status, "");
        assert!(!answer.text.contains("maintenance"), "the target's raw body: {}", answer.text);
        world.slack.clear_faults();
    }
    world.scim.get(path).await.ok(200);
}

#[tokio::test]
async fn a_dead_target_slows_no_other_instance() {
    // It accepts connections and never says a word.
    let silent = Gate::before(None).await;
    let dead = instance("dead", &silent.scim_url(), "xoxp-dead", "");
    let world = World::with(binary(), "request_deadline_secs = 2", &dead).await;
    let token = world.host.token("dead", "e2e").await;
    let dead = world.host.client("dead", &token);
    world.scim.get("/Users?count=1").await.ok(200);
    let asking: Vec<_> = (0..40)
        .map(|_| {
            let dead = dead.clone();
            tokio::spawn(async move { dead.get("/Users?count=1").await.status })
        })
        .collect();
    // They wait for the target now, all of them.
    silent.arrived(40).await;
    let started = Instant::now();
    for _ in 0..40 {
        world.scim.get("/Users?count=1").await.ok(200);
    }
    let took = started.elapsed();
    assert!(took < Duration::from_millis(1_500), "40 reads beside a dead target took {took:?}");
    for asked in asking {
        assert_eq!(asked.await.unwrap(), 503);
    }
}
