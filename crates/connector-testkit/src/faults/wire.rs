//! The wire between the host and a target, on which everything can go wrong.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

use super::{Lasts, Trouble};

/// More than the host reads of one answer.
const TOO_LARGE: usize = 1 << 30;

/// Which requests a trouble strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Struck {
    /// Those that read.
    Reads,
    /// Those that change something.
    Writes,
}

/// A wire to one target. It speaks HTTP/1.1 to the host and keeps its connections.
#[derive(Debug)]
pub struct Wire {
    /// Where to come instead of to the target.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    target: SocketAddr,
    armed: Mutex<Option<Armed>>,
    lifted: watch::Sender<u64>,
    /// Connections on which nothing goes on are closed.
    hung_up: watch::Sender<u64>,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Armed {
    trouble: Trouble,
    struck: Struck,
    lasts: Lasts,
}

/// What came over a wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections.
    pub connections: usize,
    /// Whole requests.
    pub requests: usize,
    /// Requests and connections that the trouble struck.
    pub struck: usize,
}

/// A stream, with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Wire {
    /// A wire to that target, with TLS where there is somebody to speak it.
    pub async fn to(target: SocketAddr, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            address,
            target,
            armed: Mutex::default(),
            lifted: watch::Sender::new(0),
            hung_up: watch::Sender::new(0),
            counts: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, tls.clone(), Arc::clone(&serving)));
            }
        });
        Ok(Self { address, shared })
    }

    /// Makes trouble from now on.
    pub fn arm(&self, trouble: Trouble, struck: Struck, lasts: Lasts) {
        *self.shared.armed() = Some(Armed { trouble, struck, lasts });
        if trouble == Trouble::ClosedAtOnce {
            // It takes a new connection to have it.
            self.shared.hung_up.send_modify(|times| *times += 1);
        }
    }

    /// No more trouble; connections that say nothing are closed.
    pub fn lift(&self) {
        *self.shared.armed() = None;
        self.shared.lifted.send_modify(|times| *times += 1);
    }

    /// What came over it so far.
    pub fn counts(&self) -> Counts {
        *self.shared.counts()
    }
}

impl Shared {
    fn armed(&self) -> MutexGuard<'_, Option<Armed>> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The trouble that strikes, if one does: a connection by itself (`None`), or a request of this method.
    fn strikes(&self, method: Option<&str>) -> Option<Trouble> {
        let mut armed = self.armed();
        let found = armed.as_ref().filter(|armed| match (method, armed.trouble) {
            (None, trouble) => trouble == Trouble::ClosedAtOnce,
            (Some(_), Trouble::ClosedAtOnce) => false,
            (Some(method), _) => (armed.struck == Struck::Reads) == (method == "GET"),
        });
        let (trouble, lasts) = found.map(|armed| (armed.trouble, armed.lasts))?;
        if lasts == Lasts::Once {
            *armed = None;
        }
        drop(armed);
        self.counts().struck += 1;
        Some(trouble)
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    shared.counts().connections += 1;
    let _ = stream.set_nodelay(true);
    if shared.strikes(None).is_some() {
        return;
    }
    let mut stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => Box::new(stream),
            // The host does not trust it.
            Err(_) => return,
        },
    };
    let mut buffer = Vec::new();
    let mut hung_up = shared.hung_up.subscribe();
    loop {
        let request = tokio::select! {
            // First, as a request that came meanwhile would be answered on the old connection, and no trouble happen.
            biased;
            _ = hung_up.changed() => return,
            request = Request::read(&mut *stream, &mut buffer) => request,
        };
        // It ends when either side closes it.
        let Ok(Some(request)) = request else { return };
        shared.counts().requests += 1;
        let lifted = shared.lifted.subscribe();
        let trouble = shared.strikes(Some(&request.method));
        match exchange(&mut *stream, &request, trouble, &shared, lifted).await {
            Ok(true) => {}
            Ok(false) | Err(_) => return,
        }
    }
}

/// One request and its answer; whether the connection goes on.
async fn exchange(
    stream: &mut dyn Stream,
    request: &Request,
    trouble: Option<Trouble>,
    shared: &Shared,
    mut lifted: watch::Receiver<u64>,
) -> io::Result<bool> {
    let Some(trouble) = trouble else {
        stream.write_all(&request.relay(shared).await?.bytes()).await?;
        return Ok(true);
    };
    if trouble == Trouble::DroppedBefore {
        return Ok(false);
    }
    if trouble == Trouble::StalledBefore {
        let _ = lifted.changed().await;
        return Ok(false);
    }
    let answer = if trouble.takes_effect() { Some(request.relay(shared).await?) } else { None };
    if let Some((status, head, body)) = trouble.instead() {
        let instead = Answer { status, head: head.to_owned(), body: body.as_bytes().to_vec() };
        stream.write_all(&instead.bytes()).await?;
        return Ok(true);
    }
    let Some(mut answer) = answer else { return Ok(false) };
    match trouble {
        Trouble::StalledAfter => {
            let _ = lifted.changed().await;
            return Ok(false);
        }
        Trouble::HalfHead => {
            stream.write_all(&answer.bytes()[..20]).await?;
            return Ok(false);
        }
        Trouble::HalfBody => {
            let bytes = answer.bytes();
            // A body of nothing has no half: then the last byte of the head is lost.
            let kept = bytes.len() - answer.body.len().div_ceil(2).max(1);
            stream.write_all(&bytes[..kept]).await?;
            return Ok(false);
        }
        Trouble::Trickle => {
            let bytes = answer.bytes();
            for drop in bytes.chunks(bytes.len().div_ceil(40).max(1)) {
                stream.write_all(drop).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
            return Ok(true);
        }
        Trouble::InvalidJson => answer.body = b"{\"id\": \"1\",}".to_vec(),
        Trouble::WrongType => answer.body = b"[[\"id\", 1]]".to_vec(),
        Trouble::Oversized => {
            oversize(stream, &answer).await?;
            return Ok(false);
        }
        _ => return Ok(false),
    }
    if answer.status == 204 {
        answer.status = 200;
    }
    stream.write_all(&answer.bytes()).await?;
    Ok(true)
}

/// The beginning of an answer that says how large it is going to be.
async fn oversize(stream: &mut dyn Stream, answer: &Answer) -> io::Result<()> {
    let head = format!("HTTP/1.1 200 Answer\r\n{}content-length: {TOO_LARGE}\r\n\r\n", answer.head);
    stream.write_all(head.as_bytes()).await?;
    // It goes on until the host has had enough.
    let padding = [b' '; 4096];
    for _ in 0..TOO_LARGE / padding.len() {
        stream.write_all(&padding).await?;
    }
    Ok(())
}

struct Request {
    method: String,
    /// As HTTP/1.0, so that the answer to it is neither chunked nor followed by another.
    bytes: Vec<u8>,
}

impl Request {
    /// The next one; `None` at the end of the connection.
    async fn read(stream: &mut dyn Stream, buffer: &mut Vec<u8>) -> io::Result<Option<Self>> {
        let head = loop {
            if let Some(end) = find(buffer, b"\r\n\r\n") {
                break end + 4;
            }
            // A client that speaks TLS to somebody who does not.
            if buffer.first() == Some(&0x16) {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await?;
                return Ok(None);
            }
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        };
        let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
        let length: usize =
            header(&text, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while buffer.len() < head + length {
            if stream.read_buf(buffer).await? == 0 {
                return Ok(None);
            }
        }
        let body: Vec<u8> = buffer.drain(..head + length).skip(head).collect();
        let method = text.split(' ').next().unwrap_or_default().to_owned();
        let bytes = [text.replacen(" HTTP/1.1\r\n", " HTTP/1.0\r\n", 1).as_bytes(), &body].concat();
        Ok(Some(Self { method, bytes }))
    }

    /// What the target answers, with its own address replaced by the wire's.
    async fn relay(&self, shared: &Shared) -> io::Result<Answer> {
        let mut target = TcpStream::connect(shared.target).await?;
        target.write_all(&self.bytes).await?;
        let mut bytes = Vec::new();
        target.read_to_end(&mut bytes).await?;
        let odd = || io::Error::other("the target's answer has no head");
        let head = find(&bytes, b"\r\n\r\n").ok_or_else(odd)? + 4;
        let body = bytes.split_off(head);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
        let (own, its) = (shared.address.to_string(), shared.target.to_string());
        let kept = text.lines().skip(1).filter(|line| {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            !line.is_empty()
                && !["connection", "content-length", "transfer-encoding"].contains(&name.as_str())
        });
        let head: String = kept.flat_map(|line| [line.replace(&its, &own), "\r\n".to_owned()]).collect();
        let body = match String::from_utf8(body) {
            Ok(text) => text.replace(&its, &own).into_bytes(),
            Err(odd) => odd.into_bytes(),
        };
        Ok(Answer { status, head, body })
    }
}

struct Answer {
    status: u16,
    /// Lines that say nothing about the length.
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn bytes(&self) -> Vec<u8> {
        let Self { status, head, body } = self;
        let length =
            if *status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        [format!("HTTP/1.1 {status} Answer\r\n{head}{length}\r\n").as_bytes(), body].concat()
    }
}

fn header<'t>(head: &'t str, name: &str) -> Option<&'t str> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
