//! The full life of a group.

use serde_json::{Value, json};

use crate::world;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn group(name: &str, members: &[String]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({ "schemas": [GROUP], "displayName": name, "members": members })
}

/// The members' ids, sorted.
fn ids(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<_> = members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn a_group_lives_from_create_to_delete() {
    let world = world().await;
    let scim = &world.scim;
    let people = world.members(5);
    let [ada, ben, cleo, dan, eve] = people.as_slice() else { panic!("five were asked for") };

    // Created with three members.
    let answer = scim.post("/Groups", &group("Engines", &people[..3])).await;
    let created = answer.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let (path, target) = (format!("/Groups/{id}"), format!("/scim/v1/Groups/{id}"));
    assert_eq!(ids(&created), sorted(&[ada, ben, cleo]));
    let location = format!("http://{}/scim/acme/v2/Groups/{id}", world.host.address);
    assert_eq!(
        (answer.header("location"), &created["meta"]["location"]),
        (Some(location.as_str()), &json!(location))
    );
    assert_eq!(created["members"][0]["type"], "User");
    let reference = format!("http://{}/scim/acme/v2/Users/", world.host.address);
    assert!(created["members"][0]["$ref"].as_str().unwrap().starts_with(&reference), "{created}");
    assert_eq!(world.calls(), ["POST /scim/v1/Groups"]);

    // Members added the way Entra ID does, one of them there already: the target hears of the new one only.
    let add = json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": dan }, { "$ref": null, "value": ada }] }]);
    scim.patch(&path, add.clone()).await.ok(204);
    assert_eq!(
        world.member_calls(),
        [(format!("GET {target}"), Value::Null), (format!("PATCH {target}"), json!([{ "value": dan }])),]
    );
    scim.patch(&path, add).await.ok(204);
    assert_eq!(world.calls(), [format!("GET {target}")], "nothing new");

    // Members removed by a list of values: only those, never all.
    let remove = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": ben }] }]);
    scim.patch(&path, remove.clone()).await.ok(204);
    assert_eq!(world.member_calls()[1].1, json!([{ "value": ben, "operation": "delete" }]));
    assert_eq!(ids(&world.slack.group(&id).unwrap()), sorted(&[ada, cleo, dan]));
    scim.patch(&path, remove).await.ok(204);
    assert_eq!(world.calls(), [format!("GET {target}")], "removed already");

    // And by a filter in the path.
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{cleo}\"]") }]);
    scim.patch(&path, remove).await.ok(204);
    assert_eq!(ids(&world.slack.group(&id).unwrap()), sorted(&[ada, dan]));
    world.calls();

    // Replaced: the target hears of the difference.
    let whole = group("Engines", &[dan.clone(), eve.clone()]);
    assert_eq!(ids(&scim.put(&path, &whole).await.ok(200)), sorted(&[dan, eve]));
    let asked = world.member_calls();
    assert_eq!(
        asked[1],
        (format!("PATCH {target}"), json!([{ "value": eve }, { "value": ada, "operation": "delete" }]))
    );
    assert_eq!(scim.put(&path, &whole).await.status, 200);
    world.calls();

    // Renamed: one write that does not touch the members.
    let rename = json!([{ "op": "Replace", "path": "displayName", "value": "Difference Engines" }]);
    scim.patch(&path, rename).await.ok(204);
    assert_eq!(
        world.slack.requests()[1].body,
        json!({
            "schemas": ["urn:scim:schemas:core:1.0"],
            "displayName": "Difference Engines",
        })
    );
    world.slack.clear_requests();

    // A PUT that does not name members leaves them alone.
    let renamed = scim.put(&path, &json!({ "schemas": [GROUP], "displayName": "Engines" })).await.ok(200);
    assert_eq!((&renamed["displayName"], ids(&renamed)), (&json!("Engines"), sorted(&[dan, eve])));

    // Asked for attributes, a PATCH of a group answers with them.
    let rename = json!([{ "op": "replace", "value": { "displayName": "Engines again" } }]);
    let shown = scim.patch(&format!("{path}?attributes=displayName"), rename).await.ok(200);
    assert_eq!((&shown["displayName"], &shown["members"]), (&json!("Engines again"), &Value::Null));

    // Without members where they are not wanted.
    let lean = scim.get(&format!("{path}?excludedAttributes=members")).await.ok(200);
    assert_eq!((&lean["displayName"], &lean["members"]), (&json!("Engines again"), &Value::Null));

    // Emptied, then deleted for good.
    scim.patch(&path, json!([{ "op": "remove", "path": "members" }])).await.ok(204);
    assert_eq!(ids(&world.slack.group(&id).unwrap()), Vec::<String>::new());
    world.calls();
    scim.delete(&path).await.ok(204);
    assert_eq!(world.calls(), [format!("DELETE {target}")]);
    scim.get(&path).await.refused(404, "");
    scim.delete(&path).await.refused(404, "");
}

#[tokio::test]
async fn a_member_that_does_not_exist_is_a_bad_value_of_the_group() {
    let world = world().await;
    let refused = world.scim.post("/Groups", &group("Ghosts", &["W0NOBODY".to_owned()])).await;
    let detail = refused.refused(400, "invalidValue");
    assert!(detail.contains("members"), "{detail}");
}

#[tokio::test]
async fn a_group_of_many_changes_in_few_calls() {
    let world = world().await;
    let people = world.members(120);
    let created = world.scim.post("/Groups", &group("Everybody", &people)).await.ok(201);
    assert_eq!(world.calls().len(), 1);
    let path = format!("/Groups/{}", created["id"].as_str().unwrap());
    let each = people[..100]
        .iter()
        .map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }));
    world.scim.patch(&path, each.collect()).await.ok(204);
    assert_eq!(world.calls().len(), 2, "one read, one write for a hundred operations");
}
