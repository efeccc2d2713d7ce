//! What is made of ActiveCampaign's objects.

use serde_json::{Value, json};

use crate::support::{Account, in_group, people, reads, reads_group, reads_with, record, step};

#[tokio::test]
async fn everything_the_table_maps_is_read() {
    let account = Account::answering([reads_with(json!({"phone": "+46 8 000 00 01"}))]).await;
    let user = account.get("Users", "12").await.unwrap();
    insta::assert_snapshot!("user", serde_json::to_string_pretty(&user).unwrap());
    account.sent().await;

    let account = Account::answering([reads_group(), people(&["12", "13", "12"])]).await;
    let group = account.get("Groups", "7").await.unwrap();
    insta::assert_snapshot!("group", serde_json::to_string_pretty(&group).unwrap());
    insta::assert_snapshot!("a_group_takes_two_calls", account.sent().await);
}

#[tokio::test]
async fn groups_of_a_user_are_read_only_when_asked_for() {
    let account = Account::answering([reads(), reads(), in_group("7")]).await;
    assert_eq!(account.get_only("Users", "12", "userName").await.unwrap()["groups"], Value::Null);
    let asked = account.get_only("Users", "12", "userName,groups.value").await.unwrap();
    assert_eq!(asked["groups"], json!([{"value": "7"}]));
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn the_version_of_a_user_is_the_same_with_groups_and_without() {
    let account = Account::answering([reads(), reads(), in_group("7")]).await;
    let (endpoint, cx) = (account.endpoint("Users"), account.cx());
    let plain = endpoint.get(&cx, "12").await.unwrap();
    let whole = endpoint.get_with(&cx, "12", |_| true).await.unwrap();
    assert!(whole.get("groups").is_some());
    assert_eq!(plain.version(), whole.version());
}

#[tokio::test]
async fn membership_comes_as_one_record_as_several_or_not_at_all() {
    let (one, other) = (record("31", "12", "7"), record("32", "12", "8"));
    let none = json!({"message": "No Result found for UserGroup with id 12"});
    for (status, body, groups) in [
        (200, json!({"userGroup": one}), vec!["7"]),
        (200, json!({"userGroups": [one, other]}), vec!["7", "8"]),
        (200, json!({"userGroup": [one]}), vec!["7"]),
        (200, json!({"userGroups": []}), vec![]),
        (200, json!({"userGroup": null}), vec![]),
        (404, none, vec![]),
    ] {
        // Where the user tells none, the groups may.
        let walk = groups.is_empty().then(|| step("GET /groups", 200, json!({"groups": []})));
        let steps = [reads(), step("GET /users/12/userGroup", status, body)].into_iter().chain(walk);
        let account = Account::answering(steps).await;
        let user = account.get_only("Users", "12", "groups").await.unwrap();
        let read: Vec<&str> =
            user["groups"].as_array().into_iter().flatten().filter_map(|g| g["value"].as_str()).collect();
        assert_eq!(read, groups);
        account.sent().await;
    }
}

#[tokio::test]
async fn odd_dates_are_no_dates_and_offsets_become_utc() {
    for (date, read) in [
        (json!("2025-11-04T09:12:30-06:00"), json!("2025-11-04T15:12:30Z")),
        (json!("2025-11-04 09:12:30"), json!("2025-11-04T09:12:30Z")),
        (json!(null), Value::Null),
        (json!(""), Value::Null),
        (json!("0000-00-00 00:00:00"), Value::Null),
        (json!("0000-00-00T00:00:00Z00:00"), Value::Null),
    ] {
        let account = Account::answering([reads_with(json!({"cdate": date, "udate": date}))]).await;
        let user = account.get("Users", "12").await.unwrap();
        assert_eq!((&user["meta"]["created"], &user["meta"]["lastModified"]), (&read, &read), "{date}");
    }
}

#[tokio::test]
async fn ids_may_be_numbers() {
    let account = Account::answering([reads_with(json!({"id": 12, "mfaEnabled": 0}))]).await;
    assert_eq!(account.get("Users", "12").await.unwrap()["id"], "12");
}

#[tokio::test]
async fn the_address_may_end_before_its_tail_or_with_a_slash() {
    for path in ["", "/", "/api/3", "/api/3/"] {
        let account = Account::at(path, [reads()]).await;
        account.get("Users", "12").await.unwrap();
        account.sent().await;
    }
}
