//! HTTP itself: media types, methods, paths, sizes, request ids, odd parameters.

use serde_json::json;

use crate::world;
use connector_host_tests::user;

#[tokio::test]
async fn answers_have_the_media_type_the_client_takes() {
    let world = world().await;
    let media = async |accept: &str| {
        let answer = world.scim.send("GET", "/Users?count=1", &[("accept", accept)], "").await;
        answer.header("content-type").unwrap().to_owned()
    };
    assert_eq!(media("application/scim+json").await, "application/scim+json");
    assert_eq!(media("*/*").await, "application/scim+json");
    assert_eq!(media("application/json").await, "application/json");
    assert_eq!(media("application/json, application/scim+json").await, "application/scim+json");
}

#[tokio::test]
async fn a_body_is_taken_as_either_json_and_refused_as_anything_else() {
    let world = world().await;
    let post = async |media: &str, body: &str| {
        let headers: &[(&str, &str)] = if media.is_empty() { &[] } else { &[("content-type", media)] };
        world.scim.send("POST", "/Users", headers, body).await
    };
    for (n, media) in ["application/json", "application/scim+json; charset=utf-8", "APPLICATION/JSON", ""]
        .into_iter()
        .enumerate()
    {
        post(media, &user(&format!("user.{n}"), json!({})).to_string()).await.ok(201);
    }
    world.calls();
    post("application/xml", "<user/>").await.refused(415, "");
    post("application/scim+json", "{").await.refused(400, "invalidSyntax");
    post("application/scim+json", "").await.refused(400, "invalidSyntax");
    post("application/scim+json", "[]").await.refused(400, "invalidSyntax");
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_scims_own_form() {
    let world = world().await;
    let scim = &world.scim;
    scim.get("/NoSuch").await.refused(404, "");
    scim.get("/Users/W1/emails").await.refused(404, "");
    scim.get("/Users/W0NOBODY").await.refused(404, "");
    let answer = scim.put("/Users", &json!({})).await;
    answer.refused(405, "");
    assert_eq!(answer.header("allow"), Some("GET, POST"));
    scim.post("/Users/W1", &json!({})).await.refused(405, "");
    scim.send("PROPFIND", "/Users", &[], "").await.refused(405, "");
    let elsewhere = connector_host_tests::Client { base: String::new(), ..scim.clone() };
    elsewhere.get("/scim").await.refused(404, "");
    elsewhere.get("/scim/acme/v1/Users").await.refused(404, "");
    elsewhere.get("/").await.ok(404);
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_too_large() {
    let world = world().await;
    let headers = [("content-type", "application/scim+json")];
    let body = user("ada.l", json!({ "title": "x".repeat(1 << 20) })).to_string();
    world.scim.send("POST", "/Users", &headers, &body).await.refused(413, "");
    // The same without its length being told beforehand.
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let headers = [("content-type", "application/scim+json"), ("transfer-encoding", "chunked")];
    let client = &world.scim;
    let answer = client.send_raw("POST", "/Users", &headers, &chunked).await;
    answer.refused(413, "");
    // A client that still sends long after the limit gets its answer too.
    let body = "x".repeat(6 << 20);
    let headers = [("content-type", "application/scim+json")];
    world.scim.send("POST", "/Users", &headers, &body).await.refused(413, "");
    assert!(world.calls().is_empty());
}

#[tokio::test]
async fn a_compressed_body_is_not_taken() {
    let world = world().await;
    let headers = [("content-type", "application/scim+json"), ("content-encoding", "gzip")];
    let detail = world.scim.send("POST", "/Users", &headers, "{}").await.refused(415, "");
    assert!(detail.contains("Content-Encoding"), "{detail}");
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let world = world().await;
    let headers = [("accept", "application/scim+json")];
    for path in ["/ServiceProviderConfig", "/Users?count=1"] {
        let (get, head) = (
            world.scim.send("GET", path, &headers, "").await,
            world.scim.send("HEAD", path, &headers, "").await,
        );
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
    }
}

#[tokio::test]
async fn a_request_id_goes_from_the_client_to_the_target_and_back() {
    let world = world().await;
    let answer = world.scim.send("GET", "/Users?count=1", &[("x-request-id", "entra-3f2b.1")], "").await;
    assert_eq!(answer.header("x-request-id"), Some("entra-3f2b.1"));
    assert_eq!(world.slack.requests()[0].request_id.as_deref(), Some("entra-3f2b.1"));
    let line = world
        .host
        .logged(|line| line["request_id"] == "entra-3f2b.1" && line["path"] == "/scim/acme/v2/Users")
        .await;
    assert_eq!((&line["instance"], &line["status"]), (&json!("acme"), &json!(200)));
    let part = |name: &str| line[name].as_f64().unwrap();
    let sum = part("target_ms") + part("own_ms");
    assert!(part("target_ms") > 0.0 && (sum - part("total_ms")).abs() < 0.01, "{line}");

    world.slack.clear_requests();
    let made = world.scim.get("/Users?count=1").await;
    assert_eq!(made.header("x-request-id"), world.slack.requests()[0].request_id.as_deref());
}

#[tokio::test]
async fn parameters_nobody_knows_do_not_matter() {
    let world = world().await;
    let listed = world.scim.get("/Users?aadOptscim062020&count=2&x=%20&domain=acme").await.ok(200);
    assert_eq!(listed["itemsPerPage"], 2);
    assert_eq!(world.calls(), ["GET /scim/v1/Users?startIndex=1&count=2"]);
    world.scim.post("/Users?aadOptscim062020", &user("ada.l", json!({}))).await.ok(201);
}
