//! Refreshes that are cut off by SIGKILL: the real process, ended at named points and at random moments.
//!
//! `cargo xtask soak --rounds N`, or
//! `cargo test -p connector-host-tests --features failpoints --test killed -- --nocapture`

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    path::Path,
    time::{Duration, Instant, UNIX_EPOCH},
};

use connector_host_tests::{
    ConsentWorld, PATIENCE, Process, Setup, Stopped,
    consent::{age, held, refreshes, store},
    eventually,
};
use connector_sandbox::{Effect, Fault};

/// Where the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// It alone may refresh now, and has asked nobody yet.
    Leased,
    /// The vendor has given new tokens; nobody else knows.
    Answered,
    /// They are in the store.
    Committed,
    /// Anywhere between its start and the middle of its work.
    Random,
}

impl Moment {
    const ALL: [Self; 4] = [Self::Leased, Self::Answered, Self::Committed, Self::Random];

    const fn failpoint(self) -> Option<&'static str> {
        match self {
            Self::Leased => Some("refresh.leased"),
            Self::Answered => Some("refresh.answered"),
            Self::Committed => Some("refresh.committed"),
            Self::Random => None,
        }
    }
}

/// One round.
#[derive(Debug, Clone, Copy)]
struct Round {
    moment: Moment,
    /// Whether the vendor takes a refresh token once more for a while after it was used.
    forgiving: bool,
    /// Whether the access token has ended when the refresh begins.
    ended: bool,
}

impl Round {
    /// Every combination comes once in sixteen rounds.
    const fn number(number: usize) -> Self {
        Self {
            moment: Moment::ALL[number % 4],
            forgiving: (number / 4).is_multiple_of(2),
            ended: (number / 8).is_multiple_of(2),
        }
    }
}

/// What a client got after the process was started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Works,
    ConsentNeeded,
}

const HOUR: u64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_is_killed_is_recovered_or_says_that_consent_is_needed() {
    let rounds = std::env::var("CONNECTOR_HOST_KILL_ROUNDS")
        .map_or(20, |rounds| rounds.parse().expect("CONNECTOR_HOST_KILL_ROUNDS is a number"));
    let binary = Path::new(env!("CARGO_BIN_EXE_connector-host-under-test"));
    let mut world = ConsentWorld::consented(binary, Setup::rotating()).await;
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    let (mut longest, started) = (Duration::ZERO, Instant::now());
    for number in 0..rounds {
        let round = Round::number(number);
        let (after, recovery, outcome) = play(world, round).await;
        world = after;
        longest = longest.max(recovery);
        let refreshes = refreshes(&world.slack);
        *counts.entry((round.moment, round.forgiving, outcome, refreshes)).or_default() += 1;
    }
    println!(
        "{rounds} rounds in {:.0} s, the slowest recovery {longest:.1?}",
        started.elapsed().as_secs_f64()
    );
    for ((moment, forgiving, outcome, refreshes), count) in counts {
        let used = if forgiving { "takes" } else { "refuses" };
        println!(
            "{count:>5}  {moment:?}, the vendor {used} a used token: {outcome:?} after {refreshes} refreshes"
        );
    }
}

/// Kills a refresh, starts the host again and looks at what is left; how long that took, and what it was.
async fn play(mut world: ConsentWorld, round: Round) -> (ConsentWorld, Duration, Outcome) {
    // Time passes while the host is down: a refresh is due when it starts.
    let stopped = world.host.kill().await;
    let hours = if round.ended { 13 } else { 11 };
    world.slack.advance(Duration::from_secs(hours * HOUR));
    age(stopped.directory(), (hours * HOUR).cast_signed()).await;
    world.slack.set_options(|options| options.refresh_reuse_ms = if round.forgiving { 600_000 } else { 0 });
    world.slack.clear_requests();

    let stopped = match round.moment.failpoint() {
        Some(point) => {
            let host = stopped.start(&[("CONNECTOR_HOST_FAILPOINT", point)]).await;
            // Clients wait for it meanwhile, and lose their connections.
            for _ in 0..5 {
                let scim = host.client("acme", &world.token);
                tokio::spawn(async move { scim.attempt("GET", "/Users?count=1", &[], "").await });
            }
            host.printed(&format!("failpoint {point}")).await;
            host.kill().await
        }
        None => {
            // So that it is often the vendor that is being waited for.
            world.slack.inject(Fault::on("/api/oauth.v2.access", Effect::Pass).delay_ms(100));
            at_some_time(stopped.begin(&[])).await
        }
    };
    let before = refreshes(&world.slack);
    assert!(before <= 1, "{round:?}: {before} refreshes before the kill");

    let restarted = Instant::now();
    world.host = stopped.start(&[]).await;
    let asking: Vec<_> = (0..10)
        .map(|_| {
            let scim = world.scim();
            tokio::spawn(async move { scim.get("/Users?count=1").await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for asked in asking {
        let answer = asked.await.expect("asking does not panic");
        outcomes.push(match answer.status {
            200 => Outcome::Works,
            _ => {
                let detail = answer.refused(502, "");
                assert!(detail.contains("consent needed"), "{round:?}: {detail}");
                Outcome::ConsentNeeded
            }
        });
    }
    let recovery = restarted.elapsed();
    let outcome = settled(&world, round, before).await;
    if round.ended {
        assert!(outcomes.iter().all(|met| *met == outcome), "{round:?}: {outcomes:?}, then {outcome:?}");
    }
    world.slack.clear_faults();
    if outcome == Outcome::ConsentNeeded {
        assert_eq!(world.state("acme").await, "consent needed", "{round:?}");
        world.walk("allow").await.page(200);
        world.scim().get("/Users?count=1").await.ok(200);
    }
    (world, recovery, outcome)
}

/// Kills it at some moment between its start and well after it was ready.
async fn at_some_time(process: Process) -> Stopped {
    let moment = Duration::from_micros(RandomState::new().hash_one(0) % 300_000);
    let started = Instant::now();
    eventually(PATIENCE, async || (started.elapsed() >= moment).then_some(())).await;
    process.kill().await
}

/// Waits until the credential is fresh or lost, and makes sure that nothing follows after that.
async fn settled(world: &ConsentWorld, round: Round, before: usize) -> Outcome {
    let store = store(world.host.directory()).await;
    let outcome = eventually(PATIENCE, async || {
        let (grant, _) = held(&store).await;
        let left = Duration::from_secs(grant["expires_at"].as_u64()?).checked_sub(UNIX_EPOCH.elapsed().ok()?);
        if grant["lost"].is_object() {
            Some(Outcome::ConsentNeeded)
        } else {
            (left > Some(Duration::from_hours(11))).then_some(Outcome::Works)
        }
    })
    .await;
    let status = if outcome == Outcome::Works { 200 } else { 502 };
    eventually(PATIENCE, async || (world.scim().get("/Users?count=1").await.status == status).then_some(()))
        .await;
    for _ in 0..3 {
        world.scim().get("/Users?count=1").await.ok(status);
    }
    let refreshes = world.refreshes();
    assert!(refreshes - before <= 1, "{round:?}: {refreshes} refreshes, {before} of them before the kill");
    let expected = match round.moment {
        Moment::Leased | Moment::Committed => Some((1, Outcome::Works)),
        Moment::Answered if round.forgiving => Some((2, Outcome::Works)),
        Moment::Answered => Some((2, Outcome::ConsentNeeded)),
        Moment::Random => None,
    };
    match expected {
        Some(expected) => assert_eq!((refreshes, outcome), expected, "{round:?}"),
        None => assert!(!round.forgiving || outcome == Outcome::Works, "{round:?}: {outcome:?}"),
    }
    outcome
}
