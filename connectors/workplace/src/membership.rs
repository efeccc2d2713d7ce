//! Who is in a group: one person per call, one call per difference
//! (<https://developers.facebook.com/docs/workplace/reference/graph-api/group>).
//!
//! A group without an administrator shows nobody, and a group that loses its last member is gone with all its posts.

use std::collections::HashSet;

use connector_core::{
    connector::MemberChange,
    error::{Error, Kind, Result},
    http::{Call, Cx},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{graph, send},
    graph::{Edge, id_of},
    mapping::ADMINS,
};

/// Members asked for at once; fewer may come.
const LIMIT: u32 = 1000;

/// The members of a group that Graph shows.
pub(crate) async fn of(cx: &Cx<'_>, group: &str) -> Result<Vec<Map<String, Value>>> {
    let edge = Edge {
        segments: &[group, "members"],
        fields: "id,name,administrator",
        limit: LIMIT,
        operation: "read members",
    };
    edge.all(cx).await
}

/// Whether a member administers the group.
pub(crate) fn is_admin(member: &Map<String, Value>) -> bool {
    member.get("administrator") == Some(&Value::Bool(true))
}

/// Adds and removes members. The first one becomes an administrator, and so does another when the last one goes, best one who
/// was there; the last member stays unless the operator lets it go.
pub(crate) async fn change(cx: &Cx<'_>, group: &str, change: &MemberChange, may_destroy: bool) -> Result<()> {
    let present = of(cx, group).await?;
    let members: HashSet<String> = present.iter().filter_map(id_of).collect();
    let add: Vec<&str> = change.add.iter().map(String::as_str).filter(|id| !members.contains(*id)).collect();
    let leaves = |member: &&Map<String, Value>| id_of(member).is_some_and(|id| change.remove.contains(&id));
    let (mut go, stay): (Vec<_>, Vec<_>) = present.iter().partition(leaves);
    // Somebody else may have removed others since the change was judged.
    if !go.is_empty() && stay.is_empty() && add.is_empty() && !may_destroy {
        return Err(emptied());
    }
    // Administrators last, so that the group stays visible on the way.
    go.sort_by_key(|member| is_admin(member));
    let total = add.len() + go.len();
    let mut progress = Progress { done: 0, total };
    let mut administered = present.iter().any(is_admin);
    let mut stays_administered = stay.iter().any(|member| is_admin(member));
    for user in &add {
        let joins = async {
            let added = join(cx, group, user).await;
            if administered {
                return added;
            }
            // Nobody is shown of a group without an administrator: who could not be added may be in it already.
            promote(cx, group, user).await.map_err(|error| added.err().unwrap_or(error))
        };
        progress.step(joins.await)?;
        stays_administered |= !administered;
        administered = true;
    }
    let heir =
        stay.first().and_then(|member| id_of(member)).or_else(|| add.first().map(|id| (*id).to_owned()));
    if let Some(heir) = heir.filter(|_| administered && !stays_administered) {
        promote(cx, group, &heir).await.map_err(about_member)?;
        cx.warn(&format!(
            "Group {group} loses its last administrator; User {heir} is made one, or it would show nobody"
        ));
    }
    for member in go {
        let Some(user) = id_of(member) else { continue };
        progress.step(remove(cx, group, &user).await)?;
    }
    Ok(())
}

/// Refuses a change that leaves nobody of a group as it was read.
pub(crate) fn refuse_emptying(group: &Map<String, Value>, change: &MemberChange) -> Result<()> {
    let members = ids(group.get("members"));
    let goes = |id: &String| change.remove.contains(id);
    if change.add.is_empty() && !members.is_empty() && members.iter().all(goes) {
        Err(emptied())
    } else {
        Ok(())
    }
}

fn emptied() -> Error {
    let rule = "cannot be emptied: with its last member Workplace destroys a group, posts and files included";
    let remedy = "or let the operator set allow_last_member_removal = true";
    Error::new(Kind::Conflict, rule).at("members").remedy(remedy)
}

/// The ids of a list of people.
fn ids(list: Option<&Value>) -> Vec<String> {
    let entries = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| id_of(entry.as_object()?)).collect()
}

/// Makes exactly these people administrators, members or not, out of those of the group as it was read.
pub(crate) async fn set_admins(
    cx: &Cx<'_>,
    group: &str,
    current: &Map<String, Value>,
    wanted: &Value,
) -> Result<()> {
    let (admins, members) = (ids(current.get("admins")), ids(current.get("members")));
    let wanted = ids(Some(wanted));
    if wanted.is_empty() {
        let rule = "cannot be empty: without an administrator a group shows no members";
        return Err(Error::new(Kind::InvalidValue, rule).at(ADMINS));
    }
    let about = |error: Error| {
        if error.kind() == Kind::NotFound { error.with_kind(Kind::InvalidValue).at(ADMINS) } else { error }
    };
    for user in wanted.iter().filter(|user| !admins.contains(user)) {
        if !members.contains(user) {
            join(cx, group, user).await.map_err(about)?;
        }
        promote(cx, group, user).await.map_err(about)?;
    }
    for user in admins.iter().filter(|user| !wanted.contains(user)) {
        let call = graph(cx, Method::DELETE, &[group, "admins"])?.operation("demote administrator");
        send(call.query("uid", user)).await.map_err(about)?;
    }
    Ok(())
}

/// How far a change has come.
struct Progress {
    done: usize,
    total: usize,
}

impl Progress {
    fn step(&mut self, outcome: Result<()>) -> Result<()> {
        let Self { done, total } = *self;
        outcome.map_err(about_member).map_err(|error| match done {
            0 => error,
            _ => {
                let rule = format!("{done} of {total} membership changes were made, then: {error}");
                Error::new(error.kind(), rule).retry(error.retry_hint())
            }
        })?;
        self.done += 1;
        Ok(())
    }
}

/// Who is not there is a bad value; the group was there a moment ago.
fn about_member(error: Error) -> Error {
    match error.kind() {
        Kind::NotFound => error.with_kind(Kind::InvalidValue).at("members"),
        Kind::InvalidValue => error.at("members"),
        _ => error,
    }
}

async fn join(cx: &Cx<'_>, group: &str, user: &str) -> Result<()> {
    let call = graph(cx, Method::POST, &[group, "members"])?
        .operation("add member")
        .json(&json!({ "member": user }));
    made(cx, group, user, call.repeatable(), true).await
}

async fn remove(cx: &Cx<'_>, group: &str, user: &str) -> Result<()> {
    let call =
        graph(cx, Method::DELETE, &[group, "members"])?.operation("remove member").query("member", user);
    made(cx, group, user, call, false).await
}

async fn promote(cx: &Cx<'_>, group: &str, user: &str) -> Result<()> {
    let call = graph(cx, Method::POST, &[group, "admins", user])?.operation("promote member");
    send(call.repeatable()).await.map(drop)
}

/// Makes a change that may have been made already: after a refusal the group itself is asked.
async fn made(cx: &Cx<'_>, group: &str, user: &str, call: Call<'_>, member: bool) -> Result<()> {
    let Err(error) = send(call).await else { return Ok(()) };
    if !matches!(error.kind(), Kind::InvalidValue | Kind::Duplicate) {
        return Err(error);
    }
    let is_member = of(cx, group).await?.iter().any(|held| id_of(held).as_deref() == Some(user));
    if is_member == member { Ok(()) } else { Err(error) }
}
