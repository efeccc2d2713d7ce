//! The binary: its one line, its end, its refusals.

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

fn sandbox(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connector-sandbox"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn output(arguments: &[&str]) -> Output {
    sandbox(arguments).output().await.expect("the binary was built with this test")
}

#[cfg(unix)]
#[tokio::test]
async fn it_prints_one_line_and_ends_cleanly_when_told_to() {
    let slack: &[_] =
        &["token", "client_id", "client_secret", "no_admin_token", "workspace_token", "admin_token"];
    let webex: &[_] = &["token", "refresh_token", "client_id", "client_secret"];
    let consent: &[_] = &["authorize_url", "token_url", "control_url"];
    for (target, signal, api, more, credentials) in [
        ("slack", "-TERM", "scim_url", consent, slack),
        ("slack", "-INT", "scim_url", consent, slack),
        ("webex", "-TERM", "api_url", consent, webex),
        ("activecampaign", "-TERM", "api_url", &["control_url"], &["key"]),
        (
            "workplace",
            "-TERM",
            "scim_url",
            &["scim_v1_url", "graph_url", "control_url"],
            &["token", "app_secret"],
        ),
    ] {
        let mut child =
            sandbox(&[target, "--users=3", "--groups", "1"]).spawn().expect("the binary was built");
        let stdout = child.stdout.take().expect("stdout is piped");
        let line =
            BufReader::new(stdout).lines().next_line().await.expect("stdout can be read").expect("a line");
        let line: Value = serde_json::from_str(&line).expect("the line is JSON");
        assert_eq!(line["name"], target);
        for name in [api].iter().chain(more) {
            assert!(line[name].as_str().expect("an address").starts_with("http://127.0.0.1:"), "{name}");
        }
        for name in credentials {
            assert!(!line[name].as_str().expect("a credential").is_empty(), "{name}");
        }
        let id = child.id().expect("it runs").to_string();
        let told = Command::new("kill").args([signal, &id]).status().await;
        assert!(told.is_ok_and(|status| status.success()));
        let ended = child.wait().await.expect("its end can be awaited");
        assert!(ended.success(), "{signal}: {ended:?}");
    }
}

#[tokio::test]
async fn wrong_usage_is_told_with_the_right_one() {
    for (arguments, problem) in [
        (&[][..], "which stand-in?"),
        (&["teams"], "there is no stand-in named teams"),
        (&["slack", "--users", "many"], "--users needs a number, not many"),
        (&["slack", "--listen"], "--listen needs a value"),
        (&["slack", "--listen", "here"], "--listen needs ADDRESS:PORT"),
        (&["slack", "--slow"], "unknown option --slow"),
    ] {
        let output = output(arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(problem) && text.contains("usage: "), "{text}");
    }
    let help = output(&["--help"]).await;
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).starts_with("usage: "));
}
