//! Section 6: five requests a second for the whole account.

use std::time::Duration;

use connector_sandbox::activecampaign::{Options, RateHeaders};
use serde_json::Value;

use crate::client::{call_as, get, start};

#[tokio::test]
async fn five_requests_pass_at_once_and_five_more_a_second_later() {
    let target = start(Options::default()).await;
    for left in (0..5).rev() {
        let answer = get(&target, "users/me").await;
        assert_eq!((answer.status, answer.header("ratelimit-limit")), (200, Some("5")));
        assert_eq!(answer.header("ratelimit-remaining"), Some(left.to_string().as_str()));
    }
    let refused = get(&target, "users/me").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("1")));
    assert_eq!(refused.header("ratelimit-remaining"), Some("0"));
    target.advance(Duration::from_secs(1));
    for _ in 0..5 {
        assert_eq!(get(&target, "users/me").await.status, 200);
    }
    assert_eq!(get(&target, "users/me").await.status, 429);
}

#[tokio::test]
async fn a_second_is_any_second_and_what_is_refused_does_not_count() {
    let target = start(Options::default()).await;
    for _ in 0..5 {
        assert_eq!(get(&target, "users/me").await.status, 200);
        target.advance(Duration::from_millis(190));
    }
    // 950 ms after the first: a bucket would have filled up again.
    assert_eq!(get(&target, "users/me").await.status, 429);
    target.advance(Duration::from_millis(50));
    assert_eq!(get(&target, "users/me").await.status, 200);
    assert_eq!(get(&target, "users/me").await.status, 429);
}

#[tokio::test]
async fn all_keys_share_the_limit_and_wrong_ones_have_no_part_in_it() {
    let target = start(Options::default()).await;
    let other = target.key_of("2").unwrap();
    for _ in 0..10 {
        assert_eq!(call_as(&target, "made-up", "GET", "users/me", &Value::Null).await.status, 403);
    }
    for _ in 0..5 {
        assert_eq!(call_as(&target, &other, "GET", "users/me", &Value::Null).await.status, 200);
    }
    assert_eq!(get(&target, "users/me").await.status, 429);
}

#[tokio::test]
async fn how_the_limit_is_told_is_a_switch() {
    let target = start(Options {
        requests_per_second: 1,
        limit_status: 503,
        retry_after_secs: 30,
        rate_headers: RateHeaders::OnRefusal,
        ..Options::default()
    })
    .await;
    assert_eq!(get(&target, "users/me").await.header("ratelimit-limit"), None);
    let refused = get(&target, "users/me").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("30")));
    assert_eq!(refused.header("ratelimit-limit"), Some("1"));
    target.set_options(|options| {
        options.retry_after = false;
        options.rate_headers = RateHeaders::Never;
    });
    let refused = get(&target, "users/me").await;
    assert_eq!(
        (refused.status, refused.header("retry-after"), refused.header("ratelimit-limit")),
        (503, None, None)
    );
    target.set_options(|options| options.rate_limiter = false);
    assert_eq!(get(&target, "users/me").await.status, 200);
}
