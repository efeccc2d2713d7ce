//! `client create`, `client list`, `client revoke`: OAuth clients for `POST /oauth/token`.

use serde_json::json;

use super::{
    named::{self, Row},
    print,
};
use crate::{
    auth::TOKEN_PATH,
    cli::{Client, Failure, Listed, Named},
    config::{Sources, StoreView},
    store::Store,
};

pub(super) fn run(sources: &Sources, command: Client) -> Result<(), Failure> {
    named::with_store(sources, async |store, view| match command {
        Client::Create(named) => create(store, view, named).await,
        Client::List(listed) => list(store, view, listed).await,
        Client::Revoke(named) => {
            let removed = store.revoke_client(&named.instance, &named.name).await.map_err(Failure::failed)?;
            named::revoked(store, "client", &named, removed).await
        }
    })
}

async fn create(store: &Store, view: &StoreView, named: Named) -> Result<(), Failure> {
    named::may_be_made(view, &named)?;
    if !view.has_key {
        return Err(Failure::usage(
            "store.encryption_key is missing, which seals the access tokens of OAuth clients; configure one \
             (connector-host key generate), or make a token that needs none (connector-host token create)",
        ));
    }
    let Some(base_url) = &view.base_url else {
        return Err(Failure::usage(
            "[server] has mistakes, so the token_url is not known; see `connector-host check`",
        ));
    };
    let client = store.create_client(&named.instance, &named.name).await;
    let client = client.map_err(|error| named::not_made("client", &named, error))?;
    let shown = json!({
        "client_id": client.client_id,
        "client_secret": client.secret.expose(),
        "token_url": format!("{base_url}{TOKEN_PATH}"),
    });
    print(&format!("{shown}\n"))?;
    named::record(store, &named, "client.created").await
}

async fn list(store: &Store, view: &StoreView, listed: Listed) -> Result<(), Failure> {
    let clients = store.clients().await.map_err(Failure::failed)?.into_iter();
    let rows = clients.map(|client| Row {
        instance: client.instance,
        name: client.name,
        created_at: client.created_at,
        last_used_at: client.last_used_at,
        more: Some(("client_id", client.client_id)),
    });
    named::list("client", view, &listed, rows.collect())
}
