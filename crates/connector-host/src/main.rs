//! The binary `connector-host`; everything is in the library, so that tests can start it.

fn main() -> std::process::ExitCode {
    connector_host::cli::main()
}
