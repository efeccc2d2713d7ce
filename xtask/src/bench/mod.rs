//! `bench`: the same load on a stand-in directly, through nginx as a plain reverse proxy, and through the gateway, in one
//! run and in turns, so that whatever else the machine does falls on all of them. A full run ends with the ledger: a
//! million entries beside a thousand.

mod budget;
mod load;
mod processes;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::{Result, command, http, service::Service, workspace};
use load::{Load, Outcome, Way, count};
use processes::Process;

/// How much is measured.
struct Plan {
    rounds: usize,
    lasts: Duration,
    paced: Duration,
    rate: u32,
}

const FULL: Plan =
    Plan { rounds: 4, lasts: Duration::from_millis(1_300), paced: Duration::from_secs(4), rate: 1_000 };
const QUICK: Plan =
    Plan { rounds: 1, lasts: Duration::from_millis(200), paced: Duration::from_millis(400), rate: 200 };

const CONNECTIONS: usize = 8;

/// What is asked for, with the share of nginx's CPU time that is the aim.
const LOADS: [(&str, f64); 2] = [("read a user", 2.0), ("page of 100 users", 4.0)];

/// Runs `bench budget`.
pub(crate) fn budget(quick: bool) -> Result<()> {
    budget::run(quick)
}

pub(crate) fn run(quick: bool) -> Result<()> {
    // The load must not be the slowest part.
    if cfg!(debug_assertions) {
        let mut release = workspace::cargo();
        release.args(["run", "--quiet", "--release", "--package", "xtask", "--", "bench"]);
        if quick {
            release.arg("--quick");
        }
        return command::run(&mut release);
    }
    let packages = ["--package", "connector-host", "--package", "connector-sandbox"];
    command::run(workspace::cargo().args(["build", "--release"]).args(packages))?;
    let mut text = measure(if quick { &QUICK } else { &FULL })?;
    if !quick {
        text.push_str(&ledger()?);
    }
    let file = workspace::target()?.join("bench.md");
    fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("{text}");
    Ok(())
}

/// The ledger's own benchmark; filling it takes minutes.
fn ledger() -> Result<String> {
    let mut bench = workspace::cargo();
    bench.args(["bench", "--quiet", "--package", "connector-host", "--bench", "ledger"]);
    let output = bench.stderr(Stdio::inherit()).output().map_err(|error| format!("the ledger: {error}"))?;
    if !output.status.success() {
        return Err(format!("the ledger's benchmark failed: {}", output.status));
    }
    Ok(format!("\n## Ledger\n\n{}", String::from_utf8_lossy(&output.stdout)))
}

/// One of the ways to the target.
struct Measured {
    name: &'static str,
    /// The process whose CPU time and memory count.
    id: u32,
    /// One per load.
    ways: [Way; 2],
    /// Memory before any load.
    idle: f64,
    outcomes: [Outcome; 2],
    cpu: [Duration; 2],
    paced: Outcome,
}

impl Measured {
    fn new(name: &'static str, id: u32, ways: [Way; 2]) -> Self {
        let idle = processes::memory(id);
        Self {
            name,
            id,
            ways,
            idle,
            outcomes: Default::default(),
            cpu: Default::default(),
            paced: Outcome::default(),
        }
    }

    /// CPU time of its process per request, in microseconds.
    fn cpu_per_request(&self, load: usize) -> f64 {
        self.cpu[load].as_secs_f64() * 1e6 / count(self.outcomes[load].micros.len()).max(1.0)
    }
}

fn measure(plan: &Plan) -> Result<String> {
    let release = workspace::target()?.join("release");
    let directory = workspace::target()?.join("bench");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;

    let mut sandbox = Command::new(release.join("connector-sandbox"));
    let sandbox = Service::start(sandbox.args(["slack", "--fast"]))?;
    let (scim_url, token) = (sandbox.text("/scim_url")?, sandbox.text("/token")?);
    let failed = |error: std::io::Error| format!("the stand-in: {error}");
    let (target, base) = http::parts(&scim_url).map_err(failed)?;
    let base = base.trim_end_matches('/');
    let host = host(&release, &directory, &scim_url, &token)?;
    let nginx = processes::nginx(&directory, target)?;

    let listed = http::send("GET", &format!("{scim_url}Users?count=200"), &token, "").map_err(failed)?;
    let listed: Value = serde_json::from_str(&listed.body).map_err(|error| format!("the list: {error}"))?;
    let ids: Vec<&str> =
        listed["Resources"].as_array().into_iter().flatten().filter_map(|user| user["id"].as_str()).collect();
    let ways = |authority: &str, base: &str, token: &str| {
        let way = |paths| Way { authority: authority.to_owned(), token: token.to_owned(), paths };
        let users = ids.iter().map(|id| format!("{base}/Users/{id}")).collect();
        [way(users), way(vec![format!("{base}/Users?startIndex=1&count=100")])]
    };
    let mut measured = vec![Measured::new("direct", sandbox.id(), ways(target, base, &token))];
    if let Some(nginx) = &nginx {
        measured.push(Measured::new("nginx", nginx.id(), ways(&nginx.address.to_string(), base, &token)));
    }
    let ways = ways(&host.process.address.to_string(), "/scim/bench/v2", &host.token);
    measured.push(Measured::new("gateway", host.process.id(), ways));

    let problem = |name: &str, error: std::io::Error| format!("{name}: {error}");
    for round in 0..=plan.rounds {
        for one in &mut measured {
            for load in 0..LOADS.len() {
                // The first round warms up.
                let lasts = if round == 0 { plan.lasts / 4 } else { plan.lasts };
                let before = processes::cpu(one.id);
                let sent = Load { connections: CONNECTIONS, lasts, rate: None };
                let outcome = load::send(&one.ways[load], sent).map_err(|error| problem(one.name, error))?;
                if round > 0 {
                    one.cpu[load] += processes::cpu(one.id).saturating_sub(before);
                    one.outcomes[load].add(outcome);
                }
            }
        }
    }
    let logged = fs::metadata(&host.log).map_or(0, |log| log.len());
    for one in &mut measured {
        let sent = Load { connections: CONNECTIONS, lasts: plan.paced, rate: Some(plan.rate) };
        one.paced = load::send(&one.ways[0], sent).map_err(|error| problem(one.name, error))?;
    }
    let own = own_times(&host.log, logged);
    Ok(report(plan, &measured, &own))
}

/// The host with one instance, its log in a file.
struct Host {
    process: Process,
    token: String,
    log: PathBuf,
}

fn host(release: &Path, directory: &Path, target_url: &str, access_token: &str) -> Result<Host> {
    let address = processes::free_address()?;
    let file = directory.join("connector-host.toml");
    let text = format!(
        "[server]\nlisten = \"{address}\"\n[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.bench]\nconnector \
         = \"slack\"\ntarget_url = \"{target_url}\"\nbudget_percent = 1000000\naccess_token = \"{access_token}\"\n"
    );
    fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    let command = || {
        let mut command = Command::new(release.join("connector-host"));
        command.current_dir(directory);
        command
    };
    let made = command().args(["token", "create", "bench", "--name", "bench"]).output();
    let made = made.map_err(|error| format!("token create: {error}"))?;
    let token = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    if token.is_empty() {
        return Err(format!("token create: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let log = directory.join("connector-host.log");
    let process = Process::start(command().arg("serve"), address, &log)?;
    Ok(Host { process, token, log })
}

/// What the gateway itself says it took, without the target, from the end of its log on; in microseconds.
fn own_times(log: &Path, from: u64) -> Outcome {
    let text = fs::read(log).unwrap_or_default();
    let text = text.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times of a few milliseconds"
    )]
    let micros = lines.filter_map(|line| Some((line["own_ms"].as_f64()? * 1000.0).round() as u32));
    Outcome { micros: micros.collect(), ..Outcome::default() }
}

fn report(plan: &Plan, measured: &[Measured], own: &Outcome) -> String {
    let mut text = String::from("# Benchmark\n\n");
    let _ = writeln!(
        text,
        "{CONNECTIONS} keep-alive connections, {} rounds of {:.1} s per load and way, in turns; everything on one machine \
         with {} cores. CPU time is that of the process in the first column (direct: of the target itself).\n\n\
         | load | way | requests/s | CPU µs/request | p50 ms | p99 ms | bytes/answer |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: |",
        plan.rounds,
        plan.lasts.as_secs_f64(),
        std::thread::available_parallelism().map_or(0, usize::from),
    );
    for (load, (name, _)) in LOADS.iter().enumerate() {
        for one in measured {
            let outcome = &one.outcomes[load];
            #[expect(clippy::cast_precision_loss, reason = "bytes of a few seconds")]
            let bytes = outcome.bytes as f64 / count(outcome.micros.len()).max(1.0);
            let _ = writeln!(
                text,
                "| {name} | {} | {:.0} | {:.0} | {:.2} | {:.2} | {bytes:.0} |",
                one.name,
                outcome.rate(),
                one.cpu_per_request(load),
                outcome.percentile(50),
                outcome.percentile(99),
            );
        }
    }
    ratios(&mut text, measured);
    let _ = writeln!(text, "\n| way | RSS MB idle | RSS MB under load |\n| --- | ---: | ---: |");
    for one in measured {
        let _ = writeln!(text, "| {} | {:.1} | {:.1} |", one.name, one.idle, processes::memory(one.id));
    }
    let _ = writeln!(
        text,
        "\nRead a user at {} requests/s:\n\n| way | p50 ms | p99 ms |\n| --- | ---: | ---: |",
        plan.rate
    );
    for one in measured {
        let (p50, p99) = (one.paced.percentile(50), one.paced.percentile(99));
        let _ = writeln!(text, "| {} | {p50:.2} | {p99:.2} |", one.name);
    }
    let (p50, p99) = (own.percentile(50), own.percentile(99));
    let _ = writeln!(text, "| gateway, its own time by its log (aim 0.30, 2.00) | {p50:.2} | {p99:.2} |");
    text
}

fn ratios(text: &mut String, measured: &[Measured]) {
    let find = |name| measured.iter().find(|one| one.name == name);
    let (Some(direct), Some(gateway)) = (find("direct"), find("gateway")) else { return };
    let nginx = find("nginx");
    if nginx.is_none() {
        let _ = writeln!(text, "\nnginx is not installed: nothing to compare the gateway's CPU time with.");
    }
    let _ = writeln!(
        text,
        "\n| gateway as a multiple | requests/s of direct | requests/s of nginx | CPU of nginx | aim |\n\
         | --- | ---: | ---: | ---: | ---: |"
    );
    for (load, (name, aim)) in LOADS.iter().enumerate() {
        let rate = |one: &Measured| one.outcomes[load].rate();
        let to_nginx = |value: fn(&Measured, usize) -> f64| {
            nginx.map_or_else(
                || "–".to_owned(),
                |nginx| format!("{:.2}", value(gateway, load) / value(nginx, load)),
            )
        };
        let _ = writeln!(
            text,
            "| {name} | {:.2} | {} | {} | {aim:.0} |",
            rate(gateway) / rate(direct),
            to_nginx(|one, load| one.outcomes[load].rate()),
            to_nginx(Measured::cpu_per_request),
        );
    }
}
