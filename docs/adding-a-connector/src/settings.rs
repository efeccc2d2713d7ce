//! The parameters of an instance.

use connector_core::{
    connector::Settings,
    error::{Error, Kind, Result},
};

/// The parameters of an instance, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct PagerdutySettings {
    /// In whose name users are created.
    pub(crate) from_address: Option<String>,
}

impl PagerdutySettings {
    /// Reads them; an address without `@` is [`Kind::InvalidValue`].
    pub(crate) fn read(settings: &Settings) -> Result<Self> {
        let from_address = settings.text("from_address").map(str::trim).filter(|text| !text.is_empty());
        if from_address.is_some_and(|address| !address.contains('@')) {
            return Err(Error::new(Kind::InvalidValue, "must be an e-mail address").at("from_address"));
        }
        Ok(Self { from_address: from_address.map(str::to_owned) })
    }
}
