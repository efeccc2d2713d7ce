//! `consent`: the link that starts one, what is held, and giving it up. Beside a running service, on the same store.

use std::fmt::Write as _;

use super::{print, small_runtime};
use crate::{
    app::Tasks,
    cli::Failure,
    config::{Config, Credential, OAuthConfig, Sources, problem::did_you_mean},
    consent,
    oauth::{Consented, Grant, Protocol},
    outbound::Ways,
    store::{Store, unix_now},
    time::utc,
    versions,
};

/// What of it.
pub(super) enum What {
    Link,
    Status,
    Revoke,
}

pub(super) fn run(sources: &Sources, instance: &str, what: &What) -> Result<(), Failure> {
    small_runtime()?.block_on(async {
        let config = versions::load(sources).await?;
        let oauth = oauth_of(&config, instance)?;
        let store = Store::open(&config.store).await.map_err(Failure::failed)?;
        let result = match what {
            What::Link => link(&config, &store, instance, oauth).await,
            What::Status => status(&store, instance, oauth).await,
            What::Revoke => revoke(&config, &store, instance, oauth).await,
        };
        store.close().await;
        result
    })
}

fn oauth_of<'a>(config: &'a Config, instance: &str) -> Result<&'a OAuthConfig, Failure> {
    match config.instances.get(instance).map(|instance| &instance.credential) {
        Some(Credential::OAuth(oauth)) => Ok(oauth),
        Some(Credential::AccessToken(_) | Credential::ApiKey(_)) => Err(Failure::usage(format!(
            "instances.{instance} has its credential in the configuration and needs no consent"
        ))),
        None => {
            let known = did_you_mean(instance, config.instances.keys().map(String::as_str));
            Err(Failure::usage(format!("no instance {instance:?} is configured; {known}")))
        }
    }
}

async fn link(config: &Config, store: &Store, instance: &str, oauth: &OAuthConfig) -> Result<(), Failure> {
    let base_url = config.server.base_url(config.server.listen);
    let link = consent::link(store, &base_url, instance).await.map_err(Failure::failed)?;
    eprintln!("Open this link once, within 24 hours, in the browser of the administrator who consents.");
    for advice in oauth.spec.advice {
        eprintln!("- {advice}");
    }
    print(&format!("{}\n", link.expose()))
}

async fn status(store: &Store, instance: &str, oauth: &OAuthConfig) -> Result<(), Failure> {
    let record = store.credential(instance).await.map_err(Failure::failed)?;
    let grant = record.map(|record| Grant::from_bytes(&record.plain)).transpose().map_err(Failure::failed)?;
    print(&describe(instance, grant.as_ref(), oauth))
}

fn describe(instance: &str, grant: Option<&Grant>, oauth: &OAuthConfig) -> String {
    let mut text = format!("instance         {instance}\n");
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<16} {value}");
    };
    let Some(grant) = grant else {
        line("state", format!("consent needed: run `connector-host consent {instance}`"));
        return text;
    };
    let now = unix_now();
    let lost = grant.lost.as_ref().map(|lost| format!("since {}: {}", utc(lost.at), lost.what));
    line(
        "state",
        match &lost {
            Some(lost) => format!("consent needed, {lost}"),
            None if grant.client_id != oauth.client_id => {
                "consent needed: it was given to another client_id".to_owned()
            }
            None if grant.is_expired(now) && !grant.is_renewable() => {
                "consent needed: the access token has ended".to_owned()
            }
            None => "usable".to_owned(),
        },
    );
    let known = |value: &Option<String>| value.clone().unwrap_or_else(|| "not told by the vendor".to_owned());
    line("account", known(&grant.account));
    line("organisation", known(&grant.organization));
    line("scopes", grant.scopes.join(" "));
    line("consented", utc(grant.consented_at));
    line(
        "access token",
        grant.expires_at.map_or_else(|| "does not end".to_owned(), |at| format!("until {}", utc(at))),
    );
    line(
        "refresh token",
        match (grant.is_renewable(), grant.refresh_expires_at) {
            (false, _) => "none".to_owned(),
            (true, None) => "held".to_owned(),
            (true, Some(at)) => format!("until {}", utc(at)),
        },
    );
    line("last refresh", grant.refreshed_at.map_or_else(|| "never".to_owned(), utc));
    line(
        "last failure",
        match &grant.last_failure {
            None => "none".to_owned(),
            Some(failure) => format!("{}: {}", utc(failure.at), failure.what),
        },
    );
    text
}

/// At the vendor first: what is forgotten here cannot be given back any more.
async fn revoke(config: &Config, store: &Store, instance: &str, oauth: &OAuthConfig) -> Result<(), Failure> {
    let base_url = config.server.base_url(config.server.listen);
    let connector = config.instances[instance].registration.spec.name;
    let ways = Ways::open(config).map_err(Failure::usage)?;
    let protocol = Protocol::new(oauth.clone(), ways.of(connector).clone());
    let page = consent::page_url(&base_url, instance);
    let held = Consented::load(instance, protocol, store.clone(), Tasks::default(), page)
        .await
        .map_err(Failure::failed)?;
    let revoked = held.give_up().await.map_err(|error| {
        Failure::failed(format!(
            "the vendor could not be told ({error}); the consent is still held, try again"
        ))
    })?;
    let Some(revoked) = revoked else {
        return Err(Failure::failed(format!("{instance} holds no consent; nothing was done")));
    };
    store.record_audit(instance, "cli", "consent.revoked", "").await.map_err(Failure::failed)?;
    if revoked {
        eprintln!("revoked at the vendor and forgotten");
    } else {
        eprintln!(
            "forgotten; the vendor did not confirm that it revoked the token (it may have ended before)"
        );
    }
    Ok(())
}
