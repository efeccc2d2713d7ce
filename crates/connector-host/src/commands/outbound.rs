//! `outbound`: where requests go and where they come from, per connector.

use std::fmt::Write as _;

use serde_json::json;

use super::{print, small_runtime};
use crate::{
    cli::{Failure, OutboundFormat},
    config::Sources,
    outbound::{Published, published},
    versions,
};

pub(super) fn run(sources: &Sources, format: OutboundFormat) -> Result<(), Failure> {
    let config = small_runtime()?.block_on(versions::load(sources))?;
    let published = published(&config, true);
    match format {
        OutboundFormat::Json => print(&format!("{:#}\n", json!({ "connectors": published }))),
        OutboundFormat::Text => print(&text(&published)),
    }
}

fn text(published: &[Published]) -> String {
    let mut text = String::new();
    for one in published {
        let _ = writeln!(text, "{}", one.name);
        let destinations = one.destinations.as_deref().unwrap_or_default();
        for (title, values, none) in [
            ("may reach", destinations, "nothing: no instance"),
            ("comes from", &one.addresses, "any address of this machine: outbound.addresses is empty"),
            ("may come from later", &one.additional_addresses, "nothing further"),
        ] {
            let values = if values.is_empty() { none.to_owned() } else { values.join(", ") };
            let _ = writeln!(text, "  {title:<20} {values}");
        }
    }
    text.push_str("Open every address listed, and read the list again when requests begin to fail.\n");
    text
}
