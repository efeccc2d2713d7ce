//! Create, replace, modify, delete.

use serde_json::Value;
use tracing::warn;

use super::Endpoint;
use crate::{
    connector::{Deleted, MemberChange, RemoteId, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
    mapping::Difference,
    scim::{PatchRequest, Resource},
};

impl Endpoint<'_> {
    /// Creates an object (POST) and returns it as the target holds it.
    ///
    /// What the target may ignore at creation is compared with its answer and set once more.
    pub async fn create(self, cx: &Cx<'_>, body: Value) -> Result<Resource> {
        let Some(creator) = self.target.creator() else { return Err(self.unsupported("objects be created")) };
        let entry = self.entry(cx, body)?;
        let created = self.plan.created(&entry)?;
        let vendor = creator
            .create(cx, &created.fields)
            .await
            .map_err(|error| error.on(self.plan.resource_type().name.to_string()))?;
        let resource = self.plan.read(&vendor)?;
        let id = self.id(resource.id().unwrap_or_default())?;

        let difference = self.plan.unsettled(&vendor, &resource, &entry)?;
        if difference.is_empty() && created.members.is_empty() {
            return self.answer(&vendor);
        }
        let names = difference.attributes.join(", ");
        let unfinished = |error: Error| {
            let rule = format!("was created as {id}, but not all of it could be set ({names}): {error}");
            Error::new(error.kind(), rule)
                .on(self.plan.resource_type().name.to_string())
                .retry(error.retry_hint())
        };
        let changed = self.carry_out(cx, &id, &difference).await.map_err(unfinished)?;
        self.change_members(cx, &id, &created.members).await.map_err(unfinished)?;
        let vendor = match changed {
            Some(vendor) if created.members.is_empty() => vendor,
            _ => self.target.get(cx, &id).await.map_err(unfinished)?,
        };
        let left = self.plan.unsettled(&vendor, &self.plan.read(&vendor)?, &entry)?;
        if !left.is_empty() {
            let names = left.attributes.join(", ");
            warn!(
                request_id = cx.request_id(),
                object = self.object(&id),
                names,
                "the target did not take these values"
            );
        }
        self.answer(&vendor)
    }

    /// Replaces an object (PUT) and returns it.
    pub async fn replace(self, cx: &Cx<'_>, id: &str, body: Value) -> Result<Resource> {
        let id = self.id(id)?;
        let entry = self.entry(cx, body)?;
        let current = self.target.get(cx, &id).await.map_err(|error| error.on(self.object(&id)))?;
        let before = self.plan.read(&current)?;
        let (after, ignored) = self.plan.replaced(&before, &entry);
        if !ignored.is_empty() {
            let names = ignored.join(", ");
            warn!(
                request_id = cx.request_id(),
                object = self.object(&id),
                names,
                "taken at creation only, ignored in PUT"
            );
        }
        match self.apply(cx, &id, &current, &before, &after, true).await? {
            Some(resource) => Ok(resource),
            None => self.answer(&current),
        }
    }

    /// Modifies an object (PATCH). Returns it when `answered`; a caller that answers without a body spares the target a
    /// read.
    pub async fn modify(
        self,
        cx: &Cx<'_>,
        id: &str,
        patch: &PatchRequest,
        answered: bool,
    ) -> Result<Option<Resource>> {
        let id = self.id(id)?;
        let current = self.target.get(cx, &id).await.map_err(|error| error.on(self.object(&id)))?;
        let before = self.plan.read(&current)?;
        let (after, dropped) = patch.apply(&before, self.plan.resource_type(), self.patch_rules)?;
        self.log_dropped(cx, &dropped);
        match self.apply(cx, &id, &current, &before, &after, answered).await? {
            Some(resource) => Ok(Some(resource)),
            None if answered => self.answer(&current).map(Some),
            None => Ok(None),
        }
    }

    /// Removes an object (DELETE); [`Kind::NotFound`] when it was not there.
    pub async fn delete(self, cx: &Cx<'_>, id: &str) -> Result<()> {
        let Some(deleter) = self.target.deleter() else { return Err(self.unsupported("objects be deleted")) };
        let id = self.id(id)?;
        match deleter.delete(cx, &id).await.map_err(|error| error.on(self.object(&id)))? {
            Deleted::Removed => Ok(()),
            Deleted::Missing => Err(Error::new(Kind::NotFound, "does not exist").on(self.object(&id))),
        }
    }

    /// Brings the target from `before` to `after`. `None`: there was nothing to do, or nobody wants the result.
    async fn apply(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        current: &Vendor,
        before: &Resource,
        after: &Resource,
        answered: bool,
    ) -> Result<Option<Resource>> {
        let on = |error: Error| error.on(self.object(id));
        let difference = self.plan.difference(current, before, after).map_err(on)?;
        if difference.is_empty() {
            return Ok(None);
        }
        let changed = self.carry_out(cx, id, &difference).await.map_err(on)?;
        let vendor = match changed {
            _ if !answered => return Ok(None),
            Some(vendor) => vendor,
            None => self.target.get(cx, id).await.map_err(on)?,
        };
        self.answer(&vendor).map(Some)
    }

    /// Makes a change: fields first, then membership. Returns the object when the target's answer to the fields holds it
    /// and membership did not change afterwards.
    async fn carry_out(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        difference: &Difference<'_>,
    ) -> Result<Option<Vendor>> {
        let mut answer = None;
        if let Some(change) = &difference.change {
            let Some(updater) = self.target.updater() else {
                return Err(self.unsupported("objects be changed"));
            };
            answer = updater.update(cx, id, change).await?;
        }
        if difference.members.is_empty() {
            return Ok(answer);
        }
        self.change_members(cx, id, &difference.members).await.map_err(|error| match &difference.change {
            None => error,
            Some(_) => {
                let rule = format!("its attributes were changed, but not its membership: {error}");
                Error::new(error.kind(), rule).retry(error.retry_hint())
            }
        })?;
        Ok(None)
    }

    /// Changes membership in calls of the size the target takes.
    async fn change_members(self, cx: &Cx<'_>, id: &RemoteId, change: &MemberChange) -> Result<()> {
        if change.is_empty() {
            return Ok(());
        }
        let Some(members) = self.target.members() else {
            return Err(Error::new(Kind::Mutability, "cannot be changed in this target").at("members"));
        };
        let size = self.plan.members_per_call().max(1);
        let (mut add, mut remove) = (change.add.as_slice(), change.remove.as_slice());
        let (mut done, total) = (0, add.len() + remove.len());
        while done < total {
            let (now_add, later_add) = add.split_at(add.len().min(size));
            let (now_remove, later_remove) = remove.split_at(remove.len().min(size - now_add.len()));
            let part = MemberChange { add: now_add.to_vec(), remove: now_remove.to_vec() };
            members.change(cx, id, &part).await.map_err(|error| match done {
                0 => error,
                done => {
                    let rule = format!("{done} of {total} membership changes were made, then: {error}");
                    Error::new(error.kind(), rule).retry(error.retry_hint())
                }
            })?;
            done += now_add.len() + now_remove.len();
            (add, remove) = (later_add, later_remove);
        }
        Ok(())
    }
}
