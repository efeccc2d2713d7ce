//! `conformance`: scim2-tester, a suite that nobody here wrote, against the running demo.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use crate::{Result, command, http, service::Service, venv, workspace};

/// Where every failure that remains is explained.
const EXPLAINED: &str = "docs/conformance.md";

pub(crate) fn run() -> Result<()> {
    let explained = explained(&workspace::read(EXPLAINED)?);
    let python = venv::run()?;
    command::run(workspace::cargo().args(["build", "--release", "--package", "connector-host"]))?;
    let target = workspace::target()?;
    let mut demo = Command::new(target.join("release/connector-host"));
    demo.args(["demo", "--json", "--listen", "127.0.0.1:0"]).env("CONNECTOR_HOST_LOG", "error");
    let demo = Service::start(&mut demo)?;
    // The tester creates faster than Slack allows.
    let options = format!("{}/_sandbox/options", demo.text("/targets/0/url")?);
    let answer = http::send("PATCH", &options, "", r#"{"rate_limiter":false}"#)
        .map_err(|error| format!("the stand-in does not answer: {error}"))?;
    if answer.status != 200 {
        return Err(format!("the stand-in's limiter cannot be switched off: {}", answer.body));
    }
    let results = target.join("conformance.json");
    let mut tester = Command::new(python);
    tester.current_dir(workspace::root()).args(["-B", "tests/python/conformance.py"]);
    tester.args([demo.text("/instances/0/scim_url")?, demo.text("/instances/0/token")?]).arg(&results);
    // Without the words: one of them is a credential.
    if !tester.status().is_ok_and(|status| status.success()) {
        return Err("tests/python/conformance.py failed; see above".to_owned());
    }
    demo.interrupt()?;
    let results = std::fs::read_to_string(&results).map_err(|error| format!("conformance.json: {error}"))?;
    let results: Value =
        serde_json::from_str(&results).map_err(|error| format!("conformance.json: {error}"))?;
    judge(&results, &explained)
}

/// The checks that the table explains.
fn explained(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    rows.map(|(check, _)| check.to_owned()).collect()
}

/// Fails on what is not explained, and on what is explained and holds. A run without checks proves nothing.
fn judge(results: &Value, explained: &BTreeSet<String>) -> Result<()> {
    let results = results["results"].as_array().filter(|results| !results.is_empty());
    let results = results.ok_or("the tester made no checks")?;
    let mut failed = BTreeMap::new();
    let mut made = BTreeSet::new();
    for result in results {
        let text = |name: &str| result[name].as_str().unwrap_or_default();
        made.insert(text("check"));
        if matches!(text("status"), "ERROR" | "CRITICAL") {
            failed.insert(text("check"), format!("{} (RFC {})", text("reason"), text("section")));
        }
    }
    let mut problems: Vec<String> = failed
        .iter()
        .filter(|(check, _)| !explained.contains(**check))
        .map(|(check, reason)| format!("{check}: {reason}"))
        .collect();
    for check in explained.iter().filter(|check| !failed.contains_key(check.as_str())) {
        let what = if made.contains(check.as_str()) {
            "does not fail any more"
        } else {
            "is no check of the tester"
        };
        problems.push(format!("{check} {what}; remove it from {EXPLAINED}"));
    }
    if problems.is_empty() {
        println!(
            "{} checks by name, {} of them fail for the reasons in {EXPLAINED}",
            made.len(),
            failed.len()
        );
        return Ok(());
    }
    Err(format!("{}\n\nmend them, or explain them in {EXPLAINED}", problems.join("\n")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failure_is_explained_and_an_explanation_is_needed() {
        let page = "| check | why |\n| --- | --- |\n| `User delete` | soft |\n";
        let explained = explained(page);
        let result = |check: &str, status: &str| json!({ "check": check, "status": status, "reason": "r" });
        let judged = |results: Value| judge(&json!({ "results": results }), &explained);
        let deleted = result("User delete", "ERROR");
        assert_eq!(judged(json!([deleted, result("User get", "SUCCESS")])), Ok(()));
        let new = judged(json!([deleted, result("User get", "CRITICAL")])).unwrap_err();
        assert!(new.starts_with("User get: r"), "{new}");
        let healed = judged(json!([result("User delete", "SUCCESS")])).unwrap_err();
        assert!(healed.starts_with("User delete does not fail any more"), "{healed}");
        let gone = judged(json!([result("User get", "SUCCESS")])).unwrap_err();
        assert!(gone.starts_with("User delete is no check"), "{gone}");
        assert!(judged(json!([])).is_err());
    }
}
