//! Section 3: pages, totals, order, filters.

use connector_sandbox::activecampaign::{ActiveCampaign, ListOrder, Options, Paging, UsersTotal};
use serde_json::{Value, json};

use crate::client::{delete, get, start, unlimited, usual};

fn ids(body: &Value, key: &str) -> Vec<String> {
    let rows = body[key].as_array().unwrap_or_else(|| panic!("{key} in {body}"));
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// Reads to the first page that is not full.
async fn walk(target: &ActiveCampaign, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    for offset in (0..).step_by(limit) {
        let page = get(target, &format!("users?limit={limit}&offset={offset}")).await.ok(200);
        let page = ids(&page, "users");
        let short = page.len() < limit;
        all.extend(page);
        if short {
            return all;
        }
    }
    all
}

fn distinct(ids: &[String]) -> usize {
    ids.iter().collect::<std::collections::HashSet<_>>().len()
}

#[tokio::test]
async fn a_page_has_twenty_rows_and_the_total_is_a_text() {
    let target = usual().await;
    let page = get(&target, "users").await.ok(200);
    assert_eq!((ids(&page, "users").len(), &page["meta"]), (20, &json!({"total": "120"})));
    let page = get(&target, "groups").await.ok(200);
    assert_eq!((ids(&page, "groups").len(), &page["meta"]), (9, &json!({"total": "9"})));
    let page = get(&target, "groupLimits?limit=2&offset=8").await.ok(200);
    assert_eq!((ids(&page, "groupLimits"), &page["meta"]), (vec!["11".into()], &json!({"total": "9"})));
}

#[tokio::test]
async fn everybody_is_on_one_page_only_and_limits_are_cut_to_a_hundred() {
    let target = usual().await;
    let all = walk(&target, 50).await;
    assert_eq!((all.len(), distinct(&all)), (120, 120));
    assert!(!all.contains(&"7".to_owned()), "ids have gaps");
    assert_eq!(ids(&get(&target, "users?limit=1000").await.ok(200), "users").len(), 100);
    assert_eq!(ids(&get(&target, "users?limit=100&offset=120").await.ok(200), "users").len(), 0);
}

#[tokio::test]
async fn a_limit_or_offset_that_is_no_good_number_is_ignored_or_refused() {
    let target = usual().await;
    for query in ["limit=0", "limit=-1", "limit=all", "offset=-1", "offset=x"] {
        assert_eq!(ids(&get(&target, &format!("users?{query}")).await.ok(200), "users").len(), 20, "{query}");
    }
    target.set_options(|options| options.bad_paging_refused = true);
    for query in ["limit=0", "limit=-1", "limit=all", "offset=-1", "offset=x"] {
        assert_eq!(get(&target, &format!("users?{query}")).await.ok(400), json!({}), "{query}");
    }
}

#[tokio::test]
async fn the_total_of_users_may_be_wrong_or_absent_but_that_of_groups_is_right() {
    let target = start(Options { users_total: UsersTotal::Wrong, ..unlimited() }).await;
    let meta = async |path: &str| get(&target, path).await.ok(200)["meta"].clone();
    assert_eq!(meta("users?limit=30").await, json!({"total": "30"}));
    target.set_options(|options| options.users_total = UsersTotal::Absent);
    assert_eq!(meta("users").await, json!({}));
    assert_eq!(meta("groups?limit=1").await, json!({"total": "9"}));
}

#[tokio::test]
async fn limit_and_offset_may_be_ignored_in_two_ways() {
    let target = start(Options { paging: Paging::WholeList, ..unlimited() }).await;
    for path in ["users", "users?limit=100&offset=100"] {
        assert_eq!(ids(&get(&target, path).await.ok(200), "users").len(), 120, "{path}");
    }
    target.set_options(|options| options.paging = Paging::FirstPage);
    let first = ids(&get(&target, "users").await.ok(200), "users");
    assert_eq!(ids(&get(&target, "users?limit=100&offset=100").await.ok(200), "users"), first);
}

#[tokio::test]
async fn rows_may_come_twice_when_the_list_changes_meanwhile() {
    let target = start(Options { repeated_rows: true, ..unlimited() }).await;
    for limit in [7, 20, 60] {
        let all = walk(&target, limit).await;
        assert_eq!((all.len(), distinct(&all)), (121, 120), "{limit}");
    }
}

#[tokio::test]
async fn rows_may_be_skipped_when_somebody_leaves_meanwhile() {
    let target = usual().await;
    let first = ids(&get(&target, "users?limit=10").await.ok(200), "users");
    delete(&target, &format!("users/{}", first[1])).await.ok(200);
    let second = ids(&get(&target, "users?limit=10&offset=10").await.ok(200), "users");
    assert_eq!((first[9].as_str(), second[0].as_str()), ("11", "13"), "12 was on neither page");
}

#[tokio::test]
async fn the_order_is_a_switch_and_the_same_each_time() {
    let target = usual().await;
    let created = walk(&target, 100).await;
    target.set_options(|options| options.list_order = ListOrder::Shuffled);
    let shuffled = walk(&target, 100).await;
    assert_ne!(created, shuffled);
    assert_eq!(walk(&target, 30).await, shuffled);
    assert_eq!(distinct(&shuffled), 120);
}

#[tokio::test]
async fn filters_and_orders_work_on_no_field_until_told() {
    let target = usual().await;
    let found =
        async |query: &str| ids(&get(&target, &format!("users?limit=100&{query}")).await.ok(200), "users");
    let filter = "filters[username]=admin";
    assert_eq!(found(filter).await.len(), 100);
    target.set_options(|options| options.filterable = vec!["username".into()]);
    assert_eq!(found(filter).await, ["1"]);
    assert_eq!(found("filters%5Busername%5D=admin").await, ["1"]);
    assert_eq!(found("filters[email]=admin@northlight.example").await.len(), 100);
    assert_eq!(found("orders[username]=DESC").await[0], "1");
    target.set_options(|options| options.orderable = vec!["username".into()]);
    assert_eq!(found("orders[username]=DESC").await[0], "5", "z comes last");
    assert_eq!(found("orders[username]=ASC").await.last(), found("orders[username]=DESC").await.get(20));
}
