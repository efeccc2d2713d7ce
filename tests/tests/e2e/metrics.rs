//! What is counted, and what never shows there.

use std::net::SocketAddr;

use connector_host::metrics::Metrics;
use connector_host_tests::{Answer, Client, Host, World, instance, user};
use connector_sandbox::{Effect, Fault};
use serde_json::json;

use crate::binary;

async fn metrics(address: SocketAddr) -> Answer {
    Client { address, base: String::new(), token: String::new() }.get("/metrics").await
}

/// The value of the series that has all of these.
fn value(answer: &Answer, name: &str, labels: &[&str]) -> Option<f64> {
    let mut lines = answer.text.lines().filter(|line| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with(['{', ' ']));
        rest.is_some_and(|rest| labels.iter().all(|label| rest.contains(label)))
    });
    lines.next()?.rsplit_once(' ')?.1.parse().ok()
}

#[tokio::test]
async fn requests_calls_retries_and_states_are_counted_for_anybody_to_read() {
    let world = World::with(binary(), "", "").await;
    let created = world.scim.post("/Users", &user("ada.l", json!({}))).await.ok(201);
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::status(503, "")).times(2));
    let limited =
        Effect::Status { status: 429, body: "{}".into(), retry_after: Some("1".into()), content_type: None };
    world.slack.inject(Fault::on("/scim/v1/Users", limited));
    world.scim.get(&format!("/Users/{}", created["id"].as_str().unwrap())).await.ok(200);
    world.scim.get("/Users/W0NOBODY").await.refused(404, "");

    let told = metrics(world.host.address).await;
    assert_eq!(told.status, 200);
    assert_eq!(told.header("content-type"), Some("text/plain; version=0.0.4"));
    let own = "instance=\"acme\"";
    let count = |name: &str, labels: &[&str]| value(&told, name, &[&[own], labels].concat());
    let requests = "connector_host_requests_total";
    let user = "resource=\"User\"";
    assert_eq!(count(requests, &["operation=\"create\"", user, "status=\"2xx\""]), Some(1.0));
    assert_eq!(count(requests, &["operation=\"read\"", user, "status=\"2xx\""]), Some(1.0));
    assert_eq!(count(requests, &["operation=\"read\"", user, "status=\"4xx\""]), Some(1.0));
    assert_eq!(count("connector_host_target_retries_total", &[]), Some(3.0));
    assert_eq!(count("connector_host_target_rate_limited_total", &[]), Some(1.0));
    let calls = "connector_host_target_calls_total";
    assert_eq!(count(calls, &["operation=\"read user\"", "status=\"5xx\""]), Some(2.0));
    assert_eq!(
        count("connector_host_queue_duration_seconds_count", &[]),
        Some(6.0),
        "each attempt waits its turn"
    );
    for (name, wanted) in [
        ("connector_host_instance_ready", 1.0),
        ("connector_host_target_dead", 0.0),
        ("connector_host_queue_length", 0.0),
        ("connector_host_queue_turned_away_total", 0.0),
    ] {
        assert_eq!(count(name, &[]), Some(wanted), "{name}");
    }
    assert_eq!(value(&told, "connector_host_store_ready", &[]), Some(1.0));
}

#[tokio::test]
async fn refused_destinations_are_counted_by_rule() {
    let outbound = "[outbound]\nallow_networks = [\"::1/128\"]\nbind = true\naddresses = [\"127.0.0.1\"]\n";
    let astray = instance("astray", "https://[::1]:1/scim/v1/", "xoxp-astray", "");
    let host = Host::start(&binary(), "", &format!("{outbound}{astray}")).await;
    let scim = host.client("astray", &host.token("astray", "e2e").await);
    scim.get("/Users/W1").await.refused(502, "");
    let told = metrics(host.address).await;
    let labels = ["instance=\"astray\"", "connector=\"slack\"", "rule=\"family\""];
    assert_eq!(value(&told, "connector_host_destinations_refused_total", &labels), Some(1.0));
    let checked = host.run(&["check"]).await;
    let warned = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert!(
        checked.status.success() && warned.contains("instances.astray: target_url can never be reached"),
        "{warned}"
    );
}

#[tokio::test]
async fn nothing_that_a_client_or_the_target_sends_becomes_a_label() {
    let world = World::with(binary(), "", "").await;
    let secret = "xoxp-of-the-caller";
    let stranger = Client { token: secret.to_owned(), ..world.scim.clone() };
    for path in ["/Users/ada@acme.example", "/Inventions/1", "/Users?filter=userName eq \"ada\"", "/x/y/z"] {
        stranger.get(path).await;
        world.scim.get(path).await;
        world.scim.send("BREW", path, &[], "").await;
    }
    Client { base: "/scim/no-such-instance/v2".to_owned(), ..stranger }.get("/Users").await;
    let told = metrics(world.host.address).await;
    for word in
        [secret, world.slack.token(), world.scim.token.as_str(), "ada", "Inventions", "BREW", "no-such"]
    {
        assert!(!told.text.contains(word), "{word} in\n{}", told.text);
    }
    let known = Metrics::default();
    for line in told.text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let name = ["_bucket", "_sum", "_count"].iter().fold(name, |name, end| name.trim_end_matches(end));
        let (_, labels) = known.known().iter().find(|(known, _)| known == name).expect(line);
        let pairs = line.split_once('{').map_or("", |(_, rest)| rest.rsplit_once('}').unwrap().0);
        for pair in pairs.split("\",").filter(|pair| !pair.is_empty()) {
            let label = pair.split('=').next().unwrap();
            assert!(label == "le" || labels.iter().any(|known| known == label), "{label} in {line}");
        }
    }
}
