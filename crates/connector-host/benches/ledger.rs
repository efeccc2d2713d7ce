//! The ledger with 1,000,000 entries beside one with a thousand: what a read, a search and a write cost, in turns in one
//! run, so that whatever else the machine does falls on both.
//!
//! `cargo bench -p connector-host --bench ledger [-- --entries N]`

#![expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use connector_core::ledger::{Kept, Ledger, Memory};
use connector_host::{
    config::{Config, Sources},
    ledger::Ledgers,
    store::Store,
};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RESOURCE: &str = "User";
const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;
/// Rounds, the first of them for warming up, and calls of each kind in one.
const ROUNDS: usize = 9;
const CALLS: u64 = 300;
/// Writes on their way at once while a ledger is filled.
const AT_ONCE: usize = 250;

#[tokio::main]
async fn main() {
    let entries = entries();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut few = Filled::new(directory.path(), "few", FEW.min(entries)).await;
    let idle = resident();
    let mut many = Filled::new(directory.path(), "many", entries).await;
    println!(
        "filled with {entries} entries in {:.0} s, {:.0} MB on disk; {idle:.0} MB of memory before, {:.0} MB after\n",
        many.took.as_secs_f64(),
        many.size(),
        resident()
    );
    for round in 0..ROUNDS {
        for ledger in [&mut few, &mut many] {
            ledger.round(round).await;
        }
    }
    println!(
        "| µs per call, median (mean) of {} | {} entries | {entries} entries | times |\n| --- | ---: | ---: | ---: |",
        CALLS * (ROUNDS as u64 - 1),
        few.entries
    );
    for (kind, (few, many)) in KINDS.iter().zip(few.micros.iter().zip(&many.micros)) {
        let ((few, few_mean), (many, many_mean)) = (middle(few), middle(many));
        println!("| {kind} | {few:.0} ({few_mean:.0}) | {many:.0} ({many_mean:.0}) | {:.2} |", many / few);
    }
    println!("\n{:.0} MB of memory at the end", resident());
}

/// `--entries N`; cargo adds words of its own.
fn entries() -> u64 {
    let mut words = std::env::args().skip_while(|word| word != "--entries").skip(1);
    words.next().map_or(MANY, |number| number.parse().expect("--entries wants a number"))
}

const KINDS: [&str; 6] = [
    "read by id, not in memory",
    "page of 100 by id, not in memory",
    "search by `externalId`",
    "search for what nobody has",
    "write of a new object, with its commit",
    "write of a known object, with its commit",
];

/// A store with entries.
struct Filled {
    path: PathBuf,
    store: Store,
    entries: u64,
    took: Duration,
    /// How many more were written while measuring.
    added: u64,
    random: Random,
    /// By kind.
    micros: [Vec<f64>; KINDS.len()],
}

impl Filled {
    async fn new(directory: &Path, name: &str, entries: u64) -> Self {
        let path = directory.join(format!("{name}.db"));
        let file = directory.join(format!("{name}.toml"));
        fs::write(&file, format!("[store]\nurl = \"sqlite://{}\"\n", path.display())).expect("a file");
        let config =
            Config::load(&Sources { file: Some(file), ..Sources::default() }).expect("a configuration");
        let store = Store::open(&config.store).await.expect("a store");
        let started = Instant::now();
        let ledger = Ledgers::start(store.clone()).of("acme");
        for chunk in (0..entries).step_by(AT_ONCE) {
            let writes = (chunk..entries.min(chunk + AT_ONCE as u64)).map(|number| {
                let ledger = Arc::clone(&ledger);
                tokio::spawn(async move { remember(&*ledger, number, 0).await })
            });
            for write in writes.collect::<Vec<_>>() {
                write.await.expect("a write");
            }
        }
        let took = started.elapsed();
        Self { path, store, entries, took, added: 0, random: Random(7), micros: Default::default() }
    }

    async fn round(&mut self, round: usize) {
        // A ledger that has just started holds nothing in memory.
        let cold = || Ledgers::start(self.store.clone()).of("acme");
        let ledger = cold();
        for _ in 0..CALLS {
            let (first, second) = (cold(), cold());
            let known = self.random.below(self.entries);
            let page: Vec<String> = (0..100).map(|_| id(self.random.below(self.entries))).collect();
            let page: Vec<&str> = page.iter().map(String::as_str).collect();
            self.added += 1;
            let new = self.entries + self.added;
            let times = [
                timed(async { assert_eq!(recall(&*first, &[&id(known)]).await, 1) }).await,
                timed(async { assert!(recall(&*second, &page).await > 0) }).await,
                timed(async { assert_eq!(find(&*ledger, &external(known)).await, [id(known)]) }).await,
                timed(async { assert!(find(&*ledger, &external(u64::MAX - new)).await.is_empty()) }).await,
                timed(remember(&*ledger, new, 0)).await,
                timed(remember(&*ledger, known, new)).await,
            ];
            if round > 0 {
                self.micros.iter_mut().zip(times).for_each(|(all, one)| all.push(one));
            }
        }
    }

    fn size(&self) -> f64 {
        fs::metadata(&self.path).map_or(0.0, |file| file.len() as f64 / 1e6)
    }
}

async fn timed(work: impl Future<Output = ()>) -> f64 {
    let started = Instant::now();
    work.await;
    started.elapsed().as_secs_f64() * 1e6
}

async fn recall(ledger: &dyn Ledger, ids: &[&str]) -> usize {
    ledger.recall(RESOURCE, ids).await.expect("memories").len()
}

async fn find(ledger: &dyn Ledger, value: &str) -> Vec<String> {
    ledger.find(RESOURCE, "externalId", value).await.expect("ids")
}

async fn remember(ledger: &dyn Ledger, number: u64, change: u64) {
    ledger.remember(RESOURCE, &id(number), &memory(number, change)).await.expect("kept");
}

/// What Slack makes a client's user remember: an `externalId` it does not keep and a name it shortens.
fn memory(number: u64, change: u64) -> Memory {
    let kept = |sent: Value, held: Value| Kept { sent, held, until: None, beside: None };
    Memory(BTreeMap::from([
        ("externalId".to_owned(), kept(json!(external(number)), Value::Null)),
        ("title".to_owned(), kept(json!(format!("Analyst {change}")), json!(format!("analyst {change}")))),
        (
            "userName".to_owned(),
            kept(json!(format!("Ada.{number}@acme.example")), json!(format!("ada.{number}"))),
        ),
    ]))
}

/// Ids of targets come in no order.
fn id(number: u64) -> String {
    format!("U{:011X}", scattered(number) & 0xFFF_FFFF_FFFF)
}

fn external(number: u64) -> String {
    format!("{:032x}", scattered(number ^ 0x5555))
}

/// `SplitMix64`'s finaliser: a permutation of the numbers.
fn scattered(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 += 1;
        scattered(self.0) % limit
    }
}

/// Median and mean.
fn middle(times: &[f64]) -> (f64, f64) {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() / 2], sorted.iter().sum::<f64>() / sorted.len() as f64)
}

/// Resident memory in MB, where the system tells.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()).unwrap_or(f64::NAN)
        / 1024.0
}
