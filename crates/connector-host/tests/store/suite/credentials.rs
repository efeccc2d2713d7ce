//! Credentials of targets.

use connector_host::store::{Lease, Store, StoreError};

use super::key;
use crate::Fresh;

const ONE: [u8; 16] = [1; 16];
const TWO: [u8; 16] = [2; 16];

async fn plain(store: &Store, instance: &str) -> Option<String> {
    let record = store.credential(instance).await.unwrap()?;
    Some(String::from_utf8(record.plain.to_vec()).unwrap())
}

#[tokio::test]
async fn a_credential_is_replaced_only_where_the_expected_version_is() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    assert!(store.credential("acme").await.unwrap().is_none());
    assert_eq!(store.put_credential("acme", Some(1), b"never").await.unwrap(), None, "there is none yet");

    let first = store.put_credential("acme", None, b"first").await.unwrap().unwrap();
    let second = store.put_credential("acme", Some(first), b"second").await.unwrap().unwrap();
    assert!(first < second);
    assert_eq!(store.put_credential("acme", Some(first), b"late").await.unwrap(), None);
    assert_eq!(plain(&store, "acme").await.as_deref(), Some("second"));
    assert_eq!(store.credential("acme").await.unwrap().unwrap().version, second);

    store.put_credential("other", None, b"of another").await.unwrap();
    assert_eq!(plain(&store, "acme").await.as_deref(), Some("second"), "instances do not mix");
    let overwritten = store.put_credential("acme", None, b"consented again").await.unwrap().unwrap();
    assert!(second < overwritten);
}

#[tokio::test]
async fn followers_see_every_change_even_a_credential_that_came_back() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    let before = store.changes().await.unwrap();
    let first = store.put_credential("acme", None, b"a").await.unwrap().unwrap();
    let put = store.changes().await.unwrap();
    assert!(before < put);
    assert_eq!(store.credential_versions().await.unwrap(), [("acme".to_owned(), first)]);
    assert!(store.forget_credential("acme").await.unwrap());
    assert!(!store.forget_credential("acme").await.unwrap(), "it is gone");
    assert!(put < store.changes().await.unwrap());
    assert_eq!(store.credential_versions().await.unwrap(), []);
    assert!(store.put_credential("acme", None, b"a").await.unwrap().unwrap() > first);
}

#[tokio::test]
async fn one_process_at_a_time_may_refresh_a_version() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    let version = store.put_credential("acme", None, b"a").await.unwrap().unwrap();
    let lease = async |version, owner, now| {
        store.lease_credential("acme", version, owner, now, now + 30).await.unwrap()
    };
    assert!(!lease(version + 1, &ONE, 100).await, "another version");
    assert!(lease(version, &ONE, 100).await);
    assert!(!lease(version, &TWO, 110).await, "it is taken");
    assert!(lease(version, &ONE, 120).await, "its owner may renew it");
    let held = store.credential("acme").await.unwrap().unwrap().lease;
    assert_eq!(held, Some(Lease { owner: ONE, until: 150 }));
    assert!(!lease(version, &TWO, 149).await);
    assert!(lease(version, &TWO, 150).await, "it ran out: its owner may be gone");

    store.release_credential("acme", &ONE).await.unwrap();
    assert!(!lease(version, &ONE, 151).await, "nobody gives another's lease back");
    store.release_credential("acme", &TWO).await.unwrap();
    assert!(lease(version, &ONE, 152).await);

    let next = store.put_credential("acme", Some(version), b"b").await.unwrap().unwrap();
    assert_eq!(store.credential("acme").await.unwrap().unwrap().lease, None, "a new version is free");
    assert!(lease(next, &TWO, 153).await);
}

#[tokio::test]
async fn a_record_put_in_another_instances_place_does_not_open() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_credential("acme", None, b"a").await.unwrap();
    fresh.tamper("UPDATE credentials SET instance = 'other'").await;
    let moved = store.credential("other").await.unwrap_err();
    assert!(matches!(moved, StoreError::WrongKey { .. }), "{moved}");
}

#[tokio::test]
async fn a_store_without_key_says_what_is_missing() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    let error = store.put_credential("acme", None, b"a").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a credential can only be kept with store.encryption_key; configure one (connector-host key generate)"
    );
    assert!(store.credential("acme").await.unwrap().is_none(), "where nothing is, nothing must be opened");
}

#[tokio::test]
async fn debug_shows_no_credential() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_credential("acme", None, b"xoxp").await.unwrap();
    let shown = format!("{:?}", store.credential("acme").await.unwrap());
    assert!(shown.contains("version") && !shown.contains("xoxp") && !shown.contains("120, 111"), "{shown}");
}
