//! The binary `connector-host`; everything else is in the library, so that tests can start it.

/// Conversion between vendor JSON and SCIM is mostly small allocations; the system's allocator costs a fifth of a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    connector_host::cli::main()
}
