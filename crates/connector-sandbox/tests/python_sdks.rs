//! Python SDKs against the stand-ins: the proof by clients that nobody here wrote.

use std::path::Path;
use std::process::{Command, Stdio};

use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Names the interpreter that `cargo xtask venv` has prepared.
const INTERPRETER: &str = "CONNECTOR_HOST_PYTHON";

#[tokio::test]
async fn slacks_own_python_sdk_gets_on_with_the_stand_in() {
    judge("slack", "slack_sdk.scim.v1.client", "test_slack_sdk.py").await;
}

#[tokio::test]
async fn two_python_sdks_of_webex_get_on_with_the_stand_in() {
    judge("webex", "webexpythonsdk, wxc_sdk", "test_webex_sdks.py").await;
}

#[tokio::test]
async fn a_python_client_of_activecampaign_gets_on_with_the_stand_in() {
    judge("activecampaign", "activecampaign.client", "test_activecampaign_python.py").await;
}

/// Runs a script of `tests/python` against a fresh stand-in; the script's end is the verdict.
async fn judge(target: &str, modules: &str, script: &str) {
    let python = std::env::var(INTERPRETER).unwrap_or_else(|_| {
        panic!("{INTERPRETER} must name a Python with {modules}: run `cargo xtask venv`")
    });
    let import = Command::new(&python).args(["-c", &format!("import {modules}")]).output();
    let ready = import.as_ref().is_ok_and(|output| output.status.success());
    assert!(ready, "{python} cannot import {modules}, run `cargo xtask venv`: {import:?}");

    let mut sandbox = tokio::process::Command::new(env!("CARGO_BIN_EXE_connector-sandbox"))
        .args([target, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary was built with this test");
    let stdout = sandbox.stdout.take().expect("stdout is piped");
    let line = BufReader::new(stdout).lines().next_line().await.expect("stdout can be read");
    let line = line.expect("the binary prints one line");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python").join(script);
    let status = tokio::process::Command::new(&python).arg("-B").arg(script).arg(line).status().await;
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "the script failed: {status:?}");
}
