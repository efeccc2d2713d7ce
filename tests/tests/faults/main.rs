//! The fault suite, against every connector that is built in.
//!
//! `cargo test -p connector-host-tests --test faults -- --nocapture` prints the numbers.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod targets;

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use async_trait::async_trait;
use connector_core::connector::Settings;
use connector_host::{
    config::{Config, Sources},
    registry::CONNECTORS,
    serve::Service,
};
use connector_host_tests::Client;
use connector_testkit::faults::{
    Authority, Begun, Lasts, Names, Place, Scenario, Scim, Target, Trouble, Validity, Wire, operations,
};
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet};

/// Scenarios under way at once: a client that waits for the processor and not for the target proves nothing.
const AT_ONCE: usize = 32;

/// What passes must pass inside the first; what lasts is waited for until the second. In seconds.
const PATIENT: u64 = 15;
const IMPATIENT: u64 = 2;

/// One scenario with its own instance, and its own wire to the target.
struct Case {
    scenario: Scenario,
    target: Arc<dyn Target>,
    wire: Wire,
    /// The instance's name, and that of what the scenario makes.
    name: String,
    scim: Client,
}

/// A SCIM client, as the suite sees it.
struct Over<'a>(&'a Client);

#[async_trait]
impl Scim for Over<'_> {
    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        let headers = [("content-type", "application/scim+json")];
        let answer = self.0.send(method, path, &headers, &body).await;
        let json = if answer.text.is_empty() { Value::Null } else { answer.json() };
        (answer.status, json)
    }
}

/// What came of it.
#[derive(Debug, Default)]
struct Numbers {
    /// By connector.
    scenarios: BTreeMap<&'static str, usize>,
    acknowledged: usize,
    retries: u64,
    duplicates: usize,
    wrong: Vec<String>,
}

/// A host, and scenarios that happen in it.
struct Ground {
    service: Service,
    names: Arc<Names>,
    cases: Vec<Arc<Case>>,
    /// Where its store is.
    _directory: tempfile::TempDir,
}

impl Ground {
    /// A host with one instance per scenario.
    async fn new(ground: &str, deadline: u64, scenarios: Vec<(Scenario, Arc<dyn Target>)>) -> Self {
        let names = Arc::new(Names::default());
        let authority = Authority::new("nobody");
        let directory = tempfile::tempdir().unwrap();
        let mut config = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nrequest_deadline_secs = {deadline}\n[store]\nurl = \"sqlite://{}/host.db\"\n\
             [outbound]\nallow_networks = [\"127.0.0.0/8\"]\n",
            directory.path().display(),
        );
        let mut cases = Vec::new();
        for (index, (scenario, target)) in scenarios.into_iter().enumerate() {
            let tls = match scenario.trouble {
                Trouble::UntrustedCertificate => Some(authority.acceptor("127.0.0.1", Validity::Now)),
                _ => None,
            };
            let wire = Wire::to(target.address(), tls).await.unwrap();
            let origin = match scenario.trouble.place() {
                Place::Wire => format!("http://{}", wire.address),
                Place::Tls => format!("https://{}", wire.address),
                Place::Names => format!("http://localhost:{}", wire.address.port()),
            };
            let name = format!("{ground}-{index}");
            let _ = write!(
                config,
                "[instances.{name}]\nconnector = \"{}\"\nbudget_percent = 1000000\n{}\n",
                target.connector(),
                target.instance(&origin)
            );
            cases.push((scenario, target, wire, name));
        }
        let file = directory.path().join("connector-host.toml");
        std::fs::write(&file, config).unwrap();
        let config = Config::load(&Sources { file: Some(file), ..Sources::default() });
        let config = config.unwrap_or_else(|problems| panic!("{problems}"));
        let service = Service::start_resolving(config, names.clone()).await;
        let service = service.unwrap_or_else(|error| panic!("{error}"));
        let mut ready = Vec::new();
        for (scenario, target, wire, name) in cases {
            let token = service.app.store.create_token(&name, "faults").await.unwrap();
            let base = format!("/scim/{name}/v2");
            let scim = Client { address: service.address, base, token: token.expose().to_owned() };
            ready.push(Arc::new(Case { scenario, target, wire, name, scim }));
        }
        Self { service, names, cases: ready, _directory: directory }
    }

    /// Begins everything, waits for what the host does behind its clients' backs, and judges.
    async fn run(self, places: Arc<Semaphore>) -> Numbers {
        let mut numbers = Numbers::default();
        for case in &self.cases {
            *numbers.scenarios.entry(case.target.connector()).or_default() += 1;
        }
        let mut beginning = JoinSet::new();
        for case in self.cases.iter().cloned() {
            beginning.spawn(begin(case, Arc::clone(&places), Arc::clone(&self.names)));
        }
        let mut begun = Vec::new();
        for (case, outcome) in beginning.join_all().await {
            match outcome {
                Ok(outcome) => {
                    numbers.acknowledged += usize::from(outcome.status() < 300);
                    begun.push((case, outcome));
                }
                Err(wrong) => numbers.wrong.push(format!("{}: {wrong}", case.target.connector())),
            }
        }
        self.names.stand_for(&["127.0.0.1".parse().unwrap()]);
        self.service.app.tasks.ended().await;

        let mut judging = JoinSet::new();
        for (case, begun) in begun {
            let places = Arc::clone(&places);
            judging.spawn(async move {
                let _place = places.acquire().await.unwrap();
                let outcome = begun.finish(&*case.target, &Over(&case.scim)).await;
                outcome.map_err(|wrong| format!("{}: {wrong}", case.target.connector()))
            });
        }
        for outcome in judging.join_all().await {
            match outcome {
                Ok(duplicates) => numbers.duplicates += duplicates,
                Err(wrong) => numbers.wrong.push(wrong),
            }
        }
        let client = Client { address: self.service.address, base: String::new(), token: String::new() };
        let metrics = client.get("/metrics").await;
        let retries =
            metrics.text.lines().filter(|line| line.starts_with("connector_host_target_retries_total{"));
        let counts = retries.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
        numbers.retries = counts.sum();
        self.service.shut_down().await;
        numbers
    }
}

/// Begins one scenario when there is room.
async fn begin(
    case: Arc<Case>,
    places: Arc<Semaphore>,
    names: Arc<Names>,
) -> (Arc<Case>, Result<Begun, String>) {
    let _place = places.acquire().await.unwrap();
    let stand_for = |trouble: Trouble| match trouble {
        Trouble::NameRebound => names.stand_for(&["169.254.169.254".parse().unwrap()]),
        _ => names.stand_for(&[]),
    };
    let begun =
        case.scenario.begin(&case.name, &*case.target, &case.wire, &Over(&case.scim), stand_for).await;
    (case, begun)
}

impl Numbers {
    fn add(&mut self, other: Self) {
        for (connector, count) in other.scenarios {
            *self.scenarios.entry(connector).or_default() += count;
        }
        self.acknowledged += other.acknowledged;
        self.retries += other.retries;
        self.duplicates += other.duplicates;
        self.wrong.extend(other.wrong);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_on_the_wire_nothing_is_lost_or_made_twice_and_clients_are_told_the_truth() {
    let started = std::time::Instant::now();
    let mut targets: Vec<(Arc<dyn Target>, Vec<Scenario>)> = Vec::new();
    for known in CONNECTORS {
        let connector = (known.build)(&Settings::default()).unwrap();
        let target = targets::start(known.spec.name).await;
        assert_eq!(target.connector(), known.spec.name);
        targets.push((target, Scenario::all(&operations(&*connector))));
    }
    let of = |wanted: &dyn Fn(&Scenario) -> bool| -> Vec<(Scenario, Arc<dyn Target>)> {
        let all = targets.iter().flat_map(|(target, scenarios)| {
            scenarios
                .iter()
                .filter(|scenario| wanted(scenario))
                .map(|scenario| (*scenario, Arc::clone(target)))
        });
        all.collect()
    };
    // Trouble with names is everybody's in one host, so each has its own.
    let is_of_names = |scenario: &Scenario| scenario.trouble.place() == Place::Names;
    let grounds = [
        Ground::new("once", PATIENT, of(&|scenario| scenario.lasts == Lasts::Once)).await,
        Ground::new(
            "lasting",
            IMPATIENT,
            of(&|scenario| scenario.lasts == Lasts::Throughout && !is_of_names(scenario)),
        )
        .await,
        Ground::new("unknown", IMPATIENT, of(&|scenario| scenario.trouble == Trouble::NameUnknown)).await,
        Ground::new("rebound", IMPATIENT, of(&|scenario| scenario.trouble == Trouble::NameRebound)).await,
    ];
    let prepared = started.elapsed();
    let (mut running, places) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for ground in grounds {
        running.spawn(ground.run(Arc::clone(&places)));
    }
    let mut numbers = Numbers::default();
    for came in running.join_all().await {
        numbers.add(came);
    }
    let scenarios: usize = numbers.scenarios.values().sum();
    println!(
        "{scenarios} scenarios {:?} in {:.1?} (prepared in {prepared:.1?}): {} acknowledged, {} retries, {} duplicates, \
         {} untrue",
        numbers.scenarios,
        started.elapsed(),
        numbers.acknowledged,
        numbers.retries,
        numbers.duplicates,
        numbers.wrong.len()
    );
    assert!(numbers.wrong.is_empty(), "{}", numbers.wrong.join("\n"));
    assert_eq!(numbers.duplicates, 0);
    assert!(numbers.retries > 0, "troubles that pass are tried again");
}
