//! `try-scaffold`: a throw-away connector compiles and fails at exactly what is left to fill in, and the files of the
//! walk-through laid over a scaffold make a connector that passes.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Auth, Wanted, name::Name, plan::Plan};
use crate::{Result, command, workspace};

/// The tests of a fresh scaffold that fail, each with a sentence that says what to fill in.
const LEFT: &[&str] = &[
    "conflict",
    "credential_refused",
    "credential_refused_once",
    "duplicate_create",
    "endless_list",
    "errors::tests::the_error_table",
    "forbidden",
    "missing_id",
    "missing_on_write",
    "rate_limited",
    "secrets",
    "spec::tests::the_declaration_is_filled_in",
    "the_fixture_is_an_answer_of_the_target",
    "the_tables",
    "unavailable",
];

/// The files of the walk-through.
const WALKTHROUGH: &str = "docs/adding-a-connector";

/// Scaffolds, builds and tests both.
pub(crate) fn run() -> Result<()> {
    let copy = Workspace::copy()?;
    copy.scaffold(&Wanted { name: Name::parse("throwaway")?, auth: Auth::Consent, sandbox: true })?;
    copy.scaffold(&Wanted { name: Name::parse("pagerduty")?, auth: Auth::Header, sandbox: false })?;
    copy.lay_over("pagerduty")?;
    command::run(copy.cargo().args([
        "check",
        "--quiet",
        "--package",
        "connector-host",
        "--package",
        "connector-sandbox",
    ]))?;

    let outcome = copy.test("throwaway")?;
    let wanted: BTreeSet<&str> = LEFT.iter().copied().collect();
    let failed: BTreeSet<&str> = outcome.failed.iter().map(|(name, _)| name.as_str()).collect();
    if failed != wanted {
        let more: Vec<_> = failed.difference(&wanted).collect();
        let less: Vec<_> = wanted.difference(&failed).collect();
        return Err(format!(
            "a fresh scaffold fails elsewhere than at what is left to fill in: unexpected {more:?}, passing {less:?}\n{}",
            outcome.text
        ));
    }
    if let Some((name, text)) = outcome.failed.iter().find(|(_, text)| !text.contains("FILL IN")) {
        return Err(format!(
            "the test {name} of a fresh scaffold fails without saying what to fill in:\n{text}"
        ));
    }

    let outcome = copy.test("pagerduty")?;
    if !outcome.failed.is_empty() || outcome.passed == 0 {
        return Err(format!("the connector of the walk-through does not pass\n{}", outcome.text));
    }
    copy.nothing_left("pagerduty")
}

/// A copy of the workspace, built in the same target directory: what the copy depends on is built already.
struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// What `cargo test` said.
struct Outcome {
    /// Failed tests with what each printed.
    failed: Vec<(String, String)>,
    passed: usize,
    text: String,
}

impl Workspace {
    /// Copies what differs, so that what is built stays fresh, and removes what earlier runs made.
    fn copy() -> Result<Self> {
        let target = workspace::target()?;
        let root = target.join("scaffold");
        let files = workspace::files()?;
        for path in &files {
            let (from, to) = (workspace::root().join(path), root.join(path));
            let failed = |error| format!("{}: {error}", path.display());
            let text = fs::read(&from).map_err(failed)?;
            if fs::read(&to).ok().as_ref() != Some(&text) {
                to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
                fs::write(&to, text).map_err(failed)?;
            }
        }
        let known: BTreeSet<&Path> = files.iter().map(PathBuf::as_path).collect();
        remove_others(&root, Path::new(""), &known)
            .map_err(|error| format!("{}: {error}", root.display()))?;
        Ok(Self { root, target })
    }

    fn scaffold(&self, wanted: &Wanted) -> Result<()> {
        Plan::new(wanted, &self.root)?.apply(&self.root).map(drop)
    }

    /// Lays the files of the walk-through over a connector.
    fn lay_over(&self, name: &str) -> Result<()> {
        for path in workspace::files()?.iter().filter(|path| path.starts_with(WALKTHROUGH)) {
            let own = path.strip_prefix(WALKTHROUGH).unwrap_or(path);
            let to = self.root.join("connectors").join(name).join(own);
            let failed = |error| format!("{}: {error}", to.display());
            to.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
            fs::copy(workspace::root().join(path), &to).map_err(failed)?;
        }
        Ok(())
    }

    fn cargo(&self) -> Command {
        let mut cargo = workspace::cargo();
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// Runs the tests of a connector. New snapshots are written: there is nobody yet who could have read them.
    fn test(&self, name: &str) -> Result<Outcome> {
        let mut test = self.cargo();
        test.args(["test", "--no-fail-fast", "--package", &format!("connector-{name}")]);
        let output = test.env("INSTA_UPDATE", "always").env("RUST_BACKTRACE", "0").output();
        let output = output.map_err(|error| format!("`{}` cannot be run: {error}", command::shown(&test)))?;
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !out.contains("test result:") {
            return Err(format!("connector-{name} does not compile:\n{err}"));
        }
        Ok(read(&out))
    }

    /// Whether the walk-through fills in everything.
    fn nothing_left(&self, name: &str) -> Result<()> {
        let directory = self.root.join("connectors").join(name);
        let mut directories = vec![directory];
        while let Some(next) = directories.pop() {
            let failed = |error| format!("{}: {error}", next.display());
            for entry in fs::read_dir(&next).map_err(failed)? {
                let path = entry.map_err(failed)?.path();
                if path.is_dir() {
                    directories.push(path);
                } else if fs::read_to_string(&path).is_ok_and(|text| text.contains("FILL IN")) {
                    return Err(format!("{}: the walk-through leaves something to fill in", path.display()));
                }
            }
        }
        Ok(())
    }
}

/// Removes what is in the copy and not in the workspace, but for the lock file, which the copy extends.
fn remove_others(root: &Path, directory: &Path, known: &BTreeSet<&Path>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(directory))? {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if known.iter().any(|held| held.starts_with(&path)) {
                remove_others(root, &path, known)?;
            } else {
                fs::remove_dir_all(entry.path())?;
            }
        } else if !known.contains(path.as_path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Reads what the test harness prints.
fn read(text: &str) -> Outcome {
    let mut failed: Vec<(String, String)> = Vec::new();
    let mut passed = 0;
    for line in text.lines() {
        match line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            Some((name, "FAILED")) => failed.push((name.to_owned(), String::new())),
            Some((_, "ok")) => passed += 1,
            _ => {}
        }
    }
    for (name, told) in &mut failed {
        let section = text.split_once(&format!("---- {name} stdout ----")).map_or("", |(_, rest)| rest);
        let end = section.find("\n---- ").or_else(|| section.find("\nfailures:"));
        section[..end.unwrap_or(section.len())].trim().clone_into(told);
    }
    Outcome { failed, passed, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_harness_prints_is_read() {
        let text = "running 3 tests\ntest a ... ok\ntest b ... FAILED\ntest c::d ... FAILED\n\nfailures:\n\n---- b stdout ----\n\
                    FILL IN b\n---- c::d stdout ----\nsomething\n\nfailures:\n    b\n    c::d\n\ntest result: FAILED.";
        let outcome = read(text);
        assert_eq!(outcome.passed, 1);
        assert_eq!(
            outcome.failed,
            [("b".to_owned(), "FILL IN b".to_owned()), ("c::d".to_owned(), "something".to_owned())]
        );
    }
}
