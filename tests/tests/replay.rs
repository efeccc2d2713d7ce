//! The replay corpus against the real host, with an organisation of the stand-in for each file.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_host::{
    config::{Config, Sources},
    serve::Service,
};
use connector_host_tests::{
    instance,
    replay::{Corpus, File, Instance, Outcome, StandIn},
};
use connector_sandbox::{
    activecampaign::{self, ActiveCampaign},
    slack::{self, Slack},
    webex::{self, Webex},
    workplace::{self, Workplace},
};
use serde_json::{Value, json};

/// People of an organisation, unless a file asks for more.
const USERS: usize = 40;
/// Files that run at once.
const PARALLEL: usize = 8;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("replay")
}

/// A file's own organisation, in the target it is about; in Slack when it is about none.
enum Organisation {
    Slack(Slack),
    Webex(Webex),
    Workplace(Workplace),
    ActiveCampaign(ActiveCampaign),
}

/// A target whose files run here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Slack,
    Webex,
    Workplace,
    ActiveCampaign,
}

impl Target {
    /// What a file is about, as its schema says; none where another test has that target.
    fn of(file: &File) -> Option<Self> {
        let Some(schema) = file.schema() else { return Some(Self::Slack) };
        let own = schema.strip_prefix("urn:connector-host:scim:")?;
        match own.split(':').next()? {
            "webex" => Some(Self::Webex),
            "workplace" => Some(Self::Workplace),
            "activecampaign" => Some(Self::ActiveCampaign),
            _ => None,
        }
    }

    /// The stand-in's switches before those of the file.
    fn options(self) -> Value {
        match self {
            Self::Slack | Self::ActiveCampaign => json!({ "users": USERS, "rate_limiter": false }),
            Self::Webex => json!({ "people": USERS, "rate_limiter": false }),
            Self::Workplace => {
                json!({ "people": USERS, "rate_limiter": false, "verified_domains": ["halden.example"] })
            }
        }
    }
}

impl Organisation {
    async fn start(file: &File) -> Self {
        let address = "127.0.0.1:0".parse().unwrap();
        let target = Target::of(file).unwrap();
        let mut options = target.options();
        for (name, value) in file.stand_in().as_object().into_iter().flatten() {
            options[name] = value.clone();
        }
        let wrong = |error: serde_json::Error| -> ! { panic!("{}: {error}", file.id) };
        match target {
            Target::Slack => {
                let options = serde_json::from_value(options).unwrap_or_else(|error| wrong(error));
                Self::Slack(slack::start(address, options).await.unwrap())
            }
            Target::Webex => {
                let options = serde_json::from_value(options).unwrap_or_else(|error| wrong(error));
                Self::Webex(webex::start(address, options).await.unwrap())
            }
            Target::Workplace => {
                let options = serde_json::from_value(options).unwrap_or_else(|error| wrong(error));
                Self::Workplace(workplace::start(address, options).await.unwrap())
            }
            Target::ActiveCampaign => {
                let options = serde_json::from_value(options).unwrap_or_else(|error| wrong(error));
                Self::ActiveCampaign(activecampaign::start(address, options).await.unwrap())
            }
        }
    }

    /// Its instance as it is configured.
    fn instance(&self, name: &str) -> String {
        match self {
            Self::Slack(slack) => instance(name, &slack.scim_url(), slack.token(), ""),
            Self::Webex(webex) => format!(
                "[instances.{name}]\nconnector = \"webex\"\ntarget_url = \"{}\"\naccess_token = \"{}\"\n",
                webex.api_url(),
                webex.token()
            ),
            Self::Workplace(workplace) => format!(
                "[instances.{name}]\nconnector = \"workplace\"\ntarget_url = \"{}\"\ngraph_url = \"{}\"\n\
                 api_key = \"{}\"\narchive_groups = true\n",
                workplace.scim_url(),
                workplace.graph_url(),
                workplace.token()
            ),
            Self::ActiveCampaign(account) => format!(
                "[instances.{name}]\nconnector = \"activecampaign\"\ntarget_url = \"{}\"\napi_key = \"{}\"\n\
                 budget_percent = 100000\n",
                account.api_url(),
                account.key()
            ),
        }
    }

    fn stand_in(&self) -> &connector_sandbox::StandIn {
        match self {
            Self::Slack(slack) => slack,
            Self::Webex(webex) => webex,
            Self::Workplace(workplace) => workplace,
            Self::ActiveCampaign(account) => account,
        }
    }
}

impl StandIn for Organisation {
    fn inject(&self, fault: &Value) -> Result<(), String> {
        let fault = serde_json::from_value(fault.clone()).map_err(|error| error.to_string())?;
        self.stand_in().inject(fault);
        Ok(())
    }

    fn calls(&self) -> Vec<Value> {
        let base = match self {
            Self::Slack(_) => "/scim/v1",
            Self::Webex(_) => "/v1",
            // It has two addresses, which are told apart.
            Self::Workplace(_) => "",
            Self::ActiveCampaign(_) => "/api/3",
        };
        let calls = self.stand_in().requests().into_iter().map(|call| {
            let path = call.path.strip_prefix(base).unwrap_or(&call.path);
            json!({ "method": call.method, "path": path, "query": call.query, "body": call.body })
        });
        let calls = calls.collect();
        self.stand_in().clear_requests();
        calls
    }
}

/// One host with an instance for each file.
async fn host(directory: &Path, files: &[File], organisations: &[Organisation]) -> Service {
    // Thirty-two bytes of nothing: the store goes away with the test.
    let key = format!("{}=", "A".repeat(43));
    let mut config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[store]\nurl = \"sqlite://{}/host.db\"\nencryption_key = \"{key}\"\n\
         [outbound]\nallow_networks = [\"127.0.0.0/8\"]\n",
        directory.display(),
    );
    for (file, organisation) in files.iter().zip(organisations) {
        config.push_str(&organisation.instance(&name(file)));
    }
    let path = directory.join("connector-host.toml");
    std::fs::write(&path, config).unwrap();
    let config = Config::load(&Sources { file: Some(path), ..Sources::default() });
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    Service::start(config).await.unwrap_or_else(|error| panic!("{error}"))
}

fn name(file: &File) -> String {
    file.id.to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_client_gets_what_it_expects() {
    let mut corpus = Corpus::load(&directory()).unwrap_or_else(|problem| panic!("{problem}"));
    corpus.files.retain(|file| Target::of(file).is_some());
    let mut organisations = Vec::new();
    for file in &corpus.files {
        organisations.push(Organisation::start(file).await);
    }
    let temporary = tempfile::tempdir().unwrap();
    let service = host(temporary.path(), &corpus.files, &organisations).await;
    let mut places = Vec::new();
    for file in &corpus.files {
        let token = service.app.store.create_token(&name(file), "replay").await.unwrap();
        let client = service.app.store.create_client(&name(file), "replay").await.unwrap();
        let client = BASE64_STANDARD.encode(format!("{}:{}", client.client_id, client.secret.expose()));
        let names = BTreeMap::from([("client".to_owned(), Value::from(client))]);
        places.push((service.app.scim_url(&name(file)), token.expose().to_owned(), names));
    }

    let outcomes = tokio::task::block_in_place(|| {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut outcomes = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = corpus.files.get(index) else { return outcomes };
                let (base, token, names) = &places[index];
                let instance = Instance { base, token, unique: "r4t7z2", names: names.clone(), wait: None };
                outcomes.push((index, corpus.run(file, &instance, Some(&organisations[index]))));
            }
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<BTreeMap<_, _>>()
        })
    });
    service.shut_down().await;

    let mut clients: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut failures = String::new();
    for (index, outcome) in &outcomes {
        let file = &corpus.files[*index];
        let count = clients.entry(&file.client).or_default();
        match outcome {
            Outcome::Passed => count[0] += 1,
            Outcome::Failed(problem) => {
                count[1] += 1;
                let _ = writeln!(failures, "  {}: {problem}", file.path.display());
            }
            Outcome::Needs => count[2] += 1,
            Outcome::Skipped => panic!("{}: nothing is skipped with the stand-in", file.id),
            Outcome::Inapplicable(lacking) => {
                panic!("{}: everything applies to its target, but {lacking}", file.id)
            }
        }
    }
    for (client, [passed, failed, needing]) in &clients {
        println!("{client:20} {passed:4} passed {failed:4} failed {needing:4} needing");
    }
    let needing: usize = clients.values().map(|[_, _, needing]| needing).sum();
    let failed: usize = clients.values().map(|[_, failed, _]| failed).sum();
    assert_eq!(failed, 0, "\n{failures}");
    assert_eq!(needing, corpus.files.iter().filter(|file| file.needs.is_some()).count());
}

#[test]
fn every_id_is_a_file_or_explained() {
    let corpus = Corpus::load(&directory()).unwrap_or_else(|problem| panic!("{problem}"));
    let ids = std::fs::read_to_string(directory().join("ids.txt")).unwrap();
    let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
    let explained = readme.split_once("## Not shown by a server").unwrap().1.lines();
    let explained = explained
        .filter_map(|line| line.strip_prefix("| `")?.split_once(" |"))
        .flat_map(|(ids, _)| ids.split(", ").map(|id| id.trim_matches('`').to_owned()).collect::<Vec<_>>());
    let shown = corpus.files.iter().flat_map(|file| std::iter::once(&file.id).chain(&file.also)).cloned();
    let mut found = BTreeSet::new();
    for id in shown.chain(explained) {
        assert!(found.insert(id.clone()), "{id} is there twice");
    }
    assert_eq!(found, ids.lines().map(str::to_owned).collect());
}
