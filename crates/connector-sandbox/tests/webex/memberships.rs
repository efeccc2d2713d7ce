//! Section 2.6: team memberships and the rules around moderators.

use connector_sandbox::webex::{Consenter, Options, Webex};
use serde_json::{Value, json};

use crate::client::{Answer, SCOPES, bo, call_as, delete, get, post, put, start, text, usual};

fn seeded(webex: &Webex, name: &str) -> Value {
    webex.teams().into_iter().find(|team| team["name"] == name).expect("it is seeded")
}

fn at(membership: &Value) -> String {
    format!("team/memberships/{}", text(membership, "id"))
}

async fn add(webex: &Webex, team: &Value, whom: Value) -> Answer {
    let mut body = whom;
    body["teamId"] = team["id"].clone();
    post(webex, "team/memberships", body).await
}

/// The full administrator's membership of a team.
fn own(webex: &Webex, team: &Value) -> Value {
    let id = json!(webex.person_id(Consenter::FullAdministrator));
    let members = team["members"].as_array().expect("members").clone();
    members.into_iter().find(|member| member["personId"] == id).expect("a member")
}

#[tokio::test]
async fn a_person_is_added_by_id_or_by_address() {
    let webex = usual().await;
    let (bo, team) = (bo(&webex).await, seeded(&webex, "Empty for now"));
    let added = add(&webex, &team, json!({"personId": bo["id"]})).await.ok(200);
    let expected = json!({
        "id": added["id"], "teamId": team["id"], "personId": bo["id"], "personEmail": "bo.tern@acme-demo.example",
        "personDisplayName": "Bo Tern", "personOrgId": bo["orgId"], "isModerator": false,
        "created": "2024-06-03T16:00:00.000Z",
    });
    assert_eq!(added, expected);
    let mut later = expected;
    later["created"] = json!("2024-06-03T16:00:00.087Z");
    assert_eq!(get(&webex, &at(&added)).await.ok(200), later, "a later read has another moment");
    delete(&webex, &at(&added)).await;
    let again =
        add(&webex, &team, json!({"personEmail": "BO.tern@acme-demo.example", "isModerator": true})).await;
    assert_eq!(again.ok(200)["isModerator"], true);
}

#[tokio::test]
async fn exactly_one_person_must_be_named() {
    let webex = usual().await;
    let (bo, team) = (bo(&webex).await, seeded(&webex, "Empty for now"));
    assert_eq!(add(&webex, &team, json!({})).await.status, 400);
    let both = json!({"personId": bo["id"], "personEmail": "bo.tern@acme-demo.example"});
    assert_eq!(add(&webex, &team, both).await.status, 400);
    assert_eq!(add(&webex, &team, json!({"personId": "nonsense"})).await.status, 400);
    assert_eq!(add(&webex, &team, json!({"personEmail": "nonsense"})).await.status, 400);
    let unknown = add(&webex, &team, json!({"personId": "11111111-2222-4333-a444-555555555555"})).await;
    assert_eq!(unknown.refused(), (404, "Person not found".into()));
    assert_eq!(post(&webex, "team/memberships", json!({"personId": bo["id"]})).await.status, 400);
}

#[tokio::test]
async fn somebody_without_an_account_is_invited_by_address() {
    let webex = usual().await;
    let team = seeded(&webex, "Empty for now");
    let added = add(&webex, &team, json!({"personEmail": "new@partner.example"})).await.ok(200);
    assert_eq!(added["personEmail"], "new@partner.example");
    assert_ne!(added["personOrgId"], own(&webex, &team)["personOrgId"]);
    assert_eq!(webex.people_len(), 1200, "not one of the organization");
}

#[tokio::test]
async fn who_is_a_member_already_is_a_conflict() {
    let webex = usual().await;
    let team = seeded(&webex, "Research");
    let member = json!({"personId": team["members"][1]["personId"]});
    assert_eq!(
        add(&webex, &team, member.clone()).await.refused(),
        (409, "User is already a participant.".into())
    );
    webex.set_options(|options| options.duplicate_member_status = 400);
    assert_eq!(add(&webex, &team, member).await.status, 400);
}

#[tokio::test]
async fn adding_to_a_team_of_others_is_answered_strangely() {
    let webex = usual().await;
    let (bo, hidden) = (bo(&webex).await, seeded(&webex, "Out of sight 1"));
    let whom = json!({"personId": bo["id"]});
    assert_eq!(add(&webex, &hidden, whom.clone()).await.refused(), (502, "Add participant failed.".into()));
    webex.set_options(|options| options.foreign_team_add_status = 404);
    assert_eq!(add(&webex, &hidden, whom).await.status, 404);
    let nowhere = json!({"id": "11111111-2222-4333-a444-555555555555"});
    assert_eq!(add(&webex, &nowhere, json!({"personId": bo["id"]})).await.status, 404);
}

#[tokio::test]
async fn the_last_moderator_neither_leaves_nor_steps_down() {
    let webex = usual().await;
    let team = seeded(&webex, "Empty for now");
    let mine = at(&own(&webex, &team));
    let bo = bo(&webex).await;
    let bos = add(&webex, &team, json!({"personId": bo["id"]})).await.ok(200);
    for status in [400, 403, 409] {
        webex.set_options(|options| options.last_moderator_status = status);
        assert_eq!(delete(&webex, &mine).await.status, status);
        assert_eq!(put(&webex, &mine, json!({"isModerator": false})).await.status, status);
    }
    let promoted = put(&webex, &at(&bos), json!({"isModerator": true})).await.ok(200);
    assert_eq!(promoted["isModerator"], true);
    assert_eq!(delete(&webex, &mine).await.status, 204);
    assert_eq!(get(&webex, &at(&bos)).await.status, 404, "and the team is out of sight");
    let names: Vec<_> = get(&webex, "teams").await.ok(200)["items"].as_array().unwrap().clone();
    assert!(!names.iter().any(|team| team["name"] == "Empty for now"));
}

#[tokio::test]
async fn the_last_moderator_may_step_down_where_the_switch_says_so() {
    let webex = start(Options { last_moderator_may_be_demoted: true, ..Options::default() }).await;
    let mine = own(&webex, &seeded(&webex, "Empty for now"));
    let plain = put(&webex, &at(&mine), json!({"isModerator": false})).await.ok(200);
    assert_eq!(plain["isModerator"], false);
}

#[tokio::test]
async fn members_add_members_and_leave_and_moderators_do_the_rest() {
    let webex = usual().await;
    let team = seeded(&webex, "Service desk");
    let mine = own(&webex, &team);
    let other = team["members"].as_array().unwrap().iter().find(|m| m["id"] != mine["id"]).unwrap().clone();
    assert_eq!(mine["isModerator"], false);
    let bo = bo(&webex).await;
    let bos = add(&webex, &team, json!({"personId": bo["id"]})).await.ok(200);
    assert_eq!(put(&webex, &at(&bos), json!({"isModerator": true})).await.status, 403);
    assert_eq!(delete(&webex, &at(&other)).await.status, 403);
    let promoted = json!({"personEmail": "new@partner.example", "isModerator": true});
    assert_eq!(add(&webex, &team, promoted).await.status, 403);
    assert_eq!(delete(&webex, &at(&mine)).await.status, 204);
}

#[tokio::test]
async fn a_membership_is_changed_in_one_thing_and_removed_once() {
    let webex = usual().await;
    let team = seeded(&webex, "Research");
    let member = team["members"][1].clone();
    assert_eq!(put(&webex, &at(&member), json!({})).await.refused(), (400, "isModerator is required".into()));
    assert_eq!(
        (delete(&webex, &at(&member)).await.status, delete(&webex, &at(&member)).await.status),
        (204, 404)
    );
    assert_eq!(get(&webex, "team/memberships/nonsense").await.status, 400);
    assert_eq!(get(&webex, "team/memberships").await.refused(), (400, "teamId is required".into()));
}

#[tokio::test]
async fn people_of_other_organizations_are_members_too() {
    let webex = usual().await;
    let team = seeded(&webex, "Partners");
    let members =
        get(&webex, &format!("team/memberships?teamId={}&max=200", text(&team, "id"))).await.ok(200);
    let members = members["items"].as_array().unwrap();
    let guest = members.iter().find(|member| member["personEmail"] == "eve.partner@partner.example").unwrap();
    assert_ne!(guest["personOrgId"], members[0]["personOrgId"]);
}

#[tokio::test]
async fn writing_memberships_wants_its_scope() {
    let webex = usual().await;
    let others: Vec<_> =
        SCOPES.into_iter().filter(|scope| *scope != "spark:team_memberships_write").collect();
    let token = webex.token_of(Consenter::FullAdministrator, &others);
    let team = seeded(&webex, "Research");
    let member = at(&team["members"][1]);
    let body = json!({"teamId": team["id"], "personEmail": "new@partner.example", "isModerator": true});
    for (method, path) in [("POST", "team/memberships"), ("PUT", &member), ("DELETE", &member)] {
        assert_eq!(call_as(&webex, &token, method, path, &body).await.status, 403, "{method}");
    }
}
