//! Points 5 and 6: paging and filters.

use connector_sandbox::slack::{Options, Slack};
use serde_json::{Value, json};

use crate::client::{get, new_user, patch, path, seeded, start, usual};

async fn ids(slack: &Slack, path: &str) -> Vec<String> {
    let list = get(slack, path).await.ok(200);
    list["Resources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["id"].as_str().expect("an id").to_owned())
        .collect()
}

async fn found(slack: &Slack, endpoint: &str, filter: &str) -> Value {
    let filter = filter.replace(' ', "%20").replace('"', "%22").replace('&', "%26");
    get(slack, &format!("{endpoint}?count=1000&filter={filter}")).await.ok(200)
}

async fn refused(slack: &Slack, endpoint: &str, filter: &str) -> (u16, String) {
    get(slack, &format!("{endpoint}?filter={}", filter.replace(' ', "%20").replace('"', "%22"))).await.error()
}

#[tokio::test]
async fn ten_are_listed_unless_more_are_asked_for_and_never_more_than_a_thousand() {
    let slack = start(Options { users: 1200, ..Options::default() }).await;
    let list = get(&slack, "Users").await.ok(200);
    assert_eq!((list["itemsPerPage"].clone(), list["startIndex"].clone()), (json!(10), json!(1)));
    let list = get(&slack, "Users?count=5000").await.ok(200);
    assert_eq!(list["itemsPerPage"], 1000);
    assert_eq!(list["totalResults"], 1200);
    let rest = get(&slack, "Users?count=1000&startIndex=1001").await.ok(200);
    assert_eq!(rest["itemsPerPage"], 200);
}

#[tokio::test]
async fn start_index_is_a_position_that_counts_from_one() {
    let slack = usual().await;
    let first = ids(&slack, "Users?count=3&startIndex=1").await;
    let second = ids(&slack, "Users?count=3&startIndex=2").await;
    assert_eq!(first[1..], second[..2]);
    assert_eq!(ids(&slack, "Users?count=3&startIndex=0").await, first);
    assert_eq!(ids(&slack, "Users?count=3&startIndex=-7").await, first);
}

#[tokio::test]
async fn odd_counts_and_places_have_an_answer() {
    let slack = usual().await;
    let past = get(&slack, "Users?startIndex=251").await.ok(200);
    let page = |list: &Value| (list["itemsPerPage"].clone(), list["startIndex"].clone());
    assert_eq!(page(&past), (json!(0), json!(251)));
    assert_eq!(past["Resources"], json!([]));
    assert_eq!(get(&slack, "Users?count=0").await.ok(200)["itemsPerPage"], 0);
    assert_eq!(get(&slack, "Users?count=-1").await.ok(200)["itemsPerPage"], 10);
    slack.set_options(|options| {
        options.echo_start_index_past_end = false;
        options.refuse_low_start_index = true;
        options.refuse_negative_count = true;
        options.zero_count_is_empty = false;
    });
    assert_eq!(page(&get(&slack, "Users?startIndex=251").await.ok(200)), (json!(0), json!(1)));
    assert_eq!(get(&slack, "Users?startIndex=0").await.error(), (400, "invalid_query".into()));
    assert_eq!(get(&slack, "Users?count=-1").await.error(), (400, "invalid_query".into()));
    assert_eq!(get(&slack, "Users?count=0").await.ok(200)["itemsPerPage"], 10);
}

#[tokio::test]
async fn bots_guests_and_deactivated_users_are_listed() {
    let slack = usual().await;
    assert_eq!(ids(&slack, "Users?count=1000").await.len(), 250);
    let inactive = seeded(&slack, |user| user["active"] == false);
    let filter = format!("userName eq {}", inactive["userName"]);
    assert_eq!(found(&slack, "Users", &filter).await["Resources"], json!([inactive]));
}

#[tokio::test]
async fn a_shuffled_list_is_shuffled_the_same_way_each_time() {
    let slack = usual().await;
    let straight = ids(&slack, "Users?count=1000").await;
    slack.set_options(|options| options.shuffle = true);
    let shuffled = ids(&slack, "Users?count=1000").await;
    assert_ne!(shuffled, straight);
    let (mut a, mut b) = (shuffled.clone(), straight);
    a.sort();
    b.sort();
    assert_eq!(a, b);
    assert_eq!(ids(&slack, "Users?count=100&startIndex=101").await, shuffled[100..200]);
}

#[tokio::test]
async fn users_are_found_by_name_and_primary_email_without_regard_to_case() {
    let slack = usual().await;
    let user = new_user(&slack, "ada.new", json!({})).await;
    let second = json!({"emails": [{"value": "Ada@Home.example"}]});
    patch(&slack, &path(&user), second).await.ok(200);
    for filter in [
        r#"userName eq "ada.new""#,
        r#"USERNAME EQ "Ada.New""#,
        "email eq ada.new@new.example",
        r#"email eq "ADA.new@new.example""#,
        r#"userName sw "ada.n""#,
        r#"email co "@new.""#,
        r#"(userName eq "nobody" or userName eq "ada.new") and email pr"#,
        r#"userName ge "ada.new" and userName le "ada.new""#,
        r#"userName gt "ada.nev" and userName lt "ada.nex""#,
    ] {
        let list = found(&slack, "Users", filter).await;
        assert_eq!(list["totalResults"], 1, "{filter}");
        assert_eq!(list["Resources"][0]["id"], user["id"], "{filter}");
    }
    let none = found(&slack, "Users", "email eq ada@home.example").await;
    assert_eq!((none["totalResults"].clone(), none["Resources"].clone()), (json!(0), json!([])));
    slack.set_options(|options| options.email_filter_secondary = true);
    assert_eq!(found(&slack, "Users", "email eq ada@home.example").await["totalResults"], 1);
    slack.set_options(|options| options.email_filter_case_sensitive = true);
    assert_eq!(found(&slack, "Users", "email eq ada@home.example").await["totalResults"], 0);
}

#[tokio::test]
async fn guests_are_found_as_restricted() {
    let slack = usual().await;
    let guests = slack.users().iter().filter(|user| user.get(crate::client::GUEST).is_some()).count();
    for filter in ["restricted eq 1", "restricted eq '1'", "restricted eq true"] {
        assert_eq!(found(&slack, "Users", filter).await["totalResults"], guests, "{filter}");
    }
    assert_eq!(found(&slack, "Users", "ultra_restricted eq 1").await["totalResults"], 0);
}

#[tokio::test]
async fn groups_are_found_by_name_quoted_or_not() {
    let slack = usual().await;
    for filter in ["displayName eq Payroll", r#"displayname eq "payroll""#, r#"displayName sw "Pay""#] {
        let list = found(&slack, "Groups", filter).await;
        assert_eq!(list["totalResults"], 1, "{filter}");
        assert_eq!(list["Resources"][0]["displayName"], "Payroll");
        assert!(!list["Resources"][0]["members"].as_array().unwrap().is_empty());
    }
    assert_eq!(found(&slack, "Groups", r#"displayName eq "R&D / Labs""#).await["totalResults"], 1);
}

#[tokio::test]
async fn filters_that_slack_would_not_take_are_refused() {
    let slack = usual().await;
    for endpoint in ["Users", "Groups"] {
        let expected = (400, "no_filters (is_aggregate_call=1)".to_owned());
        assert_eq!(refused(&slack, endpoint, "foo").await, expected, "{endpoint}");
        assert_eq!(get(&slack, &format!("{endpoint}?count=-1&filter=foo")).await.error(), expected);
    }
    let incomplete = (400, "incomplete_filter".to_owned());
    assert_eq!(refused(&slack, "Users", r#"userName  eq "a""#).await, incomplete);
    assert_eq!(refused(&slack, "Users", "userName eq").await, incomplete);
    let invalid = (400, "invalid_query".to_owned());
    for filter in [r#"userName ne "a""#, r#"title eq "a""#, "active eq true", r#"id eq "U1""#] {
        assert_eq!(refused(&slack, "Users", filter).await, invalid, "{filter}");
    }
    assert_eq!(refused(&slack, "Groups", r#"members eq "U1""#).await, invalid);
    let order = get(&slack, "Users?sortBy=userName&sortOrder=upwards").await;
    assert_eq!(order.error(), (400, "invalid_sort_order".into()));
}

#[tokio::test]
async fn a_switch_opens_filters_and_another_the_attributes_parameter() {
    let slack = usual().await;
    let whole = get(&slack, "Users?count=1&attributes=userName").await.ok(200);
    assert!(whole["Resources"][0].get("title").is_some(), "ignored");
    slack.set_options(|options| {
        options.filter_any_attribute = true;
        options.honour_attributes = true;
    });
    let inactive = slack.users().iter().filter(|user| user["active"] == false).count();
    assert_eq!(found(&slack, "Users", "active eq false").await["totalResults"], inactive);
    let cut = get(&slack, "Users?count=1&attributes=userName,name").await.ok(200);
    let names: Vec<_> = cut["Resources"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["schemas", "id", "userName", "name"]);
}
