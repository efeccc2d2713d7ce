//! Sections 2.3, 2.5, 3.2 and 4.4: people and accounts in Graph.

use serde_json::{Value, json};

use crate::client::{AUTH, ENTERPRISE, FRONTLINE, STATUS, made, put, usual};
use crate::graph::{call, form, get, ids, walk};

#[tokio::test]
async fn a_person_mirrors_what_scim_has() {
    let target = usual().await;
    let id = made(&target).await;
    let fields = "first_name,last_name,name,email,title,department,employee_number,primary_phone,locale,updated_time,\
                  account_invite_time,account_claim_time,external_id,active,frontline,picture,link,name_format";
    let person = get(&target, &format!("{id}?fields={fields}")).await.ok(200);
    for (name, value) in [
        ("id", json!(id)),
        ("name", json!("Mina Okafor")),
        ("first_name", json!("Mina")),
        ("last_name", json!("Okafor")),
        ("email", json!("mina.okafor@riverbank.example")),
        ("title", json!("Quay Supervisor")),
        ("department", json!("Harbour")),
        ("employee_number", json!("90417")),
        ("primary_phone", json!("+441632960123")),
        ("updated_time", json!("2024-06-03T16:00:00+0000")),
        ("external_id", json!("E-90417")),
        ("active", json!(true)),
        ("frontline", json!({"is_frontline": false, "has_access": true})),
        ("account_invite_time", Value::Null),
        ("account_claim_time", Value::Null),
    ] {
        assert_eq!(person[name], value, "{name}");
    }
    put(&target, &id, json!({STATUS: {"invited": true}})).await.ok(200);
    assert!(target.claim(&id));
    let times = get(&target, &format!("{id}?fields=account_invite_time,account_claim_time")).await.ok(200);
    assert_eq!(times["account_claim_time"], "2024-06-03T16:00:00+0000");
    let by_address = get(&target, "mina.okafor%40riverbank.example").await.ok(200);
    assert_eq!(by_address, json!({"id": id, "name": "Mina Okafor"}));
}

#[tokio::test]
async fn who_has_left_is_not_among_the_members_any_more() {
    let target = usual().await;
    let (current, _) = walk(&target, "community/members?limit=100").await;
    let (former, _) = walk(&target, "community/former_members?limit=100").await;
    assert_eq!(current.len() + former.len(), 400);
    let id = current[5].clone();
    put(&target, &id, json!({"active": false})).await.ok(200);
    assert!(!walk(&target, "community/members?limit=100").await.0.contains(&id));
    assert!(walk(&target, "community/former_members?limit=100").await.0.contains(&id));
    assert!(walk(&target, "community/organization_members?limit=100&inactive=1").await.0.contains(&id));
    assert!(!walk(&target, "company/organization_members?limit=100").await.0.contains(&id));
    assert_eq!(target.person(&id).unwrap()["active"], false, "SCIM has everybody");
    get(&target, &format!("{id}/groups")).await.ok(200);
    target.set_options(|options| options.deactivated_in_graph = false);
    assert_eq!(get(&target, &format!("{id}/groups")).await.graph(), (400, 100));
}

#[tokio::test]
async fn people_are_found_by_their_external_ids() {
    let target = usual().await;
    let page = get(&target, "community/members?external_ids=E-20000,E-20002,E-1").await.ok(200);
    assert_eq!(ids(&page), [target.people()[0].as_str(), target.people()[2].as_str()]);
}

#[tokio::test]
async fn system_administrators_are_named_and_unnamed() {
    let target = usual().await;
    let admins = async || ids(&get(&target, "community/admins").await.ok(200));
    assert_eq!(admins().await, target.people()[..2]);
    let id = target.people()[7].clone();
    let done = form(&target, "POST", "community/admins", &format!("uid={id}")).await;
    assert_eq!(done.ok(200), json!({"success": true}));
    assert!(admins().await.contains(&id));
    form(&target, "DELETE", &format!("community/admins?uid={id}"), "").await.ok(200);
    assert!(!admins().await.contains(&id));
    assert_eq!(form(&target, "POST", "community/admins", "").await.graph(), (400, 100));
    assert_eq!(form(&target, "POST", "community/admins", "uid=community").await.graph(), (400, 100));
}

#[tokio::test]
async fn an_account_is_made_changed_and_deleted() {
    let target = usual().await;
    let manager = target.people()[0].clone();
    let body = json!({
        "name": "Mina Okafor", "email": "mina@riverbank.example", "title": "Quay Supervisor", "department": "Harbour",
        "cost_center": "CC-1", "manager": manager, "invited": true, "work_locale": "en_GB", "auth_method": "sso",
        "frontline": {"is_frontline": true, "has_access": true}, "external_id": "E-7",
    });
    let made = call(&target, "POST", "community/accounts", body).await.ok(200);
    let id = made["id"].as_str().expect("a text").to_owned();
    let person = target.person(&id).unwrap();
    assert_eq!(
        (&person["userName"], &person["externalId"]),
        (&json!("mina@riverbank.example"), &json!("E-7"))
    );
    assert_eq!((&person["title"], &person["locale"]), (&json!("Quay Supervisor"), &json!("en_GB")));
    let enterprise = &person[ENTERPRISE];
    assert_eq!((&enterprise["department"], &enterprise["costCenter"]), (&json!("Harbour"), &json!("CC-1")));
    assert_eq!(enterprise["manager"]["managerId"].to_string(), manager);
    assert_eq!((&person[STATUS]["invited"], &person[AUTH]["authMethod"]), (&json!(true), &json!("sso")));
    assert_eq!(person[FRONTLINE]["is_frontline"], true);

    form(&target, "POST", "mina%40riverbank.example", "title=Master&is_frontline=false").await.ok(200);
    form(&target, "POST", &id, "active=false").await.ok(200);
    let person = target.person(&id).unwrap();
    assert_eq!((&person["title"], &person["active"]), (&json!("Master"), &json!(false)));
    assert_eq!(person[FRONTLINE]["is_frontline"], false);
    form(&target, "POST", &format!("{id}?active=true"), "").await.ok(200);
    assert_eq!(target.person(&id).unwrap()["active"], true);

    form(&target, "POST", &format!("{id}/logout"), "").await.ok(200);
    assert_eq!(form(&target, "DELETE", &id, "").await.ok(200), json!({"success": true}));
    assert_eq!(target.person(&id), None);
    let come = target.people()[0].clone();
    assert_eq!(form(&target, "DELETE", &come, "").await.graph(), (400, 100), "who has come stays");
}

#[tokio::test]
async fn an_account_needs_a_name_and_an_address_or_external_id() {
    let target = usual().await;
    for body in [
        "email=a%40riverbank.example",
        "name=A",
        "name=A&email=a%40elsewhere.example",
        "name=A&external_id=E-1",
    ] {
        assert_eq!(form(&target, "POST", "community/accounts", body).await.graph(), (400, 100), "{body}");
    }
    let duplicate =
        form(&target, "POST", "community/accounts", "name=A&email=ivo.brandt%40riverbank.example").await;
    assert_eq!(duplicate.graph(), (409, 100));
    for body in ["manager=boss", "frontline=yes", "active=maybe", "auth_method=magic"] {
        assert_eq!(form(&target, "POST", &target.people()[3], body).await.graph(), (400, 100), "{body}");
    }
    target.set_options(|options| options.email_less_accounts = true);
    let made =
        form(&target, "POST", "community/accounts", "name=A&external_id=E-1&invited=false").await.ok(200);
    let person = target.person(made["id"].as_str().unwrap()).unwrap();
    assert_eq!(person[STATUS]["invited"], true, "always invited");
}
