//! Where connections come from and go to, over real sockets.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    error::{Kind, Retry},
    http::{Endpoints, Observer, Outbound, Policy, Resolver, Rule, SourceAddresses},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
    time::Instant,
};

/// A server on `address` that answers 200 and closes, and tells who came and what was asked for.
async fn server(address: &str) -> (SocketAddr, mpsc::UnboundedReceiver<(SocketAddr, String)>) {
    let listener = TcpListener::bind(address).await.expect("a free port");
    let bound = listener.local_addr().expect("it is bound");
    let (came, coming) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, peer)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap_or(0);
            let line = String::from_utf8_lossy(&head[..read]).lines().next().unwrap_or_default().to_owned();
            let _ = came.send((peer, line));
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
                .await;
        }
    });
    (bound, coming)
}

fn policy() -> Policy {
    Policy {
        allow_networks: vec![
            "127.0.0.0/8".parse().expect("it is written right"),
            "::1/128".parse().expect("it is written right"),
        ],
        only_networks: vec![],
    }
}

async fn get(
    outbound: &Arc<Outbound>,
    url: &str,
) -> connector_core::error::Result<http::Response<bytes::Bytes>> {
    let endpoints =
        Endpoints::new(Arc::clone(outbound)).with("it", url.parse().expect("it is written right"));
    let request = http::Request::get(url).body(Vec::new()).expect("a request");
    endpoints.send(request, Instant::now() + Duration::from_secs(5)).await
}

#[tokio::test]
async fn connections_come_from_the_listed_addresses_in_turn() {
    let (address, mut coming) = server("127.0.0.1:0").await;
    let (sources, _) = SourceAddresses::held(&["127.0.0.2/31".parse().unwrap()]).unwrap();
    let outbound = Arc::new(Outbound::new(policy()).bound_to(sources));
    let mut from = Vec::new();
    for _ in 0..4 {
        get(&outbound, &format!("http://{address}/")).await.unwrap();
        from.push(coming.recv().await.unwrap().0.ip().to_string());
    }
    assert_eq!(from, ["127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3"]);
}

#[tokio::test]
async fn a_target_of_another_family_than_the_listed_addresses_is_refused() {
    let (sources, _) = SourceAddresses::held(&["127.0.0.2/32".parse().unwrap()]).unwrap();
    let outbound = Arc::new(Outbound::new(policy()).bound_to(sources));
    let error = get(&outbound, "http://[::1]:9/").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(error.to_string().contains("is an IPv6 address"), "{error}");
}

#[tokio::test]
async fn a_name_is_reached_by_the_family_that_fits() {
    let (address, mut coming) = server("127.0.0.1:0").await;
    let (sources, _) = SourceAddresses::held(&["127.0.0.2/32".parse().unwrap()]).unwrap();
    let outbound = Arc::new(Outbound::new(policy()).bound_to(sources));
    get(&outbound, &format!("http://localhost:{}/", address.port())).await.unwrap();
    assert_eq!(coming.recv().await.unwrap().0.ip().to_string(), "127.0.0.2");
}

#[tokio::test]
async fn a_proxy_is_asked_instead_of_the_target_and_bad_destinations_are_still_refused() {
    let (proxy, mut coming) = server("127.0.0.1:0").await;
    let outbound = Arc::new(Outbound::new(policy()).through(format!("http://{proxy}").parse().unwrap()));
    get(&outbound, "http://127.0.0.9:1/users").await.unwrap();
    let (_, line) = coming.recv().await.unwrap();
    assert_eq!(line, "GET http://127.0.0.9:1/users HTTP/1.1");
    let error = get(&outbound, "http://169.254.169.254/latest").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(coming.try_recv().is_err(), "nothing left");
}

/// A name that stands for whatever is next, and for nothing at the end.
#[derive(Debug, Default)]
struct Script(Mutex<VecDeque<Vec<IpAddr>>>);

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let addresses = |answer: &&[&str]| answer.iter().map(|one| one.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(addresses).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[async_trait]
impl Resolver for Script {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.lock().unwrap().pop_front().ok_or_else(|| io::Error::other("no such name"))
    }
}

fn resolving(answers: &[&[&str]]) -> (Arc<Outbound>, Arc<Script>) {
    let script = Script::new(answers);
    (Arc::new(Outbound::new(policy()).resolving_by(script.clone())), script)
}

#[tokio::test]
async fn a_name_is_resolved_once_per_connection_which_goes_to_what_was_checked() {
    let (address, mut coming) = server("127.0.0.1:0").await;
    // What is asked a second time gets the metadata: a check apart from the connection would be led there.
    let (outbound, script) =
        resolving(&[&["127.0.0.1"], &["169.254.169.254"], &["10.0.0.1", "::ffff:10.0.0.1"]]);
    let url = format!("http://target.test:{}/", address.port());
    get(&outbound, &url).await.unwrap();
    assert_eq!((coming.recv().await.unwrap().1.as_str(), script.left()), ("GET / HTTP/1.1", 2));
    // The server closed the connection: the next one resolves again, and is refused.
    for _ in 0..2 {
        let error = get(&outbound, &url).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Refused, "{error}");
    }
    assert!(coming.try_recv().is_err(), "nothing left");
}

#[tokio::test]
async fn of_several_addresses_the_admitted_ones_are_tried_in_turn_and_no_other() {
    let (address, mut coming) = server("127.0.0.1:0").await;
    // Nobody listens on the second one.
    let (outbound, _) = resolving(&[&["169.254.169.254", "127.0.0.77", "127.0.0.1"]]);
    get(&outbound, &format!("http://target.test:{}/", address.port())).await.unwrap();
    assert!(coming.recv().await.is_some());
}

#[tokio::test]
async fn a_name_that_is_not_found_is_a_passing_fault_before_anything_was_sent() {
    let (outbound, _) = resolving(&[&[]]);
    for _ in 0..2 {
        let error = get(&outbound, "http://target.test:1/").await.unwrap_err();
        assert_eq!((error.kind(), error.retry_hint()), (Kind::Unavailable, Retry::Now), "{error}");
    }
}

/// Counts what was refused.
#[derive(Debug, Default)]
struct Refusals(Mutex<Vec<&'static str>>);

impl Observer for Refusals {
    fn called(&self, _: &'static str, _: Option<u16>, _: Duration) {}
    fn retried(&self) {}
    fn limited(&self) {}
    fn credential_refused(&self) {}
    fn queued(&self, _: Duration) {}
    fn turned_away(&self) {}
    fn refused(&self, rule: Rule) {
        self.0.lock().unwrap().push(rule.name());
    }
}

#[tokio::test]
async fn every_refusal_is_told_with_its_rule() {
    let refusals = Arc::new(Refusals::default());
    let (outbound, _) = resolving(&[&["10.0.0.1"], &["8.8.8.8"], &["fd00::1"]]);
    for url in [
        "http://169.254.169.254/latest",
        "http://target.test/",
        "http://target.test/",
        "https://target.test/",
        "https://user@target.test/",
    ] {
        let known = Endpoints::new(Arc::clone(&outbound)).with("it", url.parse().unwrap());
        let request = http::Request::get(url).body(Vec::new()).unwrap();
        let sent =
            known.observed_by(refusals.clone()).send(request, Instant::now() + Duration::from_secs(5)).await;
        assert_eq!(sent.unwrap_err().kind(), Kind::Refused, "{url}");
    }
    let known = Endpoints::new(outbound).observed_by(refusals.clone());
    let request = http::Request::get("https://other.test/").body(Vec::new()).unwrap();
    known.send(request, Instant::now() + Duration::from_secs(5)).await.unwrap_err();
    let told = refusals.0.lock().unwrap().clone();
    let wanted =
        ["link_local", "private", "plain_http", "unique_local", "user_information", "unknown_address"];
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_read_to_the_limit_and_no_further() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let chunk = [&b"100000\r\n"[..], &vec![b' '; 1 << 20], b"\r\n"].concat();
        let mut sent = 0_usize;
        while stream.write_all(&chunk).await.is_ok() {
            sent += 1 << 20;
        }
        sent
    });
    let outbound = Arc::new(Outbound::new(policy()));
    let error = get(&outbound, &format!("http://{address}/")).await.unwrap_err();
    assert_eq!(error.kind(), Kind::OddAnswer);
    assert!(error.to_string().contains("larger than 67108864 bytes"), "{error}");
    let sent = sent.await.unwrap();
    assert!((64 << 20..80 << 20).contains(&sent), "{sent}");
}
