//! Refreshes against the stand-in of Slack: how many, by whom, and what is answered meanwhile.

use std::{sync::Arc, time::Duration};

use connector_core::{
    error::{Kind, Result},
    http::{Credential, CredentialSource as _, Endpoints, Outbound, Policy},
    secret::Secret,
    spec::CredentialKind,
};
use connector_sandbox::{
    Effect, Fault,
    slack::{self, Slack},
};
use sqlx::SqlitePool;
use tokio::{task::JoinSet, time::Instant};

use super::{Consented, Grant, Protocol, follow, refresh::Outcome};
use crate::{
    app::Tasks,
    changes::ChangeFeed,
    config::{Key32, OAuthConfig, StoreConfig},
    store::{Store, unix_now},
};

const TOKEN_ENDPOINT: &str = "/api/oauth.v2.access";
const REDIRECT_URL: &str = "http://127.0.0.1/consent/callback";
const HOUR: i64 = 3600;

/// A vendor whose tokens rotate, and a store.
struct Bench {
    slack: Slack,
    directory: tempfile::TempDir,
    key: Key32,
}

impl Bench {
    async fn new() -> Self {
        let options = slack::Options { token_rotation: true, ..slack::Options::default() };
        let slack = slack::start(([127, 0, 0, 1], 0).into(), options).await.unwrap();
        Self { slack, directory: tempfile::tempdir().unwrap(), key: Key32::generate().unwrap() }
    }

    /// One that holds a consent given `age` seconds ago: after twelve hours it has ended.
    async fn with_consent(age: i64) -> (Self, Consented) {
        let bench = Self::new().await;
        let held = bench.process().await;
        held.keep(aged(bench.consent(held.protocol()).await, age)).await.unwrap();
        bench.slack.clear_requests();
        (bench, held)
    }

    async fn store(&self) -> Store {
        let path = self.directory.path().join("store.db");
        Store::open(&StoreConfig::file(path, Some(self.key.clone()))).await.unwrap()
    }

    /// The credential as another process has it.
    async fn process(&self) -> Consented {
        self.process_with(self.slack.client_secret()).await
    }

    async fn process_with(&self, client_secret: &str) -> Consented {
        let protocol = Protocol::new(self.config(client_secret), outbound());
        let store = self.store().await;
        Consented::load("acme", protocol, store, Tasks::default(), "http://x/consent/acme".to_owned())
            .await
            .unwrap()
    }

    fn config(&self, client_secret: &str) -> OAuthConfig {
        let mut kinds = connector_slack::SPEC.credentials.iter();
        let spec = kinds.find_map(|kind| match kind {
            CredentialKind::OAuth(spec) => Some(*spec),
            _ => None,
        });
        let url = |path: &str| format!("{}{path}", self.slack.base_url()).parse().unwrap();
        OAuthConfig {
            spec: spec.unwrap(),
            client_id: self.slack.client_id().to_owned(),
            client_secret: Secret::new(client_secret),
            redirect_url: None,
            authorize_url: url("/oauth/v2/authorize"),
            token_url: url(TOKEN_ENDPOINT),
            revoke_url: url("/api/auth.revoke"),
        }
    }

    /// A consent, given at the vendor just now.
    async fn consent(&self, protocol: &Protocol) -> Grant {
        let departure = protocol.depart(REDIRECT_URL, "state").unwrap();
        let (address, query) = departure.url.split_once('?').unwrap();
        let way = Endpoints::new(outbound()).with("page", address.parse().unwrap());
        let form = http::Request::post(address).body(format!("{query}&decision=allow").into_bytes()).unwrap();
        let answer = way.send(form, soon()).await.unwrap();
        let back: url::Url = answer.headers()["location"].to_str().unwrap().parse().unwrap();
        let (_, code) = back.query_pairs().find(|(name, _)| name == "code").unwrap();
        let granted = protocol.exchange(&code, REDIRECT_URL, departure.verifier.as_ref()).await.unwrap();
        Grant::new(&granted, self.slack.client_id(), &[], unix_now())
    }

    /// How often the vendor was asked to refresh.
    fn refreshes(&self) -> usize {
        let is_refresh = |request: &connector_sandbox::RecordedRequest| {
            request.path == TOKEN_ENDPOINT && request.body["grant_type"] == "refresh_token"
        };
        self.slack.requests().iter().filter(|request| is_refresh(request)).count()
    }

    /// Whether the target takes it.
    async fn is_taken(&self, credential: &Credential) -> bool {
        let url = format!("{}Users?count=1", self.slack.scim_url());
        let way = Endpoints::new(outbound()).with("users", url.parse().unwrap());
        let header = format!("Bearer {}", credential.token().expose());
        let request = http::Request::get(url).header("authorization", header).body(Vec::new()).unwrap();
        way.send(request, soon()).await.unwrap().status().is_success()
    }

    /// Another hand on the same file.
    async fn sql(&self, statement: &'static str) {
        let url = format!("sqlite://{}", self.directory.path().join("store.db").display());
        let pool = SqlitePool::connect(&url).await.unwrap();
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }
}

fn outbound() -> Arc<Outbound> {
    let allow_networks = vec!["127.0.0.0/8".parse().unwrap()];
    Arc::new(Outbound::new(Policy { allow_networks, only_networks: Vec::new() }))
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn aged(grant: Grant, seconds: i64) -> Grant {
    Grant {
        consented_at: grant.consented_at - seconds,
        expires_at: grant.expires_at.map(|end| end - seconds),
        ..grant
    }
}

fn token(held: &Consented) -> String {
    held.grant().unwrap().access_token.expose().to_owned()
}

#[track_caller]
fn refused(outcome: Result<Arc<Credential>>, kind: Kind) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

/// Everybody asks at once.
async fn crowd(held: &Consented) -> Vec<Result<Arc<Credential>>> {
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let held = held.clone();
        asking.spawn(async move { held.current(soon()).await });
    }
    asking.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_need_a_fresh_token_cause_one_refresh() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    let old = token(&held);
    for credential in crowd(&held).await {
        let credential = credential.unwrap();
        assert_ne!(credential.token().expose(), old);
        assert!(bench.is_taken(&credential).await);
    }
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_in_each_of_two_processes_cause_one_refresh() {
    let (bench, one) = Bench::with_consent(13 * HOUR).await;
    let two = bench.process().await;
    let (of_one, of_two) = tokio::join!(crowd(&one), crowd(&two));
    let tokens: Vec<_> = of_one.into_iter().chain(of_two).map(|credential| credential.unwrap()).collect();
    assert!(tokens.iter().all(|credential| credential.token().expose() == token(&one)));
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_to_consent_again_because_the_vendor_is_down() {
    for effect in [Effect::status(503, ""), Effect::MalformedJson, Effect::CloseBefore] {
        let (bench, held) = Bench::with_consent(13 * HOUR).await;
        bench.slack.inject(Fault::on(TOKEN_ENDPOINT, effect).times(99));
        for outcome in crowd(&held).await {
            refused(outcome, Kind::Unavailable);
        }
        assert_eq!(bench.refreshes(), 1, "the others do not try at once what just failed");
        assert!(held.is_usable() && held.grant().unwrap().last_failure.is_some());
    }
}

#[tokio::test]
async fn an_old_token_is_used_to_its_very_end_while_the_vendor_is_down() {
    for failure in [Effect::status(503, ""), Effect::status(200, "{}"), Effect::MalformedJson] {
        let (bench, held) = Bench::with_consent(12 * HOUR - 30).await;
        let old = token(&held);
        bench.slack.inject(Fault::on(TOKEN_ENDPOINT, failure).times(99));
        for _ in 0..3 {
            assert_eq!(held.current(soon()).await.unwrap().token().expose(), old);
        }
        assert_eq!(bench.refreshes(), 1);
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_told_as_such_each_time_and_loses_nothing() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    let wrong = bench.process_with("wrong").await;
    for _ in 0..2 {
        let why = refused(wrong.current(soon()).await, Kind::TargetCredential);
        assert!(why.contains("bad_client_secret") && why.contains("check client_id"), "{why}");
    }
    assert_eq!(bench.refreshes(), 1);
    // The operator mends it and restarts.
    drop(held);
    let mended = bench.process().await;
    assert!(bench.is_taken(&mended.current(soon()).await.unwrap()).await);
}

#[tokio::test]
async fn a_refused_refresh_is_the_end_of_the_consent_in_every_process() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    bench.slack.inject(Fault::on(
        TOKEN_ENDPOINT,
        Effect::status(200, r#"{"ok":false,"error":"invalid_refresh_token"}"#),
    ));
    for _ in 0..3 {
        let why = refused(held.current(soon()).await, Kind::TargetCredential);
        assert!(why.contains("invalid_refresh_token"), "{why}");
    }
    assert!(!held.is_usable());
    assert!(!bench.process().await.is_usable());
    assert_eq!(bench.refreshes(), 1, "a lost consent is not tried again");
}

#[tokio::test]
async fn a_token_that_the_target_refuses_is_refreshed_once_unless_it_is_fresh() {
    let (bench, held) = Bench::with_consent(HOUR).await;
    let refused = held.current(soon()).await.unwrap();
    let renewed = held.renew(&refused, soon()).await.unwrap().unwrap();
    assert_ne!(renewed.token().expose(), refused.token().expose());
    // Others were refused the same token at the same time.
    let again = held.renew(&refused, soon()).await.unwrap().unwrap();
    assert_eq!(again.token().expose(), renewed.token().expose());
    assert!(held.renew(&renewed, soon()).await.unwrap().is_none(), "it was issued just now");
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test]
async fn a_clock_that_was_set_back_keeps_nobody_from_a_fresh_token() {
    // By our clock the token was issued tomorrow; by the vendor's it has ended.
    let (bench, held) = Bench::with_consent(-24 * HOUR).await;
    bench.slack.advance(Duration::from_hours(13));
    let ended = held.current(soon()).await.unwrap();
    assert!(!bench.is_taken(&ended).await);
    let renewed = held.renew(&ended, soon()).await.unwrap().unwrap();
    assert!(bench.is_taken(&renewed).await);
    assert!(held.renew(&renewed, soon()).await.unwrap().is_none(), "it was issued just now");
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test]
async fn a_clock_that_jumps_years_ahead_costs_one_refresh_and_no_consent() {
    let (bench, held) = Bench::with_consent(3 * 365 * 24 * HOUR).await;
    for credential in crowd(&held).await {
        assert!(bench.is_taken(&credential.unwrap()).await);
    }
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test]
async fn a_credential_without_refresh_token_ends_loudly() {
    let (bench, held) = Bench::with_consent(0).await;
    let grant = held.grant().unwrap();
    held.keep(aged(Grant { refresh_token: None, ..grant.clone() }, 11 * HOUR)).await.unwrap();
    assert!(held.is_usable() && held.current(soon()).await.is_ok());
    held.keep(aged(Grant { refresh_token: None, ..grant }, 13 * HOUR)).await.unwrap();
    assert!(!held.is_usable());
    let why = refused(held.current(soon()).await, Kind::TargetCredential);
    assert!(why.contains("has ended"), "{why}");
    assert_eq!(bench.refreshes(), 0);
}

#[tokio::test]
async fn what_the_store_does_not_take_is_used_by_nobody_and_committed_later() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    let old = token(&held);
    bench
        .sql("CREATE TRIGGER shut BEFORE UPDATE OF sealed ON credentials BEGIN SELECT RAISE(ABORT, 'shut'); END")
        .await;
    for _ in 0..3 {
        refused(held.current(soon()).await, Kind::Unavailable);
        held.settle().await;
    }
    assert_eq!(token(&held), old, "not before the commit");
    bench.sql("DROP TRIGGER shut").await;
    held.settle().await;
    assert!(bench.is_taken(&held.current(soon()).await.unwrap()).await);
    assert_eq!(token(&bench.process().await), token(&held));
    assert_eq!(bench.refreshes(), 1, "the vendor is not asked for what it gave already");
}

#[tokio::test]
async fn what_the_store_does_not_take_is_committed_without_anybody_asking() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    let old = token(&held);
    bench
        .sql("CREATE TRIGGER shut BEFORE UPDATE OF sealed ON credentials BEGIN SELECT RAISE(ABORT, 'shut'); END")
        .await;
    refused(held.current(soon()).await, Kind::Unavailable);
    bench.sql("DROP TRIGGER shut").await;
    upkeep(&bench, &held, async || token(&held) != old).await;
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test]
async fn a_token_is_refreshed_before_it_ends_without_anybody_asking() {
    let (bench, held) = Bench::with_consent(11 * HOUR).await;
    let old = token(&held);
    upkeep(&bench, &held, async || token(&held) != old).await;
    assert_eq!(bench.refreshes(), 1);
    assert!(held.due_in().await.unwrap() > Duration::from_hours(9));
}

#[tokio::test]
async fn an_interrupted_refresh_is_finished_at_the_next_start_although_it_is_not_due() {
    let (bench, held) = Bench::with_consent(HOUR).await;
    let (version, _) = held.0.lease().await.unwrap().unwrap();
    // Its process ends here.
    let next = bench.process().await;
    assert_eq!(next.due_in().await, Some(Duration::ZERO));
    held.0.store.release_credential("acme", &held.0.owner).await.unwrap();
    bench.slack.inject(Fault::on(TOKEN_ENDPOINT, Effect::status(503, "")));
    next.refresh(soon()).await.unwrap_err();
    // It still is unfinished, for whoever starts now as well.
    let pause = next.due_in().await.unwrap();
    assert!(pause <= Duration::from_secs(5), "{pause:?}");
    let last = bench.process().await;
    assert_eq!(last.due_in().await, Some(Duration::ZERO));
    last.refresh(soon()).await.unwrap();
    assert!(last.due_in().await.unwrap() > Duration::from_hours(1));
    assert!(last.0.current().version > version);
}

#[tokio::test]
async fn a_process_that_serves_alone_does_not_wait_for_one_that_is_gone() {
    let (bench, held) = Bench::with_consent(13 * HOUR).await;
    let next = bench.process().await;
    held.0.lease().await.unwrap().unwrap();
    let alone = bench.process().await;
    alone.serve_alone();
    // That of a command which began meanwhile counts, though.
    next.serve_alone();
    let moment = Instant::now() + Duration::from_millis(500);
    refused(next.current(moment).await, Kind::Deadline);
    let started = std::time::Instant::now();
    assert!(bench.is_taken(&alone.current(soon()).await.unwrap()).await);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(bench.is_taken(&next.current(soon()).await.unwrap()).await);
    assert_eq!(bench.refreshes(), 1);
}

#[tokio::test]
async fn a_fresh_token_that_an_interrupted_refresh_may_have_ended_is_refreshed() {
    let (bench, held) = Bench::with_consent(0).await;
    held.0.lease().await.unwrap().unwrap();
    let next = bench.process().await;
    held.0.store.release_credential("acme", &held.0.owner).await.unwrap();
    let refused = next.current(soon()).await.unwrap();
    assert!(next.renew(&refused, soon()).await.unwrap().is_some());
}

/// The process that holds the lease was stopped for so long that another took it over.
async fn overtaken(bench: &Bench, slow: &Consented, effect: Effect) -> Consented {
    let (version, from) = slow.0.lease().await.unwrap().unwrap();
    let granted = slow.protocol().refresh(from.refresh_token.as_ref().unwrap()).await.unwrap();
    let overtaker = bench.process().await;
    bench.sql("UPDATE credentials SET lease_until = 0").await;
    bench.slack.inject(Fault::on(TOKEN_ENDPOINT, effect));
    overtaker.current(soon()).await.unwrap_err();
    let to = from.refreshed(&granted, unix_now());
    let mut single = slow.0.single.lock().await;
    slow.0.commit(&mut single, Outcome { version, from, to }).await.unwrap();
    overtaker
}

#[tokio::test]
async fn an_answer_that_comes_late_counts_more_than_a_refusal_of_the_token_it_used_up() {
    // Slack refuses the used refresh token by itself.
    for effect in [Effect::Pass, Effect::status(503, "")] {
        let (bench, slow) = Bench::with_consent(13 * HOUR).await;
        let overtaker = overtaken(&bench, &slow, effect).await;
        let versions = slow.0.store.credential_versions().await.unwrap();
        overtaker.follow(versions[0].1).await.unwrap();
        for held in [&slow, &overtaker] {
            assert!(held.is_usable());
            assert!(bench.is_taken(&held.current(soon()).await.unwrap()).await);
        }
    }
}

#[tokio::test]
async fn giving_up_ends_the_token_at_the_vendor_and_forgets_it_everywhere() {
    let (bench, held) = Bench::with_consent(HOUR).await;
    let credential = held.current(soon()).await.unwrap();
    assert_eq!(bench.process().await.give_up().await.unwrap(), Some(true));
    assert!(!bench.is_taken(&credential).await);
    held.follow(0).await.unwrap();
    refused(held.current(soon()).await, Kind::TargetCredential);
    assert_eq!(held.give_up().await.unwrap(), None, "there is nothing left");
    assert_eq!(bench.refreshes(), 0);
}

#[tokio::test]
async fn what_cannot_be_given_up_is_kept() {
    let (bench, held) = Bench::with_consent(HOUR).await;
    bench.slack.inject(Fault::on("/api/auth.revoke", Effect::CloseBefore));
    held.give_up().await.unwrap_err();
    assert!(bench.is_taken(&held.current(soon()).await.unwrap()).await);
    assert!(bench.process().await.due_in().await > Some(Duration::ZERO), "and is not leased any more");
    assert_eq!(held.give_up().await.unwrap(), Some(true));
}

/// Lets the upkeep run until `done`.
async fn upkeep(bench: &Bench, held: &Consented, done: impl AsyncFn() -> bool) {
    let store = bench.store().await;
    let feed = ChangeFeed::new(&store).await.unwrap();
    let started = std::time::Instant::now();
    let looking = async {
        while !done().await {
            assert!(started.elapsed() < Duration::from_secs(20), "it did not happen");
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = follow(vec![held.clone()], store.clone(), feed.subscribe()) => unreachable!("it follows for ever"),
        () = looking => {}
    }
}
