//! Create, replace, modify, delete.

use serde_json::Value;
use tracing::warn;

use super::{Endpoint, Loaded, Precondition, doubt::Made, version::versioned};
use crate::{
    connector::{Deleted, MemberChange, RemoteId, Updated},
    error::{Error, Kind, Result},
    http::Cx,
    ledger::{Kept, Memory},
    mapping::Difference,
    scim::{PatchRequest, Resource},
};

/// What a change left.
#[derive(Default)]
pub(super) struct Applied {
    /// What the target holds now, when it was read again.
    held: Option<Resource>,
    /// Target paths the target kept as they were.
    refused: Vec<&'static str>,
    /// It is not there any more.
    removed: bool,
}

impl Endpoint<'_> {
    /// Creates an object (POST) and returns it: what the target holds, with the client's own values where it holds what
    /// was made of them.
    ///
    /// What the target may ignore at creation is compared with its answer and set once more.
    pub async fn create(self, cx: &Cx<'_>, body: Value) -> Result<Resource> {
        let Some(creator) = self.target.creator() else {
            return Err(self.unsupported("objects be created"));
        };
        let _writing = self.writing(cx);
        self.refuse_members(self.plan.unwritable_members(&body).as_deref(), None)?;
        let (mut entry, elsewhere) = self.entry(cx, body)?;
        self.plan.take_named(&elsewhere, &mut entry).map_err(|error| error.on(self.name().to_owned()))?;
        let mut created = self.traced(cx, |trace| self.plan.created_traced(&entry, trace))?;
        let name = || self.name().to_owned();
        let made = match self.create_once(cx, creator, &created.fields, &entry).await {
            Err(error) if error.kind() == Kind::Duplicate && self.instance.adopt_existing => {
                return self.adopt(cx, &entry).await?.ok_or_else(|| error.on(name()));
            }
            made => made.map_err(|error| error.on(name()))?,
        };
        let Made { mut vendor, mut held, found } = made;
        let id = self.id(held.id().unwrap_or_default())?;
        self.pretend(cx, &id, &vendor);

        let mut difference = self.plan.unsettled(&vendor, &held, &entry)?;
        if found && let Some(members) = entry.get("members") {
            let mut wanted = held.clone();
            wanted.set("members", members.clone());
            difference.members = self.plan.difference(&vendor, &held, &wanted)?.members;
            created.members = MemberChange::default();
        }
        if !difference.is_empty() || !created.members.is_empty() {
            let members = (!created.members.is_empty()).then_some("members");
            let names = difference.attributes.iter().copied().chain(members).collect::<Vec<_>>().join(", ");
            self.note(cx, || format!("not taken at creation, so it comes in a call of its own: {names}"));
            let unfinished = |error: Error| {
                let rule = format!("was created as {id}, but not all of it could be set ({names}): {error}");
                Error::new(error.kind(), rule).on(name()).retry(error.retry_hint())
            };
            let changed = self.carry_out(cx, &id, &difference).await.map_err(unfinished)?;
            self.change_members(cx, &id, &created.members).await.map_err(unfinished)?;
            self.pretend_change(cx, &id, &difference, &created.members)?;
            vendor = match changed.object {
                Some(answer) if created.members.is_empty() => self.as_changed(cx, &id, answer)?,
                _ => self.fetch(cx, &id).await.map_err(unfinished)?,
            };
            held = self.plan.read(&vendor)?;
            let left = self.plan.unsettled(&vendor, &held, &entry)?;
            let left = self.plan.shown(&left.attributes);
            if !left.is_empty() {
                let names = left.join(", ");
                let object = self.object(&id);
                warn!(request_id = cx.request_id(), object, names, "the target did not take these values");
            }
        }
        let memory = self.plan.memory(&entry, None, &held, &Memory::default());
        self.remember(cx, &id, &Memory::default(), &memory).await?;
        Ok(self.with_named(cx, versioned(memory.over(held)), &self.plan.lists_of(&elsewhere)).await)
    }

    /// Refuses changes of a type of which the target lets nothing be changed.
    fn require_changeable(self) -> Result<()> {
        match (self.target.updater(), self.target.members()) {
            (None, None) => Err(self.unsupported("objects be changed")),
            _ => Ok(()),
        }
    }

    /// Replaces an object (PUT) and returns it.
    pub async fn replace(
        self,
        cx: &Cx<'_>,
        id: &str,
        body: Value,
        condition: &Precondition,
    ) -> Result<Resource> {
        self.require_changeable()?;
        let id = self.id(id)?;
        let members = self.plan.unwritable_members(&body);
        let (mut entry, elsewhere) = self.entry(cx, body)?;
        self.plan.require_named(&entry).map_err(|error| error.on(self.object(&id)))?;
        let _turn = self.turn(cx, &id).await?;
        let loaded = self.load(cx, &id).await?;
        self.refuse_members(members.as_deref(), Some(&loaded.seen))?;
        condition.check(&loaded.seen).map_err(|error| error.on(self.object(&id)))?;
        let lists = self.plan.lists_of(&elsewhere);
        self.take_named(cx, &id, &loaded, elsewhere, &mut entry).await?;
        let (mut after, ignored) = self.plan.replaced(&loaded.seen, &entry);
        self.plan.yield_filled(&loaded.held, &mut after);
        if !ignored.is_empty() {
            let (names, object) = (ignored.join(", "), self.object(&id));
            cx.warn(&format!("{object}: {names}: taken at creation only, ignored in PUT"));
        }
        let applied = self.apply(cx, &id, &loaded, &after, &[], true).await?;
        let resource = self.settle_memory(cx, &id, loaded, &after, applied).await?;
        Ok(self.with_named(cx, resource, &lists).await)
    }

    /// Modifies an object (PATCH). Returns it when `answered`; a caller that answers without a body spares the target a
    /// read where membership alone changes.
    pub async fn modify(
        self,
        cx: &Cx<'_>,
        id: &str,
        patch: &PatchRequest,
        answered: bool,
        condition: &Precondition,
    ) -> Result<Option<Resource>> {
        self.require_changeable()?;
        let id = self.id(id)?;
        self.refuse_member_patch(patch)?;
        let rtype = self.plan.resource_type();
        let about_members = self.target.members().is_some() && patch.is_about("members", rtype);
        if !answered && condition.is_empty() && about_members {
            return self.modify_members(cx, &id, patch).await;
        }
        let _turn = self.turn(cx, &id).await?;
        let loaded = self.load(cx, &id).await?;
        condition.check(&loaded.seen).map_err(|error| error.on(self.object(&id)))?;
        let rules = self.instance.patch_rules;
        let rest = self.plan.without_named(patch);
        let (mut after, dropped) = rest.apply(&loaded.seen, rtype, rules)?;
        let put = self.plan.named_by(patch);
        let lists = self.plan.lists_of(&put);
        self.take_named(cx, &id, &loaded, put, &mut after).await?;
        self.plan.let_follow(&loaded.seen, &mut after);
        self.plan.yield_filled(&loaded.held, &mut after);
        self.log_dropped(cx, &dropped);
        let named = patch.removed("members", rtype);
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        self.trace_dropped(cx, patch, &dropped);
        let applied = self.apply(cx, &id, &loaded, &after, &named, answered).await?;
        let resource = self.settle_memory(cx, &id, loaded, &after, applied).await?;
        if !answered && cx.dry_run().is_none() {
            return Ok(None);
        }
        Ok(Some(self.with_named(cx, resource, &lists).await))
    }

    /// Remembers what a change brought, and returns the object as the client sees it.
    pub(super) async fn settle_memory(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        loaded: Loaded,
        after: &Resource,
        applied: Applied,
    ) -> Result<Resource> {
        let Applied { held, refused, removed } = applied;
        if removed {
            if cx.dry_run().is_none() {
                self.instance.ledger.forget(self.name(), id.as_str()).await?;
            }
            return Ok(versioned(loaded.memory.over(held.unwrap_or(loaded.held))));
        }
        let before = held.is_some().then_some(&loaded.held);
        let now = held.as_ref().unwrap_or(&loaded.held);
        let after = self.plan.with_refused(after, now, &refused);
        let memory = self.plan.memory(&after, before, now, &loaded.memory);
        self.remember(cx, id, &loaded.memory, &memory).await?;
        Ok(versioned(memory.over(held.unwrap_or(loaded.held))))
    }

    async fn remember(self, cx: &Cx<'_>, id: &RemoteId, before: &Memory, after: &Memory) -> Result<()> {
        let (name, ledger) = (self.name(), &self.instance.ledger);
        if let Some(run) = cx.dry_run() {
            run.set_memory(name, id.as_str(), after.clone());
            return Ok(());
        }
        let done = match (before == after, after.is_empty()) {
            (true, _) => Ok(()),
            (false, true) => ledger.forget(name, id.as_str()).await,
            (false, false) => ledger.remember(name, id.as_str(), after).await,
        };
        done.map_err(|error| {
            let rule =
                format!("the target was changed, but what was written could not be remembered: {error}");
            Error::new(error.kind(), rule).on(self.object(id))
        })
    }

    /// Removes an object (DELETE); [`Kind::NotFound`] when it was not there.
    pub async fn delete(self, cx: &Cx<'_>, id: &str, condition: &Precondition) -> Result<()> {
        let Some(deleter) = self.target.deleter() else { return Err(self.unsupported("objects be deleted")) };
        let id = self.id(id)?;
        let _turn = self.turn(cx, &id).await?;
        if !condition.is_empty() {
            condition.check(&self.load(cx, &id).await?.seen).map_err(|error| error.on(self.object(&id)))?;
        }
        if cx.dry_run().is_some() {
            return self.rehearse_deletion(cx, deleter, &id).await;
        }
        let _writing = self.writing(cx);
        cx.begin_deletion();
        match deleter.delete(cx, &id).await.map_err(|error| error.on(self.object(&id)))? {
            Deleted::Deactivated => self.remember_inactive(cx, &id).await,
            Deleted::Removed if self.target.spec().soft_delete => self.remember_inactive(cx, &id).await,
            Deleted::Removed => self.instance.ledger.forget(self.name(), id.as_str()).await,
            // An earlier try, whose answer was lost, did it.
            Deleted::Missing if cx.deletion_doubted() => {
                self.instance.ledger.forget(self.name(), id.as_str()).await
            }
            Deleted::Missing => Err(Error::new(Kind::NotFound, "does not exist").on(self.object(&id))),
        }
    }

    /// A soft deletion shows late in some targets: until it does, the object reads as inactive all the same.
    async fn remember_inactive(self, cx: &Cx<'_>, id: &RemoteId) -> Result<()> {
        let before = self.recall(cx, id).await?;
        let mut after = before.clone();
        after.0.insert("active".into(), Kept::late(false.into(), true.into()));
        self.remember(cx, id, &before, &after).await
    }

    /// Brings the target to what the client wants; `named` are the members whose removal it asks for by name. What the target
    /// holds afterwards is not read when nothing but membership changed and nobody wants the result, or when there was
    /// nothing to do.
    pub(super) async fn apply(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        loaded: &Loaded,
        after: &Resource,
        named: &[&str],
        answered: bool,
    ) -> Result<Applied> {
        let on = |error: Error| error.on(self.object(id));
        let Loaded { vendor, held, seen, .. } = loaded;
        let mut difference = self
            .traced(cx, |trace| self.plan.difference_seen(vendor, held, seen, after, trace))
            .map_err(on)?;
        if let Some(members) = self.target.members() {
            members.judge(vendor, named, &mut difference.members).map_err(on)?;
        }
        if difference.is_empty() {
            return Ok(Applied::default());
        }
        let _writing = self.writing(cx);
        let mut changed = self.carry_out(cx, id, &difference).await.map_err(on)?;
        self.pretend_change(cx, id, &difference, &MemberChange::default())?;
        let vendor = match changed.object {
            // A dry run shows what nobody reads.
            _ if !answered && difference.change.is_none() => match cx.dry_run() {
                Some(_) => self.as_changed(cx, id, vendor.clone())?,
                None => return Ok(Applied::default()),
            },
            Some(answer) => self.as_changed(cx, id, answer)?,
            None => match (self.fetch(cx, id).await.map_err(on), self.target.members()) {
                (Err(error), Some(members))
                    if error.kind() == Kind::NotFound && !difference.members.is_empty() =>
                {
                    let effect = self.plan.effect(&difference, &MemberChange::default())?;
                    let left = self.plan.pretended(vendor, &[effect])?;
                    changed.removed = true;
                    members.vanished(left).map_err(on)?.ok_or(error)?
                }
                (vendor, _) => vendor?,
            },
        };
        let Updated { refused, removed, .. } = changed;
        Ok(Applied { held: Some(self.plan.read(&vendor)?), refused, removed })
    }

    /// Makes a change: fields first, then membership. Returns the object when the target's answer to the fields holds it
    /// and membership did not change afterwards.
    async fn carry_out(self, cx: &Cx<'_>, id: &RemoteId, difference: &Difference<'_>) -> Result<Updated> {
        let mut answer = Updated::default();
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
        Ok(Updated { object: None, ..answer })
    }
}
