//! Lists and look-ups.

use connector_core::error::Kind;
use serde_json::{Map, Value, json};

use crate::support::{
    Account, Step, editors, in_group, me, people, reads, reads_group, refusal, step, told, tove, with,
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
        ("emails.value eq \"tove@northlight.example\"", "GET /users/email/tove%40northlight.example"),
        (
            "emails[type eq \"work\" and value eq \"tove@northlight.example\"]",
            "GET /users/email/tove%40northlight.example",
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

/// The look-up of nobody's name, and the walk that follows.
fn nobody(call: &str) -> [Step; 2] {
    [refusal(call, 404, "No Result found for User with username ghost"), page(1..3, Value::Null)]
}

#[tokio::test]
async fn a_look_up_without_a_match_is_an_empty_list_whatever_the_answer() {
    const CALL: &str = "GET /users/username/ghost";
    let missing = "No Result found for User with username ghost";
    for answers in [
        vec![refusal(CALL, 404, missing)],
        vec![refusal(CALL, 403, missing)],
        vec![step(CALL, 200, json!({}))],
        vec![step(CALL, 200, json!({"user": null}))],
        vec![step(CALL, 200, json!({"user": []}))],
        // Like a missing permission, questioned once; the key is good.
        vec![refusal(CALL, 403, "No"), refusal(CALL, 403, "No"), me()],
        vec![step(CALL, 403, Value::Null), step(CALL, 403, Value::Null), me()],
    ] {
        let account = Account::answering(answers.into_iter().chain([page(1..3, Value::Null)])).await;
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
async fn all_users_are_read_once_for_look_ups_that_follow_each_other() {
    let [ghost, all] = nobody("GET /users/username/ghost");
    let [phantom, _] = nobody("GET /users/username/phantom");
    let account = Account::answering([ghost, all, phantom]).await;
    for name in ["ghost", "phantom"] {
        let filter = format!("userName eq \"{name}\"");
        assert_eq!(account.list("Users", Some(&filter)).await.unwrap().total, 0);
    }
    account.sent().await;
}

#[tokio::test]
async fn a_look_up_that_nobody_may_make_is_no_empty_list() {
    let refused = |call: &str| [refusal(call, 403, "No"), refusal(call, 403, "No"), me()];
    let calls = refused("GET /users/username/ghost").into_iter().chain(refused("GET /users"));
    let account = Account::answering(calls).await;
    let error = account.list("Users", Some("userName eq \"ghost\"")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    account.sent().await;

    // Nor is it where the list cannot be read to its end.
    let forbidden = |call: &str| refusal(call, 403, "No");
    let (call, odd) = ("GET /users/username/ghost", || step("GET /users", 200, json!({"users": "none"})));
    let account = Account::answering([forbidden(call), forbidden(call), me(), odd()]).await;
    let error = account.list("Users", Some("userName eq \"ghost\"")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::OddAnswer);
    account.sent().await;
    let account = Account::answering([step(call, 404, json!({})), odd()]).await;
    assert_eq!(account.list("Users", Some("userName eq \"ghost\"")).await.unwrap().total, 0);
    account.sent().await;

    // Nor is one with a bad key.
    let refused = |call: &str| refusal(call, 403, "No");
    let account = Account::answering([
        refused("GET /users/username/ghost"),
        refused("GET /users/username/ghost"),
        refused("GET /users/me"),
        refused("GET /users/me"),
    ])
    .await;
    let error = account.list("Users", Some("userName eq \"ghost\"")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::TargetCredential);
    account.sent().await;
}

#[tokio::test]
async fn letter_case_of_names_and_addresses_counts_nowhere() {
    let found = |call: &str| step(call, 200, json!({ "user": tove() }));
    let missing = |call: &str| refusal(call, 404, "No Result found for User");
    for (filter, first, second) in [
        ("userName eq \"T.ARVIDSSON\"", "GET /users/username/T.ARVIDSSON", "GET /users/username/t.arvidsson"),
        (
            "emails.value eq \"Tove@Northlight.example\"",
            "GET /users/email/Tove%40Northlight.example",
            "GET /users/email/tove%40northlight.example",
        ),
    ] {
        let account = Account::answering([missing(first), found(second)]).await;
        assert_eq!(account.list("Users", Some(filter)).await.unwrap().total, 1, "{filter}");
        account.sent().await;
    }

    // It is the target that has capitals: only a walk finds the user.
    let capital = with(tove(), json!({"username": "T.Arvidsson"}));
    let listed = json!({"users": [&capital, with(tove(), json!({"id": "13", "username": "tuva"}))]});
    let account = Account::answering([
        missing("GET /users/username/t.arvidsson"),
        step("GET /users", 200, listed),
        step("GET /users/12", 200, json!({ "user": capital })),
        // All users are known from a moment ago, and this one is gone since.
        missing("GET /users/username/t.arvidsson"),
        missing("GET /users/12"),
        // Or called otherwise.
        missing("GET /users/username/t.arvidsson"),
        step("GET /users/12", 200, json!({"user": with(tove(), json!({"username": "tove"}))})),
    ])
    .await;
    let filter = Some("userName eq \"t.arvidsson\"");
    let found = account.list("Users", filter).await.unwrap();
    assert_eq!((found.total, found.resources[0].id()), (1, Some("12")));
    for _ in 0..2 {
        assert_eq!(account.list("Users", filter).await.unwrap().total, 0);
    }
    account.sent().await;
}

#[tokio::test]
async fn what_a_path_gives_another_meaning_is_encoded() {
    for (value, segment) in [
        ("tove+news@northlight.example", "tove%2Bnews%40northlight.example"),
        ("a/b c%40", "a%2Fb%20c%2540"),
        ("ä.~_-", "%C3%A4.~_-"),
    ] {
        let account = Account::answering(nobody(&format!("GET /users/username/{segment}"))).await;
        let listed = account.list("Users", Some(&format!("userName eq \"{value}\""))).await.unwrap();
        assert_eq!(listed.total, 0, "{value}");
        account.sent().await;
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
