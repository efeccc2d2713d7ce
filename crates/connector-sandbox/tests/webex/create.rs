//! Section 2.1, create: what is required, what is ignored, and refusals after which the person exists.

use std::time::Duration;

use connector_sandbox::webex::{Consenter, DirectorySync, NameLimits, Options, Webex};
use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::client::{Answer, SCOPES, bo, call_as, delete, get, license, path, post, start, text, usual};

const BO: &str = "bo.tern@acme-demo.example";

async fn create(webex: &Webex, more: Value) -> Answer {
    create_with(webex, "", more).await
}

async fn create_with(webex: &Webex, query: &str, more: Value) -> Answer {
    let mut body = json!({"emails": [BO], "displayName": "Bo Tern"});
    let (Some(all), Value::Object(more)) = (body.as_object_mut(), more) else { panic!("objects") };
    all.extend(more);
    post(webex, &format!("people{query}"), body).await
}

#[tokio::test]
async fn an_address_and_one_name_are_required() {
    let webex = usual().await;
    for body in [
        json!({"displayName": "Bo"}),
        json!({"emails": [], "displayName": "Bo"}),
        json!({"emails": [""], "displayName": "Bo"}),
        json!({"emails": ["no address"], "displayName": "Bo"}),
        json!({"emails": [BO]}),
        json!({"emails": [BO], "displayName": " "}),
        json!({"emails": BO, "displayName": "Bo"}),
        json!({"emails": [BO], "displayName": 1}),
    ] {
        assert_eq!(post(&webex, "people", body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(webex.people_len(), 1200, "a refused create makes nobody");
    let named =
        post(&webex, "people", json!({"emails": [BO], "firstName": "Bo", "lastName": "Tern"})).await.ok(200);
    assert_eq!(named["displayName"], "Bo Tern", "made of the two");
}

#[tokio::test]
async fn everything_that_can_be_set_on_create_is_kept() {
    let webex = usual().await;
    let manager = webex.person_id(Consenter::FullAdministrator);
    let role = get(&webex, "roles").await.ok(200)["items"][1]["id"].clone();
    let sent = json!({
        "displayName": "Bo Tern", "firstName": "Bo", "lastName": "Tern", "avatar": "https://avatar.example/bo.png",
        "department": "Research", "manager": "Service Provisioning", "managerId": manager, "title": "Team lead",
        "addresses": [{"type": "work", "country": "DE", "locality": "Berlin"}], "roles": [role],
        "siteUrls": ["acme-demo.webex.com#attendee"], "licenses": [license(&webex, "Advanced Messaging").await],
    });
    let created = create(&webex, sent.clone()).await.ok(200);
    let held = get(&webex, &path(&created)).await.ok(200);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!((&created[name], &held[name]), (value, value), "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_set_on_create_is_ignored_or_refused() {
    let webex = usual().await;
    let more = json!({"loginEnabled": true, "nickName": "Bobby", "timezone": "Asia/Tokyo", "firstName": "Bo", "x": 1});
    let created = create(&webex, more.clone()).await.ok(200);
    let told = (&created["loginEnabled"], &created["nickName"], created.get("timeZone"));
    assert_eq!(told, (&json!(false), &json!("Bo"), None));
    delete(&webex, &path(&created)).await;
    webex.set_options(|options| options.create_refuses_login_enabled = true);
    assert_eq!(create(&webex, more).await.status, 400);
}

#[tokio::test]
async fn an_address_identifies_one_account_in_all_of_webex() {
    let webex = usual().await;
    bo(&webex).await;
    let again =
        post(&webex, "people", json!({"emails": ["BO.Tern@acme-demo.example"], "displayName": "B"})).await;
    assert_eq!(again.refused(), (409, "A user with this email address already exists.".into()));
    for elsewhere in ["free@elsewhere.example", "eve.partner@partner.example"] {
        let taken = post(&webex, "people", json!({"emails": [elsewhere], "displayName": "B"})).await;
        let text = "The email address is already used by an account outside of the organization.";
        assert_eq!(taken.refused(), (409, text.into()), "{elsewhere}");
    }
    webex.set_options(|options| {
        options.foreign_addresses = vec!["@free.example".into()];
        options.duplicate_person_status = 400;
        options.foreign_address_status = 400;
    });
    assert_eq!(create(&webex, json!({})).await.status, 400);
    let taken = post(&webex, "people", json!({"emails": ["bo@free.example"], "displayName": "B"})).await;
    assert_eq!(taken.status, 400);
}

#[tokio::test]
async fn licences_that_cannot_be_given_are_skipped_without_a_word() {
    let webex = usual().await;
    let licenses = get(&webex, "licenses").await.ok(200);
    let full = licenses["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["siteUrl"] == "acme-events.webex.com")
        .unwrap();
    let messaging = license(&webex, "Advanced Messaging").await;
    let created = create(&webex, json!({"licenses": [full["id"], messaging]})).await.ok(200);
    assert_eq!(created["licenses"], json!([messaging]), "no unit is left of the other");
    delete(&webex, &path(&created)).await;
    webex.set_options(|options| options.skipped_licenses = vec!["Advanced Messaging".into()]);
    let created = create(&webex, json!({"licenses": [messaging]})).await.ok(200);
    assert_eq!(created["licenses"], json!([]));
    let unknown = "11111111-2222-4333-a444-555555555555";
    let refused =
        post(&webex, "people", json!({"emails": ["x@y.example"], "displayName": "X", "licenses": [unknown]}));
    assert_eq!(refused.await.refused(), (400, "The license id is not recognised.".into()));
}

#[tokio::test]
async fn a_refused_calling_user_exists_all_the_same() {
    let webex = usual().await;
    let calling = license(&webex, "Webex Calling - Professional").await;
    let whole = webex.teams().len();
    let location = "Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzQ4MjEx";
    let number = |value: &str| json!([{"type": "work", "value": value}]);
    for (query, more, reason) in [
        ("", json!({}), "The callingData flag is not set."),
        ("?callingData=true", json!({}), "The location was not found."),
        (
            "?callingData=true",
            json!({"locationId": location}),
            "A Calling user needs a phone number or an extension.",
        ),
        (
            "?callingData=true",
            json!({"locationId": location, "phoneNumbers": number("030 555")}),
            "The phone number is not valid.",
        ),
    ] {
        let mut body = more.clone();
        body["licenses"] = json!([calling]);
        assert_eq!(create_with(&webex, query, body.clone()).await.refused(), (400, reason.into()));
        let exists = webex.person(BO).expect("the person exists in spite of the refusal");
        assert_eq!(exists["licenses"], json!([]), "{reason}");
        assert_eq!(create_with(&webex, query, body.clone()).await.status, 409, "a second try finds it");
        delete(&webex, &path(&exists)).await;
        webex.set_options(|options| options.refused_calling_creates = false);
        assert_eq!(create_with(&webex, query, body).await.status, 400);
        assert_eq!(webex.person(BO), None);
        webex.set_options(|options| options.refused_calling_creates = true);
    }
    let more = json!({
        "licenses": [calling], "locationId": location, "extension": "110", "phoneNumbers": number("+4930555010"),
    });
    let created = create_with(&webex, "?callingData=true", more).await.ok(200);
    assert_eq!((&created["extension"], &created["locationId"]), (&json!("110"), &json!(location)));
    assert_eq!(created["phoneNumbers"][0], json!({"type": "work", "value": "+4930555010", "primary": true}));
    assert_eq!(webex.teams().len(), whole);
}

#[tokio::test]
async fn a_phone_number_without_calling_is_ignored_or_refused() {
    let webex = usual().await;
    let phone = json!({"phoneNumbers": [{"type": "work", "value": "+4930555010"}], "extension": "12"});
    let created = create(&webex, phone.clone()).await.ok(200);
    assert_eq!((created.get("phoneNumbers"), created.get("extension")), (None, None));
    delete(&webex, &path(&created)).await;
    webex.set_options(|options| options.phone_without_calling_refused = true);
    assert_eq!(create(&webex, phone).await.status, 400);
}

#[tokio::test]
async fn a_500_may_hide_a_create_that_went_well() {
    let webex = usual().await;
    let body = json!({"message": "An unexpected error occurred."}).to_string();
    webex.inject(Fault::on("/v1/people", Effect::StatusAfter { status: 500, body }).method("POST"));
    assert_eq!(create(&webex, json!({})).await.status, 500);
    assert!(webex.person(BO).is_some());
}

#[tokio::test]
async fn a_license_template_gives_what_nobody_asked_for() {
    let webex =
        start(Options { license_template: vec!["MS".into(), "CF".into()], ..Options::default() }).await;
    let created = bo(&webex).await;
    let (messaging, meetings) =
        (license(&webex, "Advanced Messaging").await, license(&webex, "Advanced Space Meetings").await);
    assert_eq!(created["licenses"], json!([messaging, meetings]));
}

#[tokio::test]
async fn a_short_answer_has_the_id_alone() {
    let webex = usual().await;
    let created = create_with(&webex, "?minResponse=true", json!({})).await.ok(200);
    assert_eq!(created, json!({"id": webex.person(BO).unwrap()["id"]}));
}

#[tokio::test]
async fn a_new_person_may_be_found_late_by_address_and_at_once_by_id() {
    let webex = start(Options { list_lag_ms: 5000, ..Options::default() }).await;
    let created = bo(&webex).await;
    let find =
        async || get(&webex, &format!("people?email={BO}")).await.ok(200)["items"].as_array().unwrap().len();
    assert_eq!((find().await, get(&webex, &path(&created)).await.status), (0, 200));
    webex.advance(Duration::from_secs(5));
    assert_eq!(find().await, 1);
}

#[tokio::test]
async fn names_and_texts_may_be_limited() {
    let webex = start(Options { max_text_length: 40, ..Options::default() }).await;
    assert_eq!(create(&webex, json!({"title": "x".repeat(41)})).await.status, 400);
    assert_eq!(create(&webex, json!({"firstName": "x".repeat(40)})).await.status, 200);
    let webex = start(Options { name_limits: NameLimits::ControlHub, ..Options::default() }).await;
    for bad in ["x".repeat(31), "B/o".to_owned(), "\"Bo\"".to_owned()] {
        assert_eq!(create(&webex, json!({"firstName": bad})).await.status, 400);
    }
    assert_eq!(
        create(&webex, json!({"firstName": "x".repeat(30), "lastName": "Ó Súilleabháin"})).await.status,
        200
    );
}

#[tokio::test]
async fn only_full_and_user_administrators_write_people() {
    let webex = usual().await;
    let body = json!({"emails": [BO], "displayName": "Bo"});
    for (who, status) in [
        (Consenter::Member, 403),
        (Consenter::ReadOnlyAdministrator, 403),
        (Consenter::UserAdministrator, 200),
    ] {
        let token = webex.token_of(who, &SCOPES);
        assert_eq!(call_as(&webex, &token, "POST", "people", &body).await.status, status, "{who:?}");
    }
    let bo = webex.person(BO).unwrap();
    for missing in ["spark-admin:people_write", "spark-admin:people_read"] {
        let scopes: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != missing).collect();
        let token = webex.token_of(Consenter::FullAdministrator, &scopes);
        for (method, path) in [("POST", "people".to_owned()), ("PUT", path(&bo)), ("DELETE", path(&bo))] {
            assert_eq!(
                call_as(&webex, &token, method, &path, &body).await.status,
                403,
                "{method} without {missing}"
            );
        }
    }
    let reader = webex.token_of(Consenter::ReadOnlyAdministrator, &SCOPES);
    assert_eq!(call_as(&webex, &reader, "DELETE", &path(&bo), &Value::Null).await.status, 403);
}

#[tokio::test]
async fn another_organization_is_not_the_callers() {
    let webex = usual().await;
    assert_eq!(create(&webex, json!({"orgId": "11111111-2222-4333-a444-555555555555"})).await.status, 403);
    let own = text(&get(&webex, "people/me").await.ok(200), "orgId").to_owned();
    assert_eq!(create(&webex, json!({"orgId": own})).await.status, 200);
}

#[tokio::test]
async fn a_directory_synchronised_organization_refuses_new_people() {
    let webex = start(Options { directory_sync: DirectorySync::Refuses, ..Options::default() }).await;
    assert_eq!(create(&webex, json!({})).await.status, 400);
    webex.set_options(|options| options.directory_sync = DirectorySync::Off);
    assert_eq!(create(&webex, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_deleted_person_is_gone_from_everywhere() {
    let webex = usual().await;
    let members = |webex: &Webex| webex.teams()[0]["members"].as_array().unwrap().clone();
    let member = members(&webex)[7].clone();
    let person = format!("people/{}", text(&member, "personId"));
    assert_eq!((delete(&webex, &person).await.status, delete(&webex, &person).await.status), (204, 404));
    assert!(!members(&webex).contains(&member));
    webex.set_options(|options| options.deleted_status = 410);
    assert_eq!(get(&webex, &person).await.status, 410);
    let again = json!({"emails": [member["personEmail"]], "displayName": "Again"});
    assert_eq!(post(&webex, "people", again).await.status, 200, "the address is free");
}

#[tokio::test]
async fn the_token_dies_with_the_administrator_behind_it() {
    let webex = usual().await;
    let own = path(&get(&webex, "people/me").await.ok(200));
    delete(&webex, &own).await;
    assert_eq!(get(&webex, "people/me").await.status, 401);
}
