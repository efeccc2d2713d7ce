//! Sections 2.2 and 4.3: people sets, which SCIM calls groups.

use serde_json::{Value, json};

use crate::client::{call, delete, get, start, usual};

fn set(name: &str, members: &[Value]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({"type": "user", "value": id})).collect();
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "displayName": name, "members": members})
}

#[tokio::test]
async fn a_people_set_is_made_read_replaced_and_deleted() {
    let target = usual().await;
    let ids: Vec<Value> = target.people()[..3].iter().map(|id| json!(id.parse::<u64>().unwrap())).collect();
    let made = call(&target, "POST", "/scim2/Groups", set("Crew", &ids[..2])).await.ok(201);
    let path = format!("/scim2/Groups/{}", made["id"]);
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": made["id"], "displayName": "Crew",
        "members": [{"type": "user", "value": ids[0]}, {"type": "user", "value": ids[1]}],
    });
    assert_eq!((get(&target, &path).await.ok(200), &made), (expected.clone(), &expected));
    let replaced = call(&target, "PUT", &path, set("Crew 2", &ids[2..])).await.ok(200);
    assert_eq!(replaced["displayName"], "Crew 2");
    assert_eq!(replaced["members"], json!([{"type": "user", "value": ids[2]}]), "all members there are");
    let renamed = call(&target, "PUT", &path, json!({"displayName": "Crew 3"})).await.ok(200);
    assert_eq!(renamed["members"], json!([]), "those not named are gone");
    assert_eq!(delete(&target, &path).await.status, 200);
    assert_eq!(delete(&target, &path).await.scim(), (404, "Group not found".into()));
}

#[tokio::test]
async fn members_are_numbers_or_texts_each_once_and_known() {
    let target = usual().await;
    let id = target.people()[0].clone();
    let number = json!(id.parse::<u64>().unwrap());
    let twice = call(&target, "POST", "/scim2/Groups", set("A", &[number.clone(), json!(id)])).await.ok(201);
    assert_eq!(twice["members"], json!([{"type": "user", "value": number}]));
    for members in [json!([{"value": 7}]), json!([{"type": "user"}]), json!("x"), json!([{"value": true}])] {
        let body = json!({"displayName": "B", "members": members});
        assert_eq!(call(&target, "POST", "/scim2/Groups", body).await.scim().0, 400);
    }
}

#[tokio::test]
async fn a_name_and_members_are_required() {
    let target = usual().await;
    let number = json!(target.people()[0].parse::<u64>().unwrap());
    for body in [
        json!({"members": [{"value": number}]}),
        set("", &[number]),
        set("C", &[]),
        json!({"displayName": "C"}),
    ] {
        assert_eq!(call(&target, "POST", "/scim2/Groups", body).await.scim().0, 400);
    }
    target.set_options(|options| options.people_set_needs_members = false);
    call(&target, "POST", "/scim2/Groups", json!({"displayName": "C"})).await.ok(201);
}

#[tokio::test]
async fn lists_are_paged_and_perhaps_filtered() {
    let target = usual().await;
    let page = get(&target, "/scim2/Groups?count=2&startIndex=4").await.ok(200);
    assert_eq!((&page["totalResults"], page["Resources"].as_array().unwrap().len()), (&json!(5), 2));
    let name = page["Resources"][1]["displayName"].clone();
    assert_eq!(name, "Empty");
    let filtered = "/scim2/Groups?filter=displayName%20eq%20%22Empty%22";
    assert_eq!(get(&target, filtered).await.scim().0, 400);
    target.set_options(|options| options.people_set_filter = true);
    assert_eq!(get(&target, filtered).await.ok(200)["totalResults"], 1);
    let v1 = get(&target, "/scim/v1/Groups").await.ok(200);
    assert_eq!(v1["Resources"][0]["schemas"], json!(["urn:scim:schemas:core:1.0"]));
}

#[tokio::test]
async fn a_person_shows_them_in_scim_1() {
    let target = usual().await;
    let set = get(&target, "/scim2/Groups?count=1").await.ok(200)["Resources"][0].clone();
    let member = get(&target, &format!("/scim/v1/Users/{}", set["members"][0]["value"])).await.ok(200);
    let shown = json!({"value": set["id"], "display": set["displayName"]});
    assert!(member["groups"].as_array().unwrap().contains(&shown), "{member}");
}

#[tokio::test]
async fn a_patch_is_refused_unless_allowed() {
    let target = usual().await;
    let set = get(&target, "/scim2/Groups?count=1").await.ok(200)["Resources"][0].clone();
    let path = format!("/scim2/Groups/{}", set["id"]);
    let gone = set["members"][0]["value"].clone();
    let operations = json!([
        {"op": "remove", "path": format!("members[value eq {gone}]")},
        {"op": "replace", "path": "displayName", "value": "Crew"},
    ]);
    let body = json!({"Operations": operations});
    assert_eq!(call(&target, "PATCH", &path, body.clone()).await.status, 405);
    target.set_options(|options| options.people_set_patch = true);
    let patched = call(&target, "PATCH", &path, body).await.ok(200);
    assert_eq!(patched["displayName"], "Crew");
    assert_eq!(patched["members"].as_array().unwrap().len(), set["members"].as_array().unwrap().len() - 1);
}

#[tokio::test]
async fn admin_center_has_none() {
    let options = connector_sandbox::workplace::Options { people_sets_served: false, ..Default::default() };
    let target = start(options).await;
    assert_eq!(get(&target, "/scim2/Groups").await.scim().0, 404);
    assert_eq!(get(&target, "/scim2/Users?count=1").await.status, 200);
}
