//! `venv`: Python clients that nobody here wrote, for tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Result, command, workspace};

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// Makes the environment unless it is up to date, and returns its interpreter.
pub(crate) fn run() -> Result<PathBuf> {
    let directory = workspace::target()?.join("venv");
    let python = directory.join("bin/python");
    let stamp = directory.join("requirements.txt");
    let wanted = workspace::read(REQUIREMENTS)?;
    // Both: an interrupted installation has no stamp, a removed system Python leaves a link to nothing.
    if fs::read_to_string(&stamp).is_ok_and(|held| held == wanted) && python.exists() {
        println!("{} is up to date", directory.display());
        return Ok(python);
    }
    let _ = fs::remove_dir_all(&directory);
    command::run(Command::new("python3").args(["-m", "venv"]).arg(&directory))
        .map_err(|problem| format!("{problem}; install Python 3.11 or newer with its venv module"))?;
    let mut pip = Command::new(&python);
    pip.current_dir(workspace::root()).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        REQUIREMENTS,
    ]);
    command::run(&mut pip)?;
    write(&stamp, &wanted)?;
    Ok(python)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
