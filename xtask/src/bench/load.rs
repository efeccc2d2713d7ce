//! The load: keep-alive connections, each a thread that sends a request when it has the answer to the last.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// One way to the target, and what is asked there.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// `HOST:PORT`.
    pub(super) authority: String,
    /// The bearer token.
    pub(super) token: String,
    /// Paths, taken in turn.
    pub(super) paths: Vec<String>,
}

/// How hard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// How many connections.
    pub(super) connections: usize,
    /// For how long.
    pub(super) lasts: Duration,
    /// Requests per second over all connections; none for as many as there can be.
    pub(super) rate: Option<u32>,
}

/// What came of it.
#[derive(Debug, Default, Clone)]
pub(super) struct Outcome {
    /// Times from request to answer, in microseconds.
    pub(super) micros: Vec<u32>,
    /// How long it took in all.
    pub(super) took: Duration,
    /// Bytes of all bodies.
    pub(super) bytes: u64,
}

impl Outcome {
    /// Adds another round.
    pub(super) fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.took += other.took;
        self.bytes += other.bytes;
    }

    /// Requests per second.
    pub(super) fn rate(&self) -> f64 {
        count(self.micros.len()) / self.took.as_secs_f64()
    }

    /// The time that so many in a hundred stayed under, in milliseconds.
    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).copied().map_or(f64::NAN, f64::from) / 1000.0
    }
}

/// A number of things, for arithmetic.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}

/// Sends the load and waits for its end. Any answer but 200 ends it.
pub(super) fn send(way: &Way, load: Load) -> io::Result<Outcome> {
    let started = Instant::now();
    let results: Vec<io::Result<Outcome>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..load.connections)
            .map(|index| scope.spawn(move || connection(way, load, index, started)))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a connection does not panic")).collect()
    });
    let mut outcome = Outcome::default();
    for result in results {
        outcome.add(result?);
    }
    outcome.took = started.elapsed();
    Ok(outcome)
}

fn connection(way: &Way, load: Load, index: usize, started: Instant) -> io::Result<Outcome> {
    let mut stream = TcpStream::connect(&way.authority)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let requests: Vec<Vec<u8>> = way.paths.iter().map(|path| request(way, path)).collect();
    // Each connection has its moments between those of the others.
    let connections = u32::try_from(load.connections).unwrap_or(u32::MAX);
    let step = load.rate.map(|rate| Duration::from_secs(1) * connections / rate.max(1));
    let mut due = step.map(|step| started + step * u32::try_from(index).unwrap_or(0) / connections);
    let mut outcome = Outcome::default();
    let mut buffer = vec![0; 1 << 16];
    let mut next = index;
    while started.elapsed() < load.lasts {
        if let (Some(moment), Some(step)) = (due.as_mut(), step) {
            wait_until(*moment);
            *moment += step;
        }
        let sent = Instant::now();
        stream.write_all(&requests[next % requests.len()])?;
        outcome.bytes += answer(&mut stream, &mut buffer)?;
        outcome.micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        next += 1;
    }
    Ok(outcome)
}

/// Waits.
pub(super) fn wait_until(moment: Instant) {
    loop {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::park_timeout(left);
    }
}

fn request(way: &Way, path: &str) -> Vec<u8> {
    let Way { authority, token, .. } = way;
    format!(
        "GET {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {token}\r\naccept: \
         application/scim+json, application/json\r\n\r\n"
    )
    .into_bytes()
}

/// Reads one answer and returns the length of its body.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<u64> {
    let odd = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut filled = 0;
    let mut whole = None;
    loop {
        if filled == buffer.len() {
            buffer.resize(buffer.len() * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Err(odd("the connection was closed"));
        }
        filled += read;
        if whole.is_none()
            && let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = std::str::from_utf8(&buffer[..end]).map_err(|_| odd("a head that is not text"))?;
            if !head.starts_with("HTTP/1.1 200 ") {
                return Err(odd(&format!("answered {}", head.lines().next().unwrap_or_default())));
            }
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            whole = Some((end + 4, length.ok_or_else(|| odd("an answer without a length"))?));
        }
        if let Some((head, length)) = whole
            && filled >= head + length
        {
            return Ok(length as u64);
        }
    }
}
