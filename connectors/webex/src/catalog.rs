//! Licences, roles and organisations: short lists that are only read, and the names they give to ids.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    cached::Cached,
    connector::{Page, Query, RemoteId, Resource, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
    mapping::Table,
    spec::{Membership, Paging, ResourceSpec},
};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

use crate::{
    call::{self, LICENSES_READ, ORGANIZATIONS_READ, ROLES_READ, text},
    mapping,
    page::Whole,
};

/// Names by id.
pub(crate) type Names = HashMap<String, String>;

/// How long names are held. They are labels and may change; ids are the keys.
const LIFE: Duration = Duration::from_mins(5);

/// After a failure names are not asked for again for so long: people are shown without them meanwhile.
const PAUSE: Duration = Duration::from_secs(30);

/// So long a person waits for the names.
const PATIENCE: Duration = Duration::from_secs(5);

/// The names of licences and roles.
pub(crate) struct Catalog {
    licenses: Labels,
    roles: Labels,
}

/// Names of one kind.
struct Labels {
    names: Cached<Names>,
    failed: Mutex<Option<Instant>>,
}

impl Labels {
    const fn new() -> Self {
        Self { names: Cached::new(LIFE), failed: Mutex::new(None) }
    }

    /// The names; none when Webex does not tell them: people are shown without names rather than not at all, or late.
    async fn get(&self, cx: &Cx<'_>, read: impl Future<Output = Result<Names>>) -> Arc<Names> {
        if self.is_failing() {
            return Arc::default();
        }
        let names = self.names.get(async {
            // Others asked, and failed, while this one waited for its turn.
            if self.is_failing() {
                return Err(Error::new(Kind::Unavailable, "could not be read a moment ago"));
            }
            let late = || Error::new(Kind::Unavailable, "Webex takes too long to tell them");
            let names = timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(late()));
            names.inspect_err(|error| {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                cx.warn(&format!("licences and roles are shown without their names: {error}"));
            })
        });
        names.await.unwrap_or_default()
    }

    fn is_failing(&self) -> bool {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|since| since.elapsed() < PAUSE)
    }
}

impl Catalog {
    pub(crate) const fn new() -> Self {
        Self { licenses: Labels::new(), roles: Labels::new() }
    }

    /// What licences are called.
    pub(crate) async fn licenses(&self, cx: &Cx<'_>) -> Arc<Names> {
        self.licenses.get(cx, Box::pin(async { Ok(license_names(&LICENSES.read(cx).await?)) })).await
    }

    /// What roles are called.
    pub(crate) async fn roles(&self, cx: &Cx<'_>) -> Arc<Names> {
        let read = async {
            let roles = ROLES.read(cx).await?;
            let name = |role: &Map<String, Value>| {
                Some((text(role, "id")?.to_owned(), text(role, "name")?.to_owned()))
            };
            Ok(roles.iter().filter_map(name).collect())
        };
        self.roles.get(cx, Box::pin(read)).await
    }
}

/// Names of licences, with the site where several share a name.
fn license_names(licenses: &[Map<String, Value>]) -> Names {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in licenses.iter().filter_map(|license| text(license, "name")) {
        *times.entry(name).or_default() += 1;
    }
    let label = |license: &Map<String, Value>| {
        let (id, name) = (text(license, "id")?, text(license, "name")?);
        let label = match text(license, "siteUrl") {
            Some(site) if times.get(name).is_some_and(|&times| times > 1) => format!("{name} ({site})"),
            _ => name.to_owned(),
        };
        Some((id.to_owned(), label))
    };
    licenses.iter().filter_map(label).collect()
}

const LICENSES: Whole = Whole { path: "licenses", operation: "list licenses", need: &LICENSES_READ };
const ROLES: Whole = Whole { path: "roles", operation: "list roles", need: &ROLES_READ };
const ORGANIZATIONS: Whole =
    Whole { path: "organizations", operation: "list organizations", need: &ORGANIZATIONS_READ };

static LICENSE_SPEC: ResourceSpec = spec(&mapping::LICENSE);
static ENTITLEMENT_SPEC: ResourceSpec = spec(&mapping::ENTITLEMENT);
static ROLE_SPEC: ResourceSpec = spec(&mapping::ROLE);
static ORGANIZATION_SPEC: ResourceSpec = spec(&mapping::ORGANIZATION);

const fn spec(table: &'static Table) -> ResourceSpec {
    ResourceSpec {
        table,
        paging: Paging::Cursor { max: 1000 },
        natural_keys: &[],
        soft_delete: false,
        id_alphabet: "letters and digits (base64), letter case counts",
        membership: Membership::None,
        members_per_call: 0,
    }
}

/// A resource type that is a short list of Webex.
pub(crate) struct ReadOnly {
    spec: &'static ResourceSpec,
    list: Whole,
    read: &'static str,
    /// Where names have to be told apart.
    catalog: Option<Arc<Catalog>>,
}

impl ReadOnly {
    pub(crate) const fn licenses(catalog: Arc<Catalog>) -> Self {
        Self { spec: &LICENSE_SPEC, list: LICENSES, read: "read license", catalog: Some(catalog) }
    }

    /// The licences once more, in the schema of entitlements.
    pub(crate) fn entitlements(catalog: Arc<Catalog>) -> Self {
        Self { spec: &ENTITLEMENT_SPEC, ..Self::licenses(catalog) }
    }

    pub(crate) const fn roles() -> Self {
        Self { spec: &ROLE_SPEC, list: ROLES, read: "read role", catalog: None }
    }

    pub(crate) const fn organizations() -> Self {
        Self { spec: &ORGANIZATION_SPEC, list: ORGANIZATIONS, read: "read organization", catalog: None }
    }
}

#[async_trait]
impl Resource for ReadOnly {
    fn spec(&self) -> &'static ResourceSpec {
        self.spec
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let object = call::read(cx, &[self.list.path, id.as_str()], self.read, self.list.need).await?;
        let names = match &self.catalog {
            Some(catalog) => catalog.licenses(cx).await,
            None => Arc::default(),
        };
        Ok(vendor(object, &names))
    }

    async fn list(&self, cx: &Cx<'_>, _: &Query) -> Result<Page> {
        let objects = self.list.read(cx).await?;
        let names = if self.catalog.is_some() { license_names(&objects) } else { Names::new() };
        let items = objects.into_iter().map(|object| vendor(object, &names)).collect();
        Ok(Page { items, total: None, next: None })
    }
}

/// The object with the name it is shown by.
fn vendor(mut object: Map<String, Value>, names: &Names) -> Vendor {
    if let Some(name) = text(&object, "id").and_then(|id| names.get(id)).cloned() {
        object.insert("name".into(), name.into());
    }
    Vendor::new(Value::Object(object).to_string().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn licences_that_share_a_name_are_told_apart_by_their_site() {
        let licenses: Vec<Map<String, Value>> = [
            json!({"id": "1", "name": "Meetings", "siteUrl": "a.webex.com"}),
            json!({"id": "2", "name": "Meetings", "siteUrl": "b.webex.com"}),
            json!({"id": "3", "name": "Suite", "siteUrl": "a.webex.com"}),
        ]
        .into_iter()
        .filter_map(|license| license.as_object().cloned())
        .collect();
        let names = license_names(&licenses);
        let name = |id: &str| names[id].clone();
        assert_eq!(
            (name("1"), name("2"), name("3")),
            ("Meetings (a.webex.com)".into(), "Meetings (b.webex.com)".into(), "Suite".into())
        );
    }
}
