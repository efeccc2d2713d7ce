//! The SQLite file: private, and nothing secret in it.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use connector_host::store::{ConsentKind, Store};

use super::{Fresh, suite::key};

#[tokio::test]
async fn it_is_created_on_first_start_and_nobody_else_reads_it() {
    let fresh = Fresh::new().await;
    let config = fresh.config(None);
    let store = Store::open(&config).await.unwrap();
    store.create_token("acme", "entra").await.unwrap();
    let mut found = 0;
    for entry in std::fs::read_dir(fresh.0.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        found += 1;
    }
    assert_eq!(found, 3, "the file, its -wal and its -shm");
    store.close().await;

    // A file that others could read is private after the next start.
    std::fs::set_permissions(fresh.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&config).await.unwrap();
    assert_eq!(std::fs::metadata(fresh.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(store.tokens().await.unwrap().len(), 1, "what was kept is still there");
}

#[tokio::test]
async fn nothing_secret_is_in_the_file_or_beside_it() {
    let fresh = Fresh::new().await;
    let store = Store::open(&fresh.config(Some(key(1)))).await.unwrap();
    let token = store.create_token("acme", "entra").await.unwrap();
    let client = store.create_client("acme", "okta").await.unwrap();
    store.put_credential("acme", None, b"xoxp-access-and-refresh").await.unwrap();
    store
        .put_consent_state(ConsentKind::State, "state-of-browser", "acme", 600, b"pkce-verifier")
        .await
        .unwrap();
    let secrets: &[&[u8]] = &[
        token.expose().as_bytes(),
        client.secret.expose().as_bytes(),
        b"xoxp-access-and-refresh",
        b"state-of-browser",
        b"pkce-verifier",
    ];
    // While it runs, most is in the WAL; after that, in the file.
    let seen = |directory: &Path| {
        let read = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read(entry.unwrap().path()).unwrap();
        std::fs::read_dir(directory).unwrap().map(read).collect::<Vec<_>>().concat()
    };
    let running = seen(fresh.0.path());
    store.close().await;
    for bytes in [running, seen(fresh.0.path())] {
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
        assert!(holds(client.client_id.as_bytes()), "what is no secret is found this way");
        for secret in secrets {
            assert!(!holds(secret), "{} is on disk", String::from_utf8_lossy(secret));
        }
    }
}
