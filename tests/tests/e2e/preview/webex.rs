//! Webex.

use std::collections::BTreeSet;

use connector_sandbox::webex::Consenter;
use serde_json::{Value, json};

use super::session::{Session, change};
use crate::{
    ENTERPRISE,
    webex::{OWN_GROUP, Organisation, user},
};

/// People, teams, and what can only be read.
pub(super) async fn play() -> BTreeSet<String> {
    let acme = Organisation::with(|options| options.teams = 15, "allow_team_delete = true").await;
    let asked = || {
        let requests = acme.target.requests();
        acme.target.clear_requests();
        requests
    };
    let session = Session::new(&acme.scim, asked);
    let me = acme.target.person_id(Consenter::FullAdministrator);
    let auditor = acme.target.person_id(Consenter::ReadOnlyAdministrator);
    let messaging = acme.license("Advanced Messaging").await;

    let with = |name: &str, more: Value| {
        let mut body = user(name);
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let whole = json!({
        "entitlements": [{"value": messaging}],
        "addresses": [{"type": "work", "streetAddress": "Beispielweg 7", "locality": "Berlin", "country": "DE"}],
        ENTERPRISE: {"department": "Print", "manager": {"value": me}},
    });
    let created = session.is_as_previewed("POST", "/Users", with("ada", whole)).await;
    let ada = created["id"].clone();
    let path = format!("/Users/{}", ada.as_str().unwrap());
    session.is_as_previewed("GET", &path, Value::Null).await;
    let title = change(json!([{"op": "replace", "path": "title", "value": "Countess"}]));
    session.is_as_previewed("PATCH", &path, title.clone()).await;
    session.is_as_previewed("PATCH", &path, title).await;
    let licences = change(json!([{"op": "remove", "path": "entitlements"}]));
    session.is_as_previewed("PATCH", &path, licences).await;
    session.is_as_previewed("PUT", &path, with("ada", json!({"entitlements": [{"value": messaging}]}))).await;
    for active in [false, true, false] {
        let active = change(json!([{"op": "replace", "path": "active", "value": active}]));
        session.is_as_previewed("PATCH", &path, active).await;
    }
    let bo =
        session.is_as_previewed("POST", "/Users", with("bo", json!({"active": false}))).await["id"].clone();
    session.is_refused_as_previewed("POST", "/Users", user("bo")).await;
    let myself = format!("/Users/{me}");
    session.is_refused_as_previewed("DELETE", &myself, Value::Null).await;

    let group = json!({
        "displayName": "Preview", "members": [{"value": ada}, {"value": auditor}], OWN_GROUP: {"description": "The press"},
    });
    let created = session.is_as_previewed("POST", "/Groups", group).await;
    let team = format!("/Groups/{}", created["id"].as_str().unwrap());
    session.is_as_previewed("GET", &team, Value::Null).await;
    let members = change(json!([
        {"op": "remove", "path": format!("members[value eq \"{auditor}\"]")},
        {"op": "add", "path": "members", "value": [{"value": bo}]},
    ]));
    session.is_as_previewed("PATCH", &team, members).await;
    let both = json!({"displayName": "Renamed", "members": [{"value": auditor}]});
    session.is_as_previewed("PUT", &team, both).await;
    // The account that consented stays, and so do the members of other organisations until they are named.
    let leave = change(json!([{"op": "remove", "path": format!("members[value eq \"{me}\"]")}]));
    let detail = session.is_refused_as_previewed("PATCH", &team, leave).await;
    assert!(detail.contains("the account that consented"), "{detail}");
    let teams = acme.target.teams();
    let guest_in = |team: &Value| {
        let members = team["members"].as_array().unwrap();
        let guest = members.iter().find(|member| member["personEmail"] == "eve.partner@partner.example")?;
        Some((
            format!("/Groups/{}", team["id"].as_str().unwrap()),
            guest["personId"].as_str().unwrap().to_owned(),
        ))
    };
    let (shared, guest) = teams.iter().find_map(guest_in).unwrap();
    let nobody = change(json!([{"op": "replace", "path": "members", "value": [{"value": bo}]}]));
    session.is_as_previewed("PATCH", &shared, nobody).await;
    let read = session.is_as_previewed("GET", &shared, Value::Null).await;
    assert!(read["members"].to_string().contains(&guest), "{read}");
    let named = change(json!([{"op": "remove", "path": format!("members[value eq \"{guest}\"]")}]));
    session.is_as_previewed("PATCH", &shared, named).await;
    session.is_as_previewed("DELETE", &team, Value::Null).await;
    // A team that was handed over has one moderator, who stays.
    let moderators_of = |team: &Value| -> Vec<Value> {
        let members = team["members"].as_array().unwrap().iter();
        members
            .filter(|member| member["isModerator"] == true)
            .map(|member| member["personId"].clone())
            .collect()
    };
    let handed_over = teams.iter().find(|team| {
        let is_in = team["members"].as_array().unwrap().iter().any(|member| member["personId"] == me);
        is_in && moderators_of(team).len() == 1 && moderators_of(team)[0] != me
    });
    let handed_over = handed_over.unwrap();
    let moderator = moderators_of(handed_over)[0].as_str().unwrap().to_owned();
    let leave = change(json!([{"op": "remove", "path": format!("members[value eq \"{moderator}\"]")}]));
    let path_of_team = format!("/Groups/{}", handed_over["id"].as_str().unwrap());
    let detail = session.is_refused_as_previewed("PATCH", &path_of_team, leave).await;
    assert!(detail.contains("the last moderator"), "{detail}");

    session.is_as_previewed("DELETE", &path, Value::Null).await;
    for path in
        ["/Users?count=3", "/Groups?count=2", "/Licenses", "/Entitlements", "/Roles", "/Organizations"]
    {
        session.is_as_previewed("GET", path, Value::Null).await;
    }
    session.tried()
}
