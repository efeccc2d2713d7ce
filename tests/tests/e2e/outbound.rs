//! Where requests come from: published, and bound.

use connector_host_tests::{Answer, Client, World};
use serde_json::{Value, json};

use crate::binary;

const SOURCES: &str = r#"
[connectors.slack.outbound]
addresses = ["203.0.113.10", "2001:db8::10"]
additional_addresses = ["203.0.113.32/29"]
"#;

async fn ask(world: &World, headers: &[(&str, &str)]) -> Answer {
    let stranger = Client { address: world.host.address, base: String::new(), token: String::new() };
    stranger.send("GET", "/outbound", headers, "").await
}

#[tokio::test]
async fn the_addresses_are_published_to_everybody_who_asks() {
    let world = World::with(binary(), "", SOURCES).await;
    let answer = ask(&world, &[]).await;
    let tag = answer.header("etag").expect("an ETag").to_owned();
    let published: Value = serde_json::from_str(&answer.text).unwrap();
    let slack =
        published["connectors"].as_array().unwrap().iter().find(|one| one["name"] == "slack").unwrap();
    assert_eq!(
        *slack,
        json!({
            "name": "slack",
            "addresses": ["203.0.113.10", "2001:db8::10"],
            "additional_addresses": ["203.0.113.32/29"],
        })
    );
    assert_eq!(ask(&world, &[("if-none-match", &tag)]).await.status, 304);
    let text = ask(&world, &[("accept", "text/plain")]).await;
    assert_eq!(text.text, "203.0.113.10\n2001:db8::10\n203.0.113.32/29\n");
    assert_ne!(text.header("etag"), Some(&*tag));
}

#[tokio::test]
async fn the_command_tells_the_operator_destinations_too() {
    let world = World::with(binary(), "", SOURCES).await;
    let told = world.host.run(&["outbound", "--format", "json"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let slack = told["connectors"].as_array().unwrap().iter().find(|one| one["name"] == "slack").unwrap();
    assert_eq!(slack["destinations"], json!([world.slack.address().to_string()]));
    let text = world.host.run(&["outbound"]).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("slack\n") && text.contains("203.0.113.32/29"), "{text}");
}

#[tokio::test]
async fn bound_connections_need_an_address_this_machine_holds() {
    let bind = "bind = true\naddresses = [\"127.0.0.1\", \"198.51.100.77\"]";
    let world = World::with_outbound(binary(), bind).await;
    world.scim.get("/Users?count=1").await.ok(200);
    let lacking = |line: &Value| line["address"] == "198.51.100.77";
    world.host.logged(lacking).await;

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("connector-host.toml");
    std::fs::write(&file, "[outbound]\nbind = true\naddresses = [\"198.51.100.77\"]\n").unwrap();
    for command in ["serve", "check"] {
        let ended = std::process::Command::new(binary())
            .args([command, "--config", file.to_str().unwrap()])
            .current_dir(directory.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{command}: {told}");
        assert!(told.contains("outbound.addresses: this machine holds none of the addresses"), "{told}");
    }
}
