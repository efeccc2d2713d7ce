//! `/licenses`: reading.

use serde_json::{Value, json};

use super::api::Ask;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{LicenseAt, ORG, Units};
use super::state::State;
use crate::form::encode;
use crate::harness::Reply;

/// Most holders of a licence in one page.
const MOST_HOLDERS: usize = 300;

/// `GET /licenses`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs_administrator(state, &["spark-admin:licenses_read"])?;
    let items: Vec<Value> = (0..state.org.licenses.len()).map(|at| license(state, at)).collect();
    Ok(ask.json(&json!({"items": items})))
}

/// `GET /licenses/{id}`, with its holders if asked for.
pub(super) fn get(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs_administrator(state, &["spark-admin:licenses_read"])?;
    let value = id::decode(Kind::License, id)?;
    let at = state.org.license_at(&value).ok_or_else(|| Refusal::missing("License"))?;
    let mut body = license(state, at);
    if ask.query.value("includeAssignedTo") != Some("user") {
        return Ok(ask.json(&body));
    }
    let limit = match ask.query.value("limit").map(str::parse) {
        None => MOST_HOLDERS,
        Some(Ok(limit)) if limit > 0 => MOST_HOLDERS.min(limit),
        Some(_) => return Err(Refusal::bad("limit must be a number greater than 0")),
    };
    let after: u64 = match ask.query.filled("next").map(str::parse) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => return Err(Refusal::bad("Invalid paging cursor")),
    };
    let mut holders = state.org.people.range(after + 1..).filter(|(_, person)| person.licenses.contains(&at));
    let page: Vec<_> = holders.by_ref().take(limit).collect();
    let next = page.last().filter(|_| holders.next().is_some()).map(|(last, _)| *last);
    let users: Vec<Value> = page
        .into_iter()
        .map(|(_, person)| {
            json!({
                "id": id::encode(Kind::Person, &person.uuid),
                "type": if person.org == ORG { "INTERNAL" } else { "EXTERNAL" },
                "displayName": person.display_name,
                "email": person.email(),
            })
        })
        .collect();
    body["users"] = json!(users);
    let link = next.map(|next| {
        let (base, id) = (&state.org.api_url, encode(id));
        format!("<{base}/licenses/{id}?includeAssignedTo=user&limit={limit}&next={next}>; rel=\"next\"")
    });
    Ok(ask.json(&body).header_if("link", link.as_deref()))
}

/// A licence with its units as they are now.
fn license(state: &State, at: LicenseAt) -> Value {
    let license = &state.org.licenses[at];
    let (total, consumed) = state.org.units(at);
    let name = if state.options.old_license_names { license.old_name } else { license.name };
    let mut body = json!({
        "id": id::encode(Kind::License, &license.value),
        "name": name,
        "totalUnits": total,
        "consumedUnits": consumed,
    });
    let (users, workspaces) = match license.units {
        Units::Free | Units::Paid(_) => (json!(consumed), json!(0)),
        Units::Hybrid => (Value::Null, Value::Null),
        Units::Workspaces { .. } => (json!(0), json!(consumed)),
    };
    body["consumedByUsers"] = users;
    body["consumedByWorkspaces"] = workspaces;
    if let Some(subscription) = license.subscription {
        body["subscriptionId"] = json!(subscription);
    }
    if let Some(site) = license.site {
        body["siteUrl"] = json!(site);
        body["siteType"] = json!("Control Hub managed site");
    }
    body
}
