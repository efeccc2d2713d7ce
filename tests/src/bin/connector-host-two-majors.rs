//! A host with a second major version of Slack's connector, which is not released: for tests of versions side by side.

use std::sync::LazyLock;

use async_trait::async_trait;
use connector_core::{
    connector::{
        Checked, Connector, Create, Delete, Members, Page, Query, Registration, RemoteId, Resource, Update,
        Vendor,
    },
    error::Result,
    http::Cx,
    mapping::{Row, Table, read},
    spec::{ConnectorSpec, Parameter, ParameterKind, ResourceSpec, Version},
};
use connector_host::registry::Registry;
use connector_slack::{Slack, mapping};

/// The second version: no `nickName`, `title` only read, one parameter gone and one new, no deletion of people.
static SPEC: ConnectorSpec = ConnectorSpec {
    name: "slack",
    display_name: "Slack",
    version: Version { major: 2, minor: 0 },
    summary: "The second major version, for tests.",
    parameters: &[Parameter {
        name: "greeting",
        kind: ParameterKind::Text,
        doc: "Does nothing.",
        built: true,
    }],
    ..connector_slack::SPEC
};

static ROWS: LazyLock<Vec<Row<'static>>> = LazyLock::new(|| {
    let rows = mapping::USER.rows.iter().filter(|row| row.scim != "nickName").copied();
    rows.map(|row| if row.scim == "title" { read("title", "title") } else { row }).collect()
});

static USER: LazyLock<Table> = LazyLock::new(|| Table { rows: &ROWS, ..mapping::USER });

static USERS: LazyLock<ResourceSpec> =
    LazyLock::new(|| ResourceSpec { table: &USER, ..clone(Slack::default().resources()[0].spec()) });

const fn clone(spec: &ResourceSpec) -> ResourceSpec {
    ResourceSpec {
        table: spec.table,
        paging: spec.paging,
        natural_keys: spec.natural_keys,
        soft_delete: spec.soft_delete,
        id_alphabet: spec.id_alphabet,
        membership: spec.membership,
        members_per_call: spec.members_per_call,
    }
}

struct Slack2 {
    first: &'static Slack,
    resources: [Box<dyn Resource>; 2],
}

/// A resource type of the first version, as the second one has it.
struct Changed(&'static dyn Resource);

#[async_trait]
impl Resource for Changed {
    fn spec(&self) -> &'static ResourceSpec {
        if self.0.members().is_some() { self.0.spec() } else { &USERS }
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        self.0.get(cx, id).await
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        self.0.list(cx, query).await
    }

    fn creator(&self) -> Option<&dyn Create> {
        self.0.creator()
    }

    fn updater(&self) -> Option<&dyn Update> {
        self.0.updater()
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        self.0.deleter().filter(|_| self.0.members().is_some())
    }

    fn members(&self) -> Option<&dyn Members> {
        self.0.members()
    }
}

#[async_trait]
impl Connector for Slack2 {
    fn spec(&self) -> &'static ConnectorSpec {
        &SPEC
    }

    fn resources(&self) -> &[Box<dyn Resource>] {
        &self.resources
    }

    async fn check(&self, cx: &Cx<'_>) -> Result<Checked> {
        self.first.check(cx).await
    }
}

static FIRST: LazyLock<Slack> = LazyLock::new(Slack::default);

static CONNECTORS: &[Registration] = &[
    connector_slack::REGISTRATION,
    Registration {
        spec: &SPEC,
        build: |_| {
            let changed = |index: usize| Box::new(Changed(&*FIRST.resources()[index])) as Box<dyn Resource>;
            Ok(Box::new(Slack2 { first: &FIRST, resources: [changed(0), changed(1)] }))
        },
    },
];

fn main() -> std::process::ExitCode {
    connector_host::cli::main_with(Registry::of(CONNECTORS))
}
