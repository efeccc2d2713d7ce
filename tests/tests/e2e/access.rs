//! Who may call.

mod jwts;

use std::time::{Duration, Instant};

use connector_host_tests::{Client, World, eventually, instance, stand_in};

use crate::{binary, world};

#[tokio::test]
async fn without_a_valid_token_nobody_gets_anywhere() {
    let world = world().await;
    let with = |token: &str| Client { token: token.to_owned(), ..world.scim.clone() };
    for (token, challenge) in [
        ("", r#"Bearer realm="connector-host""#),
        ("chs_wrong", r#"Bearer realm="connector-host", error="invalid_token""#),
    ] {
        for path in ["/Users", "/Users/W1", "/Schemas", "/ServiceProviderConfig", "/NoSuch"] {
            let answer = with(token).get(path).await;
            answer.refused(401, "");
            assert_eq!(answer.header("www-authenticate"), Some(challenge), "{path}");
        }
    }
    let basic = with("").send("GET", "/Users", &[("authorization", "Basic YTpi")], "").await;
    basic.refused(401, "");
    let nowhere = Client { base: "/scim/nowhere/v2".into(), ..world.scim.clone() };
    nowhere.get("/Users").await.refused(401, "");
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_token_opens_its_own_instance_alone() {
    let slack = stand_in().await;
    let second = instance("second", &slack.scim_url(), slack.token(), "");
    let world = World::with(binary(), "", &second).await;
    let token = world.host.token("second", "e2e").await;
    let second = world.host.client("second", &token);
    second.get("/Users?count=1").await.ok(200);
    world.host.client("second", &world.scim.token).get("/Users?count=1").await.refused(401, "");
    world.host.client("acme", &token).get("/Users?count=1").await.refused(401, "");
    assert!(world.calls().is_empty(), "the other instance's target is not asked");
}

#[tokio::test]
async fn a_token_works_at_once_and_stops_within_a_second_of_its_end() {
    let world = world().await;
    let token = world.host.token("acme", "short-lived").await;
    let client = world.host.client("acme", &token);
    client.get("/ServiceProviderConfig").await.ok(200);
    let output = world.host.run(&["token", "revoke", "acme", "--name", "short-lived"]).await;
    assert!(output.status.success(), "{output:?}");
    let revoked = Instant::now();
    eventually(Duration::from_secs(2), async || {
        (client.get("/ServiceProviderConfig").await.status == 401).then_some(())
    })
    .await;
    assert!(revoked.elapsed() < Duration::from_millis(1_200), "{:?}", revoked.elapsed());
    world.scim.get("/ServiceProviderConfig").await.ok(200);
}
