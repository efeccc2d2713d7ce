//! `/metrics`: what an operator watches, in Prometheus' text format.
//!
//! Anybody may read it. So labels are names from the configuration and words from this code, of which there are few: nothing
//! that a client or a target sent becomes one.

mod door;
mod families;

use std::{sync::Arc, time::Duration};

use connector_core::http::Observer;
use http::{Method, StatusCode};
use prometheus::{IntGaugeVec, TextEncoder};

use crate::{app::App, config::InstanceConfig, instances::Instance};

use door::DoorMetrics;
use families::Families;

pub(crate) use prometheus::TEXT_FORMAT;

/// What stands for an instance, a connector or a resource type where there is none.
const NONE: &str = "-";

/// Everything this process counts.
pub struct Metrics {
    families: Families,
}

impl Default for Metrics {
    fn default() -> Self {
        let families = Families::new();
        families.build_info.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Self { families }
    }
}

impl Metrics {
    /// Name and labels of every metric.
    pub fn known(&self) -> &[(String, Vec<String>)] {
        &self.families.known
    }

    /// Counts what happens at the door of this instance. What can happen is there from now on, as zero.
    pub fn observer(&self, instance: &InstanceConfig) -> Arc<dyn Observer> {
        Arc::new(DoorMetrics::new(&self.families, &instance.name, instance.registration.spec.name))
    }

    /// Counts one answered request; without a status the client went away.
    pub(crate) fn answered(
        &self,
        asked: &Asked<'_>,
        status: Option<StatusCode>,
        total: Duration,
        own: Duration,
    ) {
        let Asked { instance, connector, resource, operation } = *asked;
        let status = status.map_or("gone", |status| class(status.as_u16()));
        self.families.requests.with_label_values(&[instance, connector, resource, operation, status]).inc();
        let seconds = self.families.request_seconds.with_label_values(&[instance, connector, operation]);
        seconds.observe(total.as_secs_f64());
        self.families.own_seconds.with_label_values::<&str>(&[]).observe(own.as_secs_f64());
    }

    /// Everything as text, with what is true just now.
    pub(crate) async fn text(&self, app: &App) -> prometheus::Result<String> {
        let families = &self.families;
        for instance in app.instances.iter() {
            self.look_at(instance);
        }
        let set = |gauge: &IntGaugeVec, value| gauge.with_label_values::<&str>(&[]).set(value);
        set(&families.store_ready, i64::from(app.is_ready().await));
        set(&families.ledger_held, number(app.ledgers.held()));
        set(&families.ledger_waiting, number(app.ledgers.waiting()));
        TextEncoder::new().encode_to_string(&families.registry.gather())
    }

    fn look_at(&self, instance: &Instance) {
        let families = &self.families;
        let labels = [instance.config.name.as_str(), instance.config.registration.spec.name];
        let set = |gauge: &IntGaugeVec, value| gauge.with_label_values(&labels).set(value);
        let door = &instance.core.door;
        set(&families.instance_ready, i64::from(instance.state() == "ready"));
        set(&families.breaker_open, i64::from(door.is_dead()));
        set(&families.under_way, number(door.under_way()));
        set(&families.waiting, number(door.waiting()));
        let Some(consented) = &instance.consented else { return };
        set(&families.credential_usable, i64::from(consented.is_usable()));
        let grant = consented.grant();
        let failing = grant.as_ref().is_some_and(|grant| grant.last_failure.is_some());
        set(&families.credential_failing, i64::from(failing));
        match grant.and_then(|grant| grant.expires_at) {
            Some(end) => set(&families.credential_end, end),
            // Nothing is held, or it never ends.
            None => drop(families.credential_end.remove_label_values(&labels)),
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// `2xx`.
const fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "odd",
    }
}

/// What a request was about, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked<'a> {
    instance: &'a str,
    connector: &'static str,
    resource: &'a str,
    operation: &'static str,
}

impl<'a> Asked<'a> {
    /// A request that reached an instance; `resource` is the index of its resource type.
    pub(crate) fn of(instance: &'a Instance, resource: Option<usize>, operation: &'static str) -> Self {
        let plan = resource.and_then(|index| instance.core.plans.get(index));
        Self {
            instance: &instance.config.name,
            connector: instance.config.registration.spec.name,
            resource: plan.map_or(NONE, |plan| &plan.resource_type().name),
            operation,
        }
    }

    /// Any other request that is counted, by its path.
    pub(crate) fn at(path: &str, app: &'a App) -> Option<Self> {
        let (first, rest) = path.strip_prefix('/')?.split_once('/')?;
        let operation = match first {
            "scim" => {
                // Only names that are configured become labels.
                let name = rest.split('/').next().unwrap_or_default();
                let known = app.instances.get(name);
                return Some(match known {
                    Some(instance) => Self::of(instance, None, "rejected"),
                    None => Self { instance: NONE, connector: NONE, resource: NONE, operation: "rejected" },
                });
            }
            "oauth" => "token",
            "consent" => "consent",
            "admin" => "admin",
            _ => return None,
        };
        Some(Self { instance: NONE, connector: NONE, resource: NONE, operation })
    }
}

/// What a request under `/scim/{instance}/v2` does, and to which resource type, by index.
pub(crate) fn operation(
    instance: &Instance,
    method: &Method,
    segments: &[&str],
) -> (Option<usize>, &'static str) {
    let Some((first, rest)) = segments.split_first() else { return (None, "other") };
    if rest.is_empty() && first.eq_ignore_ascii_case("Bulk") {
        return (None, "bulk");
    }
    if rest.is_empty() && *first == ".search" {
        return (None, "search");
    }
    let Some(index) = instance.core.index_of(first) else { return (None, "other") };
    let operation = match (method.as_str(), rest) {
        (_, [".search"]) => "search",
        ("GET", []) => "list",
        ("POST", []) => "create",
        ("GET", [_]) => "read",
        ("PUT", [_]) => "replace",
        ("PATCH", [_]) => "modify",
        ("DELETE", [_]) => "delete",
        _ => "other",
    };
    (Some(index), operation)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The rows of a page's table whose first cell is a metric.
    fn listed(page: &str) -> BTreeMap<String, Vec<String>> {
        let words =
            |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let rows = page.lines().filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| `connector_host_")?.split(" | ").collect();
            let name = format!("connector_host_{}", cells[0].trim_end_matches('`'));
            let full = cells.len() == 4 && cells[2..].iter().all(|cell| cell.len() > 3);
            assert!(full, "{name} needs labels, a meaning and what to watch");
            Some((name, words(cells[1])))
        });
        rows.collect()
    }

    #[test]
    fn the_operators_page_lists_every_metric_with_its_labels_and_no_other() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let listed = listed(&std::fs::read_to_string(path).unwrap());
        let sorted = |(name, labels): &(String, Vec<String>)| {
            let mut labels = labels.clone();
            labels.sort_unstable();
            (name.clone(), labels)
        };
        let mut page: BTreeMap<_, _> = listed;
        for labels in page.values_mut() {
            labels.sort_unstable();
        }
        let known: BTreeMap<_, _> = Metrics::default().known().iter().map(sorted).collect();
        assert_eq!(page, known);
    }
}
