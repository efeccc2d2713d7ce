//! Points 7 and 8 for groups: create, replace, change, remove, and who may be a member.

use connector_sandbox::slack::{Lag, Options, Slack};
use serde_json::{Value, json};

use crate::client::{CORE, GUEST, get, new_user, patch, path, scim, seeded, start, usual};

async fn post(slack: &Slack, name: &str, members: &[&Value]) -> Value {
    let members: Vec<_> = members.iter().map(|user| json!({"value": user["id"]})).collect();
    let body = json!({"schemas": [CORE], "displayName": name, "members": members});
    scim(slack, "POST", "Groups", body).await.ok(201)
}

fn group_path(group: &Value) -> String {
    format!("Groups/{}", group["id"].as_str().expect("an id"))
}

async fn members(slack: &Slack, group: &Value) -> Vec<Value> {
    let group = get(slack, &group_path(group)).await.ok(200);
    group["members"].as_array().expect("a list").iter().map(|member| member["value"].clone()).collect()
}

#[tokio::test]
async fn a_group_lives_by_201_200_204_and_204() {
    let slack = usual().await;
    let ada =
        new_user(&slack, "ada.l", json!({"name": {"givenName": "Ada", "familyName": "Lovelace"}})).await;
    let grace = new_user(&slack, "grace.h", json!({})).await;
    let group = post(&slack, "Compilers", &[&ada]).await;
    assert!(group["id"].as_str().unwrap().starts_with('S'));
    assert_eq!(group["members"], json!([{"value": ada["id"], "display": "Ada Lovelace"}]));
    let names: Vec<_> = group.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["schemas", "id", "displayName", "members", "meta"]);

    let change = json!({"displayName": "Compilers EMEA", "members": [
        {"value": grace["id"]}, {"value": ada["id"], "operation": "delete"}]});
    let patched = patch(&slack, &group_path(&group), change).await;
    assert_eq!((patched.status, patched.text.as_str()), (204, ""));
    assert_eq!(members(&slack, &group).await, [grace["id"].clone()]);
    let user = get(&slack, &path(&grace)).await.ok(200);
    assert_eq!(user["groups"], json!([{"value": group["id"], "display": "Compilers EMEA"}]));
    assert_eq!(get(&slack, &path(&ada)).await.ok(200)["groups"], json!([]));

    let put = json!({"schemas": [CORE], "displayName": "Compilers"});
    let replaced = scim(&slack, "PUT", &group_path(&group), put).await.ok(200);
    assert_eq!(
        (replaced["displayName"].clone(), replaced["members"].clone()),
        (json!("Compilers"), json!([]))
    );

    let deleted = scim(&slack, "DELETE", &group_path(&group), Value::Null).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(get(&slack, &group_path(&group)).await.error(), (404, "no_such_group".into()));
    assert_eq!(scim(&slack, "DELETE", &group_path(&group), Value::Null).await.status, 404);
}

#[tokio::test]
async fn a_member_shows_its_new_name_and_a_removed_group_leaves_its_users() {
    let slack = usual().await;
    let ada = new_user(&slack, "ada.l", json!({})).await;
    let group = post(&slack, "Compilers", &[&ada]).await;
    get(&slack, &group_path(&group)).await.ok(200);
    patch(&slack, &path(&ada), json!({"name": {"givenName": "Augusta", "familyName": "King"}})).await.ok(200);
    assert_eq!(get(&slack, &group_path(&group)).await.ok(200)["members"][0]["display"], "Augusta King");
    scim(&slack, "DELETE", &group_path(&group), Value::Null).await;
    assert_eq!(get(&slack, &path(&ada)).await.ok(200)["groups"], json!([]));
}

#[tokio::test]
async fn a_group_needs_a_name_and_members_that_exist() {
    let slack = usual().await;
    let post = async |body: Value| scim(&slack, "POST", "Groups", body).await.error();
    let bad = |description: &str| (400, description.to_owned());
    assert_eq!(post(json!({"schemas": [CORE]})).await, bad("invalid_name_required"));
    assert_eq!(post(json!({"schemas": [CORE], "displayName": " "})).await, bad("invalid_name_required"));
    assert_eq!(post(json!({"displayName": "x"})).await, bad("missing_schema_element"));
    let stranger = json!({"schemas": [CORE], "displayName": "x", "members": [{"value": "U0NOBODY"}]});
    assert_eq!(post(stranger).await, bad("no_such_group_members"));
    let nested =
        json!({"schemas": [CORE], "displayName": "x", "members": [{"value": slack.groups()[0]["id"]}]});
    assert_eq!(post(nested).await, bad("no_such_group_members"));
    let odd = json!({"schemas": [CORE], "displayName": "x", "members": "U1"});
    assert_eq!(post(odd).await, bad("invalid_attribute_format"));
}

#[tokio::test]
async fn removing_a_stranger_and_adding_a_member_again_are_no_errors() {
    let slack = usual().await;
    let ada = new_user(&slack, "ada.l", json!({})).await;
    let group = post(&slack, "Compilers", &[&ada]).await;
    let change = json!({"members": [{"value": ada["id"]}, {"value": ada["id"]},
        {"value": "U0NOBODY", "operation": "delete"}]});
    assert_eq!(patch(&slack, &group_path(&group), change).await.status, 204);
    assert_eq!(members(&slack, &group).await, [ada["id"].clone()]);
}

#[tokio::test]
async fn deactivated_users_cannot_join_but_may_stay() {
    let slack = usual().await;
    let ada = new_user(&slack, "ada.l", json!({})).await;
    let group = post(&slack, "Compilers", &[&ada]).await;
    let other = post(&slack, "Others", &[]).await;
    scim(&slack, "DELETE", &path(&ada), Value::Null).await;
    assert_eq!(members(&slack, &group).await, [ada["id"].clone()], "stays");
    let join = json!({"members": [{"value": ada["id"]}]});
    let refusal = patch(&slack, &group_path(&other), join.clone()).await.error();
    assert_eq!(refusal, (400, "unable_to_add_deleted_or_guest_to_group".into()));
    assert_eq!(patch(&slack, &group_path(&group), join.clone()).await.status, 204, "is a member already");
    slack.set_options(|options| {
        options.deactivated_in_groups = true;
        options.deactivation_leaves_groups = true;
    });
    assert_eq!(patch(&slack, &group_path(&other), join).await.status, 204);
    patch(&slack, &path(&ada), json!({"active": true})).await.ok(200);
    patch(&slack, &path(&ada), json!({"active": false})).await.ok(200);
    assert_eq!(members(&slack, &group).await, Vec::<Value>::new());
    assert_eq!(members(&slack, &other).await, Vec::<Value>::new());
}

#[tokio::test]
async fn multi_channel_guests_are_members_unless_switched_off() {
    let slack = usual().await;
    let guest = seeded(&slack, |user| user.get(GUEST).is_some() && user["active"] == true);
    let group = post(&slack, "With guests", &[&guest]).await;
    assert_eq!(members(&slack, &group).await.len(), 1);
    slack.set_options(|options| options.guests_in_groups = false);
    let body = json!({"schemas": [CORE], "displayName": "x", "members": [{"value": guest["id"]}]});
    let refusal = scim(&slack, "POST", "Groups", body).await.error();
    assert_eq!(refusal, (400, "unable_to_add_deleted_or_guest_to_group".into()));
}

#[tokio::test]
async fn system_groups_cannot_be_changed_and_linked_ones_not_removed() {
    let slack = usual().await;
    let groups = slack.groups();
    let (linked, system) = (&groups[10], &groups[11]);
    let denied = (403, "permission_denied".to_owned());
    assert_eq!(patch(&slack, &group_path(system), json!({"displayName": "x"})).await.error(), denied);
    assert_eq!(scim(&slack, "DELETE", &group_path(system), Value::Null).await.error(), denied);
    let refusal = scim(&slack, "DELETE", &group_path(linked), Value::Null).await.error();
    assert_eq!(refusal, (400, "idp_group_linked_to_channels".into()));
    assert_eq!(patch(&slack, &group_path(linked), json!({"displayName": "x"})).await.status, 204);
}

#[tokio::test]
async fn calls_and_groups_have_limits() {
    let slack =
        start(Options { max_members_per_call: 3, max_members_per_group: 4, ..Options::default() }).await;
    let people: Vec<_> = slack.users().into_iter().filter(|user| user["active"] == true).take(6).collect();
    let wish = |range: std::ops::Range<usize>| {
        let members: Vec<_> = people[range].iter().map(|user| json!({"value": user["id"]})).collect();
        json!({"schemas": [CORE], "displayName": "Limited", "members": members})
    };
    assert_eq!(scim(&slack, "POST", "Groups", wish(0..4)).await.error(), (400, "too_many_users".into()));
    let group = scim(&slack, "POST", "Groups", wish(0..3)).await.ok(201);
    let refusal = patch(&slack, &group_path(&group), wish(3..6)).await.error();
    assert_eq!(refusal, (400, "group_member_max_exceeded".into()));
    assert_eq!(members(&slack, &group).await.len(), 3, "nothing was done");
}

#[tokio::test]
async fn two_groups_may_share_a_name_unless_switched_off() {
    let slack = usual().await;
    post(&slack, "Payroll", &[]).await;
    slack.set_options(|options| options.unique_group_names = true);
    let body = json!({"schemas": [CORE], "displayName": "Payroll"});
    assert_eq!(scim(&slack, "POST", "Groups", body).await.error(), (409, "group_creation_failed".into()));
}

#[tokio::test]
async fn a_post_may_answer_without_a_body_and_a_rename_show_late() {
    let options = Options {
        empty_body_on_group_create: true,
        rename_lag: Lag { reads: 1, ms: 0 },
        ..Options::default()
    };
    let slack = start(options).await;
    let created = scim(&slack, "POST", "Groups", json!({"schemas": [CORE], "displayName": "Silent"})).await;
    assert_eq!((created.status, created.text.as_str()), (201, ""));
    let list = get(&slack, "Groups?filter=displayName%20eq%20Silent").await.ok(200);
    let group = list["Resources"][0].clone();
    patch(&slack, &group_path(&group), json!({"displayName": "Loud"})).await;
    assert_eq!(get(&slack, &group_path(&group)).await.ok(200)["displayName"], "Silent");
    assert_eq!(get(&slack, &group_path(&group)).await.ok(200)["displayName"], "Loud");
}
