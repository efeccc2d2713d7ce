//! Groups.

use serde_json::{Value, json};

use crate::support::{Account, OWN_GROUP, editors, people, reads_group, step, told, with};

#[tokio::test]
async fn a_group_is_created_by_title_and_description_and_its_short_answer_is_enough() {
    let short = json!({"group": {"title": "Newsletter editors", "p_admin": 1, "links": {}, "id": 7}});
    let account = Account::answering([step("POST /groups", 200, short)]).await;
    let body =
        json!({"displayName": "Newsletter editors", OWN_GROUP: {"description": "May write, not send"}});
    let group = account.create("Groups", body).await.unwrap();
    assert_eq!(group["id"], "7");
    assert_eq!(group[OWN_GROUP]["description"], "May write, not send");
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn a_change_sends_the_changed_fields_alone_so_that_permissions_stay() {
    let short = json!({"group": {"title": "Editors", "p_admin": 1, "links": {}, "id": 7}});
    let after = json!({"group": with(editors(), json!({"title": "Editors"}))});
    let account = Account::answering([
        reads_group(),
        people(&["12"]),
        step("PUT /groups/7", 200, short),
        step("GET /groups/7", 200, after),
    ])
    .await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Editors"}]);
    let group = account.modify("Groups", "7", rename).await.unwrap();
    assert_eq!((&group["displayName"], &group["members"][0]["value"]), (&json!("Editors"), &json!("12")));
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn a_description_is_emptied_by_an_empty_text() {
    let after = json!({"group": with(editors(), json!({"descript": ""}))});
    let account = Account::answering([
        reads_group(),
        people(&[]),
        step("PUT /groups/7", 200, json!({"group": {"id": 7}})),
        step("GET /groups/7", 200, after),
    ])
    .await;
    let group = account.replace("Groups", "7", json!({"displayName": "Newsletter editors"})).await.unwrap();
    assert_eq!(group.get(OWN_GROUP), None);
    let sent = account.sent().await;
    assert!(sent.contains("\"descript\": \"\"") && !sent.contains("\"title\""), "{sent}");
}

#[tokio::test]
async fn membership_is_refused_in_every_write_and_nothing_is_sent() {
    let refused = "400 mutability Group";
    let members = json!([{"value": "12"}]);
    for operations in [
        json!([{"op": "add", "path": "members", "value": members}]),
        json!([{"op": "remove", "path": "members[value eq \"12\"]"}]),
        json!([{"op": "replace", "value": {"displayName": "Editors", "members": members}}]),
        json!([{"op": "replace", "path": "displayName", "value": "E"}, {"op": "Remove", "path": "Members"}]),
    ] {
        let account = Account::answering([]).await;
        let told = told(&account.modify("Groups", "7", operations).await.unwrap_err());
        assert!(told.starts_with(refused) && told.contains("members: can only be read"), "{told}");
        assert_eq!(account.sent().await, "no call\n");
    }
    let account = Account::answering([]).await;
    let body = json!({"displayName": "Editors", "members": members});
    assert!(told(&account.create("Groups", body).await.unwrap_err()).starts_with(refused));
    assert_eq!(account.sent().await, "no call\n");

    for named in [json!([{"value": "13"}]), json!([]), Value::Null] {
        let account = Account::answering([reads_group(), people(&["12"])]).await;
        let body = json!({"displayName": "Editors", "members": named});
        assert!(told(&account.replace("Groups", "7", body).await.unwrap_err()).starts_with(refused));
        assert!(!account.sent().await.contains("PUT"));
    }
}

#[tokio::test]
async fn a_group_put_back_as_it_was_read_sends_nothing() {
    let account =
        Account::answering([reads_group(), people(&["12", "9"]), reads_group(), people(&["9", "12"])]).await;
    let group = account.get("Groups", "7").await.unwrap();
    account.replace("Groups", "7", group).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn a_group_without_members_may_be_created_with_an_empty_list() {
    let short = json!({"group": {"title": "Editors", "links": {}, "id": "7"}});
    let account = Account::answering([step("POST /groups", 201, short)]).await;
    account.create("Groups", json!({"displayName": "Editors", "members": []})).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn a_group_that_is_called_admin_and_manages_nothing_is_a_group_like_others() {
    let called = json!({ "group": with(editors(), json!({"title": "Admin"})) });
    let account = Account::answering([
        step("GET /groups/7", 200, called),
        people(&["12"]),
        step("PUT /groups/7", 200, json!({"group": {"id": 7}})),
        reads_group(),
    ])
    .await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Newsletter editors"}]);
    account.modify("Groups", "7", rename).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn permissions_that_a_change_took_away_are_set_again() {
    let short = || step("PUT /groups/7", 200, json!({"group": {"title": "Editors", "id": 7}}));
    let reads = |more: Value| {
        let group = with(with(editors(), json!({"title": "Editors"})), more);
        step("GET /groups/7", 200, json!({ "group": group }))
    };
    let off = json!({"pgMessageAdd": "0", "reqApproval1st": "0"});
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Editors"}]);
    let start = || [reads_group(), people(&["12"]), short(), reads(off.clone()), short()];

    let account = Account::answering(start().into_iter().chain([reads(json!({}))])).await;
    let group = account.modify("Groups", "7", rename.clone()).await.unwrap();
    assert_eq!((&group["displayName"], &group["members"][0]["value"]), (&json!("Editors"), &json!("12")));
    insta::assert_snapshot!(account.sent().await);

    let account = Account::answering(start().into_iter().chain([reads(off.clone())])).await;
    let told = told(&account.modify("Groups", "7", rename).await.unwrap_err());
    assert!(
        told.starts_with("502 - Group 7: was changed, and ActiveCampaign took permissions away"),
        "{told}"
    );
    account.sent().await;
}
