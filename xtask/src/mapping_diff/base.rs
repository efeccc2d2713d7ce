//! What a change is compared with: a revision of the repository, and the contracts that were committed with it.

use std::{path::Path, process::Command};

use connector_core::contract::Contract;

use crate::Result;

/// Where the pages and contracts of the connectors are.
const DIRECTORY: &str = "docs/connectors/";

/// A clone of the repository.
pub(super) struct Clone<'p>(pub(super) &'p Path);

/// What a change is compared with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// A revision, and which one it is in words.
    Revision(String, String),
    /// Nothing, and why.
    Nothing(String),
}

/// What a revision holds.
pub(super) enum Held {
    /// The contracts of all its connectors.
    Contracts(Vec<Contract>),
    /// It is older than contracts are.
    None,
}

impl Clone<'_> {
    /// The revision a change is compared with when none is named: where its branch left main; on main itself the last
    /// release, as that is what clients have. Before any release there are no clients whose version could have been raised
    /// for them: each commit is compared with the one before.
    pub(super) fn base(&self) -> Base {
        let Some(head) = self.commit("HEAD") else {
            return Base::Nothing("this is no clone of the repository".to_owned());
        };
        let released = self.git(&["describe", "--tags", "--abbrev=0", "HEAD"]).is_ok();
        for main in ["origin/main", "main"].into_iter().filter(|_| released) {
            match self.git(&["merge-base", "HEAD", main]) {
                Ok(base) if base != head => {
                    return Base::Revision(base, format!("where this branch left {main}"));
                }
                _ => {}
            }
        }
        if let Ok(tag) = self.git(&["describe", "--tags", "--abbrev=0", "HEAD~1"]) {
            return Base::Revision(tag, "the last release".to_owned());
        }
        match self.commit("HEAD~1") {
            Some(parent) => Base::Revision(parent, "the commit before".to_owned()),
            None => Base::Nothing(
                "this clone holds one commit only (`git fetch --deepen=1` brings the one before)".to_owned(),
            ),
        }
    }

    /// The contracts at a revision.
    pub(super) fn contracts(&self, revision: &str) -> Result<Held> {
        let listed = self.git(&["ls-tree", "-r", "--name-only", "--full-tree", revision, DIRECTORY])?;
        let of_kind = |kind: &'static str| listed.lines().filter(move |path| path.ends_with(kind));
        if of_kind(".json").next().is_none() && of_kind(".md").next().is_some() {
            return Ok(Held::None);
        }
        let read = |path: &str| {
            let text = self.git(&["show", &format!("{revision}:{path}")])?;
            Contract::from_json(&text).map_err(|error| format!("{path} at {revision}: {error}"))
        };
        of_kind(".json").map(read).collect::<Result<_>>().map(Held::Contracts)
    }

    fn commit(&self, revision: &str) -> Option<String> {
        self.git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).ok()
    }

    /// What git says, or its complaint.
    fn git(&self, words: &[&str]) -> Result<String> {
        let output = Command::new("git").arg("-C").arg(self.0).args(words).output();
        let output = output.map_err(|error| format!("git cannot be run: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(format!("`git {}`: {}", words.join(" "), complaint.trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with a commit on main for each name, which is its message and its one page.
    fn repository(directory: &Path, commits: &[&str]) {
        run(directory, &["init", "--quiet", "--initial-branch=main"]);
        for name in commits {
            commit(directory, name);
        }
    }

    fn commit(directory: &Path, name: &str) {
        run(
            directory,
            &[
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@example.com",
                "commit",
                "--quiet",
                "--allow-empty",
                "-m",
                name,
            ],
        );
    }

    fn run(directory: &Path, words: &[&str]) -> String {
        Clone(directory).git(words).unwrap()
    }

    fn named(directory: &Path) -> (String, String) {
        match Clone(directory).base() {
            Base::Revision(revision, why) => (run(directory, &["log", "-1", "--format=%s", &revision]), why),
            Base::Nothing(why) => panic!("nothing: {why}"),
        }
    }

    #[test]
    fn a_branch_is_compared_with_where_it_left_main() {
        let directory = tempfile::tempdir().unwrap();
        repository(directory.path(), &["one", "two"]);
        run(directory.path(), &["checkout", "--quiet", "-b", "topic"]);
        commit(directory.path(), "three");
        commit(directory.path(), "four");
        assert_eq!(named(directory.path()), ("three".to_owned(), "the commit before".to_owned()));
        run(directory.path(), &["tag", "v1", "main"]);
        assert_eq!(named(directory.path()), ("two".to_owned(), "where this branch left main".to_owned()));
    }

    #[test]
    fn main_is_compared_with_the_last_release_and_before_any_with_the_commit_before() {
        let directory = tempfile::tempdir().unwrap();
        repository(directory.path(), &["one", "two", "three"]);
        assert_eq!(named(directory.path()), ("two".to_owned(), "the commit before".to_owned()));
        run(directory.path(), &["tag", "v1", "HEAD~2"]);
        assert_eq!(named(directory.path()), ("one".to_owned(), "the last release".to_owned()));
        run(directory.path(), &["tag", "v2"]);
        assert_eq!(named(directory.path()).0, "one", "a release is not compared with itself");
    }

    #[test]
    fn a_fresh_clone_of_main_and_a_shallow_one_say_what_they_have() {
        let (origin, fresh, shallow) =
            (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        repository(origin.path(), &["one", "two"]);
        let url = format!("file://{}", origin.path().display());
        run(fresh.path(), &["clone", "--quiet", &url, "."]);
        assert_eq!(named(fresh.path()), ("one".to_owned(), "the commit before".to_owned()));
        run(shallow.path(), &["clone", "--quiet", "--depth=1", &url, "."]);
        assert!(
            matches!(Clone(shallow.path()).base(), Base::Nothing(why) if why.contains("one commit only"))
        );
        commit(shallow.path(), "three");
        assert_eq!(named(shallow.path()), ("two".to_owned(), "the commit before".to_owned()));
        run(shallow.path(), &["tag", "v1", "HEAD~1"]);
        assert_eq!(
            named(shallow.path()),
            ("two".to_owned(), "where this branch left origin/main".to_owned())
        );
    }

    #[test]
    fn what_is_no_clone_is_compared_with_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let outside = Clone(directory.path());
        assert!(matches!(outside.base(), Base::Nothing(why) if why.contains("no clone")));
        assert!(outside.contracts("HEAD").is_err_and(|problem| problem.contains("git ls-tree")));
    }

    #[test]
    fn contracts_are_read_from_the_revision_and_pages_alone_are_older_than_they() {
        let directory = tempfile::tempdir().unwrap();
        repository(directory.path(), &["one"]);
        let held = |revision| Clone(directory.path()).contracts(revision);
        assert!(matches!(held("HEAD").unwrap(), Held::Contracts(none) if none.is_empty()));
        let write = |name: &str, text: &str| {
            let path = directory.path().join(DIRECTORY).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            run(directory.path(), &["add", "."]);
            commit(directory.path(), name);
        };
        write("slack.md", "# Slack");
        assert!(matches!(held("HEAD").unwrap(), Held::None));
        write("slack.json", &super::super::tests::contract("slack", 1).to_json());
        assert!(matches!(held("HEAD").unwrap(), Held::Contracts(one) if one[0].connector == "slack"));
        assert!(matches!(held("HEAD~1").unwrap(), Held::None));
        write("odd.json", "{}");
        assert!(held("HEAD").is_err_and(|problem| problem.starts_with("docs/connectors/odd.json at HEAD:")));
    }
}
