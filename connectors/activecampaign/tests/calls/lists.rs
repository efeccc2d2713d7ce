//! Lists and look-ups.

use connector_core::error::Kind;
use serde_json::{Map, Value, json};

use crate::support::{
    Account, Step, editors, in_group, people, reads, reads_group, refusal, step, told, tove, with,
};

/// Users with these ids.
fn users(ids: std::ops::Range<u64>) -> Vec<Value> {
    ids.map(|id| with(tove(), json!({"id": id.to_string(), "username": format!("user{id}")}))).collect()
}

fn page(ids: std::ops::Range<u64>, total: Value) -> Step {
    let mut meta = Map::new();
    if !total.is_null() {
        meta.insert("total".into(), total);
    }
    step("GET /users", 200, json!({ "users": users(ids), "meta": meta }))
}

#[tokio::test]
async fn users_are_read_to_the_short_page_whatever_the_total_says() {
    for total in [Value::Null, json!("100"), json!("150")] {
        let account = Account::answering([page(1..101, total.clone()), page(101..151, total)]).await;
        let listed = account.list("Users", None).await.unwrap();
        assert_eq!(listed.total, 150);
        let sent = account.sent().await;
        assert!(
            sent.contains("?limit=100\n  ?offset=0") && sent.contains("?limit=100\n  ?offset=100"),
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_full_last_page_is_followed_by_an_empty_one() {
    let account = Account::answering([page(1..101, Value::Null), page(0..0, Value::Null)]).await;
    assert_eq!(account.list("Users", None).await.unwrap().total, 100);
    account.sent().await;
}

#[tokio::test]
async fn a_row_that_moved_to_the_next_page_counts_once() {
    let account = Account::answering([page(1..101, Value::Null), page(100..121, Value::Null)]).await;
    assert_eq!(account.list("Users", None).await.unwrap().total, 120);
    account.sent().await;
}

#[tokio::test]
async fn a_target_that_ignores_the_limit_gives_everything_at_once() {
    let account = Account::answering([page(1..131, json!("130"))]).await;
    assert_eq!(account.list("Users", None).await.unwrap().total, 130);
    account.sent().await;

    let account = Account::answering([page(1..101, json!("100")), page(1..101, json!("100"))]).await;
    assert_eq!(account.list("Users", None).await.unwrap().total, 100);
    account.sent().await;
}

#[tokio::test]
async fn a_target_that_never_comes_to_the_second_page_is_an_error_and_no_short_list() {
    let account = Account::answering([page(1..21, json!("120")), page(1..21, json!("120"))]).await;
    assert_eq!(account.list("Users", None).await.unwrap_err().kind(), Kind::OddAnswer);
    account.sent().await;
}

#[tokio::test]
async fn a_name_and_an_address_are_looked_up_directly() {
    let found = |call: &str| step(call, 200, json!({ "user": tove() }));
    for (filter, call) in [
        ("userName eq \"t.arvidsson\"", "GET /users/username/t.arvidsson"),
        ("emails.value eq \"tove@northlight.example\"", "GET /users/email/tove@northlight.example"),
        (
            "emails[type eq \"work\" and value eq \"tove@northlight.example\"]",
            "GET /users/email/tove@northlight.example",
        ),
    ] {
        let account = Account::answering([found(call)]).await;
        assert_eq!(account.list("Users", Some(filter)).await.unwrap().total, 1, "{filter}");
        account.sent().await;
    }
}

#[tokio::test]
async fn somebody_may_be_called_me() {
    let found = step("GET /users/username/me", 200, json!({"user": with(tove(), json!({"username": "me"}))}));
    let account = Account::answering([found]).await;
    assert_eq!(account.list("Users", Some("userName eq \"me\"")).await.unwrap().total, 1);
    account.sent().await;
}

#[tokio::test]
async fn a_look_up_without_a_match_is_an_empty_list_whatever_the_status() {
    for status in [404, 403] {
        let missing = "No Result found for User with username ghost";
        let account = Account::answering([refusal("GET /users/username/ghost", status, missing)]).await;
        assert_eq!(account.list("Users", Some("userName eq \"ghost\"")).await.unwrap().total, 0);
        account.sent().await;
    }
    for value in ["", "..", "."] {
        let account = Account::answering([]).await;
        let listed = account.list("Users", Some(&format!("userName eq \"{value}\""))).await.unwrap();
        assert_eq!(listed.total, 0);
        assert_eq!(account.sent().await, "no call\n");
    }
}

#[tokio::test]
async fn a_list_of_groups_reads_the_people_of_each() {
    let other = json!({"title": "Senders", "descript": null, "id": "8"});
    let list = json!({"groups": [editors(), other], "meta": {"total": "2"}});
    let none = json!({"userGroups": []});
    let account = Account::answering([
        step("GET /groups", 200, list),
        people(&["12"]),
        step("GET /groups/8/userGroups", 200, none),
    ])
    .await;
    let listed = account.list("Groups", None).await.unwrap();
    assert_eq!(listed.total, 2);
    assert_eq!(listed.resources[0].group().members().collect::<Vec<_>>(), ["12"]);
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn a_group_that_was_deleted_meanwhile_is_left_out() {
    let list = json!({"groups": [editors()], "meta": {"total": "1"}});
    let gone = refusal("GET /groups/7/userGroups", 403, "No Result found for Group with id 7");
    let account = Account::answering([step("GET /groups", 200, list), gone]).await;
    assert_eq!(account.list("Groups", None).await.unwrap().total, 0);
    account.sent().await;
}

#[tokio::test]
async fn a_title_is_found_without_reading_everybodys_members() {
    let other = json!({"title": "Senders", "descript": null, "id": "8"});
    let list = json!({"groups": [editors(), other], "meta": {"total": "2"}});
    let account = Account::answering([step("GET /groups", 200, list), people(&["12"])]).await;
    let listed = account.list("Groups", Some("displayName eq \"newsletter editors\"")).await.unwrap();
    assert_eq!(listed.total, 1);
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn members_are_read_to_the_short_page() {
    let ids: Vec<String> = (1..=130).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let account = Account::answering([reads_group(), people(&ids[..100]), people(&ids[100..])]).await;
    let group = account.get("Groups", "7").await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 130);
    account.sent().await;

    // An answer that is not paged comes again.
    let account = Account::answering([reads_group(), people(&ids[..100]), people(&ids[..100])]).await;
    let group = account.get("Groups", "7").await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 100);
    account.sent().await;
}

#[tokio::test]
async fn the_groups_of_a_user_are_found_through_the_user() {
    let account = Account::answering([reads(), in_group("7"), reads_group(), people(&["12"])]).await;
    let listed = account.list("Groups", Some("members.value eq \"12\"")).await.unwrap();
    assert_eq!(listed.resources[0].id(), Some("7"));
    account.sent().await;
}

#[tokio::test]
async fn a_filter_over_what_lists_do_not_hold_is_refused() {
    for filter in ["groups.value eq \"7\"", "groups pr", "not (userName sw \"a\" and groups[value eq \"7\"])"]
    {
        let account = Account::answering([]).await;
        let error = account.list("Users", Some(filter)).await.unwrap_err();
        assert!(told(&error).starts_with("400 invalidFilter User: groups: "), "{}", told(&error));
        assert_eq!(account.sent().await, "no call\n");
    }
}
