//! `conformance`: what others say about every instance of the running demo, and what of it has a reason.
//!
//! Three suites: scim2-tester and scim-sanity, which nobody here wrote, and the replay corpus.

mod explained;
mod suites;

use std::{fs, path::Path, process::Command, thread};

use serde_json::Value;

use crate::{Result, command, corpus::Corpus, service::Service, venv, workspace};

/// Where every failure that remains is explained.
const EXPLAINED: &str = "docs/conformance.md";

/// Instances whose connectors are not far enough, or whose failures nobody has gone through yet; docs/conformance.md says
/// which and why.
const NOT_JUDGED: &[&str] = &["activecampaign", "webex"];

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
    let mut instances = instances(&demo.said)?;
    for name in NOT_JUDGED {
        instances.retain(|instance| instance.name != *name);
        println!("{name}: not judged yet, see docs/conformance.md");
    }
    let directory = target.join("conformance");
    // The gateway keeps each target's rate limits, so one instance waits while another works.
    let made: Vec<Result<Vec<Check>>> = thread::scope(|scope| {
        let started: Vec<_> = instances
            .iter()
            .map(|instance| scope.spawn(|| checks(instance, &directory, &python, &corpus)))
            .collect();
        started.into_iter().map(|thread| thread.join().expect("a suite does not panic")).collect()
    });
    demo.interrupt()?;
    let checks = made.into_iter().collect::<Result<Vec<_>>>()?.concat();
    let names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
    explained::judge(&checks, &names, &explained)
}

/// Lets every suite check an instance.
fn checks(instance: &Instance, directory: &Path, python: &Path, corpus: &Corpus) -> Result<Vec<Check>> {
    let results = directory.join(&instance.name);
    fs::create_dir_all(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    let mut checks = Vec::new();
    for suite in suites::ALL {
        let made = suite(instance, &Tools { python, results: &results, corpus })?;
        let failed = made.iter().filter(|check| check.failure.is_some()).count();
        if let Some(Check { suite, .. }) = made.first() {
            println!("{}: {suite} made {} checks, {failed} failed", instance.name, made.len());
        }
        checks.extend(made);
    }
    Ok(checks)
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
