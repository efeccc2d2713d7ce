//! The suites, each as a function from an instance to the checks it made there.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use super::{Check, Instance, Tools};
use crate::{Result, corpus::Outcome, replay, workspace};

/// A suite, or a part of one. Each has a demo of its own, so that none waits for another's turn at a target.
#[derive(Debug, Clone, Copy)]
pub(super) enum Suite {
    Scim2Tester,
    ScimSanity,
    /// Every file of the corpus whose place in it, divided by [`PARTS`], leaves this.
    Replay(usize),
}

/// Parts of the corpus: the whole of it takes minutes at a target's rate limit.
const PARTS: usize = 6;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Suite> {
    [Suite::Scim2Tester, Suite::ScimSanity].into_iter().chain((0..PARTS).map(Suite::Replay))
}

impl Suite {
    /// The checks made on an instance. None at all is a problem: it proves nothing.
    pub(super) fn check(self, instance: &Instance, tools: &Tools<'_>) -> Result<Vec<Check>> {
        match self {
            Self::Scim2Tester => scim2_tester(instance, tools),
            Self::ScimSanity => scim_sanity(instance, tools),
            Self::Replay(part) => replayed(instance, tools, part),
        }
    }
}

const SCIM2_TESTER: &str = "scim2-tester";
const SCIM_SANITY: &str = "scim-sanity";
const REPLAY: &str = "replay";

fn scim2_tester(instance: &Instance, tools: &Tools<'_>) -> Result<Vec<Check>> {
    let file = tools.results.join("scim2-tester.json");
    let mut tester = Command::new(tools.python);
    tester.current_dir(workspace::root()).args(["-B", "tests/python/conformance.py"]);
    tester.args([&instance.scim_url, &instance.token, &instance.name]).arg(&file);
    let log = tools.results.join("scim2-tester.log");
    let out = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    // Without the words: one of them is a credential.
    if !tester.stdout(out).status().is_ok_and(|status| status.success()) {
        return Err(format!("tests/python/conformance.py failed; see above and {}", log.display()));
    }
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    tester_checks(instance, &parsed(SCIM2_TESTER, &text)?)
}

fn tester_checks(instance: &Instance, results: &Value) -> Result<Vec<Check>> {
    let check = |result: &Value| {
        let text = |name: &str| result[name].as_str().unwrap_or_default();
        let failed = matches!(text("status"), "ERROR" | "CRITICAL");
        Check {
            instance: instance.name.clone(),
            suite: SCIM2_TESTER,
            name: text("check").to_owned(),
            failure: failed.then(|| format!("{} ({})", text("reason"), text("section"))),
        }
    };
    some(SCIM2_TESTER, results["results"].as_array().into_iter().flatten().map(check).collect())
}

/// Its own user has a name longer than Slack's 21 characters: every user it makes gets this name and address.
fn scim_sanity(instance: &Instance, tools: &Tools<'_>) -> Result<Vec<Check>> {
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let address = format!("ada.{moment:x}@acme.example");
    let mut fields =
        json!({ "userName": address, "emails": [{ "value": address, "type": "work", "primary": true }] });
    if instance.name == "activecampaign" {
        // Nobody is created without one.
        fields["password"] = "q7-Vantage-31".into();
    }
    let mut probe = Command::new(tools.python);
    probe.current_dir(workspace::root()).args(["-m", "scim_sanity", "probe", &instance.scim_url]);
    probe.args(["--token", &instance.token, "--i-accept-side-effects", "--json-output"]);
    probe.args(["--extra-user-fields", &fields.to_string()]);
    // It ends with 1 when a check fails.
    let output =
        probe.stderr(Stdio::inherit()).output().map_err(|error| format!("{SCIM_SANITY}: {error}"))?;
    let file = tools.results.join("scim-sanity.json");
    fs::write(&file, &output.stdout).map_err(|error| format!("{}: {error}", file.display()))?;
    sanity_checks(instance, &parsed(SCIM_SANITY, &String::from_utf8_lossy(&output.stdout))?)
}

/// Several complaints about one answer are several failures, so that an explained one does not hide another.
fn sanity_checks(instance: &Instance, results: &Value) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for result in results["results"].as_array().into_iter().flatten() {
        let text = |name: &str| result[name].as_str().unwrap_or_default();
        let check = |failure: Option<&str>| Check {
            instance: instance.name.clone(),
            suite: SCIM_SANITY,
            name: text("name").to_owned(),
            failure: failure.map(str::to_owned),
        };
        match text("status") {
            "fail" | "error" | "warn" => {
                checks.extend(text("message").split("; ").map(|one| check(Some(one))));
            }
            "pass" => checks.push(check(None)),
            // Resource types of a draft that nothing here offers.
            _ => {}
        }
    }
    some(SCIM_SANITY, checks)
}

fn replayed(instance: &Instance, tools: &Tools<'_>, part: usize) -> Result<Vec<Check>> {
    let base = instance.scim_url.trim_end_matches('/');
    let files = tools.corpus.files.iter().skip(part).step_by(PARTS);
    let outcomes = replay::outcomes(tools.corpus, files, base, &instance.token, &BTreeMap::new());
    let check =
        |name: String, failure| Check { instance: instance.name.clone(), suite: REPLAY, name, failure };
    let mut inapplicable = Vec::new();
    let checks = outcomes.into_iter().filter_map(|(file, outcome)| {
        let name = file.path.with_extension("").display().to_string();
        match outcome {
            Outcome::Passed => Some(check(name, None)),
            Outcome::Failed(problem) => Some(check(name, Some(problem))),
            Outcome::Needs | Outcome::Skipped => None,
            Outcome::Inapplicable(lacking) => {
                inapplicable.push(format!("{name}: {lacking}\n"));
                None
            }
        }
    });
    let checks = some(REPLAY, checks.collect())?;
    if !inapplicable.is_empty() {
        let file = tools.results.join(format!("replay-inapplicable-{part}.txt"));
        println!(
            "{}: {} files are about what it lacks: {}",
            instance.name,
            inapplicable.len(),
            file.display()
        );
        fs::write(&file, inapplicable.concat()).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(checks)
}

fn parsed(suite: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| format!("what {suite} wrote is not JSON: {error}\n{text}"))
}

fn some(suite: &str, checks: Vec<Check>) -> Result<Vec<Check>> {
    if checks.is_empty() { Err(format!("{suite} made no checks")) } else { Ok(checks) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance() -> Instance {
        Instance { name: "acme".into(), scim_url: "http://x/".into(), token: "t".into() }
    }

    fn told(checks: Result<Vec<Check>>) -> Vec<(String, Option<String>)> {
        checks.expect("checks").into_iter().map(|check| (check.name, check.failure)).collect()
    }

    #[test]
    fn what_the_tester_calls_an_error_is_a_failure() {
        let result = |status: &str| json!({ "check": "get", "status": status, "reason": "no", "section": "RFC 7644 Section 3" });
        let results = json!({ "results": [result("SUCCESS"), result("CRITICAL")] });
        let failure = Some("no (RFC 7644 Section 3)".to_owned());
        assert_eq!(
            told(tester_checks(&instance(), &results)),
            [("get".into(), None), ("get".into(), failure)]
        );
    }

    #[test]
    fn each_complaint_of_the_probe_is_a_failure_of_its_own() {
        let results = json!({ "results": [
            { "name": "POST", "status": "fail", "message": "first; second" },
            { "name": "GET", "status": "pass", "message": "fine" },
            { "name": "PUT", "status": "warn", "message": "third" },
            { "name": "Agent", "status": "skip" },
        ] });
        let failed = |name: &str, failure: &str| (name.to_owned(), Some(failure.to_owned()));
        assert_eq!(
            told(sanity_checks(&instance(), &results)),
            [failed("POST", "first"), failed("POST", "second"), ("GET".into(), None), failed("PUT", "third")]
        );
    }

    #[test]
    fn a_suite_without_checks_proves_nothing() {
        let none = json!({ "results": [] });
        assert!(tester_checks(&instance(), &none).is_err());
        assert!(sanity_checks(&instance(), &none).is_err());
    }
}
