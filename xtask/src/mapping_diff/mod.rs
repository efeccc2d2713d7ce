//! `mapping-diff`: what a change means to the clients of each connector, in sentences, and whether its version says so.

#[cfg(feature = "docs")]
mod base;
#[cfg(feature = "docs")]
mod report;

use crate::Result;
#[cfg(not(feature = "docs"))]
use crate::{command, workspace};

/// Compares the connectors as they are compiled with those of a revision, and fails when one breaks clients without a new
/// major version.
#[cfg(feature = "docs")]
pub(crate) fn run(revision: Option<&str>) -> Result<()> {
    use base::{Base, Held};

    let clone = base::Clone(crate::workspace::root());
    let chosen = match revision {
        Some(revision) => Base::Revision(revision.to_owned(), "as asked for".to_owned()),
        None => clone.base(),
    };
    let (revision, why) = match chosen {
        Base::Revision(revision, why) => (revision, why),
        Base::Nothing(why) => {
            println!("nothing was compared: {why}");
            return Ok(());
        }
    };
    println!("compared with {revision}, {why}\n");
    match clone.contracts(&revision)? {
        Held::Contracts(before) => {
            let (text, faults) = report::report(&before, &contracts());
            print!("{text}");
            if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
        }
        Held::None => {
            println!("nothing was compared: {revision} is older than the contracts in docs/connectors");
            Ok(())
        }
    }
}

/// The same, by a build of this task that holds the connectors.
#[cfg(not(feature = "docs"))]
pub(crate) fn run(revision: Option<&str>) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--features", "docs", "--", "mapping-diff"]);
    cargo.args(revision);
    command::run(&mut cargo).map_err(|_| "the change of the mappings is not right; see above".to_owned())
}

/// The contracts of all connectors as they are compiled.
#[cfg(feature = "docs")]
fn contracts() -> Vec<connector_core::contract::Contract> {
    connector_host::registry::CONNECTORS.iter().map(crate::docs::contract).collect()
}

#[cfg(all(test, feature = "docs"))]
mod tests {
    use connector_core::contract::Contract;

    /// A small contract of this connector and major version.
    pub(super) fn contract(name: &str, major: u16) -> Contract {
        let text = serde_json::json!({
            "connector": name,
            "version": {"major": major, "minor": 0},
            "resources": [{
                "resource": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
                "create": true, "change": true, "delete": true, "soft_delete": false, "members": false,
                "attributes": [
                    {"scim": "id", "target": "id", "way": "read", "required": true},
                    {"scim": "userName", "target": "login", "way": "both", "required": true},
                    {"scim": "nickName", "target": "nick", "way": "both"},
                    {"scim": "title", "target": "title", "way": "read"},
                ],
                "unmapped": [],
            }],
            "parameters": [], "credentials": [{"key": "access_token"}], "hosts": ["api.example.com"],
        });
        Contract::from_json(&text.to_string()).expect("a contract")
    }

    #[test]
    fn an_unknown_revision_is_told_in_the_words_of_git() {
        let problem = super::run(Some("no-such-revision")).unwrap_err();
        assert!(problem.contains("no-such-revision"), "{problem}");
    }
}
