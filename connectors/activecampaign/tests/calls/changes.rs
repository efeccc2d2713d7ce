//! Changes of users.

use serde_json::{Value, json};

use crate::support::{
    Account, OWN, Step, editors, in_group, me, people, reads, reads_with, record, refusal, step, told, tove,
    with,
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
    let account = Account::answering([reads(), reads(), in_group("7")]).await;
    let user = account.get("Users", "12").await.unwrap();
    account.replace("Users", "12", with(user, json!({OWN: {"groupId": "7"}}))).await.unwrap();
    account.sent().await;

    // Who names a membership gets it back.
    let account = Account::answering([reads(), reads(), in_group("7"), in_group("7")]).await;
    let user = account.get("Users", "12").await.unwrap();
    let user = account.replace("Users", "12", with(user, json!({"groups": [{"value": "7"}]}))).await.unwrap();
    assert_eq!(user["groups"][0]["value"], "7");
    account.sent().await;
}

#[tokio::test]
async fn another_group_moves_the_user() {
    let account = Account::answering([reads(), in_group("7"), puts(), reads()]).await;
    account.modify("Users", "12", set(&format!("{OWN}:groupId"), json!("8"))).await.unwrap();
    let sent = account.sent().await;
    assert!(sent.contains("\"group\": 8"), "{sent}");
}

#[tokio::test]
async fn membership_by_its_path_moves_the_user_as_in_a_put() {
    for (op, path, value) in [
        ("add", "groups", json!([{"value": "8"}])),
        ("Replace", "Groups", json!([{"value": "8", "display": "Senders"}])),
        ("add", "urn:ietf:params:scim:schemas:core:2.0:User:groups", json!({"value": "8"})),
    ] {
        let account = Account::answering([
            reads(),
            in_group("7"),
            puts(),
            reads_with(json!({"lastName": "Berg"})),
            in_group("8"),
        ])
        .await;
        let operations = json!([{"op": op, "path": path, "value": value},
                                {"op": "replace", "path": "name.familyName", "value": "Berg"}]);
        let user = account.modify("Users", "12", operations).await.unwrap();
        assert_eq!(user["groups"][0]["value"], "8");
        let sent = account.sent().await;
        assert!(sent.contains("\"group\": 8") && sent.contains("\"lastName\": \"Berg\""), "{sent}");
    }

    // The group the user is in already takes no write.
    let account = Account::answering([reads(), in_group("7"), in_group("7")]).await;
    let add = json!([{"op": "add", "path": "groups", "value": [{"value": "7"}]}]);
    account.modify("Users", "12", add).await.unwrap();
    account.sent().await;
}

#[tokio::test]
async fn nobody_is_taken_out_of_a_group_nor_put_into_two() {
    for operation in [
        json!({"op": "remove", "path": "groups[value eq \"7\"]"}),
        json!({"op": "remove", "path": "groups"}),
        json!({"op": "replace", "path": "groups", "value": []}),
        json!({"op": "replace", "path": "groups.value", "value": "8"}),
    ] {
        let account = Account::answering([reads()]).await;
        let told = told(&account.modify("Users", "12", json!([operation])).await.unwrap_err());
        assert!(told.starts_with("400 mutability User 12: groups"), "{told}");
        account.sent().await;
    }
    let account = Account::answering([reads(), in_group("7")]).await;
    let two = json!([{"op": "add", "path": "groups", "value": [{"value": "8"}]},
                     {"op": "add", "path": "groups", "value": [{"value": "9"}]}]);
    let told = told(&account.modify("Users", "12", two).await.unwrap_err());
    assert!(told.starts_with("400 invalidValue User 12: groups: has several values"), "{told}");
    account.sent().await;
}

/// The groups of a user from earlier days.
fn in_two_groups() -> Step {
    let several = json!({"userGroups": [record("31", "12", "7"), record("32", "12", "8")]});
    step("GET /users/12/userGroup", 200, several)
}

#[tokio::test]
async fn several_groups_that_come_back_as_they_were_read_change_nothing() {
    let account = Account::answering([reads(), reads(), in_two_groups(), in_two_groups()]).await;
    let groups = json!([{"value": "8", "type": "direct"}, {"value": "7", "type": "direct"}]);
    let user = account.get("Users", "12").await.unwrap();
    account.replace("Users", "12", with(user, json!({"groups": groups}))).await.unwrap();
    account.sent().await;

    // Others are too many.
    let account = Account::answering([reads(), reads(), in_two_groups()]).await;
    let user = account.get("Users", "12").await.unwrap();
    let groups = json!([{"value": "8"}, {"value": "9"}]);
    let error = account.replace("Users", "12", with(user, json!({"groups": groups}))).await.unwrap_err();
    assert!(
        told(&error).starts_with("400 invalidValue User 12: groups: has several values"),
        "{}",
        told(&error)
    );
    account.sent().await;
}

#[tokio::test]
async fn a_user_of_several_groups_ends_in_the_first() {
    let account =
        Account::answering([reads(), in_two_groups(), puts(), reads_with(json!({"lastName": "Berg"}))]).await;
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
    let admin = json!({"user": with(tove(), json!({"id": "1"}))});
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
    let account = Account::answering([reads(), in_group("7"), puts(), reads(), in_group("9")]).await;
    let groups = json!([{"op": "replace", "value": {"groups": [{"value": "9"}], "displayName": "T"}}]);
    let user = account.modify("Users", "12", groups).await.unwrap();
    assert_eq!(user["groups"][0]["value"], "9");
    let sent = account.sent().await;
    assert!(sent.contains("\"group\": 9"), "{sent}");
}

#[tokio::test]
async fn a_name_that_the_target_makes_stands_in_the_way_of_nothing() {
    let account =
        Account::answering([reads(), in_group("7"), puts(), reads_with(json!({"lastName": "Berg"}))]).await;
    let operations = json!([
        {"op": "Replace", "path": "displayName", "value": "T. Berg"},
        {"op": "Replace", "path": "name.formatted", "value": "T. Berg"},
        {"op": "Replace", "path": "name.familyName", "value": "Berg"},
    ]);
    let user = account.modify("Users", "12", operations).await.unwrap();
    assert_eq!(user["displayName"], "Tove Berg");
    let sent = account.sent().await;
    assert!(sent.contains("\"lastName\": \"Berg\"") && !sent.contains("T. Berg"), "{sent}");

    let account = Account::answering([reads()]).await;
    let user = account.modify("Users", "12", set("displayName", json!("T. Berg"))).await.unwrap();
    assert_eq!(user["displayName"], "Tove Arvidsson");
    account.sent().await;

    let account = Account::answering([reads()]).await;
    let error = account.modify("Users", "12", set("timezone", json!("Europe/Oslo"))).await.unwrap_err();
    assert_eq!(told(&error), "400 mutability User 12: timezone: is read-only");
    account.sent().await;
}

#[tokio::test]
async fn a_write_is_done_whether_the_membership_it_named_can_be_read_or_not() {
    let unreadable = step("GET /users/12/userGroup", 200, json!("none"));
    let account = Account::answering([reads(), in_group("7"), puts(), reads(), unreadable]).await;
    let user = account.modify("Users", "12", set("groups", json!([{"value": "8"}]))).await.unwrap();
    assert_eq!((&user["id"], user.get("groups")), (&json!("12"), None));
    account.sent().await;
}

#[tokio::test]
async fn a_group_that_the_user_does_not_tell_is_looked_for_in_the_groups() {
    let groups = || step("GET /groups", 200, json!({"groups": [{"id": "3", "title": "Admin"}, editors()]}));
    let nobody = || step("GET /groups/3/userGroups", 200, json!({"userGroups": []}));
    for told_none in [
        step("GET /users/12/userGroup", 200, json!({})),
        step("GET /users/12/userGroup", 200, json!({"userGroup": null})),
        refusal("GET /users/12/userGroup", 404, "Not found"),
    ] {
        let account = Account::answering([
            reads(),
            told_none,
            groups(),
            nobody(),
            people(&["11", "12"]),
            puts(),
            reads_with(json!({"lastName": "Berg"})),
        ])
        .await;
        account.modify("Users", "12", set("name.familyName", json!("Berg"))).await.unwrap();
        let sent = account.sent().await;
        assert!(sent.contains("\"group\": 7"), "{sent}");
    }

    // Who is in none is changed without.
    let none = step("GET /users/12/userGroup", 200, json!({"userGroups": []}));
    let account =
        Account::answering([reads(), none, groups(), nobody(), people(&["11"]), puts(), reads()]).await;
    account.modify("Users", "12", set("password", json!("battery staple"))).await.unwrap();
    let sent = account.sent().await;
    assert!(!sent.contains("\"group\""), "{sent}");
}
