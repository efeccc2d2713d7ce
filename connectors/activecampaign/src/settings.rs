//! The parameters of an instance.

use connector_core::{
    connector::Settings,
    error::{Error, Kind, Result},
};

/// The parameters of an instance, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ActiveCampaignSettings {
    /// The group of a new user for whom the client names none.
    pub(crate) default_group: Option<u64>,
    /// Whether a user who is set inactive is deleted.
    pub(crate) deactivate_deletes: bool,
}

impl ActiveCampaignSettings {
    /// Reads them; a default group that is no id is [`Kind::InvalidValue`].
    pub(crate) fn read(settings: &Settings) -> Result<Self> {
        let default_group = match settings.text("default_group_id").map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(text.parse().map_err(|_| {
                let rule = "must be the id of a group, a whole number as in GET /Groups";
                Error::new(Kind::InvalidValue, rule).at("default_group_id")
            })?),
        };
        Ok(Self { default_group, deactivate_deletes: settings.text("deactivate") == Some("delete") })
    }
}

#[cfg(test)]
mod tests {
    use connector_core::connector::Setting;

    use super::*;

    #[test]
    fn a_default_group_is_a_number() {
        let read = |text: &str| {
            let mut settings = Settings::default();
            settings.insert("default_group_id", Setting::Text(text.to_owned()));
            ActiveCampaignSettings::read(&settings).map(|settings| settings.default_group)
        };
        assert_eq!(read(" 7").unwrap(), Some(7));
        assert_eq!(read("").unwrap(), None);
        let error = read("Editors").unwrap_err();
        assert_eq!(
            error.to_string(),
            "default_group_id: must be the id of a group, a whole number as in GET /Groups"
        );
    }
}
