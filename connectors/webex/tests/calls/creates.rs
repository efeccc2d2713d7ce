//! Creating people, and what Webex does beside what it says.

use connector_core::error::Kind;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Step, Webex, ada, bo, bodies, calls, failure, id, items, license, step, told, with};

fn bo_asked(more: Value) -> Value {
    let least = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bo.tern@acme-demo.example",
        "name": {"givenName": "Bo", "familyName": "Tern"},
    });
    with(least, more)
}

/// Bo, made a moment ago.
fn fresh_bo(more: Value) -> Value {
    with(with(bo(), json!({"created": Timestamp::now().to_string()})), more)
}

async fn created(steps: Vec<Step>, body: Value) -> (Value, String) {
    let webex = Webex::organisation(steps).await;
    let user = webex.create("Users", body).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    (user, webex.sent().await)
}

async fn refused(steps: Vec<Step>, body: Value) -> (String, String) {
    let webex = Webex::organisation(steps).await;
    let error = webex.create("Users", body).await.expect_err("must be refused");
    (told(&error), webex.sent().await)
}

#[tokio::test]
async fn a_person_is_one_call_with_a_display_name_made_of_the_names() {
    let (user, sent) = created(vec![step("POST /people", 200, bo())], bo_asked(json!({}))).await;
    assert_eq!((&user["id"], &user["active"]), (&json!("P-BO"), &json!(true)));
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn everything_webex_takes_is_sent_at_once() {
    let held =
        with(ada(), json!({"phoneNumbers": null, "extension": null, "locationId": null, "siteUrls": null}));
    let (_, sent) = created(
        vec![step("GET /people/P-BO", 200, bo()), step("POST /people", 200, held)],
        json!({
            "userName": "ada.quill@acme-demo.example", "displayName": "Ada Quill",
            "name": {"givenName": "Ada", "familyName": "Quill"}, "title": "Analyst", "active": true,
            "emails": [{"value": "ada.quill@acme-demo.example", "type": "work", "primary": true}],
            "addresses": [{"type": "work", "country": "DE", "locality": "Berlin", "region": "BE",
                           "streetAddress": "Beispielweg 4", "postalCode": "10115"}],
            "photos": [{"type": "photo", "value": "https://avatar.example/ada.png"}],
            "roles": [{"value": id("ROLE", "id_user_admin")}],
            "entitlements": [{"value": license("FMS")}, {"value": license("FSS")}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Research", "manager": {"value": "P-BO"},
            },
        }),
    )
    .await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_name_is_the_address_where_there_is_no_other() {
    let body = json!({"userName": "bo.tern@acme-demo.example"});
    let (_, sent) = created(vec![step("POST /people", 200, bo())], body).await;
    let sent = &bodies(&sent, "POST /people")[0];
    assert_eq!(
        *sent,
        json!({"emails": ["bo.tern@acme-demo.example"], "displayName": "bo.tern@acme-demo.example"})
    );
}

#[tokio::test]
async fn a_second_address_is_refused_before_any_call() {
    let emails = json!([{"value": "bo.tern@acme-demo.example"}, {"value": "bo@acme-demo.example"}]);
    let (told, sent) = refused(vec![], bo_asked(json!({"emails": emails}))).await;
    assert!(told.contains("emails: the target holds one at most"), "{told}");
    assert_eq!(sent, "no call\n");
}

#[tokio::test]
async fn an_inactive_person_is_created_and_then_blocked_although_it_cannot_sign_in_yet() {
    let given = with(bo(), json!({"licenses": [license("EE")]}));
    let steps = vec![
        step("POST /people", 200, bo()),
        // An organisation's template has given a licence meanwhile, which the PUT keeps.
        step("GET /people/P-BO", 200, given.clone()),
        step("PUT /people/P-BO", 200, given),
    ];
    let (_, sent) = created(steps, bo_asked(json!({"active": false}))).await;
    assert_eq!(bodies(&sent, "POST /people")[0].get("loginEnabled"), None);
    assert_eq!(bodies(&sent, "PUT /people/P-BO")[0]["loginEnabled"], false);
    assert_eq!(bodies(&sent, "PUT /people/P-BO")[0]["licenses"], json!([license("EE")]));
}

#[tokio::test]
async fn a_refusal_that_made_the_person_all_the_same_ends_in_what_was_asked_for() {
    let steps = vec![
        failure("POST /people", 400, "The phone number is not valid."),
        items("GET /people", json!([fresh_bo(json!({}))])),
        step("GET /people/P-BO", 200, fresh_bo(json!({}))),
        step("PUT /people/P-BO", 200, fresh_bo(json!({"title": "Team lead"}))),
    ];
    let (user, sent) = created(steps, bo_asked(json!({"title": "Team lead"}))).await;
    assert_eq!((&user["id"], &user["title"]), (&json!("P-BO"), &json!("Team lead")));
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_refusal_that_made_nothing_is_told() {
    let steps = vec![failure("POST /people", 400, "bad"), items("GET /people", json!([]))];
    let (told, _) = refused(steps, bo_asked(json!({}))).await;
    assert!(
        told.starts_with("400 invalidValue User: Webex refuses a value") && told.contains("– bad"),
        "{told}"
    );
}

#[tokio::test]
async fn somebody_who_was_there_before_is_a_duplicate_whatever_the_status() {
    for (status, person) in [(409, bo()), (400, bo()), (400, fresh_bo(json!({"lastName": "Other"})))] {
        let steps = vec![
            failure("POST /people", status, "exists"),
            items("GET /people", json!([person.clone()])),
            step("GET /people/P-BO", 200, person),
        ];
        let (told, _) = refused(steps, bo_asked(json!({}))).await;
        assert!(told.starts_with("409 uniqueness User: userName: is in use by User P-BO"), "{told}");
    }
}

#[tokio::test]
async fn an_address_of_an_account_elsewhere_is_told_with_what_to_do() {
    let steps = vec![failure("POST /people", 409, "exists"), items("GET /people", json!([]))];
    let (told, _) = refused(steps, bo_asked(json!({}))).await;
    assert!(
        told.contains("an account outside of the organisation") && told.contains("claim the domain"),
        "{told}"
    );
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_person() {
    let steps = vec![
        failure("POST /people", 500, "down"),
        items("GET /people", json!([with(bo(), json!({"emails": ["Bo.Tern@acme-demo.example"]}))])),
        step("GET /people/P-BO", 200, with(bo(), json!({"emails": ["Bo.Tern@acme-demo.example"]}))),
    ];
    let (user, sent) = created(steps, bo_asked(json!({}))).await;
    assert_eq!(user["id"], "P-BO");
    assert_eq!(calls(&sent).iter().filter(|call| call.starts_with("POST")).count(), 1);
}

#[tokio::test]
async fn an_unknown_manager_is_a_bad_value_and_nothing_is_made() {
    let steps = vec![failure("GET /people/P-NOBODY", 404, "Person")];
    let enterprise = json!({"manager": {"value": "P-NOBODY"}});
    let body = bo_asked(json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": enterprise}));
    let (told, sent) = refused(steps, body).await;
    assert!(
        told.starts_with("400 invalidValue") && told.contains("manager.value: `P-NOBODY` is no person"),
        "{told}"
    );
    assert_eq!(calls(&sent), ["GET /v1/people/P-NOBODY"]);
}

#[tokio::test]
async fn a_telephone_number_of_somebody_without_calling_is_left_out() {
    let phones = json!([{"type": "work", "value": "+4930555011"}]);
    let (user, sent) =
        created(vec![step("POST /people", 200, bo())], bo_asked(json!({"phoneNumbers": phones}))).await;
    assert_eq!(bodies(&sent, "POST /people")[0].get("phoneNumbers"), None);
    assert!(user.get("phoneNumbers").is_none(), "{user}");
}

#[tokio::test]
async fn a_calling_user_is_made_with_licence_location_and_line_in_one_request() {
    let line = json!({"extension": "111", "locationId": "L-BERLIN"});
    let calling = json!({
        "entitlements": [{"value": license("BCSTD")}],
        "phoneNumbers": [{"type": "work", "value": "+4930555011", "primary": true}, {"type": "mobile", "value": "+491"}],
        "urn:connector-host:scim:webex:2.0:User": line,
    });
    let held = with(
        bo(),
        json!({"licenses": [license("BCSTD")], "extension": "111", "locationId": "L-BERLIN",
                                 "phoneNumbers": [{"type": "work", "value": "+4930555011", "primary": true}]}),
    );
    // What Webex cannot hold is asked for once more, and nothing is sent.
    let (_, sent) = created(vec![step("POST /people", 200, held)], bo_asked(calling)).await;
    insta::assert_snapshot!(sent);
}

#[tokio::test]
async fn a_licence_that_the_create_skipped_is_asked_for_by_itself_and_then_reported() {
    let asked = bo_asked(json!({"entitlements": [{"value": license("EE")}]}));
    let steps = || {
        vec![
            step("POST /people", 200, bo()),
            step("PATCH /licenses/users", 206, json!({"personId": "P-BO", "licenses": []})),
        ]
    };
    let again = step("GET /people/P-BO", 200, bo());
    let (user, sent) = created(steps().into_iter().chain([again]).collect(), asked.clone()).await;
    assert!(user.get("entitlements").is_none(), "{user}");
    assert_eq!(bodies(&sent, "PATCH /licenses/users")[0]["licenses"][0]["operation"], "add");

    let webex = Webex::set(&["strict_licences"], steps()).await;
    let error = webex.create("Users", asked).await.expect_err("strict");
    assert_eq!(error.kind(), Kind::InvalidValue);
    let told = told(&error);
    assert!(told.contains("was created as P-BO") && told.contains("Webex Meetings Suite"), "{told}");
    webex.sent().await;
}
