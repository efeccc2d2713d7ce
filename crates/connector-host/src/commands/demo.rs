//! `demo`: the whole system on one machine, with a stand-in of each target and nothing left behind.

mod walk;

use std::{fmt::Write as _, net::SocketAddr, path::Path};

use connector_sandbox::{StandIn, activecampaign, slack, webex, workplace};
use serde_json::json;

use super::{
    print,
    serve::{shut_down, start_failure, stop_signal},
    server_runtime,
};
use crate::{
    cli::Failure,
    config::{Config, Credential, Key32, Sources},
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
        let targets = Targets::start().await.map_err(Failure::failed)?;
        let service =
            Service::start(config(directory.path(), listen, &targets)?).await.map_err(start_failure)?;
        let shown = async {
            // A key needs no consent.
            for (name, instance) in &service.app.config.instances {
                if matches!(instance.credential, Credential::OAuth(_)) {
                    walk::consent(&service.app, name).await?;
                }
            }
            show(&service, &targets, json).await
        };
        let shown = shown.await;
        if shown.is_ok() {
            stop.await;
        }
        let ended = shut_down(service).await;
        targets.shutdown().await;
        shown.and(ended)
    })
}

/// The stand-ins; each has an instance of its name.
struct Targets {
    activecampaign: activecampaign::ActiveCampaign,
    slack: slack::Slack,
    webex: webex::Webex,
    workplace: workplace::Workplace,
}

impl Targets {
    async fn start() -> std::io::Result<Self> {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Ok(Self {
            activecampaign: activecampaign::start(loopback, activecampaign::Options::default()).await?,
            slack: slack::start(loopback, slack::Options::default()).await?,
            webex: webex::start(loopback, webex::Options::default()).await?,
            workplace: workplace::start(loopback, workplace_options()).await?,
        })
    }

    /// Each stand-in's name.
    fn all(&self) -> [(&'static str, &StandIn); 4] {
        [
            ("activecampaign", &self.activecampaign),
            ("slack", &self.slack),
            ("webex", &self.webex),
            ("workplace", &self.workplace),
        ]
    }

    /// Their instances as an operator configures them.
    fn instances(&self) -> String {
        let Self { activecampaign, slack, webex, workplace } = self;
        let activecampaign = format!(
            "\n[instances.activecampaign]\nconnector = \"activecampaign\"\ndisplay_name = \"ActiveCampaign (stand-in)\"\n\
             target_url = \"{}\"\napi_key = \"{}\"\ndefault_group_id = {}\n",
            activecampaign.api_url(),
            activecampaign.key(),
            // "All staff".
            4,
        );
        let revoke = format!("revoke_url = \"{}\"\n", webex.revoke_url());
        let urls = [slack.scim_url(), slack.authorize_url(), slack.token_url()];
        let ids = (slack.client_id(), slack.client_secret());
        let slack = instance("slack", "Slack", &urls, ids, "", "");
        let urls = [webex.api_url(), webex.authorize_url(), webex.token_url()];
        let ids = (webex.client_id(), webex.client_secret());
        let webex = instance("webex", "Webex", &urls, ids, &revoke, TEAMS_MAY_GO);
        let workplace = format!(
            "\n[instances.workplace]\nconnector = \"workplace\"\ndisplay_name = \"Facebook Workplace (stand-in)\"\n\
             target_url = \"{}/\"\ngraph_url = \"{}/\"\napi_key = \"{}\"\narchive_groups = true\n",
            workplace.scim_url(),
            workplace.graph_url(),
            workplace.token(),
        );
        activecampaign + &slack + &webex + &workplace
    }

    async fn shutdown(self) {
        self.activecampaign.shutdown().await;
        self.slack.shutdown().await;
        self.webex.shutdown().await;
        self.workplace.shutdown().await;
    }
}

/// Its own people's domain, and those whose people the suites of `cargo xtask conformance` make.
fn workplace_options() -> workplace::Options {
    let mut options = workplace::Options::default();
    options.verified_domains.extend(["acme.example", "halden.example", "atko.com"].map(str::to_owned));
    options
}

/// Nothing is lost with a team of a stand-in.
const TEAMS_MAY_GO: &str = "allow_team_delete = true\n";

fn instance(
    name: &str,
    display_name: &str,
    [target_url, authorize_url, token_url]: &[String; 3],
    (client_id, client_secret): (&str, &str),
    more: &str,
    keys: &str,
) -> String {
    format!(
        r#"
[instances.{name}]
connector = "{name}"
display_name = "{display_name} (stand-in)"
target_url = "{target_url}"
{keys}[instances.{name}.oauth]
client_id = "{client_id}"
client_secret = "{client_secret}"
authorize_url = "{authorize_url}"
token_url = "{token_url}"
{more}"#
    )
}

/// The configuration an operator would write, in a directory that goes away.
fn config(directory: &Path, listen: SocketAddr, targets: &Targets) -> Result<Config, Failure> {
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
{instances}"#,
        directory = directory.display(),
        key = key.to_base64().expose(),
        instances = targets.instances(),
    );
    std::fs::write(&file, text).map_err(Failure::failed)?;
    Config::load(&Sources { file: Some(file), ..Sources::default() }).map_err(Failure::failed)
}

/// Makes a token per instance and prints what a newcomer needs.
async fn show(service: &Service, targets: &Targets, json: bool) -> Result<(), Failure> {
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
        let target = |(name, target): (&str, &StandIn)| json!({ "name": name, "url": target.base_url() });
        let targets = targets.all().map(target);
        return print(&format!("{}\n", json!({ "instances": instances, "targets": targets })));
    }
    let mut text = String::new();
    for (name, url, token) in &instances {
        let _ = writeln!(text, "instance   {name}\nSCIM base  {url}\ntoken      {}", token.expose());
        for (_, target) in targets.all().into_iter().filter(|(target, _)| target == name) {
            let (url, control) = (target.base_url(), target.control_url());
            let _ = writeln!(text, "target     {url} (a stand-in; what it was asked: {control}requests)\n");
        }
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
