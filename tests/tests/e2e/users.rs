//! The full life of a user.

use serde_json::{Value, json};

use crate::{ENTERPRISE, world};
use connector_host_tests::user;

#[tokio::test]
async fn a_user_lives_from_create_to_delete() {
    let world = world().await;
    let scim = &world.scim;

    // Created: an e-mail address for a name, inactive, with the enterprise extension.
    let body = user(
        "ada.l",
        json!({
            "userName": "Ada.L@acme.example",
            "emails": [{ "value": "ada.l@acme.example", "type": "work", "primary": true }],
            "name": { "givenName": "Ada", "familyName": "Lovelace" },
            "displayName": "Ada Lovelace",
            "active": false,
            ENTERPRISE: { "employeeNumber": "1815", "department": "Analysis" },
        }),
    );
    let answer = scim.post("/Users", &body).await;
    let created = answer.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    assert_eq!(
        created["active"], false,
        "Slack creates active users; asked for inactive means deactivated at once"
    );
    assert_eq!(created["name"], json!({ "givenName": "Ada", "familyName": "Lovelace" }));
    assert_eq!(created[ENTERPRISE], json!({ "employeeNumber": "1815", "department": "Analysis" }));
    assert_eq!(created["meta"]["resourceType"], "User");
    let location = format!("http://{}/scim/acme/v2/Users/{id}", world.host.address);
    assert_eq!(created["meta"]["location"], location);
    assert_eq!(answer.header("location"), Some(location.as_str()));
    let target = format!("/scim/v1/Users/{id}");
    assert_eq!(world.calls(), ["POST /scim/v1/Users".to_owned(), format!("PATCH {target}")]);
    let held = world.slack.user(&id).unwrap();
    assert_eq!((held["userName"].as_str(), held["active"].as_bool()), (Some("ada.l"), Some(false)));

    // Read.
    assert_eq!(scim.get(&path).await.ok(200), created);
    assert_eq!(world.calls(), [format!("GET {target}")]);

    // Changed the way Entra ID does: words for booleans, one operation per leaf, paths with a URN.
    let changed = scim
        .patch(
            &path,
            json!([
                { "op": "Replace", "path": "active", "value": "True" },
                { "op": "Replace", "path": "displayName", "value": "Ada L" },
                { "op": "Replace", "path": "name.familyName", "value": "King" },
                { "op": "Replace", "path": "name.formatted", "value": "Ada King" },
                { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Engines" },
                { "op": "Replace", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "1816" },
            ]),
        )
        .await
        .ok(200);
    assert_eq!((&changed["active"], &changed["displayName"]), (&json!(true), &json!("Ada L")));
    assert_eq!(changed["name"]["familyName"], "King");
    assert_eq!(changed[ENTERPRISE], json!({ "employeeNumber": "1816", "department": "Engines" }));
    assert_eq!(world.calls(), [format!("GET {target}"), format!("PATCH {target}")]);

    // Replaced the way One Identity Manager does: the whole object as it was read, with a change.
    let mut whole = scim.get(&path).await.ok(200);
    whole["title"] = json!("Countess");
    whole["name"]["familyName"] = json!("Lovelace");
    world.slack.clear_requests();
    let replaced = scim.put(&path, &whole).await.ok(200);
    assert_eq!((&replaced["title"], &replaced["active"]), (&json!("Countess"), &json!(true)));
    assert_eq!(replaced[ENTERPRISE], json!({ "employeeNumber": "1816", "department": "Engines" }));
    assert_eq!(world.calls(), [format!("GET {target}"), format!("PATCH {target}")]);

    // Deleted: Slack deactivates. The user still reads, and may be deleted again.
    scim.delete(&path).await.ok(204);
    assert_eq!(world.calls(), [format!("DELETE {target}")]);
    assert_eq!(scim.get(&path).await.ok(200)["active"], false);
    scim.delete(&path).await.ok(204);
    scim.delete("/Users/W0NOBODY").await.refused(404, "");
}

#[tokio::test]
async fn a_change_that_changes_nothing_writes_nothing() {
    let world = world().await;
    let more = json!({ "displayName": "Ada", "title": "Analyst", ENTERPRISE: { "costCenter": "7" } });
    let created = world.create("ada.l", more).await;
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let read = [format!("GET /scim/v1{path}")];

    assert_eq!(world.scim.put(&path, &created).await.ok(200), created);
    assert_eq!(world.calls(), read, "PUT of what was read");
    let same = json!([
        { "op": "replace", "path": "active", "value": "True" },
        { "op": "add", "path": "title", "value": "Analyst" },
        { "op": "replace", "value": { ENTERPRISE: { "costCenter": "7" } } },
    ]);
    assert_eq!(world.scim.patch(&path, same).await.ok(200), created);
    assert_eq!(world.calls(), read, "PATCH to what is");
    let unheld = json!([{ "op": "add", "path": "name.formatted", "value": "Ada the First" }]);
    world.scim.patch(&path, unheld).await.ok(200);
    assert_eq!(world.calls(), read, "PATCH of what Slack cannot hold");
}

#[tokio::test]
async fn a_put_clears_what_it_omits_but_never_deactivates() {
    let world = world().await;
    let created = world.create("ada.l", json!({ "title": "Analyst", "displayName": "Ada" })).await;
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let replaced = world.scim.put(&path, &user("ada.l", json!({ "displayName": "Ada" }))).await.ok(200);
    assert_eq!((&replaced["title"], &replaced["active"]), (&Value::Null, &json!(true)));
    let cleared =
        world.scim.put(&path, &user("ada.l", json!({ "displayName": "Ada", "active": false }))).await;
    assert_eq!(cleared.ok(200)["active"], false);
}

#[tokio::test]
async fn phones_and_second_addresses_come_back_as_they_were_written() {
    let world = world().await;
    let emails = json!([
        { "value": "ada.l@acme.example", "type": "work", "primary": true },
        { "value": "ada@home.example", "type": "home" },
    ]);
    let phones = json!([
        { "value": "+44 20 7000 0001", "type": "work" },
        { "value": "+44 7700 900001", "type": "mobile" },
    ]);
    let created = world.create("ada.l", json!({ "emails": emails, "phoneNumbers": phones })).await;
    let numbers = |user: &Value| {
        let phones = user["phoneNumbers"].as_array().cloned().unwrap_or_default();
        let text = |phone: &Value, name: &str| phone[name].as_str().unwrap_or_default().to_owned();
        phones.iter().map(|phone| (text(phone, "type"), text(phone, "value"))).collect::<Vec<_>>()
    };
    let pair = |kind: &str, number: &str| (kind.to_owned(), number.to_owned());
    let expected = [pair("work", "+44 20 7000 0001"), pair("mobile", "+44 7700 900001")];
    assert_eq!(numbers(&created), expected);
    let values: Vec<_> =
        created["emails"].as_array().unwrap().iter().map(|email| email["value"].clone()).collect();
    assert_eq!(values, ["ada.l@acme.example", "ada@home.example"]);

    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let changed = world
        .scim
        .patch(
            &path,
            json!([{ "op": "Replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+44 7700 900002" }]),
        )
        .await
        .ok(200);
    assert_eq!(numbers(&changed), [pair("work", "+44 20 7000 0001"), pair("mobile", "+44 7700 900002")]);
    assert_eq!(changed["active"], true, "a replacement sends active along");
}

#[tokio::test]
async fn a_password_is_set_once_and_never_shown() {
    let world = world().await;
    let created =
        world.scim.post("/Users", &user("ada.l", json!({ "password": "hunter2-e2e" }))).await.ok(201);
    assert!(created["password"].is_null(), "{created}");
    assert_eq!(world.slack.requests()[0].body["password"], "(masked)", "it was sent");
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    world.slack.clear_requests();
    let change = json!([{ "op": "replace", "path": "password", "value": "hunter3-e2e" }]);
    world.scim.patch(&path, change).await.refused(400, "mutability");
    assert!(world.calls().iter().all(|call| call.starts_with("GET ")), "no write");
    assert!(!world.host.log().contains("hunter"), "a password in the log");
}

#[tokio::test]
async fn a_picture_of_ones_own_takes_the_place_of_the_one_slack_filled_in() {
    let world = world().await;
    let created = world.create("ada.l", json!({})).await;
    assert!(created["photos"][0]["value"].as_str().unwrap().contains("gravatar"), "{created}");
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let own = json!([{ "value": "https://img.acme.example/ada.png", "type": "photo" }]);
    let added = json!([{ "op": "add", "path": "photos", "value": own }]);
    assert_eq!(world.scim.patch(&path, added).await.ok(200)["photos"], own);
}
