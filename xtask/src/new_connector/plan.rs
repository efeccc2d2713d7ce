//! What a new connector changes in the workspace, found out before anything is written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Wanted, files::files};
use crate::Result;

const WORKSPACE: &str = "Cargo.toml";
const HOST: &str = "crates/connector-host/Cargo.toml";
const REGISTRY: &str = "crates/connector-host/src/registry.rs";
const SANDBOX: &str = "crates/connector-sandbox/src/lib.rs";

/// Files to create and files to change.
#[derive(Debug)]
pub(super) struct Plan {
    create: Vec<(PathBuf, String)>,
    /// Path, the text as it is, and as it shall be.
    change: Vec<(PathBuf, String, String)>,
}

impl Plan {
    /// The plan for this workspace; refused when something of that name is there.
    pub(super) fn new(wanted: &Wanted, root: &Path) -> Result<Self> {
        let name = wanted.name.lower();
        let crate_line = format!("connector-{name}");
        let mut changes = vec![
            (WORKSPACE, "connector-", format!("{crate_line} = {{ path = \"connectors/{name}\" }}")),
            (HOST, "connector-", format!("{crate_line}.workspace = true")),
            (REGISTRY, "    connector_", format!("    connector_{name}::REGISTRATION,")),
        ];
        if wanted.sandbox {
            changes.push((SANDBOX, "pub mod ", format!("pub mod {name};")));
        }
        let mut plan = Self { create: Vec::new(), change: Vec::new() };
        for (path, prefix, line) in changes {
            let text = fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
            if text.lines().any(|held| key(held) == key(&line)) {
                return Err(format!(
                    "{path} has {:?} already: there is a connector or module of that name",
                    key(&line)
                ));
            }
            let new = inserted(&text, prefix, &line).ok_or_else(|| {
                format!("{path} has no line that begins with {prefix:?}: add `{line}` where it belongs")
            })?;
            plan.change.push((path.into(), text, new));
        }
        for (path, text) in files(wanted) {
            let directory: PathBuf =
                path.split('/').take(if path.starts_with("crates") { 4 } else { 2 }).collect();
            if root.join(&directory).exists() || root.join(&directory).with_extension("rs").exists() {
                return Err(format!(
                    "{} is there already: take another name, or remove it",
                    directory.display()
                ));
            }
            plan.create.push((path.into(), text));
        }
        Ok(plan)
    }

    /// Writes everything and returns the paths; on a failure takes back what was written.
    pub(super) fn apply(&self, root: &Path) -> Result<Vec<PathBuf>> {
        let mut done = Vec::new();
        match self.write(root, &mut done) {
            Ok(()) => Ok(done),
            Err(problem) => {
                self.take_back(root, &done);
                Err(format!("{problem}; nothing was changed"))
            }
        }
    }

    fn write(&self, root: &Path, done: &mut Vec<PathBuf>) -> Result<()> {
        let changed = self.change.iter().map(|(path, _, new)| (path, new));
        for (path, text) in self.create.iter().map(|(path, text)| (path, text)).chain(changed) {
            let whole = root.join(path);
            let failed = |error| format!("{}: {error}", path.display());
            whole.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
            done.push(path.clone());
            fs::write(&whole, text).map_err(failed)?;
        }
        Ok(())
    }

    /// Best effort: the failure that led here is what is told.
    fn take_back(&self, root: &Path, done: &[PathBuf]) {
        for (path, old, _) in self.change.iter().filter(|(path, ..)| done.contains(path)) {
            let _ = fs::write(root.join(path), old);
        }
        for (path, _) in &self.create {
            let _ = fs::remove_file(root.join(path));
            // Directories that are empty now, from the inside.
            for directory in
                path.ancestors().skip(1).take_while(|directory| directory.components().count() > 0)
            {
                let _ = fs::remove_dir(root.join(directory));
            }
        }
    }
}

/// What a line is about: its text up to the first space, dot or sign that follows a name.
fn key(line: &str) -> &str {
    let line = line.trim().trim_start_matches("pub ").trim_start_matches("mod ");
    line.split([' ', '.', ':', ';']).next().unwrap_or_default()
}

/// The text with a line in its place among the first lines with this beginning, which are sorted.
fn inserted(text: &str, prefix: &str, line: &str) -> Option<String> {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|held| held.starts_with(prefix))?;
    let run = lines[first..].iter().take_while(|held| !held.is_empty() && !held.starts_with(']')).count();
    // Modules are sorted whoever may see them.
    let is_alike =
        |held: &&str| held.starts_with(prefix) || (prefix == "pub mod " && held.starts_with("mod "));
    let after = lines[first..first + run].iter().rposition(|held| is_alike(held) && key(held) < key(line));
    let at = after.map_or(first, |position| first + position + 1);
    lines.insert(at, line);
    Some(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Auth, name::Name},
        *,
    };
    use crate::workspace;

    fn wanted(name: &str) -> Wanted {
        Wanted { name: Name::parse(name).unwrap(), auth: Auth::Consent, sandbox: true }
    }

    /// The files of this workspace that a plan reads.
    fn copy(directory: &Path) {
        for path in [WORKSPACE, HOST, REGISTRY, SANDBOX] {
            let whole = directory.join(path);
            fs::create_dir_all(whole.parent().unwrap()).unwrap();
            fs::copy(workspace::root().join(path), whole).unwrap();
        }
    }

    fn files_in(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut directories = vec![directory.to_owned()];
        while let Some(next) = directories.pop() {
            for entry in fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    found.push((path.clone(), Vec::new()));
                    directories.push(path);
                } else {
                    found.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_new_connector_is_one_line_in_each_place_of_the_workspace() {
        let directory = tempfile::tempdir().unwrap();
        copy(directory.path());
        let plan = Plan::new(&wanted("throwaway"), workspace::root()).unwrap();
        let written = plan.apply(directory.path()).unwrap();
        assert!(written.contains(&PathBuf::from("connectors/throwaway/src/oauth.rs")), "{written:?}");
        for (path, old, new) in &plan.change {
            let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
            assert_eq!(new.len(), old.len() + 1, "{}", path.display());
            let at = (0..old.len()).find(|&index| old[index] != new[index]).unwrap_or(old.len());
            assert!(key(new[at]).ends_with("throwaway"), "{}: {}", path.display(), new[at]);
            assert_eq!(new[at + 1..], old[at..], "{}", path.display());
        }
        for (path, text) in &plan.create {
            assert!(!text.to_lowercase().contains("newtarget") && !text.contains("/*"), "{}", path.display());
        }
    }

    #[test]
    fn what_is_there_is_refused_and_left_alone() {
        for taken in ["slack", "activecampaign"] {
            let problem = Plan::new(&wanted(taken), workspace::root()).unwrap_err();
            assert!(problem.contains("there is a connector"), "{problem}");
        }
        let problem = Plan::new(&wanted("harness"), workspace::root()).unwrap_err();
        assert!(problem.contains("connector-sandbox"), "a module of the sandbox: {problem}");
    }

    #[test]
    fn nothing_is_half_written() {
        let directory = tempfile::tempdir().unwrap();
        copy(directory.path());
        let before = files_in(directory.path());
        let mut plan = Plan::new(&wanted("throwaway"), directory.path()).unwrap();
        // The last file cannot be written: a directory is where it goes.
        plan.change.push(("crates".into(), String::new(), String::new()));
        let problem = plan.apply(directory.path()).unwrap_err();
        assert!(problem.ends_with("nothing was changed"), "{problem}");
        assert!(before == files_in(directory.path()), "what was written was taken back");
    }
}
