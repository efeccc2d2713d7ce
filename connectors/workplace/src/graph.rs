//! Graph's edges: pages by cursor (<https://developers.facebook.com/docs/workplace/reference/graph-api/>).

use std::collections::HashSet;

use connector_core::{
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::call::{graph, send};

/// The community: the root of everything.
pub(crate) const COMMUNITY: &str = "community";

/// An edge of a node, and what is asked of its entries. Which fields come by themselves is not documented.
#[derive(Clone, Copy)]
pub(crate) struct Edge<'e> {
    pub(crate) segments: &'e [&'e str],
    pub(crate) fields: &'e str,
    pub(crate) limit: u32,
    pub(crate) operation: &'static str,
}

/// Some entries of an edge.
pub(crate) struct Entries {
    pub(crate) entries: Vec<Map<String, Value>>,
    /// The cursor of the next page; `None` on the last one.
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
struct Envelope {
    data: Vec<Map<String, Value>>,
    paging: Option<Paging>,
}

#[derive(Default, Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl Edge<'_> {
    /// Reads one page. The next link is only believed to exist: it may lead elsewhere, and lacks the proof of the app secret.
    pub(crate) async fn page(self, cx: &Cx<'_>, after: Option<&str>) -> Result<Entries> {
        let mut call = graph(cx, Method::GET, self.segments)?
            .operation(self.operation)
            .query("fields", self.fields)
            .query("limit", &self.limit.to_string())
            .pretended(|| json!({ "data": [] }));
        if let Some(after) = after {
            call = call.query("after", after);
        }
        let envelope: Envelope = send(call).await?.json().map_err(|error| error.during(self.operation))?;
        let Paging { cursors, next } = envelope.paging.unwrap_or_default();
        let cursor = cursors.and_then(|cursors| cursors.after);
        let cursor = cursor.or_else(|| next.as_deref().and_then(cursor_of));
        let next = match (next, cursor) {
            (None, _) => None,
            // One that leads to itself never ends.
            (Some(_), Some(next)) if after == Some(next.as_str()) => {
                cx.warn(
                    "a list of Workplace leads to itself and never ends; what came was taken for all of it",
                );
                None
            }
            (Some(_), Some(next)) => Some(next),
            (Some(_), None) => {
                let rule = "the target's list goes on, and no cursor says where";
                return Err(Error::new(Kind::OddAnswer, rule).during(self.operation));
            }
        };
        let next = next.filter(|_| !envelope.data.is_empty());
        Ok(Entries { entries: envelope.data, next })
    }

    /// Reads all pages, each entry once. A page that brings nothing new is the last one, whatever it says.
    pub(crate) async fn all(self, cx: &Cx<'_>) -> Result<Vec<Map<String, Value>>> {
        let (mut seen, mut all, mut after) = (HashSet::new(), Vec::new(), None);
        loop {
            let Entries { mut entries, next } = self.page(cx, after.as_deref()).await?;
            entries.retain(|entry| id_of(entry).is_some_and(|id| seen.insert(id)));
            let is_new = !entries.is_empty();
            all.append(&mut entries);
            match next {
                Some(next) if is_new => after = Some(next),
                Some(_) => {
                    cx.warn("a list of Workplace repeats itself and never ends; what came was taken for all of it");
                    return Ok(all);
                }
                None => return Ok(all),
            }
        }
    }
}

/// The cursor that a next link has in its query.
fn cursor_of(link: &str) -> Option<String> {
    let query = link.split_once('?')?.1.split('#').next()?;
    let (_, after) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "after")?;
    (!after.is_empty()).then(|| after.into_owned())
}

/// The groups a person is in.
pub(crate) async fn groups_of(cx: &Cx<'_>, user: &str) -> Result<Vec<Map<String, Value>>> {
    let edge = Edge {
        segments: &[user, "groups"],
        fields: "id,name,is_community",
        limit: 100,
        operation: "read groups of user",
    };
    let mut groups = edge.all(cx).await?;
    groups.retain(|group| !is_community(group));
    Ok(groups)
}

/// Whether it is a community, of which groups are told apart by this alone.
pub(crate) fn is_community(group: &Map<String, Value>) -> bool {
    group.get("is_community") == Some(&Value::Bool(true))
}

/// An id, which comes as text and may come as a number.
pub(crate) fn id_of(entry: &Map<String, Value>) -> Option<String> {
    match entry.get("id")? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
