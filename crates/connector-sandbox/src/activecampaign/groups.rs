//! `/groups` and `/groupLimits`: reading.

use serde_json::{Value, json};

use super::api::{Ask, ok};
use super::error::{Refusal, Result};
use super::flags::FLAGS;
use super::paging;
use super::state::State;
use crate::harness::Reply;

/// Members of `links`, which are paths below the group.
const LINKS: [&str; 6] =
    ["userGroups", "groupLimit", "dealGroupGroups", "listGroups", "addressGroups", "automationGroups"];

/// `GET /groups`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    let options = &state.options;
    let ids = paging::ordered(state.account.groups.keys().copied(), options);
    let mut rows: Vec<Value> = ids.into_iter().filter_map(|id| render(state, id)).collect();
    paging::arrange(&mut rows, &ask.query, options);
    let page = paging::page(&rows, &ask.query, options)?;
    Ok(ok(&json!({"groups": rows[page], "meta": paging::meta(rows.len())})))
}

/// `GET /groups/{id}`
pub(super) fn get(state: &State, id: &str) -> Result<Reply> {
    let id = find(state, id, state.options.unknown_group_status)?;
    Ok(ok(&json!({"group": render(state, id)})))
}

/// `GET /groups/{id}/groupLimit`
pub(super) fn limit(state: &State, id: &str) -> Result<Reply> {
    let id = find(state, id, state.options.unknown_group_status)?;
    Ok(ok(&json!({"groupLimit": limit_of(state, id)})))
}

/// `GET /groupLimits`
pub(super) fn limits(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    let rows: Vec<_> = state.account.groups.keys().map(|id| limit_of(state, *id)).collect();
    let page = paging::page(&rows, &ask.query, &state.options)?;
    Ok(ok(&json!({"groupLimits": rows[page], "meta": paging::meta(rows.len())})))
}

/// The group of an id in a path; an unknown one is told with that status, which is not always 404.
pub(super) fn find(state: &State, id: &str, unknown: u16) -> Result<u64> {
    let known = id.parse().ok().filter(|id| state.account.groups.contains_key(id));
    known.ok_or_else(|| Refusal::missing(unknown, "Group", id))
}

/// A group as JSON, flags as texts. `p_admin` is "1" whatever the group may do.
pub(super) fn render(state: &State, id: u64) -> Option<Value> {
    let group = state.account.groups.get(&id)?;
    let mut body = json!({"title": group.title, "descript": group.descript});
    for name in FLAGS {
        body[name] = json!(group.flags.get(name).copied().unwrap_or(0).to_string());
    }
    body["p_admin"] = json!("1");
    body["reqApprovalNotify"] = json!(group.notify);
    body["sdate"] = Value::Null;
    body["links"] = links(state, id);
    body["id"] = json!(id.to_string());
    Some(body)
}

/// The short form in which writes are answered: without flags, and `p_admin` a number.
pub(super) fn short(state: &State, id: u64) -> Value {
    let title = state.account.groups.get(&id).map(|group| group.title.as_str());
    json!({"title": title, "p_admin": 1, "links": links(state, id), "id": id.to_string()})
}

fn links(state: &State, id: u64) -> Value {
    let link =
        |name: &&str| ((*name).to_owned(), json!(format!("{}/api/3/groups/{id}/{name}", state.account.url)));
    Value::Object(LINKS.iter().map(link).collect())
}

fn limit_of(state: &State, id: u64) -> Value {
    json!({
        "groupid": id.to_string(),
        "limitMail": "0",
        "limitMailType": "month",
        "limitContact": "0",
        "limitList": "0",
        "limitCampaign": "0",
        "limitCampaignType": "month",
        "limitAttachment": "-1",
        "limitUser": "0",
        "abuseRatio": "4",
        "forceSenderInfo": "0",
        "links": {"group": format!("{}/api/3/groupLimits/{id}/group", state.account.url)},
        "id": id.to_string(),
        "group": id.to_string(),
    })
}
