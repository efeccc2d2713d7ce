//! The command line: every command of the fixed interface, and which of them are there.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{commands, registry::Registry};

/// A SCIM 2.0 gateway to applications that speak something else.
#[derive(Debug, Parser)]
#[command(name = "connector-host", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The configuration file [default: ./connector-host.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the service
    Serve {
        /// Listens here instead of at `server.listen`
        #[arg(long, value_name = "ADDR")]
        listen: Option<SocketAddr>,
    },
    /// Runs the whole system on one machine, with stand-ins of the targets and seeded people
    Demo {
        /// Listens here
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Prints one JSON object on the first line instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Checks the configuration; prints one line per problem
    Check {
        /// Also calls every target's cheapest authenticated endpoint
        #[arg(long)]
        online: bool,
    },
    /// Bearer tokens of SCIM clients
    #[command(subcommand)]
    Token(Token),
    /// OAuth clients for `POST /oauth/token`
    #[command(subcommand)]
    Client(Client),
    /// Prints a one-time link that starts the consent of an instance
    Consent {
        /// The instance
        instance: String,
        /// Says what is held and until when
        #[arg(long, conflicts_with = "revoke")]
        status: bool,
        /// Gives the consent up
        #[arg(long)]
        revoke: bool,
    },
    /// Prints the mapping tables of a connector
    Mapping {
        /// The connector, as `slack` or `slack@1`
        connector: String,
        /// How
        #[arg(long, value_enum, default_value = "markdown")]
        format: MappingFormat,
    },
    /// Shows what a request would send to the target, without sending a write
    Preview {
        /// The instance
        instance: String,
        /// The HTTP method
        method: String,
        /// The path under the instance's SCIM base
        path: String,
        /// The request's body
        #[arg(long, value_name = "FILE")]
        body: Option<PathBuf>,
    },
    /// Prints destinations and source addresses per connector
    Outbound {
        /// How
        #[arg(long, value_enum, default_value = "text")]
        format: OutboundFormat,
    },
    /// Lists the connectors that are built in
    Connectors,
    /// Encryption keys
    #[command(subcommand)]
    Key(Key),
    /// Shows what a newer major version of its connector would change for an instance
    UpgradePreview {
        /// The instance
        instance: String,
    },
}

/// `token …`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Prints a new bearer token; only its hash is stored
    Create(Named),
    /// Lists tokens
    List(Listed),
    /// Revokes a token; this counts within a second
    Revoke(Named),
}

/// `client …`
#[derive(Debug, Subcommand)]
pub enum Client {
    /// Prints a new client as JSON
    Create(Named),
    /// Lists clients
    List(Listed),
    /// Revokes a client
    Revoke(Named),
}

/// `key …`
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Prints a fresh encryption key
    Generate,
    /// Seals the store with the configured key again
    Rotate,
}

/// Something with a name in an instance.
#[derive(Debug, Args)]
pub struct Named {
    /// The instance
    pub instance: String,
    /// Its name, unique per instance
    #[arg(long)]
    pub name: String,
}

/// What to list.
#[derive(Debug, Args)]
pub struct Listed {
    /// Only this instance
    pub instance: Option<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// How mapping tables are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the words say it")]
pub enum MappingFormat {
    Markdown,
    Json,
}

/// How outbound rules are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(missing_docs, reason = "the words say it")]
pub enum OutboundFormat {
    Text,
    Json,
}

/// Why a command did not do its work. The text goes to stderr.
#[derive(Debug)]
pub enum Failure {
    /// It was tried and failed: exit code 1.
    Failed(String),
    /// Wrong usage or configuration: exit code 2.
    Usage(String),
}

impl Failure {
    /// Exit code 1, with what happened.
    pub(crate) fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Exit code 2, with what to do instead.
    pub(crate) fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Reads the command line, does the work, says how it ended.
pub fn main() -> ExitCode {
    main_with(Registry::default())
}

/// The same with other connectors than the released ones: for tests of versions that are not.
pub fn main_with(registry: Registry) -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli, registry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(message)) => {
            eprintln!("{message}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
