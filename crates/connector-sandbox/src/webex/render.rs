//! People as JSON.

use serde_json::{Map, Value, json};

use super::id::{self, Kind};
use super::model::{ORG, Person};
use super::options::{Options, TimeZoneSpelling};
use super::org::Org;
use crate::calendar::date_time;

/// What of a person is shown.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of the request or a right of the caller"
)]
pub(super) struct View {
    /// Licences, roles and the state of the account.
    pub(super) administrator: bool,
    /// Presence and last activity.
    pub(super) status: bool,
    /// Extension and location.
    pub(super) calling: bool,
    /// As in a list by ids, which has two fields nobody has documented.
    pub(super) by_id: bool,
}

/// A person as that view shows it.
pub(super) fn person(org: &Org, person: &Person, view: View, options: &Options, now_ms: i64) -> Value {
    let own = person.org == ORG;
    let view = View { administrator: view.administrator && own, ..view };
    let mut all = Fields(Map::new());
    all.set("id", id::encode(Kind::Person, &person.uuid));
    let mut emails = person.emails.clone();
    if options.reversed_emails {
        emails.reverse();
    }
    all.set("emails", emails);
    calling(&mut all, person, view);
    all.set("displayName", person.display_name.as_str());
    // Whatever was sent, the nick name is the first name.
    all.set_some("nickName", person.first_name.as_deref());
    all.set_some("firstName", person.first_name.as_deref());
    all.set_some("lastName", person.last_name.as_deref());
    all.set_some("avatar", person.avatar.as_deref());
    all.set("orgId", id::encode(Kind::Organization, &person.org));
    if view.administrator {
        administered(&mut all, org, person);
    }
    all.set("created", stamp(person.created_ms));
    all.set("lastModified", stamp(person.modified_ms));
    let zone = match options.time_zone_spelling {
        TimeZoneSpelling::Camel => "timeZone",
        TimeZoneSpelling::Lower => "timezone",
    };
    all.set_some(zone, person.time_zone.as_deref());
    if view.status {
        all.set_some("lastActivity", person.last_activity_ms.map(stamp));
        all.set("status", person.status);
    }
    if own && now_ms >= person.created_ms.saturating_add_unsigned(options.sip_lag_ms) {
        let local = person.email().split('@').next().unwrap_or_default();
        let value = format!("{local}@acme-demo.calls.example");
        all.set("sipAddresses", json!([{"type": "cloud-calling", "value": value, "primary": true}]));
    }
    if view.administrator {
        for (name, value) in
            [("invitePending", person.invite_pending), ("loginEnabled", person.login_enabled)]
        {
            if options.booleans_as_strings {
                all.set(name, value.to_string());
            } else {
                all.set(name, value);
            }
        }
    }
    all.set("type", person.kind.word());
    if view.by_id {
        all.set("userName", person.email());
        all.set("avatarProvided", person.avatar.is_some());
    }
    if options.unknown_keys {
        all.set("trainSiteNames", json!([]));
    }
    if options.partial_person_errors {
        let error = json!({"code": "8000", "reason": "Part of the person could not be read."});
        all.set("errors", json!({"personDetails": error}));
    }
    Value::Object(all.0)
}

/// Phone numbers, and what only `callingData` shows.
fn calling(all: &mut Fields, person: &Person, view: View) {
    let phones = person.phone_numbers.iter().filter(|phone| view.calling || phone.kind != "work_extension");
    let phones: Vec<_> = phones
        .map(|phone| json!({"type": phone.kind, "value": phone.value, "primary": phone.primary}))
        .collect();
    if !phones.is_empty() {
        all.set("phoneNumbers", phones);
    }
    if view.calling {
        all.set_some("extension", person.extension.as_deref());
        let location = person.location.as_deref();
        all.set_some("locationId", location.map(|location| id::encode(Kind::Location, location)));
    }
}

/// What administrators alone see, but for the state of the account.
fn administered(all: &mut Fields, org: &Org, person: &Person) {
    let roles: Vec<_> = person.roles.iter().map(|role| id::encode(Kind::Role, role)).collect();
    all.set("roles", roles);
    let license = |at: &usize| id::encode(Kind::License, &org.licenses[*at].value);
    all.set("licenses", person.licenses.iter().map(license).collect::<Vec<_>>());
    all.set_some("department", person.department.as_deref());
    all.set_some("manager", person.manager.as_deref());
    all.set_some("managerId", person.manager_id.as_deref());
    all.set_some("title", person.title.as_deref());
    if !person.addresses.is_empty() {
        all.set("addresses", person.addresses.clone());
    }
    if !person.site_urls.is_empty() {
        all.set("siteUrls", person.site_urls.clone());
    }
}

/// The members of an object; what does not apply is left out.
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn set_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

/// `2026-01-19T11:02:07.455Z`
pub(super) fn stamp(ms: i64) -> String {
    format!("{}.{:03}Z", date_time(ms.div_euclid(1000)), ms.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_have_milliseconds_and_a_z() {
        assert_eq!(stamp(1_709_251_199_007), "2024-02-29T23:59:59.007Z");
    }
}
