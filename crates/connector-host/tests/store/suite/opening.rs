//! Created and migrated once, opened by one key alone.

use connector_host::store::{Store, StoreError};

use super::key;
use crate::Fresh;

#[tokio::test]
async fn two_processes_may_create_it_at_once() {
    let fresh = Fresh::new().await;
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let config = fresh.config(Some(key(1)));
            tokio::spawn(async move { Store::open(&config).await.map(drop) })
        })
        .collect();
    for opened in opened {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_wrong_or_missing_key_is_found_at_start_and_named() {
    let fresh = Fresh::new().await;
    let open = async |key| Store::open(&fresh.config(key)).await;
    open(None).await.expect("nothing is sealed yet").close().await;
    open(Some(key(1))).await.expect("the first key is taken").close().await;
    open(Some(key(1))).await.expect("and opens from then on").ready().await.unwrap();
    let wrong = open(Some(key(2))).await.err().unwrap();
    assert!(matches!(wrong, StoreError::WrongKey { .. }) && wrong.is_configuration(), "{wrong}");
    assert!(wrong.to_string().contains("it was sealed with the key of id "), "{wrong}");
    let missing = open(None).await.err().unwrap();
    assert!(matches!(missing, StoreError::NoKey { .. }) && missing.is_configuration(), "{missing}");
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_left_alone() {
    let fresh = Fresh::new().await;
    Store::open(&fresh.config(None)).await.unwrap().close().await;
    fresh.tamper("UPDATE schema_version SET version = 99").await;
    let error = Store::open(&fresh.config(None)).await.err().unwrap();
    assert!(error.to_string().starts_with("the store has version 99, this program knows "), "{error}");
}
