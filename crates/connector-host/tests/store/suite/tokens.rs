//! Tokens of SCIM clients.

use connector_host::store::{Store, StoreError};

use crate::Fresh;

#[tokio::test]
async fn a_token_is_kept_under_a_name_of_its_own() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    let token = store.create_token("acme", "entra").await.unwrap();
    let text = token.expose().strip_prefix("chs_").expect("the prefix that scanners look for");
    assert_eq!(text.len(), 43, "256 random bits");
    assert!(matches!(store.create_token("acme", "entra").await.err(), Some(StoreError::NameTaken("token"))));
    store.create_token("other", "entra").await.expect("another instance has names of its own");

    let before = store.changes().await.unwrap();
    let beside = Store::open_without_key(&fresh.config(None)).await.unwrap();
    assert!(beside.revoke_token("acme", "entra").await.unwrap());
    assert!(!beside.revoke_token("acme", "entra").await.unwrap(), "it is gone");
    assert!(store.changes().await.unwrap() > before, "others can see that something changed");
    let left: Vec<_> =
        store.tokens().await.unwrap().into_iter().map(|token| (token.instance, token.name)).collect();
    assert_eq!(left, [("other".to_owned(), "entra".to_owned())]);
}

#[tokio::test]
async fn the_last_use_is_noted_without_a_change_that_others_must_follow() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    store.create_token("acme", "entra").await.unwrap();
    let [token] = &store.tokens().await.unwrap()[..] else { panic!("one token") };
    assert_eq!(token.last_used_at, None);
    let before = store.changes().await.unwrap();
    store.tokens_used(&[(token.hash, 1_700_000_000)]).await.unwrap();
    assert_eq!(store.tokens().await.unwrap()[0].last_used_at, Some(1_700_000_000));
    assert_eq!(store.changes().await.unwrap(), before);
}
