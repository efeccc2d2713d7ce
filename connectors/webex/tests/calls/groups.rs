//! Teams as groups.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{
    Answer, Step, Webex, acme, bodies, calls, failure, id, items, pretty, step, step_with, told, with,
};

pub(crate) fn team() -> Value {
    json!({"id": "T-1", "name": "Research", "description": "Everyone in Research", "created": "2026-04-01T07:30:00.000Z"})
}

/// The membership of a person of the organisation.
pub(crate) fn member(person: &str, is_moderator: bool) -> Value {
    json!({
        "id": format!("M-{person}"), "teamId": "T-1", "personId": person,
        "personEmail": format!("{person}@acme-demo.example"), "personDisplayName": format!("Name of {person}"),
        "personOrgId": acme(), "isModerator": is_moderator, "created": "2026-04-01T07:31:10.203Z",
    })
}

pub(crate) fn guest(person: &str) -> Value {
    with(member(person, false), json!({"personOrgId": id("ORGANIZATION", "another")}))
}

pub(crate) fn me() -> Value {
    member("P-ME", true)
}

pub(crate) fn members(members: &[Value]) -> Step {
    items("GET /team/memberships", json!(members))
}

/// What a read of the team takes.
pub(crate) fn reads(held: &[Value]) -> Vec<Step> {
    vec![step("GET /teams/T-1", 200, team()), members(held)]
}

#[tokio::test]
async fn a_team_is_shown_with_its_members_but_not_the_account_that_consented() {
    let webex = Webex::organisation(reads(&[me(), member("P-ADA", true), guest("P-OUT")])).await;
    insta::assert_snapshot!("a_team", pretty(&webex.get("Groups", "T-1").await.unwrap()));
    insta::assert_snapshot!(webex.sent().await);
}

#[tokio::test]
async fn all_pages_of_members_are_read_and_nobody_twice() {
    let answer = Answer::json(200, json!({"items": [me(), member("P-ADA", false)]}));
    let next = "</v1/team/memberships?teamId=T-1&max=500&cursor=2>; rel=\"next\"";
    let webex = Webex::organisation([
        step("GET /teams/T-1", 200, team()),
        step_with("GET /team/memberships", answer.header("link", next)),
        members(&[member("P-ADA", false), member("P-BO", false)]),
    ])
    .await;
    let group = webex.get("Groups", "T-1").await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    webex.sent().await;
}

#[tokio::test]
async fn a_list_reads_the_members_of_each_team_and_leaves_out_one_that_is_gone() {
    let other = with(team(), json!({"id": "T-2", "name": "Gone"}));
    let webex = Webex::organisation([
        items("GET /teams", json!([team(), other])),
        members(&[me(), member("P-ADA", false)]),
        failure("GET /team/memberships", 404, "Team"),
    ])
    .await;
    let listed = webex.list("Groups", None).await.unwrap();
    assert_eq!(listed.total, 1);
    webex.sent().await;
}

#[tokio::test]
async fn a_filter_over_other_things_reads_the_members_of_the_matches_alone() {
    let other = with(team(), json!({"id": "T-2", "name": "Others"}));
    let listed = |filter: &'static str, rest: Vec<Step>| {
        let teams = items("GET /teams", json!([other, team()]));
        async move {
            let webex = Webex::organisation([vec![teams], rest].concat()).await;
            let listed = webex.list("Groups", Some(filter)).await.unwrap();
            webex.sent().await;
            listed
        }
    };
    let held = [me(), member("P-ADA", false)];
    let found = listed("displayName eq \"research\"", reads(&held)).await;
    assert_eq!((found.total, found.resources[0].id()), (1, Some("T-1")));
    assert_eq!(found.resources[0].get("members").unwrap().as_array().unwrap().len(), 1);
    assert!(found.resources[0].version().is_some(), "all of it was read");
    assert_eq!(listed("displayName eq \"nobody\"", Vec::new()).await.total, 0);
    // A filter over members needs those of every team.
    let all = vec![members(&[me()]), members(&held)];
    assert_eq!(listed("displayName eq \"research\" and members pr", all).await.total, 1);
}

#[tokio::test]
async fn an_account_webex_does_not_tell_is_the_one_who_is_in_every_team() {
    let teams = json!([team(), with(team(), json!({"id": "T-2"}))]);
    let webex = Webex::answering([
        step("GET /teams/T-1", 200, team()),
        members(&[me(), member("P-ADA", false)]),
        failure("GET /people/me", 403, "no"),
        items("GET /teams", teams),
        members(&[me(), member("P-ADA", false)]),
        members(&[me(), member("P-BO", false)]),
    ])
    .await;
    let group = webex.get("Groups", "T-1").await.unwrap();
    assert_eq!(group["members"][0]["value"], "P-ADA");
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
    webex.sent().await;
}

#[tokio::test]
async fn a_team_is_created_and_its_members_are_added_one_by_one() {
    let webex = Webex::organisation([
        step("POST /teams", 200, team()),
        step("POST /team/memberships", 200, member("P-ADA", false)),
        failure("POST /team/memberships", 409, "already"),
        step("GET /teams/T-1", 200, team()),
        members(&[me(), member("P-ADA", false), member("P-BO", false)]),
    ])
    .await;
    let body = json!({"displayName": "Research", "members": [{"value": "P-ADA"}, {"value": "P-BO"}],
                      "urn:connector-host:scim:webex:2.0:Group": {"description": "Everyone in Research"}});
    let group = webex.create("Groups", body).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    insta::assert_snapshot!(webex.sent().await);
}

#[tokio::test]
async fn a_member_who_cannot_be_added_is_told_with_the_team_that_was_created() {
    let webex = Webex::organisation([
        step("POST /teams", 200, team()),
        step("POST /team/memberships", 200, member("P-ADA", false)),
        failure("POST /team/memberships", 404, "Person"),
    ])
    .await;
    let body = json!({"displayName": "Research", "members": [{"value": "P-ADA"}, {"value": "P-NOBODY"}]});
    let told = told(&webex.create("Groups", body).await.unwrap_err());
    assert!(
        told.starts_with(
            "400 invalidValue Group: was created as T-1, but not all of it could be set (members)"
        ),
        "{told}"
    );
    assert!(told.contains("1 of 2 membership changes were made") && told.contains("`P-NOBODY`"), "{told}");
    webex.sent().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_is_looked_for_among_new_teams_of_that_name_with_nobody_in_it() {
    let new = with(team(), json!({"id": "T-NEW", "created": Timestamp::now().to_string()}));
    let crowded = with(new.clone(), json!({"id": "T-CROWDED"}));
    let webex = Webex::organisation([
        failure("POST /teams", 500, "down"),
        items("GET /teams", json!([team(), crowded, new])),
        members(&[me(), member("P-ADA", false)]),
        members(&[me()]),
    ])
    .await;
    let body = json!({"displayName": "Research",
                      "urn:connector-host:scim:webex:2.0:Group": {"description": "Everyone in Research"}});
    assert_eq!(webex.create("Groups", body).await.unwrap()["id"], "T-NEW");
    webex.sent().await;
}

#[tokio::test]
async fn a_team_of_the_same_name_is_never_taken_for_the_one_that_was_lost() {
    let webex = Webex::organisation([
        failure("POST /teams", 500, "down"),
        items("GET /teams", json!([team()])),
        // Core looks too, and finds nothing it could go by.
    ])
    .await;
    let told = told(&webex.create("Groups", json!({"displayName": "Research"})).await.unwrap_err());
    assert!(told.starts_with("503") && told.contains("not known whether the target created it"), "{told}");
    let sent = webex.sent().await;
    assert_eq!(calls(&sent).iter().filter(|call| call.starts_with("POST")).count(), 1);
}

#[tokio::test]
async fn a_new_name_carries_the_description_along_and_the_other_way_round() {
    let own = "urn:connector-host:scim:webex:2.0:Group";
    for (path, value, body) in [
        (
            "displayName".to_owned(),
            json!("Lab"),
            json!({"name": "Lab", "description": "Everyone in Research"}),
        ),
        (format!("{own}:description"), json!("All"), json!({"name": "Research", "description": "All"})),
        (format!("{own}:description"), Value::Null, json!({"name": "Research", "description": ""})),
    ] {
        let now = with(team(), body.clone());
        let steps =
            reads(&[me(), member("P-ADA", false)]).into_iter().chain([step("PUT /teams/T-1", 200, now)]);
        let webex = Webex::organisation(steps).await;
        let operation = json!([{"op": "replace", "path": path, "value": value}]);
        let group = webex.modify("Groups", "T-1", operation).await.unwrap();
        assert_eq!(group["members"][0]["value"], "P-ADA", "members are still shown");
        let sent = webex.sent().await;
        assert_eq!(bodies(&sent, "PUT /teams/T-1"), [body]);
    }
}

#[tokio::test]
async fn who_may_not_change_a_team_is_told_why() {
    let steps = reads(&[me()]).into_iter().chain([failure("PUT /teams/T-1", 403, "no")]);
    let webex = Webex::organisation(steps).await;
    let operation = json!([{"op": "replace", "path": "displayName", "value": "Lab"}]);
    let told = told(&webex.modify("Groups", "T-1", operation).await.unwrap_err());
    assert!(told.contains("`spark:teams_write`") && told.contains("is no moderator of the team"), "{told}");
    webex.sent().await;
}
