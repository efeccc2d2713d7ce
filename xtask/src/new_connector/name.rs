//! Names of connectors, in the casings that files and types want.

use crate::Result;

/// The name of a connector that can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// Crates of the workspace that are no connectors, and modules of the sandbox.
const TAKEN: &[&str] = &["core", "host", "sandbox", "testkit", "newtarget"];

/// Words that no module can be called.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "test", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// More than any directory or metric label wants.
const MOST_CHARS: usize = 32;

impl Name {
    /// Reads a name, or says what is wrong with it and which name would do.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !text.bytes().all(good) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
            let proposed: String = text
                .to_lowercase()
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .skip_while(char::is_ascii_digit)
                .collect();
            let proposed = if proposed.is_empty() { "pagerduty".to_owned() } else { proposed };
            return Err(format!(
                "{text:?} is no name of a connector: lower-case letters and digits, a letter first, as in {proposed:?}"
            ));
        }
        if text.len() > MOST_CHARS {
            return Err(format!("{text:?} is too long: at most {MOST_CHARS} characters"));
        }
        if TAKEN.contains(&text) || KEYWORDS.contains(&text) {
            return Err(format!(
                "{text:?} is a word of its own in this workspace or in Rust; take another name"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// As in configuration, files and modules.
    pub(crate) fn lower(&self) -> &str {
        &self.0
    }

    /// As a type.
    pub(crate) fn upper(&self) -> String {
        let (first, rest) = self.0.split_at(1);
        first.to_uppercase() + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_casings() {
        let name = Name::parse("pagerduty2").unwrap();
        assert_eq!((name.lower(), name.upper().as_str()), ("pagerduty2", "Pagerduty2"));
    }

    #[test]
    fn a_bad_name_is_told_with_one_that_would_do() {
        for (bad, proposed) in [
            ("PagerDuty", "pagerduty"),
            ("pager-duty", "pagerduty"),
            ("pager_duty", "pagerduty"),
            ("7geese", "geese"),
            ("", "pagerduty"),
        ] {
            let problem = Name::parse(bad).unwrap_err();
            assert!(problem.ends_with(&format!("as in {proposed:?}")), "{problem}");
        }
        for taken in ["core", "async", "newtarget"] {
            assert!(Name::parse(taken).unwrap_err().contains("take another"), "{taken}");
        }
        assert!(Name::parse(&"a".repeat(33)).unwrap_err().contains("too long"));
    }
}
