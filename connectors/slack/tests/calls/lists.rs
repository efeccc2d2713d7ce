//! Lists: Slack's pages passed through, its own filters used, the others evaluated here.

use connector_core::complete::Listed;
use serde_json::{Value, json};

use crate::support::{Slack, Step, ada, full, grace, payroll, step, told, with};

/// Users of these numbers, as Slack lists them out of `total`.
fn page(numbers: std::ops::RangeInclusive<u32>, total: u32) -> Value {
    let start = *numbers.start();
    let users: Vec<Value> = numbers.map(|n| with(ada(), json!({"id": format!("W{n}")}))).collect();
    json!({"totalResults": total, "itemsPerPage": users.len(), "startIndex": start,
           "schemas": ["urn:scim:schemas:core:1.0"], "Resources": users})
}

fn some(users: Vec<Value>) -> Value {
    json!({"totalResults": users.len(), "itemsPerPage": users.len(), "startIndex": 1, "Resources": users})
}

fn lists(body: Value) -> Step {
    step("GET /Users", 200, body)
}

fn ids(listed: &Listed) -> Vec<&str> {
    listed.resources.iter().filter_map(|resource| resource.id()).collect()
}

/// What a filter finds when Slack answers these calls, and what was asked of Slack.
async fn found(endpoint: &str, filter: &str, steps: Vec<Step>) -> (Vec<String>, String) {
    let slack = Slack::answering(steps).await;
    let listed = slack.list(endpoint, Some(filter)).await.unwrap_or_else(|e| panic!("{}", told(&e)));
    assert_eq!(listed.total, listed.resources.len() as u64);
    let found = ids(&listed).into_iter().map(str::to_owned).collect();
    let queries: Vec<String> = slack
        .sent()
        .await
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("?filter=")?.to_owned()))
        .collect();
    (found, queries.join("\n"))
}

#[tokio::test]
async fn a_page_is_one_call_with_slacks_own_total() {
    let slack = Slack::answering([lists(page(3..=4, 250))]).await;
    let listed = slack.page("Users", None, Some(3), Some(2)).await.unwrap();
    assert_eq!((ids(&listed), listed.total, listed.start_index), (vec!["W3", "W4"], 250, 3));
    insta::assert_snapshot!(slack.sent().await);
}

#[tokio::test]
async fn without_a_count_a_hundred_are_asked_for() {
    let slack = Slack::answering([lists(page(1..=2, 2))]).await;
    slack.list("Users", None).await.unwrap();
    assert!(slack.sent().await.contains("?startIndex=1\n  ?count=100\n"));
}

#[tokio::test]
async fn a_short_page_is_filled_up_from_where_it_ended() {
    let slack = Slack::answering([lists(page(1..=3, 9)), lists(page(4..=5, 9))]).await;
    let listed = slack.page("Users", None, Some(1), Some(5)).await.unwrap();
    assert_eq!((ids(&listed).len(), listed.total), (5, 9));
    let sent = slack.sent().await;
    assert!(sent.contains("?startIndex=4\n  ?count=2\n"), "{sent}");
}

#[tokio::test]
async fn more_than_a_thousand_are_never_asked_for() {
    let slack = Slack::answering([lists(page(1..=1000, 2500))]).await;
    let listed = slack.page("Users", None, Some(1), Some(5000)).await.unwrap();
    assert_eq!((listed.resources.len(), listed.total), (1000, 2500));
    assert!(slack.sent().await.contains("?count=1000\n"));
}

#[tokio::test]
async fn a_count_of_nothing_answers_the_total_alone() {
    for count in [0, -1] {
        let slack = Slack::answering([lists(page(1..=1, 250))]).await;
        let listed = slack.page("Users", None, None, Some(count)).await.unwrap();
        assert_eq!((ids(&listed), listed.total), (vec![], 250), "{count}");
        slack.sent().await;
    }
}

#[tokio::test]
async fn a_start_below_one_is_one_and_one_past_the_end_is_an_empty_page() {
    let slack = Slack::answering([lists(page(1..=1, 1))]).await;
    assert_eq!(slack.page("Users", None, Some(-7), Some(1)).await.unwrap().start_index, 1);
    let past = json!({"totalResults": 2, "itemsPerPage": 0, "startIndex": 9, "Resources": []});
    let slack = Slack::answering([lists(past)]).await;
    let listed = slack.page("Users", None, Some(9), Some(5)).await.unwrap();
    assert_eq!((listed.resources.len(), listed.total, listed.start_index), (0, 2, 9));
}

#[tokio::test]
async fn groups_are_asked_for_in_small_pages_since_they_hold_all_members() {
    let group = |n: u32| with(payroll(&["W1"]), json!({"id": format!("S{n}")}));
    let groups = |from: u32, to: u32| {
        json!({"totalResults": 150, "itemsPerPage": to - from + 1, "startIndex": from,
               "Resources": (from..=to).map(group).collect::<Vec<_>>()})
    };
    let slack = Slack::answering([
        step("GET /Groups", 200, groups(1, 100)),
        step("GET /Groups", 200, groups(101, 150)),
    ])
    .await;
    let listed = slack.page("Groups", None, Some(1), Some(1000)).await.unwrap();
    assert_eq!((listed.resources.len(), listed.total), (150, 150));
    let sent = slack.sent().await;
    assert!(
        sent.contains("?startIndex=1\n  ?count=100\n") && sent.contains("?startIndex=101\n  ?count=100\n"),
        "{sent}"
    );
}

#[tokio::test]
async fn filters_slack_can_do_are_sent_in_slacks_words() {
    for (filter, sent) in [
        ("userName eq \"Ada.L\"", "userName eq \"ada.l\""),
        ("emails eq \"ada.l@acme.example\"", "email eq \"ada.l@acme.example\""),
        ("emails.value eq \"ada.l@acme.example\"", "email eq \"ada.l@acme.example\""),
        ("emails[type eq \"work\"].value eq \"ada.l@acme.example\"", "email eq \"ada.l@acme.example\""),
        ("emails[type eq \"work\"] eq \"ada.l@acme.example\"", "email eq \"ada.l@acme.example\""),
        ("emails[primary eq true].value eq \"ada.l@acme.example\"", "email eq \"ada.l@acme.example\""),
        ("userName eq \"ada.l\" and active eq true", "userName eq \"ada.l\""),
    ] {
        let (found, asked) = found("Users", filter, vec![lists(some(vec![ada()]))]).await;
        assert_eq!((found, asked.as_str()), (vec!["W01EXAMPLE1".to_owned()], sent), "{filter}");
    }
    let (found, asked) = found(
        "Groups",
        "displayName eq \"Payroll\"",
        vec![step("GET /Groups", 200, some(vec![payroll(&[])]))],
    )
    .await;
    assert_eq!((found, asked.as_str()), (vec!["S01EXAMPLE1".to_owned()], "displayName eq \"Payroll\""));
}

#[tokio::test]
async fn a_quote_in_a_filter_is_escaped_for_slack() {
    let (_, asked) =
        found("Groups", r#"displayName eq "Say \"hi\"""#, vec![step("GET /Groups", 200, some(vec![]))]).await;
    assert_eq!(asked, r#"displayName eq "Say \"hi\"""#);
}

#[tokio::test]
async fn what_slack_finds_is_looked_at_again_here() {
    let filter = "userName eq \"ada.l@other.example\"";
    let (found, asked) = found("Users", filter, vec![lists(some(vec![ada()]))]).await;
    assert_eq!((found, asked.as_str()), (vec![], "userName eq \"ada.l\""), "another domain is another user");
}

#[tokio::test]
async fn filters_slack_cannot_do_are_evaluated_here_over_all_pages() {
    let all = || {
        vec![
            lists(
                json!({"totalResults": 3, "itemsPerPage": 2, "startIndex": 1, "Resources": [ada(), grace()]}),
            ),
            lists(json!({"totalResults": 3, "itemsPerPage": 1, "startIndex": 3,
                         "Resources": [with(full(), json!({"id": "W3"}))]})),
        ]
    };
    for (filter, wanted) in [
        ("active eq true", vec!["W01EXAMPLE1", "W01EXAMPLE2", "W3"]),
        ("title co \"lead\"", vec!["W01EXAMPLE2", "W3"]),
        ("userName sw \"grace\" and userType pr", vec!["W3"]),
        ("not (title pr)", vec!["W01EXAMPLE1"]),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"analysis\"", vec!["W3"]),
        ("meta.created lt \"2023-01-01T00:00:00Z\"", vec!["W01EXAMPLE2", "W3"]),
    ] {
        let (found, asked) = found("Users", filter, all()).await;
        assert_eq!(
            (found, asked.as_str()),
            (wanted.iter().map(|id| (*id).to_owned()).collect(), ""),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn a_user_who_moves_between_pages_is_listed_once() {
    let pages = vec![
        lists(json!({"totalResults": 3, "itemsPerPage": 2, "startIndex": 1, "Resources": [ada(), grace()]})),
        lists(json!({"totalResults": 3, "itemsPerPage": 1, "startIndex": 3, "Resources": [grace()]})),
    ];
    let (found, _) = found("Users", "active eq true", pages).await;
    assert_eq!(found, ["W01EXAMPLE1", "W01EXAMPLE2"]);
}

#[tokio::test]
async fn a_filter_on_the_id_is_a_read() {
    let slack = Slack::answering([step("GET /Users/W01EXAMPLE1", 200, ada())]).await;
    let listed = slack.list("Users", Some("id eq \"W01EXAMPLE1\"")).await.unwrap();
    assert_eq!(ids(&listed), ["W01EXAMPLE1"]);
    slack.sent().await;
    let slack = Slack::answering([step("GET /Users/W404", 404, Value::Null)]).await;
    let listed = slack.list("Users", Some("id eq \"W404\"")).await.unwrap();
    assert_eq!((listed.resources.len(), listed.total), (0, 0), "nobody is no error");
}

#[tokio::test]
async fn the_groups_of_a_member_are_read_from_the_member() {
    let slack = Slack::answering([
        step("GET /Users/W01EXAMPLE2", 200, grace()),
        step("GET /Groups/S01EXAMPLE1", 200, payroll(&["W01EXAMPLE2"])),
    ])
    .await;
    let listed = slack.list("Groups", Some("members[value eq \"W01EXAMPLE2\"]")).await.unwrap();
    assert_eq!(ids(&listed), ["S01EXAMPLE1"]);
    slack.sent().await;
}

#[tokio::test]
async fn deactivated_users_are_listed() {
    let slack = Slack::answering([lists(some(vec![with(ada(), json!({"active": false}))]))]).await;
    let listed = slack.list("Users", None).await.unwrap();
    assert_eq!(listed.resources[0].get("active"), Some(&json!(false)));
}

#[tokio::test]
async fn bots_are_left_out_where_the_operator_wants_it() {
    let bot = |id: &str| {
        with(
            ada(),
            json!({"id": id, "emails": [{"value": format!("botuser-{id}@Slack-Bots.com"), "primary": true}]}),
        )
    };
    let page = |start: u32, users: Vec<Value>| json!({"totalResults": 4, "itemsPerPage": users.len(), "startIndex": start, "Resources": users});
    let steps = || {
        [
            lists(page(1, vec![bot("W1"), bot("W2")])),
            lists(page(3, vec![with(ada(), json!({"id": "W3"}))])),
            lists(page(4, vec![bot("W4")])),
        ]
    };
    let slack = Slack::set(&["hide_bots"], steps()).await;
    let listed = slack.list("Users", None).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!((ids(&listed), listed.total), (vec!["W3"], 1), "totals count who is shown");
    slack.sent().await;

    let found = some(vec![bot("W1")]);
    let slack = Slack::set(&["hide_bots"], [lists(found)]).await;
    let filter = "emails.value eq \"botuser-W1@Slack-Bots.com\"";
    let listed = slack.list("Users", Some(filter)).await.unwrap_or_else(|error| panic!("{}", told(&error)));
    assert_eq!(listed.total, 0, "nor are they found");
    slack.sent().await;
}
