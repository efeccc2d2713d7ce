//! Running commands.

use std::process::Command;

use crate::Result;

/// Runs a command to its end; its output is the task's. Anything but success is a problem that names it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}")),
        Err(error) => Err(format!("`{line}` cannot be run: {error}")),
    }
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let words = command.get_args().map(std::ffi::OsStr::to_string_lossy);
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}
