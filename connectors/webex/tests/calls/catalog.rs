//! Licences, roles and organisations as resource types of their own.

use serde_json::{Value, json};

use crate::support::{Webex, acme, failure, id, items, license, pretty, step, told};

fn licenses() -> Value {
    json!([
        {"id": license("EE"), "name": "Webex Meetings Suite", "totalUnits": 100, "consumedUnits": 3, "consumedByUsers": 3,
         "consumedByWorkspaces": 0, "siteUrl": "acme-demo.webex.com", "siteType": "Control Hub managed site",
         "subscriptionId": "Sub-demo-1"},
        {"id": license("CF"), "name": "Webex Meetings Suite", "totalUnits": 5, "consumedUnits": 5,
         "consumedByUsers": null, "siteUrl": "other.webex.com"},
        {"id": license("FMS"), "name": "Basic Messaging", "totalUnits": 44, "consumedUnits": 44},
    ])
}

async fn listed(endpoint: &str, call: &str, objects: Value) -> Vec<Value> {
    let webex = Webex::answering([items(call, objects)]).await;
    let listed = webex.list(endpoint, None).await.expect("a list");
    assert_eq!(listed.total, listed.resources.len() as u64);
    let sent = webex.sent().await;
    assert!(!sent.contains('?'), "no parameters: {sent}");
    listed.resources.into_iter().map(|resource| Value::Object(resource.into_document())).collect()
}

#[tokio::test]
async fn licences_are_told_apart_by_site_where_they_share_a_name() {
    let mut licenses = listed("Licenses", "GET /licenses", licenses()).await;
    for license in &mut licenses {
        license["meta"].as_object_mut().unwrap().remove("version");
    }
    insta::assert_snapshot!(pretty(&json!(licenses)));
}

#[tokio::test]
async fn a_licence_read_alone_has_the_name_it_has_in_the_list() {
    let one = licenses()[0].clone();
    let path = format!("GET /licenses/{}", license("EE"));
    let webex = Webex::answering([step(&path, 200, one), items("GET /licenses", licenses())]).await;
    let read = webex.get("Licenses", &license("EE")).await.unwrap();
    assert_eq!(read["displayName"], "Webex Meetings Suite (acme-demo.webex.com)");
    webex.sent().await;
}

#[tokio::test]
async fn roles_and_organisations_are_read() {
    let roles = json!([{"id": id("ROLE", "id_full_admin"), "name": "Full Administrator"}]);
    let role = &listed("Roles", "GET /roles", roles).await[0];
    assert_eq!(
        (&role["displayName"], &role["meta"]["resourceType"]),
        (&json!("Full Administrator"), &json!("Role"))
    );

    let acme = json!([{"id": acme(), "displayName": "Acme Demo", "created": "2024-02-11T10:00:00+00:00"}]);
    let organization = &listed("Organizations", "GET /organizations", acme).await[0];
    assert_eq!(organization["meta"]["created"], "2024-02-11T10:00:00Z");
    assert_eq!(organization["displayName"], "Acme Demo");
}

#[tokio::test]
async fn nothing_of_them_is_written() {
    let webex = Webex::answering([]).await;
    for endpoint in ["Licenses", "Roles", "Organizations"] {
        let error = webex.create(endpoint, json!({"displayName": "New"})).await.unwrap_err();
        assert!(told(&error).starts_with("501"), "{}", told(&error));
        let error = webex.delete(endpoint, "1").await.unwrap_err();
        assert!(told(&error).starts_with("501"), "{}", told(&error));
    }
    assert_eq!(webex.sent().await, "no call\n");
}

#[tokio::test]
async fn each_missing_scope_is_named() {
    for (endpoint, call, scope) in [
        ("Users", "GET /people", "spark-admin:people_read"),
        ("Groups", "GET /teams", "spark:teams_read"),
        ("Licenses", "GET /licenses", "spark-admin:licenses_read"),
        ("Roles", "GET /roles", "spark-admin:roles_read"),
        ("Organizations", "GET /organizations", "spark-admin:organizations_read"),
    ] {
        let webex = Webex::answering([failure(call, 403, "no")]).await;
        let told = told(&webex.list(endpoint, None).await.unwrap_err());
        assert!(told.starts_with("403") && told.contains(&format!("the scope `{scope}`")), "{told}");
        webex.sent().await;
    }
}
