//! Changing membership: in calls of the target's size, and with others that wait for the same group.

use super::{Endpoint, turn::Turn};
use crate::{
    connector::{MemberChange, RemoteId},
    error::{Error, Kind, Result},
    http::Cx,
    scim::{PatchRequest, Resource},
};

impl<'a> Endpoint<'a> {
    /// Waits until earlier writes to this object have ended.
    pub(super) async fn turn(self, cx: &Cx<'_>, id: &RemoteId) -> Result<Turn<'a>> {
        let turn = self.instance.turns.take(self.index, id.as_str(), cx.limit()).await;
        turn.map_err(|error| error.on(self.object(id)))
    }

    /// Changes membership alone. Requests for the same group that wait together are made together: one read, one change.
    /// Returns the group in a dry run alone, which is made with nobody else's.
    pub(super) async fn modify_members(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        patch: &PatchRequest,
    ) -> Result<Option<Resource>> {
        if cx.dry_run().is_some() {
            let _turn = self.turn(cx, id).await?;
            return self.make_members(cx, id, &[patch]).await.map(|(group, _)| Some(group));
        }
        self.join_members(cx, id, patch).await.map(|()| None)
    }

    async fn join_members(self, cx: &Cx<'_>, id: &RemoteId, patch: &PatchRequest) -> Result<()> {
        let mut outcome = self.instance.turns.join(self.index, id.as_str(), patch.clone());
        let turn = tokio::select! {
            biased;
            made = &mut outcome => return made.unwrap_or_else(|_| Err(broken_off())),
            turn = self.turn(cx, id) => turn?,
        };
        let waiting = turn.waiting();
        let outcomes = self.make_together(cx, id, waiting.iter().map(|waiting| &waiting.patch)).await;
        for (waiting, made) in waiting.into_iter().zip(outcomes) {
            // Whoever gave up meanwhile does not hear of it.
            let _ = waiting.done.send(made);
        }
        outcome.await.unwrap_or_else(|_| Err(broken_off()))
    }

    /// Makes these changes of one group's membership in one, each judged for itself. When the target refuses them together,
    /// each is made alone, so that one bad member spoils nobody else's change.
    async fn make_together<'p>(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        patches: impl Iterator<Item = &'p PatchRequest>,
    ) -> Vec<Result<()>> {
        let patches: Vec<_> = patches.collect();
        let alone = async |patch| self.make_members(cx, id, &[patch]).await.map(|_| ());
        if let [patch] = patches[..] {
            return vec![alone(patch).await];
        }
        if let Ok((_, judged)) = self.make_members(cx, id, &patches).await {
            return judged;
        }
        let mut outcomes = Vec::with_capacity(patches.len());
        for patch in patches {
            outcomes.push(alone(patch).await);
        }
        outcomes
    }

    /// One read, one change. The outer error is the target's; of several patches each may be refused for itself. The group
    /// is told as it was read, but in a dry run.
    async fn make_members(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        patches: &[&PatchRequest],
    ) -> Result<(Resource, Vec<Result<()>>)> {
        let loaded = self.load(cx, id).await?;
        let (rules, rtype) = (self.instance.patch_rules, self.plan.resource_type());
        let mut after = loaded.seen.clone();
        let mut judged = Vec::with_capacity(patches.len());
        for patch in patches {
            judged.push(match patch.apply(&after, rtype, rules) {
                Ok((next, dropped)) => {
                    self.log_dropped(cx, &dropped);
                    self.trace_dropped(cx, patch, &dropped);
                    after = next;
                    Ok(())
                }
                Err(error) if patches.len() == 1 => return Err(error),
                refused => refused.map(|_| ()),
            });
        }
        self.plan.yield_filled(&loaded.held, &mut after);
        let named: Vec<String> = patches.iter().flat_map(|patch| patch.removed("members", rtype)).collect();
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let applied = self.apply(cx, id, &loaded, &after, &named, false).await?;
        let group = self.settle_memory(cx, id, loaded, &after, applied).await?;
        Ok((group, judged))
    }

    /// Refuses membership that a body names where it can be read alone, before anything is sent: ignored in silence it would
    /// look as if it had been changed. `current`: the object that is replaced.
    pub(super) fn refuse_members(self, named: Option<&[String]>, current: Option<&Resource>) -> Result<()> {
        let mut held: Vec<&str> = current.map(|group| group.group().members().collect()).unwrap_or_default();
        held.sort_unstable();
        match named {
            Some(named) if *named != held => Err(self.members_are_read_only()),
            _ => Ok(()),
        }
    }

    /// Refuses a PATCH of membership that can be read alone, before anything is sent.
    pub(super) fn refuse_member_patch(self, patch: &PatchRequest) -> Result<()> {
        if self.plan.has_read_only_members() && patch.touches("members", self.plan.resource_type()) {
            return Err(self.members_are_read_only());
        }
        Ok(())
    }

    fn members_are_read_only(self) -> Error {
        let rule = "can only be read in this target: membership is not changed through groups";
        Error::new(Kind::Mutability, rule).on(self.name().to_owned()).at("members")
    }

    /// Changes membership in calls of the size the target takes.
    pub(super) async fn change_members(
        self,
        cx: &Cx<'_>,
        id: &RemoteId,
        change: &MemberChange,
    ) -> Result<()> {
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

fn broken_off() -> Error {
    Error::new(Kind::Internal, "the change was to be made with another one, which broke off")
}
