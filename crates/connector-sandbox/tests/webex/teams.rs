//! Section 2.5: teams, which only their members see.

use connector_sandbox::webex::{Consenter, Options, Webex};
use serde_json::{Value, json};

use crate::client::{SCOPES, call_as, delete, get, post, put, text, usual};

async fn team(webex: &Webex, name: &str) -> Value {
    post(webex, "teams", json!({"name": name, "description": "Test"})).await.ok(200)
}

fn at(team: &Value) -> String {
    format!("teams/{}", text(team, "id"))
}

/// A seeded team by name, members included.
fn seeded(webex: &Webex, name: &str) -> Value {
    webex.teams().into_iter().find(|team| team["name"] == name).expect("it is seeded")
}

#[tokio::test]
async fn who_makes_a_team_is_its_first_member_and_moderator() {
    let webex = usual().await;
    let made = team(&webex, "Projekt X").await;
    let expected = json!({
        "id": made["id"], "name": "Projekt X", "description": "Test", "created": "2024-06-03T16:00:00.000Z",
    });
    assert_eq!(made, expected);
    assert_eq!(get(&webex, &at(&made)).await.ok(200), expected);
    let members = get(&webex, &format!("team/memberships?teamId={}", text(&made, "id"))).await.ok(200);
    let member = &members["items"][0];
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    assert_eq!(member["personId"], json!(webex.person_id(Consenter::FullAdministrator)));
    assert_eq!(member["isModerator"], true);
}

#[tokio::test]
async fn a_name_is_required_and_need_not_be_unique() {
    let webex = usual().await;
    for body in [json!({}), json!({"name": " "}), json!({"name": 1}), json!({"name": null})] {
        assert_eq!(post(&webex, "teams", body.clone()).await.status, 400, "{body}");
    }
    let (one, other) = (team(&webex, "Research").await, team(&webex, "Research").await);
    assert_ne!(one["id"], other["id"]);
    webex.set_options(|options| options.unique_team_names = true);
    assert_eq!(post(&webex, "teams", json!({"name": "Research"})).await.status, 409);
    assert_eq!(put(&webex, &at(&team(&webex, "New").await), json!({"name": "Research"})).await.status, 409);
}

#[tokio::test]
async fn a_put_without_a_description_takes_it_away_or_not() {
    let webex = usual().await;
    let made = team(&webex, "Old").await;
    let renamed = put(&webex, &at(&made), json!({"name": "New", "description": "Still"})).await.ok(200);
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("New"), &json!("Still")));
    webex.set_options(|options| options.put_team_without_description_clears = false);
    assert_eq!(put(&webex, &at(&made), json!({"name": "New"})).await.ok(200)["description"], "Still");
    webex.set_options(|options| options.put_team_without_description_clears = true);
    assert_eq!(put(&webex, &at(&made), json!({"name": "New"})).await.ok(200).get("description"), None);
    assert_eq!(
        put(&webex, &at(&made), json!({"description": "x"})).await.status,
        400,
        "the name is required"
    );
}

#[tokio::test]
async fn deleting_a_team_removes_its_memberships() {
    let webex = usual().await;
    let made = team(&webex, "Short-lived").await;
    let members = format!("team/memberships?teamId={}", text(&made, "id"));
    let membership = get(&webex, &members).await.ok(200)["items"][0].clone();
    let gone = delete(&webex, &at(&made)).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    let membership = format!("team/memberships/{}", text(&membership, "id"));
    for path in [at(&made), members, membership] {
        assert_eq!(get(&webex, &path).await.status, 404, "{path}");
    }
    assert_eq!(delete(&webex, &at(&made)).await.status, 404);
}

#[tokio::test]
async fn only_moderators_change_a_team_unless_that_is_switched_off() {
    let webex = usual().await;
    let handed_over = seeded(&webex, "Service desk");
    let own = webex.person_id(Consenter::FullAdministrator);
    let is_moderator = |team: &Value| {
        team["members"]
            .as_array()
            .unwrap()
            .iter()
            .any(|m| m["personId"] == json!(own) && m["isModerator"] == true)
    };
    assert!(!is_moderator(&handed_over));
    let rename = json!({"name": "Renamed"});
    assert_eq!(put(&webex, &at(&handed_over), rename.clone()).await.status, 403);
    assert_eq!(delete(&webex, &at(&handed_over)).await.status, 403);
    webex.set_options(|options| options.writes_need_moderator = false);
    assert_eq!(put(&webex, &at(&handed_over), rename).await.status, 200);
}

#[tokio::test]
async fn a_team_of_others_is_out_of_sight() {
    let webex = usual().await;
    let hidden = seeded(&webex, "Out of sight 1");
    for status in [404, 403] {
        webex.set_options(|options| options.foreign_team_status = status);
        assert_eq!(get(&webex, &at(&hidden)).await.status, status);
        assert_eq!(put(&webex, &at(&hidden), json!({"name": "Mine"})).await.status, status);
        assert_eq!(delete(&webex, &at(&hidden)).await.status, status);
        let members = format!("team/memberships?teamId={}", text(&hidden, "id"));
        assert_eq!(get(&webex, &members).await.status, status);
    }
}

#[tokio::test]
async fn a_team_of_another_data_region_has_another_cluster_in_its_id() {
    let webex = usual().await;
    let munich = seeded(&webex, "Büro München");
    assert_eq!(get(&webex, &at(&munich)).await.ok(200)["name"], "Büro München");
    assert!(!text(&munich, "id").starts_with("Y2lzY29zcGFyazovL3Vz"), "not ciscospark://us");
}

#[tokio::test]
async fn the_creator_may_be_shown() {
    let webex = crate::client::start(Options { team_creator_id: true, ..Options::default() }).await;
    let made = team(&webex, "Whose?").await;
    assert_eq!(made["creatorId"], json!(webex.person_id(Consenter::FullAdministrator)));
}

#[tokio::test]
async fn writing_teams_wants_its_scope() {
    let webex = usual().await;
    let others: Vec<_> = SCOPES.into_iter().filter(|scope| *scope != "spark:teams_write").collect();
    let token = webex.token_of(Consenter::FullAdministrator, &others);
    let own = at(&seeded(&webex, "All staff"));
    let body = json!({"name": "x"});
    for (method, path) in [("POST", "teams"), ("PUT", &own), ("DELETE", &own)] {
        assert_eq!(call_as(&webex, &token, method, path, &body).await.status, 403, "{method}");
    }
}
