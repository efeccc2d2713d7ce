//! Reads one table of the merged configuration by its key table, and keeps every problem it meets.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    ffi::OsString,
    net::SocketAddr,
};

use connector_core::{scim::Offset, secret::Secret};
use figment::value::{Dict, Value};
use ipnet::IpNet;
use url::Url;

use super::{
    keys::{Key, Kind, Status},
    parse,
    problem::{Place, Problem, did_you_mean},
    secret,
    source::{Pins, Sources, Tree},
};

use crate::registry::Registry;

/// A value of the kind its key takes.
pub(super) enum Parsed {
    Boolean(bool),
    Integer(u64),
    Text(String),
    Word(&'static str),
    Words(Vec<&'static str>),
    Url(Url),
    Address(SocketAddr),
    Offset(Offset),
    Secret(Secret),
    Secrets(Vec<Secret>),
    Networks(Vec<IpNet>),
    Lists(BTreeMap<String, Vec<String>>),
    Rows(Vec<Fields>),
    Group(Fields),
    Urls(BTreeMap<String, Url>),
}

/// What one table held.
pub(super) struct Fields {
    /// The table itself, as `instances.acme`.
    pub(super) path: String,
    values: BTreeMap<&'static str, (Parsed, Place)>,
    /// Keys that are there but wrong: reported already, so neither missing nor default.
    wrong: BTreeSet<&'static str>,
}

/// Reads tables and collects problems.
pub(super) struct Reader<'a> {
    pub(super) tree: &'a Tree,
    pub(super) environment: &'a BTreeMap<OsString, OsString>,
    /// False for commands that need no secret: the shell they run in may not hold them.
    pub(super) with_secrets: bool,
    pub(super) registry: Registry,
    pub(super) pins: &'a Pins,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// A reader of `tree` without secrets.
    pub(super) fn of(sources: &'a Sources, tree: &'a Tree) -> Self {
        let Sources { environment, registry, pins, .. } = sources;
        Self { tree, environment, with_secrets: false, registry: *registry, pins, problems: Vec::new() }
    }
}

impl Reader<'_> {
    /// The table at `path`, empty when it is not there.
    pub(super) fn dict<'v>(&mut self, path: &str, value: Option<&'v Value>) -> Option<&'v Dict> {
        match value {
            None => None,
            Some(Value::Dict(_, dict)) => Some(dict),
            Some(other) => {
                let place = self.tree.place(path, other.tag());
                self.wrong(place, path, format!("must be a table, not {}", parse::name_of(other)));
                None
            }
        }
    }

    /// Reads `dict` by `keys`.
    pub(super) fn fields(
        &mut self,
        keys: &[Key],
        path: &str,
        dict: Option<&Dict>,
        around: Option<&Place>,
    ) -> Fields {
        let mut fields = Fields { path: path.to_owned(), values: BTreeMap::new(), wrong: BTreeSet::new() };
        for (name, value) in dict.into_iter().flatten() {
            let at = format!("{path}.{name}");
            let place = match around {
                Some(place) if value.tag().is_default() => place.clone(),
                _ => self.tree.place(&at, value.tag()),
            };
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                let what =
                    format!("is not a known key; {}", did_you_mean(name, keys.iter().map(|key| key.name)));
                self.wrong(place, &at, what);
                continue;
            };
            if let Status::NotBuilt(meanwhile) = key.status {
                fields.wrong.insert(key.name);
                if !parse::is_off(key.kind, value) {
                    self.wrong(place, &at, format!("is not built yet; {meanwhile}"));
                }
                continue;
            }
            match self.value(key, &at, value, &place) {
                Ok(Some(parsed)) => drop(fields.values.insert(key.name, (parsed, place))),
                Ok(None) => drop(fields.wrong.insert(key.name)),
                Err(what) => {
                    fields.wrong.insert(key.name);
                    self.wrong(place, &at, what);
                }
            }
        }
        for key in keys {
            if let (Some(text), false) = (key.default, fields.has(key.name)) {
                let parsed = parse::verbatim(key.kind, text).expect("a test parses the default of every key");
                fields.values.insert(key.name, (parsed, self.tree.file()));
            }
        }
        fields
    }

    /// `None` when a secret is not wanted or a row has problems of its own.
    fn value(&mut self, key: &Key, at: &str, value: &Value, place: &Place) -> Result<Option<Parsed>, String> {
        if matches!(key.kind, Kind::Secret | Kind::Secrets) && !self.with_secrets {
            return Ok(None);
        }
        if let Kind::Secret | Kind::TextOrSecret = key.kind {
            return secret::resolve(&self.overridden(value), self.environment)
                .map(|found| Some(Parsed::Secret(found)));
        }
        if let Kind::Group(keys) = key.kind {
            let Value::Dict(_, dict) = value else {
                return Err(format!("must be a table, not {}", parse::name_of(value)));
            };
            let before = self.problems.len();
            let fields = self.fields(keys, at, Some(dict), None);
            return Ok((self.problems.len() == before).then_some(Parsed::Group(fields)));
        }
        let structured = match value {
            Value::String(tag, text) if self.tree.is_verbatim(*tag) => {
                match parse::structure(key.kind, text)? {
                    Some(inner) => inner,
                    None => return parse::verbatim(key.kind, text).map(Some),
                }
            }
            other => other.clone(),
        };
        if let Kind::Secrets = key.kind {
            return secret::resolve_all(&structured, self.environment)
                .map(|found| Some(Parsed::Secrets(found)));
        }
        let Kind::Rows(keys) = key.kind else { return parse::typed(key.kind, &structured).map(Some) };
        let Value::Array(_, rows) = structured else {
            return Err(format!("must be a list of tables, not {}", parse::name_of(value)));
        };
        let (mut parsed, before) = (Vec::with_capacity(rows.len()), self.problems.len());
        for (index, row) in rows.iter().enumerate() {
            let at = format!("{at}[{index}]");
            if let Value::Dict(_, dict) = row {
                parsed.push(self.fields(keys, &at, Some(dict), Some(place)));
            } else {
                self.wrong(place.clone(), &at, format!("must be a table, not {}", parse::name_of(row)));
            }
        }
        Ok((self.problems.len() == before).then_some(Parsed::Rows(parsed)))
    }

    /// A secret that the environment points elsewhere (`…__ACCESS_TOKEN__FILE`) replaces what the file points to; the
    /// two do not mix.
    fn overridden(&self, value: &Value) -> Value {
        match value {
            Value::Dict(tag, table) if table.values().any(|part| self.tree.is_verbatim(part.tag())) => {
                let kept = table.iter().filter(|(_, part)| self.tree.is_verbatim(part.tag()));
                Value::Dict(*tag, kept.map(|(name, part)| (name.clone(), part.clone())).collect())
            }
            other => other.clone(),
        }
    }

    /// Keeps a problem.
    pub(super) fn wrong(&mut self, place: Place, key: &str, what: impl Into<String>) {
        self.problems.push(Problem::new(place, key, what));
    }

    /// Keeps a problem with a value that was there.
    pub(super) fn wrong_value(&mut self, fields: &Fields, key: &str, what: impl Into<String>) {
        let place = fields.place(key).unwrap_or_else(|| self.tree.file());
        self.wrong(place, &fields.at(key), what);
    }

    /// Keeps the problem that a key is missing, unless it is there and wrong.
    pub(super) fn missing(&mut self, fields: &Fields, key: &str, remedy: &str) {
        if !fields.has(key) {
            let place = self.tree.file();
            self.wrong(place, &fields.at(key), format!("is missing; {remedy}"));
        }
    }
}

/// Typed access: the kinds are those of the key table, which a test compares.
macro_rules! take {
    ($($name:ident $variant:ident $type:ty;)*) => {$(
        pub(super) fn $name(&mut self, key: &str) -> Option<$type> {
            match self.values.remove(key)? {
                (Parsed::$variant(value), _) => Some(value),
                _ => unreachable!("{key} has another kind in the key table"),
            }
        }
    )*};
}

impl Fields {
    take! {
        boolean Boolean bool;
        integer Integer u64;
        text Text String;
        word Word &'static str;
        words Words Vec<&'static str>;
        url Url Url;
        address Address SocketAddr;
        offset Offset Offset;
        secret Secret Secret;
        secrets Secrets Vec<Secret>;
        networks Networks Vec<IpNet>;
        lists Lists BTreeMap<String, Vec<String>>;
        rows Rows Vec<Fields>;
        group Group Fields;
        urls Urls BTreeMap<String, Url>;
    }

    /// A URL, left where it is.
    pub(super) fn url_ref(&self, key: &str) -> Option<&Url> {
        match self.values.get(key) {
            Some((Parsed::Url(url), _)) => Some(url),
            _ => None,
        }
    }

    /// A text, left where it is.
    pub(super) fn text_ref(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some((Parsed::Text(text), _)) => Some(text),
            _ => None,
        }
    }

    /// Whether a boolean is true, left where it is.
    pub(super) fn is_true(&self, key: &str) -> bool {
        matches!(self.values.get(key), Some((Parsed::Boolean(true), _)))
    }

    /// Where `key` was written.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        self.values.get(key).map(|(_, place)| place.clone())
    }

    /// Whether `key` was written, rightly or wrongly.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key) || self.wrong.contains(key)
    }

    /// The full path of `key`.
    pub(super) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// Every key of the table has been read: none is accepted and ignored.
    pub(super) fn finish(self) {
        let left: HashSet<_> = self.values.keys().collect();
        debug_assert!(left.is_empty(), "{}: nobody reads {left:?}", self.path);
    }
}
