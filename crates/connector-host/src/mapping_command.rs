//! `mapping CONNECTOR`.

use crate::{
    cli::{Failure, MappingFormat},
    config::problem::did_you_mean,
    registry,
};

/// The mapping tables of a connector.
pub(crate) fn render(connector: &str, _format: MappingFormat) -> Result<String, Failure> {
    let (name, pin) = connector.split_once('@').map_or((connector, None), |(name, pin)| (name, Some(pin)));
    let found = match pin {
        None => registry::find(name, None),
        Some(pin) => pin.parse().ok().and_then(|major| registry::find(name, Some(major))),
    };
    let Some(_registration) = found else {
        let known: Vec<_> = registry::names().collect();
        let known = did_you_mean(connector, known.iter().map(String::as_str));
        return Err(Failure::usage(format!("no connector {connector:?} is built in; {known}")));
    };
    Err(Failure::usage("`connector-host mapping` is not built yet"))
}
