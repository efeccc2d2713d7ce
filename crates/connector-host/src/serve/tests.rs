//! The service seen from a socket.

use std::{path::Path, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path as UrlPath, State},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};

use super::*;
use crate::{
    auth::{AuthError, authenticate},
    config::Sources,
    store::Store,
};

/// Two instances on a free port, with the store in `directory`.
fn config(directory: &Path) -> Config {
    let file = directory.join("connector-host.toml");
    let text = format!(
        r#"
[server]
listen = "127.0.0.1:0"
[store]
url = "sqlite://{}/store.db"
[instances.one]
connector = "slack"
target_url = "https://slack.example/scim/v1/"
access_token = "t"
[instances.two]
connector = "slack"
target_url = "https://slack.example/scim/v1/"
access_token = "t"
"#,
        directory.display()
    );
    std::fs::write(&file, text).unwrap();
    Config::load(&Sources { file: Some(file), ..Sources::default() })
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn system() -> Arc<dyn Resolver> {
    Arc::new(SystemResolver)
}

async fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get_path(address: SocketAddr, path: &str) -> String {
    send(address, &format!("GET {path} HTTP/1.1\nhost: x\nconnection: close\n\n")).await
}

#[tokio::test]
async fn a_running_request_finishes_while_new_ones_are_told_to_come_back() {
    let directory = tempfile::tempdir().unwrap();
    let (started, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = Router::new().route("/slow", {
        let (started, release) = (started.clone(), release.clone());
        get(async move || {
            started.notify_one();
            release.notified().await;
            "done"
        })
    });
    let service = Service::start_with(config(directory.path()), &system(), slow).await.unwrap();
    let (address, app) = (service.address, service.app.clone());
    let running = tokio::spawn(async move { get_path(address, "/scim/slow").await });
    started.notified().await;

    let stopping = tokio::spawn(service.shut_down());
    while !app.is_draining() {
        tokio::task::yield_now().await;
    }
    let refused = get_path(address, "/scim/slow").await;
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"), "{refused}");
    assert!(refused.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{refused}");
    assert!(get_path(address, "/readyz").await.starts_with("HTTP/1.1 503 "), "no balancer sends more");
    assert!(get_path(address, "/healthz").await.starts_with("HTTP/1.1 200 "), "nobody kills it meanwhile");
    assert!(!stopping.is_finished());

    release.notify_one();
    let answer = running.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("done"), "{answer}");
    assert!(stopping.await.unwrap(), "everything finished in time");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_write_whose_client_went_away_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(config(directory.path())).await.unwrap();
    let release = Arc::new(Notify::new());
    let work = service.app.tasks.spawn({
        let release = release.clone();
        async move { release.notified().await }
    });
    let stopping = tokio::spawn(service.shut_down());
    tokio::task::yield_now().await;
    assert!(!stopping.is_finished());
    release.notify_one();
    assert!(stopping.await.unwrap());
    work.await.unwrap();
}

#[tokio::test]
async fn the_clients_request_id_comes_back_and_a_mad_one_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(config(directory.path())).await.unwrap();
    let ask = async |id: &str| {
        send(
            service.address,
            &format!("GET /nowhere HTTP/1.1\nhost: x\nx-request-id: {id}\nconnection: close\n\n"),
        )
        .await
    };
    let answer = ask("okta-42").await;
    assert!(answer.starts_with("HTTP/1.1 404 ") && answer.contains("x-request-id: okta-42\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
    assert!(!ask("a b\tc").await.contains("a b"));
    service.shut_down().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_the_request() {
    let body = Body::new(body::Timed::new(Never, Duration::from_millis(20)));
    let error = axum::body::to_bytes(body, 10).await.unwrap_err();
    let mut source: &dyn std::error::Error = &error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    assert!(source.is::<BodyTimeout>(), "{source}");
}

/// A client that sends nothing.
struct Never;

impl http_body::Body for Never {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

async fn whoami(
    State(app): State<Arc<App>>,
    UrlPath(instance): UrlPath<String>,
    headers: HeaderMap,
) -> (StatusCode, String) {
    match authenticate(&app, &instance, &headers).await {
        Ok(caller) => (StatusCode::OK, format!("{} {}", caller.instance, caller.name)),
        Err(error) => (StatusCode::UNAUTHORIZED, error.to_string()),
    }
}

#[tokio::test]
async fn a_token_counts_at_once_on_its_instance_alone_and_no_more_within_a_second_of_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let routes = Router::new().route("/{instance}", post(whoami));
    let service = Service::start_with(config.clone(), &system(), routes).await.unwrap();
    let ask = async |instance: &str, token: &str| {
        let request = format!(
            "POST /scim/{instance} HTTP/1.1\nhost: x\nauthorization: Bearer {token}\nconnection: close\n\n"
        );
        send(service.address, &request).await
    };

    // As a command in another process does it.
    let beside = Store::open_without_key(&config.store).await.unwrap();
    let token = beside.create_token("one", "entra").await.unwrap();
    let answer = ask("one", token.expose()).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("one token:entra"), "{answer}");
    for (instance, token) in [("two", token.expose()), ("nowhere", token.expose()), ("one", "chs_wrong")] {
        assert!(ask(instance, token).await.starts_with("HTTP/1.1 401 "), "{instance}");
    }

    assert!(beside.revoke_token("one", "entra").await.unwrap());
    let revoked = std::time::Instant::now();
    while ask("one", token.expose()).await.starts_with("HTTP/1.1 200 ") {
        assert!(revoked.elapsed() < Duration::from_secs(1), "still accepted a second after its end");
        tokio::task::yield_now().await;
    }
    service.shut_down().await;
}

#[tokio::test]
async fn what_was_used_last_is_in_the_store_after_a_stop() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(directory.path());
    let service = Service::start(config.clone()).await.unwrap();
    let app = service.app.clone();
    let used = app.store.create_token("one", "used").await.unwrap();
    app.store.create_token("one", "idle").await.unwrap();
    let bearer = format!("Bearer {}", used.expose()).parse().unwrap();
    let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, bearer)]);
    authenticate(&app, "one", &headers).await.expect("just made");
    service.shut_down().await;
    let beside = Store::open_without_key(&config.store).await.unwrap();
    let tokens = beside.tokens().await.unwrap();
    let used: Vec<_> =
        tokens.iter().map(|token| (token.name.as_str(), token.last_used_at.is_some())).collect();
    assert_eq!(used, [("idle", false), ("used", true)]);
}

#[tokio::test]
async fn a_valid_token_is_not_slowed_by_others_failures() {
    let directory = tempfile::tempdir().unwrap();
    let service = Service::start(config(directory.path())).await.unwrap();
    let app = service.app.clone();
    let token = app.store.create_token("one", "entra").await.unwrap();
    let bearer = |token: &str| {
        HeaderMap::from_iter([(http::header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap())])
    };
    let good = bearer(token.expose());
    authenticate(&app, "one", &good).await.expect("just made");
    let failing: Vec<_> = (0..20)
        .map(|n| {
            let (app, bad) = (app.clone(), bearer(&format!("chs_{n}")));
            tokio::spawn(async move { authenticate(&app, "one", &bad).await.unwrap_err() })
        })
        .collect();
    while app.slowdown.after_failure("one") < Duration::from_millis(500) {}
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        authenticate(&app, "one", &good).await.expect("still valid");
    }
    assert!(begun.elapsed() < Duration::from_millis(100), "{:?}", begun.elapsed());
    for failed in failing {
        assert_eq!(failed.await.unwrap(), AuthError::Invalid);
    }
    service.shut_down().await;
}
