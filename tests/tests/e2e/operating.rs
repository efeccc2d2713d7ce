//! The service as an operator sees it: start, stop, check, logs.

use std::{process::Output, time::Duration};

use connector_host_tests::{Host, PATIENCE, World, eventually, instance, user};
use connector_sandbox::{Effect, Fault, slack};
use serde_json::json;
use tokio::process::Command;

use crate::{binary, world};

#[tokio::test]
async fn a_stop_lets_a_running_request_finish_and_takes_no_other() {
    let (world, gate) = World::behind_gate(binary(), "").await;
    let scim = world.scim.clone();
    let running = tokio::spawn(async move { scim.post("/Users", &user("ada.l", json!({}))).await });
    gate.arrived(1).await;
    world.host.terminate().await;
    world.host.logged(|line| line["message"].as_str().is_some_and(|text| text.starts_with("stopping"))).await;
    let late = eventually(PATIENCE, async || {
        // The line comes a moment before the refusals, and a connection that is new just then is closed.
        let late = world.scim.attempt("GET", "/ServiceProviderConfig", &[], "").await;
        late.filter(|late| late.status != 200)
    })
    .await;
    late.refused(503, "");
    assert!(late.header("retry-after").is_some());
    gate.open();
    running.await.unwrap().ok(201);
    let finished = world.host.finished().await;
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    assert!(world.slack.user_named("ada.l").is_some());
}

#[tokio::test]
async fn a_stop_of_an_idle_service_is_quick() {
    let world = world().await;
    world.scim.get("/Users?count=1").await.ok(200);
    world.host.terminate().await;
    let finished = world.host.finished().await;
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    assert!(finished.took < Duration::from_secs(2), "{:?}", finished.took);
}

#[tokio::test]
async fn no_secret_gets_into_a_log_line_or_an_answer() {
    let world = world().await;
    let scim = &world.scim;
    let created = scim.post("/Users", &user("ada.l", json!({ "password": "hunter2-e2e" }))).await;
    created.ok(201);
    let mut answers = vec![
        created,
        scim.get("/Users?count=5").await,
        scim.get("/Users/W0NOBODY").await,
        scim.get("/Schemas").await,
        scim.post("/Users", &json!({ "password": "hunter2-e2e" })).await,
    ];
    for effect in [
        slack::refusal(401, "invalid_authentication"),
        slack::refusal(400, &format!("invalid_query ({})", world.slack.token())),
        Effect::status(500, world.slack.token()),
        Effect::CloseBefore,
    ] {
        world.slack.inject(Fault::on("/scim/v1/Users", effect).times(3));
        answers.push(scim.get("/Users?count=1").await);
        world.slack.clear_faults();
    }
    let (sent, own) = (world.slack.token().to_owned(), scim.token.clone());
    world.host.terminate().await;
    let log = world.host.finished().await.log;
    assert!(log.lines().count() > 20 && log.contains("\"TRACE\""), "the log is as talkative as it gets");
    for secret in [sent.as_str(), own.as_str(), "hunter2-e2e"] {
        assert!(!log.contains(secret), "{}", log.lines().find(|line| line.contains(secret)).unwrap());
        for answer in &answers {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
}

async fn check(config: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("connector-host.toml"), config).unwrap();
    let mut command = Command::new(binary());
    command.args(["check"]).current_dir(directory.path()).env_clear().output().await.unwrap()
}

#[tokio::test]
async fn check_says_every_mistake_with_file_key_and_remedy() {
    let good = instance("acme", "https://api.slack.com/scim/v1/", "xoxp-e2e-secret", "");
    let output = check(&good).await;
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(0), vec![], vec![]));

    let broken = "[server]\nlisten = \"nowhere\"\nrequest_deadline_secs = 0\nlisen = \"127.0.0.1:1\"\n\
                  [instances.acme]\nconnector = \"slak\"\ntarget_url = \"http://intranet.example/scim/\"\n\
                  access_token = 12345\n[instances.two]\nconnector = \"slack\"\n\
                  target_url = \"https://api.slack.com/scim/v1/\"\naccess_token = { env = \"NOT_SET_E2E\" }\n\
                  datetime_offset = \"+5\"\n";
    let output = check(broken).await;
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    let text = String::from_utf8(output.stderr).unwrap();
    for (key, word) in [
        ("server.listen", ""),
        ("server.request_deadline_secs", "600"),
        ("server.lisen", "listen"),
        ("instances.acme.connector", "slack"),
        ("instances.two.access_token", "NOT_SET_E2E"),
        ("instances.two.datetime_offset", ""),
    ] {
        let line =
            text.lines().find(|line| line.contains(&format!("{key}:")) || line.contains(&format!("{key} ")));
        let line = line.unwrap_or_else(|| panic!("nothing about {key} in:\n{text}"));
        assert!(line.starts_with("connector-host.toml"), "{line}");
        assert!(line.contains(word), "{line}");
    }
    assert!(!text.contains("12345"), "a secret's value: {text}");
}

#[tokio::test]
async fn the_probes_answer_without_a_credential() {
    let world = world().await;
    let probe =
        connector_host_tests::Client { base: String::new(), token: String::new(), ..world.scim.clone() };
    assert_eq!(probe.get("/healthz").await.status, 200);
    assert_eq!(probe.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_hundred_instances_start_in_no_time() {
    let config: String = (0..100)
        .map(|n| instance(&format!("acme-{n}"), "https://api.slack.com/scim/v1/", "xoxp-e2e", ""))
        .collect();
    let started = std::time::Instant::now();
    let host = Host::start(&binary(), "", &config).await;
    // The aim of 300 ms is that of a release build on a quiet machine.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    host.terminate().await;
    assert_eq!(host.finished().await.code, Some(0));
}
