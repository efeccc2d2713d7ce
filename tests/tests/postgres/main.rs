//! End to end on PostgreSQL: two real hosts on one database.
//!
//! `cargo test -p connector-host-tests --features postgres-tests --test postgres`

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use connector_host_tests::{
    Client, ConsentWorld, Host, PATIENCE, Setup,
    consent::{age, noticed},
    eventually, instance,
    postgres::{PASSWORD, Postgres, PostgresDatabase},
    stand_in, user,
};
use connector_sandbox::slack::Slack;
use serde_json::json;

/// Within this, what one host or a command did counts on the other host.
const SOON: Duration = Duration::from_secs(1);

fn binary() -> PathBuf {
    std::env::var_os("CONNECTOR_HOST_BIN")
        .map_or_else(|| env!("CARGO_BIN_EXE_connector-host-under-test").into(), PathBuf::from)
}

/// Two replicas of one service.
struct Replicas {
    database: PostgresDatabase,
    slack: Slack,
    one: Host,
    two: Host,
}

impl Replicas {
    async fn start() -> Self {
        let (database, slack) = (Postgres::shared().database(), stand_in().await);
        let config = config(&slack);
        let (one, two) = tokio::join!(replica(&database, &config), replica(&database, &config));
        Self { database, slack, one, two }
    }

    /// A SCIM client of each, with one token.
    async fn clients(&self) -> [Client; 2] {
        let token = self.one.token("acme", "e2e").await;
        [self.one.client("acme", &token), self.two.client("acme", &token)]
    }
}

/// Every replica has the same one.
fn config(slack: &Slack) -> String {
    format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://scim.acme.example\"\n[store]\nurl = {{ file = \"url\" }}\n\
         encryption_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n\
         [outbound]\nallow_networks = [\"127.0.0.0/8\"]\n{}",
        instance("acme", &slack.scim_url(), slack.token(), "")
    )
}

async fn replica(database: &PostgresDatabase, config: &str) -> Host {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("url"), database.url()).unwrap();
    Host::configured(Path::new(&binary()), directory, config).await
}

#[tokio::test]
async fn a_token_made_or_revoked_by_a_command_counts_on_both_within_a_second() {
    let replicas = Replicas::start().await;
    for client in replicas.clients().await {
        client.get("/Users?count=1").await.ok(200);
    }
    let token = replicas.two.token("acme", "second").await;
    let made = Instant::now();
    for host in [&replicas.one, &replicas.two] {
        host.client("acme", &token).get("/Users?count=1").await.ok(200);
    }
    assert!(made.elapsed() < SOON, "{:?}", made.elapsed());

    let revoked = replicas.one.run(&["token", "revoke", "acme", "--name", "second"]).await;
    assert!(revoked.status.success(), "{revoked:?}");
    for host in [&replicas.one, &replicas.two] {
        let client = host.client("acme", &token);
        eventually(SOON, async || {
            let answer = client.get("/ServiceProviderConfig").await;
            (answer.status == 401).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn what_one_host_remembers_of_an_object_the_other_answers() {
    let replicas = Replicas::start().await;
    let [one, two] = replicas.clients().await;
    let more = json!({ "userName": "Ada.L@acme.example", "externalId": "first" });
    let created = one.post("/Users", &user("ada.l", more)).await.ok(201);
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    assert_eq!(replicas.slack.user_named("ada.l").unwrap()["id"], created["id"], "it is the target's");
    assert_eq!(two.get(&path).await.ok(200), created);

    // Both hold it in memory now; what either writes, the other answers soon.
    for (round, (writer, reader)) in [(&two, &one), (&one, &two), (&two, &one)].into_iter().enumerate() {
        let id = format!("round-{round}");
        let operations = json!([{ "op": "replace", "path": "externalId", "value": id }]);
        writer.patch(&path, operations).await.ok(200);
        let read = eventually(SOON, async || {
            let read = reader.get(&path).await.ok(200);
            (read["externalId"] == id.as_str()).then_some(read)
        })
        .await;
        assert_eq!(read["userName"], "Ada.L@acme.example");
        let found = reader.get(&format!("/Users?filter=externalId%20eq%20%22{id}%22")).await.ok(200);
        assert_eq!(found["Resources"][0]["id"], created["id"]);
    }
}

#[tokio::test]
async fn a_host_that_is_killed_takes_nothing_of_the_other_with_it() {
    let Replicas { database, slack: _slack, one, two } = Replicas::start().await;
    assert_eq!(database.psql("SELECT COUNT(*) FROM processes"), "2");
    // Of the dead one, a part of a list is left; a third, long dead, left one too.
    database.psql(
        "INSERT INTO processes VALUES ('\\x01', extract(epoch FROM now())::bigint - 61, NULL); \
         INSERT INTO list_parts SELECT process, 1, 1, 'x' FROM processes",
    );
    let one = one.killed().await;
    assert_eq!(
        database.psql("SELECT COUNT(*) FROM processes JOIN list_parts USING (process)"),
        "2",
        "nobody knows yet that the killed one is gone, and the other one's stay"
    );
    assert_eq!(database.psql("SELECT COUNT(*) FROM list_parts WHERE process = '\\x01'"), "0");
    let token = two.token("acme", "e2e").await;
    for host in [&one, &two] {
        host.client("acme", &token).get("/Users?count=1").await.ok(200);
    }
    two.terminate().await;
    assert_eq!(two.finished().await.code, Some(0));
    let left = database.psql("SELECT COUNT(*) FROM processes JOIN list_parts USING (process)");
    assert_eq!(left, "1", "who ends in order leaves nothing");
}

#[tokio::test]
async fn keys_are_rotated_while_both_run_once_both_have_the_new_one() {
    let Replicas { database: _database, slack: _slack, mut one, mut two } = Replicas::start().await;
    let new = String::from_utf8(one.run(&["key", "generate"]).await.stdout).unwrap();
    let change = |config: String| {
        let (line, old) = config
            .lines()
            .find_map(|line| Some((line.to_owned(), line.strip_prefix("encryption_key = ")?.to_owned())))
            .unwrap();
        let lines = format!("encryption_key = \"{}\"\nprevious_encryption_keys = [{old}]", new.trim());
        config.replace(&line, &lines)
    };
    one.reconfigure(change);
    two.reconfigure(change);
    one = one.restarted().await;
    let early = one.run(&["key", "rotate"]).await;
    assert_eq!(early.status.code(), Some(1), "the second seals with the old key: {early:?}");
    two = two.restarted().await;
    let rotated = one.run(&["key", "rotate"]).await;
    assert!(rotated.status.success(), "{rotated:?}");
    let token = one.token("acme", "e2e").await;
    for host in [&one, &two] {
        host.client("acme", &token).get("/Users?count=1").await.ok(200);
    }
}

#[tokio::test]
async fn lost_connections_are_made_again_and_the_password_is_nowhere() {
    let replicas = Replicas::start().await;
    let [one, _] = replicas.clients().await;
    let created = one.post("/Users", &user("ada.l", json!({ "externalId": "first" }))).await.ok(201);
    replicas.database.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let operations = json!([{ "op": "replace", "path": "externalId", "value": "second" }]);
    eventually(PATIENCE, async || {
        let answer = one.patch(&path, operations.clone()).await;
        (answer.status == 200).then_some(())
    })
    .await;
    for host in [replicas.one, replicas.two] {
        host.terminate().await;
        let finished = host.finished().await;
        assert_eq!(finished.code, Some(0), "{}", finished.log);
        let found = finished.log.lines().find(|line| line.contains(PASSWORD));
        assert_eq!(found, None, "the password is in the log");
    }
}

#[tokio::test]
async fn requests_to_both_on_an_ended_token_cause_one_refresh_and_are_all_answered() {
    let database = Postgres::shared().database();
    let store = format!("url = \"{}\"", database.url());
    let world = ConsentWorld::consented(&binary(), Setup { store: &store, ..Setup::rotating() }).await;
    let twin = world.host.twin().await;
    let token = twin.token("acme", "both").await;
    for round in 1..=3 {
        world.slack.advance(Duration::from_hours(13));
        let version = age(world.host.directory(), 13 * 3600).await;
        tokio::join!(noticed(&world.host, version), noticed(&twin, version));
        let asking: Vec<_> = (0..20)
            .map(|number| {
                let host = if number % 2 == 0 { &world.host } else { &twin };
                let scim = host.client("acme", &token);
                tokio::spawn(async move { scim.get("/Users?count=1").await })
            })
            .collect();
        for asked in asking {
            asked.await.unwrap().ok(200);
        }
        assert_eq!(world.refreshes(), round);
    }
}
