//! Whether address and key work, whose key it is, and what its owner may not do
//! (<https://developers.activecampaign.com/reference/authentication>).

use connector_core::{connector::Checked, error::Result, http::Cx};
use http::Method;
use serde_json::{Map, Value};

use crate::{
    call::{call, enveloped, id_of, me, send},
    memberships,
    permissions::{MANAGING, withholds},
};

/// Reads the key's own user, which every good key may, and what the groups of that user allow.
pub(crate) async fn check(cx: &Cx<'_>) -> Result<Checked> {
    let own = me(cx).await?;
    let id = id_of(&own, "id").unwrap_or_default();
    let mut groups = Vec::new();
    for record in memberships::of_user(cx, &id).await? {
        let group = id_of(&record, "groupid").unwrap_or_default();
        let reply = send(cx, call(cx, Method::GET, &["groups", &group]).operation("read own group")).await?;
        groups.push(enveloped(&reply, "group")?);
    }
    Ok(read(&own, &groups))
}

fn read(own: &Map<String, Value>, groups: &[Map<String, Value>]) -> Checked {
    let text = |name: &str| own.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = id_of(own, "id").unwrap_or_default();
    let lacks = |flag: &str| {
        let mut told = groups.iter().filter(|group| group.contains_key(flag)).peekable();
        told.peek().is_some() && told.all(|group| withholds(group, flag))
    };
    let missing: Vec<&str> = MANAGING.iter().filter(|(flag, _)| lacks(flag)).map(|(_, what)| *what).collect();
    let titles: Vec<&str> = groups.iter().filter_map(|group| group.get("title")?.as_str()).collect();
    let problem = format!(
        "the key's owner may not {}: use the key of a member of the Admin group (the owner's group: {})",
        missing.join(", "),
        titles.join(", ")
    );
    let name = text("username").or_else(|| text("email"));
    let note = "the owner of this key is not deleted through this host: the key would die with the user";
    Checked {
        account: name.map(|name| format!("{name} ({id})")),
        organization: own.get("links").and_then(account_host),
        problems: if missing.is_empty() { Vec::new() } else { vec![problem] },
        notes: vec![note.to_owned()],
    }
}

/// The host of the account's API, out of the addresses an object is linked to.
fn account_host(links: &Value) -> Option<String> {
    let address = links.as_object()?.values().find_map(Value::as_str)?;
    let (_, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("not an object") };
        object
    }

    #[test]
    fn a_key_of_an_administrator_is_told_with_account_and_owner() {
        let own = object(json!({"id": "1", "username": "admin",
                                "links": {"lists": "https://northlight.api-us1.com/api/3/users/1/lists"}}));
        let group = object(json!({"title": "Admin", "pg_user_add": "1", "pgGroupAdd": 1}));
        let checked = read(&own, &[group]);
        assert_eq!(checked.account.as_deref(), Some("admin (1)"));
        assert_eq!(checked.organization.as_deref(), Some("northlight.api-us1.com"));
        assert!(checked.problems.is_empty(), "{checked:?}");
    }

    #[test]
    fn what_the_owner_may_not_do_is_one_problem_and_one_group_that_allows_is_enough() {
        let own = object(json!({"id": 12, "email": "tove@northlight.example"}));
        let editors = object(
            json!({"title": "Editors", "pg_user_add": "0", "pg_user_edit": "0", "pgGroupDelete": false}),
        );
        let managers =
            object(json!({"title": "Managers", "pg_user_add": "0", "pg_user_edit": "1", "pgGroupDelete": 0}));
        let checked = read(&own, &[editors, managers]);
        assert_eq!(
            checked.problems,
            [
                "the key's owner may not create users, delete groups: use the key of a member of the Admin group \
              (the owner's group: Editors, Managers)"
            ]
        );
        assert_eq!(checked.account.as_deref(), Some("tove@northlight.example (12)"));
    }
}
