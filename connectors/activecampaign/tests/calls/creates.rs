//! New users.

use serde_json::{Value, json};

use crate::support::{Account, OWN, in_group, reads, reads_with, refusal, step, told, tove, with};

fn new_user(more: Value) -> Value {
    with(
        json!({
            "userName": "t.arvidsson", "name": {"givenName": "Tove", "familyName": "Arvidsson"},
            "emails": [{"value": "tove@northlight.example", "type": "work", "primary": true}],
            "password": "correct horse", OWN: {"groupId": "7"},
        }),
        more,
    )
}

fn creates(more: Value) -> crate::support::Step {
    step("POST /users", 201, json!({ "user": with(tove(), more) }))
}

#[tokio::test]
async fn a_user_is_created_in_one_call_with_its_group_as_a_number() {
    let account = Account::answering([creates(json!({}))]).await;
    let body = new_user(json!({"displayName": "Tove A", "active": true, "title": "Editor"}));
    let user = account.create("Users", body).await.unwrap();
    assert_eq!(
        (&user["id"], &user["active"], &user["displayName"]),
        (&json!("12"), &json!(true), &json!("Tove Arvidsson"))
    );
    assert!(user.get(OWN).is_none() && user.get("password").is_none(), "{user}");
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn every_mandatory_attribute_is_asked_for_before_any_call() {
    for (lack, at) in [
        (json!({"userName": null}), "userName"),
        (json!({"name": {"familyName": "Arvidsson"}}), "name.givenName"),
        (json!({"name": {"givenName": "Tove"}}), "name.familyName"),
        (json!({"emails": null}), "emails[type eq \"work\"].value"),
        (json!({"password": null}), "password"),
        (json!({OWN: null}), "urn:connector-host:scim:activecampaign:2.0:User:groupId"),
    ] {
        let account = Account::answering([]).await;
        let error = account.create("Users", new_user(lack)).await.unwrap_err();
        assert!(
            told(&error).starts_with(&format!("400 invalidValue User: {at}: is required")),
            "{}",
            told(&error)
        );
        assert_eq!(account.sent().await, "no call\n");
    }
}

#[tokio::test]
async fn the_group_may_come_as_membership_or_from_the_instance() {
    for (settings, group) in [
        (&[][..], json!({OWN: null, "groups": [{"value": "7"}]})),
        (&[], json!({OWN: null, "groups": [{"value": "7", "display": "Editors"}, {"value": "7"}]})),
        (&[], json!({"groups": [{"value": "9"}]})),
        (&[("default_group_id", "7")], json!({OWN: null})),
        (&[("default_group_id", "9")], json!({})),
    ] {
        let named = group.get("groups").map(|_| in_group("7"));
        let account = Account::set(settings, [creates(json!({}))].into_iter().chain(named)).await;
        let user = account.create("Users", new_user(group.clone())).await.unwrap();
        assert_eq!(
            user.get("groups").is_some(),
            group.get("groups").is_some(),
            "who names them gets them back"
        );
        let sent = account.sent().await;
        assert!(sent.contains("\"group\": 7"), "{sent}");
    }
}

#[tokio::test]
async fn several_groups_and_one_that_is_no_number_are_refused_before_any_call() {
    for (group, rule) in [
        (json!({OWN: null, "groups": [{"value": "7"}, {"value": "8"}]}), "groups: has several values"),
        (json!({OWN: {"groupId": "Editors"}}), ":groupId: must be the id of a group"),
    ] {
        let account = Account::answering([]).await;
        let error = told(&account.create("Users", new_user(group)).await.unwrap_err());
        assert!(error.starts_with("400 invalidValue User: ") && error.contains(rule), "{error}");
        assert_eq!(account.sent().await, "no call\n");
    }
}

#[tokio::test]
async fn an_inactive_user_cannot_be_created() {
    for settings in [&[][..], &[("deactivate", "delete")]] {
        let account = Account::set(settings, []).await;
        let error = account.create("Users", new_user(json!({"active": false}))).await.unwrap_err();
        assert!(
            told(&error).starts_with("400 invalidValue User: active: must be true: "),
            "{}",
            told(&error)
        );
        assert_eq!(account.sent().await, "no call\n");
    }
}

#[tokio::test]
async fn a_telephone_number_that_was_ignored_is_set_once_more() {
    let phone = json!({"phoneNumbers": [{"value": "+46 8 000 00 01", "type": "work"}]});
    let account = Account::answering([creates(json!({"phone": "+46 8 000 00 01"}))]).await;
    account.create("Users", new_user(phone.clone())).await.unwrap();
    account.sent().await;

    let account = Account::answering([
        creates(json!({})),
        in_group("7"),
        step("PUT /users/12", 200, json!({ "user": tove() })),
        reads_with(json!({"phone": "+46 8 000 00 01"})),
    ])
    .await;
    let user = account.create("Users", new_user(phone)).await.unwrap();
    assert_eq!(user["phoneNumbers"][0]["value"], "+46 8 000 00 01");
    insta::assert_snapshot!(account.sent().await);
}

#[tokio::test]
async fn an_unknown_group_is_a_bad_value_whatever_the_status() {
    let related = json!({"errors": [{"title": "The group does not exist.", "detail": "", "code": "related_missing",
                                     "source": {"pointer": "/data/attributes/group"}}]});
    let steps = [
        refusal("POST /users", 403, "No Result found for Group with id 7"),
        refusal("POST /users", 404, "No Result found for Group with id 7"),
        step("POST /users", 422, related),
    ];
    for answer in steps {
        let account = Account::answering([answer]).await;
        let error = told(&account.create("Users", new_user(json!({}))).await.unwrap_err());
        assert!(error.starts_with("400 invalidValue User: ") && error.contains(":groupId: "), "{error}");
        account.sent().await;
    }
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_is_looked_up_by_its_name() {
    let account = Account::answering([
        step("POST /users", 502, Value::Null),
        step("GET /users/username/t.arvidsson", 200, json!({ "user": tove() })),
        reads(),
    ])
    .await;
    assert_eq!(account.create("Users", new_user(json!({}))).await.unwrap()["id"], "12");
    account.sent().await;
}

#[tokio::test]
async fn the_one_address_and_number_go_to_their_places_whatever_their_type() {
    for emails in [
        json!([{"value": "tove@northlight.example", "type": "home"}]),
        json!([{"value": "other@northlight.example", "type": "other"},
               {"value": "tove@northlight.example", "type": "home", "primary": true}]),
        json!([{"value": "other@northlight.example", "type": "home", "primary": true},
               {"value": "tove@northlight.example", "type": "work"}]),
    ] {
        let phones = json!([{"value": "+46 8 000 00 01", "type": "mobile"}]);
        let account = Account::answering([creates(json!({"phone": "+46 8 000 00 01"}))]).await;
        let user = new_user(json!({"emails": emails, "phoneNumbers": phones}));
        let user = account.create("Users", user).await.unwrap();
        assert_eq!((&user["emails"], &user["phoneNumbers"]), (&emails, &phones));
        let sent = account.sent().await;
        assert!(sent.contains("\"email\": \"tove@northlight.example\""), "{sent}");
        assert!(sent.contains("\"phone\": \"+46 8 000 00 01\""), "{sent}");
    }
}
