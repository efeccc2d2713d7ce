//! What is made of Workplace's answers.

use serde_json::json;

use crate::support::{Answer, Community, harbour, mina, mina_v1, people, reads, step, step_with, with};

#[tokio::test]
async fn a_person_is_shown_with_everything_workplace_tells() {
    let community = Community::answering([reads()]).await;
    let user = community.get("Users", "1001").await.unwrap();
    insta::assert_snapshot!("user", serde_json::to_string_pretty(&user).unwrap());
    community.sent().await;
}

#[tokio::test]
async fn the_first_edition_is_shown_the_same_although_it_is_labelled_as_a_script() {
    let label = "text/javascript; charset=UTF-8";
    let answer = Answer::new(200).body(mina_v1().to_string(), label);
    let community = Community::answering([step_with("GET /scim/Users/1001", answer), reads()]).await;
    let first = community.get("Users", "1001").await.unwrap();
    assert_eq!(first, community.get("Users", "1001").await.unwrap());
    community.sent().await;
}

#[tokio::test]
async fn ids_are_texts_whatever_they_came_as_and_no_digit_is_lost() {
    for (id, shown) in [
        (json!(9_007_199_254_740_993_u64), "9007199254740993"),
        (json!("100071234500017"), "100071234500017"),
    ] {
        let community =
            Community::answering([step("GET /scim/Users/7", 200, with(mina(), json!({"id": id})))]).await;
        assert_eq!(community.get("Users", "7").await.unwrap()["id"], shown);
    }
}

#[tokio::test]
async fn a_group_is_shown_with_its_members_and_who_administers_it() {
    let cover = with(harbour(), json!({"cover": {"source": "https://static.example/c.png"}}));
    let community =
        Community::answering([step("GET /graph/2001", 200, cover), people(&["1001", "1002"])]).await;
    let group = community.get("Groups", "2001").await.unwrap();
    insta::assert_snapshot!("group", serde_json::to_string_pretty(&group).unwrap());
    insta::assert_snapshot!("a_group_takes_two_calls", community.sent().await);
}

#[tokio::test]
async fn fields_without_a_value_and_unknown_words_read_as_none() {
    let odd = with(
        harbour(),
        json!({"description": "", "owner": null, "privacy": "NEW_WORD", "cover": null, "new": [1]}),
    );
    let community = Community::answering([step("GET /graph/2001", 200, odd), people(&[])]).await;
    let group = community.get("Groups", "2001").await.unwrap();
    let own = &group[crate::support::OWN_GROUP];
    for name in ["description", "ownerId", "privacy", "cover", "admins"] {
        assert!(own.get(name).is_none(), "{name}: {group}");
    }
    assert!(group.get("members").is_none());
}

#[tokio::test]
async fn groups_of_a_person_are_read_only_when_asked_for_and_without_communities() {
    let groups = json!({"data": [{"id": "2001", "name": "Harbour Safety", "is_community": false},
                                 {"id": "2002", "name": "France", "is_community": true}]});
    let community = Community::answering([reads(), step("GET /graph/1001/groups", 200, groups)]).await;
    let shown = community.get_only("Users", "1001", "groups").await.unwrap();
    assert_eq!(shown["groups"].as_array().map(Vec::len), Some(1), "{shown}");
    assert_eq!(shown["groups"][0]["display"], "Harbour Safety");
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_person_whom_graph_does_not_know_is_in_no_group() {
    let inactive = || step("GET /scim/Users/1001", 200, with(mina(), json!({"active": false})));
    let unknown = json!({"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}});
    let community = Community::answering([
        inactive(),
        step("GET /graph/1001/groups", 400, unknown),
        inactive(),
        crate::support::refusal("GET /graph/1001/groups", 403, 200, "(#200) Permissions error"),
    ])
    .await;
    let shown = community.get_only("Users", "1001", "groups").await.unwrap();
    assert_eq!((&shown["id"], shown.get("groups")), (&json!("1001"), None), "{shown}");
    let error = community.get_only("Users", "1001", "groups").await.unwrap_err();
    assert_eq!(error.kind(), connector_core::error::Kind::Forbidden);
    community.sent().await;
}

/// Graph may pass over fields that a node does not have instead of refusing them.
#[tokio::test]
async fn a_node_without_anything_of_a_group_is_none() {
    let person = || {
        step(
            "GET /graph/1001",
            200,
            json!({"id": "1001", "name": "Mina Okafor", "updated_time": "2025-03-02T08:15:00+0000"}),
        )
    };
    let community = Community::answering([person(), person(), person(), person()]).await;
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Harbour"}]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "1002"}]}]);
    for error in [
        community.get("Groups", "1001").await.unwrap_err(),
        community.modify("Groups", "1001", rename).await.unwrap_err(),
        community.modify_quietly("Groups", "1001", add, false).await.unwrap_err(),
        community.delete("Groups", "1001").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), connector_core::error::Kind::NotFound, "{error}");
    }
    community.sent().await;
}

#[tokio::test]
async fn neither_a_person_nor_a_community_is_a_group() {
    let lacks = |call: &str| {
        crate::support::refusal(
            call,
            400,
            100,
            "(#100) Tried accessing nonexisting field (privacy) on node type (Member)",
        )
    };
    let missing = json!({"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}});
    let community = Community::answering([
        lacks("GET /graph/1001"),
        lacks("GET /graph/1001"),
        step("GET /graph/4100", 200, json!({"id": "4100", "is_community": true})),
        step("GET /graph/77", 400, missing),
        // A field that groups do not have any more must not make them vanish.
        lacks("GET /graph/2001"),
        step("GET /graph/2001", 200, json!({"id": "2001", "name": "Harbour", "privacy": "OPEN"})),
    ])
    .await;
    for id in ["1001", "4100", "77", "community", "mina@riverbank.example"] {
        assert_eq!(
            community.get("Groups", id).await.unwrap_err().kind(),
            connector_core::error::Kind::NotFound,
            "{id}"
        );
    }
    assert_eq!(
        community.get("Groups", "2001").await.unwrap_err().kind(),
        connector_core::error::Kind::OddAnswer
    );
    community.sent().await;
}
