//! `check`, and `check --online`.

use std::{sync::Arc, time::Duration};

use connector_core::{
    complete::{NoSpill, SnapshotSpace},
    connector::Checked,
    http::Cx,
    ledger::NoLedger,
};
use tokio::{task::JoinSet, time::Instant};

use super::{print, serve::start_failure, small_runtime};
use crate::{
    app::{self, Tasks},
    cli::Failure,
    config::{CALLBACK, Config, Credential, InstanceConfig, Sources},
    consent,
    instances::{self, Consents, Instances},
    outbound::Ways,
    store::Store,
    versions,
};

/// The longest wait for one target; a person is waiting.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says what is wrong with the configuration; online also whether each target answers with its credential.
pub(super) fn run(sources: &Sources, online: bool) -> Result<(), Failure> {
    let runtime = small_runtime()?;
    let config = match runtime.block_on(versions::load(sources)) {
        // Without a network the store may be out of reach, and the rest can be checked all the same.
        Err(Failure::Failed(error)) if !online => {
            eprintln!("warning: {error}; instances without a pin are checked as the newest version");
            Config::load(sources).map_err(Failure::usage)?
        }
        config => config?,
    };
    // Bound addresses are this machine's: no network is needed to see them.
    let ways = Ways::open(&config).map_err(Failure::usage)?;
    for warning in unreachable(&config, &ways).into_iter().chain(warnings(&config)) {
        eprintln!("warning: {warning}");
    }
    if !online {
        return Ok(());
    }
    runtime.block_on(targets(&config))
}

/// Addresses that can never be reached, whatever stands there.
fn unreachable(config: &Config, ways: &Ways) -> Vec<String> {
    let mut unreachable = Vec::new();
    for (name, instance) in &config.instances {
        let way = ways.of(instance.registration.spec.name);
        for (key, url) in instance.addresses() {
            // Keys of an issuer belong to no connector.
            let way = if key == "jwt.jwks_url" { ways.all() } else { way };
            if let Err(error) = way.check(&url) {
                unreachable.push(format!("instances.{name}: {key} can never be reached: {error}"));
            }
        }
    }
    unreachable
}

/// What works, but perhaps not as the operator thinks.
fn warnings(config: &Config) -> Vec<String> {
    let base_url = config.server.base_url(config.server.listen);
    let mut warnings = Vec::new();
    for (name, instance) in &config.instances {
        let Credential::OAuth(oauth) = &instance.credential else { continue };
        let redirect_url = oauth.redirect_url(&base_url);
        if !consent::binds_browser(&base_url, &redirect_url) {
            warnings.push(format!(
                "instances.{name}.oauth: the redirect URL {redirect_url} has another origin than the consent link \
                 ({base_url}), so no cookie binds the consent to a browser; its state and ticket alone do"
            ));
        }
        if !redirect_url.ends_with(CALLBACK) {
            warnings.push(format!(
                "instances.{name}.oauth: the redirect URL {redirect_url} does not end in {CALLBACK}, the only path that \
                 answers here; whatever stands before this service must lead there"
            ));
        }
    }
    warnings
}

async fn targets(config: &Config) -> Result<(), Failure> {
    let base_url = config.server.base_url(config.server.listen);
    let (ways, tasks) = (Ways::open(config).map_err(Failure::usage)?, Tasks::default());
    let lives_by_consent = |instance: &InstanceConfig| matches!(instance.credential, Credential::OAuth(_));
    let consents = if config.instances.values().any(lives_by_consent) {
        let store = Store::open(&config.store).await.map_err(Failure::failed)?;
        instances::consents(config, &ways, &store, &tasks, &base_url).await.map_err(Failure::failed)?
    } else {
        Consents::new()
    };
    let instances = Instances::build(
        config,
        &ways,
        &consents,
        |name| app::scim_url(&base_url, name),
        |_| Arc::new(NoLedger),
        &SnapshotSpace::new(Arc::new(NoSpill)),
    )
    .map_err(start_failure)?;
    let deadline = Instant::now() + PATIENCE.min(config.server.request_deadline);
    let mut asked = JoinSet::new();
    for instance in instances.iter().cloned() {
        asked.spawn(async move {
            let core = &instance.core;
            let cx = Cx::new(&core.door, &core.settings, deadline, "check");
            let answer = core.connector.check(&cx).await.map_err(|error| error.to_string());
            (core.name.clone(), answer)
        });
    }
    let mut answers = asked.join_all().await;
    answers.sort_by(|(left, _), (right, _)| left.cmp(right));
    tasks.ended().await;
    let mut failed = Vec::new();
    for (name, answer) in answers {
        match answer {
            Ok(checked) => {
                print(&format!("{name}: the target answers{}\n", whose(&checked)))?;
                for note in &checked.notes {
                    eprintln!("{name}: {note}");
                }
                failed.extend(checked.problems.iter().map(|problem| format!("{name}: {problem}")));
            }
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(Failure::Failed(failed.join("\n"))) }
}

fn whose(checked: &Checked) -> String {
    let names: Vec<_> = checked.account.iter().chain(&checked.organization).map(String::as_str).collect();
    if names.is_empty() { String::new() } else { format!(" to {}", names.join(" of ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(public_url: &str, redirect_url: &str) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("connector-host.toml");
        let key = crate::config::Key32::generate().unwrap();
        let text = format!(
            "[server]\npublic_url = \"{public_url}\"\nregion = \"us\"\n[store]\nencryption_key = \"{}\"\n\
             [instances.acme]\nconnector = \"slack\"\ntarget_url = \"https://api.slack.com/scim/v1/\"\n\
             [instances.acme.oauth]\nclient_id = \"1\"\nclient_secret = \"s\"\n\
             redirect_urls = {{ us = \"{redirect_url}\" }}\n",
            key.to_base64().expose(),
        );
        std::fs::write(&file, text).unwrap();
        warnings(&Config::load(&Sources { file: Some(file), ..Sources::default() }).unwrap())
    }

    #[test]
    fn a_redirect_url_that_no_cookie_reaches_is_warned_of() {
        let own = "https://us.example";
        assert_eq!(warned(own, "https://us.example/consent/callback"), [""; 0]);
        let elsewhere = warned(own, "https://login.example/consent/callback");
        assert!(elsewhere.len() == 1 && elsewhere[0].contains("no cookie binds"), "{elsewhere:?}");
        let astray = warned(own, "https://us.example/oauth");
        assert!(astray.len() == 1 && astray[0].contains("does not end in /consent/callback"), "{astray:?}");
    }
}
