//! People sets: what SCIM at Workplace calls groups.

use serde_json::json;

use super::{Community, few};

const URN: &str = "urn:connector-host:scim:workplace:2.0:PeopleSet";

#[tokio::test]
async fn a_people_set_lives_from_create_to_delete_in_both_editions() {
    for edition in ["v2", "v1"] {
        let community = Community::speaking(edition, few(), "").await;
        let (scim, people) = (&community.scim, community.target.people());
        let body = json!({"schemas": [URN], "displayName": "Pilots", "members": [{"value": people[1]}, {"value": people[2]}]});
        let created = scim.post("/PeopleSets", &body).await.ok(201);
        let id = created["id"].as_str().unwrap().to_owned();
        let path = format!("/PeopleSets/{id}");
        assert_eq!(created["members"][0]["value"], json!(people[1]), "{edition}");
        assert_eq!(scim.get("/PeopleSets").await.ok(200)["totalResults"], 3);
        assert_eq!(scim.get(&format!("/Groups/{id}")).await.status, 404, "it is no group");

        // A change sends everybody.
        let add = json!([{"op": "add", "path": "members", "value": [{"value": people[3]}]}]);
        scim.patch(&path, add).await;
        let put = community.target.requests().pop().unwrap();
        assert_eq!((put.method.as_str(), put.body["members"].as_array().map(Vec::len)), ("PUT", Some(3)));
        let rename = json!([{"op": "replace", "path": "displayName", "value": "Captains"}]);
        scim.patch(&path, rename).await;
        let held = community.target.people_set(&id).unwrap();
        assert_eq!(
            (&held["displayName"], held["members"].as_array().unwrap().len()),
            (&json!("Captains"), 3)
        );

        let unknown = json!([{"op": "add", "path": "members", "value": [{"value": "77"}]}]);
        let detail = scim.patch(&path, unknown).await.refused(400, "invalidValue");
        assert!(detail.contains("members"), "{detail}");
        scim.delete(&path).await.ok(204);
        assert_eq!(scim.delete(&path).await.status, 404);
    }
}
