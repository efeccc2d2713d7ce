//! Discovery: found however it is spelt, and true.

use serde_json::{Value, json};

use crate::world;

#[tokio::test]
async fn discovery_is_found_in_any_letter_case_and_with_a_slash_at_the_end() {
    let world = world().await;
    for (plain, odd) in [
        ("/ServiceProviderConfig", "/serviceproviderconfig/"),
        ("/ResourceTypes", "/resourcetypes/"),
        ("/Schemas", "/schemas/"),
        ("/ResourceTypes/User", "/resourceTypes/user/"),
        (
            "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            "/schemas/urn:ietf:params:scim:schemas:core:2.0:user/",
        ),
    ] {
        let answer = world.scim.get(plain).await.ok(200);
        assert_eq!(world.scim.get(odd).await.ok(200), answer, "{odd}");
    }
    world.scim.get("/Schemas/urn:nobody").await.refused(404, "");
    world.scim.get("/Schemas?filter=id eq \"x\"").await.refused(403, "");
    world.scim.post("/Schemas", &json!({})).await.refused(405, "");
    assert!(world.calls().is_empty(), "it is known from the start");
}

#[tokio::test]
async fn schemas_say_what_holds() {
    let world = world().await;
    let schemas = world.scim.get("/Schemas").await.ok(200);
    assert_eq!(schemas["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let schemas = schemas["Resources"].as_array().unwrap().clone();
    let types = world.scim.get("/ResourceTypes").await.ok(200);
    for rtype in types["Resources"].as_array().unwrap() {
        assert_eq!(rtype["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]));
        let extensions = rtype["schemaExtensions"].as_array().unwrap().iter().map(|one| &one["schema"]);
        for id in extensions.chain([&rtype["schema"]]) {
            assert!(schemas.iter().any(|schema| schema["id"] == *id), "{id} is named but not described");
        }
        let listed = world.scim.get(rtype["endpoint"].as_str().unwrap()).await;
        assert_eq!(listed.status, 200, "{rtype}");
    }
    for schema in &schemas {
        assert_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        assert_eq!(schema["meta"]["resourceType"], "Schema");
        for attribute in schema["attributes"].as_array().unwrap() {
            characteristics(attribute);
        }
    }
    let core =
        schemas.iter().find(|schema| schema["id"] == "urn:ietf:params:scim:schemas:core:2.0:User").unwrap();
    let find =
        |name: &str| core["attributes"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
    let user_name = find("userName").unwrap();
    assert_eq!((&user_name["required"], &user_name["uniqueness"]), (&json!(true), &json!("server")));
    let password = find("password").unwrap();
    assert_eq!((&password["mutability"], &password["returned"]), (&json!("writeOnly"), &json!("never")));
    assert_eq!(find("groups").unwrap()["mutability"], "readOnly");
    assert!(find("ims").is_none(), "Slack holds none");
}

/// Every characteristic of RFC 7643 section 7 is there, with a word it knows.
fn characteristics(attribute: &Value) {
    let one_of = |name: &str, words: &[&str]| {
        let value = attribute[name].as_str().unwrap_or_default();
        assert!(words.contains(&value), "{name} in {attribute}");
    };
    one_of(
        "type",
        &["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"],
    );
    one_of("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]);
    one_of("returned", &["always", "never", "default", "request"]);
    one_of("uniqueness", &["none", "server", "global"]);
    assert!(attribute["multiValued"].is_boolean() && attribute["required"].is_boolean(), "{attribute}");
    assert!(attribute["name"].is_string() && attribute["description"].is_string(), "{attribute}");
    if attribute["type"] == "complex" {
        attribute["subAttributes"].as_array().unwrap().iter().for_each(characteristics);
    }
    if attribute["type"] == "reference" {
        assert!(attribute["referenceTypes"].is_array(), "{attribute}");
    }
}

#[tokio::test]
async fn the_service_claims_what_it_does() {
    let world = world().await;
    let config = world.scim.get("/ServiceProviderConfig").await.ok(200);
    assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    assert_eq!((&config["patch"]["supported"], &config["filter"]["supported"]), (&json!(true), &json!(true)));
    assert_eq!(config["changePassword"]["supported"], false);
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    if config["bulk"]["supported"] == false {
        world.scim.post("/Bulk", &json!({ "Operations": [] })).await.refused(501, "");
    }
    world.scim.get("/Me").await.refused(501, "");
}
