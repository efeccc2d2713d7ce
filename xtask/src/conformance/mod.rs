//! `conformance`: what others say about every instance of the running demo, and what of it has a reason.
//!
//! Three suites: scim2-tester and scim-sanity, which nobody here wrote, and the replay corpus.

mod explained;
mod suites;

use std::{path::Path, process::Command};

use serde_json::Value;

use crate::{Result, command, corpus::Corpus, http, service::Service, venv, workspace};

/// Where every failure that remains is explained.
const EXPLAINED: &str = "docs/conformance.md";

/// One check that a suite made on an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    instance: String,
    suite: &'static str,
    name: String,
    /// What it said; none when it passed.
    failure: Option<String>,
}

/// An instance of the demo.
struct Instance {
    name: String,
    scim_url: String,
    token: String,
}

pub(crate) fn run() -> Result<()> {
    let explained = explained::read(&workspace::read(EXPLAINED)?)?;
    let corpus = Corpus::load(&workspace::root().join("tests/replay"))?;
    let python = venv::run()?;
    command::run(workspace::cargo().args(["build", "--release", "--package", "connector-host"]))?;
    let target = workspace::target()?;
    let mut demo = Command::new(target.join("release/connector-host"));
    demo.args(["demo", "--json", "--listen", "127.0.0.1:0"]).env("CONNECTOR_HOST_LOG", "error");
    let demo = Service::start(&mut demo)?;
    hurry(&demo.said)?;
    let instances = instances(&demo.said)?;
    let mut checks = Vec::new();
    for instance in &instances {
        println!("-- {}", instance.name);
        let results = target.join("conformance").join(&instance.name);
        std::fs::create_dir_all(&results).map_err(|error| format!("{}: {error}", results.display()))?;
        for suite in suites::ALL {
            let made = suite(instance, &Tools { python: &python, results: &results, corpus: &corpus })?;
            let failed = made.iter().filter(|check| check.failure.is_some()).count();
            if let Some(Check { suite, .. }) = made.first() {
                println!("{}: {suite} made {} checks, {failed} failed", instance.name, made.len());
            }
            checks.extend(made);
        }
    }
    demo.interrupt()?;
    let names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
    explained::judge(&checks, &names, &explained)
}

/// What suites work with.
struct Tools<'a> {
    python: &'a Path,
    /// The directory for what they write.
    results: &'a Path,
    corpus: &'a Corpus,
}

fn instances(said: &Value) -> Result<Vec<Instance>> {
    let text = |instance: &Value, name: &str| instance[name].as_str().map(str::to_owned);
    let read = |instance: &Value| {
        Some(Instance {
            name: text(instance, "name")?,
            scim_url: text(instance, "scim_url")?,
            token: text(instance, "token")?,
        })
    };
    let found: Option<Vec<Instance>> = said["instances"].as_array().into_iter().flatten().map(read).collect();
    found.filter(|found| !found.is_empty()).ok_or_else(|| "the demo names no instances".to_owned())
}

/// Switches the limiters of the stand-ins off: the suites ask for more than targets allow.
fn hurry(said: &Value) -> Result<()> {
    for target in said["targets"].as_array().into_iter().flatten() {
        let options = format!("{}/_sandbox/options", target["url"].as_str().unwrap_or_default());
        let failed = |error| format!("{options} does not answer: {error}");
        let held = http::send("GET", &options, "", "").map_err(failed)?;
        let held: Value = serde_json::from_str(&held.body).unwrap_or_default();
        if held.get("rate_limiter").is_none() {
            continue;
        }
        let answer = http::send("PATCH", &options, "", r#"{"rate_limiter":false}"#).map_err(failed)?;
        if answer.status != 200 {
            return Err(format!("the limiter cannot be switched off: {}", answer.body));
        }
    }
    Ok(())
}
