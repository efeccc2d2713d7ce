//! Calls of Graph.

use connector_sandbox::workplace::Workplace;
use serde_json::Value;

use crate::client::{Answer, call_as, send};

/// A call with JSON; `path` is relative to `/graph`.
pub(crate) async fn call(target: &Workplace, method: &str, path: &str, body: Value) -> Answer {
    call_as(target, &target.token(), method, &format!("/graph/{path}"), &body).await
}

pub(crate) async fn get(target: &Workplace, path: &str) -> Answer {
    call(target, "GET", path, Value::Null).await
}

/// A call with a form.
pub(crate) async fn form(target: &Workplace, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!(
        "Authorization: Bearer {}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        target.token()
    );
    send(target, method, &format!("/graph/{path}"), &headers, body).await.expect("an answer")
}

/// The ids of a page.
#[track_caller]
pub(crate) fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap_or_else(|| panic!("data in {page}"));
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// Walks an edge by its cursors; the ids and the number of pages.
pub(crate) async fn walk(target: &Workplace, path: &str) -> (Vec<String>, usize) {
    let (mut all, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = get(target, &format!("{path}{after}")).await.ok(200);
        all.extend(ids(&page));
        pages += 1;
        if page["paging"].get("next").is_none() {
            return (all, pages);
        }
        after = format!("&after={}", page["paging"]["cursors"]["after"].as_str().expect("a cursor"));
    }
}

/// The id of the first seeded group of that name.
pub(crate) fn named(target: &Workplace, name: &str) -> String {
    let found =
        target.groups().into_iter().find(|id| target.group(id).is_some_and(|group| group["name"] == name));
    found.unwrap_or_else(|| panic!("a group named {name}"))
}

/// The members of a group, also those Graph does not show, with whether they administer it.
pub(crate) fn members(target: &Workplace, group: &str) -> Vec<(String, bool)> {
    let group = target.group(group).expect("the group is there");
    let members = group["members"].as_array().expect("members").iter();
    members
        .map(|member| (member["id"].as_str().expect("an id").to_owned(), member["administrator"] == true))
        .collect()
}
