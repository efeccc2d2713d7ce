//! Key rotation.

use connector_host::{
    config::{Key32, StoreConfig},
    store::{ConsentKind::State, Store, StoreError},
};

use super::key;
use crate::Fresh;

fn config(fresh: &Fresh, encryption_key: Key32, previous: &[Key32]) -> StoreConfig {
    StoreConfig { previous_encryption_keys: previous.to_vec(), ..fresh.config(Some(encryption_key)) }
}

async fn filled(fresh: &Fresh) -> Store {
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    for number in 0..250 {
        store.put_credential(&format!("instance-{number}"), None, b"xoxp").await.unwrap();
    }
    store.put_consent_state(State, "s3cret", "acme", 600, b"verifier").await.unwrap();
    store
}

#[tokio::test]
async fn after_a_rotation_the_new_key_alone_opens_everything() {
    let fresh = Fresh::new().await;
    let before = filled(&fresh).await.credential("instance-7").await.unwrap().unwrap();
    let rotating = config(&fresh, key(2), &[key(1)]);
    let store = Store::open(&rotating).await.unwrap();
    let done = store.rotate(&rotating).await.unwrap();
    assert_eq!(done.records, 251);
    assert_eq!(store.rotate(&rotating).await.unwrap().records, 0, "nothing is left to do");

    let store = Store::open(&config(&fresh, key(2), &[])).await.unwrap();
    for number in 0..250 {
        let record = store.credential(&format!("instance-{number}")).await.unwrap().unwrap();
        assert_eq!(record.plain.as_slice(), b"xoxp");
    }
    let after = store.credential("instance-7").await.unwrap().unwrap();
    assert_eq!(
        (after.version, after.changed_at),
        (before.version, before.changed_at),
        "to its user it is the same"
    );
    assert_eq!(store.take_consent_state(State, "s3cret").await.unwrap().unwrap().1.as_slice(), b"verifier");
    let old = Store::open(&config(&fresh, key(1), &[])).await.err().unwrap();
    assert!(matches!(&old, StoreError::WrongKey { sealed_by } if *sealed_by == done.key_id), "{old}");
}

#[tokio::test]
async fn new_records_are_sealed_with_the_new_key_before_the_old_ones_are() {
    let fresh = Fresh::new().await;
    filled(&fresh).await;
    let both = Store::open(&config(&fresh, key(2), &[key(3), key(1)])).await.unwrap();
    assert_eq!(both.credential("instance-0").await.unwrap().unwrap().plain.as_slice(), b"xoxp");
    both.put_credential("instance-0", None, b"new").await.unwrap();
    // Neither key alone opens what is there now, and the start says which one lacks.
    for alone in [1, 2] {
        let error = Store::open(&fresh.config(Some(key(alone)))).await.err().unwrap();
        assert!(matches!(error, StoreError::WrongKey { .. }) && error.is_configuration(), "{error}");
    }
}

#[tokio::test]
async fn what_changes_meanwhile_is_not_set_back() {
    let fresh = Fresh::new().await;
    filled(&fresh).await;
    let rotating = config(&fresh, key(2), &[key(1)]);
    let (one, two) = (Store::open(&rotating).await.unwrap(), Store::open(&rotating).await.unwrap());
    let service = Store::open(&rotating).await.unwrap();
    let writes = async {
        for number in 0..250 {
            let name = format!("instance-{}", 249 - number);
            let version = service.credential(&name).await.unwrap().unwrap().version;
            assert!(
                service.put_credential(&name, Some(version), b"refreshed").await.unwrap().is_some(),
                "{name}"
            );
        }
    };
    let (first, second, ()) = tokio::join!(one.rotate(&rotating), two.rotate(&rotating), writes);
    assert!(first.unwrap().records + second.unwrap().records <= 251, "nothing is sealed again twice");
    let store = Store::open(&config(&fresh, key(2), &[])).await.unwrap();
    for number in 0..250 {
        let record = store.credential(&format!("instance-{number}")).await.unwrap().unwrap();
        assert_eq!(record.plain.as_slice(), b"refreshed", "instance-{number}");
    }
}

#[tokio::test]
async fn a_record_that_does_not_open_ends_the_rotation_and_the_old_key_stays_needed() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_credential("acme", None, b"xoxp").await.unwrap();
    fresh.tamper("UPDATE credentials SET instance = 'other'").await;
    let rotating = config(&fresh, key(2), &[key(1)]);
    let error = Store::open(&rotating).await.unwrap().rotate(&rotating).await.unwrap_err();
    assert!(
        error.to_string().starts_with("a record in credentials does not open with the key of id "),
        "{error}"
    );
    assert!(Store::open(&fresh.config(Some(key(2)))).await.is_err());
}
