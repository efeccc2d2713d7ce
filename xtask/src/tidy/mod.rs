//! `tidy`: the rules of this repository that no compiler checks. Plain `cargo test` checks them too.

mod manifests;
mod quotes;
mod snapshots;
mod sources;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::{Result, readme, workspace};

/// A broken rule: where, which, and what repairs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file, from the root.
    pub path: PathBuf,
    /// The line, where one is to blame.
    pub line: Option<usize>,
    /// What does not hold.
    pub rule: String,
    /// The command or edit that repairs it.
    pub repair: String,
}

impl Fault {
    fn new(path: &Path, line: Option<usize>, rule: impl Into<String>, repair: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule: rule.into(), repair: repair.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}; {}", self.rule, self.repair)
    }
}

/// Prints every broken rule.
pub(crate) fn run() -> Result<()> {
    let faults = faults()?;
    if faults.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    Err(lines.join("\n"))
}

/// Every broken rule of the repository.
pub fn faults() -> Result<Vec<Fault>> {
    let files = workspace::files()?;
    let mut faults = Vec::new();
    for path in &files {
        faults.extend(snapshots::faults(path, &|path| workspace::read(path).ok()));
        // What is not text has no rules.
        let Ok(text) = workspace::read(path) else { continue };
        faults.extend(sources::faults(path, &text));
        faults.extend(quotes::faults(path, &text, &|path| workspace::read(path).ok()));
        if path.ends_with("Cargo.toml") {
            faults.extend(manifests::faults(path, &text));
        }
    }
    if let Err(problem) = readme::commands() {
        faults.push(Fault::new(Path::new("README.md"), None, problem, "`cargo xtask ci` runs both commands"));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_tidy() {
        let faults = faults().unwrap();
        let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
        assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
    }
}
