//! Consent, as the administrator's browser, the operator's command line and the vendor see it.

use std::time::{Duration, Instant};

use connector_host::store::ConsentKind;
use connector_host_tests::{
    Browser, ConsentWorld, PATIENCE, Setup,
    consent::{path_of, store},
    eventually, instance,
};
use connector_sandbox::{Effect, Fault};
use serde_json::json;
use tokio::process::Command;

use crate::binary;

const LONDON: &str = "allow&team=T0ACMELON1";

async fn world() -> ConsentWorld {
    ConsentWorld::new(&binary(), Setup::default()).await
}

/// Nothing is held, and nothing works.
async fn nothing_is_kept(world: &ConsentWorld) {
    assert!(world.status().await.contains("consent needed"));
    assert_eq!(world.state("acme").await, "consent needed");
    world.scim().get("/Users?count=1").await.refused(502, "");
}

#[tokio::test]
async fn a_consent_leads_from_the_link_to_an_instance_that_works() {
    let world = world().await;
    let detail = world.scim().get("/Users?count=1").await.refused(502, "");
    let page = format!("http://{}/consent/acme", world.host.address);
    assert!(detail.contains("consent needed") && detail.contains(&page), "{detail}");
    assert_eq!(world.state("acme").await, "consent needed");

    let mut browser = Browser::default();
    let link = world.link().await;
    let start = browser.get(world.host.address, &link).await;
    for word in
        ["Connect Slack (Acme)", "acme", "admin", "Org Owner", "upper right corner", "Continue to Slack"]
    {
        assert!(start.page(200).contains(word), "{word} in {}", start.text);
    }
    let cookie = start.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");

    let vendor = world.leave(&mut browser, &link).await;
    let asked = |name: &str| vendor.split(['?', '&']).any(|pair| pair == name);
    assert!(asked("user_scope=admin") && asked("response_type=code"), "{vendor}");
    assert!(asked("code_challenge_method=S256") && vendor.contains("code_challenge="), "{vendor}");

    let location = world.decide(&vendor, "allow").await;
    let end = world.arrive(&mut browser, &location).await;
    for word in
        ["Slack (Acme) is connected", "Acme Org (E0ACMEORG1)", "admin", "does not end by itself", "--status"]
    {
        assert!(end.page(200).contains(word), "{word} in {}", end.text);
    }
    assert_eq!(world.tap.all("code_verifier=", '&').len(), 1, "PKCE");
    world.scim().get("/Users?count=1").await.ok(200);
    assert_eq!(world.state("acme").await, "ready");
    let status = world.status().await;
    for word in
        ["usable", "Acme Org", "admin", "does not end", "last refresh     never", "last failure     none"]
    {
        assert!(status.contains(word), "{word} in {status}");
    }
}

#[tokio::test]
async fn a_link_belongs_to_the_first_browser_that_opens_it() {
    let world = world().await;
    let link = world.link().await;
    // A mail scanner that only looks whether it leads anywhere.
    assert_eq!(Browser::default().send("HEAD", world.host.address, &link, "").await.status, 200);
    let mut first = Browser::default();
    first.get(world.host.address, &link).await.page(200);
    let second = Browser::default().get(world.host.address, &link).await;
    assert!(second.page(400).contains("connector-host consent acme"), "{}", second.text);
    // Also not with a cookie of its own.
    let mut other = Browser::default();
    other.get(world.host.address, &world.link().await).await.page(200);
    other.get(world.host.address, &link).await.page(400);
    first.get(world.host.address, &link).await.page(200);
    first.get(world.host.address, &link).await.page(200);
}

#[tokio::test]
async fn a_link_opens_its_own_instance_and_only_while_it_is_good() {
    let more = instance("other", "https://api.slack.com/scim/v1/", "xoxp-other", "");
    let world = ConsentWorld::new(&binary(), Setup { more: &more, ..Setup::default() }).await;
    let link = world.link().await;
    for wrong in [
        link.replace("/acme?", "/other?"),
        link.replace("/acme?", "/nobody?"),
        format!("{link}x"),
        "/consent/acme?ticket=".to_owned(),
        "/consent/acme".to_owned(),
        format!("{link}&ticket=2"),
    ] {
        Browser::default().get(world.host.address, &wrong).await.page(400);
    }
    let store = store(world.host.directory()).await;
    for (ticket, ttl, status) in [("in-time", 600, 200), ("too-late", -1, 400)] {
        store.put_consent_state(ConsentKind::Ticket, ticket, "acme", ttl, b"{}").await.unwrap();
        let path = format!("/consent/acme?ticket={ticket}");
        Browser::default().get(world.host.address, &path).await.page(status);
    }
    Browser::default().get(world.host.address, &link).await.page(200);
    let output = world.host.run(&["consent", "other"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs no consent"));
    Browser::default().get(world.host.address, "/consent/a/b").await.page(404);
}

#[tokio::test]
async fn a_consent_ends_once_and_in_the_browser_in_which_it_began() {
    let world = world().await;
    let mut browser = Browser::default();
    let mut location = async || {
        let vendor = world.leave(&mut browser, &world.link().await).await;
        (world.decide(&vendor, "allow").await, browser.clone())
    };
    for stranger in [Browser::default(), {
        let mut other = Browser::default();
        other.get(world.host.address, &world.link().await).await.page(200);
        other
    }] {
        let (location, _) = location().await;
        let end = world.arrive(&mut stranger.clone(), &location).await;
        assert!(end.page(400).contains("another browser"), "{}", end.text);
    }
    for path in ["/consent/callback", "/consent/callback?code=1", "/consent/callback?state=1&state=2"] {
        browser_less(&world, path).await;
    }
    browser_less(&world, "/consent/callback?code=1&state=unknown").await;
    assert!(world.tokens().is_empty(), "no code was exchanged");
    nothing_is_kept(&world).await;

    let (location, mut browser) = location().await;
    world.arrive(&mut browser, &location).await.page(200);
    let again = world.arrive(&mut browser, &location).await;
    assert!(again.page(400).contains("completed before"), "{}", again.text);
    assert_eq!(world.state("acme").await, "ready", "and nothing is lost by that");
}

async fn browser_less(world: &ConsentWorld, path: &str) {
    Browser::default().get(world.host.address, path).await.page(400);
}

#[tokio::test]
async fn a_consent_takes_ten_minutes_at_most() {
    let world = world().await;
    let store = store(world.host.directory()).await;
    let journey = json!({ "redirect_url": format!("http://{}/consent/callback", world.host.address) });
    // Without a browser and a right code: one is too late for that to be looked at, the other is not.
    for (state, ttl, status) in [("in-time", 600, 502), ("too-late", -1, 400)] {
        let journey = journey.to_string();
        store.put_consent_state(ConsentKind::State, state, "acme", ttl, journey.as_bytes()).await.unwrap();
        let path = format!("/consent/callback?code=1&state={state}");
        Browser::default().get(world.host.address, &path).await.page(status);
    }
    let mut browser = Browser::default();
    let vendor = world.leave(&mut browser, &world.link().await).await;
    let location = world.decide(&vendor, "allow").await;
    // By the vendor's clock, which ends codes as late.
    world.slack.advance(Duration::from_mins(11));
    let end = world.arrive(&mut browser, &location).await;
    assert!(end.page(502).contains("invalid_code"), "{}", end.text);
    nothing_is_kept(&world).await;
}

#[tokio::test]
async fn what_the_administrator_or_the_vendor_declines_is_told() {
    let world = world().await;
    let end = world.walk("cancel").await;
    assert!(end.page(400).contains("The consent was declined"), "{}", end.text);
    assert!(end.text.contains("connector-host consent acme"), "{}", end.text);

    let mut browser = Browser::default();
    let vendor = world.leave(&mut browser, &world.link().await).await;
    let state = vendor.split("&state=").nth(1).unwrap().split('&').next().unwrap();
    let back = format!("/consent/callback?error=server_error&error_description=%3Cb%3Elater&state={state}");
    let end = browser.get(world.host.address, &back).await;
    assert!(end.page(400).contains("server_error") && end.text.contains("&lt;b&gt;later"), "{}", end.text);

    let wrong = Setup { client_secret: Some("wrong-secret"), ..Setup::default() };
    let wrong = ConsentWorld::new(&binary(), wrong).await;
    let end = wrong.walk("allow").await;
    assert!(end.page(502).contains("bad_client_secret"), "{}", end.text);
    assert!(end.text.contains("Check client_id and client_secret"), "{}", end.text);
    nothing_is_kept(&wrong).await;
    nothing_is_kept(&world).await;
}

#[tokio::test]
async fn an_install_on_a_workspace_is_given_back_at_once_and_the_way_out_is_told() {
    for setup in [Setup::default(), Setup::rotating()] {
        let world = ConsentWorld::new(&binary(), setup).await;
        let end = world.walk(LONDON).await;
        let way_out = "choose the organisation Acme Org (E0ACMEORG1), not a workspace, in the drop-down in the \
                       upper right corner";
        assert!(end.page(400).contains(way_out), "{}", end.text);
        assert!(end.text.contains("workspace Acme London (T0ACMELON1)"), "{}", end.text);
        assert!(end.text.contains("was given back and not kept"), "{}", end.text);
        assert!(world.slack.requests().iter().any(|request| request.path == "/api/auth.revoke"));
        nothing_is_kept(&world).await;

        let alone = world.walk("allow&team=T0LONETEAM").await;
        assert!(alone.page(400).contains("belongs to no organisation"), "{}", alone.text);
        nothing_is_kept(&world).await;
    }
}

#[tokio::test]
async fn a_consent_that_fails_leaves_the_earlier_one_as_it_was() {
    let world = ConsentWorld::consented(&binary(), Setup::rotating()).await;
    let before = world.status().await;
    world.walk(LONDON).await.page(400);
    world.walk("cancel").await.page(400);
    world.slack.inject(Fault::on("/api/oauth.v2.access", Effect::status(500, "")));
    world.walk("allow").await.page(502);
    assert_eq!(world.status().await, before);
    world.scim().get("/Users?count=1").await.ok(200);
    let tokens = world.tokens();
    assert!(world.is_taken(&tokens[0]).await, "the earlier one");
    assert!(!world.is_taken(&tokens[1]).await, "that of the workspace");
}

#[tokio::test]
async fn a_scope_that_was_not_granted_is_named() {
    let world = world().await;
    let mut browser = Browser::default();
    let vendor = world.leave(&mut browser, &world.link().await).await;
    let location = world.decide(&vendor.replace("user_scope=admin", "user_scope=users:read"), "allow").await;
    let end = world.arrive(&mut browser, &location).await;
    assert!(end.page(400).contains("<code>admin</code> is missing"), "{}", end.text);
    assert!(end.text.contains("was given back and not kept"), "{}", end.text);
    nothing_is_kept(&world).await;
}

#[tokio::test]
async fn access_that_cannot_be_tried_is_not_kept() {
    let world = world().await;
    for (path, effect, status) in [
        ("/scim/v1/Users", Effect::status(503, ""), 502),
        ("/api/auth.test", Effect::MalformedJson, 502),
        ("/api/auth.test", Effect::status(200, r#"{"ok":false,"error":"account_inactive"}"#), 400),
    ] {
        world.slack.inject(Fault::on(path, effect).times(99));
        let end = world.walk("allow").await;
        assert!(end.page(status).contains("was given back and not kept"), "{}", end.text);
        world.slack.clear_faults();
        let token = world.tokens().pop().unwrap();
        assert!(!world.is_taken(&token).await, "{path}");
    }
    nothing_is_kept(&world).await;
    // A token that cannot even be given back is told, too.
    world.slack.inject(Fault::on("/api/auth.", Effect::CloseBefore).times(99));
    let end = world.walk("allow").await;
    assert!(end.page(502).contains("Remove the app in Slack by hand"), "{}", end.text);
}

#[tokio::test]
async fn each_data_centre_names_its_own_redirect_url_in_both_steps() {
    let urls = "redirect_urls = { us = \"https://us.example/consent/callback\", eu = \"https://eu.example/consent/callback\" }";
    for region in ["us", "eu"] {
        let server = format!("region = \"{region}\"");
        let setup = Setup { server: &server, oauth: urls, ..Setup::default() };
        let world = ConsentWorld::new(&binary(), setup).await;
        let mut browser = Browser::default();
        let vendor = world.leave(&mut browser, &world.link().await).await;
        let named = format!("redirect_uri=https%3A%2F%2F{region}.example%2Fconsent%2Fcallback");
        assert!(vendor.contains(&named), "{vendor}");
        let location = world.decide(&vendor, "allow").await;
        assert!(location.starts_with(&format!("https://{region}.example/consent/callback?")), "{location}");
        // The other origin's cookie does not come along; the vendor compares both steps.
        let path = path_of(&location);
        Browser::default().get(world.host.address, path).await.page(200);
        assert!(world.tap.heard().contains(&named), "in the second step as well");
        world.scim().get("/Users?count=1").await.ok(200);
    }
}

#[tokio::test]
async fn a_data_centre_without_redirect_url_does_not_start() {
    let oauth = "[instances.acme.oauth]\nclient_id = \"1.2\"\nclient_secret = \"s\"\nredirect_urls = { us = \
                 \"https://us.example/consent/callback\" }\n";
    for (region, wrong) in [("region = \"eu\"", "server.region \"eu\""), ("", "server.region is not")] {
        let directory = tempfile::tempdir().unwrap();
        let config = format!(
            "[server]\n{region}\n[store]\nencryption_key = \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\"\n\
             [instances.acme]\nconnector = \"slack\"\ntarget_url = \"https://api.slack.com/scim/v1/\"\n{oauth}"
        );
        std::fs::write(directory.path().join("connector-host.toml"), config).unwrap();
        let mut serve = Command::new(binary());
        let output = serve.arg("serve").current_dir(directory.path()).env_clear().output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("instances.acme.oauth.redirect_urls") && text.contains(wrong), "{text}");
    }
}

#[tokio::test]
async fn revoking_ends_the_access_at_the_vendor_and_here_and_nowhere_else() {
    let more = instance("other", "http://127.0.0.1:9/", "xoxp-other", "");
    let world = ConsentWorld::consented(&binary(), Setup { more: &more, ..Setup::default() }).await;
    let token = world.tokens().pop().unwrap();
    world.scim().get("/Users?count=1").await.ok(200);

    world.slack.inject(Fault::on("/api/auth.revoke", Effect::CloseBefore));
    let output = world.host.run(&["consent", "acme", "--revoke"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("still held"), "{output:?}");
    world.scim().get("/Users?count=1").await.ok(200);

    let output = world.host.run(&["consent", "acme", "--revoke"]).await;
    assert!(output.status.success(), "{output:?}");
    assert!(!world.is_taken(&token).await);
    let revoked = Instant::now();
    let detail = eventually(PATIENCE, async || {
        let answer = world.scim().get("/ServiceProviderConfig").await;
        assert_eq!(answer.status, 200, "what needs no target goes on");
        let answer = world.scim().get("/Users?count=1").await;
        (answer.status == 502 && answer.text.contains("nobody has consented"))
            .then(|| answer.refused(502, ""))
    })
    .await;
    assert!(revoked.elapsed() < Duration::from_secs(2), "{:?}", revoked.elapsed());
    let page = format!("http://{}/consent/acme", world.host.address);
    assert!(detail.contains("consent needed") && detail.contains(&page), "{detail}");
    Browser::default().get(world.host.address, "/consent/acme").await.page(400);
    assert_eq!(world.state("acme").await, "consent needed");
    assert_eq!(world.state("other").await, "ready");
    let output = world.host.run(&["consent", "acme", "--revoke"]).await;
    assert_eq!(output.status.code(), Some(1), "there is nothing left");
    // And it can be given again.
    world.walk("allow").await.page(200);
    world.scim().get("/Users?count=1").await.ok(200);
}

#[tokio::test]
async fn a_restart_keeps_the_consent() {
    let mut world = ConsentWorld::consented(&binary(), Setup::rotating()).await;
    let before = world.status().await;
    world.host = world.host.killed().await;
    assert_eq!(world.status().await, before);
    world.scim().get("/Users?count=1").await.ok(200);
    assert_eq!(world.refreshes(), 0);
    // What was begun before goes on after it.
    let mut browser = Browser::default();
    let address = world.host.address;
    let link = world.link().await;
    browser.get(address, &link).await.page(200);
    world.host = world.host.killed().await;
    browser.moved(address, world.host.address);
    browser.get(world.host.address, &link).await.page(200);
}

#[tokio::test]
async fn another_client_id_needs_another_consent() {
    let mut world = ConsentWorld::consented(&binary(), Setup::default()).await;
    let stopped = world.host.kill().await;
    let file = stopped.directory().join("connector-host.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, config.replace(world.slack.client_id(), "9.9")).unwrap();
    world.host = stopped.start(&[]).await;
    let detail = world.scim().get("/Users?count=1").await.refused(502, "");
    assert!(detail.contains("another client_id"), "{detail}");
    assert!(world.status().await.contains("another client_id"));
}

#[tokio::test]
async fn nothing_secret_gets_into_log_store_or_answers() {
    let world = ConsentWorld::new(&binary(), Setup::rotating()).await;
    let mut browser = Browser::default();
    let link = world.link().await;
    let vendor = world.leave(&mut browser, &link).await;
    let location = world.decide(&vendor, "allow").await;
    let end = world.arrive(&mut browser, &location).await;
    end.page(200);
    world.walk(LONDON).await.page(400);
    world.age(13 * 3600).await;
    let answer = world.scim().get("/Users?count=1").await;
    answer.ok(200);
    assert_eq!(world.refreshes(), 1);
    let status = world.status().await;

    let mut secrets = vec![
        world.slack.client_secret().to_owned(),
        link.split("ticket=").nth(1).unwrap().to_owned(),
        vendor.split("&state=").nth(1).unwrap().split('&').next().unwrap().to_owned(),
        location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned(),
    ];
    secrets.extend(browser.cookie(world.host.address));
    let (access, refresh) = (world.tokens(), world.tap.all("\"refresh_token\":\"", '"'));
    assert_eq!((access.len(), refresh.len()), (3, 3));
    secrets.extend(access.into_iter().chain(refresh));
    let verifiers = world.tap.all("code_verifier=", '&');
    assert_eq!(verifiers.len(), 2);
    secrets.extend(verifiers.into_iter().map(|rest| rest.split(' ').next().unwrap().to_owned()));

    let directory = world.host.directory().to_owned();
    let mut held = Vec::new();
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            held.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    assert!(held.iter().any(|(name, _)| name.ends_with("-wal")), "{held:?}");
    let log = world.host.log();
    assert!(log.lines().count() > 50 && log.contains("\"TRACE\""), "the log is as talkative as it gets");
    held.push(("the log".to_owned(), log.into_bytes()));
    for (name, text) in [("a page", end.text), ("an answer", answer.text), ("the status", status)] {
        held.push((name.to_owned(), text.into_bytes()));
    }
    for secret in &secrets {
        assert!(secret.len() >= 20, "{secret:?} is found by accident");
        for (name, bytes) in &held {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {name}");
        }
    }
}
