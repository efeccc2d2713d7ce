//! Consents under way.

use connector_host::store::{
    ConsentKind::{State, Ticket},
    Store, StoreError,
};

use super::key;
use crate::Fresh;

#[tokio::test]
async fn a_state_is_used_once_by_whoever_brings_the_secret_in_time() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_consent_state(State, "s3cret", "acme", 600, b"verifier").await.unwrap();
    assert!(store.take_consent_state(State, "another").await.unwrap().is_none());
    assert!(store.take_consent_state(Ticket, "s3cret").await.unwrap().is_none(), "a state is no ticket");
    let (instance, plain) = store.take_consent_state(State, "s3cret").await.unwrap().expect("it is kept");
    assert_eq!((instance.as_str(), plain.as_slice()), ("acme", &b"verifier"[..]));
    assert!(store.take_consent_state(State, "s3cret").await.unwrap().is_none(), "it is used up");

    store.put_consent_state(State, "late", "acme", 0, b"verifier").await.unwrap();
    assert!(store.peek_consent_state(State, "late").await.unwrap().is_none(), "its time has run out");
    assert!(store.take_consent_state(State, "late").await.unwrap().is_none());
}

#[tokio::test]
async fn of_many_that_bring_the_same_state_one_gets_it() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_consent_state(State, "s3cret", "acme", 600, b"verifier").await.unwrap();
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.take_consent_state(State, "s3cret").await.unwrap().is_some() })
        })
        .collect();
    let mut taken = 0;
    for taker in takers {
        taken += usize::from(taker.await.unwrap());
    }
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn a_ticket_may_be_looked_at_before_it_is_used() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_consent_state(Ticket, "t1cket", "acme", 600, b"").await.unwrap();
    for _ in 0..2 {
        let (instance, plain) = store.peek_consent_state(Ticket, "t1cket").await.unwrap().unwrap();
        assert_eq!((instance.as_str(), plain.len()), ("acme", 0));
    }
    assert!(store.take_consent_state(Ticket, "t1cket").await.unwrap().is_some());
    assert!(store.peek_consent_state(Ticket, "t1cket").await.unwrap().is_none());
}

#[tokio::test]
async fn a_record_put_in_anothers_place_does_not_open() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    store.put_consent_state(State, "mine", "acme", 600, b"mine").await.unwrap();
    store.put_consent_state(State, "yours", "other", 600, b"yours").await.unwrap();
    fresh.tamper("UPDATE consent_states SET instance = 'acme' WHERE instance = 'other'").await;
    let moved = store.take_consent_state(State, "yours").await.unwrap_err();
    assert!(matches!(moved, StoreError::WrongKey { .. }), "{moved}");
}

#[tokio::test]
async fn without_a_key_nothing_is_kept() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    let error = store.put_consent_state(State, "s", "acme", 600, b"x").await.unwrap_err();
    assert!(matches!(error, StoreError::NeedsKey), "{error}");
}
