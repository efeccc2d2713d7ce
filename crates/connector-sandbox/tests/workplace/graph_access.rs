//! Sections 1.2 to 1.4 for Graph: the token, the proof, and what each permission is for.

use connector_sandbox::workplace::{Era, Options, Permission, Workplace};
use serde_json::{Value, json};

use crate::client::{STATUS, call_as, mina, post, send, start, usual, with};
use crate::graph::{call, form, get, members, named};

#[tokio::test]
async fn the_token_may_be_in_the_query_and_no_user_agent_is_needed() {
    let target = usual().await;
    let path = format!("/graph/community?access_token={}", target.token());
    assert_eq!(send(&target, "GET", &path, "", "").await.unwrap().status, 200);
    assert_eq!(send(&target, "GET", "/graph/community", "", "").await.unwrap().graph(), (401, 190));
    let log = serde_json::to_string(&target.requests()).unwrap();
    assert!(!log.contains(&target.token()) && log.contains("access_token=(masked)"), "{log}");
}

#[tokio::test]
async fn a_next_link_has_no_proof_and_must_be_signed_anew() {
    let target = start(Options { proof_required: true, ..Options::default() }).await;
    let proof = target.proof(&target.token());
    let page = get(&target, &format!("community/groups?limit=2&fields=name&{proof}")).await.ok(200);
    let next = page["paging"]["next"].as_str().unwrap().strip_prefix(&target.graph_url()).unwrap().to_owned();
    assert!(!next.contains("appsecret") && next.contains("fields=name&limit=2&after="), "{next}");
    let next = next.trim_start_matches('/');
    assert_eq!(get(&target, next).await.graph(), (400, 100));
    assert_eq!(get(&target, &format!("{next}&{proof}")).await.status, 200);
}

#[tokio::test]
async fn every_answer_tells_the_usage() {
    let target = usual().await;
    let usage = |answer: &crate::client::Answer| answer.header("x-app-usage").map(str::to_owned);
    assert!(
        usage(&get(&target, "community").await).is_some_and(|usage| usage.starts_with(r#"{"call_count":"#))
    );
    assert!(usage(&get(&target, "1").await).is_some(), "errors too");
    assert_eq!(
        get(&target, "community").await.header("content-type"),
        Some("application/json; charset=UTF-8")
    );
}

/// The status of a call that needs no body.
async fn status(target: &Workplace, token: &str, method: &str, path: &str) -> u16 {
    call_as(target, token, method, &format!("/graph/{path}"), &Value::Null).await.status
}

#[tokio::test]
async fn each_call_needs_its_permission() {
    use Permission::{
        ManageAccounts, ManageGroup, ManageWorkProfiles, ProvisionUserAccounts, ReadGroup,
        ReadGroupMembership, ReadUserWorkProfile,
    };
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let (admin, person) = (members(&target, &group)[0].0.clone(), target.people()[4].clone());
    let paths: &[(&str, String, &[Permission])] = &[
        ("GET", "community".into(), &[ReadGroup, ManageGroup]),
        ("GET", "community/groups".into(), &[ReadGroup, ManageGroup]),
        ("GET", format!("{group}/groups"), &[ReadGroup, ManageGroup]),
        ("GET", group.clone(), &[ReadGroup]),
        ("GET", format!("{group}/members"), &[ReadGroupMembership]),
        ("GET", format!("{group}/admins"), &[ReadGroupMembership]),
        ("GET", "community/members".into(), &[ManageWorkProfiles]),
        ("GET", "community/former_members".into(), &[ManageWorkProfiles]),
        ("GET", "community/organization_members".into(), &[ReadGroupMembership]),
        ("GET", "community/admins".into(), &[ManageAccounts]),
        ("POST", format!("community/admins?uid={person}"), &[ManageAccounts]),
        ("GET", person.clone(), &[ReadUserWorkProfile, ManageAccounts]),
        ("GET", format!("{person}/groups"), &[ReadGroupMembership, ReadGroup]),
        ("POST", "community/groups?name=New".into(), &[ManageGroup]),
        ("POST", format!("{group}?description=x"), &[ManageGroup]),
        ("POST", format!("{group}/members?member={admin}"), &[ManageGroup]),
        ("POST", format!("{group}/admins/{admin}"), &[ManageGroup]),
        ("POST", format!("{person}?title=x"), &[ManageWorkProfiles]),
        ("POST", format!("{person}?active=true"), &[ProvisionUserAccounts]),
        ("POST", format!("{person}/logout"), &[ProvisionUserAccounts, ManageAccounts]),
    ];
    for (method, path, any_of) in paths {
        for permission in *any_of {
            let alone = target.token_with(&[*permission]);
            assert_eq!(
                status(&target, &alone, method, path).await,
                200,
                "{method} {path} with {permission:?}"
            );
        }
        let others: Vec<_> = Permission::ALL.into_iter().filter(|p| !any_of.contains(p)).collect();
        let without = target.token_with(&others);
        assert_eq!(status(&target, &without, method, path).await, 403, "{method} {path} without {any_of:?}");
    }
}

#[tokio::test]
async fn making_and_deleting_accounts_needs_to_provision() {
    let target = usual().await;
    let id = post(&target, mina()).await.ok(201)["id"].to_string();
    let path = format!("/graph/{id}");
    let others: Vec<_> =
        Permission::ALL.into_iter().filter(|p| *p != Permission::ProvisionUserAccounts).collect();
    let (with, without) =
        (target.token_with(&[Permission::ProvisionUserAccounts]), target.token_with(&others));
    let body = json!({"name": "A", "email": "a@riverbank.example"});
    for (token, status) in [(&without, 403), (&with, 200)] {
        let accounts = "/graph/community/accounts";
        assert_eq!(call_as(&target, token, "POST", accounts, &body).await.status, status);
        assert_eq!(call_as(&target, token, "DELETE", &path, &Value::Null).await.status, status);
    }
}

#[tokio::test]
async fn listing_members_may_need_less() {
    let target = usual().await;
    let path = format!("{}/members", named(&target, "Harbour Safety"));
    let token = target.token_with(&[Permission::ReadGroup]);
    assert_eq!(status(&target, &token, "GET", &path).await, 403);
    target.set_options(|options| options.members_need_membership = false);
    assert_eq!(status(&target, &token, "GET", &path).await, 200);
}

#[tokio::test]
async fn fields_without_their_permission_are_missing_and_nothing_is_said() {
    use Permission::{ManageAccounts, ReadUserEmail, ReadUserWorkProfile};
    let target = usual().await;
    let person = target.people()[3].clone();
    let fields = "email,department,title,primary_phone,name";
    let read = async |permissions: &[Permission]| {
        let token = target.token_with(permissions);
        let path = format!("/graph/{person}?fields={fields}");
        let body = call_as(&target, &token, "GET", &path, &Value::Null).await.ok(200);
        let mut names: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        names.sort();
        names.join(",")
    };
    assert_eq!(read(&[ManageAccounts]).await, "id,name");
    assert_eq!(read(&[ManageAccounts, ReadUserEmail]).await, "email,id,name");
    assert_eq!(read(&[ReadUserWorkProfile]).await, "department,id,name,primary_phone,title");
}

#[tokio::test]
async fn an_integration_may_be_limited_to_chosen_groups() {
    let target = usual().await;
    let (one, other) = (named(&target, "Harbour Safety"), named(&target, "R&D / Labs"));
    target.set_options(|options| options.chosen_groups = vec![one.clone()]);
    assert_eq!(crate::graph::ids(&get(&target, "community/groups").await.ok(200)), [one.as_str()]);
    assert_eq!(get(&target, &one).await.status, 200);
    for path in [other.clone(), format!("{other}/members")] {
        assert_eq!(get(&target, &path).await.graph(), (403, 200), "{path}");
    }
    assert_eq!(form(&target, "POST", &other, "name=x").await.graph(), (403, 200));
    assert_eq!(
        form(&target, "POST", "community/groups", "name=x").await.graph(),
        (403, 200),
        "and makes no new ones"
    );
    assert_eq!(form(&target, "POST", &one, "name=x").await.status, 200);
}

#[tokio::test]
async fn it_may_be_read_only_closed_or_not_there() {
    let target = usual().await;
    target.set_options(|options| options.era = Era::ReadOnly);
    assert_eq!(call(&target, "POST", "community/groups", json!({"name": "x"})).await.graph(), (403, 10));
    assert_eq!(get(&target, "community").await.status, 200);
    target.set_options(|options| options.era = Era::Closed);
    assert_eq!(get(&target, "community").await.graph(), (410, 3));
    target.set_options(|options| {
        options.era = Era::Normal;
        options.graph_served = false;
    });
    assert_eq!(get(&target, "community").await.status, 404);
    post(&target, with(mina(), json!({STATUS: {"invited": true}}))).await.ok(201);
}
