//! A create that meets an object, perhaps its own: after an answer that was lost it is looked up before it is sent again, so
//! that there is one in the end; one that was there before may be taken over.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::sleep;
use tracing::warn;

use super::{Endpoint, Loaded};
use crate::{
    connector::{Create, RemoteId, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
    scim::{Op, Operation, PatchRequest, Place, Resource},
};

/// When to look, after the answer was lost and after the look before: targets index late.
const LOOKS: [Duration; 2] = [Duration::from_millis(300), Duration::from_millis(1500)];

/// A new object.
pub(super) struct Made {
    pub(super) vendor: Vendor,
    pub(super) held: Resource,
    /// It was looked up: what happened to its members on the way is not known.
    pub(super) found: bool,
}

impl Endpoint<'_> {
    /// Creates an object, exactly once: after an answer that says nothing it is looked up by its natural keys, and sent once
    /// more only when it is not there.
    pub(super) async fn create_once(
        self,
        cx: &Cx<'_>,
        creator: &dyn Create,
        fields: &Map<String, Value>,
        entry: &Resource,
    ) -> Result<Made> {
        let alone = self.meet_existing(cx, entry).await;
        let found = |(vendor, held)| Made { vendor, held, found: true };
        let mut sent_again = false;
        loop {
            let error = match creator.create(cx, fields).await {
                // An answer that cannot be read says nothing either.
                Ok(vendor) => match self.plan.read(&vendor) {
                    Ok(held) if held.id().is_some() => {
                        return alone.map(|()| Made { vendor, held, found: false });
                    }
                    Ok(_) => Error::new(Kind::OddAnswer, "the target's answer names no id"),
                    Err(error) => error,
                },
                Err(error) if error.is_in_doubt() || error.kind() == Kind::OddAnswer => error,
                // The first one, seen by nobody, took the name.
                Err(error) if sent_again && error.kind() == Kind::Duplicate => {
                    return match self.found_as_sent(cx, entry).await {
                        Ok(Some(made)) => Ok(found(made)),
                        _ => Err(error),
                    };
                }
                Err(error) => return Err(error),
            };
            warn!(request_id = cx.request_id(), resource = self.name(), %error, "a create of unknown fate is looked into");
            for pause in LOOKS {
                sleep(pause).await;
                match self.found_as_sent(cx, entry).await {
                    Ok(Some(made)) => return Ok(found(made)),
                    Ok(None) => {}
                    Err(found) if found.kind() == Kind::Duplicate => return Err(found),
                    Err(cause) => return Err(unknown(&error, &cause.to_string())),
                }
            }
            // A success that cannot be read is one all the same: a second one would be another object.
            if error.kind() == Kind::OddAnswer {
                return Err(error);
            }
            if sent_again {
                return Err(unknown(&error, "it was sent twice and cannot be found"));
            }
            if !self.has_natural_key(entry) {
                return Err(unknown(&error, "it has no value by which it could be found again"));
            }
            sent_again = true;
        }
    }

    /// The object that was asked for, if the target has it. One of the same name that differs is another's:
    /// [`Kind::Duplicate`].
    async fn found_as_sent(self, cx: &Cx<'_>, entry: &Resource) -> Result<Option<(Vendor, Resource)>> {
        let Some((place, id, loaded)) = self.named(cx, entry).await? else { return Ok(None) };
        let estranged = self.plan.estranged(&loaded.held, entry);
        if estranged.is_empty() {
            return Ok(Some((loaded.vendor, loaded.held)));
        }
        let rule = format!("is in use by {}, which differs in {}", self.object(&id), estranged.join(", "));
        Err(Error::new(Kind::Duplicate, rule).on(self.name().to_owned()).at(place.to_string()))
    }

    /// Takes over an object that is there already: it becomes what was asked for, in everything the request gives a value.
    pub(super) async fn adopt(self, cx: &Cx<'_>, entry: &Resource) -> Result<Option<Resource>> {
        let Some((_, id, loaded)) = self.named(cx, entry).await? else { return Ok(None) };
        let mut asked = entry.document().clone();
        asked.retain(|name, value| {
            // In a POST, empty means absent: nothing the object holds is cleared.
            if let Value::Object(parts) = value {
                parts.retain(|_, part| !part.is_null());
            }
            !value.is_null() && !["id", "meta", "schemas"].contains(&name.as_str())
        });
        let everything = Operation { op: Op::Replace, path: None, value: Some(Value::Object(asked)) };
        let patch = PatchRequest { operations: vec![everything] };
        let (after, _) = patch.apply(&loaded.seen, self.plan.resource_type(), self.instance.patch_rules)?;
        cx.warn(&format!("{}: an existing object is taken over", self.object(&id)));
        let applied = self.apply(cx, &id, &loaded, &after, &[], true).await?;
        self.settle_memory(cx, &id, loaded, &after, applied).await.map(Some)
    }

    /// The object that has one of the natural keys asked for.
    pub(super) async fn named(
        self,
        cx: &Cx<'_>,
        entry: &Resource,
    ) -> Result<Option<(Place, RemoteId, Loaded)>> {
        for (place, value) in self.natural_keys(entry) {
            let condition = self.plan.condition(&place, &value, &[]);
            let mut pages = self.pages(condition.into_iter().collect());
            while let Some(page) = pages.next(cx).await? {
                for id in page.iter().filter_map(Resource::id) {
                    // Lists may show less than a read.
                    let id = RemoteId::parse(id)?;
                    match self.load(cx, &id).await {
                        Err(error) if error.kind() == Kind::NotFound => {}
                        Err(error) => return Err(error),
                        Ok(loaded) if self.plan.same_value(&place, &loaded.held, entry) => {
                            return Ok(Some((place, id, loaded)));
                        }
                        Ok(_) => {}
                    }
                }
            }
        }
        Ok(None)
    }

    fn has_natural_key(self, entry: &Resource) -> bool {
        self.natural_keys(entry).next().is_some()
    }

    /// Values by which the object can be found again, the best first.
    pub(super) fn natural_keys(self, entry: &Resource) -> impl Iterator<Item = (Place, String)> {
        let keys = self.target.spec().natural_keys.iter();
        keys.filter_map(|path| {
            let (name, sub) = path.split_once('.').map_or((*path, None), |(name, sub)| (name, Some(sub)));
            let value = match (entry.get(name)?, sub) {
                (Value::Array(elements), Some(sub)) => elements.first()?.get(sub)?.as_str()?.to_owned(),
                (Value::Object(parts), Some(sub)) => parts.get(sub)?.as_str()?.to_owned(),
                (value, _) => value.as_str()?.to_owned(),
            };
            Some((Place { urn: None, name: name.to_owned(), sub: sub.map(str::to_owned) }, value))
        })
        .collect::<Vec<_>>()
        .into_iter()
    }
}

fn unknown(error: &Error, why: &str) -> Error {
    let rule = format!("it is not known whether the target created it ({why}): {error}");
    Error::new(Kind::Unavailable, rule).in_doubt()
}
