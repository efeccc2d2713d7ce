//! Section 2: what a person looks like, and what varies between tenants.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connector_sandbox::webex::{Consenter, NewPerson, Options, TimeZoneSpelling};
use serde_json::{Value, json};

use crate::client::{bo, call_as, get, path, seeded, start, text, usual};

#[tokio::test]
async fn an_established_person_has_everything_an_administrator_may_see() {
    let webex = usual().await;
    let line =
        |person: &Value| person["siteUrls"] == json!(["acme-demo.webex.com"]) && !person["manager"].is_null();
    let id = seeded(&webex, line).await;
    let person = get(&webex, &path(&id)).await.ok(200);
    for name in [
        "id",
        "emails",
        "displayName",
        "nickName",
        "firstName",
        "lastName",
        "orgId",
        "roles",
        "licenses",
        "department",
        "manager",
        "managerId",
        "created",
        "lastModified",
        "timeZone",
        "lastActivity",
        "siteUrls",
        "sipAddresses",
        "status",
        "invitePending",
        "loginEnabled",
        "type",
    ] {
        assert!(!person[name].is_null(), "{name} in {person}");
    }
    assert_eq!((&person["invitePending"], &person["loginEnabled"]), (&json!(false), &json!(true)));
    assert_eq!(person["nickName"], person["firstName"]);
    let created = text(&person, "created");
    assert!(created.len() == 24 && created.ends_with('Z') && created.as_bytes()[19] == b'.', "{created}");
}

#[tokio::test]
async fn extension_location_and_the_long_extension_come_with_calling_data_only() {
    let webex = usual().await;
    let calling = seeded(&webex, |p| p["phoneNumbers"][0]["type"] == "work").await;
    let plain = get(&webex, &path(&calling)).await.ok(200);
    assert_eq!((plain.get("extension"), plain.get("locationId")), (None, None));
    let whole = get(&webex, &format!("{}?callingData=true", path(&calling))).await.ok(200);
    let extension = text(&whole, "extension");
    let long = json!({"type": "work_extension", "value": format!("8{extension}"), "primary": false});
    assert!(whole["phoneNumbers"].as_array().unwrap().contains(&long), "{whole}");
    assert!(!whole["locationId"].is_null());
}

#[tokio::test]
async fn presence_can_be_left_out() {
    let webex = usual().await;
    let person = get(&webex, "people?max=1&excludeStatus=true").await.ok(200)["items"][0].clone();
    assert_eq!((person.get("status"), person.get("lastActivity")), (None, None));
}

#[tokio::test]
async fn people_without_a_name_are_shown_by_their_address() {
    let webex = usual().await;
    let nameless = seeded(&webex, |p| p.get("firstName").is_none() && p["type"] == "person").await;
    assert_eq!(nameless["displayName"], nameless["emails"][0]);
    assert_eq!((nameless.get("lastName"), nameless.get("nickName")), (None, None));
}

#[tokio::test]
async fn invited_disabled_and_active_people_are_seeded() {
    let webex = usual().await;
    for (pending, enabled) in [(true, false), (false, false), (false, true)] {
        let state = |p: &Value| p["invitePending"] == pending && p["loginEnabled"] == enabled;
        let person = seeded(&webex, state).await;
        assert_eq!(person["status"] == "pending", pending);
    }
}

#[tokio::test]
async fn a_new_person_is_invited_pending_and_without_any_licence() {
    let webex = usual().await;
    let created = bo(&webex).await;
    let expected = json!({
        "id": created["id"], "emails": ["bo.tern@acme-demo.example"], "displayName": "Bo Tern", "nickName": "Bo",
        "firstName": "Bo", "lastName": "Tern", "orgId": created["orgId"], "roles": [], "licenses": [],
        "created": "2024-06-03T16:00:00.000Z", "lastModified": "2024-06-03T16:00:00.000Z",
        "status": "pending", "invitePending": true, "loginEnabled": false, "type": "person",
    });
    assert_eq!(created, expected);
    webex.advance(Duration::from_secs(1));
    let later = get(&webex, &path(&created)).await.ok(200);
    let sip = json!([{"type": "cloud-calling", "value": "bo.tern@acme-demo.calls.example", "primary": true}]);
    assert_eq!(later["sipAddresses"], sip, "they come later");
    webex.set_options(|options| options.sip_lag_ms = 60_000);
    assert_eq!(get(&webex, &path(&created)).await.ok(200).get("sipAddresses"), None);
}

#[tokio::test]
async fn after_the_first_sign_in_the_free_licences_are_there() {
    let webex = usual().await;
    let created = bo(&webex).await;
    assert!(webex.activate(text(&created, "id")));
    let person = get(&webex, &path(&created)).await.ok(200);
    assert_eq!((&person["invitePending"], &person["loginEnabled"]), (&json!(false), &json!(true)));
    assert_eq!(person["licenses"].as_array().unwrap().len(), 4);
    assert!(!webex.activate("nobody"));
}

#[tokio::test]
async fn some_tenants_show_a_new_person_as_activated() {
    let webex = start(Options { new_person: NewPerson::Activated, ..Options::default() }).await;
    let created = bo(&webex).await;
    let state = (&created["invitePending"], &created["loginEnabled"], &created["status"]);
    assert_eq!(state, (&json!(false), &json!(true), &json!("unknown")));
    assert_eq!((created.get("lastActivity"), created.get("timeZone")), (None, None));
    assert_eq!(created["licenses"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn spellings_types_and_odd_members_vary() {
    let webex = usual().await;
    let path = path(&json!({"id": webex.person_id(Consenter::FullAdministrator)}));
    let zone = get(&webex, &path).await.ok(200)["timeZone"].clone();
    webex.set_options(|options| {
        options.time_zone_spelling = TimeZoneSpelling::Lower;
        options.booleans_as_strings = true;
        options.unknown_keys = true;
        options.partial_person_errors = true;
    });
    let person = get(&webex, &path).await.ok(200);
    assert_eq!((&person["timezone"], person.get("timeZone")), (&zone, None));
    assert_eq!((&person["loginEnabled"], &person["invitePending"]), (&json!("true"), &json!("false")));
    assert_eq!(person["trainSiteNames"], json!([]));
    assert!(person["errors"]["personDetails"]["reason"].is_string(), "a 200 with errors");
}

#[tokio::test]
async fn the_order_of_several_addresses_is_not_to_be_relied_on() {
    let webex = usual().await;
    let person = seeded(&webex, |p| p["emails"].as_array().is_some_and(|emails| emails.len() == 2)).await;
    webex.set_options(|options| options.reversed_emails = true);
    let again = get(&webex, &path(&person)).await.ok(200);
    assert_eq!(again["emails"], json!([person["emails"][1], person["emails"][0]]));
}

#[tokio::test]
async fn a_bare_uuid_is_taken_for_an_id_and_nonsense_is_not() {
    let webex = usual().await;
    let person = get(&webex, "people/me").await.ok(200);
    let uri = URL_SAFE_NO_PAD.decode(text(&person, "id")).unwrap();
    let uuid = String::from_utf8(uri).unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(get(&webex, &format!("people/{uuid}")).await.ok(200), person);
    let (status, reason) = get(&webex, "people/nonsense").await.refused();
    assert!(status == 400 && reason.contains("Base64-encoded identifier or a UUID"), "{reason}");
    let unknown = get(&webex, "people/11111111-2222-4333-a444-555555555555").await;
    assert_eq!(unknown.refused(), (404, "Person not found".into()));
}

#[tokio::test]
async fn somebody_of_another_organization_shows_little() {
    let webex = usual().await;
    let guest = webex.person("eve.partner@partner.example").unwrap();
    let person = get(&webex, &path(&guest)).await.ok(200);
    assert_eq!((person.get("licenses"), person.get("loginEnabled")), (None, None));
    let other = call_as(&webex, webex.token(), "PUT", &path(&guest), &json!({"displayName": "Mine"})).await;
    assert_eq!(other.status, 403);
}
