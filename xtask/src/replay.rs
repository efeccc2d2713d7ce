//! `replay`: what SCIM clients really send, against any instance, with a score per client.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    Result,
    corpus::{Corpus, File, Instance, Outcome},
    workspace,
};

const USAGE: &str = "usage: cargo xtask replay --base URL --token TOKEN [--client NAME] [--basic BASE64]

--client  only the files of this client
--basic   an OAuth client, its ID:SECRET in base64, for the files that ask for access tokens";

/// How the files of one client went.
#[derive(Default)]
struct Score {
    passed: usize,
    failed: usize,
    /// They need what is not built yet, the stand-in of the target, an OAuth client, or what the target lacks.
    left_out: usize,
}

/// Runs the files and prints the scores; a failure of any is a problem.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let (mut base, mut token, mut client, mut names) = (None, None, None, BTreeMap::new());
    for pair in options.chunks(2) {
        let &[name, value] = pair else { return Err(USAGE.to_owned()) };
        match name {
            "--base" => base = Some(value.trim_end_matches('/')),
            "--token" => token = Some(value),
            "--client" => client = Some(value),
            "--basic" => drop(names.insert("client".to_owned(), value.into())),
            _ => return Err(format!("unknown: {name}\n\n{USAGE}")),
        }
    }
    let (Some(base), Some(token)) = (base, token) else { return Err(USAGE.to_owned()) };

    let corpus = Corpus::load(&workspace::root().join("tests/replay"))?;
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let files = corpus.files.iter().filter(|file| client.is_none_or(|client| file.client == client));
    for (file, outcome) in outcomes(&corpus, files, base, token, &names) {
        let score = scores.entry(&file.client).or_default();
        match outcome {
            Outcome::Passed => score.passed += 1,
            Outcome::Needs | Outcome::Skipped | Outcome::Inapplicable(_) => score.left_out += 1,
            Outcome::Failed(problem) => {
                score.failed += 1;
                println!("{}: {}\n    {problem}\n", file.path.display(), file.title);
            }
        }
    }
    for (client, Score { passed, failed, left_out }) in &scores {
        println!("{client:20} {passed:4} of {:4} passed, {left_out} left out", passed + failed);
    }
    match scores.values().map(|score| score.failed).sum() {
        0 if scores.is_empty() => Err(format!("no client is called {}", client.unwrap_or_default())),
        0 => Ok(()),
        failed => Err(format!("{failed} files of the corpus failed")),
    }
}

/// Runs these files of the corpus one after the other.
pub(crate) fn outcomes<'c>(
    corpus: &Corpus,
    files: impl Iterator<Item = &'c File>,
    base: &str,
    token: &str,
    names: &BTreeMap<String, Value>,
) -> Vec<(&'c File, Outcome)> {
    #[expect(clippy::disallowed_methods, reason = "nothing else runs in this task")]
    let wait = Some(std::thread::sleep as fn(std::time::Duration));
    files
        .zip(first_unique()..)
        .map(|(file, unique)| {
            let instance = Instance { base, token, unique: &letters(unique), names: names.clone(), wait };
            (file, corpus.run(file, &instance, None))
        })
        .collect()
}

/// Names of earlier runs may still be taken: deleted users keep them in some targets.
fn first_unique() -> u64 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    seconds * 1000
}

/// Six letters and digits.
fn letters(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::new();
    for _ in 0..6 {
        text.push(char::from(DIGITS[usize::try_from(number % 36).unwrap_or(0)]));
        number /= 36;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_options_are_told() {
        for options in [&[][..], &["--base"], &["--base", "http://x"], &["--what", "x"]] {
            assert!(run(options).is_err_and(|problem| problem.contains("usage:")), "{options:?}");
        }
    }

    #[test]
    fn neighbours_get_different_names() {
        assert_ne!(letters(first_unique()), letters(first_unique() + 1));
        assert_eq!(letters(35), "9aaaaa");
    }
}
