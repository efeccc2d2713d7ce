//! The ledger: what clients wrote and targets rewrote or cannot hold.
//!
//! Identity systems compare what they wrote with what they read; a target that turns `Ada.L@x` into `ada.l` or has no
//! `externalId` makes them write for ever. The ledger remembers, per object and attribute, what was sent and what the
//! target made of it, and answers the former for as long as the target still holds the latter.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::Result,
    scim::{Place, Resource},
};

/// Where memories are kept, for one instance. The host implements it over its store.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// What is remembered of these objects of a resource type; objects without a memory are left out.
    async fn recall(&self, resource: &str, ids: &[&str]) -> Result<HashMap<String, Memory>>;

    /// Replaces what is remembered of an object. When this returns, it survives a crash.
    async fn remember(&self, resource: &str, id: &str, memory: &Memory) -> Result<()>;

    /// Forgets an object.
    async fn forget(&self, resource: &str, id: &str) -> Result<()>;

    /// Ids of objects whose remembered value of an attribute may equal `value`: exactly, or but for letter case. The caller
    /// looks at each.
    async fn find(&self, resource: &str, attribute: &str, value: &str) -> Result<Vec<String>>;
}

/// A ledger that remembers nothing: for checks that create no object.
#[derive(Debug, Clone, Copy)]
pub struct NoLedger;

#[async_trait]
impl Ledger for NoLedger {
    async fn recall(&self, _: &str, _: &[&str]) -> Result<HashMap<String, Memory>> {
        Ok(HashMap::new())
    }

    async fn remember(&self, _: &str, _: &str, _: &Memory) -> Result<()> {
        Ok(())
    }

    async fn forget(&self, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    async fn find(&self, _: &str, _: &str, _: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
}

/// What is remembered of one object, by attribute: `userName`, `URN:attr`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(pub BTreeMap<String, Kept>);

/// One attribute: what the client sent, and what the target held right after; `Null` for no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// As sent.
    #[serde(rename = "s")]
    pub sent: Value,
    /// As held.
    #[serde(rename = "h")]
    pub held: Value,
    /// Seconds since 1970 until which it is believed; for ever when not given. For targets that show a change late.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// What another attribute held, where the target tells the states of this one apart only beside it.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
}

/// What an attribute held; `Null` for no value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// The attribute, as in a memory.
    #[serde(rename = "p")]
    pub path: String,
    /// As held.
    #[serde(rename = "h")]
    pub held: Value,
}

impl Beside {
    /// What `resource` holds at this place.
    pub(crate) fn of(place: &Place, resource: &Resource) -> Self {
        let held = resource.attribute(place.urn.as_deref(), &place.name).cloned().unwrap_or_default();
        Self { path: join(place.urn.as_deref(), &place.name), held }
    }

    fn still_holds(&self, resource: &Resource) -> bool {
        let (urn, name) = split(&self.path);
        resource.attribute(urn, name).unwrap_or(&Value::Null) == &self.held
    }
}

/// How long, in seconds, a target may take to show a change it acknowledged.
const LATE: i64 = 60;

impl Kept {
    /// A change the target acknowledged and may show late.
    pub(crate) fn late(sent: Value, held: Value) -> Self {
        Self { sent, held, until: Some(Timestamp::now().as_second() + LATE), beside: None }
    }
}

impl Memory {
    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object as the client sees it: what it sent, wherever the target still holds what it made of it.
    pub fn over(&self, mut resource: Resource) -> Resource {
        let now = Timestamp::now().as_second();
        for (path, kept) in self.0.iter().filter(|(_, kept)| kept.until.is_none_or(|until| now < until)) {
            let (urn, name) = split(path);
            if resource.attribute(urn, name).unwrap_or(&Value::Null) == &kept.held
                && kept.beside.as_ref().is_none_or(|beside| beside.still_holds(&resource))
            {
                resource.set_attribute(urn, name, kept.sent.clone());
                declare(&mut resource, urn);
            }
        }
        resource
    }

    /// The texts by which an object can be found again: attribute and remembered value, `emails.value` for the elements of
    /// a list.
    pub fn keys(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        self.0.iter().flat_map(|(path, kept)| {
            let simple = kept.sent.as_str().map(|text| (Cow::Borrowed(path.as_str()), text));
            let elements = kept.sent.as_array().into_iter().flatten();
            let values = elements.filter_map(|element| element.get("value")?.as_str());
            simple.into_iter().chain(values.map(move |value| (Cow::Owned(format!("{path}.value")), value)))
        })
    }
}

/// The extension and the name in a memory's attribute path.
pub fn split(path: &str) -> (Option<&str>, &str) {
    match path.rsplit_once(':') {
        Some((urn, name)) => (Some(urn), name),
        None => (None, path),
    }
}

/// An attribute's path in a memory.
pub fn join(urn: Option<&str>, name: &str) -> String {
    urn.map_or_else(|| name.to_owned(), |urn| format!("{urn}:{name}"))
}

/// Lists the extension among the resource's schemas.
fn declare(resource: &mut Resource, urn: Option<&str>) {
    let Some(urn) = urn else { return };
    if let Some(Value::Array(schemas)) = resource.get_mut("schemas")
        && !schemas.iter().any(|schema| schema == urn)
    {
        schemas.push(Value::from(urn));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(value: Value) -> Resource {
        let Value::Object(document) = value else { unreachable!() };
        Resource::new(document)
    }

    fn memory(path: &str, sent: Value, held: Value) -> Memory {
        Memory(BTreeMap::from([(path.to_owned(), Kept { sent, held, until: None, beside: None })]))
    }

    #[test]
    fn the_clients_value_is_answered_until_the_target_changes_its_own() {
        let memory = memory("userName", json!("Ada.L@x"), json!("ada.l"));
        let same = memory.over(resource(json!({"userName": "ada.l"})));
        assert_eq!(same.text("userName"), Some("Ada.L@x"));
        let changed = memory.over(resource(json!({"userName": "ada.b"})));
        assert_eq!(changed.text("userName"), Some("ada.b"));
    }

    #[test]
    fn a_value_the_target_shows_late_is_believed_for_a_while() {
        let mut memory = memory("displayName", json!("After"), json!("Before"));
        let seen = |memory: &Memory| memory.over(resource(json!({"displayName": "Before"})));
        memory.0.get_mut("displayName").unwrap().until = Some(Timestamp::now().as_second() + 60);
        assert_eq!(seen(&memory).text("displayName"), Some("After"));
        memory.0.get_mut("displayName").unwrap().until = Some(Timestamp::now().as_second() - 1);
        assert_eq!(seen(&memory).text("displayName"), Some("Before"));
    }

    #[test]
    fn a_value_that_is_told_apart_beside_another_is_answered_until_that_changes() {
        let mut memory = memory("active", json!(false), json!(true));
        memory.0.get_mut("active").unwrap().beside =
            Some(Beside { path: "urn:x:2.0:User:invited".into(), held: json!(true) });
        let seen = |invited| {
            let held = json!({"active": true, "urn:x:2.0:User": {"invited": invited}});
            memory.over(resource(held)).get("active").cloned()
        };
        assert_eq!(seen(true), Some(json!(false)));
        assert_eq!(seen(false), Some(json!(true)));
    }

    #[test]
    fn what_the_target_cannot_hold_is_answered_while_it_holds_nothing() {
        let memory = memory("externalId", json!("42"), Value::Null);
        assert_eq!(memory.over(resource(json!({"id": "1"}))).text("externalId"), Some("42"));
    }

    #[test]
    fn an_object_is_found_by_what_was_sent_also_by_an_element_of_a_list() {
        let memory = memory("emails", json!([{"value": "a@x", "type": "other"}]), Value::Null);
        assert_eq!(memory.keys().collect::<Vec<_>>(), [("emails.value".into(), "a@x")]);
    }

    #[test]
    fn an_extension_that_only_the_ledger_knows_is_declared() {
        let memory = memory("urn:x:2.0:User:badge", json!("7"), Value::Null);
        let seen = memory.over(resource(json!({"schemas": ["core"]})));
        assert_eq!(seen.attribute(Some("urn:x:2.0:User"), "badge"), Some(&json!("7")));
        assert_eq!(seen.schemas().collect::<Vec<_>>(), ["core", "urn:x:2.0:User"]);
    }
}
