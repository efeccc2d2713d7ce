//! People as clients see them.

use serde_json::{Value, json};

use crate::support::{Webex, ada, bo, calls, failure, items, license, pretty, step, with};

async fn read(person: Value) -> Value {
    let id = person["id"].as_str().expect("an id").to_owned();
    let webex = Webex::organisation([step(&format!("GET /people/{id}"), 200, person)]).await;
    let user = webex.get("Users", &id).await.expect("a user");
    webex.sent().await;
    user
}

#[tokio::test]
async fn an_established_person_is_shown_whole() {
    insta::assert_snapshot!(pretty(&read(ada()).await));
}

#[tokio::test]
async fn somebody_who_is_invited_is_active() {
    insta::assert_snapshot!(pretty(&read(bo()).await));
}

#[tokio::test]
async fn a_blocked_person_is_not_active_and_booleans_may_come_as_text() {
    for (enabled, invited, active) in [
        (json!(false), json!(false), json!(false)),
        (json!("false"), json!("false"), json!(false)),
        (json!("false"), json!("true"), json!(true)),
        (json!("true"), json!("false"), json!(true)),
    ] {
        let user = read(with(ada(), json!({"loginEnabled": enabled, "invitePending": invited}))).await;
        assert_eq!(user["active"], active, "{enabled} {invited}");
    }
}

#[tokio::test]
async fn what_real_people_lack_hurts_nobody() {
    let bare = json!({"id": "P-BARE", "emails": ["only@acme.example"], "displayName": "only@acme.example",
                      "created": "2025-03-04T08:15:30.120Z", "timezone": "Europe/Berlin", "trainSiteNames": [],
                      "errors": {"personDetails": {"code": "8000", "reason": "Part of it is missing"}}});
    let user = read(bare).await;
    assert_eq!(user["userName"], "only@acme.example");
    assert_eq!(user["timezone"], "Europe/Berlin");
    assert!(user.get("active").is_none() && user.get("name").is_none_or(|name| name["givenName"].is_null()));
}

#[tokio::test]
async fn people_are_shown_although_the_names_of_licences_cannot_be_read() {
    let refused = |call: &str| failure(call, 403, "no");
    let webex = Webex::answering([
        step("GET /people/P-ADA", 200, ada()),
        refused("GET /licenses"),
        refused("GET /roles"),
    ])
    .await;
    let user = webex.get("Users", "P-ADA").await.expect("a user");
    assert_eq!(user["entitlements"][0], json!({"value": license("FMS"), "type": "webex-license"}));
    webex.sent().await;
}

#[tokio::test]
async fn names_of_licences_and_roles_are_read_once() {
    let webex = Webex::organisation([
        step("GET /people/P-ADA", 200, ada()),
        step("GET /people/P-ADA", 200, ada()),
        items("GET /people", json!([ada(), ada()])),
    ])
    .await;
    for _ in 0..2 {
        webex.get("Users", "P-ADA").await.expect("a user");
    }
    webex.list("Users", None).await.expect("a list");
    let sent = webex.sent().await;
    let reads = calls(&sent);
    assert_eq!(
        reads,
        [
            "GET /v1/people/P-ADA",
            "GET /v1/licenses",
            "GET /v1/roles",
            "GET /v1/people/P-ADA",
            "GET /v1/people"
        ]
    );
}
