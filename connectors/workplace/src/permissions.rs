//! The eight permissions of an integration, and how each shows that it is missing
//! (<https://developers.facebook.com/docs/workplace/reference/permissions>).
//!
//! Some gaps are refusals, others are fields that are silently not there. Two permissions only write: they are proved by a
//! creation without a name, which is refused whether or not one may create.

use connector_core::{
    error::{Error, Kind, Result},
    http::{Call, Cx},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{GRAPH, graph, send},
    graph::{COMMUNITY, Edge, id_of, is_community},
};

/// A permission, by the name that the Admin Panel has for it, and what fails without.
pub(crate) struct Permission {
    pub(crate) name: &'static str,
    pub(crate) without: &'static str,
}

const fn permission(name: &'static str, without: &'static str) -> Permission {
    Permission { name, without }
}

#[rustfmt::skip]
pub(crate) const MANAGE_ACCOUNTS: Permission = permission("Manage accounts",         "people and people sets can neither be read nor changed");
#[rustfmt::skip]
const OF_GRAPH: &[Permission] = &[
    permission("Manage groups",           "groups and their members cannot be changed"),
    permission("Read group content",      "groups cannot be read"),
    permission("Read group membership",   "the members of groups cannot be read"),
    permission("Read user email",         "members come without their address"),
    permission("Read work profile",       "members come without title, department, division and organization"),
    permission("Manage work profiles",    "people cannot be listed or edited through Graph"),
    permission("Provision user accounts", "accounts cannot be created or removed through Graph"),
];

/// What was found out about the permissions.
#[derive(Default)]
pub(crate) struct Findings {
    /// One sentence for each that is missing.
    pub(crate) problems: Vec<String>,
    /// Names of those that nothing could be read of.
    pub(crate) unseen: Vec<&'static str>,
    /// The community, by name and id.
    pub(crate) community: Option<String>,
}

/// People, by id, who have what Graph may hide.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// Somebody with an address.
    pub(crate) address: Option<String>,
    /// Somebody with something of a work profile.
    pub(crate) profile: Option<String>,
}

/// What a work profile shows.
const PROFILE: &[&str] = &["title", "department", "division", "organization"];

impl Permission {
    /// That it is missing, and what the target said.
    pub(crate) fn missing(&self, said: &str) -> String {
        let Self { name, without } = self;
        format!(
            "the integration lacks the permission {name:?}, so {without}: grant it in Workplace's Admin Panel{said}"
        )
    }
}

/// Proves each permission of Graph.
pub(crate) async fn prove(cx: &Cx<'_>, samples: &Samples) -> Result<Findings> {
    let mut findings = Findings::default();
    let [manage, content, membership, email, profile, profiles, provision] = OF_GRAPH else {
        unreachable!("there are seven")
    };
    let node = graph(cx, Method::GET, &[COMMUNITY])?.operation("read community").query("fields", "id,name");
    match refused(node).await? {
        // It takes either of the two.
        Outcome::Refused(said) => findings.problems.extend([manage.missing(&said), content.missing(&said)]),
        Outcome::Answered(community) => {
            findings.community = name_of(&community);
            findings.prove_write(cx, manage, "groups").await?;
            match some_group(cx).await {
                Ok(Some(group)) => {
                    let node =
                        graph(cx, Method::GET, &[&group])?.operation("read group").query("fields", "id,name");
                    findings.take(content, refused(node).await?);
                }
                Ok(None) => findings.unseen.push(content.name),
                Err(error) if error.kind() == Kind::Forbidden => {
                    findings.problems.push(content.missing(&said(&error)));
                }
                Err(error) => return Err(error),
            }
        }
        Outcome::Invalid => {
            let rule = "the address is not that of Graph: it knows no community";
            return Err(Error::new(Kind::OddAnswer, rule).at(GRAPH));
        }
    }
    for (permission, edge) in [(membership, "organization_members"), (profiles, "members")] {
        let call = graph(cx, Method::GET, &[COMMUNITY, edge])?.operation("list people");
        findings.take(permission, refused(call.query("fields", "id").query("limit", "1")).await?);
    }
    findings.prove_write(cx, provision, "accounts").await?;
    let shown = read_person(cx, samples.address.as_deref()).await?;
    match &shown {
        Some(Outcome::Answered(person)) if !has_any(person, &["email"]) => {
            findings.problems.push(email.missing(""));
        }
        Some(Outcome::Answered(_)) => {}
        _ => findings.unseen.push(email.name),
    }
    let shown = match &samples.profile {
        same if *same == samples.address => shown,
        other => read_person(cx, other.as_deref()).await?,
    };
    match shown {
        Some(Outcome::Answered(person)) if !has_any(&person, PROFILE) => {
            findings.problems.push(profile.missing(""));
        }
        Some(Outcome::Answered(_)) => {}
        Some(Outcome::Refused(said)) => findings.problems.push(profile.missing(&said)),
        Some(Outcome::Invalid) | None => findings.unseen.push(profile.name),
    }
    Ok(findings)
}

impl Findings {
    fn take(&mut self, permission: &Permission, outcome: Outcome) {
        match outcome {
            Outcome::Refused(said) => self.problems.push(permission.missing(&said)),
            Outcome::Answered(_) => {}
            Outcome::Invalid => self.unseen.push(permission.name),
        }
    }

    /// Asks for something without a name: a refusal of the request shows that the permission is there.
    async fn prove_write(&mut self, cx: &Cx<'_>, permission: &Permission, edge: &str) -> Result<()> {
        let call =
            graph(cx, Method::POST, &[COMMUNITY, edge])?.operation("prove permission").json(&json!({}));
        match refused(call).await? {
            Outcome::Refused(said) => self.problems.push(permission.missing(&said)),
            Outcome::Invalid => {}
            Outcome::Answered(made) => {
                let id = id_of(&made).unwrap_or_default();
                let problem = format!(
                    "Workplace made one of its {edge} without a name while a permission was proved: remove {id}"
                );
                self.problems.push(problem);
            }
        }
        Ok(())
    }
}

/// What a probe showed.
enum Outcome {
    Answered(Map<String, Value>),
    /// For want of a permission, in these words.
    Refused(String),
    /// For something else about the request.
    Invalid,
}

async fn refused(call: Call<'_>) -> Result<Outcome> {
    match send(call).await {
        Ok(reply) => Ok(Outcome::Answered(reply.json()?)),
        Err(error) if error.kind() == Kind::Forbidden => Ok(Outcome::Refused(said(&error))),
        Err(error) if matches!(error.kind(), Kind::InvalidValue | Kind::NotFound) => Ok(Outcome::Invalid),
        Err(error) => Err(error),
    }
}

/// What the target said of a refusal, for the end of a sentence.
pub(crate) fn said(error: &Error) -> String {
    let text = error.to_string();
    text.split_once("; the target said: ")
        .map(|(_, said)| format!("; the target said: {said}"))
        .unwrap_or_default()
}

/// A person with what permissions can hide.
async fn read_person(cx: &Cx<'_>, id: Option<&str>) -> Result<Option<Outcome>> {
    let Some(id) = id else { return Ok(None) };
    let fields = "id,email,title,department,division,organization";
    let call = graph(cx, Method::GET, &[id])?.operation("read person").query("fields", fields);
    refused(call).await.map(Some)
}

fn has_any(person: &Map<String, Value>, fields: &[&str]) -> bool {
    fields.iter().any(|name| person.get(*name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()))
}

/// A group to be read.
async fn some_group(cx: &Cx<'_>) -> Result<Option<String>> {
    let edge = Edge {
        segments: &[COMMUNITY, "groups"],
        fields: "id,is_community",
        limit: 25,
        operation: "list groups",
    };
    let groups = edge.page(cx, None).await?.entries;
    Ok(groups.iter().filter(|group| !is_community(group)).find_map(id_of))
}

fn name_of(community: &Map<String, Value>) -> Option<String> {
    let (id, name) = (id_of(community)?, community.get("name").and_then(Value::as_str));
    Some(name.map_or_else(|| id.clone(), |name| format!("{name} ({id})")))
}
