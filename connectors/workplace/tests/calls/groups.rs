//! What is sent to make and change groups.

use connector_core::error::Kind;
use serde_json::{Value, json};

use crate::support::{
    Community, OWN_GROUP, harbour, on, people, reads_group, refusal, step, success, told, with,
};

fn add(id: &str) -> Value {
    json!([{"op": "add", "path": "members", "value": [{"value": id}]}])
}

fn remove(id: &str) -> Value {
    json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}])
}

#[tokio::test]
async fn a_group_is_created_closed_and_its_first_member_administers_it() {
    let community = Community::answering([
        step("POST /graph/community/groups", 200, json!({"id": "2001"})),
        reads_group(),
        people(&[]),
        success("POST /graph/2001/members"),
        success("POST /graph/2001/admins/1001"),
        success("POST /graph/2001/members"),
        reads_group(),
        people(&["1001", "1002"]),
    ])
    .await;
    let body = json!({"displayName": "Harbour Safety", "members": [{"value": "1001"}, {"value": "1002"}],
                      OWN_GROUP: {"description": "Safety notes", "archived": false}});
    let created = community.create("Groups", body).await.unwrap();
    assert_eq!(created["members"].as_array().map(Vec::len), Some(2));
    insta::assert_snapshot!(community.sent().await);
}

/// What a dry run promises is a group, though its reads show nothing of one.
#[tokio::test]
async fn a_group_is_rehearsed() {
    let none = step("GET /graph/community/groups", 200, json!({"data": []}));
    let community = Community::answering([none]).await.rehearsing();
    let body = json!({"displayName": "Harbour Safety", "members": [{"value": "1001"}]});
    let created = community.create("Groups", body).await.unwrap();
    assert_eq!(created["displayName"], "Harbour Safety");
    assert_eq!(created["members"][0]["value"], "1001", "{created}");
    assert!(!community.sent().await.contains("POST"));
}

#[tokio::test]
async fn a_group_that_was_made_and_cannot_be_filled_says_so() {
    let community = Community::answering([
        step("POST /graph/community/groups", 200, json!({"id": "2001"})),
        reads_group(),
        people(&[]),
        success("POST /graph/2001/members"),
        success("POST /graph/2001/admins/1001"),
        refusal("POST /graph/2001/members", 400, 100, "(#100) The user is deactivated"),
        people(&["1001"]),
    ])
    .await;
    let body = json!({"displayName": "Harbour Safety", "members": [{"value": "1001"}, {"value": "1002"}]});
    let told = told(&community.create("Groups", body).await.unwrap_err());
    assert!(
        told.starts_with(
            "400 invalidValue Group: was created as 2001, but not all of it could be set (members): "
        ),
        "{told}"
    );
    assert!(
        told.contains("1 of 2 membership changes were made") && told.contains("The user is deactivated"),
        "{told}"
    );
    community.sent().await;
}

#[tokio::test]
async fn changed_fields_go_alone_in_the_names_that_writes_have() {
    let operations = json!([{"op": "replace", "path": "displayName", "value": "Harbour"},
                            {"op": "replace", "path": format!("{OWN_GROUP}:archived"), "value": true},
                            {"op": "add", "path": format!("{OWN_GROUP}:coverUrl"), "value": "https://x.example/c.png"},
                            {"op": "remove", "path": format!("{OWN_GROUP}:description")}]);
    let after = with(harbour(), json!({"name": "Harbour", "archived": true, "description": null}));
    let community = Community::answering([
        reads_group(),
        people(&["1001"]),
        success("POST /graph/2001"),
        step("GET /graph/2001", 200, after),
        people(&["1001"]),
    ])
    .await;
    let changed = community.modify("Groups", "2001", operations).await.unwrap();
    assert_eq!(changed[OWN_GROUP]["archived"], true);
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn the_purpose_is_written_under_its_old_name_where_the_new_one_is_refused() {
    let operations =
        json!([{"op": "replace", "path": format!("{OWN_GROUP}:purpose"), "value": "WORK_SOCIAL"}]);
    let community = Community::answering([
        reads_group(),
        people(&["1001"]),
        refusal("POST /graph/2001", 400, 100, "(#100) purpose cannot be written"),
        success("POST /graph/2001"),
        step("GET /graph/2001", 200, with(harbour(), json!({"purpose": "WORK_SOCIAL"}))),
        people(&["1001"]),
    ])
    .await;
    community.modify("Groups", "2001", operations).await.unwrap();
    let sent = community.sent().await;
    assert!(sent.contains("\"group_type\": \"WORK_SOCIAL\""), "{sent}");
}

#[tokio::test]
async fn members_come_and_go_one_call_each_and_the_last_administrator_is_followed_by_another() {
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": "1004"}]},
                            {"op": "remove", "path": "members[value eq \"1001\"]"},
                            {"op": "remove", "path": "members[value eq \"1003\"]"}]);
    let community = Community::answering([
        reads_group(),
        people(&["1001", "1002", "1003"]),
        people(&["1001", "1002", "1003"]),
        success("POST /graph/2001/members"),
        success("POST /graph/2001/admins/1002"),
        success("DELETE /graph/2001/members"),
        success("DELETE /graph/2001/members"),
    ])
    .await;
    community.modify_quietly("Groups", "2001", operations, false).await.unwrap();
    insta::assert_snapshot!(community.sent().await);

    let community = Community::answering([
        reads_group(),
        people(&["1001", "1002"]),
        people(&["1001", "1002"]),
        success("POST /graph/2001/admins/1002"),
        success("DELETE /graph/2001/members"),
    ])
    .await;
    community.modify_quietly("Groups", "2001", remove("1001"), false).await.unwrap();
    community.sent().await;
}

#[tokio::test]
async fn a_change_that_somebody_else_made_meanwhile_is_no_failure() {
    let refused = |call: &str| refusal(call, 400, 100, "(#100) The user is a member of the group already");
    let community = Community::answering([
        reads_group(),
        people(&["1001"]),
        people(&["1001"]),
        refused("POST /graph/2001/members"),
        people(&["1001", "1002"]),
    ])
    .await;
    community.modify_quietly("Groups", "2001", add("1002"), false).await.unwrap();
    community.sent().await;

    let community = Community::answering([
        reads_group(),
        people(&["1001", "1002"]),
        people(&["1001", "1002"]),
        refused("DELETE /graph/2001/members"),
        people(&["1001"]),
    ])
    .await;
    community.modify_quietly("Groups", "2001", remove("1002"), false).await.unwrap();
    community.sent().await;
}

#[tokio::test]
async fn the_last_member_stays_unless_the_operator_lets_it_go() {
    let refused = "409 - Group 2001: members: cannot be emptied: with its last member Workplace destroys a group, posts \
                   and files included; or let the operator set allow_last_member_removal = true";
    let community = Community::answering([reads_group(), people(&["1001"])]).await;
    let error = community.modify_quietly("Groups", "2001", remove("1001"), false).await.unwrap_err();
    assert_eq!(told(&error), refused);
    community.sent().await;

    // Somebody else removes the others between the read and the change.
    let community = Community::answering([reads_group(), people(&["1001", "1002"]), people(&["1001"])]).await;
    let error = community.modify_quietly("Groups", "2001", remove("1001"), false).await.unwrap_err();
    assert_eq!(told(&error), refused);
    community.sent().await;

    let community = Community::set(
        &on("allow_last_member_removal"),
        [reads_group(), people(&["1001"]), people(&["1001"]), success("DELETE /graph/2001/members")],
    )
    .await;
    community.modify_quietly("Groups", "2001", remove("1001"), false).await.unwrap();
    community.sent().await;
}

/// A change of many members is made in several calls, the first of which leaves some.
#[tokio::test]
async fn many_members_stay_all_of_them_where_the_last_one_may_not_go() {
    let ids: Vec<String> = (1001..=1150).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let all = json!([{"op": "remove", "path": "members"}]);
    let community = Community::answering([reads_group(), people(&ids)]).await;
    let error = community.modify_quietly("Groups", "2001", all, false).await.unwrap_err();
    assert!(told(&error).starts_with("409 - Group 2001: members: cannot be emptied"), "{error}");
    community.sent().await;

    let community = Community::answering([reads_group(), people(&ids)]).await;
    let nobody = json!({"displayName": "Renamed on the way", "members": []});
    let error = community.replace("Groups", "2001", nobody).await.unwrap_err();
    assert!(told(&error).starts_with("409 - Group 2001: members: cannot be emptied"), "{error}");
    community.sent().await;
}

/// It is gone then, which is what was asked for where the operator allows it.
#[tokio::test]
async fn a_group_that_went_with_its_last_member_is_shown_once_more_without_any() {
    let gone = || {
        let unknown =
            json!({"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}});
        step("GET /graph/2001", 400, unknown)
    };
    let emptied = async |more: Vec<crate::support::Step>| {
        let steps = [reads_group(), people(&["1001"])].into_iter().chain(more);
        let end = [people(&["1001"]), success("DELETE /graph/2001/members"), gone(), gone()];
        Community::set(&on("allow_last_member_removal"), steps.chain(end)).await
    };

    let community = emptied(vec![]).await;
    let shown = community.modify("Groups", "2001", remove("1001")).await.unwrap();
    assert_eq!((&shown["displayName"], shown.get("members")), (&json!("Harbour Safety"), None), "{shown}");
    assert_eq!(community.get("Groups", "2001").await.unwrap_err().kind(), Kind::NotFound);
    community.sent().await;

    let renamed = with(harbour(), json!({"name": "Harbour"}));
    let community =
        emptied(vec![success("POST /graph/2001"), step("GET /graph/2001", 200, renamed), people(&["1001"])])
            .await;
    let nobody = json!({"displayName": "Harbour", "members": [], OWN_GROUP: {"description": "Safety notes"}});
    let shown = community.replace("Groups", "2001", nobody).await.unwrap();
    assert_eq!((&shown["displayName"], shown.get("members")), (&json!("Harbour"), None), "{shown}");
    assert!(shown[OWN_GROUP].get("admins").is_none(), "{shown}");
    assert_eq!(community.get("Groups", "2001").await.unwrap_err().kind(), Kind::NotFound);
    community.sent().await;

    // Somebody stays: that it is gone was not this change's doing.
    let community = Community::set(
        &on("allow_last_member_removal"),
        [
            reads_group(),
            people(&["1001", "1002"]),
            people(&["1001", "1002"]),
            success("DELETE /graph/2001/members"),
            gone(),
        ],
    )
    .await;
    let error = community.modify("Groups", "2001", remove("1002")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    community.sent().await;
}

#[tokio::test]
async fn administrators_are_promoted_and_demoted_one_call_each() {
    let wanted = json!([{"op": "replace", "path": format!("{OWN_GROUP}:admins"), "value": [{"value": "1002"}, {"value": "1009"}]}]);
    let community = Community::answering([
        reads_group(),
        people(&["1001", "1002"]),
        success("POST /graph/2001/admins/1002"),
        success("POST /graph/2001/members"),
        success("POST /graph/2001/admins/1009"),
        success("DELETE /graph/2001/admins"),
        reads_group(),
        people(&["1002", "1001", "1009"]),
    ])
    .await;
    community.modify("Groups", "2001", wanted).await.unwrap();
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_member_who_does_not_exist_is_a_bad_value() {
    let unknown = json!({"error": {"message": "No such object", "code": 100, "error_subcode": 33}});
    let community = Community::answering([
        reads_group(),
        people(&["1001"]),
        people(&["1001"]),
        step("POST /graph/2001/members", 400, unknown),
    ])
    .await;
    let told = told(&community.modify_quietly("Groups", "2001", add("77"), false).await.unwrap_err());
    assert!(told.starts_with("400 invalidValue Group 2001: members: "), "{told}");
    community.sent().await;
}

#[tokio::test]
async fn a_group_of_several_companies_is_left_alone() {
    let shared = || step("GET /graph/2001", 200, with(harbour(), json!({"purpose": "WORK_MULTI_COMPANY"})));
    let community = Community::answering([shared(), people(&["1001"])]).await;
    let error = community.modify_quietly("Groups", "2001", add("1002"), false).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Forbidden);
    community.sent().await;
}

#[tokio::test]
async fn a_group_is_archived_where_the_operator_chose_that_and_refused_with_the_reason_elsewhere() {
    let community = Community::answering([reads_group()]).await;
    let told = told(&community.delete("Groups", "2001").await.unwrap_err());
    assert!(told.starts_with("501 - Group 2001: cannot be deleted: Workplace has no call for it"), "{told}");
    assert!(told.contains("archive_groups = true"), "{told}");
    community.sent().await;

    let community = Community::set(&on("archive_groups"), [reads_group(), success("POST /graph/2001")]).await;
    community.delete("Groups", "2001").await.unwrap();
    insta::assert_snapshot!(community.sent().await);

    let archived = step("GET /graph/2001", 200, with(harbour(), json!({"archived": true})));
    let community = Community::set(&on("archive_groups"), [archived]).await;
    community.delete("Groups", "2001").await.unwrap();
    community.sent().await;
}
