//! Serves one stand-in until told to stop; tells its addresses and credentials in one line of JSON.

use std::net::SocketAddr;
use std::process::ExitCode;

use connector_sandbox::{activecampaign, slack, webex, workplace};
use serde_json::{Value, json};

const USAGE: &str = "usage: connector-sandbox slack|webex|activecampaign|workplace [--listen ADDRESS:PORT] [--users N] [--groups N] [--fast]

Serves a stand-in of that target until Ctrl-C or SIGTERM and prints one line of JSON with its addresses and credentials.

  --listen ADDRESS:PORT  where to listen; port 0 takes any that is free (127.0.0.1:0)
  --users N              how many users to begin with (slack 250, webex 1200, activecampaign 120, workplace 400)
  --groups N             how many groups or teams to begin with (slack 12, webex 15, activecampaign 9, workplace 14)
  --fast                 no rate limits, faults or request log: for load tests";

/// What the command line asks for.
struct Arguments {
    target: Target,
    listen: SocketAddr,
    users: Option<usize>,
    groups: Option<usize>,
    fast: bool,
}

/// The stand-ins there are.
enum Target {
    Slack,
    Webex,
    ActiveCampaign,
    Workplace,
}

impl Target {
    const NAMES: [(&str, Self); 4] = [
        ("slack", Self::Slack),
        ("webex", Self::Webex),
        ("activecampaign", Self::ActiveCampaign),
        ("workplace", Self::Workplace),
    ];

    /// The stand-in of that name.
    fn named(name: Option<&str>) -> Result<Self, String> {
        let known = || Self::NAMES.map(|(name, _)| name).join(", ");
        let Some(name) = name else { return Err(format!("which stand-in? There are: {}", known())) };
        let found = Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, target)| target);
        found.ok_or_else(|| format!("there is no stand-in named {name}; there are: {}", known()))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help" || word == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let arguments = match parse(&words) {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn parse(words: &[String]) -> Result<Arguments, String> {
    let mut words = words.iter();
    let target = Target::named(words.next().map(String::as_str))?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut arguments = Arguments { target, listen, users: None, groups: None, fast: false };
    while let Some(word) = words.next() {
        let (name, mut value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let mut value = || {
            let value = value.take().or_else(|| words.next().map(String::as_str));
            value.ok_or_else(|| format!("{name} needs a value"))
        };
        let number = |text: &str| text.parse().map_err(|_| format!("{name} needs a number, not {text}"));
        match name {
            "--listen" => {
                let text = value()?;
                let bad = |_| format!("--listen needs ADDRESS:PORT such as 127.0.0.1:0, not {text}");
                arguments.listen = text.parse().map_err(bad)?;
            }
            "--users" => arguments.users = Some(number(value()?)?),
            "--groups" => arguments.groups = Some(number(value()?)?),
            "--fast" => arguments.fast = true,
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(arguments)
}

async fn serve(arguments: Arguments) -> std::io::Result<()> {
    // Listening first: whoever has read the line may stop it at once.
    let stopped = stop_signal()?;
    match arguments.target {
        Target::Slack => {
            let usual = slack::Options::default();
            let options = slack::Options {
                users: arguments.users.unwrap_or(usual.users),
                groups: arguments.groups.unwrap_or(usual.groups),
                fast: arguments.fast,
                ..usual
            };
            let slack = slack::start(arguments.listen, options).await?;
            println!("{}", about_slack(&slack));
            stopped.await;
            slack.shutdown().await;
        }
        Target::Webex => {
            let usual = webex::Options::default();
            let options = webex::Options {
                people: arguments.users.unwrap_or(usual.people),
                teams: arguments.groups.unwrap_or(usual.teams),
                fast: arguments.fast,
                ..usual
            };
            let webex = webex::start(arguments.listen, options).await?;
            println!("{}", about_webex(&webex));
            stopped.await;
            webex.shutdown().await;
        }
        Target::ActiveCampaign => {
            let usual = activecampaign::Options::default();
            let options = activecampaign::Options {
                users: arguments.users.unwrap_or(usual.users),
                groups: arguments.groups.unwrap_or(usual.groups),
                fast: arguments.fast,
                ..usual
            };
            let activecampaign = activecampaign::start(arguments.listen, options).await?;
            println!("{}", about_activecampaign(&activecampaign));
            stopped.await;
            activecampaign.shutdown().await;
        }
        Target::Workplace => {
            let usual = workplace::Options::default();
            let options = workplace::Options {
                people: arguments.users.unwrap_or(usual.people),
                groups: arguments.groups.unwrap_or(usual.groups),
                fast: arguments.fast,
                ..usual
            };
            let workplace = workplace::start(arguments.listen, options).await?;
            println!("{}", about_workplace(&workplace));
            stopped.await;
            workplace.shutdown().await;
        }
    }
    Ok(())
}

fn about_slack(slack: &slack::Slack) -> Value {
    json!({
        "name": "slack",
        "scim_url": slack.scim_url(),
        "token": slack.token(),
        "authorize_url": slack.authorize_url(),
        "token_url": slack.token_url(),
        "client_id": slack.client_id(),
        "client_secret": slack.client_secret(),
        "control_url": slack.control_url(),
        "no_admin_token": slack.no_admin_token(),
        "workspace_token": slack.workspace_token(),
        "admin_token": slack.admin_token(),
    })
}

fn about_webex(webex: &webex::Webex) -> Value {
    json!({
        "name": "webex",
        "api_url": webex.api_url(),
        "token": webex.token(),
        "refresh_token": webex.refresh_token(),
        "authorize_url": webex.authorize_url(),
        "token_url": webex.token_url(),
        "revoke_url": webex.revoke_url(),
        "client_id": webex.client_id(),
        "client_secret": webex.client_secret(),
        "control_url": webex.control_url(),
    })
}

fn about_activecampaign(activecampaign: &activecampaign::ActiveCampaign) -> Value {
    json!({
        "name": "activecampaign",
        "api_url": activecampaign.api_url(),
        "key": activecampaign.key(),
        "control_url": activecampaign.control_url(),
    })
}

fn about_workplace(workplace: &workplace::Workplace) -> Value {
    json!({
        "name": "workplace",
        "scim_url": workplace.scim_url(),
        "scim_v1_url": workplace.scim_v1_url(),
        "graph_url": workplace.graph_url(),
        "token": workplace.token(),
        "app_secret": workplace.app_secret(),
        "control_url": workplace.control_url(),
    })
}

/// Listens for Ctrl-C and SIGTERM from now on; what it returns ends at the first of them.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Listens for Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let interrupt = tokio::spawn(tokio::signal::ctrl_c());
    Ok(async move {
        // An error leaves nothing to wait for, which is a reason to stop as well.
        let _ = interrupt.await;
    })
}
