//! Section 4.5: members and administrators, one call each; and the last one out.

use connector_sandbox::workplace::Workplace;
use serde_json::{Value, json};

use crate::client::{Answer, delete as scim_delete, made, put, usual};
use crate::graph::{call, form, get, ids, members, named};

async fn add(target: &Workplace, group: &str, who: &str) -> Answer {
    form(target, "POST", &format!("{group}/members"), who).await
}

async fn fresh(target: &Workplace) -> String {
    let made = form(target, "POST", "community/groups", "name=Crew").await.ok(200);
    made["id"].as_str().expect("an id").to_owned()
}

async fn shown(target: &Workplace, group: &str) -> Vec<String> {
    ids(&get(target, &format!("{group}/members?limit=500")).await.ok(200))
}

#[tokio::test]
async fn a_fresh_group_shows_nobody_until_somebody_is_made_its_administrator() {
    let target = usual().await;
    let group = fresh(&target).await;
    let (one, two) = (target.people()[0].clone(), target.people()[2].clone());
    assert_eq!(add(&target, &group, &format!("member={one}")).await.ok(200), json!({"success": true}));
    add(&target, &group, "email=it.service%40riverbank.example").await.ok(200);
    call(&target, "POST", &format!("{group}/members"), json!({"member": two})).await.ok(200);
    assert_eq!(members(&target, &group).len(), 3);
    assert!(shown(&target, &group).await.is_empty(), "though there are three");
    form(&target, "POST", &format!("{group}/admins/{one}"), "").await.ok(200);
    assert_eq!(
        shown(&target, &group).await,
        target.people()[..3].iter().map(String::as_str).collect::<Vec<_>>()
    );

    let rows =
        get(&target, &format!("{group}/members?fields=id,administrator,joined,added_by")).await.ok(200);
    let first = json!({"id": one, "administrator": true, "joined": 1_717_430_400});
    assert_eq!((&rows["data"][0], &rows["data"][1]["administrator"]), (&first, &json!(false)));
    target.set_options(|options| options.joined_as_text = true);
    let rows = get(&target, &format!("{group}/members?fields=joined")).await.ok(200);
    assert_eq!(rows["data"][0]["joined"], "2024-06-03T16:00:00+0000");
    form(&target, "DELETE", &format!("{group}/admins"), &format!("uid={one}")).await.ok(200);
    assert!(shown(&target, &group).await.is_empty(), "nobody in charge any more");
    target.set_options(|options| options.adminless_groups_hide_members = false);
    assert_eq!(shown(&target, &group).await.len(), 3);
    let adminless = named(&target, "Nobody in charge");
    assert_eq!(
        shown(&target, &adminless).await.len(),
        members(&target, &adminless).len() - 2,
        "two have left"
    );
}

#[tokio::test]
async fn one_person_is_named_by_address_or_id_and_never_by_both() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let person = target.people()[1].clone();
    let both = format!("member={person}&email=it.service%40riverbank.example");
    for who in
        [both.as_str(), "", "member=", "member=1", "email=nobody%40riverbank.example", "member=community"]
    {
        assert_eq!(add(&target, &group, who).await.graph(), (400, 100), "{who}");
        let removal = form(&target, "DELETE", &format!("{group}/members"), who).await;
        assert_eq!(removal.graph(), (400, 100), "{who}");
    }
}

#[tokio::test]
async fn adding_twice_and_removing_nobody() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let (inside, outside) = (target.people()[3].clone(), target.people()[1].clone());
    let before = members(&target, &group);
    add(&target, &group, &format!("member={inside}")).await.ok(200);
    assert_eq!(members(&target, &group), before);
    let remove = async |who: &str| {
        form(&target, "DELETE", &format!("{group}/members"), &format!("member={who}")).await
    };
    assert_eq!(remove(&outside).await.graph(), (400, 100));
    target.set_options(|options| {
        options.member_twice_refused = true;
        options.removing_strangers_refused = false;
    });
    assert_eq!(add(&target, &group, &format!("member={inside}")).await.graph(), (400, 100));
    remove(&outside).await.ok(200);
    assert_eq!(members(&target, &group), before);
}

#[tokio::test]
async fn a_member_is_removed_by_form_by_query_by_json_or_by_path_and_the_account_stays() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let of: Vec<String> = members(&target, &group).into_iter().map(|(id, _)| id).collect();
    let path = format!("{group}/members");
    form(&target, "DELETE", &path, &format!("member={}", of[1])).await.ok(200);
    call(&target, "DELETE", &format!("{path}?member={}", of[2]), Value::Null).await.ok(200);
    call(&target, "DELETE", &path, json!({"member": of[3]})).await.ok(200);
    call(&target, "DELETE", &format!("{path}/{}", of[4]), Value::Null).await.ok(200);
    let left: Vec<String> = members(&target, &group).into_iter().map(|(id, _)| id).collect();
    assert_eq!(left, [&of[..1], &of[5..]].concat());
    assert!(target.person(&of[1]).is_some());
}

#[tokio::test]
async fn with_the_last_member_the_group_goes() {
    let target = usual().await;
    let group = named(&target, "Last one out");
    let last = members(&target, &group)[0].0.clone();
    assert_eq!(
        form(&target, "DELETE", &format!("{group}/members/{last}"), "").await.ok(200),
        json!({"success": true})
    );
    assert_eq!(get(&target, &group).await.graph(), (400, 100));
    assert_eq!(target.group(&group), None);

    let (group, person) = (fresh(&target).await, made(&target).await);
    assert!(target.group(&group).is_some(), "one that never had a member is there");
    add(&target, &group, &format!("member={person}")).await.ok(200);
    scim_delete(&target, &format!("/scim2/Users/{person}")).await.ok(200);
    assert_eq!(target.group(&group), None, "a deleted account takes it along");
}

#[tokio::test]
async fn administrators_are_promoted_and_demoted() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let (first, member, outside) =
        (target.people()[0].clone(), target.people()[3].clone(), target.people()[1].clone());
    let admins = async || ids(&get(&target, &format!("{group}/admins")).await.ok(200));
    assert_eq!(admins().await, [first.as_str()]);
    form(&target, "POST", &format!("{group}/admins"), &format!("uid={member}")).await.ok(200);
    assert_eq!(admins().await, [first.as_str(), member.as_str()]);
    assert_eq!(form(&target, "POST", &format!("{group}/admins/{outside}"), "").await.graph(), (400, 100));
    target.set_options(|options| options.promoting_adds_members = true);
    form(&target, "POST", &format!("{group}/admins/{outside}"), "").await.ok(200);
    assert!(members(&target, &group).contains(&(outside.clone(), true)));

    let demote =
        async |who: &str| form(&target, "DELETE", &format!("{group}/admins"), &format!("uid={who}")).await;
    demote(&first).await.ok(200);
    assert!(members(&target, &group).contains(&(first.clone(), false)), "still a member");
    assert_eq!(demote(&first).await.graph(), (400, 100));
    demote(&outside).await.ok(200);
    target.set_options(|options| options.last_admin_stays = true);
    assert_eq!(demote(&member).await.graph(), (400, 100));
    target.set_options(|options| options.last_admin_stays = false);
    demote(&member).await.ok(200);
    assert_eq!(form(&target, "POST", &format!("{group}/admins"), "").await.graph(), (400, 100));
}

#[tokio::test]
async fn who_has_left_is_hidden_and_cannot_be_added() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let member = target.people()[3].clone();
    put(&target, &member, json!({"active": false})).await.ok(200);
    assert!(!shown(&target, &group).await.contains(&member));
    assert!(members(&target, &group).iter().any(|(id, _)| *id == member), "the membership is kept");
    target.set_options(|options| options.deactivated_in_groups = true);
    assert!(shown(&target, &group).await.contains(&member));

    let other = named(&target, "R&D / Labs");
    let left = target.people()[11].clone();
    assert_eq!(target.person(&left).unwrap()["active"], false);
    assert_eq!(add(&target, &other, &format!("member={left}")).await.graph(), (400, 100));
    target.set_options(|options| options.inactive_members_refused = false);
    add(&target, &other, &format!("member={left}")).await.ok(200);
}

#[tokio::test]
async fn of_people_of_other_companies_there_is_a_name_and_no_more() {
    let target = usual().await;
    let group = named(&target, "Suppliers");
    let rows = get(&target, &format!("{group}/members?fields=name,email,administrator,picture,active"))
        .await
        .ok(200);
    let eve = &rows["data"][0];
    let mut names: Vec<_> = eve.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!((&eve["name"], names), (&json!("Eve Partner"), vec!["id", "name", "picture"]));
    assert!(rows["data"][2]["email"].is_string(), "one of our own");
    let stranger = eve["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&target, &stranger).await.ok(200), json!({"id": stranger, "name": "Eve Partner"}));
    for (method, path) in [("POST", format!("{group}/members")), ("DELETE", format!("{group}/members"))] {
        assert_eq!(
            form(&target, method, &path, &format!("member={stranger}")).await.graph(),
            (400, 100),
            "{method}"
        );
    }
    let person = format!("member={}", target.people()[1]);
    add(&target, &group, &person).await.ok(200);
    let by_others = named(&target, "Run by others");
    assert_eq!(
        add(&target, &by_others, &person).await.graph(),
        (403, 200),
        "none of its administrators is ours"
    );
}

#[tokio::test]
async fn other_edges_are_there_and_empty() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    for edge in ["moderators", "member_requests", "former_members"] {
        assert_eq!(get(&target, &format!("{group}/{edge}")).await.ok(200), json!({"data": []}), "{edge}");
    }
}
