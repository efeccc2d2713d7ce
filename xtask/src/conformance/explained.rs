//! The failures that have a reason: tables in `docs/conformance.md`, held against what the suites said.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{Check, EXPLAINED};
use crate::Result;

/// The heading above an instance's table.
const HEADING: &str = "### Instance `";

/// A row: these checks of a suite fail with this text, and why that is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    instance: String,
    suite: String,
    checks: Vec<String>,
    says: String,
}

impl Row {
    pub(super) fn instance(&self) -> &str {
        &self.instance
    }

    fn explains(&self, check: &Check) -> bool {
        self.is_about(check)
            && self.checks.contains(&check.name)
            && check.failure.as_ref().is_some_and(|failure| failure.contains(&self.says))
    }

    fn is_about(&self, check: &Check) -> bool {
        self.instance == check.instance && self.suite == check.suite
    }
}

/// Every row of the page.
pub(super) fn read(page: &str) -> Result<Vec<Row>> {
    let mut instance = None;
    let mut rows = Vec::new();
    for line in page.lines() {
        if line.starts_with('#') {
            instance = line.strip_prefix(HEADING).and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
        }
        let (Some(instance), Some(row)) = (&instance, line.strip_prefix("| ")) else { continue };
        if row.starts_with("suite |") || row.starts_with("---") {
            continue;
        }
        let wrong = || format!("{EXPLAINED}: a row is not `| suite | checks | says | why |`: {line}");
        let cells: Vec<&str> = row.strip_suffix('|').ok_or_else(wrong)?.split(" | ").map(str::trim).collect();
        let [suite, checks, says, why] = cells[..] else { return Err(wrong()) };
        let (checks, says) = (quoted(checks), quoted(says));
        let ([says], false, false) = (&says[..], checks.is_empty(), why.is_empty()) else {
            return Err(wrong());
        };
        rows.push(Row { instance: instance.clone(), suite: suite.to_owned(), checks, says: says.clone() });
    }
    Ok(rows)
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Fails on what is not explained, on what is explained and does not happen, and on a run that proves nothing.
pub(super) fn judge(checks: &[Check], instances: &[String], rows: &[Row]) -> Result<()> {
    let mut problems = String::new();
    for check in checks.iter().filter(|check| !rows.iter().any(|row| row.explains(check))) {
        if let Check { instance, suite, name, failure: Some(failure) } = check {
            let _ = writeln!(problems, "{instance}: {suite}: {name}: {failure}");
        }
    }
    for row in rows {
        let Row { instance, suite, says, .. } = row;
        if !instances.contains(instance) {
            let _ = writeln!(problems, "{instance} is no instance of the demo; remove it from {EXPLAINED}");
            continue;
        }
        let made: BTreeSet<&str> =
            checks.iter().filter(|check| row.is_about(check)).map(|check| check.name.as_str()).collect();
        for name in &row.checks {
            let happens = |check: &&Check| check.name == *name && row.explains(check);
            if checks.iter().any(|check| happens(&check)) {
                continue;
            }
            let what = if made.contains(name.as_str()) {
                format!("does not fail any more with `{says}`")
            } else {
                "is no check of the suite".to_owned()
            };
            let _ = writeln!(problems, "{instance}: {suite}: {name} {what}; remove it from {EXPLAINED}");
        }
    }
    if problems.is_empty() {
        let explained = checks.iter().filter(|check| check.failure.is_some()).count();
        println!("{} checks, {explained} of them fail for the reasons in {EXPLAINED}", checks.len());
        return Ok(());
    }
    Err(format!("{problems}\nmend them, or explain them in {EXPLAINED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\n| suite | of |\n| --- | --- |\n| tester | others |\n\n### Instance `acme`\n\n\
        | suite | checks | says | why |\n| --- | --- | --- | --- |\n\
        | tester | `delete`, `read` | `exists` | soft |\n\n## Other\n\n| not | read |\n";

    fn check(name: &str, failure: Option<&str>) -> Check {
        Check {
            instance: "acme".into(),
            suite: "tester",
            name: name.into(),
            failure: failure.map(str::to_owned),
        }
    }

    fn judged(checks: &[Check]) -> Result<()> {
        judge(checks, &["acme".to_owned()], &read(PAGE).expect("a good page"))
    }

    #[test]
    fn rows_are_read_below_the_heading_of_an_instance() {
        let row = Row {
            instance: "acme".into(),
            suite: "tester".into(),
            checks: vec!["delete".into(), "read".into()],
            says: "exists".into(),
        };
        assert_eq!(read(PAGE), Ok(vec![row]));
    }

    #[test]
    fn a_row_without_reason_or_text_is_refused() {
        for row in
            ["| tester | `delete` | `exists` | |", "| tester | `delete` | exists | soft |", "| tester | x |"]
        {
            let page = format!("### Instance `acme`\n\n{row}\n");
            assert!(read(&page).is_err_and(|problem| problem.contains(row)), "{row}");
        }
    }

    #[test]
    fn a_failure_is_explained_by_its_check_and_its_text() {
        let both = [check("delete", Some("it exists")), check("read", Some("exists"))];
        assert_eq!(judged(&both), Ok(()));
        let other = judged(&[both[0].clone(), both[1].clone(), check("write", Some("exists"))]);
        assert_eq!(other.expect_err("unexplained").lines().next(), Some("acme: tester: write: exists"));
        let reason = judged(&[both[0].clone(), both[1].clone(), check("read", Some("500"))]);
        assert_eq!(reason.expect_err("another reason").lines().next(), Some("acme: tester: read: 500"));
    }

    #[test]
    fn an_explanation_is_needed() {
        let healed = judged(&[check("delete", Some("it exists")), check("read", None)]);
        assert!(healed.is_err_and(|problem| problem.contains("read does not fail any more with `exists`")));
        let gone = judged(&[check("delete", Some("it exists"))]);
        assert!(gone.is_err_and(|problem| problem.contains("read is no check of the suite")));
        let instance = judge(&[], &["other".to_owned()], &read(PAGE).expect("a good page"));
        assert!(instance.is_err_and(|problem| problem.contains("acme is no instance of the demo")));
    }
}
