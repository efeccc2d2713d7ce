//! Points 3, 4, 7 and 8: names, slots, statuses and refusals of users.

use connector_sandbox::slack::{LongLocalPart, LongName};
use serde_json::{Value, json};

use crate::client::{CORE, ENTERPRISE, get, new_user, patch, path, post_user, scim, usual};

#[tokio::test]
async fn the_user_name_is_normalised_and_mirrored() {
    let slack = usual().await;
    for (given, made) in
        [("New.Person", "new.person"), ("per son+x", "per_son_x"), ("Mail.Name@acme.example", "mail.name")]
    {
        let user = new_user(&slack, given, json!({})).await;
        assert_eq!(user["userName"], made);
        assert_eq!(user["nickName"], made);
        assert_eq!(user["displayName"], made, "filled from the user name");
    }
}

#[tokio::test]
async fn the_nick_name_wins_over_the_user_name() {
    let slack = usual().await;
    let user = new_user(&slack, "one.name", json!({"nickName": "other.name"})).await;
    assert_eq!(
        (user["userName"].as_str(), user["nickName"].as_str()),
        (Some("other.name"), Some("other.name"))
    );
    let renamed = patch(&slack, &path(&user), json!({"userName": "third.name"})).await.ok(200);
    assert_eq!(renamed["nickName"], "third.name");
    assert_eq!(renamed["profileUrl"], "https://acme.enterprise.slack.com/team/third.name");
    for name in ["userName", "nickName"] {
        let emptied = patch(&slack, &path(&user), json!({name: " "})).await;
        assert_eq!(emptied.error(), (400, "username_empty".into()));
        let deleted = patch(&slack, &path(&user), json!({"meta": {"attributes": [name]}})).await;
        assert_eq!(deleted.error(), (400, "username_empty".into()));
    }
}

#[tokio::test]
async fn a_name_over_21_characters_is_refused_in_one_of_two_spellings() {
    let slack = usual().await;
    let long = "a".repeat(22);
    let refusal = post_user(&slack, &long, json!({})).await.error();
    assert_eq!(refusal, (400, format!("long_username (user={long})")));
    let email = format!("{long}@acme.example");
    let too_long = (400, format!("username_too_long (username={long})"));
    assert_eq!(post_user(&slack, &email, json!({})).await.error(), too_long);
    assert_eq!(
        post_user(&slack, "short", json!({"nickName": long})).await.error(),
        (400, "long_nickname".into())
    );
    slack.set_options(|options| {
        options.long_name = LongName::UsernameTooLong;
        options.long_local_part = LongLocalPart::Truncate;
    });
    assert_eq!(post_user(&slack, &long, json!({})).await.error(), too_long);
    let user = post_user(&slack, &email, json!({"emails": [{"value": email}]})).await.ok(201);
    assert_eq!(user["userName"], "a".repeat(21));
}

#[tokio::test]
async fn a_name_is_taken_by_a_user_or_a_channel_and_an_email_by_anybody() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.new", json!({})).await;
    let taken = |name: &str| (409, format!("username_taken (username={name})"));
    assert_eq!(post_user(&slack, "ADA.new", json!({})).await.error(), taken("ada.new"));
    assert_eq!(post_user(&slack, "general", json!({})).await.error(), taken("general"));
    scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
    let again = json!({"emails": [{"value": "ADA.new@new.example"}]});
    let email_taken = format!("email_taken (existing_user={})", user["id"].as_str().unwrap());
    assert_eq!(post_user(&slack, "ada.two", again.clone()).await.error(), (409, email_taken.clone()));
    slack.set_options(|options| options.taken_status = 400);
    assert_eq!(post_user(&slack, "ada.two", again).await.error(), (400, email_taken));
    let own = patch(&slack, &path(&user), json!({"userName": "ada.new"})).await;
    assert_eq!(own.status, 200, "a user may keep its own name");
}

#[tokio::test]
async fn reserved_words_are_not_allowed() {
    let slack = usual().await;
    let refusal = post_user(&slack, "root", json!({})).await.error();
    assert_eq!(refusal, (400, "username_not_allowed (user=root)".into()));
}

#[tokio::test]
async fn user_name_email_and_schemas_are_required() {
    let slack = usual().await;
    let post = async |body: Value| scim(&slack, "POST", "Users", body).await.error();
    let bad = |description: &str| (400, description.to_owned());
    assert_eq!(
        post(json!({"userName": "a", "emails": [{"value": "a@b"}]})).await,
        bad("missing_schema_element")
    );
    assert_eq!(
        post(json!({"schemas": [CORE], "emails": [{"value": "a@b"}]})).await,
        bad("username_required")
    );
    assert_eq!(post(json!({"schemas": [CORE], "userName": "a"})).await, bad("email_empty"));
    assert_eq!(post(json!({"schemas": [CORE], "userName": "a", "emails": []})).await, bad("email_empty"));
    assert_eq!(post(json!({"schemas": [CORE], "userName": "a", "emails": "x"})).await, bad("emails_invalid"));
    let malformed = json!({"schemas": [CORE], "userName": "a", "emails": [{"value": "x"}]});
    assert_eq!(post(malformed).await, bad("email_invalid"));
    assert_eq!(post(json!("text")).await, bad("invalid_request_payload"));
}

#[tokio::test]
async fn two_emails_are_kept_and_their_types_are_not() {
    let slack = usual().await;
    let emails = json!([
        {"value": "home@new.example", "type": "home"},
        {"value": "work@new.example", "type": "work"},
        {"value": "third@new.example"},
    ]);
    let user = new_user(&slack, "ada.new", json!({"emails": emails})).await;
    let kept = json!([
        {"value": "work@new.example", "primary": true},
        {"value": "home@new.example", "primary": false},
    ]);
    assert_eq!(user["emails"], kept);
    let only_primary =
        json!([{"value": "work@new.example", "primary": true}, {"value": "", "primary": false}]);
    let deleted = json!({"meta": {"attributes": ["emails"]}});
    assert_eq!(patch(&slack, &path(&user), deleted).await.ok(200)["emails"], only_primary);
    let delete = json!({"emails": [{"value": "work@new.example", "operation": "delete"}]});
    assert_eq!(patch(&slack, &path(&user), delete).await.error(), (400, "missing_primary_email".into()));
    let moved = json!({"emails": [{"value": "new@new.example", "primary": true}]});
    let moved = patch(&slack, &path(&user), moved).await.ok(200);
    assert_eq!(moved["emails"][0], json!({"value": "new@new.example", "primary": true}));
    assert_eq!(moved["emails"][1]["value"], "");
}

#[tokio::test]
async fn two_phones_are_kept_and_their_types_come_back_swapped() {
    let slack = usual().await;
    let sent = json!([{"value": "A", "type": "work"}, {"value": "B", "type": "mobile"}]);
    let user = new_user(&slack, "ada.new", json!({"phoneNumbers": sent})).await;
    assert_eq!(
        user["phoneNumbers"],
        json!([{"value": "A", "type": "mobile"}, {"value": "B", "primary": true}])
    );
    let pair = json!([{"value": "office", "primary": true}, {"value": "mobile", "primary": false}]);
    let changed = patch(&slack, &path(&user), json!({"phoneNumbers": pair})).await.ok(200);
    let read = json!([{"value": "mobile", "type": "mobile"}, {"value": "office", "primary": true}]);
    assert_eq!(changed["phoneNumbers"], read);
    let delete = json!({"phoneNumbers": [{"value": "mobile", "operation": "delete"}]});
    let changed = patch(&slack, &path(&user), delete).await.ok(200);
    assert_eq!(changed["phoneNumbers"][0], json!({"value": null, "type": "mobile"}));
    assert_eq!(changed["phoneNumbers"][1]["value"], "office");
}

#[tokio::test]
async fn one_address_one_role_and_one_photo_are_kept() {
    let slack = usual().await;
    let address = json!({"streetAddress": "1 Way", "locality": "Ulm", "region": null, "postalCode": "1", "country": "DE"});
    let body = json!({
        "addresses": [{"streetAddress": "2 Way"}, {"primary": true, "type": "work", "streetAddress": "1 Way",
            "locality": "Ulm", "postalCode": "1", "country": "DE"}],
        "roles": ["Clerk", {"value": "Chair", "primary": true}],
        "photos": [{"value": "https://img.acme.example/a.png", "type": "photo"}],
    });
    let user = new_user(&slack, "ada.new", body).await;
    assert_eq!(user["addresses"], json!([address]));
    assert_eq!(user["roles"], json!([{"value": "Chair", "primary": true}]));
    assert_eq!(user["photos"], json!([{"value": "https://img.acme.example/a.png", "type": "photo"}]));
    let mut other = address.clone();
    other["operation"] = json!("delete");
    other["locality"] = json!("Bonn");
    let kept = patch(&slack, &path(&user), json!({"addresses": [other]})).await.ok(200);
    assert_eq!(kept["addresses"], json!([address]), "an address must match in all five parts");
    let mut same = address;
    same["operation"] = json!("delete");
    let roles = json!([{"value": "Chair", "operation": "delete"}]);
    let gone = patch(&slack, &path(&user), json!({"addresses": [same], "roles": roles})).await.ok(200);
    assert_eq!(gone["addresses"][0]["locality"], Value::Null);
    assert_eq!(gone["roles"], json!([{"value": null, "primary": true}]));
}

#[tokio::test]
async fn a_manager_is_an_id_an_email_or_a_user_name() {
    let slack = usual().await;
    let boss = new_user(&slack, "the.boss", json!({})).await;
    let user = new_user(&slack, "ada.new", json!({})).await;
    for manager in [boss["id"].as_str().unwrap(), "the.boss@new.example", "the.boss"] {
        let body = json!({ENTERPRISE: {"manager": {"managerId": manager}}});
        let changed = patch(&slack, &path(&user), body).await.ok(200);
        assert_eq!(changed[ENTERPRISE]["manager"]["managerId"], boss["id"]);
    }
    let body = json!({ENTERPRISE: {"manager": {"managerId": "nobody"}}});
    assert_eq!(patch(&slack, &path(&user), body).await.error(), (400, "unknown_user".into()));
    let body = json!({ENTERPRISE: {"manager": {"value": boss["id"]}}});
    let malformed = (400, "improper_enterprise_schema_format".to_owned());
    assert_eq!(patch(&slack, &path(&user), body.clone()).await.error(), malformed);
    assert_eq!(post_user(&slack, "grace.new", body).await.error(), malformed);
}

#[tokio::test]
async fn display_names_have_rules_of_their_own() {
    let slack = usual().await;
    let named = async |name: &str| post_user(&slack, "ada.new", json!({"displayName": name})).await;
    assert_eq!(named("a@b").await.error(), (400, "invalid_name_specials (user=ada.new)".into()));
    assert_eq!(named("@b").await.error(), (400, "invalid_starts_with_at (user=ada.new)".into()));
    assert_eq!(named(&"x".repeat(81)).await.error(), (400, "invalid_name_maxlength (user=ada.new)".into()));
    assert_eq!(named("Zoë O'Brien (Ulm)").await.ok(201)["displayName"], "Zoë O'Brien (Ulm)");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_cannot_be_done_405() {
    let slack = usual().await;
    assert_eq!(get(&slack, "Users/U0NOBODY").await.error(), (404, "no_such_user".into()));
    assert_eq!(get(&slack, "Roles").await.error(), (404, "bad_endpoint".into()));
    assert_eq!(scim(&slack, "POST", "Bulk", json!({})).await.error(), (404, "bad_endpoint".into()));
    let posted = scim(&slack, "POST", "Users/U0NOBODY", json!({})).await;
    assert_eq!(posted.error(), (405, "method_not_allowed".into()));
    assert_eq!(scim(&slack, "DELETE", "Users", Value::Null).await.error(), (400, "missing_user_id".into()));
    let slash = json!({"schemas": [CORE], "userName": "slash.user", "emails": [{"value": "s@new.example"}]});
    assert_eq!(scim(&slack, "POST", "Users/", slash).await.status, 201, "a slash at the end is accepted");
    slack.set_options(|options| {
        options.missing_status = 400;
        options.bad_endpoint_status = 400;
        options.method_not_allowed_status = 400;
    });
    assert_eq!(get(&slack, "Users/U0NOBODY").await.status, 400);
    assert_eq!(get(&slack, "Roles").await.status, 400);
    assert_eq!(scim(&slack, "POST", "Users/U0NOBODY", json!({})).await.status, 400);
}
