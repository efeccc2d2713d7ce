//! Writes whose answer is lost: afterwards the target holds exactly what was acknowledged, once.

use connector_host_tests::{Client, World, user};
use connector_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::binary;

/// Everything that can happen to a request on its way, and to its answer on the way back.
fn troubles() -> Vec<Effect> {
    vec![
        Effect::CloseBefore,
        Effect::CloseAfter,
        Effect::TruncateBody { bytes: 20 },
        Effect::MalformedJson,
        Effect::StatusAfter { status: 500, body: "{}".into() },
        Effect::StatusAfter { status: 503, body: String::new() },
        Effect::status(500, "{}"),
        Effect::status(502, "<html>bad gateway</html>"),
        Effect::Status { status: 429, body: "{}".into(), retry_after: Some("1".into()), content_type: None },
    ]
}

fn named(world: &World, name: &str) -> usize {
    world.slack.users().iter().filter(|user| user["userName"] == name).count()
}

async fn create(scim: &Client, name: &str) -> Value {
    scim.post("/Users", &user(name, json!({ "title": "Engineer" }))).await.ok(201)
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_makes_one_object() {
    let world = World::with(binary(), "", "").await;
    for (index, effect) in troubles().into_iter().enumerate() {
        let (shown, name) = (format!("{effect:?}"), format!("doubt.{index}"));
        world.slack.inject(Fault::on("/scim/v1/Users", effect).method("POST"));
        let made = create(&world.scim, &name).await;
        assert_eq!(named(&world, &name), 1, "{shown}");
        let id = made["id"].as_str().expect("an id");
        assert_eq!(world.slack.user(id).expect("it is there")["userName"], *name, "{shown}");
        world.slack.clear_faults();
    }
}

#[tokio::test]
async fn a_create_lost_twice_still_makes_one_object() {
    let world = World::with(binary(), "", "").await;
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::CloseBefore).method("POST"));
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::CloseAfter).method("POST"));
    create(&world.scim, "lost.twice").await;
    assert_eq!(named(&world, "lost.twice"), 1);
}

#[tokio::test]
async fn somebody_elses_object_of_the_same_name_is_not_taken_for_ours() {
    let world = World::with(binary(), "", "").await;
    create(&world.scim, "ada.l").await;
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::CloseBefore).method("POST"));
    let other = user("ada.l", json!({ "title": "Impostor" }));
    let answer = world.scim.post("/Users", &other).await;
    let error = answer.refused(409, "uniqueness");
    assert!(error.contains("title"), "{error}");
    assert_eq!(named(&world, "ada.l"), 1);
}

#[tokio::test]
async fn a_create_nobody_can_look_into_says_that_its_fate_is_unknown() {
    let world = World::with(binary(), "request_deadline_secs = 20", "").await;
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::CloseAfter).method("POST"));
    world.slack.inject(Fault::on("/scim/v1/Users", Effect::status(500, "{}")).method("GET").times(50));
    let answer = world.scim.post("/Users", &user("unknown", json!({}))).await;
    let error = answer.refused(503, "");
    assert!(error.contains("not known whether the target created it"), "{error}");
    assert_eq!(named(&world, "unknown"), 1);
}

#[tokio::test]
async fn changes_and_deletions_are_repeated_until_they_hold() {
    let world = World::with(binary(), "", "").await;
    let id = create(&world.scim, "ada.l").await["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    for (index, effect) in troubles().into_iter().enumerate() {
        // A success without a readable body is a success: it is read again.
        let (shown, title) = (format!("{effect:?}"), format!("Title {index}"));
        world.slack.inject(Fault::on(format!("/scim/v1/Users/{id}"), effect).method("PATCH"));
        let operation = json!({ "op": "replace", "path": "title", "value": title });
        let answer = world.scim.patch(&path, json!([operation])).await;
        assert_eq!(world.slack.user(&id).unwrap()["title"], *title, "{shown}: {}", answer.text);
        world.slack.clear_faults();
    }
    world.slack.inject(Fault::on(format!("/scim/v1/Users/{id}"), Effect::CloseAfter).method("DELETE"));
    assert_eq!(world.scim.delete(&path).await.status, 204, "our own first try did it");
}

#[tokio::test]
async fn a_doubtful_deletion_says_nothing_about_the_next_one_of_a_bulk() {
    let world = World::with(binary(), "", "").await;
    let group = world.scim.post("/Groups", &json!({ "displayName": "Old" })).await.ok(201);
    let id = group["id"].as_str().expect("an id");
    world.slack.inject(Fault::on(format!("/scim/v1/Groups/{id}"), Effect::CloseAfter).method("DELETE"));
    let deletions: Vec<Value> = [id, "S0000000000"]
        .iter()
        .map(|id| json!({ "method": "DELETE", "path": format!("/Groups/{id}") }))
        .collect();
    let answer = world.scim.post("/Bulk", &json!({ "Operations": deletions })).await.ok(200);
    let status: Vec<&Value> =
        answer["Operations"].as_array().expect("outcomes").iter().map(|one| &one["status"]).collect();
    assert_eq!(status, ["204", "404"], "{answer}");
}

#[tokio::test]
async fn a_group_created_in_doubt_has_all_its_members() {
    let world = World::with(binary(), "", "").await;
    let id = create(&world.scim, "ada.l").await["id"].as_str().unwrap().to_owned();
    world.slack.inject(Fault::on("/scim/v1/Groups", Effect::CloseAfter).method("POST"));
    let group = json!({ "displayName": "Doubtful", "members": [{ "value": id }] });
    let made = world.scim.post("/Groups", &group).await.ok(201);
    assert_eq!(made["members"][0]["value"], *id);
    assert_eq!(world.slack.groups().iter().filter(|group| group["displayName"] == "Doubtful").count(), 1);
}

#[tokio::test]
async fn many_membership_changes_of_one_group_become_few_calls() {
    let world = World::with(binary(), "", "").await;
    let mut ids = Vec::new();
    for index in 0..16 {
        ids.push(create(&world.scim, &format!("member.{index}")).await["id"].as_str().unwrap().to_owned());
    }
    let group = world.scim.post("/Groups", &json!({ "displayName": "Busy" })).await.ok(201);
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    world.slack.clear_requests();
    let adding: Vec<_> = ids
        .iter()
        .map(|id| {
            let (scim, path) = (world.scim.clone(), path.clone());
            let operation = json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
            tokio::spawn(async move { scim.patch(&path, json!([operation])).await.status })
        })
        .collect();
    for added in adding {
        assert_eq!(added.await.unwrap(), 204);
    }
    let held = world.slack.group(group["id"].as_str().unwrap()).unwrap();
    assert_eq!(held["members"].as_array().unwrap().len(), 16);
    let calls = world.slack.requests().iter().filter(|request| request.method == "PATCH").count();
    assert!(calls < 16, "{calls} calls for 16 changes");
}

#[tokio::test]
async fn an_instance_that_adopts_takes_over_what_is_there() {
    let world = World::with(binary(), "", "adopt_existing = true").await;
    let there = create(&world.scim, "ada.l").await;
    let path = format!("/Users/{}", there["id"].as_str().unwrap());
    world.scim.delete(&path).await;
    let again = user("ada.l", json!({ "externalId": "hr-1", "title": "Director", "active": true }));
    let adopted = world.scim.post("/Users", &again).await.ok(201);
    assert_eq!(adopted["id"], there["id"], "the same object");
    let read = world.scim.get(&path).await.ok(200);
    for (name, value) in
        [("externalId", json!("hr-1")), ("title", json!("Director")), ("active", json!(true))]
    {
        assert_eq!(read[name], value, "{name}");
    }
    assert_eq!(named(&world, "ada.l"), 1);
}

#[tokio::test]
async fn what_a_create_leaves_empty_stays_in_the_object_that_is_taken_over() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let world = World::with(binary(), "", "adopt_existing = true").await;
    let body = json!({ "title": "Director", "phoneNumbers": [{ "value": "+47 1", "type": "work" }],
                       ENTERPRISE: { "department": "Ops", "division": "North" } });
    let there = world.scim.post("/Users", &user("ada.l", body)).await.ok(201);
    let again = json!({ "title": null, "phoneNumbers": [], "nickName": "",
                        ENTERPRISE: { "department": null, "division": "South" } });
    let adopted = world.scim.post("/Users", &user("ada.l", again)).await.ok(201);
    assert_eq!(adopted["id"], there["id"], "the same object");
    assert_eq!(adopted["title"], "Director");
    assert_eq!(adopted["phoneNumbers"][0]["value"], "+47 1", "{adopted}");
    assert_eq!(adopted[ENTERPRISE], json!({ "department": "Ops", "division": "South" }));
}
