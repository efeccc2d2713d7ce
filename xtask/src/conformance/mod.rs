//! `conformance`: what others say about every instance of the running demo, and what of it has a reason.
//!
//! Three suites: scim2-tester and scim-sanity, which nobody here wrote, and the replay corpus.

mod explained;
mod suites;

use std::{env, fs, path::Path, process::Command, thread, time::Instant};

use serde_json::Value;

use crate::{Result, command, corpus::Corpus, service::Service, venv, workspace};

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

/// Checks every instance, or only those that are named.
pub(crate) fn run(only: &[&str]) -> Result<()> {
    let mut explained = explained::read(&workspace::read(EXPLAINED)?)?;
    let corpus = Corpus::load(&workspace::root().join("tests/replay"))?;
    let python = venv::run()?;
    let target = workspace::target()?;
    let directory = target.join("conformance");
    let host = match env::var_os("CONNECTOR_HOST_BIN") {
        Some(path) => path.into(),
        None => {
            command::run(workspace::cargo().args(["build", "--release", "--package", "connector-host"]))?;
            target.join("release/connector-host")
        }
    };
    // The gateway keeps each target's rate limits, so one instance waits while another works.
    let demos = suites::all().map(|_| Demo::start(&host, only)).collect::<Result<Vec<_>>>()?;
    let made: Vec<Result<Vec<Check>>> = thread::scope(|scope| {
        let work = demos.iter().zip(suites::all());
        let started: Vec<_> = work
            .flat_map(|(demo, suite)| demo.instances.iter().map(move |instance| (instance, suite)))
            .map(|(instance, suite)| {
                let (directory, python, corpus) = (&directory, &python, &corpus);
                scope.spawn(move || checks(instance, suite, directory, python, corpus))
            })
            .collect();
        started.into_iter().map(|thread| thread.join().expect("a suite does not panic")).collect()
    });
    let names: Vec<String> = demos[0].instances.iter().map(|instance| instance.name.clone()).collect();
    for demo in demos {
        demo.service.interrupt()?;
    }
    let checks = made.into_iter().collect::<Result<Vec<_>>>()?.concat();
    explained.retain(|row| wanted(only, row.instance()));
    explained::judge(&checks, &names, &explained)
}

/// Whether an instance is to be checked.
fn wanted(only: &[&str], instance: &str) -> bool {
    only.is_empty() || only.contains(&instance)
}

/// A running demo, and those of its instances that are judged.
struct Demo {
    service: Service,
    instances: Vec<Instance>,
}

impl Demo {
    fn start(host: &Path, only: &[&str]) -> Result<Self> {
        let mut demo = Command::new(host);
        demo.args(["demo", "--json", "--listen", "127.0.0.1:0"]).env("CONNECTOR_HOST_LOG", "error");
        let service = Service::start(&mut demo)?;
        let mut instances = instances(&service.said)?;
        if let Some(unknown) =
            only.iter().find(|name| instances.iter().all(|instance| instance.name != **name))
        {
            return Err(format!("the demo has no instance {unknown}"));
        }
        instances.retain(|instance| wanted(only, &instance.name));
        Ok(Self { service, instances })
    }
}

/// Lets a suite check an instance.
fn checks(
    instance: &Instance,
    suite: suites::Suite,
    directory: &Path,
    python: &Path,
    corpus: &Corpus,
) -> Result<Vec<Check>> {
    let results = directory.join(&instance.name);
    fs::create_dir_all(&results).map_err(|error| format!("{}: {error}", results.display()))?;
    let begun = Instant::now();
    let made = suite.check(instance, &Tools { python, results: &results, corpus })?;
    let failed = made.iter().filter(|check| check.failure.is_some()).count();
    if let Some(Check { suite, .. }) = made.first() {
        let (name, took) = (&instance.name, begun.elapsed().as_secs());
        println!("{name}: {suite} made {} checks in {took} s, {failed} failed", made.len());
    }
    Ok(made)
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
