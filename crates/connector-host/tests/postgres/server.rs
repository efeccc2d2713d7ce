//! A server that refuses, and what is said about it.

use connector_core::secret::Secret;
use connector_host::{
    config::StoreUrl,
    store::{ConsentKind, Store},
};

use crate::{Fresh, suite::key};

#[tokio::test]
async fn a_failure_names_the_reason_and_never_the_password() {
    let fresh = Fresh::new().await;
    let mut config = fresh.config(None);
    for (url, reason) in [
        (fresh.0.url_with_password("not-that"), "password authentication failed for user \"host\""),
        (fresh.0.url().replace("postgres:///test_", "postgres:///no_"), "does not exist"),
        ("postgres://host:not-that@127.0.0.1:1/db".to_owned(), "Connection refused"),
    ] {
        config.url = StoreUrl::Postgres(Secret::new(url));
        let error = Store::open(&config).await.err().unwrap();
        let shown = format!("{error} {error:?} {config:?}");
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!shown.contains("not-that") && !shown.contains(crate::postgres::PASSWORD), "{shown}");
    }
}

#[tokio::test]
async fn nothing_secret_is_in_any_table() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    let token = store.create_token("acme", "entra").await.unwrap();
    let client = store.create_client("acme", "okta").await.unwrap();
    store.put_credential("acme", None, b"xoxp-access-and-refresh").await.unwrap();
    store
        .put_consent_state(ConsentKind::State, "state-of-browser", "acme", 600, b"pkce-verifier")
        .await
        .unwrap();
    let tables = fresh.0.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    // Bytes as text, so that they are found in both.
    let all: String = tables
        .lines()
        .map(|table| fresh.0.psql(&format!("SET bytea_output = 'escape'; SELECT t::text FROM {table} t")))
        .collect();
    assert!(all.contains(&client.client_id), "what is no secret is found this way");
    let secrets = [token.expose(), client.secret.expose(), "xoxp", "state-of-browser", "pkce-verifier"];
    for secret in secrets {
        assert!(!all.contains(secret), "{secret} is in a table");
    }
}
