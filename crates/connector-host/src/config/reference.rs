//! The configuration's reference page, from the same tables that read it.

use std::fmt::Write as _;

use super::keys::{CUSTOM_ATTRIBUTE, Key, Kind, Status, TABLES};
use crate::registry;

/// Every key of every table, and those of each connector, as markdown.
pub fn markdown() -> String {
    let mut text = String::new();
    for (name, keys) in TABLES {
        let title = match *name {
            "connectors" | "instances" => format!("[{name}.NAME]"),
            name => format!("[{name}]"),
        };
        section(&mut text, &title, keys);
    }
    for (table, keys) in TABLES {
        for key in *keys {
            if let Kind::Group(keys) = key.kind {
                section(&mut text, &format!("[{table}.NAME.{}]", key.name), keys);
            }
        }
    }
    section(&mut text, "[[instances.NAME.custom_attributes]]", CUSTOM_ATTRIBUTE);
    for known in registry::CONNECTORS {
        let keys: Vec<_> = known.spec.parameters.iter().map(super::instance::key_of).collect();
        if !keys.is_empty() {
            let others =
                registry::CONNECTORS.iter().filter(|other| other.spec.name == known.spec.name).count() > 1;
            let name = if others { registry::pinned(known) } else { known.spec.name.to_owned() };
            section(&mut text, &format!("[instances.NAME] with connector = \"{name}\""), &keys);
        }
    }
    text
}

fn section(text: &mut String, title: &str, keys: &[Key]) {
    let gap = if text.is_empty() { "" } else { "\n" };
    let _ =
        writeln!(text, "{gap}## `{title}`\n\n| key | takes | default | meaning |\n| --- | --- | --- | --- |");
    for Key { name, kind, default, doc, status } in keys {
        let default = match default {
            Some("") => "`[]`".to_owned(),
            Some(default) => format!("`{default}`"),
            None => String::new(),
        };
        let later = if matches!(status, Status::NotBuilt(_)) { " Not built yet." } else { "" };
        let _ = writeln!(text, "| `{name}` | {} | {default} | {doc}{later} |", takes(*kind));
    }
}

fn takes(kind: Kind) -> String {
    match kind {
        Kind::Boolean => "true or false".to_owned(),
        Kind::Integer { min, max } => format!("{min} to {max}"),
        Kind::Text => "text".to_owned(),
        Kind::Id => "text or whole number".to_owned(),
        Kind::Url | Kind::UrlWithQuery => "URL".to_owned(),
        Kind::Address => "IP address and port".to_owned(),
        Kind::Offset => "`Z` or `±HH:mm`".to_owned(),
        Kind::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Words(words) => {
            format!("list of {}", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "))
        }
        Kind::Secret => "secret".to_owned(),
        Kind::TextOrSecret => "text or secret".to_owned(),
        Kind::Secrets => "list of secrets".to_owned(),
        Kind::List => "list of texts".to_owned(),
        Kind::Networks => "list of networks".to_owned(),
        Kind::Lists => "table of lists".to_owned(),
        Kind::Claims => "table of texts".to_owned(),
        Kind::Rows(_) => "list of tables".to_owned(),
        Kind::Group(_) => "table, see below".to_owned(),
        Kind::Urls => "table of URLs".to_owned(),
        Kind::Table => "table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_its_line() {
        let text = markdown();
        for key in TABLES.iter().flat_map(|(_, keys)| *keys).chain(CUSTOM_ATTRIBUTE) {
            assert!(text.contains(&format!("| `{}` | ", key.name)), "{}", key.name);
        }
        assert!(text.contains("| `listen` | IP address and port | `127.0.0.1:8080` | "), "{text}");
        assert!(text.contains("## `[instances.NAME] with connector = \"slack\"`"), "{text}");
    }
}
