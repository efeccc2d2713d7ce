//! The arrows of `docs/ARCHITECTURE.md`, held on the manifests: what a crate cannot name, it cannot use.

use std::path::Path;

use toml::Table;

use super::Fault;

/// Who may depend on a package.
struct Arrow {
    /// The package, or several of one kind.
    packages: &'static [&'static str],
    /// Directories of the crates that may name it.
    allowed: &'static [&'static str],
    /// Why nobody else.
    reason: &'static str,
}

const HOST: &str = "crates/connector-host";
const CORE: &str = "crates/connector-core";
const SANDBOX: &str = "crates/connector-sandbox";
const TESTKIT: &str = "crates/connector-testkit";
const TESTS: &str = "tests";
const XTASK: &str = "xtask";

/// Packages of the outside world.
const OUTSIDE: &[Arrow] = &[
    Arrow {
        packages: &["reqwest", "ureq", "isahc", "attohttpc", "curl", "surf", "awc"],
        allowed: &[CORE],
        reason: "every request leaves through `connector_core::http::Door`",
    },
    Arrow {
        packages: &["sqlx", "rusqlite", "tokio-postgres", "diesel", "sea-orm"],
        allowed: &[HOST],
        reason: "only the host keeps things; core owns the traits for what it needs kept",
    },
    Arrow {
        packages: &["axum", "warp", "actix-web"],
        allowed: &[HOST, SANDBOX],
        reason: "core and connectors know no server",
    },
    Arrow {
        packages: &["hyper", "hyper-util"],
        allowed: &[HOST, SANDBOX, TESTKIT, TESTS],
        reason: "core and connectors know no server, and have the door as their client",
    },
];

/// What a crate of the workspace may depend on in the workspace; `connectors/` stands for every connector.
fn inside(directory: &str) -> (&'static [&'static str], &'static str) {
    match directory {
        CORE => (&[], "core knows no vendor, no server and no database"),
        SANDBOX => (&[], "the stand-ins are the other side of the wire and must not share our mistakes"),
        TESTKIT => (&["connector-core"], "the behaviour suite sees connectors through core's traits"),
        HOST => (
            &["connector-core", "connector-sandbox", "connector-testkit", "connectors/"],
            "the host is the top",
        ),
        TESTS | XTASK => (
            &[
                "connector-core",
                "connector-host",
                "connector-sandbox",
                "connector-testkit",
                "connectors/",
                "xtask",
            ],
            "tests and tasks may name everything",
        ),
        _ => (
            &["connector-core", "connector-testkit"],
            "connectors know core alone, and the suite that tests them",
        ),
    }
}

/// What breaks an arrow in this manifest.
pub(super) fn faults(path: &Path, text: &str) -> Vec<Fault> {
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Fault::new(path, None, format!("cannot be read: {error}"), "mend it")],
    };
    if !manifest.contains_key("package") {
        return Vec::new();
    }
    let directory = path.parent().and_then(Path::to_str).unwrap_or_default();
    let mut faults = Vec::new();
    for package in dependencies(&manifest) {
        let line = text.lines().position(|line| line.contains(package.as_str())).map(|index| index + 1);
        let mut broken = |reason: &str| {
            let rule = format!("{directory} must not depend on {package}: {reason}");
            faults.push(Fault::new(path, line, rule, "remove the line; see docs/ARCHITECTURE.md"));
        };
        for arrow in OUTSIDE {
            if arrow.packages.contains(&package.as_str()) && !arrow.allowed.contains(&directory) {
                broken(arrow.reason);
            }
        }
        let ours = package.starts_with("connector-") || package == "xtask";
        let (allowed, reason) = inside(directory);
        let is_vendor = ours && !KNOWN.contains(&package.as_str());
        let class = if is_vendor { "connectors/" } else { package.as_str() };
        if ours && !allowed.contains(&class) {
            broken(reason);
        }
    }
    faults
}

/// Crates of the workspace that are no connectors.
const KNOWN: &[&str] = &[
    "connector-core",
    "connector-host",
    "connector-host-tests",
    "connector-sandbox",
    "connector-testkit",
    "xtask",
];

/// Every package a manifest names, of all kinds and targets, by its real name.
fn dependencies(manifest: &Table) -> Vec<String> {
    let mut tables = vec![manifest];
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    tables.extend(targets.into_iter().flat_map(Table::values).filter_map(toml::Value::as_table));
    let mut packages = Vec::new();
    for table in tables {
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table.get(kind).and_then(toml::Value::as_table).into_iter().flatten() {
                let renamed = value.get("package").and_then(toml::Value::as_str);
                packages.push(renamed.unwrap_or(name).to_owned());
            }
        }
    }
    packages.sort();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(directory: &str, dependency: &str) -> bool {
        let text = format!("[package]\nname = \"x\"\n{dependency}\n");
        !faults(&Path::new(directory).join("Cargo.toml"), &text).is_empty()
    }

    #[test]
    fn arrows_point_one_way() {
        let normal = |package: &str| format!("[dependencies]\n{package}.workspace = true");
        for (directory, package) in [
            (CORE, "connector-slack"),
            (CORE, "axum"),
            (CORE, "sqlx"),
            (SANDBOX, "connector-core"),
            (SANDBOX, "reqwest"),
            (HOST, "reqwest"),
            ("connectors/slack", "connector-host"),
            ("connectors/slack", "connector-sandbox"),
            ("connectors/slack", "connector-webex"),
            ("connectors/slack", "reqwest"),
            ("connectors/slack", "axum"),
            ("connectors/slack", "sqlx"),
        ] {
            assert!(broken(directory, &normal(package)), "{directory} may depend on {package}");
        }
        for (directory, package) in [
            (CORE, "reqwest"),
            (HOST, "sqlx"),
            (HOST, "connector-sandbox"),
            (HOST, "connector-slack"),
            ("connectors/slack", "connector-core"),
            ("connectors/slack", "connector-testkit"),
            (TESTS, "connector-sandbox"),
        ] {
            assert!(!broken(directory, &normal(package)), "{directory} may not depend on {package}");
        }
    }

    #[test]
    fn no_kind_of_dependency_is_a_way_round() {
        for dependency in [
            "[dev-dependencies]\nreqwest = \"1\"",
            "[target.'cfg(unix)'.dependencies]\nreqwest = \"1\"",
            "[dependencies]\nclient = { package = \"reqwest\", version = \"1\" }",
        ] {
            assert!(broken("connectors/slack", dependency), "{dependency}");
        }
    }
}
