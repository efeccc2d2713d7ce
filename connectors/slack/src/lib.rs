//! Slack Enterprise Grid through its SCIM v1 API.

mod spec;

pub use spec::SPEC;

/// What the host's registry lists.
pub const REGISTRATION: connector_core::connector::Registration = connector_core::connector::Registration {
    spec: &SPEC,
    build: |_| Err(connector_core::error::Error::new(connector_core::error::Kind::Internal, "being written")),
};
