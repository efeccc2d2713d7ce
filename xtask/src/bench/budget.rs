//! `bench budget`: how much of the target's permitted rate is used under sustained load, by one process and by three on one
//! database, and how often the target has to refuse. The stand-in's own limiter says how often.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    load::{self, Load, Way, count},
    processes::{self, Process},
};
use crate::{Result, command, http, postgres::Postgres, service::Service, workspace};

/// How long.
struct Plan {
    /// Until the burst that the target allows is used up and replicas have agreed.
    warm: Duration,
    measured: Duration,
}

const FULL: Plan = Plan { warm: Duration::from_secs(30), measured: Duration::from_mins(1) };
const QUICK: Plan = Plan { warm: Duration::from_secs(10), measured: Duration::from_secs(20) };

/// Numbers of processes.
const REPLICAS: [usize; 2] = [1, 3];

/// Connections to each process, each of which asks again when it is answered.
const CONNECTIONS: usize = 12;

/// The limit of Slack that counts lists: requests a minute.
const PER_MINUTE: f64 = 1000.0;

/// The least share, and the most refusals.
const AIM: f64 = 0.95;

/// What was measured with one number of processes.
struct Measured {
    replicas: usize,
    /// Requests the target answered, of those it permits in the time.
    share: f64,
    /// Refusals of the target, from the start on.
    refused: usize,
    /// Requests of clients from the start on; each was answered 200.
    answered: usize,
}

pub(super) fn run(quick: bool) -> Result<()> {
    let packages = ["--package", "connector-host", "--package", "connector-sandbox"];
    // A few requests a second need no optimised build, which takes longer than the measurement.
    command::run(workspace::cargo().arg("build").args(packages))?;
    let directory = workspace::target()?.join("bench-budget");
    let _ = fs::remove_dir_all(&directory);
    let plan = if quick { &QUICK } else { &FULL };
    // They share nothing, and a few requests a second leave the machine idle.
    let measured: Vec<Result<Measured>> = thread::scope(|scope| {
        let directory = &directory;
        let running = REPLICAS.map(|replicas| {
            scope.spawn(move || measure(plan, replicas, &directory.join(replicas.to_string())))
        });
        running.into_iter().map(|one| one.join().expect("a measurement does not panic")).collect()
    });
    let measured = measured.into_iter().collect::<Result<Vec<_>>>()?;
    let text = report(plan, &measured);
    println!("{text}");
    let missed = |one: &&Measured| one.share < AIM || one.refused > 0;
    match measured.iter().find(missed) {
        None => Ok(()),
        Some(_) => Err(format!("the aim is at least {:.0} % of the rate and no 429\n{text}", AIM * 100.0)),
    }
}

fn measure(plan: &Plan, replicas: usize, directory: &Path) -> Result<Measured> {
    fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let binaries = workspace::target()?.join("debug");
    let mut sandbox = Command::new(binaries.join("connector-sandbox"));
    let sandbox = Service::start(sandbox.arg("slack"))?;
    let store = match replicas {
        1 => format!("sqlite://{}/host.db", directory.display()),
        _ => Postgres::shared().database().url(),
    };
    let hosts = (0..replicas).map(|index| {
        host(
            &binaries,
            &directory.join(index.to_string()),
            &store,
            &sandbox.text("/scim_url")?,
            &sandbox.text("/token")?,
        )
    });
    let hosts = hosts.collect::<Result<Vec<Process>>>()?;
    let token = token(&binaries, &directory.join("0"))?;
    let ways = hosts.iter().map(|host| Way {
        authority: host.address.to_string(),
        token: token.clone(),
        paths: vec!["/scim/bench/v2/Users?startIndex=1&count=1".to_owned()],
    });
    let ways: Vec<Way> = ways.collect();

    let requests = format!("{}requests", sandbox.text("/control_url")?);
    let ask =
        |method| http::send(method, &requests, "", "").map_err(|error| format!("the stand-in: {error}"));
    let recorded = || -> Result<Vec<u64>> {
        let recorded: Value = serde_json::from_str(&ask("GET")?.body).map_err(|error| error.to_string())?;
        let statuses = recorded.as_array().into_iter().flatten();
        Ok(statuses.filter_map(|request| request["status"].as_u64()).collect())
    };
    let sent = Load { connections: CONNECTIONS, lasts: plan.warm + plan.measured, rate: None };
    let refusals = |statuses: &[u64]| statuses.iter().filter(|status| **status == 429).count();
    thread::scope(|scope| {
        let loading: Vec<_> = ways.iter().map(|way| scope.spawn(move || load::send(way, sent))).collect();
        load::wait_until(Instant::now() + plan.warm);
        let warm = recorded()?;
        ask("DELETE")?;
        let began = Instant::now();
        load::wait_until(began + plan.measured);
        let statuses = recorded()?;
        let took = began.elapsed().as_secs_f64();
        let mut answered = 0;
        for loading in loading {
            let outcome = loading.join().expect("a load does not panic");
            answered += outcome.map_err(|error| format!("a client of {replicas}: {error}"))?.micros.len();
        }
        let good = statuses.iter().filter(|status| **status == 200).count();
        let share = count(good) / (PER_MINUTE / 60.0 * took);
        Ok(Measured { replicas, share, refused: refusals(&warm) + refusals(&statuses), answered })
    })
}

/// One process, as any other replica of it would be.
fn host(
    binaries: &Path,
    directory: &Path,
    store: &str,
    target_url: &str,
    access_token: &str,
) -> Result<Process> {
    fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    let address = processes::free_address()?;
    let file = directory.join("connector-host.toml");
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let text = format!(
        "[server]\nlisten = \"{address}\"\n[store]\nurl = \"{store}\"\nencryption_key = \"{key}\"\n[outbound]\n\
         allow_networks = [\"127.0.0.0/8\"]\n[instances.bench]\nconnector = \"slack\"\ntarget_url = \"{target_url}\"\n\
         access_token = \"{access_token}\"\n"
    );
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut serve = Command::new(binaries.join("connector-host"));
    serve.current_dir(directory).arg("serve").env("CONNECTOR_HOST_LOG", "warn");
    Process::start(&mut serve, address, &directory.join("connector-host.log"))
}

fn token(binaries: &Path, directory: &Path) -> Result<String> {
    let mut create = Command::new(binaries.join("connector-host"));
    create.current_dir(directory).args(["token", "create", "bench", "--name", "bench"]);
    let made = create.output().map_err(|error| format!("token create: {error}"))?;
    let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    if token.is_empty() {
        return Err(format!("token create: {}", String::from_utf8_lossy(&made.stderr)));
    }
    Ok(token)
}

fn report(plan: &Plan, measured: &[Measured]) -> String {
    let mut text = format!(
        "# The target's budget\n\n{CONNECTIONS} clients per process read lists without a pause; Slack permits {PER_MINUTE:.0} a \
         minute. After {} s, over {} s:\n\n\
         | processes | share of the permitted rate (aim ≥ {AIM}) | 429s of the target (aim 0) | requests answered |\n\
         | ---: | ---: | ---: | ---: |\n",
        plan.warm.as_secs(),
        plan.measured.as_secs(),
    );
    for Measured { replicas, share, refused, answered } in measured {
        let _ = writeln!(text, "| {replicas} | {share:.3} | {refused} | {answered} |");
    }
    text
}
