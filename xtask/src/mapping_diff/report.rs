//! The report of a comparison, connector by connector, and what is wrong with it.

use std::fmt::Write as _;

use connector_core::contract::{Change, Contract, Effect, changes};

/// What changed from the connectors of one revision to those of another: the text, and a line per connector whose version
/// does not say what the change does.
pub(super) fn report(before: &[Contract], after: &[Contract]) -> (String, Vec<String>) {
    let (mut text, mut faults) = (String::new(), Vec::new());
    for now in after {
        one(before, now, &mut text, &mut faults);
    }
    for old in before.iter().filter(|old| after.iter().all(|now| key(now) != key(old))) {
        let (name, major) = key(old);
        let _ = writeln!(
            text,
            "{name} {}: gone: an instance that has `{name}@{major}` does not start\n",
            old.version
        );
    }
    (text, faults)
}

/// What instances pin.
fn key(contract: &Contract) -> (&str, u16) {
    (&contract.connector, contract.version.major)
}

fn one(before: &[Contract], now: &Contract, text: &mut String, faults: &mut Vec<String>) {
    let (name, major) = key(now);
    let held = before.iter().filter(|old| old.connector == name && old.version.major <= major);
    let Some(old) = held.max_by_key(|old| old.version) else {
        let _ = writeln!(text, "{name} {}: new\n", now.version);
        return;
    };
    let told = changes(old, now);
    if told.is_empty() {
        let _ = writeln!(text, "{name} {}: the same to its clients\n", now.version);
        return;
    }
    let _ = writeln!(text, "{name} {} -> {}", old.version, now.version);
    let mut heading = None;
    for Change { resource, .. } in &told {
        if heading == Some(resource) {
            continue;
        }
        heading = Some(resource);
        let _ = writeln!(text, "  {}", resource.as_deref().unwrap_or("instances"));
        for change in told.iter().filter(|change| change.resource == *resource) {
            let _ = writeln!(text, "    {change}");
        }
    }
    let breaking = told.iter().filter(|change| change.effect == Effect::Breaks).count();
    let verdict = match breaking {
        0 if now.version > old.version => "no client breaks".to_owned(),
        0 => format!("no client breaks: {}.{} is the version to raise it to", major, old.version.minor + 1),
        count if major > old.version.major => {
            format!("{count} of it breaks clients, and the major version says so")
        }
        count => {
            let next = major + 1;
            faults.push(format!(
                "{name}: {count} of the changes break existing clients: raise the version from {} to {next}.0 in its \
                 `ConnectorSpec`, or keep what they rely on",
                now.version
            ));
            format!("{count} of it breaks clients: it needs version {next}.0, and has {}", now.version)
        }
    };
    let _ = writeln!(text, "  => {verdict}\n");
}

#[cfg(test)]
mod tests {
    use connector_core::contract::Way;

    use super::{super::tests::contract, *};

    /// A change with something of everything.
    fn changed(major: u16) -> Contract {
        let mut now = contract("example", major);
        let attributes = &mut now.resources[0].attributes;
        attributes[2].way = Way::Read;
        attributes[3].way = Way::Both;
        attributes[1].filter = Some("login".to_owned());
        now.hosts.push("id.example.com".to_owned());
        now
    }

    #[test]
    fn a_change_that_breaks_clients_is_a_fault_until_the_major_version_is_raised() {
        let before = [contract("example", 1)];
        let (text, faults) = report(&before, &[changed(1)]);
        insta::assert_snapshot!("a_change_that_breaks_clients", text);
        assert_eq!(
            faults,
            ["example: 1 of the changes break existing clients: raise the version from 1.0 to 2.0 in its \
              `ConnectorSpec`, or keep what they rely on"]
        );
        let (text, faults) = report(&before, &[changed(2)]);
        assert!(faults.is_empty() && text.contains("the major version says so"), "{text}");
    }

    #[test]
    fn majors_side_by_side_are_each_compared_with_their_own() {
        let before = [contract("example", 1), changed(2)];
        let (text, faults) = report(&before, &before);
        assert_eq!(faults, [""; 0]);
        assert_eq!(text.matches("the same to its clients").count(), 2, "{text}");
    }

    #[test]
    fn a_new_connector_and_one_that_is_gone_are_told() {
        let (text, faults) = report(&[contract("old", 1)], &[contract("new", 1)]);
        assert_eq!(faults, [""; 0]);
        assert_eq!(text, "new 1.0: new\n\nold 1.0: gone: an instance that has `old@1` does not start\n\n");
    }

    #[test]
    fn a_change_that_breaks_nobody_names_the_version_it_deserves() {
        let mut now = contract("example", 1);
        now.resources[0].attributes[1].required = false;
        let (text, faults) = report(&[contract("example", 1)], std::slice::from_ref(&now));
        assert_eq!(faults, [""; 0]);
        assert!(text.contains("no client breaks: 1.1 is the version to raise it to"), "{text}");
        now.version.minor = 1;
        assert!(report(&[contract("example", 1)], &[now]).0.ends_with("=> no client breaks\n\n"));
    }
}
