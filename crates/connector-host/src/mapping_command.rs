//! `mapping CONNECTOR`: its tables, for reviewers and for programs.

use connector_core::{
    connector::Settings,
    mapping::{to_json, to_markdown},
};

use crate::{
    cli::{Failure, MappingFormat},
    config::problem::did_you_mean,
    registry::Registry,
};

/// The mapping tables of a connector, `slack` or `slack@1`; without a major those of the newest.
pub(crate) fn render(registry: Registry, connector: &str, format: MappingFormat) -> Result<String, Failure> {
    let registration = registry.named(connector).ok_or_else(|| {
        let (name, known) =
            (connector.split('@').next().unwrap_or_default(), registry.names().collect::<Vec<_>>());
        if registry.find(name, None).is_some() {
            let known: Vec<_> =
                known.into_iter().filter(|known| known.split('@').next() == Some(name)).collect();
            return Failure::usage(format!("{connector:?} is not built in; built in: {}", known.join(", ")));
        }
        let known = did_you_mean(connector, known.iter().map(String::as_str));
        Failure::usage(format!("no connector {connector:?} is built in; {known}"))
    })?;
    let built = (registration.build)(&Settings::default()).map_err(Failure::failed)?;
    let tables: Vec<_> = built.resources().iter().map(|resource| resource.spec().table).collect();
    let mut text = match format {
        MappingFormat::Markdown => to_markdown(&tables, 2),
        MappingFormat::Json => to_json(&tables),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
