//! People and people sets as JSON.

use serde_json::{Map, Value, json};

use super::super::model::{PeopleSet, Person, Tenant};
use super::super::options::{Meta, Options, StatusDates};
use super::Edition;
use super::attributes::{LISTS, TEXTS};
use crate::calendar::date_time;

/// A person as an edition shows it.
pub(in super::super) fn person(
    tenant: &Tenant,
    id: u64,
    edition: Edition,
    options: &Options,
) -> Option<Value> {
    let person = tenant.people.get(&id)?;
    let names = edition.names();
    let mut schemas = vec![names.core];
    let mut out = Map::new();
    out.insert("schemas".into(), Value::Null);
    out.insert("id".into(), identifier(id, edition, options));
    let mut copy = |name: &str| {
        if let Some(value) = person.core.get(name) {
            out.insert(name.to_owned(), value.clone());
        }
    };
    TEXTS.into_iter().for_each(&mut copy);
    copy("name");
    for (name, _) in LISTS.into_iter().filter(|(name, _)| *name != "photos" || options.photos_readable) {
        copy(name);
    }
    out.insert("active".into(), json!(person.active));
    if options.meta == Meta::Both || (options.meta == Meta::V2 && edition == Edition::V2) {
        out.insert("meta".into(), meta(person));
    }
    if edition == Edition::V1 && options.v1_groups {
        let of = tenant.people_sets.iter().filter(|(_, set)| set.members.contains(&id));
        let groups: Vec<_> = of.map(|(at, set)| json!({"value": at, "display": set.name})).collect();
        out.insert("groups".into(), groups.into());
    }
    let mut extend = |urn: &'static str, members: Value| {
        if members.as_object().is_some_and(|members| !members.is_empty()) {
            schemas.push(urn);
            out.insert(urn.to_owned(), members);
        }
    };
    let mut enterprise = person.enterprise.clone();
    if let Some(manager) = person.manager {
        let name = tenant.people.get(&manager).and_then(|manager| manager.name("formatted"));
        let manager = identifier(manager, edition, options);
        enterprise.insert("manager".into(), json!({"managerId": manager, "displayName": name}));
    }
    extend(names.enterprise, Value::Object(enterprise));
    if person.start_date.is_some() || person.term_date != 0 {
        extend(
            names.dates,
            json!({"startDate": person.start_date.unwrap_or(0), "termDate": person.term_date}),
        );
    }
    extend(names.status, status(person, id, edition, options));
    extend(names.auth, json!({names.auth_method: if person.by_sso { "sso" } else { "password" }}));
    extend(names.frontline, json!({"is_frontline": person.frontline}));
    out.insert("schemas".into(), json!(schemas));
    Some(Value::Object(out))
}

/// A people set as an edition shows it.
pub(in super::super) fn people_set(
    tenant: &Tenant,
    id: u64,
    edition: Edition,
    options: &Options,
) -> Option<Value> {
    let PeopleSet { name, members } = tenant.people_sets.get(&id)?;
    let member = |id: &u64| json!({"type": "user", "value": identifier(*id, edition, options)});
    Some(json!({
        "schemas": [edition.names().group],
        "id": identifier(id, edition, options),
        "displayName": name,
        "members": members.iter().map(member).collect::<Vec<_>>(),
    }))
}

/// A number, however long.
fn identifier(id: u64, edition: Edition, options: &Options) -> Value {
    if edition == Edition::V2 && options.v2_text_ids { json!(id.to_string()) } else { json!(id) }
}

fn meta(person: &Person) -> Value {
    let stamp = |ms: i64| format!("{}+00:00", date_time(ms.div_euclid(1000)));
    json!({
        "resourceType": "User",
        "created": stamp(person.created_ms),
        "lastModified": stamp(person.updated_ms),
    })
}

fn status(person: &Person, id: u64, edition: Edition, options: &Options) -> Value {
    let iso = edition == Edition::V2
        && match options.v2_status_dates {
            StatusDates::Seconds => false,
            StatusDates::Iso => true,
            StatusDates::Mixed => id.is_multiple_of(2),
        };
    let date = |ms: i64| {
        let secs = ms.div_euclid(1000);
        if iso { json!(format!("{}+00:00", date_time(secs))) } else { json!(secs) }
    };
    let invited = person.invited_ms.is_some();
    let mut status = json!({
        "invited": invited,
        "claimed": person.claimed_ms.is_some(),
        "canDelete": !person.ever_claimed,
    });
    if let Some(ms) = person.invited_ms {
        status["inviteDate"] = date(ms);
    }
    match person.claimed_ms {
        Some(ms) => status["claimDate"] = date(ms),
        None if invited => status["claimLink"] = json!(format!("https://fb.example/claim/{id:x}")),
        None => {}
    }
    if let Some(code) = &person.access_code {
        status["accessCode"] = json!(code);
        status["accessCodeExpirationDate"] = json!(person.created_ms.div_euclid(1000) + 60 * 60 * 24 * 30);
    }
    status
}
