//! Lists and look-ups.

use connector_core::error::Kind;
use serde_json::{Value, json};

use crate::support::{Community, harbour, mina, people, step, with};

fn users(total: u64, ids: std::ops::Range<u64>) -> Value {
    let users: Vec<Value> = ids
        .map(|id| json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": format!("u{id}@riverbank.example")}))
        .collect();
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": total,
           "itemsPerPage": users.len(), "startIndex": 1, "Resources": users})
}

#[tokio::test]
async fn the_first_pages_ask_for_as_much_as_is_wanted_and_move_by_what_came() {
    let community = Community::answering([
        step("GET /scim/Users", 200, users(150, 0..60)),
        step("GET /scim/Users", 200, users(150, 60..100)),
    ])
    .await;
    let listed = community.list("Users", None).await.unwrap();
    assert_eq!((listed.total, listed.resources.len()), (150, 100));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_filter_of_workplace_is_left_to_it_and_no_match_is_no_error() {
    let nobody = json!({"totalResults": 0, "itemsPerPage": 0, "startIndex": 1});
    let community = Community::answering([
        step("GET /scim/Users", 200, json!({"totalResults": 1, "Resources": [mina()]})),
        step("GET /scim/Users", 200, nobody),
    ])
    .await;
    let found = community.list("Users", Some("externalId eq \"E-20417\"")).await.unwrap();
    assert_eq!(found.total, 1);
    let none = community.list("Users", Some("userName eq \"nobody@riverbank.example\"")).await.unwrap();
    assert_eq!(none.total, 0);
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_name_in_capitals_is_looked_for_in_both_ways() {
    let nobody = || step("GET /scim/Users", 200, json!({"totalResults": 0, "Resources": []}));
    let community = Community::answering([
        nobody(),
        step("GET /scim/Users", 200, json!({"totalResults": 1, "Resources": [mina()]})),
    ])
    .await;
    let found = community.list("Users", Some("userName eq \"Mina@Riverbank.example\"")).await.unwrap();
    assert_eq!(found.total, 1);
    let sent = community.sent().await;
    assert!(
        sent.contains("\"Mina@Riverbank.example\"") && sent.contains("\"mina@riverbank.example\""),
        "{sent}"
    );
}

#[tokio::test]
async fn groups_are_read_by_cursor_each_with_its_members_and_links_are_not_followed() {
    let page = |ids: &[&str], paging: Value| {
        let groups: Vec<Value> = ids.iter().map(|id| with(harbour(), json!({"id": id}))).collect();
        step("GET /graph/community/groups", 200, json!({"data": groups, "paging": paging}))
    };
    let nobody = |id: &str| step(&format!("GET /graph/{id}/members"), 200, json!({"data": []}));
    let next =
        json!({"cursors": {"before": "b", "after": "QVFI=="}, "next": "https://elsewhere.example/steal"});
    let community = Community::answering([
        page(&["2001", "2002"], next),
        nobody("2001"),
        nobody("2002"),
        page(&["2003"], json!({"cursors": {"after": "QVFIz"}})),
        nobody("2003"),
    ])
    .await;
    let listed = community.list("Groups", None).await.unwrap();
    assert_eq!((listed.total, listed.resources.len()), (3, 3));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_page_of_communities_alone_is_not_the_end() {
    let child = with(harbour(), json!({"id": "4100", "is_community": true}));
    let paging = json!({"cursors": {"after": "QVFI"}, "next": "https://graph.example/"});
    let community = Community::answering([
        step("GET /graph/community/groups", 200, json!({"data": [child], "paging": paging})),
        step("GET /graph/community/groups", 200, json!({"data": [harbour()]})),
        people(&["1001"]),
    ])
    .await;
    assert_eq!(community.list("Groups", None).await.unwrap().total, 1);
    community.sent().await;
}

#[tokio::test]
async fn a_list_of_members_that_never_ends_is_ended() {
    let page = |after: &str, ids: &[&str]| {
        let data: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let paging = json!({"cursors": {"after": after}, "next": "https://graph.example/"});
        step("GET /graph/2001/members", 200, json!({"data": data, "paging": paging}))
    };
    let community = Community::answering([
        step("GET /graph/2001", 200, harbour()),
        page("a", &["1001", "1002"]),
        page("b", &["1003"]),
        page("c", &["1003"]),
    ])
    .await;
    let group = community.get("Groups", "2001").await.unwrap();
    assert_eq!(group["members"].as_array().map(Vec::len), Some(3));
    community.sent().await;
}

#[tokio::test]
async fn a_list_without_its_envelope_is_odd() {
    for body in
        [json!({}), json!([]), json!({"Resources": []}), json!({"totalResults": "many", "Resources": []})]
    {
        let community = Community::answering([step("GET /scim/Users", 200, body)]).await;
        assert_eq!(community.list("Users", None).await.unwrap_err().kind(), Kind::OddAnswer);
    }
    let nowhere = json!({"data": [{"id": "1"}], "paging": {"next": "https://graph.example/"}});
    let community = Community::answering([
        step("GET /graph/2001", 200, harbour()),
        step("GET /graph/2001/members", 200, nowhere),
    ])
    .await;
    assert_eq!(community.get("Groups", "2001").await.unwrap_err().kind(), Kind::OddAnswer);
}

#[tokio::test]
async fn a_next_link_alone_says_where_the_list_goes_on_and_is_not_followed() {
    for (paging, at) in [
        (
            json!({"next": "https://elsewhere.example/v3/x?limit=25&after=QVFI%3D%3D&appsecret_proof=old"}),
            "QVFI==",
        ),
        (json!({"cursors": null, "next": "/community/groups?after=QVFI"}), "QVFI"),
        (json!({"cursors": {"after": null}, "next": "https://elsewhere.example/?after=QVFI#x"}), "QVFI"),
    ] {
        let last = with(harbour(), json!({"id": "2002"}));
        let community = Community::answering([
            step("GET /graph/community/groups", 200, json!({"data": [harbour()], "paging": paging})),
            people(&["1001"]),
            step("GET /graph/community/groups", 200, json!({"data": [last], "paging": null})),
            step("GET /graph/2002/members", 200, json!({"data": []})),
        ])
        .await;
        assert_eq!(community.list("Groups", None).await.unwrap().total, 2);
        let sent = community.sent().await;
        assert!(sent.contains(&format!("\n  ?after={at}\n")) && !sent.contains("elsewhere"), "{sent}");
    }
}

#[tokio::test]
async fn a_list_that_is_null_is_an_empty_one() {
    let nobody = step("GET /scim/Users", 200, json!({"totalResults": 0, "Resources": null}));
    let community = Community::answering([nobody]).await;
    assert_eq!(community.list("Users", None).await.unwrap().total, 0);
    community.sent().await;
}

#[tokio::test]
async fn a_cursor_that_stays_where_it_is_ends_a_list() {
    let page = || {
        let paging = json!({"cursors": {"after": "QVFI"}, "next": "https://graph.example/"});
        step("GET /graph/community/groups", 200, json!({"data": [harbour()], "paging": paging}))
    };
    let community = Community::answering([page(), people(&["1001"]), page(), people(&["1001"])]).await;
    let listed = community.list("Groups", None).await.unwrap();
    assert_eq!((listed.total, listed.resources.len()), (1, 1));
    community.sent().await;
}
