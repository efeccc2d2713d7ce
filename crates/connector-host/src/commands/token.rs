//! `token create`, `token list`, `token revoke`: beside a running service, on the same store.

use serde_json::json;

use super::{columns, print, small_runtime, utc};
use crate::{
    cli::{Failure, Listed, Named, Token},
    config::{Sources, StoreView, problem::did_you_mean},
    store::{Store, StoreError, TokenRecord},
};

pub(super) fn run(sources: &Sources, command: Token) -> Result<(), Failure> {
    let view = StoreView::load(sources).map_err(Failure::usage)?;
    small_runtime()?.block_on(async {
        let result = async {
            let store = Store::open_without_key(&view.store).await.map_err(Failure::failed)?;
            let result = match command {
                Token::Create(named) => create(&store, &view, named).await,
                Token::List(listed) => list(&store, &view, listed).await,
                Token::Revoke(named) => revoke(&store, named).await,
            };
            store.close().await;
            result
        };
        result.await
    })
}

async fn create(store: &Store, view: &StoreView, named: Named) -> Result<(), Failure> {
    must_exist(view, &named.instance)?;
    if named.name.trim().is_empty() || named.name.len() > 200 || named.name.chars().any(char::is_control) {
        return Err(Failure::usage("--name must be one line of at most 200 characters"));
    }
    match store.create_token(&named.instance, &named.name).await {
        Ok(token) => print(&format!("{}\n", token.expose())),
        Err(error @ StoreError::NameTaken(_)) => Err(Failure::failed(format!(
            "{error} (connector-host token revoke {} --name {:?})",
            named.instance, named.name
        ))),
        Err(error) => Err(Failure::failed(error)),
    }
}

async fn list(store: &Store, view: &StoreView, listed: Listed) -> Result<(), Failure> {
    let mut tokens = store.tokens().await.map_err(Failure::failed)?;
    if let Some(instance) = &listed.instance {
        tokens.retain(|token| token.instance == *instance);
        if tokens.is_empty() {
            must_exist(view, instance)?;
        }
    }
    if listed.json {
        let rows: Vec<_> = tokens.iter().map(as_json).collect();
        return print(&format!("{}\n", serde_json::Value::from(rows)));
    }
    if tokens.is_empty() {
        eprintln!("no tokens; make one with `connector-host token create INSTANCE --name NAME`");
        return Ok(());
    }
    let mut rows = vec![["INSTANCE", "NAME", "CREATED", "LAST USED"].map(str::to_owned)];
    rows.extend(tokens.into_iter().map(|token| {
        let last_used = token.last_used_at.map_or_else(|| "never".to_owned(), utc);
        [token.instance, token.name, utc(token.created_at), last_used]
    }));
    print(&columns(&rows))
}

fn as_json(token: &TokenRecord) -> serde_json::Value {
    json!({
        "instance": token.instance,
        "name": token.name,
        "created_at": utc(token.created_at),
        "last_used_at": token.last_used_at.map(utc),
    })
}

/// An instance that is no longer configured may still have tokens to revoke.
async fn revoke(store: &Store, named: Named) -> Result<(), Failure> {
    if store.revoke_token(&named.instance, &named.name).await.map_err(Failure::failed)? {
        eprintln!("revoked; a running service refuses the token within a second");
        return Ok(());
    }
    Err(Failure::failed(format!(
        "{} has no token named {:?}; see `connector-host token list`",
        named.instance, named.name
    )))
}

fn must_exist(view: &StoreView, instance: &str) -> Result<(), Failure> {
    if view.instances.iter().any(|known| known == instance) {
        return Ok(());
    }
    let known = did_you_mean(instance, view.instances.iter().map(String::as_str));
    Err(Failure::usage(format!("no instance {instance:?} is configured; {known}")))
}
