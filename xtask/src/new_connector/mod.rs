//! `new-connector`: a crate that compiles at once, and whose tests say what is left to fill in.

pub(crate) mod check;
mod files;
mod name;
mod plan;

use crate::{Result, workspace};

pub(crate) const USAGE: &str = "usage: cargo xtask new-connector NAME [--auth bearer|header|oauth] [--sandbox]

NAME       the connector's name in configuration: lower-case letters and digits
--auth     how the target authenticates this host: a bearer token (the default), a key in a header, a consent flow
--sandbox  a stand-in of the target in crates/connector-sandbox as well";

/// How the target authenticates this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// A bearer token obtained elsewhere.
    Bearer,
    /// A key in a header.
    Header,
    /// A consent flow, and bearer tokens.
    Consent,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) name: name::Name,
    pub(crate) auth: Auth,
    pub(crate) sandbox: bool,
}

/// Writes the crate and its lines in the workspace, or nothing.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let wanted = parse(words)?;
    let plan = plan::Plan::new(&wanted, workspace::root())?;
    for path in plan.apply(workspace::root())? {
        println!("{}", path.display());
    }
    let name = wanted.name.lower();
    println!(
        "\nWhat is left to do, each with its sentence:\n  cargo test -p connector-{name} --no-fail-fast\n\nWhen nothing is left:\n  \
         INSTA_UPDATE=always cargo test -p connector-{name}   # then read the new snapshots line by line\n  cargo fmt\n  cargo xtask docs\n  \
         cargo xtask tidy\n\nA walk-through: docs/adding-a-connector.md"
    );
    Ok(())
}

fn parse(words: &[&str]) -> Result<Wanted> {
    let told = |problem: String| format!("{problem}\n\n{USAGE}");
    let (mut name, mut auth, mut sandbox) = (None, Auth::Bearer, false);
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        match word {
            "--sandbox" => sandbox = true,
            "--auth" => {
                auth = match words.next() {
                    Some(&"bearer") => Auth::Bearer,
                    Some(&"header") => Auth::Header,
                    Some(&"oauth") => Auth::Consent,
                    other => {
                        let other = other.copied().unwrap_or("nothing");
                        return Err(told(format!("--auth takes bearer, header or oauth, not {other}")));
                    }
                }
            }
            option if option.starts_with('-') => return Err(told(format!("unknown option {option}"))),
            text if name.is_none() => name = Some(name::Name::parse(text)?),
            text => return Err(told(format!("one NAME, please: what is {text:?}?"))),
        }
    }
    let name = name.ok_or_else(|| told("NAME is missing".to_owned()))?;
    Ok(Wanted { name, auth, sandbox })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_read_and_what_is_wrong_with_it_told() {
        let wanted = parse(&["pagerduty", "--auth", "header", "--sandbox"]).unwrap();
        assert_eq!((wanted.auth, wanted.sandbox, wanted.name.lower()), (Auth::Header, true, "pagerduty"));
        for (words, problem) in [
            (&[][..], "NAME is missing"),
            (&["a", "b"][..], "what is \"b\"?"),
            (&["a", "--auth", "basic"][..], "not basic"),
            (&["a", "--auth"][..], "not nothing"),
            (&["a", "--what"][..], "unknown option --what"),
        ] {
            let told = parse(words).unwrap_err();
            assert!(told.contains(problem) && told.contains("usage:"), "{told}");
        }
    }
}
