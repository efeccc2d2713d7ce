//! Section 2.3: memberships are read through groups and users, and `/groupMembers` is something else.

use connector_sandbox::activecampaign::MembershipEnvelope;
use serde_json::json;

use crate::client::{call, get, text, usual};

#[tokio::test]
async fn the_people_of_a_group_come_all_at_once() {
    let target = usual().await;
    let members = target.group("4").unwrap()["members"].as_array().unwrap().len();
    assert!(members > 20, "more than a page");
    let body = get(&target, "groups/4/userGroups").await.ok(200);
    assert_eq!(body["userGroups"].as_array().unwrap().len(), members);
    assert_eq!(body.get("meta"), None);
    assert_eq!(get(&target, "groups/8/userGroups").await.ok(200), json!({"userGroups": []}));

    target.set_options(|options| options.members_paged = true);
    let page = get(&target, "groups/4/userGroups").await.ok(200);
    assert_eq!(page["userGroups"].as_array().unwrap().len(), 20);
    assert_eq!(page["meta"], json!({"total": members.to_string()}));
    let rest = get(&target, &format!("groups/4/userGroups?limit=100&offset={}", members - 1)).await.ok(200);
    assert_eq!(rest["userGroups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_record_names_both_sides_twice_and_leads_to_them() {
    let target = usual().await;
    let record = get(&target, "groups/3/userGroups").await.ok(200)["userGroups"][0].clone();
    let id = text(&record, "id").to_owned();
    let link = |to: &str| format!("{}/userGroups/{id}/{to}", target.api_url());
    let expected = json!({
        "userid": "1", "groupid": "3", "cdate": null, "udate": null,
        "links": {"group": link("group"), "user": link("user")}, "id": id, "group": "3", "user": "1",
    });
    assert_eq!(record, expected);
    let user = get(&target, &format!("userGroups/{id}/user")).await.ok(200);
    assert_eq!(user, get(&target, "users/1").await.ok(200));
    let group = get(&target, &format!("userGroups/{id}/group")).await.ok(200);
    assert_eq!(group, get(&target, "groups/3").await.ok(200));
    assert_eq!(get(&target, "userGroups/99999/user").await.status, 404);
}

#[tokio::test]
async fn a_user_shows_the_first_of_several_memberships_or_all() {
    let target = usual().await;
    assert_eq!(
        target.user("19").unwrap()["groups"],
        json!(["4", "5", "6"]),
        "in three groups from old times"
    );
    let one = get(&target, "users/19/userGroup").await.ok(200);
    assert_eq!(one["userGroup"]["groupid"], "4");
    target.set_options(|options| options.membership_envelope = MembershipEnvelope::List);
    let all = get(&target, "users/19/userGroup").await.ok(200);
    assert_eq!(all["userGroups"].as_array().unwrap().len(), 3);
    target.set_options(|options| options.membership_envelope = MembershipEnvelope::Nothing);
    assert_eq!(get(&target, "users/19/userGroup").await.ok(200), json!({}));
}

#[tokio::test]
async fn memberships_cannot_be_written() {
    let target = usual().await;
    let body = json!({"userGroup": {"userid": 9, "groupid": 5}});
    assert_eq!(call(&target, "POST", "userGroups", body).await.status, 404);
    assert_eq!(call(&target, "DELETE", "userGroups/1", json!(null)).await.status, 404);
}

#[tokio::test]
async fn group_members_are_fields_of_contacts() {
    let target = usual().await;
    let body = get(&target, "groupMembers").await.ok(200);
    assert!(body["groupMembers"][0].get("userid").is_none());
    assert_eq!(
        get(&target, "groupDefinitions").await.ok(200)["groupDefinitions"][0]["title"],
        "General Details"
    );
}
