//! Deletions.

use serde_json::json;

use crate::support::{Account, editors, me, people, reads_group, record, refusal, step, told, with};

#[tokio::test]
async fn a_user_is_deleted_for_good() {
    let account = Account::answering([
        me(),
        step("DELETE /users/12", 200, json!({})),
        refusal("DELETE /users/12", 404, "No Result found for User with id 12"),
    ])
    .await;
    account.delete("Users", "12").await.unwrap();
    let again = told(&account.delete("Users", "12").await.unwrap_err());
    assert_eq!(again, "404 - User 12: does not exist");
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn neither_the_primary_admin_nor_the_owner_of_the_key_is_deleted() {
    let account = Account::answering([me()]).await;
    let told_of = told(&account.delete("Users", "1").await.unwrap_err());
    assert!(told_of.starts_with("403 - User 1: is the primary admin"), "{told_of}");
    let told_of = told(&account.delete("Users", "2").await.unwrap_err());
    assert!(told_of.starts_with("403 - User 2: is the owner of the API key"), "{told_of}");
    account.sent().await;
}

#[tokio::test]
async fn the_primary_admin_is_whom_the_operator_says() {
    let moved = [("primary_admin_id", "12")];
    let account = Account::set(&moved, [me(), step("DELETE /users/1", 200, json!({}))]).await;
    let told_of = told(&account.delete("Users", "12").await.unwrap_err());
    assert!(told_of.starts_with("403 - User 12: is the primary admin"), "{told_of}");
    account.delete("Users", "1").await.unwrap();
    account.sent().await;

    // The Admin group is known by the same person.
    let account = Account::set(&moved, [reads_group(), people(&["12"])]).await;
    let told_of = told(&account.delete("Groups", "7").await.unwrap_err());
    assert!(told_of.starts_with("403 - Group 7: is the Admin group"), "{told_of}");
    account.sent().await;
}

#[tokio::test]
async fn a_group_with_people_is_not_deleted() {
    let account = Account::answering([reads_group(), people(&["12", "13"])]).await;
    let told = told(&account.delete("Groups", "7").await.unwrap_err());
    assert_eq!(told, "409 - Group 7: still has 2 members: put them into other groups first");
    account.sent().await;
}

#[tokio::test]
async fn an_empty_group_is_deleted_and_a_missing_one_is_missing() {
    let missing = || refusal("GET /groups/7", 403, "No Result found for Group with id 7");
    let account =
        Account::answering([reads_group(), people(&[]), step("DELETE /groups/7", 200, json!({})), missing()])
            .await;
    account.delete("Groups", "7").await.unwrap();
    assert_eq!(told(&account.delete("Groups", "7").await.unwrap_err()), "404 - Group 7: does not exist");
    account.sent().await;
}

#[tokio::test]
async fn the_admin_group_is_neither_deleted_nor_changed() {
    let all = json!({"id": "3", "title": "Administradores", "pg_user_add": "1"});
    let reads = || step("GET /groups/3", 200, json!({ "group": with(editors(), all.clone()) }));
    let primary = || step("GET /groups/3/userGroups", 200, json!({ "userGroups": [record("31", "1", "3")] }));
    let account = Account::answering([reads(), primary(), reads(), primary()]).await;
    let told_of = told(&account.delete("Groups", "3").await.unwrap_err());
    assert!(told_of.starts_with("403 - Group 3: is the Admin group"), "{told_of}");
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Root"}]);
    let told_of = told(&account.modify("Groups", "3", rename).await.unwrap_err());
    assert!(told_of.starts_with("403 - Group 3: is the Admin group"), "{told_of}");
    account.sent().await;
}

#[tokio::test]
async fn an_id_that_is_no_number_is_nobodys_and_is_never_sent() {
    let account = Account::answering([]).await;
    for id in ["me", "01", "1 ", "+1", "1/userGroup", "username"] {
        for endpoint in ["Users", "Groups"] {
            let told_of = told(&account.get(endpoint, id).await.unwrap_err());
            assert!(told_of.starts_with("404 - "), "{told_of}");
            let told_of = told(&account.delete(endpoint, id).await.unwrap_err());
            assert!(told_of.starts_with("404 - "), "{told_of}");
            let name = json!([{"op": "replace", "path": "displayName", "value": "x"}]);
            let path = if endpoint == "Users" {
                json!([{"op": "replace", "path": "name.givenName", "value": "x"}])
            } else {
                name
            };
            assert!(told(&account.modify(endpoint, id, path).await.unwrap_err()).starts_with("404 - "));
        }
    }
    assert_eq!(account.sent().await, "no call\n");
}
