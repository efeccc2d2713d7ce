//! Section 2.1: what a person looks like in both editions.

use connector_sandbox::workplace::{Meta, Options, StatusDates};
use serde_json::{Value, json};

use crate::client::{AUTH, DATES, ENTERPRISE, FRONTLINE, STATUS, V1, V2, get, made, start, usual};

async fn read(target: &connector_sandbox::workplace::Workplace, base: &str, id: &str) -> Value {
    get(target, &format!("{base}Users/{id}")).await.ok(200)
}

#[tokio::test]
async fn a_person_in_scim_2() {
    let target = usual().await;
    let id = made(&target).await;
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, STATUS, AUTH, FRONTLINE],
        "id": id.parse::<u64>().unwrap(),
        "externalId": "E-90417",
        "userName": "mina.okafor@riverbank.example",
        "name": {"formatted": "Mina Okafor", "givenName": "Mina", "familyName": "Okafor"},
        "title": "Quay Supervisor",
        "locale": "en_GB",
        "emails": [{"value": "mina.okafor@riverbank.example", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true}],
        "active": true,
        "meta": {
            "resourceType": "User", "created": "2024-06-03T16:00:00+00:00",
            "lastModified": "2024-06-03T16:00:00+00:00",
        },
        ENTERPRISE: {"employeeNumber": "90417", "department": "Harbour"},
        STATUS: {"invited": false, "claimed": false, "canDelete": true},
        AUTH: {"authMethod": "password"},
        FRONTLINE: {"is_frontline": false},
    });
    assert_eq!(read(&target, V2, &id).await, expected);
}

#[tokio::test]
async fn the_same_person_in_scim_1_has_other_urns_and_an_underscore() {
    let target = usual().await;
    let id = made(&target).await;
    let person = read(&target, V1, &id).await;
    let urns = [
        "urn:scim:schemas:core:1.0",
        "urn:scim:schemas:extension:enterprise:1.0",
        "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0",
        "urn:scim:schemas:extension:facebook:auth_method:1.0",
        "urn:scim:schemas:extension:facebook:frontline:1.0",
    ];
    assert_eq!(person["schemas"], json!(urns));
    assert_eq!(person[urns[1]]["department"], "Harbour");
    assert_eq!(person[urns[3]], json!({"auth_method": "password"}));
    assert_eq!((&person["groups"], person.get("meta")), (&json!([]), None));
    target.set_options(|options| options.v1_groups = false);
    assert_eq!(read(&target, V1, &id).await.get("groups"), None);
}

#[tokio::test]
async fn scim_1_labels_its_json_as_javascript() {
    let target = usual().await;
    let label = async |path: &str| get(&target, path).await.header("content-type").map(str::to_owned);
    assert_eq!(label("/scim/v1/Users").await.as_deref(), Some("text/javascript; charset=UTF-8"));
    assert_eq!(
        label("/scim/v1/Users/1").await.as_deref(),
        Some("text/javascript; charset=UTF-8"),
        "errors too"
    );
    assert_eq!(label("/scim2/Users").await.as_deref(), Some("application/json; charset=UTF-8"));
    target.set_options(|options| options.v1_as_json = true);
    assert_eq!(label("/scim/v1/Users").await.as_deref(), Some("application/json; charset=UTF-8"));
}

#[tokio::test]
async fn ids_are_numbers_however_long_or_texts_in_scim_2() {
    let target = start(Options { first_id: 9_007_199_254_740_993, ..Options::default() }).await;
    let first = get(&target, "/scim2/Users?count=2").await;
    assert!(first.text.contains("\"id\":9007199254740993,"), "beyond what floating point can tell");
    let second = first.json()["Resources"][1].clone();
    assert_eq!(second[ENTERPRISE]["manager"]["managerId"], json!(9_007_199_254_740_993_u64));
    target.set_options(|options| options.v2_text_ids = true);
    let second = get(&target, "/scim2/Users?count=2").await.ok(200)["Resources"][1].clone();
    assert_eq!(second[ENTERPRISE]["manager"]["managerId"], "9007199254740993");
    assert!(second["id"].is_string());
    assert!(get(&target, "/scim/v1/Users?count=1").await.ok(200)["Resources"][0]["id"].is_u64());
}

#[tokio::test]
async fn dates_are_seconds_here_and_texts_there() {
    let target = usual().await;
    let id = target.people()[0].clone();
    let person = read(&target, V2, &id).await;
    let date = person[STATUS]["claimDate"].as_str().unwrap().to_owned();
    assert!(date.ends_with("+00:00") && person[STATUS]["inviteDate"].is_string(), "{date}");
    assert_eq!(person[DATES], json!({"startDate": 1_500_000_000, "termDate": 0}));
    assert!(person["meta"]["created"].is_string());
    let v1 = "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0";
    assert!(read(&target, V1, &id).await[v1]["claimDate"].is_i64());
    target.set_options(|options| options.v2_status_dates = StatusDates::Seconds);
    let person = read(&target, V2, &id).await;
    assert!(person[STATUS]["inviteDate"].is_i64() && person[STATUS]["claimDate"].is_i64());
    target.set_options(|options| options.v2_status_dates = StatusDates::Mixed);
    let all = get(&target, "/scim2/Users?count=100").await.ok(200);
    let dates: Vec<_> =
        all["Resources"].as_array().unwrap().iter().map(|p| p[STATUS]["claimDate"].is_string()).collect();
    assert!(dates.contains(&true) && dates.contains(&false));
}

#[tokio::test]
async fn meta_is_there_or_not() {
    let target = usual().await;
    let id = target.people()[0].clone();
    for (meta, v1, v2) in [(Meta::Never, false, false), (Meta::V2, false, true), (Meta::Both, true, true)] {
        target.set_options(|options| options.meta = meta);
        assert_eq!(read(&target, V1, &id).await.get("meta").is_some(), v1, "{meta:?}");
        assert_eq!(read(&target, V2, &id).await.get("meta").is_some(), v2, "{meta:?}");
    }
}

#[tokio::test]
async fn the_status_tells_how_far_somebody_has_come() {
    let target = usual().await;
    let all = get(&target, "/scim2/Users?count=100").await.ok(200);
    let of = |invited: bool, claimed: bool| {
        let people = all["Resources"].as_array().unwrap();
        let found =
            people.iter().find(|p| p[STATUS]["invited"] == invited && p[STATUS]["claimed"] == claimed);
        found.map(|person| person[STATUS].clone()).expect("one of each is seeded")
    };
    let (provisioned, invited, claimed) = (of(false, false), of(true, false), of(true, true));
    assert_eq!(provisioned, json!({"invited": false, "claimed": false, "canDelete": true}));
    assert!(invited["claimLink"].is_string() && invited["claimDate"].is_null());
    assert_eq!((&claimed["canDelete"], &claimed["claimLink"]), (&json!(false), &Value::Null));
    let people = all["Resources"].as_array().unwrap();
    assert!(people.iter().any(|person| person["active"] == false), "somebody has left");
    let email_less = people.iter().find(|person| person.get("userName").is_none()).unwrap();
    assert!(email_less[STATUS]["accessCode"].is_string() && email_less["externalId"].is_string());
}

#[tokio::test]
async fn a_picture_can_be_written_and_perhaps_read() {
    let target = usual().await;
    let photos = json!([{"value": "https://static.example/a.png", "type": "profile", "primary": true}]);
    let id = made(&target).await;
    crate::client::put(&target, &id, json!({"photos": photos})).await.ok(200);
    assert_eq!(read(&target, V2, &id).await.get("photos"), None);
    target.set_options(|options| options.photos_readable = true);
    assert_eq!(read(&target, V2, &id).await["photos"], photos);
}

#[tokio::test]
async fn discovery_is_in_the_plural() {
    let target = usual().await;
    for base in [V1, V2] {
        let config = get(&target, &format!("{base}ServiceProviderConfigs")).await.ok(200);
        assert_eq!(config["patch"]["supported"], json!(base == V2));
        let schema = get(&target, &format!("{base}Schemas/Users")).await.ok(200);
        assert!(schema["attributes"].as_array().unwrap().iter().any(|a| a["name"] == "userName"));
        assert_eq!(get(&target, &format!("{base}ServiceProviderConfig")).await.status, 404);
    }
    target.set_options(|options| options.singular_discovery = true);
    assert_eq!(get(&target, "/scim2/ServiceProviderConfig").await.status, 200);
    assert_eq!(get(&target, "/scim/v1/ServiceProviderConfig").await.status, 404);
}
