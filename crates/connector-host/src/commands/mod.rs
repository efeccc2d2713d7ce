//! The commands.

mod beside;
mod check;
mod client;
mod consent;
mod demo;
mod key;
mod named;
mod outbound;
mod preview;
mod serve;
mod token;
mod upgrade_preview;

use std::io::{self, Write as _};

use crate::{
    cli::{Cli, Command, Failure, Key},
    config::Sources,
    mapping_command,
    registry::{Registry, pinned},
};

/// Does what the command line says.
pub(crate) fn run(cli: Cli, registry: Registry) -> Result<(), Failure> {
    let sources = || Sources::of_process(cli.config.clone(), registry);
    match cli.command {
        Command::Serve { listen } => {
            let mut sources = sources();
            sources.flags.extend(listen.map(|address| ("--listen", "server.listen", address.to_string())));
            serve::run(&sources)
        }
        Command::Demo { listen, json } => demo::run(listen, json),
        Command::Check { online } => check::run(&sources(), online),
        Command::Token(command) => token::run(&sources(), command),
        Command::Client(command) => client::run(&sources(), command),
        Command::Mapping { connector, format } => {
            print(&mapping_command::render(registry, &connector, format)?)
        }
        Command::Connectors => print(&connectors(registry)),
        Command::Key(Key::Generate) => key::generate(),
        Command::Key(Key::Rotate) => key::rotate(&sources()),
        Command::Consent { instance, status, revoke } => {
            let what = match (status, revoke) {
                (true, _) => consent::What::Status,
                (_, true) => consent::What::Revoke,
                _ => consent::What::Link,
            };
            consent::run(&sources(), &instance, &what)
        }
        Command::Preview { instance, method, path, body } => {
            preview::run(&sources(), &instance, method, path, body.as_deref())
        }
        Command::Outbound { format } => outbound::run(&sources(), format),
        Command::UpgradePreview { instance } => upgrade_preview::run(&sources(), &instance),
    }
}

/// Results go to stdout. A reader that went away is no failure of ours.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::failed(error)),
        _ => Ok(()),
    }
}

fn connectors(registry: Registry) -> String {
    let rows: Vec<_> = registry
        .iter()
        .map(|known| {
            let (spec, version) = (known.spec, known.spec.version);
            [
                pinned(known),
                format!("{}.{}", version.major, version.minor),
                spec.display_name.to_owned(),
                spec.summary.to_owned(),
            ]
        })
        .collect();
    columns(&rows)
}

/// Rows with aligned columns, two spaces apart.
fn columns(rows: &[impl AsRef<[String]>]) -> String {
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (index, cell) in row.as_ref().iter().enumerate() {
            let width = rows.iter().map(|row| row.as_ref()[index].chars().count()).max().unwrap_or(0);
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A runtime for commands that serve.
fn server_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::failed)
}

/// A runtime for commands that make one call to the store.
fn small_runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::failed)
}
