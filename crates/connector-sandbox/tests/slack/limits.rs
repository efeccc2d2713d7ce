//! Point 10: rate limits and overlapping writes.

use std::time::Duration;

use connector_sandbox::Effect;
use connector_sandbox::Fault;
use connector_sandbox::slack::{Options, RateLimitBody};
use serde_json::{Value, json};

use crate::client::{get, new_user, patch, path, post_user, scim, start, usual};

#[tokio::test]
async fn twenty_creates_pass_at_once_and_then_three_a_second() {
    let slack = usual().await;
    for n in 0..20 {
        post_user(&slack, &format!("person.{n}"), json!({})).await.ok(201);
    }
    let refused = post_user(&slack, "person.20", json!({})).await;
    assert_eq!(refused.error(), (429, "too_many_requests".into()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(slack.users_len(), 270, "a refused request does nothing");
    slack.advance(Duration::from_secs(1));
    for n in 20..23 {
        post_user(&slack, &format!("person.{n}"), json!({})).await.ok(201);
    }
    assert_eq!(post_user(&slack, "person.23", json!({})).await.status, 429);
}

#[tokio::test]
async fn each_endpoint_has_its_own_burst_within_the_organisation_wide_one() {
    let slack = usual().await;
    let user = slack.users().pop().unwrap();
    for _ in 0..20 {
        patch(&slack, &path(&user), json!({"title": "x"})).await.ok(200);
    }
    assert_eq!(patch(&slack, &path(&user), json!({"title": "x"})).await.status, 429);
    let group = format!("Groups/{}", slack.groups()[1]["id"].as_str().unwrap());
    for _ in 0..80 {
        assert_eq!(patch(&slack, &group, json!({"displayName": "x"})).await.status, 204);
    }
    assert_eq!(patch(&slack, &group, json!({"displayName": "x"})).await.status, 429);
    for _ in 0..300 {
        get(&slack, &path(&user)).await.ok(200);
    }
    assert_eq!(get(&slack, &path(&user)).await.status, 429);
    assert_eq!(get(&slack, "Users?count=1").await.status, 200, "lists count as reads alone");
}

#[tokio::test]
async fn the_form_of_a_429_is_a_switch_and_so_is_the_limiter() {
    let slack = start(Options { rate_limit_body: RateLimitBody::WebApi, ..Options::default() }).await;
    let user = slack.users().pop().unwrap();
    for _ in 0..20 {
        scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
    }
    let web_api = scim(&slack, "DELETE", &path(&user), Value::Null).await;
    assert_eq!(web_api.ok(429), json!({"ok": false, "error": "ratelimited"}));
    slack.set_options(|options| {
        options.rate_limit_body = RateLimitBody::Empty;
        options.retry_after = false;
    });
    let empty = scim(&slack, "DELETE", &path(&user), Value::Null).await;
    assert_eq!((empty.status, empty.text.as_str(), empty.header("retry-after")), (429, "", None));
    slack.set_options(|options| options.rate_limiter = false);
    scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
}

#[tokio::test]
async fn a_write_on_an_object_that_is_being_written_is_refused() {
    let slack = usual().await;
    let ada = new_user(&slack, "ada.l", json!({})).await;
    let grace = new_user(&slack, "grace.h", json!({})).await;
    // Whichever comes first holds the object for all the time the other needs.
    slack.inject(Fault::on(format!("/scim/v1/{}", path(&ada)), Effect::Pass).method("PATCH").delay_ms(300));
    let (ada_path, grace_path, change) = (path(&ada), path(&grace), json!({"title": "x"}));
    let (one, two, other, read) = tokio::join!(
        patch(&slack, &ada_path, change.clone()),
        patch(&slack, &ada_path, change.clone()),
        patch(&slack, &grace_path, change.clone()),
        get(&slack, &ada_path),
    );
    let (first, overlapping) = if one.status == 200 { (one, two) } else { (two, one) };
    assert_eq!((first.status, other.status, read.status), (200, 200, 200));
    assert_eq!(overlapping.error(), (429, "resource_locked".into()));
    assert_eq!(overlapping.header("retry-after"), Some("1"));
    assert_eq!(patch(&slack, &ada_path, change.clone()).await.status, 200, "free again");

    slack.set_options(|options| {
        options.lock_per_id = false;
        options.write_ms = 50;
    });
    let (one, two) =
        tokio::join!(patch(&slack, &ada_path, change.clone()), patch(&slack, &ada_path, change.clone()));
    assert_eq!((one.status, two.status), (200, 200));
}
