//! The parameters of an instance.

use connector_core::connector::Settings;

/// The parameters of an instance, read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WebexSettings {
    /// Whether a group may be deleted, with all spaces of the team.
    pub(crate) allow_team_delete: bool,
    /// Whether a licence that Webex does not give fails the request.
    pub(crate) strict_licences: bool,
}

impl WebexSettings {
    pub(crate) fn read(settings: &Settings) -> Self {
        Self {
            allow_team_delete: settings.flag("allow_team_delete"),
            strict_licences: settings.flag("strict_licences"),
        }
    }
}
