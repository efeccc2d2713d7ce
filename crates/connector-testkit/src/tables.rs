//! Whether a connector's tables are sound, and whether everything about an attribute comes from its row.

use connector_core::{
    connector::{Connector, Resource as TargetResource, Vendor},
    error::Kind,
    mapping::{Direction, Plan, PlanOptions, Row, Table, Transform, faults, rendered, vanishing_rows},
    scim::{Filter, PatchRequest, PatchRules, Resource},
};
use serde_json::json;

use crate::sample::{self, ScimPath};

/// Fails with every problem of the connector's tables.
pub fn check_tables(connector: &dyn Connector) {
    let problems = table_problems(connector);
    let name = connector.spec().name;
    assert!(
        problems.is_empty(),
        "the tables of {name} have {} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
}

/// Every problem of the connector's tables: what is unsound, and what of an attribute does not come from its row, so that
/// it would stay where the row is taken out.
pub fn table_problems(connector: &dyn Connector) -> Vec<String> {
    connector
        .resources()
        .iter()
        .flat_map(|resource| {
            let spec = resource.spec();
            let unsound: Vec<String> =
                faults(spec.table, is_writable(&**resource)).iter().map(ToString::to_string).collect();
            if unsound.is_empty() { vanishing(spec.table, spec.members_per_call) } else { unsound }
        })
        .collect()
}

/// Whether the resource type has any facet that writes.
fn is_writable(resource: &dyn TargetResource) -> bool {
    resource.creator().is_some() || resource.updater().is_some() || resource.members().is_some()
}

/// A table compiled, with an object in which every row has a value.
struct Whole<'t> {
    table: &'t Table,
    options: PlanOptions,
    answer: Vendor,
    resource: Resource,
}

fn vanishing(table: &'static Table, members_per_call: usize) -> Vec<String> {
    let options = PlanOptions { members_per_call, ..PlanOptions::default() };
    let told = |problem: String| format!("{}: {problem}", table.resource);
    let whole = match Whole::new(table, options) {
        Ok(whole) => whole,
        Err(problem) => return vec![told(problem)],
    };
    let mut problems = whole.unused();
    for (scim, rows) in vanishing_rows(table) {
        problems.extend(whole.still_there(&scim, &rows));
    }
    problems.into_iter().map(told).collect()
}

impl<'t> Whole<'t> {
    fn new(table: &'t Table, options: PlanOptions) -> Result<Self, String> {
        let plan = Plan::compile(table, &options).map_err(|faults| format!("{faults:?}"))?;
        let answer = Vendor::new(sample::answer(table, &plan).to_string().into());
        let mut resource = plan.read(&answer).map_err(|error| error.to_string())?;
        for row in table.rows.iter().filter(|row| row.direction == Direction::Write) {
            let path = ScimPath::of(row.scim);
            let value = sample::sent_for(row, &path, &plan);
            resource.set_attribute(path.urn.as_deref(), &path.name, value);
        }
        Ok(Self { table, options, answer, resource })
    }

    /// Rows that say they are read or written, and are not.
    fn unused(&self) -> Vec<String> {
        let plan = Plan::compile(self.table, &self.options).expect("compiled a moment ago");
        let (fields, members) = match plan.created(&self.resource) {
            Ok(created) => (created.fields, created.members),
            Err(error) => return vec![format!("an object with every attribute cannot be written: {error}")],
        };
        let mut problems = Vec::new();
        for (scim, row, sub) in leaves(self.table.rows) {
            let leaf = sub.unwrap_or(row);
            if row.is_read() && leaf.is_read() && ScimPath::of(&scim).values(&self.resource).is_empty() {
                problems.push(format!("{scim}: is not read from the target's answer"));
            }
            if row.is_sent()
                && leaf.is_sent()
                && leaf.via != Transform::BySlot
                && !sample::is_sent(&fields, row, sub)
                // Members that no creating call carries go by calls of their own.
                && (members.is_empty() || !row.apart)
            {
                problems.push(format!("{scim}: is not written"));
            }
        }
        problems
    }

    /// Where the attribute of a row is still there when the table has these rows, from which it is missing.
    fn still_there(&self, scim: &str, rows: &[Row<'static>]) -> Vec<String> {
        let plan = match Plan::compile_rows(self.table, rows, &self.options) {
            Ok(plan) => plan,
            Err(faults) => return vec![format!("{scim}: the table does not compile without it: {faults:?}")],
        };
        let read = plan.read(&self.answer);
        if scim == "id" {
            return read
                .is_ok()
                .then(|| "id: is still read without its row".to_owned())
                .into_iter()
                .collect();
        }
        let path = ScimPath::of(scim);
        let mut places = Vec::new();
        let Ok(read) = read else { return vec![format!("{scim}: nothing can be read without it")] };
        if !path.values(&read).is_empty() {
            places.push("reading");
        }
        if self.writes(&plan, scim, rows) {
            places.push("writing");
        }
        if is_printed(self.table, scim, rows) {
            places.push("docs");
        }
        // Every resource has these attributes; and a row about one element shares its attribute with others.
        let shares = leaves(rows).filter(|(other, ..)| other != scim).any(|(other, ..)| {
            let other = ScimPath::of(&other);
            (&other.urn, &other.name, &other.sub) == (&path.urn, &path.name, &path.sub)
        });
        if !path.is_common() && !shares {
            if in_schema(&plan, &path) {
                places.push("schema");
            }
            if takes_patch(&plan, &read, &path) {
                places.push("PATCH");
            }
            if Filter::parse(&format!("{} pr", path.plain()), plan.resource_type()).is_ok() {
                places.push("filter");
            }
        }
        places.into_iter().map(|place| format!("{scim}: is still there without its row: {place}")).collect()
    }

    /// Whether the row's field is still sent although no row left sends it.
    fn writes(&self, plan: &Plan, scim: &str, rows: &[Row<'static>]) -> bool {
        let Some((_, row, sub)) = leaves(self.table.rows).find(|(known, ..)| known == scim) else {
            return false;
        };
        let leaf = sub.unwrap_or(row);
        let sends = |row: &Row<'_>, sub: Option<&Row<'_>>| row.is_sent() && sub.is_none_or(Row::is_sent);
        // An element that is the value itself is the list's own target.
        let part = |sub: &Row<'_>| (sub.target != ".").then(|| sub.target.to_owned());
        let target = |row: &Row<'_>, sub: Option<&Row<'_>>| (row.target.to_owned(), sub.and_then(part));
        let shared = leaves(rows)
            .any(|(other, r, s)| other != scim && sends(r, s) && target(r, s) == target(row, sub));
        if !sends(row, sub) || leaf.via == Transform::BySlot || shared {
            return false;
        }
        plan.created(&self.resource).is_ok_and(|created| sample::is_sent(&created.fields, row, sub))
    }
}

/// Every mapped attribute of these rows: its SCIM path, its row, and its row within a list.
pub(crate) fn leaves<'r>(
    rows: &'r [Row<'r>],
) -> impl Iterator<Item = (String, &'r Row<'r>, Option<&'r Row<'r>>)> {
    let mapped = |row: &&Row<'_>| row.direction != Direction::Unmapped;
    rows.iter().filter(mapped).flat_map(move |row| match row.elements {
        None => vec![(row.scim.to_owned(), row, None)],
        Some(elements) => elements
            .rows
            .iter()
            .filter(mapped)
            .map(|sub| (format!("{}.{}", row.scim, sub.scim), row, Some(sub)))
            .collect(),
    })
}

fn is_printed(table: &Table, scim: &str, rows: &[Row<'static>]) -> bool {
    // Leaked on purpose: tables live as long as the process, and only tests take them apart.
    let rows: &'static [Row<'static>] = Vec::leak(rows.to_vec());
    rendered(&[&Table { rows, ..*table }]).iter().any(|row| row.scim == scim && row.direction != "unmapped")
}

fn in_schema(plan: &Plan, path: &ScimPath) -> bool {
    let rtype = plan.resource_type();
    let urn = path.urn.as_deref().unwrap_or(&rtype.schema.id);
    let schema = rtype.schemas().find(|schema| schema.id == urn);
    let attribute = schema.and_then(|schema| schema.attribute(&path.name));
    match &path.sub {
        Some(sub) => attribute.is_some_and(|attribute| attribute.sub(sub).is_some()),
        None => attribute.is_some(),
    }
}

/// Whether a PATCH of the path changes anything, or is refused for another reason than that there is no such path.
fn takes_patch(plan: &Plan, resource: &Resource, path: &ScimPath) -> bool {
    let operation = json!({"op": "replace", "path": path.plain(), "value": sample::sent(Transform::Copy, path.kind(plan))});
    let request = PatchRequest::read(json!({"Operations": [operation]})).expect("a PATCH");
    match request.apply(resource, plan.resource_type(), PatchRules::default()) {
        Ok((after, dropped)) => after != *resource || dropped.is_empty(),
        // What nobody may write by the RFC is refused as such whether there is a row or not.
        Err(error) if (&path.urn, path.name.as_str()) == (&None, "groups") => {
            !matches!(error.kind(), Kind::InvalidPath | Kind::Mutability)
        }
        Err(error) => error.kind() != Kind::InvalidPath,
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use connector_core::{
        connector::{Checked, Page, Query, RemoteId, Update},
        error::Result,
        http::Cx,
        mapping::{both, list, read, read_list, write, write_list},
        scim::Type,
        spec::{ConnectorSpec, Membership, Paging, ResourceSpec, Version},
    };

    use super::*;

    #[rustfmt::skip]
    const LICENSE: Table = Table::custom("License", "/Licenses", "urn:example:2.0:License", &[
        read("id",          "sku").required(),
        both("displayName", "label").typed(Type::String, "The name.").required(),
        both("seats",       "seats.total").typed(Type::Integer, "How many there are."),
        both("paid",        "free").typed(Type::Boolean, "Whether it costs.").via(Transform::Not),
        read("ends",        "ends").typed(Type::DateTime, "The last day."),
        write("secret",     "secret").typed(Type::String, "The key."),
        write_list("keys",  "keys", &[both("value", "key").typed(Type::String, "A key.")]).typed(Type::Complex, "Keys."),
        both("holder",      "holder").typed(Type::String, "The id of the holder.").via(Transform::Number),
        list("owners",      "owners", &[
            both("value",   "key").typed(Type::String, "The id."),
            read("display", "label").typed(Type::String, "The name."),
        ]).typed(Type::Complex, "Who owns it."),
        list("tags",        "tags", &[both("value", ".").typed(Type::String, "The tag.")]).typed(Type::Complex, "Tags."),
        read_list("users",  "users", &[read("value", "key").typed(Type::String, "The id.")]).typed(Type::Complex, "Users."),
        both("urn:example:2.0:More:note", "more.note").typed(Type::String, "A note."),
        read("meta.created", "born"),
    ]);

    static UNSOUND: Table = Table { rows: &[read("id", "sku"), both("note", "note")], ..LICENSE };
    static SOUND: Table = LICENSE;

    struct Fake([Box<dyn TargetResource>; 1]);
    struct Licenses(&'static ResourceSpec, bool);

    static SPEC: ConnectorSpec = ConnectorSpec {
        name: "fake",
        display_name: "Fake",
        version: Version { major: 1, minor: 0 },
        summary: "",
        target_url: "",
        parameters: &[],
        credentials: &[],
        permissions: &[],
        limitations: &[],
        budgets: &[],
        hosts: &[],
    };

    const fn of(table: &'static Table) -> ResourceSpec {
        let paging = Paging::Cursor { max: 1 };
        ResourceSpec {
            table,
            paging,
            natural_keys: &[],
            soft_delete: false,
            id_alphabet: "digits",
            membership: Membership::None,
            members_per_call: 0,
        }
    }

    static GOOD: ResourceSpec = of(&SOUND);
    static BAD: ResourceSpec = of(&UNSOUND);

    #[async_trait]
    impl Connector for Fake {
        fn spec(&self) -> &'static ConnectorSpec {
            &SPEC
        }

        fn resources(&self) -> &[Box<dyn TargetResource>] {
            &self.0
        }

        async fn check(&self, _: &Cx<'_>) -> Result<Checked> {
            Ok(Checked::default())
        }
    }

    #[async_trait]
    impl TargetResource for Licenses {
        fn spec(&self) -> &'static ResourceSpec {
            self.0
        }

        async fn get(&self, _: &Cx<'_>, _: &RemoteId) -> Result<Vendor> {
            unreachable!("tables are checked without any call")
        }

        async fn list(&self, _: &Cx<'_>, _: &Query) -> Result<Page> {
            unreachable!("tables are checked without any call")
        }

        fn updater(&self) -> Option<&dyn Update> {
            self.1.then_some(self)
        }
    }

    #[async_trait]
    impl Update for Licenses {
        async fn update(
            &self,
            _: &Cx<'_>,
            _: &RemoteId,
            _: &connector_core::connector::Change<'_>,
        ) -> Result<connector_core::connector::Updated> {
            unreachable!("tables are checked without any call")
        }
    }

    fn problems(spec: &'static ResourceSpec, writable: bool) -> Vec<String> {
        table_problems(&Fake([Box::new(Licenses(spec, writable))]))
    }

    #[test]
    fn a_sound_table_has_no_problems() {
        assert_eq!(problems(&GOOD, true), [""; 0]);
        check_tables(&Fake([Box::new(Licenses(&GOOD, true))]));
    }

    #[test]
    fn an_unsound_table_is_told_row_by_row() {
        assert_eq!(
            problems(&BAD, true),
            ["License: note: is in no core schema, so the row must state its type"]
        );
    }

    #[test]
    fn whether_a_type_is_writable_is_read_off_its_facets() {
        let problems = problems(&GOOD, false);
        assert!(
            problems.contains(&"License: seats: is written, but the resource type is read-only".to_owned()),
            "{problems:?}"
        );
    }

    /// The check itself is checked with rows from which nothing is missing.
    #[test]
    fn an_attribute_that_stays_is_seen_wherever_it_stays() {
        let whole = Whole::new(&SOUND, PlanOptions::default()).expect("sound");
        let stays = |scim: &str| {
            let told = whole.still_there(scim, SOUND.rows);
            told.iter().map(|line| line.rsplit(": ").next().unwrap_or("").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(stays("id"), ["is still read without its row"]);
        assert_eq!(stays("meta.created"), ["reading", "docs"]);
        assert_eq!(stays("secret"), ["writing", "docs", "schema", "PATCH", "filter"]);
        for both in ["seats", "owners.value", "tags.value", "urn:example:2.0:More:note"] {
            assert_eq!(stays(both), ["reading", "writing", "docs", "schema", "PATCH", "filter"], "{both}");
        }
        assert_eq!(stays("users.value"), ["reading", "docs", "schema", "PATCH", "filter"]);
    }

    #[test]
    fn a_path_is_taken_apart() {
        let path = ScimPath::of("emails[type eq \"work\"].value");
        assert_eq!(path.mark, Some(("type".to_owned(), json!("work"))));
        assert_eq!(
            (path.name.as_str(), path.sub.as_deref(), path.plain().as_str()),
            ("emails", Some("value"), "emails.value")
        );
        let path = ScimPath::of("urn:example:2.0:User:manager.value");
        assert_eq!((path.urn.as_deref(), path.name.as_str()), (Some("urn:example:2.0:User"), "manager"));
        assert_eq!(path.plain(), "urn:example:2.0:User:manager.value");
    }
}
