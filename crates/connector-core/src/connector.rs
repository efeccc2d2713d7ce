//! What a connector implements: one [`Connector`], one [`Resource`] per resource type, one facet per ability.
//!
//! Connectors see the vendor's JSON only. Core converts, applies PATCH, finds the difference and refuses bad writes
//! before any call; abilities are read off the facets, so they cannot be claimed falsely.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{
    dry_run,
    error::{Error, Kind, Result},
    http::Cx,
    mapping::TargetPath,
    secret::Secret,
    spec::{ConnectorSpec, ResourceSpec},
};

/// One configured connector. Built once per instance, shared by all its requests.
#[async_trait]
pub trait Connector: Send + Sync {
    /// What it declares.
    fn spec(&self) -> &'static ConnectorSpec;

    /// Its resource types, User and Group first.
    fn resources(&self) -> &[Box<dyn Resource>];

    /// Proves with the cheapest authenticated calls that address and credential work, and says whose credential it is.
    /// Changes nothing. An error means that nothing works; what works only in part is a problem of the answer.
    async fn check(&self, cx: &Cx<'_>) -> Result<Checked>;
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Whose credential it is, where the target says.
    pub account: Option<String>,
    /// The organisation it is for, where the target says.
    pub organization: Option<String>,
    /// What will not work, one sentence each that names the remedy: each missing scope, a missing administrator role.
    pub problems: Vec<String>,
    /// What an operator should know and need not change.
    pub notes: Vec<String>,
}

/// A connector as the host knows it before any instance exists.
#[derive(Clone, Copy)]
pub struct Registration {
    /// What it declares.
    pub spec: &'static ConnectorSpec,
    /// Builds it for one instance.
    pub build: fn(&Settings) -> Result<Box<dyn Connector>>,
}

/// The values of a connector's own parameters in one instance, already checked against their kinds.
#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, Setting>);

/// One parameter's value.
#[derive(Debug, Clone)]
pub enum Setting {
    /// Of a boolean parameter.
    Boolean(bool),
    /// Of a text, id, URL or word parameter.
    Text(String),
    /// Of a secret parameter.
    Secret(Secret),
}

impl Settings {
    /// Sets `name`.
    pub fn insert(&mut self, name: impl Into<String>, value: Setting) {
        self.0.insert(name.into(), value);
    }

    /// Whether the instance sets this parameter.
    pub fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A boolean parameter; false when not set.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Setting::Boolean(true)))
    }

    /// A secret parameter.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        match self.0.get(name) {
            Some(Setting::Secret(secret)) => Some(secret),
            _ => None,
        }
    }

    /// A text, id, URL or word parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Setting::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// One resource type of a target. Reading is required; without facets it is read-only.
#[async_trait]
pub trait Resource: Send + Sync {
    /// What it declares.
    fn spec(&self) -> &'static ResourceSpec;

    /// Reads one object; an unknown id is [`Kind::NotFound`].
    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor>;

    /// Reads one page. Every condition of the query is sent to the target (it may still return too much: core filters
    /// again). The last page has no `next`.
    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page>;

    /// Reads what a plain read leaves out: an object with its id and the rows marked `on_request`, of an object that was
    /// there a moment ago.
    async fn on_request(&self, _: &Cx<'_>, _: &RemoteId) -> Result<Vendor> {
        Err(Error::new(Kind::Internal, "the connector reads nothing on request"))
    }

    /// Creates objects, where the target can.
    fn creator(&self) -> Option<&dyn Create> {
        None
    }

    /// Changes objects, where the target can.
    fn updater(&self) -> Option<&dyn Update> {
        None
    }

    /// Removes objects, where the target can.
    fn deleter(&self) -> Option<&dyn Delete> {
        None
    }

    /// Changes membership, where the target can.
    fn members(&self) -> Option<&dyn Members> {
        None
    }
}

/// The ability to create.
#[async_trait]
pub trait Create: Send + Sync {
    /// Creates one object from its vendor fields and returns it as the target holds it. A used name is
    /// [`Kind::Duplicate`].
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor>;
}

/// The ability to change.
#[async_trait]
pub trait Update: Send + Sync {
    /// Makes exactly this change, in one call where the target allows. Never called for an empty change.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated>;
}

/// The ability to remove.
#[async_trait]
pub trait Delete: Send + Sync {
    /// Removes one object and says whether it was there.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted>;
}

/// The ability to change membership.
#[async_trait]
pub trait Members: Send + Sync {
    /// Adds and removes exactly these members; never rewrites the others. Adding one that is there and removing one
    /// that is not both succeed. Core keeps each call within [`ResourceSpec::members_per_call`].
    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()>;

    /// Judges a change before anything is sent: refuses it, or takes out of it what shall stay as it is. `group` is the
    /// object as it was read a moment ago; `named` are the ids whose removal the client asks for by name, whether the object
    /// shows them or not. What a change removes beside them goes only because a new list of members lacks it.
    fn judge(&self, _group: &Vendor, _named: &[&str], _change: &mut MemberChange) -> Result<()> {
        Ok(())
    }

    /// What the client is shown of a group that is not there any more after its members were changed, where that is the
    /// change's own doing. `left` is the group as the change would have left it.
    fn vanished(&self, _left: Vendor) -> Result<Option<Vendor>> {
        Ok(None)
    }
}

/// What an update did.
#[derive(Debug, Clone, Default)]
pub struct Updated {
    /// The object, when the target's answer holds it; otherwise core reads it again.
    pub object: Option<Vendor>,
    /// Target paths that the target kept as they were, while it made the other changes.
    pub refused: Vec<&'static str>,
    /// The change removed the object; [`Self::object`] is what the client is shown of it.
    pub removed: bool,
}

/// What a delete found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// It was there and is removed (or made inactive, where deletion is soft).
    Removed,
    /// It was there, cannot be removed, and was made inactive instead: unlike others of its type it stays readable.
    Deactivated,
    /// It was not there.
    Missing,
}

/// A change of one object, in vendor fields.
#[derive(Debug)]
pub struct Change<'a> {
    /// The object as it was read a moment ago.
    pub current: &'a Vendor,
    /// Changed fields with their new values, nested as the target nests them. A changed list is whole.
    pub set: Map<String, Value>,
    /// Fields to empty.
    pub cleared: Vec<&'a TargetPath>,
    /// Every writable field as it shall be afterwards: what a target that knows only replacement needs.
    pub whole: Map<String, Value>,
}

/// Members to add and to remove, as target ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberChange {
    /// Not yet members.
    pub add: Vec<String>,
    /// Members now.
    pub remove: Vec<String>,
}

impl MemberChange {
    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }
}

/// The target's own id of an object: opaque, case-sensitive, safe to put into one path segment (percent-encoded).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RemoteId(String);

impl RemoteId {
    /// Takes an id as a client sent it. Text that no URL path segment can carry (empty, `.` and `..`, control
    /// characters, over 1,024 bytes) can be no object's id, and `me` is none: by that word targets name whoever asks, which
    /// is this host's own account. [`Kind::NotFound`].
    pub fn parse(id: &str) -> Result<Self> {
        if Self::fits_path(id) && !id.eq_ignore_ascii_case("me") {
            Ok(Self(id.to_owned()))
        } else {
            Err(Error::new(Kind::NotFound, "no object has this id"))
        }
    }

    /// Whether a URL path segment can carry this text.
    pub fn fits_path(text: &str) -> bool {
        !matches!(text, "" | "." | "..") && text.len() <= 1024 && !text.chars().any(char::is_control)
    }

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for an id that an earlier call of a dry run would bring: it has not the form of the target's ids,
    /// and is taken all the same.
    pub fn is_promised(&self) -> bool {
        dry_run::is_promised(&self.0)
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One object in the vendor's JSON, still as text: the mapping reads it in one pass over these bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Vendor(Bytes);

impl Vendor {
    /// Takes JSON text as it came.
    pub const fn new(json: Bytes) -> Self {
        Self(json)
    }

    /// The text.
    pub fn json(&self) -> &[u8] {
        &self.0
    }

    /// The whole document, for the few calls that build on it.
    pub fn document(&self) -> Result<Map<String, Value>> {
        serde_json::from_slice(&self.0).map_err(|error| {
            Error::new(Kind::OddAnswer, "the target's object is not a JSON object").source(error)
        })
    }
}

impl fmt::Debug for Vendor {
    /// Length only: objects hold personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vendor({} bytes)", self.0.len())
    }
}

/// What to list.
#[derive(Debug, Clone)]
pub struct Query {
    /// All must hold; empty for everything.
    pub conditions: Vec<Condition>,
    /// Where to begin.
    pub position: Position,
    /// How many at most, never above the declared page size.
    pub count: u32,
}

/// `field` equals `value`, in the target's words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The target's name of the field, from the row's `filter` mark.
    pub field: &'static str,
    /// The value as the target holds it.
    pub value: String,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// The 1-based index of its first item.
    Index(u64),
    /// A cursor of the target.
    Cursor(String),
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its objects.
    pub items: Vec<Vendor>,
    /// How many objects match in all, where the target says so.
    pub total: Option<u64>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Position>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_no_path_segment_carries_is_nobodys_and_so_is_the_word_for_oneself() {
        for id in ["", ".", "..", "a\nb", "me", "Me", &"x".repeat(1025)] {
            assert_eq!(RemoteId::parse(id).expect_err(id).kind(), Kind::NotFound, "{id:?}");
        }
        for id in ["W01", "a/b?c#d%e+f@g h", "ü"] {
            assert_eq!(RemoteId::parse(id).expect(id).as_str(), id);
        }
    }
}
