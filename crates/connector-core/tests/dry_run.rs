//! Dry runs at the door: reads are made, writes are kept and answered as a target would.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

use std::{sync::Arc, time::Duration};

use connector_core::{
    DryRun,
    connector::Settings,
    error::{Error, Kind},
    http::{Credential, Cx, Door, Endpoints, Fixed, Outbound, Policy, Reply},
    secret::Secret,
};
use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

const TOKEN: &str = "a-token-nobody-may-read";

/// A target that answers reads of `/things/7`, and nothing else at all.
struct Target {
    server: MockServer,
    door: Door,
    run: DryRun,
}

impl Target {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let thing = json!({"thing": {"id": "7", "name": "old", "tags": ["a", "b"], "deep": {"kept": 1, "changed": 1}}});
        Mock::given(matchers::method("GET"))
            .and(matchers::path("/v1/things/7"))
            .respond_with(ResponseTemplate::new(200).set_body_json(thing))
            .mount(&server)
            .await;
        let policy = Policy { allow_networks: vec!["127.0.0.0/8".parse().unwrap()], ..Policy::default() };
        let outbound = Arc::new(Outbound::new(policy));
        let credential = Fixed::new(Credential::bearer(&Secret::new(TOKEN)), "replace it");
        let url = format!("{}/v1/", server.uri()).parse().unwrap();
        let elsewhere =
            Endpoints::new(Arc::clone(&outbound)).with("forbidden", "https://10.0.0.1/".parse().unwrap());
        let door = Door::new(outbound, url, Arc::new(credential), &[]).with_endpoints(elsewhere);
        Self { server, door, run: DryRun::default() }
    }

    async fn call(
        &self,
        method: Method,
        segments: &[&str],
        body: Option<Value>,
    ) -> Result<(u16, Value), Error> {
        let settings = Settings::default();
        let cx = self.cx(&settings);
        let mut call = cx.call(method, segments).operation("try");
        if let Some(body) = body {
            call = call.json(&body);
        }
        let reply = call.send(Reply::status_failure).await?;
        let body = if reply.body().is_empty() { Value::Null } else { reply.json()? };
        Ok((reply.status(), body))
    }

    fn cx<'a>(&'a self, settings: &'a Settings) -> Cx<'a> {
        Cx::new(&self.door, settings, Instant::now() + Duration::from_secs(5), "request-1")
            .rehearsing(Some(&self.run))
    }

    /// What left.
    async fn received(&self) -> Vec<String> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().map(|request| format!("{} {}", request.method, request.url.path())).collect()
    }
}

#[tokio::test]
async fn what_is_made_has_the_id_of_its_call_in_the_envelope_it_was_sent_in() {
    let target = Target::new().await;
    let (status, made) =
        target.call(Method::POST, &["things"], Some(json!({"thing": {"name": "new"}}))).await.unwrap();
    assert_eq!((status, &made), (201, &json!({"thing": {"name": "new", "id": "{id of call 1}"}})));

    // It is there from now on, at its own address and at any that ends in its id, with what was changed of it.
    let read = async |segments: &[&str]| target.call(Method::GET, segments, None).await.unwrap().1;
    assert_eq!(read(&["things", "{id of call 1}"]).await, made);
    assert_eq!(read(&["{id of call 1}"]).await, made);
    target
        .call(Method::PATCH, &["things", "{id of call 1}"], Some(json!({"thing": {"size": 3}})))
        .await
        .unwrap();
    assert_eq!(read(&["things", "{id of call 1}"]).await["thing"]["size"], 3);
    // Without an envelope, the body is the object.
    let (_, flat) = target.call(Method::POST, &["tags"], Some(json!({"name": "x", "of": {}}))).await.unwrap();
    assert_eq!(flat["id"], "{id of call 6}");
    assert_eq!(target.received().await, Vec::<String>::new(), "nothing left at all");
}

#[tokio::test]
async fn a_change_is_answered_as_what_was_there_with_what_was_sent_over_it() {
    let target = Target::new().await;
    let (_, before) = target.call(Method::GET, &["things", "7"], None).await.unwrap();
    let change = json!({"thing": {"name": "new", "tags": ["c"], "deep": {"changed": 2}}});
    let (status, now) = target.call(Method::PUT, &["things", "7"], Some(change)).await.unwrap();
    let expected =
        json!({"thing": {"id": "7", "name": "new", "tags": ["c"], "deep": {"kept": 1, "changed": 2}}});
    assert_eq!((status, &now), (200, &expected));
    assert_ne!(before, now);
    assert_eq!(target.call(Method::GET, &["things", "7"], None).await.unwrap().1, expected, "and read again");

    assert_eq!(target.call(Method::DELETE, &["things", "7"], None).await.unwrap(), (204, Value::Null));
    let gone = target.call(Method::GET, &["things", "7"], None).await.unwrap_err();
    assert_eq!(gone.kind(), Kind::NotFound);

    assert_eq!(target.received().await, ["GET /v1/things/7"], "only what reads leaves");
    let shown: Vec<_> =
        target.run.calls().iter().map(|call| (call.call, call.method.clone(), call.sent)).collect();
    let expected =
        [(1, "GET", true), (2, "PUT", false), (3, "GET", false), (4, "DELETE", false), (5, "GET", false)];
    assert_eq!(shown, expected.map(|(call, method, sent)| (call, method.to_owned(), sent)));
}

#[tokio::test]
async fn calls_are_shown_as_they_would_leave_but_for_the_credential() {
    let target = Target::new().await;
    target.call(Method::POST, &["things", "a/b ü"], Some(json!({"name": "new"}))).await.unwrap();
    let call = serde_json::to_value(&target.run.calls()[0]).unwrap();
    let expected = json!({
        "call": 1, "method": "POST", "url": format!("{}/v1/things/a%2Fb%20%C3%BC", target.server.uri()),
        "headers": {"accept": "application/json", "content-type": "application/json; charset=utf-8",
                    "authorization": "[redacted]"},
        "body": {"name": "new"}, "sent": false,
    });
    assert_eq!(call, expected);
}

#[tokio::test]
async fn a_write_that_could_never_leave_is_refused() {
    let target = Target::new().await;
    let settings = Settings::default();
    let cx = target.cx(&settings);
    let call = cx.call_at("forbidden", Method::POST, &[]).unwrap();
    assert_eq!(call.send(Reply::status_failure).await.unwrap_err().kind(), Kind::Refused);
    assert!(target.run.calls().is_empty(), "and is no call");
}

#[tokio::test]
async fn an_answer_holds_what_the_connector_says_a_target_adds() {
    let target = Target::new().await;
    let settings = Settings::default();
    let cx = target.cx(&settings);
    let call = cx.call(Method::POST, &["users"]).json(&json!({"name": "new", "tags": ["add a"]}));
    let reply =
        call.pretended(|| json!({"active": true, "tags": ["a"]})).send(Reply::status_failure).await.unwrap();
    let answer: Value = reply.json().unwrap();
    assert_eq!(answer, json!({"name": "new", "tags": ["a"], "id": "{id of call 1}", "active": true}));
    assert_eq!(
        target.run.calls()[0].body,
        json!({"name": "new", "tags": ["add a"]}),
        "which is not what it is sent"
    );

    // What an address shows before anything is in it.
    let read =
        cx.call(Method::GET, &["members"]).query("of", "{id of call 1}").pretended(|| json!({"items": []}));
    let reply = read.send(Reply::status_failure).await.unwrap();
    assert_eq!(reply.json::<Value>().unwrap(), json!({"items": []}));
    assert!(target.run.calls()[1].url.ends_with("/members?of={id of call 1}"), "{:?}", target.run.calls()[1]);

    // Something is taken out of a list: the list is there all the same.
    let taken = cx.call(Method::DELETE, &["things", "7"]).query("tag", "a");
    taken.send(Reply::status_failure).await.unwrap();
    assert_eq!(target.call(Method::GET, &["things", "7"], None).await.unwrap().0, 200);
}
