//! Section 2.2 and 4.4: `PATCH /licenses/users`.

use connector_sandbox::webex::{Consenter, Webex};
use serde_json::{Value, json};

use crate::client::{Answer, SCOPES, bo, call, call_as, get, license, path, seeded, text, usual};

const LOCATION: &str = "Y2lzY29zcGFyazovL3VzL0xPQ0FUSU9OLzQ4MjEx";

async fn patch(webex: &Webex, person: &Value, licenses: Value) -> Answer {
    call(webex, "PATCH", "licenses/users", json!({"personId": person["id"], "licenses": licenses})).await
}

#[track_caller]
fn code(answer: &Answer) -> Value {
    assert_eq!(answer.status, 400, "{}", answer.text);
    answer.json()["errors"][0]["errorCode"].clone()
}

/// Somebody activated without any paid licence.
async fn plain(webex: &Webex) -> Value {
    let bo = bo(webex).await;
    assert!(webex.activate(text(&bo, "id")));
    get(webex, &path(&bo)).await.ok(200)
}

#[tokio::test]
async fn licences_are_added_and_removed_and_the_answer_tells_what_holds() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let (messaging, suite) =
        (license(&webex, "Advanced Messaging").await, license(&webex, "Webex Meetings Suite").await);
    let body = json!({"email": "BO.tern@acme-demo.example", "licenses": [
        {"id": messaging}, {"id": suite, "operation": "add"},
    ]});
    let answer = call(&webex, "PATCH", "licenses/users", body).await.ok(200);
    let held = get(&webex, &path(&bo)).await.ok(200);
    let expected = json!({
        "orgId": bo["orgId"], "personId": bo["id"], "email": "bo.tern@acme-demo.example", "licenses": held["licenses"],
        "siteUrls": [{"siteUrl": "acme-demo.webex.com", "accountType": "host"}],
    });
    assert_eq!(answer, expected);
    assert_eq!(held["licenses"].as_array().unwrap().len(), 6);
    let again = patch(&webex, &bo, json!([{"id": messaging}])).await;
    assert_eq!(again.ok(200), expected, "what is held already is a success");
    let removed = patch(&webex, &bo, json!([{"id": suite, "operation": "remove"}])).await.ok(200);
    assert_eq!((removed["licenses"].as_array().unwrap().len(), &removed["siteUrls"]), (5, &json!([])));
}

#[tokio::test]
async fn units_are_counted() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let messaging = license(&webex, "Advanced Messaging").await;
    let consumed = async || {
        let license = get(&webex, &format!("licenses/{messaging}")).await.ok(200);
        assert_eq!(license["consumedUnits"], license["consumedByUsers"]);
        license["consumedUnits"].as_u64().unwrap()
    };
    let before = consumed().await;
    patch(&webex, &bo, json!([{"id": messaging}])).await.ok(200);
    assert_eq!(consumed().await, before + 1);
    call(&webex, "DELETE", &path(&bo), Value::Null).await;
    assert_eq!(consumed().await, before);
}

#[tokio::test]
async fn a_skipped_licence_makes_a_206_in_which_it_is_missing() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let (messaging, meetings) =
        (license(&webex, "Advanced Messaging").await, license(&webex, "Advanced Space Meetings").await);
    webex.set_options(|options| options.skipped_licenses = vec!["Advanced Messaging".into()]);
    let wanted = json!([{"id": messaging}, {"id": meetings}]);
    let partial = patch(&webex, &bo, wanted.clone()).await.ok(206);
    let given = partial["licenses"].as_array().unwrap();
    assert!(given.contains(&json!(meetings)) && !given.contains(&json!(messaging)));
    webex.set_options(|options| options.skipped_license_status = 200);
    patch(&webex, &bo, wanted).await.ok(200);
    let licenses = get(&webex, "licenses").await.ok(200);
    let full = licenses["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|l| l["siteUrl"] == "acme-events.webex.com")
        .unwrap();
    webex.set_options(|options| options.skipped_license_status = 206);
    patch(&webex, &bo, json!([{"id": full["id"]}])).await.ok(206);
}

#[tokio::test]
async fn calling_licences_want_their_own_properties() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let calling = license(&webex, "Webex Calling - Professional").await;
    let with = |properties: Value| json!([{"id": calling, "properties": properties}]);
    assert_eq!(code(&patch(&webex, &bo, json!([{"id": calling}])).await), 400_411);
    assert_eq!(code(&patch(&webex, &bo, with(json!({"extension": "110"}))).await), 400_411);
    let nowhere = json!({"extension": "110", "locationId": "11111111-2222-4333-a444-555555555555"});
    assert_eq!(code(&patch(&webex, &bo, with(nowhere)).await), 400);
    patch(&webex, &bo, with(json!({"extension": "110", "locationId": LOCATION}))).await.ok(200);
    let held = webex.person(text(&bo, "id")).unwrap();
    assert_eq!((&held["extension"], &held["locationId"]), (&json!("110"), &json!(LOCATION)));
    let removed = json!([{"id": calling, "operation": "remove"}]);
    patch(&webex, &bo, removed).await.ok(200);
    let held = webex.person(text(&bo, "id")).unwrap();
    assert_eq!((held.get("extension"), held.get("phoneNumbers")), (None, None), "gone for good");
    patch(&webex, &bo, with(json!({"phoneNumber": "+4930555010"}))).await.ok(200);
}

#[tokio::test]
async fn each_rule_that_is_broken_has_its_code() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let id = async |name: &str| license(&webex, name).await;
    let standard = id("Webex Calling - Standard").await;
    let professional = id("Webex Calling - Professional").await;
    let (assist, console) = (id("Customer Assist").await, id("Attendant Console").await);
    let line = json!({"phoneNumber": "+4930555010"});
    let add = |license: &str| json!({"id": license, "properties": line});
    let remove = |license: &str| json!({"id": license, "operation": "remove"});
    assert_eq!(code(&patch(&webex, &bo, json!([{"id": "nonsense"}])).await), 400_000);
    assert_eq!(code(&patch(&webex, &bo, json!([add(&console)])).await), 400_408);
    assert_eq!(code(&patch(&webex, &bo, json!([add(&standard), add(&assist)])).await), 400_407);
    patch(&webex, &bo, json!([add(&assist)])).await.ok(200);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&assist), add(&standard)])).await), 400_410);
    patch(&webex, &bo, json!([remove(&assist), add(&professional)])).await.ok(200);
    assert_eq!(code(&patch(&webex, &bo, json!([add(&standard)])).await), 400_404);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&professional), add(&standard)])).await), 400_112);
    patch(&webex, &bo, json!([remove(&professional)])).await.ok(200);
    patch(&webex, &bo, json!([add(&standard)])).await.ok(200);
    assert_eq!(code(&patch(&webex, &bo, json!([add(&console)])).await), 400_406);

    let (messaging, meetings) = (id("Advanced Messaging").await, id("Advanced Space Meetings").await);
    let (free_messaging, free_meetings) = (id("Basic Messaging").await, id("Basic Space Meetings").await);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&id("Free screen share").await)])).await), 700_006);
    patch(&webex, &bo, json!([add(&messaging)])).await.ok(200);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&free_messaging)])).await), 700_003);
    patch(&webex, &bo, json!([remove(&messaging), add(&meetings)])).await.ok(200);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&free_messaging)])).await), 700_005);
    assert_eq!(code(&patch(&webex, &bo, json!([remove(&free_meetings)])).await), 700_004);
    let kept = patch(&webex, &bo, json!([remove(&id("Call on Webex (1:1, no PSTN)").await)])).await.ok(200);
    assert_eq!(kept["licenses"].as_array().unwrap().len(), 6, "free ones stay");
}

#[tokio::test]
async fn attendee_rights_are_given_and_taken() {
    let webex = usual().await;
    let bo = plain(&webex).await;
    let sites = async |site: &str, operation: &str| {
        let site = json!({"siteUrl": site, "accountType": "attendee", "operation": operation});
        call(&webex, "PATCH", "licenses/users", json!({"personId": bo["id"], "siteUrls": [site]})).await
    };
    let attendee = sites("acme-demo.webex.com", "add").await.ok(200);
    assert_eq!(attendee["siteUrls"], json!([{"siteUrl": "acme-demo.webex.com", "accountType": "attendee"}]));
    assert_eq!(sites("acme-demo.webex.com", "remove").await.ok(200)["siteUrls"], json!([]));
    assert_eq!(code(&sites("other.webex.com", "add").await), 400_216);
}

#[tokio::test]
async fn licences_of_people_elsewhere_are_pending() {
    let webex = usual().await;
    let guest = webex.person("eve.partner@partner.example").unwrap();
    let messaging = license(&webex, "Advanced Messaging").await;
    let answer = patch(&webex, &guest, json!([{"id": messaging}])).await.ok(200);
    assert_eq!((&answer["licenses"], &answer["pendingLicenses"]), (&json!([]), &json!([messaging])));
}

#[tokio::test]
async fn it_wants_the_scope_to_write_people_and_the_role_and_a_person() {
    let webex = usual().await;
    let person = seeded(&webex, |p| p["loginEnabled"] == true).await;
    let body = json!({"personId": person["id"], "licenses": []});
    let alone = webex.token_of(Consenter::FullAdministrator, &["spark-admin:people_write"]);
    assert_eq!(call_as(&webex, &alone, "PATCH", "licenses/users", &body).await.status, 200);
    let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != "spark-admin:people_write").collect();
    for token in [
        webex.token_of(Consenter::FullAdministrator, &others),
        webex.token_of(Consenter::ReadOnlyAdministrator, &SCOPES),
    ] {
        assert_eq!(call_as(&webex, &token, "PATCH", "licenses/users", &body).await.status, 403);
    }
    let nobody = call(&webex, "PATCH", "licenses/users", json!({"licenses": []})).await;
    assert_eq!(nobody.refused(), (400, "Either email or personId is required".into()));
    let missing = json!({"email": "nobody@acme-demo.example"});
    assert_eq!(call(&webex, "PATCH", "licenses/users", missing).await.status, 404);
    assert_eq!(get(&webex, "licenses/users").await.status, 405);
}
