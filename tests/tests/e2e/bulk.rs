//! Bulk requests: references in circles, and the addresses in the answers.

use connector_host_tests::{World, user};
use serde_json::{Value, json};

use crate::{ENTERPRISE, world};

fn person(name: &str, manager: &str) -> Value {
    user(
        name,
        json!({ENTERPRISE: {"department": "Engines", "manager": {"value": format!("bulkId:{manager}")}}}),
    )
}

#[expect(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]
fn create(id: &str, path: &str, data: Value) -> Value {
    json!({"method": "POST", "path": path, "bulkId": id, "data": data})
}

async fn bulk(world: &World, operations: Value) -> Vec<Value> {
    let answer = world.scim.post("/Bulk", &json!({ "Operations": operations })).await.ok(200);
    answer["Operations"].as_array().unwrap().clone()
}

fn id(outcome: &Value) -> &str {
    outcome["location"]
        .as_str()
        .and_then(|location| location.rsplit('/').next())
        .unwrap_or_else(|| panic!("{outcome}"))
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|outcome| outcome["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn people_who_manage_each_other_are_created() {
    let world = world().await;
    let operations = json!([
        create("a", "/Users", person("bulk.a", "b")),
        create("b", "/Users", person("bulk.b", "a")),
        create("c", "/Users", person("bulk.c", "c")),
    ]);
    let outcomes = bulk(&world, operations).await;
    assert_eq!(statuses(&outcomes), ["201", "201", "201"], "{outcomes:?}");
    for (one, other) in [(0, 1), (1, 0), (2, 2)] {
        let read = world.scim.get(&format!("/Users/{}", id(&outcomes[one]))).await.ok(200);
        assert_eq!(read[ENTERPRISE]["manager"]["value"], id(&outcomes[other]));
        assert_eq!(read[ENTERPRISE]["department"], "Engines");
        assert_eq!(read["meta"]["version"], outcomes[one]["version"], "the version after all of it");
    }
}

#[tokio::test]
async fn a_circle_that_cannot_be_closed_is_a_conflict_and_names_what_was_created() {
    let world = world().await;
    // The second one is refused: its name is in use.
    world.create("bulk.taken", json!({})).await;
    let operations = json!([
        create("a", "/Users", person("bulk.a", "b")),
        create("b", "/Users", person("bulk.taken", "a")),
    ]);
    let outcomes = bulk(&world, operations).await;
    assert_eq!(statuses(&outcomes), ["409", "409"]);
    let created = world.slack.user_named("bulk.a").unwrap();
    assert_eq!(id(&outcomes[0]), created["id"]);
    let detail = outcomes[0]["response"]["detail"].as_str().unwrap();
    assert!(
        detail.contains("was created as") && detail.contains("`bulkId:b`, which was not created"),
        "{detail}"
    );
    assert_eq!(outcomes[1]["response"]["scimType"], "uniqueness");

    // Neither of these creates anything, and a third one only waits for them.
    let (one, other) = (world.members(2)[0].clone(), world.members(2)[1].clone());
    let patch = |path: &str, bulk_id: &str, other: &str| {
        let value = json!({ENTERPRISE: {"manager": {"value": format!("bulkId:{other}")}}});
        json!({"method": "PATCH", "path": path, "bulkId": bulk_id, "data": {"Operations": [{"op": "add", "value": value}]}})
    };
    let operations = json!([
        patch(&format!("/Users/{one}"), "p", "q"),
        patch(&format!("/Users/{other}"), "q", "p"),
        create("w", "/Users", person("bulk.w", "p")),
    ]);
    let outcomes = bulk(&world, operations).await;
    assert_eq!(statuses(&outcomes), ["409", "409", "400"], "{outcomes:?}");
    assert_eq!(id(&outcomes[0]), one);
    let detail = |at: usize| outcomes[at]["response"]["detail"].as_str().unwrap();
    assert!(detail(0).contains("refer to each other"), "{}", detail(0));
    assert!(detail(2).contains("`bulkId:p`, which was not"), "{}", detail(2));
}

#[tokio::test]
async fn every_operation_but_a_refused_creation_has_an_address_and_takes_one() {
    let world = world().await;
    let made = world.create("bulk.a", json!({})).await;
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let base = made["meta"]["location"].as_str().unwrap().strip_suffix(&path).unwrap().to_owned();
    let encoded = path.bytes().fold(String::new(), |path, byte| match byte {
        b'/' => path + "/",
        byte => path + &format!("%{byte:02X}"),
    });
    let rename = json!({"Operations": [{"op": "replace", "path": "title", "value": "Bulk"}]});
    let operations = json!([
        {"method": "PATCH", "path": encoded, "data": rename},
        {"method": "PUT", "path": path, "data": {"userName": ""}},
        {"method": "DELETE", "path": path},
        {"method": "DELETE", "path": "/Groups/S0%20NOGROUP"},
        create("x", "/Users", json!({"userName": ""})),
    ]);
    let outcomes = bulk(&world, operations).await;
    assert_eq!(statuses(&outcomes), ["200", "400", "204", "404", "400"], "{outcomes:?}");
    let locations: Vec<_> = outcomes.iter().map(|outcome| outcome["location"].as_str()).collect();
    let own = Some(format!("{base}{path}"));
    let missing = Some(format!("{base}/Groups/S0%20NOGROUP"));
    assert_eq!(locations, [own.as_deref(), own.as_deref(), own.as_deref(), missing.as_deref(), None]);
}
