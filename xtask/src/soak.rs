//! `soak`: refreshes killed at named points and at random moments, as many as wanted.

use crate::{Result, ci, command};

/// How many rounds without `--rounds`.
const ROUNDS: &str = "200";

const USAGE: &str = "usage: cargo xtask soak [--rounds N]";

/// Runs the rounds; one in which anything is lost ends them.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let rounds = match options {
        [] => ROUNDS,
        ["--rounds", rounds] if rounds.parse::<usize>().is_ok_and(|rounds| rounds > 0) => rounds,
        _ => return Err(USAGE.to_owned()),
    };
    let mut test = ci::integration(&["connector-host-tests/failpoints"], &["killed"]);
    command::run(test.args(["--", "--nocapture"]).env("CONNECTOR_HOST_KILL_ROUNDS", rounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_options_are_told() {
        for options in [&["--rounds"][..], &["--rounds", "0"], &["--rounds", "x"], &["20"]] {
            assert!(run(options).is_err_and(|problem| problem.contains("usage:")), "{options:?}");
        }
    }
}
