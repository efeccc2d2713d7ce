//! `mapping CONNECTOR`: its tables, for reviewers and for programs.

use connector_core::{
    connector::Settings,
    mapping::{to_json, to_markdown},
};

use crate::{
    cli::{Failure, MappingFormat},
    config::problem::did_you_mean,
    registry,
};

/// The mapping tables of a connector.
pub(crate) fn render(connector: &str, format: MappingFormat) -> Result<String, Failure> {
    let (name, pin) = connector.split_once('@').map_or((connector, None), |(name, pin)| (name, Some(pin)));
    let found = match pin {
        None => registry::find(name, None),
        Some(pin) => pin.parse().ok().and_then(|major| registry::find(name, Some(major))),
    };
    let registration = found.ok_or_else(|| {
        let known: Vec<_> = registry::names().collect();
        let known = did_you_mean(connector, known.iter().map(String::as_str));
        Failure::usage(format!("no connector {connector:?} is built in; {known}"))
    })?;
    let built = (registration.build)(&Settings::default()).map_err(Failure::failed)?;
    let tables: Vec<_> = built.resources().iter().map(|resource| resource.spec().table).collect();
    let mut text = match format {
        MappingFormat::Markdown => to_markdown(&tables),
        MappingFormat::Json => to_json(&tables),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
