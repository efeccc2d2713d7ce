//! The parameters of an instance.

use std::sync::atomic::{AtomicU8, Ordering};

use connector_core::{connector::Settings, http::Cx};

use crate::dialect::Dialect;

/// The parameters of an instance, read, and the edition of SCIM its answers were in.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of its own")]
pub(crate) struct WorkplaceSettings {
    /// The edition the operator chose.
    dialect: Option<Dialect>,
    /// The edition of the last answer, once there was one.
    heard: AtomicU8,
    /// No groups and no people sets.
    pub(crate) users_only: bool,
    /// Deleting a group archives it.
    pub(crate) archive_groups: bool,
    /// The last member of a group may be removed, which destroys it.
    pub(crate) allow_last_member_removal: bool,
    /// New accounts are invited.
    pub(crate) invite: bool,
}

impl WorkplaceSettings {
    pub(crate) fn read(settings: &Settings) -> Self {
        Self {
            dialect: match settings.text("dialect") {
                Some("v1") => Some(Dialect::V1),
                Some("v2") => Some(Dialect::V2),
                _ => None,
            },
            heard: AtomicU8::new(0),
            users_only: settings.flag("users_only"),
            archive_groups: settings.flag("archive_groups"),
            allow_last_member_removal: settings.flag("allow_last_member_removal"),
            invite: settings.flag("invite"),
        }
    }

    /// The edition that writes are in: the one chosen, else that of the last answer, else what the address looks like.
    pub(crate) fn dialect(&self, cx: &Cx<'_>) -> Dialect {
        self.dialect.or_else(|| self.heard()).unwrap_or_else(|| Dialect::of_address(cx.target()))
    }

    /// The edition the operator chose.
    pub(crate) const fn chosen(&self) -> Option<Dialect> {
        self.dialect
    }

    /// The edition of the last answer.
    pub(crate) fn heard(&self) -> Option<Dialect> {
        match self.heard.load(Ordering::Relaxed) {
            1 => Some(Dialect::V1),
            2 => Some(Dialect::V2),
            _ => None,
        }
    }

    /// Takes note of the edition an answer is in.
    pub(crate) fn hear(&self, dialect: Option<Dialect>) {
        match dialect {
            Some(Dialect::V1) => self.heard.store(1, Ordering::Relaxed),
            Some(Dialect::V2) => self.heard.store(2, Ordering::Relaxed),
            None => {}
        }
    }
}
