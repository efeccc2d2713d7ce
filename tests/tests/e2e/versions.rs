//! Two major versions of one connector side by side, on a host that has a second one for these tests.

use std::path::{Path, PathBuf};

use connector_host_tests::{Host, instance, stand_in, user};
use connector_sandbox::slack::Slack;
use serde_json::{Value, json};

use crate::binary;

fn two_majors() -> PathBuf {
    env!("CARGO_BIN_EXE_connector-host-two-majors").into()
}

async fn host(binary: &Path, slack: &Slack, connector: &str, keys: &str) -> Host {
    let acme = instance("acme", &slack.scim_url(), slack.token(), keys);
    let acme = acme.replace("connector = \"slack\"", &format!("connector = \"{connector}\""));
    Host::start(binary, "", &format!("[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n{acme}")).await
}

async fn names(host: &Host) -> Vec<String> {
    let scim = host.client("acme", &host.token("acme", &host.address.to_string()).await);
    let schema = scim.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User").await.ok(200);
    let attributes = schema["attributes"].as_array().unwrap().iter();
    attributes.map(|attribute| attribute["name"].as_str().unwrap().to_owned()).collect()
}

async fn printed(host: &Host, arguments: &[&str]) -> String {
    let output = host.run(arguments).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn an_instance_takes_the_newest_at_its_first_start_and_a_pin_before_that() {
    let slack = stand_in().await;
    let newest = host(&two_majors(), &slack, "slack", "greeting = \"hello\"").await;
    assert!(!names(&newest).await.contains(&"nickName".to_owned()), "version 2 has none");
    let pinned = host(&two_majors(), &slack, "slack@1", "").await;
    assert!(names(&pinned).await.contains(&"nickName".to_owned()));
    // The pin stays when it is removed: only another pin changes the version.
    pinned.reconfigure(|config| config.replace("slack@1", "slack"));
    let unpinned = pinned.restarted().await;
    assert!(names(&unpinned).await.contains(&"nickName".to_owned()));
    unpinned.reconfigure(|config| config.replace("\"slack\"", "\"slack@2\""));
    assert!(!names(&unpinned.restarted().await).await.contains(&"nickName".to_owned()));
}

#[tokio::test]
async fn an_instance_stays_with_its_version_when_a_newer_one_is_built_in_and_hears_of_it() {
    let slack = stand_in().await;
    let first = host(&binary(), &slack, "slack", "").await;
    let scim = first.client("acme", &first.token("acme", "e2e").await);
    let body = user("Ada.Version", json!({"nickName": "Ada.Version", "title": "Countess"}));
    let created = scim.post("/Users", &body).await.ok(201);
    first.terminate().await;
    let (_, stopped) = first.stopped().await;

    let second = stopped.with_binary(two_majors()).start(&[]).await;
    assert!(names(&second).await.contains(&"nickName".to_owned()), "it has run version 1");
    let told = second.logged(|line| line["newer"] == "slack@2").await;
    assert_eq!((&told["instance"], &told["runs"]), (&json!("acme"), &json!("slack@1")));
    assert!(told["changes"].as_str().unwrap().contains("User: `nickName`: is gone"), "{told}");

    // A parameter of the newer version is not one of this instance's.
    let file = second.directory().join("connector-host.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}greeting = \"hello\"\n")).unwrap();
    let check = second.run(&["check"]).await;
    assert_eq!(check.status.code(), Some(2), "{check:?}");
    assert!(String::from_utf8_lossy(&check.stderr).contains("greeting"), "{check:?}");
    std::fs::write(&file, config).unwrap();
    assert!(second.run(&["check"]).await.status.success());

    let text = printed(&second, &["upgrade-preview", "acme"]).await;
    let id = created["id"].as_str().unwrap();
    for line in [
        "acme runs slack@1; slack@2 is built in",
        "  BREAKS   `nickName`: is gone: clients can no longer read and set it",
        "  BREAKS   `title`: was written, is now only read: clients can no longer set it",
        "  BREAKS   objects can no longer be deleted",
        "           instances can now have the key `greeting`",
        "  BREAKS   the key `hide_bots` is gone: an instance that has it does not start",
        &format!("  User {id}: nickName: \"Ada.Version\" → nothing"),
        "  User: 1 of 1 objects that clients wrote would read differently",
        "to change over: connector = \"slack@2\" in instances.acme",
    ] {
        assert!(text.lines().any(|printed| printed == line), "{line:?} is not in:\n{text}");
    }
    let calls: Vec<_> = slack.requests().into_iter().filter(|request| request.method != "GET").collect();
    assert_eq!(calls.len(), 1, "only the create wrote: {calls:?}");
}

#[tokio::test]
async fn without_objects_of_its_own_the_first_of_the_list_are_looked_at() {
    let slack = stand_in().await;
    let keys = "hide_bots = false\ndisabled_attributes = { User = [\"title\"] }";
    let host = host(&two_majors(), &slack, "slack@1", keys).await;
    let text = printed(&host, &["upgrade-preview", "acme"]).await;
    assert!(text.contains("of 20 objects of the target's list would read differently"), "{text}");
    // What the instance has set or switched off counts.
    assert!(text.contains("  BREAKS   this instance sets `hide_bots`: remove it with the pin\n"), "{text}");
    assert!(text.contains("`nickName`: is gone") && !text.contains("`title`"), "{text}");
    host.reconfigure(|config| config.replace("slack@1", "slack@2").replace("hide_bots = false\n", ""));
    assert_eq!(
        printed(&host, &["upgrade-preview", "acme"]).await,
        "acme runs slack@2, the newest major version that is built in\n"
    );
}

#[tokio::test]
async fn tables_are_those_of_a_pair_of_name_and_major() {
    let run = async |arguments: &[&str]| {
        let output = tokio::process::Command::new(two_majors()).args(arguments).output().await.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let has_nick_name = async |connector: &str| {
        let (_, json, _) = run(&["mapping", connector, "--format", "json"]).await;
        let rows: Value = serde_json::from_str(&json).unwrap();
        rows.as_array().unwrap().iter().any(|row| row["scim"] == "nickName")
    };
    assert!(has_nick_name("slack@1").await);
    assert!(!has_nick_name("slack@2").await && !has_nick_name("slack").await, "the newest");
    let (code, _, error) = run(&["mapping", "slack@3"]).await;
    assert_eq!(code, Some(2));
    assert!(error.contains("slack@1") && error.contains("slack@2"), "{error}");
    let (_, connectors, _) = run(&["connectors"]).await;
    let listed: Vec<_> = connectors.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, ["slack@1", "slack@2"]);
}

#[tokio::test]
async fn a_version_that_is_not_built_in_any_more_stops_the_start_with_what_to_pin() {
    let slack = stand_in().await;
    let newest = host(&two_majors(), &slack, "slack", "").await;
    newest.terminate().await;
    let (_, stopped) = newest.stopped().await;
    let finished = stopped.with_binary(binary()).begin(&[]).finished().await;
    assert_eq!(finished.code, Some(2), "{}", finished.log);
    assert!(
        finished.log.contains("it has run slack@2 since its first start")
            && finished.log.contains("connector = \"slack@1\""),
        "{}",
        finished.log
    );
}
