//! What happens at one instance's door.

use std::time::Duration;

use connector_core::http::{Observer, Rule};
use prometheus::{Histogram, IntCounter, IntCounterVec};

use super::{class, families::Families};

/// The metrics of one door. Those that every request touches are found once, here.
pub(super) struct DoorMetrics {
    labels: [String; 2],
    calls: IntCounterVec,
    call_seconds: Histogram,
    retries: IntCounter,
    limited: IntCounter,
    credential_refused: IntCounter,
    refused: IntCounterVec,
    queue_seconds: Histogram,
    turned_away: IntCounter,
}

impl DoorMetrics {
    pub(super) fn new(families: &Families, instance: &str, connector: &str) -> Self {
        let labels = [instance, connector];
        Self {
            calls: families.calls.clone(),
            call_seconds: families.call_seconds.with_label_values(&labels),
            retries: families.retries.with_label_values(&labels),
            limited: families.limited.with_label_values(&labels),
            credential_refused: families.credential_refused.with_label_values(&labels),
            refused: families.refused.clone(),
            queue_seconds: families.queue_seconds.with_label_values(&labels),
            turned_away: families.turned_away.with_label_values(&labels),
            labels: labels.map(str::to_owned),
        }
    }
}

impl std::fmt::Debug for DoorMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DoorMetrics({})", self.labels[0])
    }
}

impl Observer for DoorMetrics {
    fn called(&self, operation: &'static str, status: Option<u16>, took: Duration) {
        let [instance, connector] = self.labels.each_ref().map(String::as_str);
        let status = status.map_or("none", class);
        self.calls.with_label_values(&[instance, connector, operation, status]).inc();
        self.call_seconds.observe(took.as_secs_f64());
    }

    fn retried(&self) {
        self.retries.inc();
    }

    fn limited(&self) {
        self.limited.inc();
    }

    fn credential_refused(&self) {
        self.credential_refused.inc();
    }

    fn queued(&self, waited: Duration) {
        self.queue_seconds.observe(waited.as_secs_f64());
    }

    fn turned_away(&self) {
        self.turned_away.inc();
    }

    fn refused(&self, rule: Rule) {
        let [instance, connector] = self.labels.each_ref().map(String::as_str);
        self.refused.with_label_values(&[instance, connector, rule.name()]).inc();
    }
}
