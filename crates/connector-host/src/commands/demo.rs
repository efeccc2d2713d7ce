//! `demo`: the whole system on one machine, with a stand-in of each target and nothing left behind.

mod walk;

use std::{fmt::Write as _, net::SocketAddr, path::Path};

use connector_sandbox::slack;
use serde_json::json;

use super::{
    print,
    serve::{shut_down, start_failure, stop_signal},
    server_runtime,
};
use crate::{
    cli::Failure,
    config::{Config, Key32, Sources},
    logging,
    serve::Service,
};

pub(super) fn run(listen: SocketAddr, json: bool) -> Result<(), Failure> {
    logging::start();
    server_runtime()?.block_on(async {
        let directory =
            tempfile::Builder::new().prefix("connector-host-demo-").tempdir().map_err(Failure::failed)?;
        // Before anything runs: a signal from now on ends it cleanly.
        let stop = stop_signal()?;
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let slack = slack::start(loopback, slack::Options::default()).await.map_err(Failure::failed)?;
        let service =
            Service::start(config(directory.path(), listen, &slack)?).await.map_err(start_failure)?;
        let shown = async {
            walk::consent(&service.app, "slack").await?;
            show(&service, &slack, json).await
        };
        let shown = shown.await;
        if shown.is_ok() {
            stop.await;
        }
        let ended = shut_down(service).await;
        slack.shutdown().await;
        shown.and(ended)
    })
}

/// The configuration an operator would write, in a directory that goes away.
fn config(directory: &Path, listen: SocketAddr, slack: &slack::Slack) -> Result<Config, Failure> {
    let file = directory.join("connector-host.toml");
    let key = Key32::generate().map_err(Failure::failed)?;
    let text = format!(
        r#"
[server]
listen = "{listen}"
[store]
url = "sqlite://{directory}/connector-host.db"
encryption_key = "{key}"
[outbound]
allow_networks = ["127.0.0.0/8"]
[instances.slack]
connector = "slack"
display_name = "Slack (stand-in)"
target_url = "{target_url}"
[instances.slack.oauth]
client_id = "{client_id}"
client_secret = "{client_secret}"
authorize_url = "{authorize_url}"
token_url = "{token_url}"
"#,
        directory = directory.display(),
        key = key.to_base64().expose(),
        target_url = slack.scim_url(),
        client_id = slack.client_id(),
        client_secret = slack.client_secret(),
        authorize_url = slack.authorize_url(),
        token_url = slack.token_url(),
    );
    std::fs::write(&file, text).map_err(Failure::failed)?;
    Config::load(&Sources { file: Some(file), ..Sources::default() }).map_err(Failure::failed)
}

/// Makes a token per instance and prints what a newcomer needs.
async fn show(service: &Service, slack: &slack::Slack, json: bool) -> Result<(), Failure> {
    let mut instances = Vec::new();
    for name in service.app.config.instances.keys() {
        let token = service.app.store.create_token(name, "demo").await.map_err(Failure::failed)?;
        instances.push((name, service.app.scim_url(name), token));
    }
    if json {
        let instances: Vec<_> = instances
            .iter()
            .map(|(name, url, token)| json!({ "name": name, "scim_url": url, "token": token.expose() }))
            .collect();
        let targets = [json!({ "name": "slack", "url": slack.base_url() })];
        return print(&format!("{}\n", json!({ "instances": instances, "targets": targets })));
    }
    let mut text = String::new();
    for (name, url, token) in &instances {
        let _ = writeln!(text, "instance   {name}\nSCIM base  {url}\ntoken      {}", token.expose());
        let _ = writeln!(
            text,
            "target     {} (a stand-in; what it was asked: {}requests)\n",
            slack.base_url(),
            slack.control_url()
        );
    }
    if let Some((_, url, token)) = instances.first() {
        let _ = writeln!(
            text,
            "Try:\n\n  curl -H 'Authorization: Bearer {}' '{url}/Users?count=2'\n",
            token.expose()
        );
    }
    text.push_str("Ctrl-C ends it; nothing is kept.\n");
    print(&text)
}
