//! `[instances.NAME.oauth]`: this host as a client of the vendor's authorization server.

use std::fmt;

use connector_core::{
    oauth::{OAuthSpec, Revocation},
    secret::Secret,
};
use url::Url;

use super::{
    Outbound,
    instance::check_address,
    reader::{Fields, Reader},
};

/// The path that answers the vendor's redirect.
pub const CALLBACK: &str = "/consent/callback";

/// A consent flow, ready to be walked.
#[derive(Clone)]
pub struct OAuthConfig {
    /// What the vendor's authorization server is like.
    pub spec: &'static OAuthSpec,
    /// Issued by the vendor.
    pub client_id: String,
    /// Issued by the vendor.
    pub client_secret: Secret,
    /// The redirect URL of this data centre; `None` means `{public_url}/consent/callback`.
    pub redirect_url: Option<Url>,
    /// Where the administrator's browser is sent.
    pub authorize_url: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: Url,
    /// Where tokens are given back.
    pub revoke_url: Url,
}

impl fmt::Debug for OAuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthConfig")
            .field("client_id", &self.client_id)
            .field("redirect_url", &self.redirect_url.as_ref().map(Url::as_str))
            .field("token_url", &self.token_url.as_str())
            .finish_non_exhaustive()
    }
}

impl OAuthConfig {
    /// The redirect URL that both steps name, exactly as registered with the vendor.
    pub fn redirect_url(&self, base_url: &str) -> String {
        self.redirect_url.as_ref().map_or_else(|| format!("{base_url}{CALLBACK}"), ToString::to_string)
    }

    /// An endpoint that stands beside the token endpoint.
    pub fn sibling(&self, segment: &str) -> Url {
        sibling(&self.token_url, segment)
    }
}

fn sibling(token_url: &Url, segment: &str) -> Url {
    let mut url = token_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop().push(segment);
    }
    url
}

/// Reads the table; `None` when anything about it is wrong.
pub(super) fn read(
    reader: &mut Reader<'_>,
    mut fields: Fields,
    spec: &'static OAuthSpec,
    region: Option<&str>,
    outbound: &Outbound,
) -> Option<OAuthConfig> {
    let before = reader.problems.len();
    reader.missing(&fields, "client_id", "write the client id that the vendor issued");
    if reader.with_secrets {
        let remedy = "write client_secret = { env = \"NAME\" } or { file = \"PATH\" }";
        reader.missing(&fields, "client_secret", remedy);
    }
    for key in ["token_url", "revoke_url"] {
        check_address(reader, &fields, key, outbound);
    }
    let redirect_url = redirect_url(reader, &mut fields, region);
    let usual = |text: &str| text.parse::<Url>().expect("a test parses every connector's addresses");
    let authorize_url = fields.url("authorize_url").unwrap_or_else(|| usual(spec.authorize_url));
    let token_url = fields.url("token_url").unwrap_or_else(|| usual(spec.token_url));
    let revoke_url = match spec.revocation {
        Revocation::Bearer { sibling: segment, .. } => {
            if fields.has("revoke_url") {
                let what = format!("is not known for this connector: `{segment}` beside token_url is used");
                reader.wrong_value(&fields, "revoke_url", what);
                let _ = fields.url("revoke_url");
            }
            sibling(&token_url, segment)
        }
        Revocation::Rfc7009 { url } => fields.url("revoke_url").unwrap_or_else(|| usual(url)),
    };
    let (client_id, client_secret) = (fields.text("client_id"), fields.secret("client_secret"));
    fields.finish();
    if reader.problems.len() > before {
        return None;
    }
    Some(OAuthConfig {
        spec,
        client_id: client_id?,
        client_secret: client_secret?,
        redirect_url,
        authorize_url,
        token_url,
        revoke_url,
    })
}

/// The redirect URL of this data centre. One that is missing would send the administrator of one region to the host of
/// another.
fn redirect_url(reader: &mut Reader<'_>, fields: &mut Fields, region: Option<&str>) -> Option<Url> {
    let place = fields.place("redirect_urls")?;
    let mut urls = fields.urls("redirect_urls")?;
    let at = fields.at("redirect_urls");
    let known = urls.keys().cloned().collect::<Vec<_>>().join(", ");
    let Some(region) = region else {
        let what = format!("is there, but server.region is not; write region = \"…\" there, one of {known}");
        reader.wrong(place, &at, what);
        return None;
    };
    let found = urls.remove(region);
    if found.is_none() {
        let what = format!("has no URL for server.region {region:?}; it has {known}");
        reader.wrong(place, &at, what);
    }
    found
}
