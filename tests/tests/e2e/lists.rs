//! Lists: pages, filters, projection.

use connector_host_tests::{Host, instance};
use connector_sandbox::slack;
use serde_json::{Value, json};

use crate::{binary, world};

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

#[tokio::test]
async fn a_search_over_all_types_is_one_list() {
    let world = world().await;
    let created = world.create("ada.l", json!({})).await;
    let search = async |body: Value| world.scim.post("/.search", &body).await;
    let found = search(json!({"filter": "userName eq \"ada.l\""})).await.ok(200);
    assert_eq!(
        ids(&found),
        [created["id"].as_str().unwrap()],
        "groups have no userName, so none of them is found"
    );
    let nobody = search(json!({"filter": "userName eq \"nobody\""})).await.ok(200);
    assert_eq!((&nobody["totalResults"], &nobody["Resources"]), (&json!(0), &json!([])));
    search(json!({"filter": "nothing eq \"nobody\""})).await.refused(400, "invalidFilter");
    search(json!({"sortBy": "displayName"})).await.refused(501, "");
    let whole = json!({"attributes": [], "excludedAttributes": [], "filter": " ", "sortBy": "", "count": 1});
    let whole = search(whole).await.ok(200);
    assert!(whole["Resources"][0]["userName"].is_string(), "{whole}");
}

#[tokio::test]
async fn pages_of_a_search_over_all_types_follow_each_other_whatever_is_asked_for_at_once() {
    let options =
        slack::Options { users: 1040, groups: 30, rate_limiter: false, ..slack::Options::default() };
    let slack = slack::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
    let config = instance("acme", &slack.scim_url(), slack.token(), "");
    let host =
        Host::start(&binary(), "", &format!("[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n{config}"))
            .await;
    let scim = host.client("acme", &host.token("acme", "e2e").await);
    let page = async |start: usize| {
        let asked = json!({"startIndex": start, "count": 2000, "attributes": ["id"]});
        scim.post("/.search", &asked).await.ok(200)
    };
    let (first, second) = (page(1).await, page(1001).await);
    let all: Vec<&str> = ids(&first).into_iter().chain(ids(&second)).collect();
    let expected: Vec<Value> = [slack.users(), slack.groups()].concat();
    assert_eq!(first["itemsPerPage"], 1000);
    assert_eq!(second["totalResults"], json!(expected.len()));
    assert_eq!(all.len(), expected.len());
    let known: std::collections::HashSet<&str> = all.into_iter().collect();
    assert!(expected.iter().all(|one| known.contains(one["id"].as_str().unwrap())), "everything, once");
}
