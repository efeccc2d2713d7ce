//! The two commands of the README, read out of it so that they stay true.

use crate::{Result, workspace};

/// What the README tells a newcomer to type.
#[derive(Debug, PartialEq, Eq)]
pub struct Commands {
    /// Starts the demo.
    pub demo: Vec<String>,
    /// Runs all tests.
    pub test: Vec<String>,
}

/// Reads them out of `README.md`.
pub fn commands() -> Result<Commands> {
    parse(&workspace::read("README.md")?)
}

/// The first command of a shell block that runs the demo, and the first that runs tests.
fn parse(readme: &str) -> Result<Commands> {
    let mut lines = Vec::new();
    let mut in_block = false;
    for line in readme.lines().map(str::trim) {
        if let Some(language) = line.strip_prefix("```") {
            in_block = !in_block && matches!(language.trim(), "sh" | "bash" | "shell" | "console");
        } else if in_block && !line.is_empty() && !line.starts_with('#') {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let line = line.split(" #").next().unwrap_or(line);
            lines.push(line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        }
    }
    let find = |what: &str, word: &str| {
        let found = lines.iter().find(|words| words[0] == "cargo" && words.iter().any(|w| w == word));
        found.cloned().ok_or_else(|| {
            format!("README.md: no shell block with a cargo command that {what} (`{word}`); write it there")
        })
    };
    Ok(Commands { demo: find("starts the demo", "demo")?, test: find("runs the tests", "test")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_are_those_of_the_shell_blocks() {
        let text = "# x\n\n`cargo run -- demo` is not it.\n\n```toml\ncargo test\n```\n```sh\n# try\n$ cargo run \
                    --release -- demo   # Ctrl-C ends it\ncargo test --workspace\n```\n";
        let found = parse(text).unwrap();
        assert_eq!(found.demo.join(" "), "cargo run --release -- demo");
        assert_eq!(found.test.join(" "), "cargo test --workspace");
        assert!(parse("nothing").unwrap_err().starts_with("README.md: no shell block"));
    }
}
