//! Teams as Webex has them (<https://developer.webex.com/docs/api/v1/teams>), and as the table sees them.

use connector_core::connector::Vendor;
use serde_json::{Map, Value, json};

use crate::{
    account::{Me, Owner},
    call::{TEAMS_READ, text},
    memberships,
    page::List,
};

/// The teams of the account.
pub(crate) const TEAMS: List<'static> =
    List { segments: &["teams"], operation: "list teams", parameters: Vec::new(), need: &TEAMS_READ };

/// A team with its memberships, without that of the account that consented: it is in every team, whatever clients write.
/// Who it is, or may be, goes along for what judges a change of members.
pub(crate) fn vendor(
    mut team: Map<String, Value>,
    mut members: Vec<Map<String, Value>>,
    owner: &Owner,
) -> Vendor {
    match owner {
        Owner::Known(me) => {
            members.retain(|member| text(member, "personId") != Some(&*me.id));
            team.insert("account".into(), json!({ "id": me.id, "orgId": me.org }));
        }
        Owner::OneOf { people, .. } => {
            team.insert("accounts".into(), people.iter().map(|me| Value::from(me.id.as_str())).collect());
        }
    }
    listed(team, members)
}

/// A team with these memberships.
pub(crate) fn listed(mut team: Map<String, Value>, members: Vec<Map<String, Value>>) -> Vendor {
    let moderators = members.iter().filter(|member| memberships::is_moderator(member)).cloned();
    let moderators: Vec<Value> = moderators.map(Value::Object).collect();
    team.insert("moderators".into(), moderators.into());
    team.insert("memberships".into(), members.into_iter().map(Value::Object).collect());
    Vendor::new(Value::Object(team).to_string().into())
}

/// A team without its members.
pub(crate) fn bare(team: Map<String, Value>) -> Vendor {
    Vendor::new(Value::Object(team).to_string().into())
}

/// The account that consented, as [`vendor`] noted it.
pub(crate) fn account(team: &Map<String, Value>) -> Option<Me> {
    let account = team.get("account")?.as_object()?;
    Some(Me { id: text(account, "id")?.to_owned(), org: text(account, "orgId").map(ToOwned::to_owned) })
}

/// Those of whom one consented, as [`vendor`] noted them.
pub(crate) fn accounts(team: &Map<String, Value>) -> Vec<&str> {
    let accounts = team.get("accounts").and_then(Value::as_array).into_iter().flatten();
    accounts.filter_map(Value::as_str).collect()
}

/// The memberships in what [`vendor`] made.
pub(crate) fn members(team: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    team.get("memberships").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
