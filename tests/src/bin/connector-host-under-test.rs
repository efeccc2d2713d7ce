//! The binary `connector-host`, under a name that the tests of this package can find.

fn main() -> std::process::ExitCode {
    connector_host::cli::main()
}
