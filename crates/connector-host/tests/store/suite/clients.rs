//! OAuth clients.

use connector_host::store::{Store, StoreError, hash_of_client_secret};

use crate::Fresh;

#[tokio::test]
async fn id_and_secret_are_random_and_only_the_secrets_hash_is_kept() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    let made = store.create_client("acme", "entra").await.unwrap();
    let other = store.create_client("acme", "okta").await.unwrap();
    let secret = made.secret.expose();
    assert_eq!(
        (made.client_id.len(), secret.len()),
        ("chc_".len() + 22, "chcs_".len() + 43),
        "128 and 256 bits"
    );
    assert!(made.client_id.starts_with("chc_") && secret.starts_with("chcs_"));
    for byte in made.client_id.bytes().chain(secret.bytes()) {
        assert!(byte.is_ascii_alphanumeric() || b"_-".contains(&byte), "{byte}");
    }
    assert!(made.client_id != other.client_id && secret != other.secret.expose());
    assert!(!format!("{made:?}").contains(secret));

    let kept = store.clients().await.unwrap();
    assert_eq!(kept.iter().map(|client| client.name.as_str()).collect::<Vec<_>>(), ["entra", "okta"]);
    assert_eq!(kept[0].client_id, made.client_id);
    assert_eq!(kept[0].secret_hash, hash_of_client_secret(secret));
    assert_eq!(kept[0].last_used_at, None);
}

#[tokio::test]
async fn names_are_unique_per_instance_and_every_change_is_counted() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(None)).await.unwrap();
    let start = store.changes().await.unwrap();
    store.create_client("acme", "entra").await.unwrap();
    let created = store.changes().await.unwrap();
    let again = store.create_client("acme", "entra").await.unwrap_err();
    assert!(matches!(again, StoreError::NameTaken("client")), "{again}");
    assert_eq!(store.changes().await.unwrap(), created, "nothing was done");
    store.create_client("other", "entra").await.unwrap();

    assert!(store.revoke_client("acme", "entra").await.unwrap());
    assert!(!store.revoke_client("acme", "entra").await.unwrap());
    assert!(start < created && created < store.changes().await.unwrap());
    let [left] = &store.clients().await.unwrap()[..] else { panic!("one client") };
    assert_eq!(left.instance, "other");

    store.clients_used(&[(left.client_id.clone(), 1_700_000_000)]).await.unwrap();
    assert_eq!(store.clients().await.unwrap()[0].last_used_at, Some(1_700_000_000));
}
