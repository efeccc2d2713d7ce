//! One SQLite file: who may use it at once, and new keys for it.

use std::process::Output;

use connector_host_tests::World;

use crate::world;

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_second_serve_on_one_file_is_refused_commands_are_not_and_sigkill_frees_it() {
    let World { host, scim, slack: _slack, .. } = world().await;
    let second = host.run(&["serve"]).await;
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(stderr(&second).contains("another process serves from this SQLite file"), "{}", stderr(&second));
    scim.get("/Users?count=1").await.ok(200);
    let token = host.token("acme", "beside").await;
    host.client("acme", &token).get("/Users?count=1").await.ok(200);
    let host = host.killed().await;
    host.client("acme", &token).get("/Users?count=1").await.ok(200);
}

#[tokio::test]
async fn keys_are_rotated_beside_the_running_service() {
    let World { mut host, slack: _slack, .. } = world().await;
    let key = String::from_utf8(host.run(&["key", "generate"]).await.stdout).unwrap();
    let new = format!("encryption_key = \"{}\"", key.trim());
    let mut old = String::new();
    host.reconfigure(|config| {
        let line = config.lines().find(|line| line.starts_with("encryption_key = ")).expect("a key");
        old = line.strip_prefix("encryption_key = ").unwrap().to_owned();
        config.replace(line, &format!("{new}\nprevious_encryption_keys = [{old}]"))
    });
    let early = host.run(&["key", "rotate"]).await;
    assert_eq!(early.status.code(), Some(1), "{early:?}");
    assert!(stderr(&early).starts_with("a running service seals with the key of id "), "{}", stderr(&early));

    host = host.killed().await;
    let rotated = host.run(&["key", "rotate"]).await;
    assert!(rotated.status.success(), "{rotated:?}");
    assert!(rotated.stdout.is_empty() && stderr(&rotated).contains("may be emptied"), "{rotated:?}");
    host.reconfigure(|config| config.replace(&format!("\nprevious_encryption_keys = [{old}]"), ""));
    host = host.killed().await;

    host.reconfigure(|config| config.replace(&new, &format!("encryption_key = {old}")));
    let gone = host.run(&["key", "rotate"]).await;
    assert_eq!(gone.status.code(), Some(2), "{gone:?}");
    assert!(stderr(&gone).starts_with("store.encryption_key does not open this store"), "{}", stderr(&gone));
    assert!(!host.log().contains(key.trim()), "a key is in the log");
}
