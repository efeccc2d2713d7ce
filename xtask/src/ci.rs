//! `ci`: everything that must hold before a change is merged, one step after the other.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    Result, bench, command, conformance, docs, http, mapping_diff, new_connector, readme, service::Service,
    soak, tidy, venv, workspace,
};

/// Runs every step; the first that fails ends it.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::default();
    steps.step("format", || cargo(&["fmt", "--all", "--", "--check"]))?;
    steps.step("lints", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"])
    })?;
    steps.step("tests, as the README says", || {
        let test = readme::commands()?.test;
        command::run(workspace::cargo().args(&test[1..]))
    })?;
    steps.step("the store on PostgreSQL, and two hosts on it", || {
        let features = ["connector-host/postgres-tests", "connector-host-tests/postgres-tests"];
        command::run(&mut integration(&features, &["postgres"]))
    })?;
    steps.step("tidy", tidy::run)?;
    steps.step("a new connector, as scaffolded and as its walk-through ends", new_connector::check::run)?;
    steps.step("generated pages", || docs::run(true))?;
    steps.step("what the change means to clients", || mapping_diff::run(None))?;
    steps.step("documentation", || {
        let mut doc = workspace::cargo();
        doc.args(["doc", "--workspace", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings");
        command::run(&mut doc)
    })?;
    steps.step("Python clients", || {
        let python = venv::run()?;
        let mut test = integration(&["connector-sandbox/python"], &["python_sdks"]);
        command::run(test.env("CONNECTOR_HOST_PYTHON", python))
    })?;
    steps.step("release build", || {
        cargo(&["build", "--release", "--package", "connector-host", "--package", "connector-sandbox"])
    })?;
    steps.step("end to end with the release build", || {
        let mut test = integration(&[], &["e2e", "faults", "replay"]);
        command::run(test.env("CONNECTOR_HOST_BIN", workspace::target()?.join("release/connector-host")))
    })?;
    steps.step("consent in a browser", || {
        let mut test = integration(&["connector-host-tests/browser-tests"], &["browser"]);
        command::run(test.env("CONNECTOR_HOST_BIN", workspace::target()?.join("release/connector-host")))
    })?;
    steps.step("killed refreshes", || soak::run(&["--rounds", "20"]))?;
    steps.step("conformance", || conformance::run(&[]))?;
    steps.step("the README's demo", demo)?;
    steps.step("benchmark, a short one", || bench::run(true))?;
    steps.step("dependencies", dependencies)?;
    steps.summary();
    Ok(())
}

/// Test binaries, with features of their packages. The whole workspace is named, so that what it depends on has the features
/// that it was built with for the tests before.
pub(crate) fn integration(features: &[&str], tests: &[&str]) -> Command {
    let mut test = workspace::cargo();
    test.args(["test", "--workspace"]);
    for feature in features {
        test.args(["--features", feature]);
    }
    for name in tests {
        test.args(["--test", name]);
    }
    test
}

/// The README's first command starts the whole system, which answers and ends with Ctrl-C.
fn demo() -> Result<()> {
    let words = readme::commands()?.demo;
    let mut demo = workspace::cargo();
    demo.args(&words[1..]).args(["--listen", "127.0.0.1:0", "--json"]).env("CONNECTOR_HOST_LOG", "warn");
    let demo = Service::start(&mut demo)?;
    let (url, token) = (demo.text("/instances/0/scim_url")?, demo.text("/instances/0/token")?);
    let answer = http::send("GET", &format!("{url}/Users?count=2"), &token, "")
        .map_err(|error| format!("the demo does not answer: {error}"))?;
    if answer.status != 200 || !answer.body.contains("\"totalResults\":") {
        return Err(format!("the demo answers {} {}", answer.status, answer.body));
    }
    demo.interrupt()
}

/// Licences, duplicates and advisories, where cargo-deny is installed.
fn dependencies() -> Result<()> {
    let installed = Command::new("cargo-deny").arg("--version").output().is_ok();
    if !installed {
        println!("cargo-deny is not installed: deny.toml was not checked");
        return Ok(());
    }
    cargo(&["deny", "check"])
}

fn cargo(words: &[&str]) -> Result<()> {
    command::run(workspace::cargo().args(words))
}

/// The steps so far and how long each took.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("==> {name}");
        let started = Instant::now();
        let result = work();
        let took = started.elapsed();
        self.0.push((name, took));
        match result {
            Ok(()) => {
                println!("ok  {name}: {:.1} s\n", took.as_secs_f64());
                Ok(())
            }
            Err(problem) => {
                self.summary();
                Err(format!("{problem}\n\nFAILED at step `{name}` after {:.1} s", took.as_secs_f64()))
            }
        }
    }

    fn summary(&self) {
        for (name, took) in &self.0 {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        let whole: Duration = self.0.iter().map(|(_, took)| took).sum();
        println!("{:>8.1} s  in all", whole.as_secs_f64());
    }
}
