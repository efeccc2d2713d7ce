//! The store: private, migrated, opened by one key alone, shared between processes.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use connector_host::{
    config::{Key32, StoreConfig},
    store::{Store, StoreError},
};

fn config(directory: &Path, encryption_key: Option<Key32>) -> StoreConfig {
    StoreConfig { path: directory.join("store.db"), encryption_key }
}

fn key(first: u8) -> Key32 {
    let mut text = String::from_utf8(vec![b'A'; 43]).unwrap();
    text.replace_range(0..1, &char::from(b'A' + first).to_string());
    Key32::parse(&format!("{text}=")).unwrap()
}

#[tokio::test]
async fn it_is_created_on_first_start_and_nobody_else_reads_it() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), None);
    let store = Store::open(&config).await.unwrap();
    store.create_token("acme", "entra").await.unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        found += 1;
    }
    assert_eq!(found, 3, "the file, its -wal and its -shm");
    store.close().await;

    // A file that others could read is private after the next start.
    std::fs::set_permissions(&config.path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&config).await.unwrap();
    assert_eq!(std::fs::metadata(&config.path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(store.tokens().await.unwrap().len(), 1, "what was kept is still there");
}

#[tokio::test]
async fn two_processes_may_create_it_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), Some(key(1)));
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let config = config.clone();
            tokio::spawn(async move { Store::open(&config).await.map(drop) })
        })
        .collect();
    for opened in opened {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_wrong_or_missing_key_is_found_at_start_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let open = async |key| Store::open(&config(directory.path(), key)).await;
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
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), None);
    Store::open(&config).await.unwrap().close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&config.path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("UPDATE schema_version SET version = 99").execute(&pool).await.unwrap();
    pool.close().await;
    let error = Store::open(&config).await.err().unwrap();
    assert!(error.to_string().starts_with("the store has version 99, this program knows "), "{error}");
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash_under_a_name_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path(), None);
    let store = Store::open(&config).await.unwrap();
    let token = store.create_token("acme", "entra").await.unwrap();
    let text = token.expose().strip_prefix("chs_").expect("the prefix that scanners look for");
    assert_eq!(text.len(), 43, "256 random bits");
    assert!(matches!(store.create_token("acme", "entra").await.err(), Some(StoreError::NameTaken)));
    store.create_token("other", "entra").await.expect("another instance has names of its own");

    let before = store.changes().await.unwrap();
    let beside = Store::open_without_key(&config).await.unwrap();
    assert!(beside.revoke_token("acme", "entra").await.unwrap());
    assert!(!beside.revoke_token("acme", "entra").await.unwrap(), "it is gone");
    assert!(store.changes().await.unwrap() > before, "others can see that something changed");
    let left: Vec<_> =
        store.tokens().await.unwrap().into_iter().map(|token| (token.instance, token.name)).collect();
    assert_eq!(left, [("other".to_owned(), "entra".to_owned())]);
    store.close().await;
    beside.close().await;

    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(
            !bytes.windows(text.len()).any(|window| window == text.as_bytes()),
            "the token itself is on disk"
        );
    }
}
