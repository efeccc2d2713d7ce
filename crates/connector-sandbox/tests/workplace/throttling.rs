//! Section 6: throttling, told in two ways, and the usage in headers.

use std::time::Duration;

use connector_sandbox::workplace::{Options, ThrottleForm, UsageHeader};

use crate::client::{get, start, usual};

const LIST: &str = "/scim2/Users?count=1";

#[tokio::test]
async fn too_many_calls_are_a_400_with_code_4_and_no_retry_after() {
    let target = start(Options { calls_per_minute: 3, ..Options::default() }).await;
    for _ in 0..3 {
        assert_eq!(get(&target, LIST).await.status, 200);
    }
    let throttled = get(&target, LIST).await;
    assert_eq!((throttled.graph(), throttled.header("retry-after")), ((400, 4), None));
    target.advance(Duration::from_secs(20));
    assert_eq!(get(&target, LIST).await.status, 200);
    target.set_options(|options| options.throttle_code = 613);
    assert_eq!(get(&target, LIST).await.graph(), (400, 613));
    target.set_options(|options| {
        options.throttle_form = ThrottleForm::Status;
        options.retry_after = true;
    });
    let throttled = get(&target, LIST).await;
    assert_eq!((throttled.graph(), throttled.header("retry-after")), ((429, 613), Some("20")));
    target.set_options(|options| options.rate_limiter = false);
    assert_eq!(get(&target, LIST).await.status, 200);
}

#[tokio::test]
async fn throttling_may_come_whatever_the_usage() {
    let target = usual().await;
    target.set_options(|options| options.throttled_calls = 1);
    assert_eq!(get(&target, LIST).await.graph(), (400, 4));
    assert_eq!(get(&target, LIST).await.status, 200);
}

#[tokio::test]
async fn the_usage_is_told_in_percent() {
    let target = start(Options {
        calls_per_minute: 4,
        usage_header: UsageHeader::Always,
        business_usage_header: true,
        ..Options::default()
    })
    .await;
    for (used, time) in [(25, 22), (50, 45), (75, 67), (100, 90), (100, 90)] {
        let answer = get(&target, LIST).await;
        let expected = format!(r#"{{"call_count":{used},"total_time":{time},"total_cputime":{time}}}"#);
        assert_eq!(answer.header("x-app-usage"), Some(expected.as_str()));
        let business = answer.header("x-business-use-case-usage").unwrap();
        let minutes = u8::from(used == 100);
        assert!(business.contains(&format!(r#""estimated_time_to_regain_access":{minutes}"#)), "{business}");
    }
    target.set_options(|options| options.business_usage_header = false);
    assert_eq!(get(&target, LIST).await.header("x-business-use-case-usage"), None);
    for header in [UsageHeader::Graph, UsageHeader::Never] {
        target.set_options(|options| options.usage_header = header);
        assert_eq!(get(&target, LIST).await.header("x-app-usage"), None, "SCIM does not tell");
    }
}
