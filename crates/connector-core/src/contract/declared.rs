//! What changed of what a connector declares as a whole: keys of an instance, credentials, hosts.

use super::{Contract, Credential, Parameter, changes::Notes};

pub(super) fn compare(notes: &mut Notes, before: &Contract, after: &Contract) {
    for new in &after.parameters {
        match before.parameters.iter().find(|old| old.name == new.name) {
            Some(old) => parameter(notes, old, new),
            None if new.takes.starts_with("needed") => {
                notes.breaks(format!("instances must now have the key `{}`", new.name));
            }
            None => notes.fine(format!("instances can now have the key `{}`", new.name)),
        }
    }
    for old in &before.parameters {
        if after.parameters.iter().all(|new| new.name != old.name) {
            notes.breaks(format!("the key `{}` is gone: an instance that has it does not start", old.name));
        }
    }
    for new in &after.credentials {
        match before.credentials.iter().find(|old| old.key == new.key) {
            Some(old) => scopes(notes, old, new),
            None => notes.fine(format!("instances can now have the credential `{}`", new.key)),
        }
    }
    for old in &before.credentials {
        if after.credentials.iter().all(|new| new.key != old.key) {
            notes.breaks(format!(
                "the credential `{}` is gone: an instance that has it does not start",
                old.key
            ));
        }
    }
    for host in after.hosts.iter().filter(|host| !before.hosts.contains(host)) {
        notes.careful(format!("`{host}` is now called: firewalls must let it through"));
    }
    for host in before.hosts.iter().filter(|host| !after.hosts.contains(host)) {
        notes.fine(format!("`{host}` is no longer called"));
    }
}

fn parameter(notes: &mut Notes, before: &Parameter, after: &Parameter) {
    let Parameter { name, takes, words, built } = before;
    // What takes more than before takes that too.
    let wider = matches!((takes.as_str(), after.takes.as_str()), ("text", "id") | ("needed url", "url"));
    if wider {
        notes.fine(format!("the key `{name}` took a {takes}, takes now a {}", after.takes));
    } else if *takes != after.takes {
        notes.breaks(format!("the key `{name}` took a {takes}, takes now a {}", after.takes));
    }
    for word in words.iter().filter(|word| !after.words.contains(word)) {
        notes.breaks(format!("the key `{name}` no longer takes \"{word}\""));
    }
    for word in after.words.iter().filter(|word| !words.contains(word)) {
        notes.fine(format!("the key `{name}` now takes \"{word}\""));
    }
    match (built, after.built) {
        (true, false) => {
            notes.breaks(format!("the key `{name}` has no feature any more: setting it stops the start"));
        }
        (false, true) => notes.fine(format!("the key `{name}` can now be set")),
        _ => {}
    }
}

fn scopes(notes: &mut Notes, before: &Credential, after: &Credential) {
    let Credential { key, scopes } = before;
    for scope in after.scopes.iter().filter(|scope| !scopes.contains(scope)) {
        notes.careful(format!(
            "`{key}` now asks for the scope `{scope}`, which consents given before do not have"
        ));
    }
    for scope in scopes.iter().filter(|scope| !after.scopes.contains(scope)) {
        notes.fine(format!("`{key}` no longer asks for the scope `{scope}`"));
    }
}
