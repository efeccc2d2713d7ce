//! The parameters of an instance. Each is declared in `spec.rs` with a sentence for operators, and read here once.

use connector_core::connector::Settings;

/// The parameters of an instance, read. A field for each parameter of `SPEC`.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewtargetSettings {}

impl NewtargetSettings {
    /// Reads them. Where a value can make no sense it returns a `Result`: `InvalidValue` at the parameter's key.
    pub(crate) fn read(_: &Settings) -> Self {
        Self {}
    }
}
