//! Snapshots: none pending, none whose test is gone.

use std::path::Path;

use super::Fault;

/// What is wrong with this file, if it is a snapshot; `read` gives the text of another file of the repository.
pub(super) fn faults(path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Vec<Fault> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if name.ends_with(".snap.new") || name.ends_with(".pending-snap") {
        return vec![Fault::new(
            path,
            None,
            "is a snapshot nobody has looked at",
            "read every changed line, then `cargo insta accept` or remove it",
        )];
    }
    let Some(stem) = name.strip_suffix(".snap") else { return Vec::new() };
    let Some(text) = read(path) else { return Vec::new() };
    let source = text.lines().take(12).find_map(|line| line.strip_prefix("source: "));
    let orphan = |rule: String| {
        vec![Fault::new(path, None, rule, "remove it, or run `cargo insta test --unreferenced=delete`")]
    };
    let Some(source) = source.map(|source| source.trim_matches('"')) else {
        return orphan("is a snapshot that names no test".to_owned());
    };
    let Some(caller) = read(Path::new(source)) else {
        return orphan(format!("is a snapshot of {source}, which is gone"));
    };
    // The name of a snapshot is given, or that of its test function; a second one in a function ends with -2.
    let label = stem.rsplit("__").next().unwrap_or(stem);
    let label =
        label.rsplit_once('-').filter(|(_, n)| n.parse::<u32>().is_ok()).map_or(label, |(label, _)| label);
    // A name made while the test runs cannot be looked for.
    if caller.contains(label) || caller.contains("_snapshot!(format!") || caller.contains("_snapshot!(name") {
        return Vec::new();
    }
    orphan(format!("is a snapshot that no test of {source} is called for"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_snapshot_and_one_without_its_test_are_told() {
        let read = |path: &Path| match path.to_str().unwrap() {
            "c/tests/snapshots/a__users.snap"
            | "c/tests/snapshots/a__users-2.snap"
            | "c/tests/snapshots/a__old.snap" => {
                Some("---\nsource: c/tests/a.rs\nexpression: x\n---\nx\n".to_owned())
            }
            "c/tests/snapshots/b__x.snap" => Some("---\nsource: c/tests/b.rs\n---\n".to_owned()),
            "c/tests/a.rs" => Some("fn users() { insta::assert_snapshot!(x); }".to_owned()),
            _ => None,
        };
        let rule = |path: &str| faults(Path::new(path), &read).first().map(|fault| fault.rule.clone());
        assert_eq!(rule("c/tests/snapshots/a__users.snap"), None);
        assert_eq!(rule("c/tests/snapshots/a__users-2.snap"), None);
        let rule = |path| rule(path).unwrap_or_default();
        assert_eq!(
            rule("c/tests/snapshots/a__old.snap"),
            "is a snapshot that no test of c/tests/a.rs is called for"
        );
        assert_eq!(rule("c/tests/snapshots/b__x.snap"), "is a snapshot of c/tests/b.rs, which is gone");
        assert_eq!(rule("c/a.snap.new"), "is a snapshot nobody has looked at");
    }
}
