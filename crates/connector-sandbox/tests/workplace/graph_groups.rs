//! Sections 2.4, 2.5 and 4.5: groups, which nothing deletes.

use serde_json::{Value, json};

use crate::client::usual;
use crate::graph::{call, form, get, ids, members, named, walk};

#[tokio::test]
async fn a_group_and_its_fields() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let fields = "name,description,privacy,cover,icon,owner,is_workplace_default,is_community,updated_time,archived,\
                  post_requires_admin_approval,purpose,post_permissions,join_setting,sorting_setting";
    let body = get(&target, &format!("{group}?fields={fields}")).await.ok(200);
    let owner = target.people()[0].clone();
    let expected = json!({
        "id": group,
        "name": "Harbour Safety",
        "description": "All about Harbour Safety",
        "privacy": "CLOSED",
        "icon": format!("https://static.example/icons/{group}.png"),
        "owner": {"id": owner, "name": target.person(&owner).unwrap()["name"]["formatted"]},
        "is_workplace_default": false,
        "is_community": false,
        "updated_time": "2022-04-16T05:20:00+0000",
        "archived": false,
        "post_requires_admin_approval": false,
        "purpose": "WORK_TEAMWORK",
        "post_permissions": "NONE",
        "join_setting": "ANYONE",
        "sorting_setting": "CHRONOLOGICAL",
    });
    assert_eq!(body, expected);
    let everyone = get(&target, &format!("{}?fields=owner,cover", named(&target, "Everyone"))).await.ok(200);
    assert_eq!(
        (everyone.get("owner"), everyone["cover"]["source"].is_string()),
        (None, true),
        "an owner can be missing"
    );
}

#[tokio::test]
async fn the_community_lists_what_is_right_below_it_whatever_that_is() {
    let target = usual().await;
    let (all, _) = walk(&target, "community/groups?limit=5").await;
    assert_eq!(all.len(), 13, "all but the one below the child community");
    assert_eq!(walk(&target, "company/groups?limit=5").await.0, all);
    let child = named(&target, "Riverbank France");
    assert!(all.contains(&child) && all.contains(&named(&target, "Suppliers")));
    let below = named(&target, "Équipe \"Nord\"");
    assert!(!all.contains(&below));
    assert_eq!(ids(&get(&target, &format!("{child}/groups?limit=100")).await.ok(200)), [below.as_str()]);
    let root = get(&target, "community?fields=name,is_community,privacy,archived,is_workplace_default")
        .await
        .ok(200);
    assert_eq!((&root["name"], &root["is_community"]), (&json!("Riverbank"), &json!(true)));
    assert_eq!(get(&target, root["id"].as_str().unwrap()).await.ok(200)["name"], "Riverbank");
}

#[tokio::test]
async fn a_group_is_made_with_a_name_and_answers_its_id() {
    let target = usual().await;
    let made = form(&target, "POST", "community/groups", "name=Dock+crew").await.ok(200);
    let id = made["id"].as_str().expect("a text");
    assert_eq!(made, json!({"id": id}));
    let group = target.group(id).unwrap();
    assert_eq!((&group["name"], &group["privacy"]), (&json!("Dock crew"), &json!("CLOSED")));
    assert_eq!((&group["owner"], &group["members"]), (&Value::Null, &json!([])));
    target.set_options(|options| options.default_privacy = "OPEN".into());
    let admin = target.people()[2].clone();
    let body = json!({
        "name": "Crew 2", "description": "d", "purpose": "WORK_FEEDBACK", "join_setting": "ADMIN_ONLY",
        "post_permissions": "ADMIN_ONLY", "post_requires_admin_approval": true, "cover_url": "https://static.example/c.png",
        "sorting_setting": "RECENT", "admin": admin,
    });
    let made = call(&target, "POST", "community/groups", body).await.ok(200);
    let group = target.group(made["id"].as_str().unwrap()).unwrap();
    for (name, value) in [
        ("privacy", json!("OPEN")),
        ("description", json!("d")),
        ("purpose", json!("WORK_FEEDBACK")),
        ("join_setting", json!("ADMIN_ONLY")),
        ("post_permissions", json!("ADMIN_ONLY")),
        ("post_requires_admin_approval", json!(true)),
        ("cover", json!({"source": "https://static.example/c.png"})),
        ("sorting_setting", json!("RECENT")),
        ("members", json!([{"id": admin, "administrator": true}])),
    ] {
        assert_eq!(group[name], value, "{name}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let target = usual().await;
    for body in [
        "description=x",
        "name=+",
        "name=x&privacy=HIDDEN",
        "name=x&purpose=WORK_FOR_SALE",
        "name=x&join_setting=SOME",
        "name=x&post_requires_admin_approval=maybe",
        "name=x&purpose=WORK_MULTI_COMPANY&privacy=OPEN",
        "name=x&admin=1",
        "name=x&admin=community",
    ] {
        assert_eq!(form(&target, "POST", "community/groups", body).await.graph(), (400, 100), "{body}");
    }
    assert_eq!(call(&target, "POST", "community/groups", json!([])).await.graph(), (400, 100));
    assert_eq!(target.groups().len(), 14);
    target.set_options(|options| options.unique_group_names = true);
    assert_eq!(form(&target, "POST", "community/groups", "name=Everyone").await.graph(), (400, 100));
}

#[tokio::test]
async fn a_change_names_what_changes_in_a_form_in_json_or_in_the_query() {
    let target = usual().await;
    let group = named(&target, "R&D / Labs");
    let before = target.group(&group).unwrap();
    assert_eq!(form(&target, "POST", &group, "name=Labs").await.ok(200), json!({"success": true}));
    form(&target, "POST", &format!("{group}?description=From+the+query"), "").await.ok(200);
    call(&target, "POST", &group, json!({"privacy": "SECRET"})).await.ok(200);
    let after = target.group(&group).unwrap();
    assert_eq!((&after["name"], &after["description"]), (&json!("Labs"), &json!("From the query")));
    assert_eq!((&after["privacy"], &after["members"]), (&json!("SECRET"), &before["members"]));
    assert_eq!(after["updated_time"], "2024-06-03T16:00:00+0000");
    form(&target, "POST", &group, "description=").await.ok(200);
    assert_eq!(target.group(&group).unwrap()["description"], Value::Null);
    target.set_options(|options| {
        options.empty_value_clears = false;
        options.purpose_writable = false;
    });
    form(&target, "POST", &group, "description=x").await.ok(200);
    form(&target, "POST", &group, "description=").await.ok(200);
    assert_eq!(target.group(&group).unwrap()["description"], "x");
    assert_eq!(form(&target, "POST", &group, "purpose=WORK_SOCIAL").await.graph(), (400, 100));
    form(&target, "POST", &group, "group_type=WORK_SOCIAL").await.ok(200);
    assert_eq!(target.group(&group).unwrap()["purpose"], "WORK_SOCIAL");
}

#[tokio::test]
async fn a_group_is_archived_and_brought_back_but_never_deleted() {
    let target = usual().await;
    let group = named(&target, "R&D / Labs");
    assert_eq!(form(&target, "DELETE", &group, "").await.graph(), (400, 100));
    form(&target, "POST", &group, "archive=true").await.ok(200);
    assert_eq!(get(&target, &format!("{group}?fields=archived")).await.ok(200)["archived"], true);
    assert!(walk(&target, "community/groups?limit=100").await.0.contains(&group), "it is still listed");
    form(&target, "POST", &group, "name=Old+labs").await.ok(200);
    target.set_options(|options| options.archived_groups_fixed = true);
    assert_eq!(form(&target, "POST", &group, "name=Labs").await.graph(), (400, 100));
    let add = format!("member={}", target.people()[1]);
    assert_eq!(form(&target, "POST", &format!("{group}/members"), &add).await.graph(), (400, 100));
    form(&target, "POST", &group, "archive=false").await.ok(200);
    form(&target, "POST", &group, "name=Labs").await.ok(200);
}

#[tokio::test]
async fn the_groups_of_a_person_come_with_their_privacy() {
    let target = usual().await;
    let person = target.people()[0].clone();
    let page = get(&target, &format!("{person}/groups?limit=100")).await.ok(200);
    let everyone = json!({"id": named(&target, "Everyone"), "name": "Everyone", "privacy": "OPEN"});
    assert_eq!(page["data"][0], everyone);
    let named_only = get(&target, &format!("{person}/groups?fields=name")).await.ok(200);
    assert_eq!(named_only["data"][0].get("privacy"), None);
    let (ids, _) = walk(&target, &format!("{person}/groups?limit=3")).await;
    assert!(ids.iter().all(|group| members(&target, group).iter().any(|(id, _)| *id == person)));
}
