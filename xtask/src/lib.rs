//! The project's own tasks. `.ci/run` calls `cargo xtask ci`, as developers do.

mod bench;
mod ci;
mod command;
mod conformance;
#[cfg(feature = "docs")]
mod connector_page;
/// The replay corpus, which the end-to-end tests run as well.
#[path = "../../tests/src/replay/mod.rs"]
pub mod corpus;
pub mod docs;
mod http;
mod mapping_diff;
mod new_connector;
/// A PostgreSQL server, which the tests start as well.
#[path = "../../tests/src/postgres.rs"]
pub mod postgres;
pub mod readme;
mod replay;
mod service;
mod soak;
pub mod tidy;
mod venv;
pub mod workspace;

/// Problems are told as text: they end the task and a person reads them.
pub type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "usage: cargo xtask COMMAND

  ci              everything that must hold before a change is merged
  tidy            the rules of this repository that no compiler checks
  docs [--check]  writes the generated pages of docs/; --check: fails when one is stale
  new-connector NAME [--auth bearer|header|oauth] [--sandbox]
                  a crate that compiles at once, and whose tests say what is left to fill in
  try-scaffold    scaffolds a throw-away connector and the one of docs/adding-a-connector.md in a copy of the workspace,
                  and builds and tests both
  mapping-diff [BASE]
                  what changed since a revision means to the clients of each connector; fails when one breaks them without
                  a new major version
  conformance [INSTANCE...]
                  scim2-tester, scim-sanity and the replay corpus against the demo, or these instances of it;
                  docs/conformance.md explains what fails
  bench [--quick] the same load directly, through nginx and through the gateway; not --quick: the ledger with 1,000,000
                  entries
  bench budget [--quick]
                  the share of the target's permitted rate that is used under sustained load, by one process and by three
                  on one PostgreSQL, and the 429s provoked
  replay --base URL --token TOKEN [--client NAME]
                  what SCIM clients really send, against any instance, with a score per client
  soak [--rounds N]
                  kills the host in the middle of refreshes, 200 times, and looks at what is left
  venv            puts the Python clients of tests/python/requirements.txt into target/venv";

/// Does what the command line says.
pub fn run(words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ci"] => ci::run(),
        ["tidy"] => tidy::run(),
        ["docs"] => docs::run(false),
        ["docs", "--check"] => docs::run(true),
        ["new-connector", options @ ..] => new_connector::run(options),
        ["try-scaffold"] => new_connector::check::run(),
        ["mapping-diff"] => mapping_diff::run(None),
        ["mapping-diff", base] if !base.starts_with('-') => mapping_diff::run(Some(base)),
        ["conformance", only @ ..] if only.iter().all(|name| !name.starts_with('-')) => {
            conformance::run(only)
        }
        ["bench"] => bench::run(false),
        ["bench", "--quick"] => bench::run(true),
        ["bench", "budget"] => bench::budget(false),
        ["bench", "budget", "--quick"] => bench::budget(true),
        ["replay", options @ ..] => replay::run(options),
        ["soak", options @ ..] => soak::run(options),
        ["venv"] => venv::run().map(drop),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => Err(USAGE.to_owned()),
        words => Err(format!("unknown: {}\n\n{USAGE}", words.join(" "))),
    }
}
