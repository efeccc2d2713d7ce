//! What `token` and `client` have in common: things with a name in an instance, in the store beside a running service.

use super::{columns, print, small_runtime};
use crate::{
    cli::{Failure, Listed, Named},
    config::{Sources, StoreView, problem::did_you_mean},
    store::{Store, StoreError},
    time::utc,
};

/// Opens the store for one command and closes it again. No secret is read, and none is needed.
pub(super) fn with_store(
    sources: &Sources,
    work: impl AsyncFnOnce(&Store, &StoreView) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let view = StoreView::load(sources).map_err(Failure::usage)?;
    small_runtime()?.block_on(async {
        let store = Store::open_without_key(&view.store).await.map_err(Failure::failed)?;
        let result = work(&store, &view).await;
        store.close().await;
        result
    })
}

/// Whether something of this name may be made.
pub(super) fn may_be_made(view: &StoreView, named: &Named) -> Result<(), Failure> {
    must_exist(view, &named.instance)?;
    if named.name.trim().is_empty() || named.name.len() > 200 || named.name.chars().any(char::is_control) {
        return Err(Failure::usage("--name must be one line of at most 200 characters"));
    }
    Ok(())
}

/// Why a `what` was not made, with the command that makes place for it.
pub(super) fn not_made(what: &str, named: &Named, error: StoreError) -> Failure {
    match error {
        StoreError::NameTaken(_) => Failure::failed(format!(
            "{error} (connector-host {what} revoke {} --name {:?})",
            named.instance, named.name
        )),
        error => Failure::failed(error),
    }
}

/// Records what a command did. It is done all the same when this fails, so its result is printed first.
pub(super) async fn record(store: &Store, named: &Named, action: &str) -> Result<(), Failure> {
    store
        .record_audit(&named.instance, "cli", action, &named.name)
        .await
        .map_err(|error| Failure::failed(format!("it is done, but the audit has no event of it: {error}")))
}

/// Says that a `what` is revoked, or that there was none. An instance that is no longer configured may still have some.
pub(super) async fn revoked(store: &Store, what: &str, named: &Named, removed: bool) -> Result<(), Failure> {
    if !removed {
        return Err(Failure::failed(format!(
            "{} has no {what} named {:?}; see `connector-host {what} list`",
            named.instance, named.name
        )));
    }
    eprintln!("revoked; a running service refuses it within a second");
    record(store, named, &format!("{what}.revoked")).await
}

/// One line of a list.
pub(super) struct Row {
    pub(super) instance: String,
    pub(super) name: String,
    /// Seconds since 1970.
    pub(super) created_at: i64,
    /// The same.
    pub(super) last_used_at: Option<i64>,
    /// A further member, printed before the times.
    pub(super) more: Option<(&'static str, String)>,
}

impl Row {
    fn json(&self) -> serde_json::Value {
        let mut row = serde_json::Map::new();
        row.insert("instance".into(), self.instance.as_str().into());
        row.insert("name".into(), self.name.as_str().into());
        if let Some((name, value)) = &self.more {
            row.insert((*name).into(), value.as_str().into());
        }
        row.insert("created_at".into(), utc(self.created_at).into());
        row.insert("last_used_at".into(), self.last_used_at.map(utc).into());
        row.into()
    }
}

/// Prints the rows that are asked for.
pub(super) fn list(what: &str, view: &StoreView, listed: &Listed, mut rows: Vec<Row>) -> Result<(), Failure> {
    if let Some(instance) = &listed.instance {
        rows.retain(|row| row.instance == *instance);
        if rows.is_empty() {
            must_exist(view, instance)?;
        }
    }
    if listed.json {
        let rows: Vec<_> = rows.iter().map(Row::json).collect();
        return print(&format!("{}\n", serde_json::Value::from(rows)));
    }
    if rows.is_empty() {
        eprintln!("no {what}s; make one with `connector-host {what} create INSTANCE --name NAME`");
        return Ok(());
    }
    let more = rows[0].more.as_ref().map(|(name, _)| name.to_ascii_uppercase().replace('_', " "));
    let line = |instance: String, name: String, more: Option<String>, created: String, used: String| {
        [Some(instance), Some(name), more, Some(created), Some(used)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    let head = line("INSTANCE".into(), "NAME".into(), more, "CREATED".into(), "LAST USED".into());
    let lines = rows.into_iter().map(|row| {
        let used = row.last_used_at.map_or_else(|| "never".to_owned(), utc);
        line(row.instance, row.name, row.more.map(|(_, value)| value), utc(row.created_at), used)
    });
    print(&columns(&std::iter::once(head).chain(lines).collect::<Vec<_>>()))
}

fn must_exist(view: &StoreView, instance: &str) -> Result<(), Failure> {
    if view.instances.iter().any(|known| known == instance) {
        return Ok(());
    }
    let known = did_you_mean(instance, view.instances.iter().map(String::as_str));
    Err(Failure::usage(format!("no instance {instance:?} is configured; {known}")))
}
