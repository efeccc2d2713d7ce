//! The proof of the app secret, on every call and never in the open.

use connector_core::{connector::Setting, secret::Secret};
use serde_json::json;

use crate::support::{Community, harbour, reads, step};

const SECRET: &str = "an-app-secret-nobody-may-read";

#[tokio::test]
async fn every_call_of_both_addresses_is_signed_and_nothing_shows_the_secret() {
    let settings = [("app_secret", Setting::Secret(Secret::new(SECRET)))];
    let member = |id: &str, paging: serde_json::Value| {
        step("GET /graph/2001/members", 200, json!({"data": [{"id": id}], "paging": paging}))
    };
    let community = Community::set(
        &settings,
        [
            reads(),
            step("GET /graph/2001", 200, harbour()),
            // The link has no proof, or an old one.
            member(
                "1001",
                json!({"cursors": {"after": "a"}, "next": "https://graph.example/?appsecret_proof=old"}),
            ),
            member("1002", json!({})),
        ],
    )
    .await;
    community.get("Users", "1001").await.unwrap();
    community.get("Groups", "2001").await.unwrap();
    let sent = community.sent().await;
    let proofs: Vec<&str> =
        sent.lines().filter_map(|line| line.trim().strip_prefix("?appsecret_proof=")).collect();
    assert_eq!(proofs.len(), 4, "{sent}");
    assert!(
        proofs.iter().all(|proof| proof.len() == 64 && proof.bytes().all(|b| b.is_ascii_hexdigit())),
        "{sent}"
    );
    assert_eq!(sent.matches("?appsecret_time=").count(), 4);
    assert!(!sent.contains(SECRET) && !sent.contains("=old"), "{sent}");
}
