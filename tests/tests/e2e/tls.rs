//! TLS to the target: whose certificates are trusted, and what is told where none is.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connector_host_tests::{Host, instance, stand_in, user};
use connector_testkit::faults::{Authority, Validity, Wire};
use serde_json::json;

use crate::binary;

#[tokio::test]
async fn only_a_good_certificate_of_the_right_name_from_a_trusted_authority_is_spoken_to() {
    let slack = stand_in().await;
    let (trusted, stranger) = (Authority::new("trusted"), Authority::new("stranger"));
    let acceptors = [
        ("good", trusted.acceptor("127.0.0.1", Validity::Now)),
        ("another-name", trusted.acceptor("target.example", Validity::Now)),
        ("too-old", trusted.acceptor("127.0.0.1", Validity::Past)),
        ("of-nobody", stranger.acceptor("127.0.0.1", Validity::Now)),
    ];
    let mut config = "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n".to_owned();
    let mut wires = Vec::new();
    for (name, acceptor) in acceptors {
        let wire = Wire::to(slack.address(), Some(acceptor)).await.unwrap();
        let url = format!("https://{}/scim/v1/", wire.address);
        config.push_str(&instance(name, &url, slack.token(), ""));
        wires.push((name, wire));
    }
    let host = Host::start(&binary(), "", &config).await;
    let authorities = host.directory().join("authorities.pem");
    let encoded = BASE64_STANDARD.encode(trusted.certificate());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n");
    std::fs::write(&authorities, pem).unwrap();
    let host = host.kill().await.start(&[("SSL_CERT_FILE", authorities.to_str().unwrap())]).await;
    for (name, wire) in &wires {
        let scim = host.client(name, &host.token(name, "e2e").await);
        let answer = scim.post("/Users", &user(&format!("ada.{name}"), json!({}))).await;
        if *name == "good" {
            answer.ok(201);
        } else {
            let detail = answer.refused(503, "");
            assert!(detail.contains("cannot be reached"), "{name}: {detail}");
            assert!(wire.counts().connections > 1, "{name}: it is tried again");
        }
        assert_eq!(wire.counts().requests > 0, *name == "good", "{name}: a request left");
    }
    // The operator's log says why.
    for why in ["not valid for name", "certificate expired", "UnknownIssuer"] {
        host.logged(|line| line["cause"].as_str().is_some_and(|cause| cause.contains(why))).await;
    }
}
