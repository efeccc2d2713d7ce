//! Teams as groups: only those of the account that consented, which stays in each of them.

use connector_sandbox::webex::Consenter;
use serde_json::{Value, json};

use super::{OWN_GROUP, Organisation, replace};

/// The team as the target holds it.
fn team(acme: &Organisation, id: &str) -> Option<Value> {
    acme.target.teams().into_iter().find(|team| team["id"] == id)
}

fn people(team: &Value) -> Vec<&str> {
    team["members"].as_array().unwrap().iter().map(|member| member["personId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_team_lives_from_create_to_delete() {
    let acme = Organisation::with(|_| {}, "allow_team_delete = true").await;
    let scim = &acme.scim;
    let me = acme.target.person_id(Consenter::FullAdministrator);
    let (ada, bo) = (acme.create("ada").await, acme.create("bo").await);
    let body =
        json!({"displayName": "Print", "members": [{"value": ada}], OWN_GROUP: {"description": "The press"}});
    let created = scim.post("/Groups", &body).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Groups/{id}");
    assert_eq!(created["members"][0]["value"], json!(ada));
    assert_eq!(created["members"].as_array().unwrap().len(), 1, "the account is not shown");
    assert_eq!(people(&team(&acme, &id).unwrap()), [me.as_str(), ada.as_str()]);
    acme.writes();

    scim.patch(&path, replace("displayName", json!("Press"))).await.ok(204);
    let held = team(&acme, &id).unwrap();
    assert_eq!((&held["name"], &held["description"]), (&json!("Press"), &json!("The press")));
    assert_eq!(acme.writes(), [format!("PUT /v1/teams/{id}")]);

    // Only the difference, each by a call of its own; the account stays.
    let members = json!([{"value": bo}]);
    scim.patch(&path, replace("members", members)).await.ok(204);
    assert_eq!(acme.writes().len(), 2);
    assert_eq!(people(&team(&acme, &id).unwrap()), [me.as_str(), bo.as_str()]);
    scim.patch(&path, json!([{"op": "remove", "path": "members"}])).await.ok(204);
    assert_eq!(people(&team(&acme, &id).unwrap()), [me.as_str()]);

    let by_name = json!([{"op": "remove", "path": format!("members[value eq \"{me}\"]")}]);
    let detail = scim.patch(&path, by_name).await.refused(403, "");
    assert!(detail.contains("the account that consented"), "{detail}");

    scim.delete(&path).await.ok(204);
    assert_eq!(team(&acme, &id), None);
    assert_eq!(scim.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_team_is_not_deleted_unless_the_operator_allows_it() {
    let acme = Organisation::new().await;
    let listed = acme.scim.get("/Groups").await.ok(200);
    let id = listed["Resources"][0]["id"].as_str().unwrap();
    let detail = acme.scim.delete(&format!("/Groups/{id}")).await.refused(403, "");
    assert!(detail.contains("all spaces") && detail.contains("allow_team_delete"), "{detail}");
    assert!(team(&acme, id).is_some());
}

#[tokio::test]
async fn only_the_teams_of_the_account_are_seen_and_the_operator_is_told() {
    let acme = Organisation::new().await;
    let listed = acme.scim.get("/Groups").await.ok(200);
    assert_eq!(listed["totalResults"], 3);
    let types = acme.scim.get("/ResourceTypes/Group").await.ok(200);
    assert!(types["description"].as_str().unwrap().contains("not a member of are not seen"), "{types}");
    let checked = acme.host.run(&["check", "--online"]).await;
    let said =
        String::from_utf8_lossy(&checked.stderr).into_owned() + &String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success() && said.contains("groups are only the teams"), "{said}");
}

#[tokio::test]
async fn the_flag_of_a_moderator_survives_every_change_of_members() {
    let acme = Organisation::new().await;
    let bo = acme.create("bo").await;
    for listed in acme.scim.get("/Groups").await.ok(200)["Resources"].as_array().unwrap() {
        let id = listed["id"].as_str().unwrap();
        let moderators = || -> Vec<String> {
            let team = team(&acme, id).unwrap();
            let members = team["members"].as_array().unwrap().clone();
            let moderators = members.into_iter().filter(|member| member["isModerator"] == true);
            moderators.map(|member| member["personId"].as_str().unwrap().to_owned()).collect()
        };
        let before = moderators();
        let mut members = listed["members"].as_array().cloned().unwrap_or_default();
        members.push(json!({"value": bo}));
        acme.scim.patch(&format!("/Groups/{id}"), replace("members", members.into())).await.ok(204);
        assert_eq!(moderators(), before);
        assert!(people(&team(&acme, id).unwrap()).contains(&bo.as_str()));
    }
}

#[tokio::test]
async fn moderators_are_read_when_they_alone_are_asked_for() {
    let acme = Organisation::new().await;
    let listed = acme.scim.get("/Groups").await.ok(200);
    let groups = listed["Resources"].as_array().unwrap();
    let moderated =
        groups.iter().find(|group| group[OWN_GROUP]["moderators"].is_array()).expect("a moderator");
    let (id, moderators) = (moderated["id"].as_str().unwrap(), &moderated[OWN_GROUP]["moderators"]);
    let only = acme.scim.get(&format!("/Groups/{id}?attributes={OWN_GROUP}:moderators")).await.ok(200);
    assert_eq!(&only[OWN_GROUP]["moderators"], moderators, "{only}");
    let by_moderator =
        format!("{OWN_GROUP}:moderators.value eq \"{}\"", moderators[0]["value"].as_str().unwrap());
    let found = acme.scim.get(&format!("/Groups?attributes=id&filter={by_moderator}")).await.ok(200);
    let ids: Vec<_> = found["Resources"].as_array().unwrap().iter().map(|group| &group["id"]).collect();
    assert!(ids.contains(&&json!(id)), "{found}");
}
