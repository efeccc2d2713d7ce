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
    /// The id of the primary admin, where it is not the usual one.
    primary_admin: Option<u64>,
}

/// The usual id of the primary admin.
const PRIMARY_ADMIN: u64 = 1;

impl ActiveCampaignSettings {
    /// Reads them; an id that is none is [`Kind::InvalidValue`].
    pub(crate) fn read(settings: &Settings) -> Result<Self> {
        let id = |name: &'static str, of: &str, list: &str| match settings.text(name).map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                let rule = format!("must be the id of a {of}, a whole number as in GET {list}");
                Error::new(Kind::InvalidValue, rule).at(name)
            }),
        };
        Ok(Self {
            default_group: id("default_group_id", "group", "/Groups")?,
            deactivate_deletes: settings.text("deactivate") == Some("delete"),
            primary_admin: id("primary_admin_id", "user", "/Users")?,
        })
    }

    /// Whether this is the id of the primary admin, who holds the account and is in the Admin group.
    pub(crate) fn is_primary_admin(&self, id: &str) -> bool {
        id == self.primary_admin.unwrap_or(PRIMARY_ADMIN).to_string()
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

    #[test]
    fn the_primary_admin_is_user_1_or_whom_the_operator_names() {
        let with = |text: &str| {
            let mut settings = Settings::default();
            settings.insert("primary_admin_id", Setting::Text(text.to_owned()));
            ActiveCampaignSettings::read(&settings)
        };
        let usual = with("").unwrap();
        assert!(usual.is_primary_admin("1") && !usual.is_primary_admin("7"));
        let named = with("7").unwrap();
        assert!(named.is_primary_admin("7") && !named.is_primary_admin("1"));
        let error = with("admin").unwrap_err();
        assert_eq!(
            error.to_string(),
            "primary_admin_id: must be the id of a user, a whole number as in GET /Users"
        );
    }
}
