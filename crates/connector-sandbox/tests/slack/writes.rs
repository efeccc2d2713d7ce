//! Points 7 and 9: POST, PUT, PATCH and DELETE on users, deactivation and its delays.

use connector_sandbox::slack::{Lag, Options};
use serde_json::{Value, json};

use crate::client::{
    CORE, ENTERPRISE, GUEST, PROFILE, get, new_user, patch, path, post_user, scim, seeded, start, usual,
};

fn full() -> Value {
    json!({
        "name": {"givenName": "Ada", "familyName": "Lovelace", "honorificPrefix": "Dr"},
        "displayName": "Ada L", "title": "Analyst", "timezone": "Europe/London", "active": true,
        "emails": [{"value": "ada.l@new.example", "primary": true}, {"value": "ada@home.example"}],
        "phoneNumbers": [{"value": "1", "primary": true}, {"value": "2", "primary": false}],
        "addresses": [{"streetAddress": "12 Engine Row", "country": "GB"}],
        "roles": [{"value": "Team lead", "primary": true}],
        "userType": "Employee", "preferredLanguage": "en_GB", "locale": "en_GB",
        ENTERPRISE: {"employeeNumber": "1815", "department": "Analysis"},
    })
}

#[tokio::test]
async fn a_created_user_is_active_whatever_was_asked_and_keeps_no_external_id_and_no_password() {
    let slack = usual().await;
    let body = json!({"active": false, "externalId": "x1", "password": "Secret-1"});
    let answer = post_user(&slack, "ada.new", body.clone()).await;
    assert_eq!(answer.header("location"), None);
    let user = answer.ok(201);
    assert_eq!((user["active"].clone(), user["externalId"].clone()), (json!(true), json!("")));
    assert_eq!(user.get("password"), None);
    assert_eq!(slack.requests().last().unwrap().body["password"], "(masked)");
    slack.set_options(|options| {
        options.create_honours_active = true;
        options.create_keeps_external_id = true;
        options.location_header = true;
    });
    let answer = post_user(&slack, "grace.new", body).await;
    let user = answer.ok(201);
    assert_eq!((user["active"].clone(), user["externalId"].clone()), (json!(false), json!("x1")));
    assert_eq!(answer.header("location"), user["meta"]["location"].as_str());
}

#[tokio::test]
async fn a_put_resets_what_it_leaves_out_even_active() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    let put = json!({"schemas": [CORE], "userName": "ada.l", "emails": [{"value": "ada.l@new.example"}]});
    let changed = scim(&slack, "PUT", &path(&user), put.clone()).await.ok(200);
    assert_eq!(changed["active"], false);
    assert_eq!((changed["title"].clone(), changed["displayName"].clone()), (json!(""), json!("")));
    assert_eq!(changed["timezone"], "America/Los_Angeles");
    assert_eq!(
        changed["name"],
        json!({"givenName": "Ada", "familyName": "Lovelace", "honorificPrefix": null})
    );
    assert_eq!(changed["roles"][0]["value"], Value::Null);
    assert_eq!(changed["emails"][1]["value"], "");
    assert_eq!(changed[ENTERPRISE]["department"], Value::Null);
    slack.set_options(|options| options.put_without_active_deactivates = false);
    patch(&slack, &path(&user), json!({"active": true})).await.ok(200);
    assert_eq!(scim(&slack, "PUT", &path(&user), put).await.ok(200)["active"], true);
}

#[tokio::test]
async fn a_put_of_what_was_read_changes_nothing() {
    let slack = usual().await;
    for user in slack.users().into_iter().filter(|user| user["userName"] != "svc.scim").take(15) {
        if user["emails"][0]["value"].as_str().unwrap().ends_with("@slack-bots.com") {
            continue;
        }
        let answer =
            crate::client::scim_as(&slack, slack.primary_owner_token(), "PUT", &path(&user), &user).await;
        assert_eq!(answer.ok(200), user);
    }
    let created = new_user(&slack, "ada.l", full()).await;
    assert_eq!(scim(&slack, "PUT", &path(&created), created.clone()).await.ok(200), created);
}

#[tokio::test]
async fn a_put_that_changes_the_user_name_must_not_keep_the_old_nick_name() {
    let slack = usual().await;
    let mut user = new_user(&slack, "ada.l", full()).await;
    user["userName"] = json!("ada.lovelace");
    let changed = scim(&slack, "PUT", &path(&user), user.clone()).await.ok(200);
    assert_eq!(changed["userName"], "ada.l", "the nick name that was left in wins");
    user["nickName"] = json!("ada.lovelace");
    let changed = scim(&slack, "PUT", &path(&user), user).await.ok(200);
    assert_eq!(changed["userName"], "ada.lovelace");
}

#[tokio::test]
async fn a_patch_merges_and_needs_no_schemas() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    let changed =
        patch(&slack, &path(&user), json!({"title": "Countess", ENTERPRISE: {"division": "R&D"}})).await;
    let mut expected = user.clone();
    expected["title"] = json!("Countess");
    expected[ENTERPRISE]["division"] = json!("R&D");
    assert_eq!(changed.ok(200), expected);
    let unchanged =
        patch(&slack, &path(&user), json!({"title": "", "displayName": null, "nothing": 1})).await;
    assert_eq!(unchanged.ok(200), expected, "an empty string says nothing");
}

#[tokio::test]
async fn a_single_blank_or_meta_attributes_clears() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    let blank = patch(&slack, &path(&user), json!({"title": " ", "userType": " "})).await.ok(200);
    assert_eq!((blank["title"].clone(), blank["userType"].clone()), (json!(""), Value::Null));
    let named = json!({"meta": {"attributes": ["displayName", "name.familyName", "name.honorificPrefix", "roles",
        "addresses", "phoneNumbers", "timezone", "locale", format!("{ENTERPRISE}.department"),
        format!("{ENTERPRISE}.manager.managerId")]}});
    let changed = patch(&slack, &path(&user), named).await.ok(200);
    assert_eq!(changed["displayName"], "");
    assert_eq!(changed["name"], json!({"givenName": "Ada", "familyName": "", "honorificPrefix": null}));
    assert_eq!(changed["roles"][0]["value"], Value::Null);
    assert_eq!(changed["addresses"][0]["country"], Value::Null);
    assert_eq!(changed["phoneNumbers"][1]["value"], Value::Null);
    assert_eq!(changed["timezone"], "America/Los_Angeles");
    assert_eq!(changed[ENTERPRISE]["department"], Value::Null);
    assert_eq!(changed[ENTERPRISE]["employeeNumber"], "1815");
    let unknown = patch(&slack, &path(&user), json!({"meta": {"attributes": ["shoeSize"]}})).await;
    assert_eq!(unknown.error(), (400, "invalid_attribute_format".into()));
    slack.set_options(|options| options.patch_empty_string_clears = true);
    let user = patch(&slack, &path(&user), json!({"title": "x"})).await.ok(200);
    assert_eq!(patch(&slack, &path(&user), json!({"title": ""})).await.ok(200)["title"], "");
}

#[tokio::test]
async fn password_and_profile_url_cannot_be_patched_and_external_id_is_ignored() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    let refusal = patch(&slack, &path(&user), json!({"password": "x"})).await.error();
    assert_eq!(refusal, (400, "password_change_not_allowed".into()));
    let refusal =
        patch(&slack, &path(&user), json!({"profileUrl": "https://elsewhere.example/"})).await.error();
    assert_eq!(refusal, (400, "invalid_attribute_format".into()));
    assert_eq!(patch(&slack, &path(&user), json!({"externalId": "x"})).await.ok(200)["externalId"], "");
}

#[tokio::test]
async fn a_display_name_that_users_edit_themselves_cannot_be_changed_after_creation() {
    let slack = start(Options { users_edit_display_name: true, ..Options::default() }).await;
    let user = new_user(&slack, "ada.l", full()).await;
    let refusal = patch(&slack, &path(&user), json!({"displayName": "Other"})).await.error();
    assert_eq!(refusal, (400, "invalid_display_name (user=ada.l)".into()));
    patch(&slack, &path(&user), json!({"displayName": "Ada L", "title": "x"})).await.ok(200);
}

#[tokio::test]
async fn one_invalid_custom_value_drops_them_all_on_create_and_is_refused_later() {
    let slack = usual().await;
    let mut body = full();
    body["userType"] = json!("INVALID");
    let user = new_user(&slack, "ada.l", body).await;
    assert_eq!(user["schemas"], json!([CORE]), "no custom value survived");
    assert_eq!(user["title"], "Analyst", "the others did");
    let refusal = patch(&slack, &path(&user), json!({"userType": "INVALID"})).await.error();
    assert_eq!(refusal, (400, "invalid_attribute_format".into()));
    slack.set_options(|options| options.drop_custom_on_next_create = true);
    let dropped = new_user(&slack, "ada.two", json!({"locale": "en_GB"})).await;
    assert_eq!(dropped["schemas"], json!([CORE]));
    let kept = new_user(&slack, "ada.three", json!({"locale": "en_GB"})).await;
    assert_eq!(kept["locale"], "en_GB", "the switch turned itself off");
}

#[tokio::test]
async fn an_organisation_has_room_for_fifty_custom_fields() {
    let slack = start(Options { users: 3, other_custom_fields: 49, ..Options::default() }).await;
    let user = new_user(&slack, "ada.l", json!({})).await;
    let held = slack.users().iter().filter(|user| user.get(ENTERPRISE).is_some()).count();
    assert_eq!(held, 0, "nothing uses a custom field yet");
    patch(&slack, &path(&user), json!({"locale": "en_GB"})).await.ok(200);
    patch(&slack, &path(&user), json!({"locale": "de_DE"})).await.ok(200);
    let refusal = patch(&slack, &path(&user), json!({"userType": "Employee"})).await.error();
    assert_eq!(refusal, (400, "unable_to_create_team_profile_fields".into()));
}

#[tokio::test]
async fn a_delete_deactivates_and_can_be_repeated_and_undone() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    for _ in 0..3 {
        let deleted = scim(&slack, "DELETE", &path(&user), Value::Null).await;
        assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
    }
    let mut expected = user.clone();
    expected["active"] = json!(false);
    assert_eq!(get(&slack, &path(&user)).await.ok(200), expected);
    assert_eq!(patch(&slack, &path(&user), json!({"title": "x"})).await.status, 200, "still updatable");
    assert_eq!(patch(&slack, &path(&user), json!({"active": true})).await.ok(200)["active"], true);
}

#[tokio::test]
async fn active_turns_false_late_by_reads_or_by_time() {
    let slack = start(Options { active_lag: Lag { reads: 2, ms: 0 }, ..Options::default() }).await;
    let user = new_user(&slack, "ada.l", full()).await;
    let active = async || get(&slack, &path(&user)).await.ok(200)["active"].clone();
    scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
    assert_eq!((active().await, active().await, active().await), (json!(true), json!(true), json!(false)));
    slack.set_options(|options| options.active_lag = Lag { reads: 0, ms: 5000 });
    patch(&slack, &path(&user), json!({"active": true})).await.ok(200);
    scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
    assert_eq!(active().await, true);
    assert_eq!(slack.user(user["id"].as_str().unwrap()).unwrap()["active"], false, "the truth");
    slack.advance(std::time::Duration::from_secs(5));
    assert_eq!(active().await, false);
}

#[tokio::test]
async fn a_new_picture_shows_late() {
    let slack = start(Options { photo_lag: Lag { reads: 1, ms: 0 }, ..Options::default() }).await;
    let user = new_user(&slack, "ada.l", full()).await;
    let photo = json!([{"value": "https://img.acme.example/a.png", "type": "photo"}]);
    patch(&slack, &path(&user), json!({"photos": photo})).await.ok(200);
    assert_eq!(get(&slack, &path(&user)).await.ok(200)["photos"], user["photos"]);
    assert_eq!(get(&slack, &path(&user)).await.ok(200)["photos"], photo);
}

#[tokio::test]
async fn guests_are_made_and_unmade_by_their_extension() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.l", full()).await;
    scim(&slack, "DELETE", &path(&user), Value::Null).await.ok(200);
    let named_only = json!({"schemas": [CORE, GUEST, PROFILE], "title": "x"});
    assert_eq!(patch(&slack, &path(&user), named_only).await.ok(200).get(GUEST), None);
    let guest =
        json!({"schemas": [CORE, GUEST], GUEST: {"type": "multi", "expiration": "2027-01-01T00:00:00Z"}});
    let made = patch(&slack, &path(&user), guest.clone()).await.ok(200);
    assert_eq!(made[GUEST], json!({"type": "multi", "expiration": "2027-01-01T00:00:00Z"}));
    assert_eq!(made["active"], true, "reactivated");
    let put = json!({"schemas": [CORE], "userName": "ada.l", "emails": made["emails"], "active": true});
    assert!(
        scim(&slack, "PUT", &path(&user), put.clone()).await.ok(200).get(GUEST).is_some(),
        "stays a guest"
    );
    let without = json!({"meta": {"attributes": [format!("{GUEST}.expiration")]}});
    assert_eq!(patch(&slack, &path(&user), without).await.ok(200)[GUEST], json!({"type": "multi"}));
    let full_member = json!({"meta": {"attributes": [GUEST]}});
    assert_eq!(patch(&slack, &path(&user), full_member).await.ok(200).get(GUEST), None);
    patch(&slack, &path(&user), guest.clone()).await.ok(200);
    slack.set_options(|options| options.put_without_guest_keeps_guest = false);
    assert_eq!(scim(&slack, "PUT", &path(&user), put).await.ok(200).get(GUEST), None);
    let owner = seeded(&slack, |user| user["userName"] == "svc.scim");
    assert_eq!(patch(&slack, &path(&owner), guest).await.error(), (400, "cannot_make_user_guest".into()));
}
