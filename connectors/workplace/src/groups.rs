//! Groups that people see (<https://developers.facebook.com/docs/workplace/reference/graph-api/group>). Communities among them
//! are left out, and groups of several companies can only be read.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    connector::{
        Change, Create, Delete, Deleted, MemberChange, Members, Page, Position, Query, RemoteId, Resource,
        Update, Updated, Vendor,
    },
    error::{Error, Kind, Result},
    http::{Cx, Reply},
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value};

use crate::{
    call::{graph, send},
    errors,
    graph::{COMMUNITY, Edge, Entries, id_of, is_community},
    mapping, membership,
    settings::WorkplaceSettings,
    vendor,
};

/// The groups of a community.
pub(crate) struct Groups {
    settings: Arc<WorkplaceSettings>,
}

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // The members of each group take a call of their own.
    paging: Paging::Cursor { max: 25 },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "digits",
    membership: Membership::Here,
    members_per_call: 100,
};

const FIELDS: &str = "id,name,description,privacy,cover,icon,owner,is_workplace_default,is_community,updated_time,archived,\
                      post_requires_admin_approval,purpose,post_permissions,join_setting,sorting_setting";
/// Fields that people do not have, and every group and community does.
const GROUPS_OWN: &str = "id,name,privacy,is_community";
/// What can be said at creation; the rest is set afterwards.
const AT_CREATION: &[&str] = &[
    "name",
    "description",
    "privacy",
    "purpose",
    "join_setting",
    "post_permissions",
    "post_requires_admin_approval",
    "cover_url",
];
/// The purpose of a group of several companies.
const MULTI_COMPANY: &str = "WORK_MULTI_COMPANY";

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let group = read(cx, id.as_str()).await?;
        whole(cx, group, id.as_str()).await
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        if let Some(condition) = query.conditions.first() {
            return Ok(Page { items: named(cx, &condition.value).await?, total: None, next: None });
        }
        let edge = Edge {
            segments: &[COMMUNITY, "groups"],
            fields: FIELDS,
            limit: query.count,
            operation: "list groups",
        };
        let mut after = match &query.position {
            Position::Cursor(cursor) => Some(cursor.clone()),
            Position::Index(1) => None,
            Position::Index(_) => {
                return Err(Error::new(Kind::Internal, "Workplace's groups begin at the first one"));
            }
        };
        loop {
            let Entries { entries, next } = edge.page(cx, after.as_deref()).await?;
            let mut items = Vec::with_capacity(entries.len());
            for group in entries.into_iter().filter(|group| !is_community(group)) {
                let Some(id) = id_of(&group) else { continue };
                match whole(cx, group, &id).await {
                    Ok(group) => items.push(group),
                    // Gone since the page was read.
                    Err(error) if error.kind() == Kind::NotFound => {}
                    Err(error) => return Err(error.on(format!("Group {id}"))),
                }
            }
            // A page of communities alone is not the end.
            match next {
                Some(next) if items.is_empty() => after = Some(next),
                next => return Ok(Page { items, total: None, next: next.map(Position::Cursor) }),
            }
        }
    }

    fn creator(&self) -> Option<&dyn Create> {
        Some(self)
    }

    fn updater(&self) -> Option<&dyn Update> {
        Some(self)
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        Some(self)
    }

    fn members(&self) -> Option<&dyn Members> {
        Some(self)
    }
}

#[async_trait]
impl Create for Groups {
    /// Creates a group without anybody in it: members and administrators follow, one call each.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let said = fields.iter().filter(|(name, _)| AT_CREATION.contains(&name.as_str()));
        let mut body: Map<String, Value> = said.map(|(name, value)| (name.clone(), value.clone())).collect();
        // What a group without is like is not documented: not one that everybody sees.
        body.entry("privacy").or_insert_with(|| "CLOSED".into());
        let reply = write(cx, &[COMMUNITY, "groups"], "create group", body, false).await?;
        let id = id_of(&reply.json()?).ok_or_else(|| {
            Error::new(Kind::OddAnswer, "the target's answer names no id").during("create group")
        })?;
        // It is there: whoever cannot read it must not make another one.
        let group = read(cx, &id).await.map_err(|error| {
            let rule = format!("was created as {id}, but cannot be read: {error}");
            Error::new(error.kind(), rule).retry(error.retry_hint()).in_doubt()
        })?;
        Ok(shown(group, Vec::new()))
    }
}

#[async_trait]
impl Update for Groups {
    /// Sends changed fields alone, then administrators one by one, and reads again: the answer says `success` and no more.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let current = change.current.document()?;
        refuse_shared(&current)?;
        let mut body = change.set.clone();
        let admins = body.shift_remove("admins");
        if let Some(archived) = body.shift_remove("archived") {
            body.insert("archive".into(), archived);
        }
        for path in change.cleared.iter().filter(|path| path.as_str() != "admins") {
            path.put(&mut body, Value::from(""));
        }
        let clears_admins = change.cleared.iter().any(|path| path.as_str() == "admins");
        if let Some(wanted) = admins.or_else(|| clears_admins.then(|| Value::Array(Vec::new()))) {
            membership::set_admins(cx, id.as_str(), &current, &wanted).await?;
        }
        if !body.is_empty() {
            write(cx, &[id.as_str()], "change group", body, true).await?;
        }
        let object = self.get(cx, id).await?;
        let held = object.document()?;
        let stays =
            |target: &str| held.get(target).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        let cleared = mapping::GROUP.rows.iter().map(|row| row.target);
        let cleared = cleared.filter(|target| change.cleared.iter().any(|path| path.as_str() == *target));
        let refused: Vec<&'static str> = cleared.filter(|target| stays(target)).collect();
        if !refused.is_empty() {
            cx.warn(&format!("Workplace did not empty {} of the group", refused.join(", ")));
        }
        Ok(Updated { object: Some(object), refused, ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Groups {
    /// Archives, where the operator chose that: there is no call that deletes a group.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let group = match read(cx, id.as_str()).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Deleted::Missing),
            group => group?,
        };
        if !self.settings.archive_groups {
            let rule = "cannot be deleted: Workplace has no call for it, and a group goes with its last member, posts and \
                        files included";
            let remedy = "let the operator set archive_groups = true to archive it instead";
            return Err(Error::new(Kind::Unsupported, rule).remedy(remedy));
        }
        refuse_shared(&group)?;
        if group.get("archived") != Some(&Value::Bool(true)) {
            let body = Map::from_iter([("archive".to_owned(), true.into())]);
            write(cx, &[id.as_str()], "archive group", body, true).await?;
            cx.warn(&format!("Group {id} was archived instead of deleted, as archive_groups says"));
        }
        Ok(Deleted::Removed)
    }
}

#[async_trait]
impl Members for Groups {
    /// Sees the whole change, which is then made in calls of [`ResourceSpec::members_per_call`].
    fn judge(&self, group: &Vendor, _: &[&str], change: &mut MemberChange) -> Result<()> {
        if change.is_empty() {
            return Ok(());
        }
        let group = group.document()?;
        refuse_shared(&group)?;
        if !self.settings.allow_last_member_removal {
            membership::refuse_emptying(&group, change)?;
        }
        Ok(())
    }

    /// A group goes with its last member.
    fn vanished(&self, left: Vendor) -> Result<Option<Vendor>> {
        let group = left.document()?;
        let is_empty = group.get("members").and_then(Value::as_array).is_none_or(Vec::is_empty);
        Ok(is_empty.then(|| shown(group, Vec::new())))
    }

    async fn change(&self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        membership::change(cx, id.as_str(), change, self.settings.allow_last_member_removal).await
    }
}

impl Groups {
    pub(crate) const fn new(settings: Arc<WorkplaceSettings>) -> Self {
        Self { settings }
    }
}

/// Reads a group without its members. Graph knows a person and the community itself by an id, too: neither is a group.
async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    let missing = || Error::new(Kind::NotFound, "the target has no such group").during("read group");
    let is_promised = RemoteId::parse(id).is_ok_and(|id| id.is_promised());
    if !is_promised && !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(missing());
    }
    match fields_of(cx, id, FIELDS).await {
        // What a dry run promises has no fields to tell it by.
        Ok(node) if !is_promised && !is_group(&node) => Err(missing()),
        // Either it is no group, or groups do not have one of the fields any more: the second must not look like the first.
        Err(error) if errors::lacks_field(&error) => match fields_of(cx, id, GROUPS_OWN).await {
            Err(error) if errors::lacks_field(&error) => Err(missing()),
            Err(error) => Err(error),
            Ok(node) if !is_group(&node) => Err(missing()),
            Ok(_) => Err(error.with_kind(Kind::OddAnswer)),
        },
        group => group,
    }
}

/// Whether a node is a group, and no community: a person has none of the two fields, which Graph may pass over in silence.
fn is_group(node: &Map<String, Value>) -> bool {
    !is_community(node) && ["privacy", "is_community"].iter().any(|field| node.contains_key(*field))
}

async fn fields_of(cx: &Cx<'_>, id: &str, fields: &str) -> Result<Map<String, Value>> {
    let call = graph(cx, Method::GET, &[id])?.operation("read group").query("fields", fields);
    send(call).await?.json()
}

/// Groups of this name: names are read without anybody's members, as Graph finds none by name.
async fn named(cx: &Cx<'_>, name: &str) -> Result<Vec<Vendor>> {
    let edge = Edge {
        segments: &[COMMUNITY, "groups"],
        fields: "id,name,is_community",
        limit: 100,
        operation: "list groups",
    };
    let mut items = Vec::new();
    for group in edge.all(cx).await? {
        let held = group.get("name").and_then(Value::as_str).unwrap_or_default();
        let Some(id) = id_of(&group).filter(|_| held.to_lowercase() == name.to_lowercase()) else { continue };
        match read(cx, &id).await {
            Ok(group) => items.push(whole(cx, group, &id).await?),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(items)
}

async fn whole(cx: &Cx<'_>, group: Map<String, Value>, id: &str) -> Result<Vendor> {
    let left_out = cx.leaves_out("members");
    Ok(shown(group, if left_out { Vec::new() } else { membership::of(cx, id).await? }))
}

/// A group with its members, and those of them who administer it.
fn shown(mut group: Map<String, Value>, members: Vec<Map<String, Value>>) -> Vendor {
    let admins = members.iter().filter(|member| membership::is_admin(member)).cloned().map(Value::Object);
    group.insert("admins".into(), admins.collect());
    group.insert("members".into(), members.into_iter().map(Value::Object).collect());
    vendor::document(group)
}

/// Creates or changes a group. The purpose was written under another name once, and may be so still.
async fn write(
    cx: &Cx<'_>,
    segments: &[&str],
    operation: &'static str,
    mut body: Map<String, Value>,
    repeatable: bool,
) -> Result<Reply> {
    let post = async |body: &Map<String, Value>| {
        let call = graph(cx, Method::POST, segments)?.operation(operation).json(body);
        send(if repeatable { call.repeatable() } else { call }).await
    };
    match post(&body).await {
        Err(error) if error.kind() == Kind::InvalidValue => match body.shift_remove("purpose") {
            Some(purpose) => {
                body.insert("group_type".into(), purpose);
                // The first refusal says more when it was about something else.
                post(&body).await.map_err(|_| error)
            }
            None => Err(error),
        },
        reply => reply,
    }
}

/// A group of several companies is administered where it comes from.
fn refuse_shared(group: &Map<String, Value>) -> Result<()> {
    if group.get("purpose").and_then(Value::as_str) == Some(MULTI_COMPANY) {
        return Err(Error::new(
            Kind::Forbidden,
            "is a group of several companies, which can only be read here",
        ));
    }
    Ok(())
}
