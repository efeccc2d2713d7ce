//! Configuration mistakes: where, which key, what is wrong and what to write instead. Never a secret's value.

use std::{fmt, path::PathBuf};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The configuration file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A command-line flag.
    Flag(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One mistake. `Display` is one line: place, key, what is wrong; what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: Place,
    key: String,
    what: String,
}

impl Problem {
    /// A mistake in `key`; `what` says what is wrong and, after a semicolon, what to write.
    pub fn new(place: Place, key: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place, key: key.into(), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, key, what } = self;
        let line =
            if key.is_empty() { format!("{place}: {what}") } else { format!("{place}: {key}: {what}") };
        // A key or a path may hold anything; a problem stays one line all the same.
        f.write_str(&line.replace(char::is_control, " "))
    }
}

/// Everything that is wrong with a configuration, at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// `wrong` is not among `known`: a near miss is named, else everything there is.
pub(crate) fn did_you_mean<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match near(wrong, &known) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("known here: {}", known.join(", ")),
    }
}

/// The name that was probably meant: a few letters off, or with something before or after it.
fn near<'a>(wrong: &str, known: &[&'a str]) -> Option<&'a str> {
    let fold = |name: &str| name.to_ascii_lowercase().replace('-', "_");
    let wrong = fold(wrong);
    let typo = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &fold(name)), *name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min();
    let longer = || {
        known
            .iter()
            .copied()
            .filter(|name| name.len() >= 4 && wrong.contains(&fold(name)))
            .max_by_key(|name| name.len())
    };
    let shorter = || known.iter().copied().find(|name| wrong.len() >= 4 && fold(name).contains(&wrong));
    typo.map(|(_, name)| name).or_else(longer).or_else(shorter)
}
