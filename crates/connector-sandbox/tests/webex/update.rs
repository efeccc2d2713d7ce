//! Section 2.1, update: the complete person, what omission does, and refusals after which something has changed.

use std::time::Duration;

use connector_sandbox::webex::{Consenter, DirectorySync, Options, Webex};
use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::client::{bo, get, license, path, put, seeded, start, text, usual};

/// What every client takes out of a person before it sends it back.
const READ_ONLY: [&str; 9] = [
    "id",
    "created",
    "lastModified",
    "timeZone",
    "lastActivity",
    "sipAddresses",
    "status",
    "invitePending",
    "type",
];

/// The person as it can be sent back.
fn complete(person: &Value) -> Value {
    let mut body = person.clone();
    let members = body.as_object_mut().expect("a person");
    members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    body
}

fn with(person: &Value, name: &str, value: Value) -> Value {
    let mut body = complete(person);
    body[name] = value;
    body
}

/// Somebody with licences, a role, a picture and attendee rights.
async fn rich(webex: &Webex) -> Value {
    let rich = |p: &Value| {
        p["siteUrls"] == json!(["acme-demo.webex.com#attendee"])
            && !p["avatar"].is_null()
            && !p["title"].is_null()
    };
    let person = seeded(webex, rich).await;
    let role = get(webex, "roles").await.ok(200)["items"][5]["id"].clone();
    put(webex, &format!("{}?callingData=true", path(&person)), with(&person, "roles", json!([role])))
        .await
        .ok(200)
}

#[tokio::test]
async fn a_person_sent_back_whole_stays_as_it_was() {
    let webex = usual().await;
    for person in [rich(&webex).await, seeded(&webex, |p| p["phoneNumbers"][0]["type"] == "work").await] {
        webex.advance(Duration::from_secs(1));
        let answer =
            put(&webex, &format!("{}?callingData=true", path(&person)), complete(&person)).await.ok(200);
        let mut expected = person.clone();
        expected["lastModified"] = answer["lastModified"].clone();
        assert_eq!(answer, expected);
        assert_ne!(answer["lastModified"], person["lastModified"]);
    }
}

#[tokio::test]
async fn the_display_name_is_required() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    for body in [json!({}), json!({"displayName": ""}), json!({"displayName": null})] {
        assert_eq!(put(&webex, &path(&bo), body).await.refused(), (400, "displayName is required".into()));
    }
}

#[tokio::test]
async fn names_addresses_and_the_like_stay_when_left_out() {
    let webex = usual().await;
    let person = rich(&webex).await;
    let body = json!({"displayName": "New", "roles": person["roles"], "licenses": person["licenses"]});
    let answer = put(&webex, &path(&person), body).await.ok(200);
    for name in [
        "firstName",
        "lastName",
        "emails",
        "department",
        "title",
        "siteUrls",
        "loginEnabled",
        "roles",
        "licenses",
    ] {
        assert_eq!(answer[name], person[name], "{name}");
    }
    assert_eq!((&answer["displayName"], answer.get("avatar")), (&json!("New"), None), "the picture is reset");
}

#[tokio::test]
async fn licences_roles_picture_and_sites_left_out_are_cleared_or_kept() {
    let webex = usual().await;
    let person = rich(&webex).await;
    let body = json!({"displayName": "New"});
    webex.set_options(|options| {
        options.put_without_licenses_clears = false;
        options.put_without_roles_clears = false;
        options.put_without_avatar_resets = false;
    });
    let kept = put(&webex, &path(&person), body.clone()).await.ok(200);
    for name in ["licenses", "roles", "avatar", "siteUrls"] {
        assert_eq!(kept[name], person[name], "{name}");
    }
    webex.set_options(|options| {
        *options = Options { put_without_site_urls_clears: true, ..Options::default() };
    });
    let cleared = put(&webex, &path(&person), body).await.ok(200);
    assert_eq!(cleared["licenses"].as_array().unwrap().len(), 4, "the free ones cannot go");
    assert_eq!((&cleared["roles"], cleared.get("avatar"), cleared.get("siteUrls")), (&json!([]), None, None));
}

#[tokio::test]
async fn an_empty_text_clears_or_does_nothing() {
    let webex = usual().await;
    let person = rich(&webex).await;
    webex.set_options(|options| options.empty_text_clears = false);
    let same = put(&webex, &path(&person), with(&person, "title", json!(""))).await.ok(200);
    assert_eq!(same["title"], person["title"]);
    webex.set_options(|options| options.empty_text_clears = true);
    let cleared = put(&webex, &path(&person), with(&person, "title", json!(""))).await.ok(200);
    assert_eq!(cleared.get("title"), None);
}

#[tokio::test]
async fn the_nick_name_is_ignored_and_follows_the_first_name() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let mut body = with(&bo, "nickName", json!("Bobby"));
    body["firstName"] = json!("Boris");
    assert_eq!(put(&webex, &path(&bo), body).await.ok(200)["nickName"], "Boris");
}

#[tokio::test]
async fn members_of_the_service_may_be_refused() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    put(&webex, &path(&bo), bo.clone()).await.ok(200);
    webex.set_options(|options| options.put_refuses_read_only = true);
    assert_eq!(put(&webex, &path(&bo), bo.clone()).await.refused(), (400, "id is read-only".into()));
    put(&webex, &path(&bo), complete(&bo)).await.ok(200);
}

#[tokio::test]
async fn signing_in_can_be_blocked_and_allowed_and_keeps_the_licences() {
    let webex = usual().await;
    let person = seeded(&webex, |p| p["loginEnabled"] == true && p["department"].is_string()).await;
    for (sent, held) in [(json!(false), false), (json!(true), true), (json!("false"), false)] {
        let answer = put(&webex, &path(&person), with(&person, "loginEnabled", sent)).await.ok(200);
        assert_eq!((&answer["loginEnabled"], &answer["licenses"]), (&json!(held), &person["licenses"]));
    }
    let mut without = complete(&person);
    without.as_object_mut().unwrap().remove("loginEnabled");
    let answer = put(&webex, &path(&person), without).await;
    assert_eq!(answer.ok(200)["loginEnabled"], false, "left out, it stays");
    let bo = bo(&webex).await;
    let invited = put(&webex, &path(&bo), with(&bo, "loginEnabled", json!(false))).await.ok(200);
    assert_eq!((&invited["invitePending"], &invited["loginEnabled"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_new_primary_address_goes_first_and_must_be_free() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let moved =
        put(&webex, &path(&bo), with(&bo, "emails", json!(["bo.new@acme-demo.example"]))).await.ok(200);
    assert_eq!((&moved["emails"], &moved["id"]), (&json!(["bo.new@acme-demo.example"]), &bo["id"]));
    assert_eq!(get(&webex, "people?email=bo.tern@acme-demo.example").await.ok(200)["items"], json!([]));
    let taken = with(&bo, "emails", json!(["SVC.scim@acme-demo.example"]));
    assert_eq!(put(&webex, &path(&bo), taken).await.status, 409);
    assert_eq!(put(&webex, &path(&bo), with(&bo, "emails", json!([]))).await.status, 400);
    let same = with(&bo, "emails", json!(["BO.new@acme-demo.example"]));
    assert_eq!(put(&webex, &path(&bo), same).await.ok(200)["emails"], json!(["BO.new@acme-demo.example"]));
}

#[tokio::test]
async fn free_licences_cannot_be_taken_and_the_rest_of_the_change_stands() {
    let webex = usual().await;
    let person = rich(&webex).await;
    let mut body = with(&person, "licenses", json!([]));
    body["title"] = json!("Changed");
    let refused = put(&webex, &path(&person), body.clone()).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["errors"][0].get("errorCode"), None, "the codes belong to another endpoint");
    let held = get(&webex, &path(&person)).await.ok(200);
    assert_eq!((&held["title"], &held["licenses"]), (&json!("Changed"), &person["licenses"]));
    webex.set_options(|options| {
        options.put_changes_in_part = false;
        options.people_license_codes = true;
    });
    body["title"] = json!("Not changed");
    let refused = put(&webex, &path(&person), body).await;
    assert_eq!(refused.json()["errors"][0]["errorCode"], 700_006);
    assert_eq!(get(&webex, &path(&person)).await.ok(200)["title"], "Changed");
}

#[tokio::test]
async fn an_error_may_hide_a_change_that_went_well() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let body = json!({"message": "Internal"}).to_string();
    webex.inject(Fault::on("/v1/people/", Effect::StatusAfter { status: 500, body }).method("PUT"));
    assert_eq!(put(&webex, &path(&bo), with(&bo, "title", json!("Boss"))).await.status, 500);
    assert_eq!(get(&webex, &path(&bo)).await.ok(200)["title"], "Boss");
}

#[tokio::test]
async fn licences_beyond_the_units_are_skipped_on_update_too() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let licenses = get(&webex, "licenses").await.ok(200);
    let full = licenses["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["siteUrl"] == "acme-events.webex.com")
        .unwrap();
    let messaging = license(&webex, "Advanced Messaging").await;
    let wanted = with(&bo, "licenses", json!([full["id"], messaging]));
    assert_eq!(put(&webex, &path(&bo), wanted).await.ok(200)["licenses"], json!([messaging]));
}

#[tokio::test]
async fn the_location_of_a_calling_user_is_frozen_and_the_licence_takes_the_line_with_it() {
    let webex = usual().await;
    let person = seeded(&webex, |p| p["phoneNumbers"][0]["type"] == "work").await;
    let elsewhere = with(&person, "locationId", json!("11111111-2222-4333-a444-555555555555"));
    let refused = put(&webex, &path(&person), elsewhere).await;
    assert_eq!(refused.refused(), (400, "The location of a Calling user cannot be changed.".into()));
    let moved = with(&person, "phoneNumbers", json!([{"type": "work", "value": "+4930555777"}]));
    let moved = put(&webex, &format!("{}?callingData=true", path(&person)), moved).await.ok(200);
    let number = json!({"type": "work", "value": "+4930555777", "primary": true});
    assert!(moved["phoneNumbers"].as_array().unwrap().contains(&number));
    assert_eq!(moved["extension"], person["extension"]);
    let calling = license(&webex, "Webex Calling - Professional").await;
    let rest: Vec<_> =
        person["licenses"].as_array().unwrap().iter().filter(|id| **id != json!(calling)).collect();
    let query = format!("{}?callingData=true", path(&person));
    let bare = put(&webex, &query, with(&person, "licenses", json!(rest))).await.ok(200);
    assert_eq!((bare.get("extension"), bare.get("locationId"), bare.get("phoneNumbers")), (None, None, None));
}

#[tokio::test]
async fn a_host_becomes_an_attendee_and_a_host_again() {
    let webex = usual().await;
    let host = seeded(&webex, |p| p["siteUrls"] == json!(["acme-demo.webex.com"])).await;
    let suite = license(&webex, "Webex Meetings Suite").await;
    let rest: Vec<_> =
        host["licenses"].as_array().unwrap().iter().filter(|id| **id != json!(suite)).collect();
    let mut body = with(&host, "licenses", json!(rest));
    body["siteUrls"] = json!(["acme-demo.webex.com#attendee"]);
    let attendee = put(&webex, &path(&host), body).await.ok(200);
    assert_eq!(attendee["siteUrls"], json!(["acme-demo.webex.com#attendee"]));
    let mut body = with(&attendee, "licenses", host["licenses"].clone());
    body["siteUrls"] = json!([]);
    let again = put(&webex, &path(&host), body).await.ok(200);
    assert_eq!(again["siteUrls"], json!(["acme-demo.webex.com"]));
    let person = rich(&webex).await;
    let without = with(&person, "siteUrls", json!([]));
    assert_eq!(put(&webex, &path(&person), without.clone()).await.status, 400, "showAllTypes is missing");
    let gone = put(&webex, &format!("{}?showAllTypes=true", path(&person)), without).await.ok(200);
    assert_eq!(gone.get("siteUrls"), None);
}

#[tokio::test]
async fn roles_are_the_known_ones_that_may_be_given() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let roles = get(&webex, "roles").await.ok(200);
    let (user, device) = (roles["items"][1]["id"].clone(), roles["items"][3]["id"].clone());
    let given = put(&webex, &path(&bo), with(&bo, "roles", json!([user, device]))).await.ok(200);
    assert_eq!(given["roles"], json!([user, device]));
    let unknown = with(&bo, "roles", json!(["Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfa2luZw"]));
    assert_eq!(
        put(&webex, &path(&bo), unknown).await.refused(),
        (400, "The role id is not recognised.".into())
    );
    webex.set_options(|options| options.unassignable_roles = vec!["id_device_admin".into()]);
    let refused = put(&webex, &path(&bo), with(&bo, "roles", json!([device]))).await;
    assert_eq!(refused.refused(), (400, "The role cannot be assigned.".into()));
}

#[tokio::test]
async fn an_administrator_without_a_role_is_one_no_more() {
    let webex = usual().await;
    let own = get(&webex, "people/me").await.ok(200);
    put(&webex, &path(&own), with(&own, "roles", json!([]))).await.ok(200);
    assert_eq!(get(&webex, "people?max=1").await.status, 403);
    assert_eq!(get(&webex, "teams?max=1").await.status, 200);
    let other = path(&json!({"id": webex.person_id(Consenter::Member)}));
    assert_eq!(put(&webex, &other, json!({"displayName": "x"})).await.status, 403);
}

#[tokio::test]
async fn an_update_may_be_answered_without_a_body_or_with_the_id() {
    let webex = usual().await;
    let bo = bo(&webex).await;
    let short = put(&webex, &format!("{}?minResponse=true", path(&bo)), complete(&bo)).await.ok(200);
    assert_eq!(short, json!({"id": bo["id"]}));
    webex.set_options(|options| options.put_no_content = true);
    let none = put(&webex, &path(&bo), with(&bo, "title", json!("Boss"))).await;
    assert_eq!((none.status, none.text.as_str()), (204, ""));
    assert_eq!(webex.person(text(&bo, "id")).unwrap()["title"], "Boss");
}

#[tokio::test]
async fn a_directory_refuses_edits_or_has_its_way() {
    let webex = start(Options { directory_sync: DirectorySync::Overwrites, ..Options::default() }).await;
    let person = rich(&webex).await;
    let change = with(&person, "title", json!("Changed"));
    assert_eq!(put(&webex, &path(&person), change.clone()).await.ok(200)["title"], person["title"]);
    webex.set_options(|options| options.directory_sync = DirectorySync::Refuses);
    assert_eq!(put(&webex, &path(&person), change).await.status, 400);
    let blocked = put(&webex, &path(&person), with(&person, "loginEnabled", json!(false))).await.ok(200);
    assert_eq!(blocked["loginEnabled"], false, "what the directory does not hold can be changed");
}
