//! Groups, which are in Graph: one person per call, never without a member, never deleted.

use connector_sandbox::workplace::Options;
use serde_json::{Value, json};

use super::{Community, OWN_GROUP, few};

fn members(group: &Value) -> Vec<String> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_group_lives_from_create_to_archive() {
    let community = Community::new(few(), "archive_groups = true").await;
    let scim = &community.scim;
    let people = community.target.people();
    let body = json!({"displayName": "Cranes", "externalId": "g-1", "members": [{"value": people[3]}, {"value": people[1]}],
                      OWN_GROUP: {"description": "All about cranes", "privacy": "SECRET", "coverUrl": "https://x.example/c.png"}});
    community.calls();
    let created = scim.post("/Groups", &body).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Groups/{id}");
    let own = format!("/graph/{id}");
    assert_eq!(
        community.calls(),
        [
            "POST /graph/community/groups".to_owned(),
            format!("GET {own}"),
            format!("GET {own}/members"),
            format!("POST {own}/members"),
            // Without an administrator nobody would be shown.
            format!("POST {own}/admins/{}", people[3]),
            format!("POST {own}/members"),
            format!("GET {own}"),
            format!("GET {own}/members"),
        ]
    );
    assert_eq!(members(&created), [people[3].clone(), people[1].clone()]);
    assert_eq!(created["externalId"], "g-1");
    let extension = &created[OWN_GROUP];
    assert_eq!(
        (&extension["privacy"], &extension["cover"]),
        (&json!("SECRET"), &json!("https://x.example/c.png"))
    );
    assert_eq!(extension["admins"][0]["value"], json!(people[3]));
    assert_eq!(scim.get(&path).await.ok(200), created);

    // Found by name, although Graph finds nothing by name.
    community.calls();
    let found = scim.get("/Groups?filter=displayName eq \"cranes\"").await.ok(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)));
    let whose: Vec<String> =
        community.calls().into_iter().filter(|call| call.ends_with("/members")).collect();
    assert_eq!(whose, [format!("GET {own}/members")], "nobody else's members are read");

    // Only differences are sent.
    let change = json!([{"op": "replace", "path": "displayName", "value": "Big cranes"},
                        {"op": "remove", "path": format!("{OWN_GROUP}:description")},
                        {"op": "add", "path": "members", "value": [{"value": people[4]}, {"value": people[1]}]}]);
    scim.patch(&path, change).await.ok(204);
    let writes: Vec<String> =
        community.calls().into_iter().filter(|call| !call.starts_with("GET ")).collect();
    assert_eq!(writes, [format!("POST {own}"), format!("POST {own}/members")]);
    let held = community.target.group(&id).unwrap();
    assert_eq!((&held["name"], &held["description"]), (&json!("Big cranes"), &Value::Null));

    // Replaced: who is left out goes, administrators last; another one is made.
    let replaced =
        json!({"displayName": "Big cranes", "members": [{"value": people[1]}, {"value": people[4]}]});
    let read = scim.put(&path, &replaced).await.ok(200);
    assert_eq!(members(&read).len(), 2);
    assert_eq!(read[OWN_GROUP]["admins"][0]["value"], json!(people[1]));
    community.logged("loses its last administrator").await;

    // Archived, not deleted; and brought back.
    scim.delete(&path).await.ok(204);
    community.logged("archived instead of deleted").await;
    assert_eq!(community.target.group(&id).unwrap()["archived"], true);
    assert_eq!(scim.get(&path).await.ok(200)[OWN_GROUP]["archived"], true);
    scim.delete(&path).await.ok(204);
    let back = json!([{"op": "replace", "path": format!("{OWN_GROUP}:archived"), "value": false}]);
    scim.patch(&path, back).await.ok(204);
    assert_eq!(community.target.group(&id).unwrap()["archived"], false);
    assert_eq!(scim.delete("/Groups/1").await.status, 404);
}

#[tokio::test]
async fn a_group_is_neither_deleted_nor_emptied() {
    let community = Community::new(few(), "").await;
    let (scim, people) = (&community.scim, community.target.people());
    let body = json!({"displayName": "Cranes", "members": [{"value": people[3]}]});
    let id = scim.post("/Groups", &body).await.ok(201)["id"].as_str().unwrap().to_owned();
    let path = format!("/Groups/{id}");
    community.calls();
    let detail = scim.delete(&path).await.refused(501, "");
    assert!(detail.contains("cannot be deleted") && detail.contains("archive_groups = true"), "{detail}");
    for operation in [
        json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", people[3])}]),
        json!([{"op": "remove", "path": "members"}]),
        json!([{"op": "replace", "path": "members", "value": []}]),
    ] {
        let detail = scim.patch(&path, operation).await.refused(409, "");
        assert!(detail.contains("members: cannot be emptied"), "{detail}");
    }
    assert!(community.calls().iter().all(|call| call.starts_with("GET ")));

    // Its last member may be exchanged: the new one comes first.
    let exchange = json!([{"op": "replace", "path": "members", "value": [{"value": people[4]}]}]);
    scim.patch(&path, exchange).await.ok(204);
    assert_eq!(members(&scim.get(&path).await.ok(200)), [people[4].clone()]);
}

/// More than are changed at once: none of them goes.
#[tokio::test]
async fn a_large_group_is_not_emptied_in_part() {
    let options =
        || Options { people: 130, inactive_members_refused: false, deactivated_in_groups: true, ..few() };
    for (keys, status) in [("", 409), ("allow_last_member_removal = true", 200)] {
        let community = Community::new(options(), keys).await;
        let (scim, people) = (&community.scim, community.target.people());
        let everybody: Vec<Value> = people[..120].iter().map(|id| json!({ "value": id })).collect();
        let body = json!({"displayName": "Cranes", "members": everybody});
        let created = scim.post("/Groups", &body).await.ok(201);
        let (id, count) = (created["id"].as_str().unwrap(), created["members"].as_array().map(Vec::len));
        let path = format!("/Groups/{id}");
        let emptied = scim.put(&path, &json!({"displayName": "Cranes", "members": []})).await;
        assert_eq!(emptied.status, status, "{keys}");
        let left = community.target.group(id).map(|group| group["members"].as_array().map(Vec::len));
        if status == 200 {
            assert_eq!((left, scim.get(&path).await.status), (None, 404), "it went with its members");
            assert!(emptied.ok(200).get("members").is_none());
        } else {
            assert_eq!(left.map(|left| left >= count), Some(true), "{left:?}");
        }
    }
}

#[tokio::test]
async fn the_last_member_goes_where_the_operator_lets_it_go() {
    let community = Community::new(few(), "allow_last_member_removal = true").await;
    let (scim, people) = (&community.scim, community.target.people());
    let body = json!({"displayName": "Cranes", "members": [{"value": people[3]}]});
    let id = scim.post("/Groups", &body).await.ok(201)["id"].as_str().unwrap().to_owned();
    scim.patch(&format!("/Groups/{id}"), json!([{"op": "remove", "path": "members"}])).await.ok(204);
    assert_eq!(community.target.group(&id), None);
    assert_eq!(scim.get(&format!("/Groups/{id}")).await.status, 404);
}

#[tokio::test]
async fn administrators_are_members_and_never_none() {
    let community = Community::new(few(), "").await;
    let (scim, people) = (&community.scim, community.target.people());
    let body = json!({"displayName": "Cranes", OWN_GROUP: {"admins": [{"value": people[3]}, {"value": people[2]}]},
                      "members": [{"value": people[4]}]});
    let created = scim.post("/Groups", &body).await.ok(201);
    let path = format!("/Groups/{}", created["id"].as_str().unwrap());
    let mut all = members(&created);
    all.sort();
    assert_eq!(all, people[2..=4]);
    let admins = |group: &Value| -> Vec<String> {
        let admins = group[OWN_GROUP]["admins"].as_array().unwrap();
        admins.iter().map(|admin| admin["value"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(admins(&created).len(), 2);

    let demote = json!([{"op": "remove", "path": format!("{OWN_GROUP}:admins[value eq \"{}\"]", people[3])}]);
    scim.patch(&path, demote).await.ok(204);
    let read = scim.get(&path).await.ok(200);
    assert_eq!((admins(&read), members(&read).len()), (vec![people[2].clone()], 3), "a member all the same");
    let none = json!([{"op": "remove", "path": format!("{OWN_GROUP}:admins")}]);
    let detail = scim.patch(&path, none).await.refused(400, "invalidValue");
    assert!(detail.contains("admins: cannot be empty"), "{detail}");
}

#[tokio::test]
async fn mistakes_name_the_attribute_and_the_rule() {
    let community = Community::new(Options { groups: 14, ..few() }, "").await;
    let (scim, people) = (&community.scim, community.target.people());
    let groups = community.target.groups();
    let add = |value: &str| json!([{"op": "add", "path": "members", "value": [{"value": value}]}]);
    let detail = scim.patch(&format!("/Groups/{}", groups[1]), add("77")).await.refused(400, "invalidValue");
    assert!(detail.contains("members"), "{detail}");
    for nobody in [people[0].as_str(), "community", "410071234500001", "4", "ivo.brandt@riverbank.example"] {
        assert_eq!(scim.get(&format!("/Groups/{nobody}")).await.status, 404, "{nobody}");
    }
    let privacy = json!([{"op": "replace", "path": format!("{OWN_GROUP}:privacy"), "value": "HIDDEN"}]);
    let detail = scim.patch(&format!("/Groups/{}", groups[1]), privacy).await.refused(400, "invalidValue");
    assert!(detail.contains("must be one of OPEN, CLOSED, SECRET"), "{detail}");

    // Groups of several companies, and a child community.
    let detail = scim.patch(&format!("/Groups/{}", groups[7]), add(&people[5])).await.refused(403, "");
    assert!(detail.contains("several companies"), "{detail}");
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Mine"}]);
    scim.patch(&format!("/Groups/{}", groups[7]), rename).await.refused(403, "");
    assert_eq!(scim.get(&format!("/Groups/{}", groups[9])).await.status, 404);
    let listed = scim.get("/Groups?count=50").await.ok(200);
    // All but the child community and the group below it.
    assert_eq!(listed["totalResults"], 12);
}

#[tokio::test]
async fn a_group_of_many_is_read_page_by_page() {
    let options =
        Options { people: 130, people_sets: 1, groups: 2, graph_max_limit: 25, ..Options::default() };
    let community = Community::new(options, "").await;
    let groups = community.target.groups();
    let active = community
        .target
        .people()
        .iter()
        .filter(|id| community.target.person(id).unwrap()["active"] == true)
        .count();
    community.calls();
    let read = community.scim.get(&format!("/Groups/{}", groups[0])).await.ok(200);
    assert_eq!(members(&read).len(), active);
    assert_eq!(community.calls().len(), 1 + active.div_ceil(25));
}

#[tokio::test]
async fn administrators_are_read_when_they_alone_are_asked_for() {
    let community = Community::new(few(), "").await;
    let people = community.target.people();
    let body = json!({"displayName": "Cranes", "members": [{"value": people[3]}, {"value": people[1]}]});
    let created = community.scim.post("/Groups", &body).await.ok(201);
    let id = created["id"].as_str().unwrap();
    let only = community.scim.get(&format!("/Groups/{id}?attributes={OWN_GROUP}:admins")).await.ok(200);
    assert_eq!(only[OWN_GROUP]["admins"][0]["value"], json!(people[3]), "{only}");
    assert!(only.get("members").is_none(), "{only}");
    let filter = format!("id eq \"{id}\" and {OWN_GROUP}:admins.value eq \"{}\"", people[3]);
    let found = community.scim.get(&format!("/Groups?attributes=id&filter={filter}")).await.ok(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(id)), "{found}");
    community.calls();
    community.scim.get(&format!("/Groups/{id}?excludedAttributes=members")).await.ok(200);
    assert!(community.calls().iter().all(|call| !call.ends_with("/members")), "nobody needs them");
}
