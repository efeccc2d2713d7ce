//! Changes of users.

use serde_json::{Value, json};

use crate::support::{
    Account, OWN, Step, in_group, me, reads, reads_with, record, refusal, step, told, tove,
};

fn puts() -> Step {
    // As it was before: ActiveCampaign's answer to a PUT may be stale.
    step("PUT /users/12", 200, json!({ "userGroups": [record("31", "12", "7")], "user": tove() }))
}

fn set(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn a_change_sends_the_present_group_along_and_reads_afterwards() {
    let account =
        Account::answering([reads(), in_group("7"), puts(), reads_with(json!({"lastName": "Berg"}))]).await;
    let user = account.modify("Users", "12", set("name.familyName", json!("Berg"))).await.unwrap();
    assert_eq!((&user["name"]["familyName"], &user["displayName"]), (&json!("Berg"), &json!("Tove Berg")));
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn a_put_keeps_the_group_and_the_password_it_omits_and_clears_the_telephone_number() {
    let before = reads_with(json!({"phone": "+46 8 000 00 01"}));
    let account = Account::answering([before, in_group("7"), puts(), reads()]).await;
    let body = json!({"userName": "t.arvidsson", "name": {"givenName": "Tove", "familyName": "Arvidsson"},
                      "emails": [{"value": "tove@northlight.example", "type": "work"}]});
    account.replace("Users", "12", body).await.unwrap();
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn an_object_put_back_as_it_was_read_sends_nothing() {
    let account = Account::answering([reads(), reads()]).await;
    let user = account.get("Users", "12").await.unwrap();
    account.replace("Users", "12", user).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn the_group_the_user_is_in_already_is_no_change() {
    for (body, calls) in [(json!({OWN: {"groupId": "7"}}), 2), (json!({"groups": [{"value": "7"}]}), 2)] {
        let account = Account::answering([reads(), reads(), in_group("7")]).await;
        let user = account.get("Users", "12").await.unwrap();
        account.replace("Users", "12", crate::support::with(user, body)).await.unwrap();
        let sent = account.sent().await;
        assert_eq!(sent.matches("GET").count(), calls + 1, "{sent}");
    }
}

#[tokio::test]
async fn another_group_moves_the_user() {
    let account = Account::answering([reads(), in_group("7"), puts(), reads()]).await;
    account.modify("Users", "12", set(&format!("{OWN}:groupId"), json!("8"))).await.unwrap();
    let sent = account.sent().await;
    assert!(sent.contains("\"group\": 8"), "{sent}");
}

#[tokio::test]
async fn groups_are_not_patched() {
    let account = Account::answering([reads()]).await;
    let error = account.modify("Users", "12", set("groups", json!([{"value": "8"}]))).await.unwrap_err();
    assert!(told(&error).starts_with("400 mutability "), "{}", told(&error));
    account.sent().await;
}

#[tokio::test]
async fn a_user_of_several_groups_ends_in_the_first() {
    let several = json!({"userGroups": [record("31", "12", "7"), record("32", "12", "8")]});
    let account = Account::answering([
        reads(),
        step("GET /users/12/userGroup", 200, several),
        puts(),
        reads_with(json!({"lastName": "Berg"})),
    ])
    .await;
    account.modify("Users", "12", set("name.familyName", json!("Berg"))).await.unwrap();
    let sent = account.sent().await;
    assert!(sent.contains("\"group\": 7"), "{sent}");
}

#[tokio::test]
async fn a_user_name_is_not_changed() {
    let account = Account::answering([reads()]).await;
    let error = account.modify("Users", "12", set("userName", json!("tove"))).await.unwrap_err();
    assert_eq!(told(&error), "400 mutability User 12: userName: is taken at creation only");
    account.sent().await;
}

#[tokio::test]
async fn a_password_is_changed_alone() {
    let account = Account::answering([reads(), in_group("7"), puts(), reads()]).await;
    account.modify("Users", "12", set("password", json!("battery staple"))).await.unwrap();
    let sent = account.sent().await;
    assert!(sent.contains("\"password\": \"battery staple\""), "{sent}");
}

#[tokio::test]
async fn setting_a_user_inactive_is_refused_with_the_way_out_and_nothing_is_sent() {
    for settings in [&[][..], &[("deactivate", "refuse")]] {
        let account = Account::set(settings, [reads()]).await;
        let error = account.modify("Users", "12", set("active", json!("False"))).await.unwrap_err();
        assert_eq!(
            told(&error),
            "400 mutability User 12: active: cannot be set to false: ActiveCampaign has no disabled users, so delete the \
             user instead; or let the operator set deactivate = \"delete\" for the instance"
        );
        account.sent().await;
    }
}

#[tokio::test]
async fn setting_a_user_active_is_no_change() {
    let account = Account::answering([reads()]).await;
    let user = account.modify("Users", "12", set("active", json!(true))).await.unwrap();
    assert_eq!(user["active"], true);
    account.sent().await;
}

#[tokio::test]
async fn setting_a_user_inactive_deletes_where_the_operator_chose_that() {
    let account =
        Account::set(&[("deactivate", "delete")], [reads(), me(), step("DELETE /users/12", 200, json!({}))])
            .await;
    let user = account.modify("Users", "12", set("active", json!(false))).await.unwrap();
    assert_eq!(user["active"], false);
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn the_primary_admin_is_not_deleted_by_setting_inactive_either() {
    let admin = json!({"user": crate::support::with(tove(), json!({"id": "1"}))});
    let account = Account::set(&[("deactivate", "delete")], [step("GET /users/1", 200, admin)]).await;
    let error = account.modify("Users", "1", set("active", json!(false))).await.unwrap_err();
    assert!(told(&error).starts_with("403 - User 1: is the primary admin"), "{}", told(&error));
    account.sent().await;
}

#[tokio::test]
async fn an_error_text_beside_a_success_is_a_success() {
    let answer = json!({"user": tove(), "errors": [{"title": "A notification could not be sent."}]});
    let account =
        Account::answering([reads(), in_group("7"), step("PUT /users/12", 200, answer), reads()]).await;
    account.modify("Users", "12", set("name.familyName", json!("Berg"))).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn an_unknown_group_is_a_bad_value_and_not_a_missing_user() {
    let answer = refusal("PUT /users/12", 403, "No Result found for Group with id 99");
    let account = Account::answering([reads(), in_group("7"), answer]).await;
    let error = account.modify("Users", "12", set(&format!("{OWN}:groupId"), json!("99"))).await.unwrap_err();
    let told = told(&error);
    assert!(told.starts_with("400 invalidValue User 12: ") && told.contains(":groupId: "), "{told}");
    account.sent().await;
}

#[tokio::test]
async fn a_user_name_in_other_letters_is_the_same_name() {
    let account = Account::answering([reads()]).await;
    let user = account.modify("Users", "12", set("userName", json!("T.Arvidsson"))).await.unwrap();
    assert_eq!(user["id"], "12");
    account.sent().await;
}

#[tokio::test]
async fn a_put_names_everything_that_is_mandatory_or_nothing_is_sent() {
    let whole = json!({"name": {"givenName": "Tove", "familyName": "Arvidsson"},
                       "emails": [{"value": "tove@northlight.example"}]});
    let account = Account::answering([]).await;
    let error = account.replace("Users", "12", whole).await.unwrap_err();
    assert_eq!(told(&error), "400 invalidValue User 12: userName: is required");
    assert_eq!(account.sent().await, "no call\n");
}

#[tokio::test]
async fn membership_without_a_path_moves_the_user_as_in_a_put() {
    let account = Account::answering([reads(), in_group("7"), puts(), reads()]).await;
    let groups = json!([{"op": "replace", "value": {"groups": [{"value": "9"}], "displayName": "T"}}]);
    account.modify("Users", "12", groups).await.unwrap();
    let sent = account.sent().await;
    assert!(sent.contains("\"group\": 9"), "{sent}");
}
