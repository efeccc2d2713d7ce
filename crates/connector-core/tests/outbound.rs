//! Where connections come from and go to, over real sockets.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use connector_core::{
    error::Kind,
    http::{Endpoints, Outbound, Policy, SourceAddresses},
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
