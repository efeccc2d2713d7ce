//! Every metric there is: name, help and labels. `docs/operating.md` lists the same, and a test compares.

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, Result, core::Collector,
};

/// From milliseconds of a fast target to the longest a client waits, in seconds.
const SECONDS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The gateway's own time is a fraction of a millisecond.
const OWN_SECONDS: &[f64] = &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0];

/// Labels that everything about one instance has.
const INSTANCE: &[&str] = &["instance", "connector"];

/// The metrics of one process.
pub(super) struct Families {
    pub(super) registry: Registry,
    /// Name and labels of each.
    pub(super) known: Vec<(String, Vec<String>)>,

    pub(super) build_info: IntGaugeVec,
    pub(super) requests: IntCounterVec,
    pub(super) request_seconds: HistogramVec,
    pub(super) own_seconds: HistogramVec,

    pub(super) calls: IntCounterVec,
    pub(super) call_seconds: HistogramVec,
    pub(super) retries: IntCounterVec,
    pub(super) limited: IntCounterVec,
    pub(super) credential_refused: IntCounterVec,
    pub(super) refused: IntCounterVec,
    pub(super) breaker_open: IntGaugeVec,
    pub(super) under_way: IntGaugeVec,

    pub(super) queue_seconds: HistogramVec,
    pub(super) turned_away: IntCounterVec,
    pub(super) waiting: IntGaugeVec,

    pub(super) instance_ready: IntGaugeVec,
    pub(super) credential_usable: IntGaugeVec,
    pub(super) credential_failing: IntGaugeVec,
    pub(super) credential_end: IntGaugeVec,

    pub(super) store_ready: IntGaugeVec,
    pub(super) ledger_held: IntGaugeVec,
    pub(super) ledger_waiting: IntGaugeVec,
}

impl Families {
    #[rustfmt::skip]
    pub(super) fn new() -> Self {
        let mut book = Book { registry: Registry::new(), known: Vec::new() };
        let build_info = book.gauge("connector_host_build_info", "Always 1; the version that runs.", &["version"]);

        let labels = &["instance", "connector", "resource", "operation", "status"];
        let requests = book.counter("connector_host_requests_total", "Requests of clients.", labels);
        let labels = &["instance", "connector", "operation"];
        let request_seconds = book.histogram("connector_host_request_duration_seconds", "From a client's request to its answer.", labels, SECONDS);
        let own_seconds = book.histogram("connector_host_own_duration_seconds", "The same without the time spent waiting for the target.", &[], OWN_SECONDS);

        let labels = &["instance", "connector", "operation", "status"];
        let calls = book.counter("connector_host_target_calls_total", "Attempts at the target, each retry counted.", labels);
        let call_seconds = book.histogram("connector_host_target_call_duration_seconds", "One attempt at the target, from sending to its whole answer.", INSTANCE, SECONDS);
        let retries = book.counter("connector_host_target_retries_total", "Attempts made again after a passing fault.", INSTANCE);
        let limited = book.counter("connector_host_target_rate_limited_total", "Attempts that the target refused because of a rate limit.", INSTANCE);
        let credential_refused = book.counter("connector_host_target_credential_refused_total", "Calls that failed because the target refuses our credential or there is none.", INSTANCE);
        let refused = book.counter("connector_host_destinations_refused_total", "Requests that the destination policy kept from leaving.", &["instance", "connector", "rule"]);
        let breaker_open = book.gauge("connector_host_target_dead", "1 while the target does not answer at all and most requests are refused at once.", INSTANCE);
        let under_way = book.gauge("connector_host_target_calls_in_flight", "Attempts at the target under way now.", INSTANCE);

        let queue_seconds = book.histogram("connector_host_queue_duration_seconds", "Waiting for a turn under the target's rate limits.", INSTANCE, SECONDS);
        let turned_away = book.counter("connector_host_queue_turned_away_total", "Calls that could not have had their turn before the client's deadline.", INSTANCE);
        let waiting = book.gauge("connector_host_queue_length", "Calls waiting for their turn now.", INSTANCE);

        let instance_ready = book.gauge("connector_host_instance_ready", "1 while requests of the instance can leave at all.", INSTANCE);
        let credential_usable = book.gauge("connector_host_credential_usable", "1 while a consent is held and not lost.", INSTANCE);
        let credential_failing = book.gauge("connector_host_credential_refresh_failing", "1 while the last refresh failed.", INSTANCE);
        let credential_end = book.gauge("connector_host_credential_expires_timestamp_seconds", "When the access token ends, in seconds since 1970.", INSTANCE);

        let store_ready = book.gauge("connector_host_store_ready", "1 while the store answers and its key opens it.", &[]);
        let ledger_held = book.gauge("connector_host_ledger_held_objects", "Objects whose memories are held in memory, those known to have none included.", &[]);
        let ledger_waiting = book.gauge("connector_host_ledger_waiting_writes", "Writes that wait for the next transaction.", &[]);

        let Book { registry, known } = book;
        Self {
            registry, known,
            build_info, requests, request_seconds, own_seconds,
            calls, call_seconds, retries, limited, credential_refused, refused, breaker_open, under_way,
            queue_seconds, turned_away, waiting,
            instance_ready, credential_usable, credential_failing, credential_end,
            store_ready, ledger_held, ledger_waiting,
        }
    }
}

/// Makes metrics and writes down which.
struct Book {
    registry: Registry,
    known: Vec<(String, Vec<String>)>,
}

impl Book {
    fn counter(&mut self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.add(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&mut self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.add(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&mut self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
        self.add(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }

    fn add<C: Collector + Clone + 'static>(&mut self, made: Result<C>) -> C {
        let metric = made.expect("names and labels are written right");
        for description in metric.desc() {
            self.known.push((description.fq_name.clone(), description.variable_labels.clone()));
        }
        self.registry.register(Box::new(metric.clone())).expect("each name is there once");
        metric
    }
}
