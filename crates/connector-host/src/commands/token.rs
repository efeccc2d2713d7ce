//! `token create`, `token list`, `token revoke`: beside a running service, on the same store.

use super::{
    named::{self, Row},
    print,
};
use crate::{
    cli::{Failure, Listed, Named, Token},
    config::{Sources, StoreView},
    store::Store,
};

pub(super) fn run(sources: &Sources, command: Token) -> Result<(), Failure> {
    named::with_store(sources, async |store, view| match command {
        Token::Create(named) => create(store, view, named).await,
        Token::List(listed) => list(store, view, listed).await,
        Token::Revoke(named) => {
            let removed = store.revoke_token(&named.instance, &named.name).await.map_err(Failure::failed)?;
            named::revoked(store, "token", &named, removed).await
        }
    })
}

async fn create(store: &Store, view: &StoreView, named: Named) -> Result<(), Failure> {
    named::may_be_made(view, &named)?;
    let token = store.create_token(&named.instance, &named.name).await;
    let token = token.map_err(|error| named::not_made("token", &named, error))?;
    print(&format!("{}\n", token.expose()))?;
    named::record(store, &named, "token.created").await
}

async fn list(store: &Store, view: &StoreView, listed: Listed) -> Result<(), Failure> {
    let tokens = store.tokens().await.map_err(Failure::failed)?.into_iter();
    let rows = tokens.map(|token| Row {
        instance: token.instance,
        name: token.name,
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        more: None,
    });
    named::list("token", view, &listed, rows.collect())
}
