//! Dry runs: where completion would write something down or believe the target, it asks here first.
//!
//! Everything else is the same code. What an object becomes is told by the table, so that it does not depend on how well
//! a target's answers are imitated.

use serde_json::Value;

use super::Endpoint;
use crate::{
    connector::{Delete, Deleted, MemberChange, RemoteId, Vendor},
    dry_run::DryRun,
    error::{Error, Kind, Result},
    http::Cx,
    mapping::{Difference, Step, Trace},
    scim::{PatchRequest, Resource},
};

impl<'a> Endpoint<'a> {
    /// Reads an object of the target: in a dry run as its writes would have left it.
    pub(super) async fn fetch(self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        let read = self.target.get(cx, id).await.map_err(|error| error.on(self.object(id)));
        let Some(run) = cx.dry_run() else { return read };
        let read = match run.object(self.name(), id.as_str()).made {
            // What the connector makes of answers about an object that is not there does not count.
            Some(made) if id.is_promised() => read.unwrap_or(made),
            _ => read?,
        };
        self.as_changed(cx, id, read)
    }

    /// An object as the writes of a dry run would have left it.
    pub(super) fn as_changed(self, cx: &Cx<'_>, id: &RemoteId, vendor: Vendor) -> Result<Vendor> {
        match cx.dry_run().map(|run| run.object(self.name(), id.as_str()).effects) {
            Some(effects) if !effects.is_empty() => self.plan.pretended(&vendor, &effects),
            _ => Ok(vendor),
        }
    }

    /// Takes a new object for made, in a dry run.
    pub(super) fn pretend(self, cx: &Cx<'_>, id: &RemoteId, vendor: &Vendor) {
        if let Some(run) = cx.dry_run() {
            run.make(self.name(), id.as_str(), vendor.clone());
        }
    }

    /// Takes a change for made, in a dry run.
    pub(super) fn pretend_change(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        difference: &Difference<'_>,
        further: &MemberChange,
    ) -> Result<()> {
        if let Some(run) = cx.dry_run() {
            run.change(self.name(), id.as_str(), self.plan.effect(difference, further)?);
        }
        Ok(())
    }

    /// Lists that were read before a write are old; not so when it is none.
    pub(super) fn writing(self, cx: &Cx<'_>) -> Option<impl Drop + use<'a>> {
        cx.dry_run().is_none().then(|| self.instance.walks.writing())
    }

    /// In a dry run, refuses to create what is there already, as the target would: that can be seen without a write.
    pub(super) async fn meet_existing(self, cx: &Cx<'_>, entry: &Resource) -> Result<()> {
        let Some(run) = cx.dry_run() else { return Ok(()) };
        let _aside = run.aside();
        let comparable = self
            .natural_keys(entry)
            .filter(|(place, value)| self.plan.condition(place, value, &[]).is_some());
        if comparable.count() == 0 {
            return Ok(());
        }
        // A look that fails says nothing about the create.
        if let Ok(Some((place, id, _))) = self.named(cx, entry).await {
            let rule = format!("is in use by {}", self.object(&id));
            return Err(Error::new(Kind::Duplicate, rule).on(self.name().to_owned()).at(place.to_string()));
        }
        Ok(())
    }

    /// Deletes in a dry run: whether the object is there can be seen without a write.
    pub(super) async fn rehearse_deletion(
        self,
        cx: &Cx<'_>,
        deleter: &dyn Delete,
        id: &RemoteId,
    ) -> Result<()> {
        let looked_up = {
            let _aside = cx.dry_run().map(DryRun::aside);
            self.fetch(cx, id).await
        };
        let on = |error: Error| error.on(self.object(id));
        let outcome = deleter.delete(cx, id).await.map_err(on)?;
        match (looked_up, outcome) {
            (Err(error), _) if error.kind() == Kind::NotFound => Err(error),
            (_, Deleted::Removed | Deleted::Deactivated) => Ok(()),
            (_, Deleted::Missing) => Err(on(Error::new(Kind::NotFound, "does not exist"))),
        }
    }

    /// Converts, and puts down what becomes of each value.
    pub(super) fn traced<T>(self, cx: &Cx<'_>, convert: impl FnOnce(&mut Trace) -> Result<T>) -> Result<T> {
        let mut trace = cx.trace();
        let converted = convert(&mut trace);
        cx.traced(self.name(), trace);
        converted
    }

    /// Tells the reader of a dry run's trace what no value says.
    pub(super) fn note(self, cx: &Cx<'_>, message: impl FnOnce() -> String) {
        let mut trace = cx.trace();
        trace.put(|| Step::note(&message()));
        cx.traced(self.name(), trace);
    }

    pub(super) fn trace_read(self, cx: &Cx<'_>, vendor: &Vendor, seen: &Resource) -> Result<()> {
        if cx.dry_run().is_none() {
            return Ok(());
        }
        let held = self.plan.read(vendor)?;
        self.traced(cx, |trace| self.plan.trace_read(vendor, &held, seen, trace))
    }

    pub(super) fn trace_lost(self, cx: &Cx<'_>, body: &Value, taken: &Resource) {
        let mut trace = cx.trace();
        self.plan.trace_lost(self.target.spec().table, body, taken, &mut trace);
        cx.traced(self.name(), trace);
    }

    /// What a PATCH named and no operation could keep.
    pub(super) fn trace_dropped(self, cx: &Cx<'_>, patch: &PatchRequest, dropped: &[String]) {
        if cx.dry_run().is_none() {
            return;
        }
        let mut trace = cx.trace();
        for path in dropped {
            let value =
                patch.operations.iter().find_map(|operation| match (&operation.path, &operation.value) {
                    (Some(own), value) => (own == path).then(|| value.clone()).flatten(),
                    (None, Some(value)) => value.get(path).cloned(),
                    (None, None) => None,
                });
            self.plan.trace_dropped(self.target.spec().table, path, value.unwrap_or_default(), &mut trace);
        }
        cx.traced(self.name(), trace);
    }
}
