//! `[instances.NAME.jwt]`: whose JWTs open an instance, and which of them.

use std::collections::BTreeMap;

use jsonwebtoken::Algorithm;
use url::Url;

use super::{
    Outbound,
    instance::check_address,
    reader::{Fields, Reader},
};

/// One issuer, and what its tokens must say.
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`, or one of those in it.
    pub audience: String,
    /// Where the issuer publishes its keys.
    pub jwks_url: Url,
    /// The signatures that count; never empty, and none whose verifier can sign.
    pub algorithms: Vec<Algorithm>,
    /// Further claims, each with the values that will do; never empty.
    pub required_claims: BTreeMap<String, Vec<String>>,
}

/// Claims that are checked anyway, and that tell no application from another.
const COMMON: &[&str] = &["iss", "aud", "exp", "nbf", "iat"];

/// Reads the table; `None` when anything about it is wrong.
pub(super) fn read(reader: &mut Reader<'_>, mut fields: Fields, outbound: &Outbound) -> Option<JwtConfig> {
    let before = reader.problems.len();
    reader.missing(&fields, "issuer", "write what the claim `iss` must be");
    reader.missing(&fields, "audience", "write what the claim `aud` must be");
    reader.missing(&fields, "jwks_url", "write the address of the issuer's keys");
    let why = "without it every application that the issuer knows may call";
    let remedy = format!("write required_claims = {{ appid = \"…\" }}; {why}");
    reader.missing(&fields, "required_claims", &remedy);
    check_address(reader, &fields, "jwks_url", outbound);
    let place = fields.place("required_claims").unwrap_or_else(|| reader.tree.file());
    let required_claims = fields.lists("required_claims");
    if let Some(claims) = &required_claims
        && claims.keys().all(|name| COMMON.contains(&name.as_str()))
    {
        let what = format!("names no claim that tells applications apart; name one, as appid or sub: {why}");
        reader.wrong(place, &fields.at("required_claims"), what);
    }
    let algorithms = fields.words("algorithms").unwrap_or_default();
    let (issuer, audience) = (fields.text("issuer"), fields.text("audience"));
    let jwks_url = fields.url("jwks_url");
    fields.finish();
    if reader.problems.len() > before {
        return None;
    }
    Some(JwtConfig {
        issuer: issuer?,
        audience: audience?,
        jwks_url: jwks_url?,
        algorithms: algorithms.iter().filter_map(|name| name.parse().ok()).collect(),
        required_claims: required_claims?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Problems, Sources, keys::JWT_ALGORITHMS};

    #[test]
    fn every_algorithm_that_may_be_listed_is_one_that_no_verifier_can_sign_with() {
        for name in JWT_ALGORITHMS {
            let algorithm: Algorithm = name.parse().unwrap();
            assert!(!matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512), "{name}");
        }
    }

    /// The table of an instance that is right otherwise; problems as lines, the file named without its directory.
    fn load(table: &str, environment: &[(&str, &str)]) -> Result<JwtConfig, Vec<String>> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("connector-host.toml");
        let instance =
            "[instances.acme]\nconnector = \"slack\"\ntarget_url = \"https://slack.example/scim/v1/\"";
        std::fs::write(&file, format!("{instance}\naccess_token = \"t\"\n{table}")).unwrap();
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let loaded = Config::load(&Sources { file: Some(file), environment, ..Sources::default() });
        let prefix = format!("{}/", directory.path().display());
        let lines = |problems: Problems| {
            problems.to_string().replace(&prefix, "").lines().map(str::to_owned).collect::<Vec<_>>()
        };
        Ok(loaded.map_err(lines)?.instances["acme"].jwt.clone().unwrap())
    }

    const JWT: &str = r#"[instances.acme.jwt]
issuer = "https://sts.windows.net/3f1c/"
audience = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
jwks_url = "https://login.microsoftonline.com/3f1c/discovery/keys"
required_claims = { appid = "1", roles = ["a", "b"] }
"#;

    #[test]
    fn a_jwt_issuer_is_pinned_to_its_algorithms_and_claims() {
        let jwt = load(JWT, &[]).unwrap();
        assert_eq!(
            jwt.issuer, "https://sts.windows.net/3f1c/",
            "to the letter, the slash at its end included"
        );
        assert_eq!(format!("{:?}", jwt.algorithms), "[RS256]", "the default");
        assert_eq!(jwt.required_claims["appid"], ["1"]);
        assert_eq!(jwt.required_claims["roles"], ["a", "b"]);

        // Entra's keys of one application.
        let queried = load(&JWT.replace("discovery/keys", "discovery/keys?appid=1"), &[]).unwrap();
        assert_eq!(queried.jwks_url.query(), Some("appid=1"));

        let variables = [
            ("CONNECTOR_HOST_INSTANCES__ACME__JWT__ALGORITHMS", "ES256, EdDSA"),
            ("CONNECTOR_HOST_INSTANCES__ACME__JWT__REQUIRED_CLAIMS__APPID", "2"),
        ];
        let jwt = load(JWT, &variables).unwrap();
        assert_eq!(format!("{:?}", jwt.algorithms), "[ES256, EdDSA]");
        assert_eq!(jwt.required_claims["appid"], ["2"]);
        let whole = ("CONNECTOR_HOST_INSTANCES__ACME__JWT__REQUIRED_CLAIMS", r#"{ azp = "3" }"#);
        let jwt = load(&JWT.replace("required_claims", "# "), &[whole]).unwrap();
        assert_eq!(jwt.required_claims["azp"], ["3"]);
    }

    #[test]
    fn what_would_let_too_many_in_stops_the_start() {
        let list = "must list one or more of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA and nothing else";
        let why = "without it every application that the issuer knows may call";
        let common =
            format!("names no claim that tells applications apart; name one, as appid or sub: {why}");
        for (line, instead, key, what) in [
            ("issuer", "", "issuer", "is missing; write what the claim `iss` must be".to_owned()),
            ("audience", "", "audience", "is missing; write what the claim `aud` must be".to_owned()),
            ("jwks_url", "", "jwks_url", "is missing; write the address of the issuer's keys".to_owned()),
            (
                "required_claims",
                "",
                "required_claims",
                format!("is missing; write required_claims = {{ appid = \"…\" }}; {why}"),
            ),
            ("required_claims", "required_claims = {}", "required_claims", common.clone()),
            ("required_claims", "required_claims = { aud = \"x\" }", "required_claims", common),
            (
                "required_claims",
                "required_claims = { a = 1 }",
                "required_claims",
                "a must be text, or a list of texts".to_owned(),
            ),
            (
                "required_claims",
                "required_claims = { a = [] }",
                "required_claims",
                "a must not be an empty list".to_owned(),
            ),
            ("issuer", "issuer = \"x\"\nalgorithms = [\"RS256\", \"HS256\"]", "algorithms", list.to_owned()),
            ("issuer", "issuer = \"x\"\nalgorithms = [\"none\"]", "algorithms", list.to_owned()),
            ("issuer", "issuer = \"x\"\nalgorithms = []", "algorithms", list.to_owned()),
            (
                "jwks_url",
                "jwks_url = \"http://10.0.0.1/keys\"",
                "jwks_url",
                "is plain http; use https://, or add \"10.0.0.1\" to outbound.allow_networks".to_owned(),
            ),
            (
                "jwks_url",
                "jwks_url = \"https://169.254.169.254/keys\"",
                "jwks_url",
                "is a link-local or cloud metadata address; add it to outbound.allow_networks".to_owned(),
            ),
        ] {
            let lines = JWT.lines().map(|own| if own.starts_with(line) { instead } else { own });
            let text = lines.collect::<Vec<_>>().join("\n");
            let expected = format!("connector-host.toml: instances.acme.jwt.{key}: {what}");
            assert_eq!(load(&text, &[]).err(), Some(vec![expected]), "{text}");
        }
    }
}
