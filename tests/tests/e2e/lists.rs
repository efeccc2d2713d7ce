//! Lists: pages, filters, projection.

use serde_json::{Value, json};

use crate::world;

fn ids(listed: &Value) -> Vec<&str> {
    listed["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_follow_each_other() {
    let world = world().await;
    let first = world.scim.get("/Users?startIndex=1&count=20").await.ok(200);
    assert_eq!(first["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(world.calls(), ["GET /scim/v1/Users?startIndex=1&count=20"]);
    let second = world.scim.get("/Users?startIndex=21&count=20").await.ok(200);
    assert_eq!(world.calls(), ["GET /scim/v1/Users?startIndex=21&count=20"]);
    assert_eq!(
        (&second["totalResults"], &second["startIndex"], &second["itemsPerPage"]),
        (&json!(world.slack.users_len()), &json!(21), &json!(20))
    );
    let both = world.scim.get("/Users?count=40").await.ok(200);
    assert_eq!(ids(&both), [ids(&first), ids(&second)].concat());

    let past = world.scim.get("/Users?startIndex=100000&count=20").await.ok(200);
    assert_eq!((&past["totalResults"], ids(&past).len()), (&json!(world.slack.users_len()), 0));
    let none = world.scim.get("/Users?count=0").await.ok(200);
    assert_eq!((&none["totalResults"], ids(&none).len()), (&json!(world.slack.users_len()), 0));
    let low = world.scim.get("/Users?startIndex=-3&count=20").await.ok(200);
    assert_eq!((&low["startIndex"], ids(&low)), (&json!(1), ids(&first)));
}

#[tokio::test]
async fn a_user_is_found_by_name_in_any_letter_case() {
    let world = world().await;
    let created = world.create("ada.l", json!({})).await;
    for filter in [
        "userName eq \"Ada.L\"",
        "USERNAME EQ \"ada.l\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ADA.L\"",
        "emails.value eq \"Ada.L@acme.example\"",
        "emails[type eq \"work\"].value eq \"ada.l@acme.example\"",
        "userName eq \"ada.l\" and active eq true",
    ] {
        let found = world.scim.get(&format!("/Users?filter={filter}")).await.ok(200);
        assert_eq!(ids(&found), [created["id"].as_str().unwrap()], "{filter}");
        assert_eq!(found["totalResults"], 1, "{filter}");
        assert_eq!(world.calls().len(), 1, "{filter}: the target finds it itself");
    }
    let by_id = format!("/Users?filter=id eq \"{}\"", created["id"].as_str().unwrap());
    assert_eq!(world.scim.get(&by_id).await.ok(200)["totalResults"], 1);
    assert_eq!(world.calls(), [format!("GET /scim/v1/Users/{}", created["id"].as_str().unwrap())]);

    let nobody = world.scim.get("/Users?filter=userName eq \"nobody.at.all\"").await.ok(200);
    assert_eq!((&nobody["totalResults"], &nobody["Resources"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn a_filter_the_target_lacks_is_evaluated_here() {
    let world = world().await;
    let inactive = world.slack.users().iter().filter(|user| user["active"] == false).count();
    assert!(inactive > 0);
    let found = world.scim.get("/Users?filter=active eq false&count=1000").await.ok(200);
    assert_eq!(found["totalResults"], inactive);
    assert_eq!(world.calls().len(), 1, "250 users are one page of Slack");
}

#[tokio::test]
async fn a_group_is_found_by_name_and_can_leave_its_members_out() {
    let world = world().await;
    let found =
        world.scim.get("/Groups?filter=displayName eq \"Payroll\"&excludedAttributes=members").await.ok(200);
    assert_eq!(found["totalResults"], 1);
    let group = &found["Resources"][0];
    assert_eq!((&group["displayName"], &group["members"]), (&json!("Payroll"), &Value::Null));
    assert_eq!(world.calls().len(), 1);

    let all = world.scim.get("/Groups").await.ok(200);
    assert_eq!(all["totalResults"], world.slack.groups_len());
    assert!(ids(&all).len() == world.slack.groups_len());
}

#[tokio::test]
async fn a_user_shows_the_attributes_that_are_asked_for() {
    let world = world().await;
    let user = world.member(0);
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    let shown = world.scim.get(&format!("{path}?attributes=userName,emails.value")).await.ok(200);
    let names: Vec<_> = shown.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(names.contains(&"id") && names.contains(&"userName") && names.contains(&"emails"), "{shown}");
    assert!(!names.contains(&"displayName") && !names.contains(&"name"), "{shown}");
    assert_eq!(shown["emails"][0].as_object().unwrap().keys().collect::<Vec<_>>(), ["value"]);
    let lean = world.scim.get(&format!("{path}?excludedAttributes=emails,USERNAME,id")).await.ok(200);
    assert!(lean["emails"].is_null() && lean["userName"].is_null() && lean["id"].is_string(), "{lean}");
}

#[tokio::test]
async fn a_bad_filter_is_refused_before_the_target_is_asked() {
    let world = world().await;
    for filter in
        ["userName eq", "userName eq \"x", "nosuch eq \"x\"", "(userName eq \"x\"", "userName is \"x\""]
    {
        world.scim.get(&format!("/Users?filter={filter}")).await.refused(400, "invalidFilter");
    }
    world.scim.get("/Users?count=many").await.refused(400, "invalidValue");
    assert_eq!(world.calls(), Vec::<String>::new());
}
