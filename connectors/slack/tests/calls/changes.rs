//! Changing and removing users: the smallest calls, and nothing lost on the way.

use serde_json::{Value, json};

use crate::support::{
    ENTERPRISE, OWN, SLACKS_ENTERPRISE, SLACKS_GUEST, Slack, Step, ada, failure, full, grace, guest, step,
    told, with,
};

fn reads(user: &Value) -> Step {
    step(&format!("GET /Users/{}", user["id"].as_str().expect("an id")), 200, user.clone())
}

/// The user as a client read it, to be sent back.
async fn as_read(user: &Value) -> Value {
    let slack = Slack::answering([reads(user)]).await;
    slack.get("Users", user["id"].as_str().expect("an id")).await.expect("a user")
}

/// What is sent for a PUT of `body` while Slack holds `user` and answers the write with `answer`.
async fn put(user: Value, body: Value, write: Option<&str>, answer: Value) -> (Value, String) {
    let id = user["id"].as_str().expect("an id").to_owned();
    let write = write.map(|method| step(&format!("{method} /Users/{id}"), 200, answer));
    let slack = Slack::answering([reads(&user)].into_iter().chain(write)).await;
    let after = slack.replace("Users", &id, body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    (after, slack.sent().await)
}

/// The same for a PATCH of these operations.
async fn patch(user: Value, operations: Value, write: Option<&str>, answer: Value) -> (Value, String) {
    let id = user["id"].as_str().expect("an id").to_owned();
    let write = write.map(|method| step(&format!("{method} /Users/{id}"), 200, answer));
    let slack = Slack::answering([reads(&user)].into_iter().chain(write)).await;
    let after =
        slack.modify("Users", &id, operations).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    (after, slack.sent().await)
}

/// The body of the last call.
fn body(sent: &str) -> Value {
    serde_json::from_str(&sent[sent.rfind("\n{").expect("a body")..]).expect("JSON")
}

#[tokio::test]
async fn a_put_of_what_was_read_sends_no_write() {
    for user in [ada(), grace(), full(), guest()] {
        let (after, _) = put(user.clone(), as_read(&user).await, None, Value::Null).await;
        assert_eq!(after, as_read(&user).await);
    }
}

#[tokio::test]
async fn a_put_of_the_name_slack_rewrote_sends_no_write() {
    let body = with(as_read(&ada()).await, json!({"userName": "Ada.L@acme.example", "nickName": null}));
    put(ada(), body, None, Value::Null).await;
}

#[tokio::test]
async fn a_put_that_omits_active_does_not_deactivate() {
    let body = with(as_read(&full()).await, json!({"active": null, "title": "Admiral"}));
    let (_, sent) = put(full(), body, Some("PATCH"), full()).await;
    assert_eq!(self::body(&sent), json!({"schemas": ["urn:scim:schemas:core:1.0"], "title": "Admiral"}));
}

#[tokio::test]
async fn a_put_that_omits_the_defaults_slack_filled_in_sends_no_write() {
    let least = json!({"userName": "ada.l", "name": {"givenName": "Ada", "familyName": "Lovelace"},
                       "emails": [{"value": "ada.l@acme.example", "type": "work", "primary": true}]});
    put(ada(), least, None, Value::Null).await;
}

#[tokio::test]
async fn one_changed_attribute_is_all_that_is_sent() {
    let (_, sent) =
        patch(full(), json!([{"op": "replace", "path": "title", "value": "Admiral"}]), Some("PATCH"), full())
            .await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn deactivation_and_reactivation_send_active_alone() {
    let (after, sent) = patch(
        ada(),
        json!([{"op": "Replace", "path": "active", "value": "False"}]),
        Some("PATCH"),
        with(ada(), json!({"active": false})),
    )
    .await;
    assert_eq!((&after["active"], &body(&sent)["active"]), (&json!(false), &json!(false)));
    assert_eq!(body(&sent).as_object().unwrap().len(), 2, "schemas and active");
    let inactive = with(ada(), json!({"active": false}));
    let (_, sent) =
        patch(inactive, json!([{"op": "replace", "value": {"active": true}}]), Some("PATCH"), ada()).await;
    assert_eq!(body(&sent)["active"], true);
}

#[tokio::test]
async fn a_changed_name_changes_the_nick_name_with_it() {
    let operations = json!([{"op": "replace", "path": "userName", "value": "Ada.King@acme.example"}]);
    let (_, sent) = patch(ada(), operations, Some("PATCH"), ada()).await;
    assert_eq!(
        (&body(&sent)["userName"], &body(&sent)["nickName"]),
        (&json!("ada.king"), &json!("ada.king"))
    );
}

#[tokio::test]
async fn cleared_attributes_are_named_in_meta() {
    let operations = json!([
        {"op": "remove", "path": "title"},
        {"op": "remove", "path": "name.honorificPrefix"},
        {"op": "remove", "path": format!("{ENTERPRISE}:department")},
        {"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": ""},
        {"op": "replace", "path": "locale", "value": null},
    ]);
    let (_, sent) = patch(full(), operations, Some("PATCH"), full()).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_changed_list_becomes_one_replacement_with_everything_repeated() {
    let operations =
        json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "g@new.example"}]);
    let (_, sent) = patch(full(), operations, Some("PUT"), full()).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_list_change_on_a_guest_repeats_what_makes_the_guest() {
    let operations = json!([{"op": "add", "path": "roles", "value": [{"value": "Reviewer"}]}]);
    let (_, sent) = patch(guest(), operations, Some("PUT"), guest()).await;
    let body = body(&sent);
    assert_eq!(
        body[SLACKS_GUEST],
        json!({"type": "multi", "expiration": "2027-01-31T08:00:00Z",
               "channels": [{"value": "C01EXAMPLE1", "display": "general"}]})
    );
    assert_eq!(body["schemas"], json!(["urn:scim:schemas:core:1.0", SLACKS_GUEST]));
}

#[tokio::test]
async fn a_list_change_does_not_carry_slacks_own_profile_address_to_a_new_name() {
    let operations = json!([{"op": "replace", "value": {"userName": "grace.m"}},
                            {"op": "remove", "path": "roles"}]);
    let (_, sent) = patch(full(), operations, Some("PUT"), full()).await;
    let body = body(&sent);
    assert_eq!((&body["userName"], &body["nickName"]), (&json!("grace.m"), &json!("grace.m")));
    assert_eq!((body.get("profileUrl"), body.get("roles")), (None, None));
}

#[tokio::test]
async fn an_unknown_manager_is_a_bad_value_and_not_a_missing_user() {
    for description in ["unknown_user", "no_such_user"] {
        let user = ada();
        let write =
            failure(&format!("PATCH /Users/{}", user["id"].as_str().expect("an id")), 404, description);
        let slack = Slack::answering([reads(&user), write]).await;
        let operations = json!([{"op": "replace", "path": "manager", "value": "W09NOBODY"}]);
        let error = slack.modify("Users", user["id"].as_str().expect("an id"), operations).await.unwrap_err();
        let manager = format!("{ENTERPRISE}:manager.value: Slack has no such user");
        assert!(told(&error).starts_with("400 invalidValue User "), "{}", told(&error));
        assert!(told(&error).contains(&manager), "{}", told(&error));
        slack.sent().await;
    }
}

#[tokio::test]
async fn a_list_change_clears_what_is_cleared_beside_it() {
    let operations = json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")},
                            {"op": "remove", "path": format!("{ENTERPRISE}:manager")},
                            {"op": "remove", "path": "title"}, {"op": "remove", "path": "phoneNumbers"}]);
    let (_, sent) = patch(full(), operations, Some("PUT"), full()).await;
    let body = body(&sent);
    assert_eq!(
        body[SLACKS_ENTERPRISE],
        json!({"costCenter": "7", "division": "R&D", "employeeNumber": "1815", "organization": "Acme"})
    );
    assert_eq!((body.get("title"), body.get("phoneNumbers")), (None, None));
}

#[tokio::test]
async fn a_profile_address_goes_by_replacement_since_patch_refuses_it() {
    let operations =
        json!([{"op": "replace", "path": "profileUrl", "value": "https://people.acme.example/ada"}]);
    let (_, sent) = patch(ada(), operations, Some("PUT"), ada()).await;
    assert_eq!(body(&sent)["profileUrl"], "https://people.acme.example/ada");
    assert_eq!(body(&sent)["active"], true);
}

#[tokio::test]
async fn phones_are_changed_as_a_pair_without_types_since_slack_swaps_those() {
    let phones = json!([{"value": "+44 7700 900001", "type": "mobile"}, {"value": "+44 20 7000 0009", "type": "work"}]);
    let operations = json!([{"op": "replace", "path": "phoneNumbers", "value": phones}]);
    let (_, sent) = patch(full(), operations, Some("PUT"), full()).await;
    assert_eq!(
        body(&sent)["phoneNumbers"],
        json!([{"value": "+44 20 7000 0009", "primary": true}, {"value": "+44 7700 900001", "primary": false}])
    );
}

#[tokio::test]
async fn an_only_mobile_phone_is_sent_as_work_since_slack_would_file_it_as_the_office_one() {
    for (left, sent_as) in [
        ("mobile", json!([{"value": "+44 7700 900001", "type": "work"}])),
        ("work", json!([{"value": "+44 20 7000 0001", "primary": true}])),
    ] {
        let operations = json!([{"op": "remove", "path": format!("phoneNumbers[not (type eq \"{left}\")]")}]);
        let (_, sent) = patch(full(), operations, Some("PUT"), full()).await;
        assert_eq!(body(&sent)["phoneNumbers"], sent_as);
    }
}

#[tokio::test]
async fn an_only_e_mail_is_the_primary_one_whatever_its_type() {
    for kind in ["home", "other", "work"] {
        let body =
            with(as_read(&ada()).await, json!({"emails": [{"value": "ada.l@acme.example", "type": kind}]}));
        put(ada(), body, None, Value::Null).await;
    }
}

#[tokio::test]
async fn the_primary_e_mail_is_the_marked_one_else_the_work_one_else_the_first() {
    let sent = |emails: Value| async move {
        let answer = with(ada(), json!({"title": "x"}));
        let operations = json!([{"op": "replace", "path": "emails", "value": emails}]);
        let (_, sent) = patch(ada(), operations, Some("PUT"), answer).await;
        body(&sent)["emails"].clone()
    };
    let pair = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": false}]);
    for emails in [
        json!([{"value": "b@x", "type": "work"}, {"value": "a@x", "type": "home", "primary": true}]),
        json!([{"value": "b@x", "type": "home"}, {"value": "a@x", "type": "work"}]),
        json!([{"value": "b@x", "type": "other"}, {"value": "a@x", "type": "work"}]),
        json!([{"value": "a@x"}, {"value": "b@x"}]),
        json!([{"value": "a@x", "type": "home"}, {"value": "b@x", "type": "home"}]),
        json!([{"value": "a@x", "type": "home"}, {"value": "b@x", "type": "other"}]),
    ] {
        assert_eq!(sent(emails.clone()).await, pair, "{emails}");
    }
}

#[tokio::test]
async fn a_guest_stays_a_guest_when_a_put_does_not_mention_it() {
    let body = with(as_read(&guest()).await, json!({OWN: null, "title": "Reviewer"}));
    let (after, sent) = put(guest(), body, Some("PATCH"), guest()).await;
    assert_eq!(self::body(&sent), json!({"schemas": ["urn:scim:schemas:core:1.0"], "title": "Reviewer"}));
    assert_eq!(after[OWN]["guestType"], "multi");
}

#[tokio::test]
async fn whoever_becomes_a_guest_is_active_or_not_as_before() {
    let body_of = async |user: Value, operations: Value| {
        let (_, sent) = patch(user, operations, Some("PATCH"), guest()).await;
        body(&sent)
    };
    let guest_type = format!("{OWN}:guestType");
    let inactive = with(ada(), json!({"active": false}));
    let becomes = json!({"op": "add", "path": guest_type, "value": "multi"});
    let deactivated = json!({"op": "replace", "path": "active", "value": false});
    assert_eq!(body_of(ada(), json!([becomes])).await["active"], true);
    assert_eq!(
        body_of(ada(), json!([becomes, {"op": "add", "path": "title", "value": "x"}])).await["active"],
        true
    );
    let slack = Slack::answering([
        reads(&inactive),
        step("PATCH /Users/W01EXAMPLE1", 200, with(guest(), json!({"active": false}))),
    ])
    .await;
    slack.modify("Users", "W01EXAMPLE1", json!([becomes])).await.unwrap();
    assert_eq!(body(&slack.sent().await)["active"], false);

    let slack = Slack::answering([
        reads(&ada()),
        step("PATCH /Users/W01EXAMPLE1", 200, guest()),
        step("PATCH /Users/W01EXAMPLE1", 200, with(guest(), json!({"active": false}))),
    ])
    .await;
    let after = slack.modify("Users", "W01EXAMPLE1", json!([becomes, deactivated])).await.unwrap();
    let sent = slack.sent().await;
    assert_eq!(body(&sent), json!({"schemas": ["urn:scim:schemas:core:1.0"], "active": false}), "{sent}");
    assert_eq!(after["active"], false);
}

#[tokio::test]
async fn a_guest_becomes_a_full_member_by_the_bare_extension() {
    let operations = json!([{"op": "remove", "path": format!("{OWN}:guestType")},
                            {"op": "remove", "path": format!("{OWN}:guestExpiration")}]);
    let (_, sent) = patch(guest(), operations, Some("PATCH"), ada()).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_guest_becomes_a_full_member_also_when_a_list_changes_with_it() {
    let user = guest();
    let slack = Slack::answering([
        reads(&user),
        step("PUT /Users/W01EXAMPLE1", 200, user),
        step("PATCH /Users/W01EXAMPLE1", 200, ada()),
    ])
    .await;
    let operations = json!([{"op": "remove", "path": format!("{OWN}:guestType")},
                            {"op": "add", "path": "roles", "value": [{"value": "Reviewer"}]}]);
    slack.modify("Users", "W01EXAMPLE1", operations).await.unwrap();
    let sent = slack.sent().await;
    assert_eq!(sent.matches(SLACKS_GUEST).count(), 1, "{sent}");
    assert_eq!(body(&sent)["meta"], json!({"attributes": [SLACKS_GUEST]}));
}

#[tokio::test]
async fn a_password_cannot_change_later_and_no_write_is_tried() {
    let slack = Slack::answering([reads(&ada())]).await;
    let operations = json!([{"op": "replace", "value": {"password": "second-day"}}]);
    let error = slack.modify("Users", "W01EXAMPLE1", operations).await.unwrap_err();
    assert_eq!(told(&error), "400 mutability User W01EXAMPLE1: password: is taken at creation only");
    slack.sent().await;
    put(ada(), with(as_read(&ada()).await, json!({"password": "second-day"})), None, Value::Null).await;
}

#[tokio::test]
async fn what_is_mandatory_cannot_be_taken_away() {
    for (body, missing) in [
        (json!({"emails": [{"value": "ada.l@acme.example"}]}), "userName"),
        (json!({"userName": "ada.l"}), "emails.value"),
        (json!({"userName": "ada.l", "emails": []}), "emails.value"),
    ] {
        // Whether a user has a name can be seen without reading it.
        let read = (missing != "userName").then(|| reads(&ada()));
        let slack = Slack::answering(read).await;
        let error = slack.replace("Users", "W01EXAMPLE1", body).await.unwrap_err();
        assert_eq!(told(&error), format!("400 invalidValue User W01EXAMPLE1: {missing}: is required"));
        slack.sent().await;
    }
    let slack = Slack::answering([reads(&ada())]).await;
    let operations = json!([{"op": "remove", "path": "emails"}]);
    let error = slack.modify("Users", "W01EXAMPLE1", operations).await.unwrap_err();
    assert_eq!(told(&error), "400 mutability User W01EXAMPLE1: emails: is required and cannot be removed");
}

#[tokio::test]
async fn a_display_name_people_choose_themselves_does_not_block_the_other_changes() {
    let refusal =
        |method: &str| failure(&format!("{method} /Users/W01EXAMPLE2"), 400, "invalid_display_name (user=x)");
    let slack = Slack::answering([
        reads(&full()),
        refusal("PATCH"),
        step("PATCH /Users/W01EXAMPLE2", 200, with(full(), json!({"title": "Admiral"}))),
    ])
    .await;
    let operations = json!([{"op": "replace", "value": {"displayName": "Admiral H", "title": "Admiral"}}]);
    let after = slack.modify("Users", "W01EXAMPLE2", operations).await.unwrap();
    assert_eq!((&after["displayName"], &after["title"]), (&json!("Grace H"), &json!("Admiral")));
    insta::assert_snapshot!(slack.sent().await);

    let slack =
        Slack::answering([reads(&full()), refusal("PUT"), step("PUT /Users/W01EXAMPLE2", 200, full())]).await;
    let operations =
        json!([{"op": "replace", "value": {"displayName": "Admiral H"}}, {"op": "remove", "path": "roles"}]);
    slack.modify("Users", "W01EXAMPLE2", operations).await.unwrap();
    assert_eq!(body(&slack.sent().await)["displayName"], "Grace H", "a PUT repeats the name Slack holds");
}

#[tokio::test]
async fn a_display_name_alone_that_slack_refuses_is_told_after_one_call() {
    let slack = Slack::answering([
        reads(&full()),
        failure("PATCH /Users/W01EXAMPLE2", 400, "invalid_display_name (user=x)"),
    ])
    .await;
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Admiral H"}]);
    let told = told(&slack.modify("Users", "W01EXAMPLE2", operations).await.unwrap_err());
    assert!(
        told.starts_with("400 mutability User W01EXAMPLE2: displayName: Slack lets people choose"),
        "{told}"
    );
    slack.sent().await;
}

#[tokio::test]
async fn a_write_that_slack_answers_without_a_body_is_read_again() {
    let slack = Slack::answering([
        reads(&ada()),
        step("PATCH /Users/W01EXAMPLE1", 200, Value::Null),
        reads(&with(ada(), json!({"title": "Analyst"}))),
    ])
    .await;
    let operations = json!([{"op": "add", "path": "title", "value": "Analyst"}]);
    assert_eq!(slack.modify("Users", "W01EXAMPLE1", operations).await.unwrap()["title"], "Analyst");
    slack.sent().await;
}

#[tokio::test]
async fn a_deleted_user_is_only_deactivated_and_can_be_deleted_again() {
    let slack = Slack::answering([
        step("DELETE /Users/W01EXAMPLE1", 200, Value::Null),
        reads(&with(ada(), json!({"active": false}))),
        step("DELETE /Users/W01EXAMPLE1", 204, Value::Null),
    ])
    .await;
    slack.delete("Users", "W01EXAMPLE1").await.unwrap();
    assert_eq!(slack.get("Users", "W01EXAMPLE1").await.unwrap()["active"], false);
    slack.delete("Users", "W01EXAMPLE1").await.expect("a second time");
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn what_cannot_be_deleted_says_why() {
    for (status, description, answer) in [
        (404, "no_such_user", "404 - User W1: "),
        (
            403,
            "cannot_disable_primary_owner",
            "403 - User W1: active: the primary owner cannot be deactivated",
        ),
        (400, "cannot_disable_bot_user_with_scim", "403 - User W1: active: a bot cannot be deactivated"),
    ] {
        let slack = Slack::answering([failure("DELETE /Users/W1", status, description)]).await;
        let told = told(&slack.delete("Users", "W1").await.unwrap_err());
        assert!(told.starts_with(answer), "{told}");
    }
}
