//! `upgrade-preview`: what the newest major version of its connector would change for an instance.
//!
//! The two contracts are compared, so that what breaks clients is told by the same rules as before a release. The effect on
//! objects is seen on objects the ledger knows, those that clients wrote through this instance: each is read from the target
//! now and shown by both versions. Nothing is written.

use std::fmt::Write as _;

use connector_core::{
    complete::Instance as Core,
    connector::{Connector, Position, Query, Registration, RemoteId, Resource as TargetResource},
    error::{Kind, Result as CoreResult},
    http::Cx,
    mapping::Plan,
    scim::Resource,
};
use serde_json::Value;
use tokio::time::Instant;

use super::{beside::Beside, print, small_runtime};
use crate::{app, cli::Failure, config::Sources, instances, registry::pinned, versions::between};

/// Objects of each resource type that are looked at.
const OBJECTS: u32 = 20;

pub(super) fn run(sources: &Sources, instance: &str) -> Result<(), Failure> {
    small_runtime()?.block_on(async {
        let beside = Beside::open(sources, instance).await?;
        let told = told(&beside, instance).await;
        beside.close().await;
        print(&told?)
    })
}

async fn told(beside: &Beside, name: &str) -> Result<String, Failure> {
    let config = &beside.instance.config;
    let runs = config.registration;
    let Some(newer) = beside.config.registry.newer(runs) else {
        return Ok(format!("{name} runs {}, the newest major version that is built in\n", pinned(runs)));
    };
    let mut text = format!("{name} runs {}; {} is built in\n", pinned(runs), pinned(newer));
    let changes = between(config, newer);
    let mut about: Vec<Option<&str>> = changes.iter().map(|change| change.resource.as_deref()).collect();
    about.dedup();
    for resource in about {
        let concerned = changes.iter().filter(|change| change.resource.as_deref() == resource);
        let lines: Vec<String> = concerned.map(ToString::to_string).collect();
        section(&mut text, resource.unwrap_or("instances"), &lines);
    }
    if changes.is_empty() {
        section(&mut text, "contract", &[]);
    }
    section(&mut text, "objects", &effect(beside, newer).await?);
    let _ = writeln!(text, "\nto change over: connector = \"{}\" in instances.{name}", pinned(newer));
    Ok(text)
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    let _ = writeln!(text, "\n{title}");
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
    if lines.is_empty() {
        text.push_str("  no change\n");
    }
}

/// What clients would see of objects that are there.
async fn effect(beside: &Beside, newer: &Registration) -> Result<Vec<String>, Failure> {
    let (config, core) = (&beside.instance.config, &beside.instance.core);
    let Ok(new) = (newer.build)(&config.settings) else {
        return Ok(vec!["not looked at: it does not start as it is configured".to_owned()]);
    };
    let base = beside.config.server.base_url(beside.config.server.listen);
    let Ok(plans) = instances::plans(config, &*new, &app::scim_url(&base, &config.name)) else {
        return Ok(vec!["not looked at: it does not start as it is configured".to_owned()]);
    };
    let mut lines = Vec::new();
    for (index, plan) in core.plans.iter().enumerate() {
        let resource = &*plan.resource_type().name;
        let Some(other) =
            plans.iter().position(|other| other.resource_type().name == plan.resource_type().name)
        else {
            lines.push(format!("{resource}: none of them is shown any more"));
            continue;
        };
        let ids =
            beside.store.ledger_sample(&config.name, resource, OBJECTS).await.map_err(Failure::failed)?;
        let deadline = Instant::now() + beside.config.server.request_deadline;
        let versions = Versions { core, index, new: &*new, plan: &plans[other], other, deadline };
        lines.extend(versions.compared(resource, ids).await);
    }
    Ok(lines)
}

/// One resource type in both versions.
struct Versions<'a> {
    core: &'a Core,
    index: usize,
    new: &'a dyn Connector,
    plan: &'a Plan,
    other: usize,
    deadline: Instant,
}

impl Versions<'_> {
    /// The first of each object's differences, and a sum.
    async fn compared(&self, resource: &str, ids: Vec<String>) -> Vec<String> {
        let cx = Cx::new(&self.core.door, &self.core.settings, self.deadline, "upgrade-preview");
        let (ids, whose) = if ids.is_empty() {
            (self.first(&cx).await, "of the target's list")
        } else {
            (Ok(ids), "that clients wrote")
        };
        let ids = match ids {
            Ok(ids) => ids,
            Err(error) => return vec![format!("{resource}: the target cannot be read: {error}")],
        };
        let (mut lines, mut read, mut differ) = (Vec::new(), 0, 0);
        for id in ids {
            match self.both(&cx, resource, &id).await {
                Ok((before, after)) => {
                    read += 1;
                    let found = differences(&before, &after);
                    differ += usize::from(!found.is_empty());
                    lines.extend(found.into_iter().map(|line| format!("{resource} {id}: {line}")));
                }
                // Deleted since it was recorded.
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => lines.push(format!("{resource} {id}: cannot be read: {error}")),
            }
        }
        lines.push(format!("{resource}: {differ} of {read} objects {whose} would read differently"));
        lines
    }

    async fn first(&self, cx: &Cx<'_>) -> CoreResult<Vec<String>> {
        let query = Query { conditions: Vec::new(), position: Position::Index(1), count: OBJECTS };
        let page = self.old().list(cx, &query).await?;
        let plan = &self.core.plans[self.index];
        let ids = page.items.iter().map(|vendor| Ok(plan.read(vendor)?.id().unwrap_or_default().to_owned()));
        ids.take(OBJECTS as usize).collect()
    }

    fn old(&self) -> &dyn TargetResource {
        &*self.core.connector.resources()[self.index]
    }

    async fn both(&self, cx: &Cx<'_>, resource: &str, id: &str) -> CoreResult<(Resource, Resource)> {
        let remote = RemoteId::parse(id)?;
        let before = self.core.plans[self.index].read(&self.old().get(cx, &remote).await?)?;
        let after = self.plan.read(&self.new.resources()[self.other].get(cx, &remote).await?)?;
        let memory = self.core.ledger.recall(resource, &[id]).await?.remove(id).unwrap_or_default();
        Ok((memory.over(before), memory.over(after)))
    }
}

/// Attribute by attribute.
fn differences(before: &Resource, after: &Resource) -> Vec<String> {
    let flat = |resource: &Resource| {
        let mut all = Vec::new();
        for (name, value) in resource.document() {
            match value {
                Value::Object(parts) if name.starts_with("urn:") => {
                    all.extend(parts.iter().map(|(part, value)| (format!("{name}:{part}"), value.clone())));
                }
                Value::Object(parts) => {
                    all.extend(parts.iter().map(|(part, value)| (format!("{name}.{part}"), value.clone())));
                }
                value => all.push((name.clone(), value.clone())),
            }
        }
        all.retain(|(name, _)| name != "schemas");
        all
    };
    let (before, after) = (flat(before), flat(after));
    let mut lines = Vec::new();
    for (name, was) in &before {
        match after.iter().find(|(known, _)| known == name) {
            None => lines.push(format!("{name}: {was} → nothing")),
            Some((_, is)) if is != was => lines.push(format!("{name}: {was} → {is}")),
            Some(_) => {}
        }
    }
    let added = after.iter().filter(|(name, _)| !before.iter().any(|(known, _)| known == name));
    lines.extend(added.map(|(name, is)| format!("{name}: nothing → {is}")));
    lines
}
