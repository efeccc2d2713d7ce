//! The files of a new connector: those of `template/`, which are a connector called `newtarget`.

use super::{Auth, Wanted};

macro_rules! templates {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("template/", $path)))),*]
    };
}

/// The crate: path within it, and text.
const CRATE: &[(&str, &str)] = templates! {
    "Cargo.toml.template"
    "README.md"
    "src/lib.rs"
    "src/check.rs"
    "src/errors.rs"
    "src/mapping.rs"
    "src/page.rs"
    "src/settings.rs"
    "src/spec.rs"
    "src/users.rs"
    "tests/behaviour.rs"
    "tests/fixtures/user.json"
    "tests/tables.rs"
};

const OAUTH: &str = include_str!("template/src/oauth.rs");
const SANDBOX: &str = include_str!("template/sandbox/mod.rs");

/// Every file, by its path from the root.
pub(super) fn files(wanted: &Wanted) -> Vec<(String, String)> {
    let name = wanted.name.lower();
    let own = |path: &str| format!("connectors/{name}/{}", path.trim_end_matches(".template"));
    let mut files: Vec<_> = CRATE.iter().map(|(path, text)| (own(path), written(wanted, text))).collect();
    if wanted.auth == Auth::Consent {
        files.push((own("src/oauth.rs"), written(wanted, OAUTH)));
    }
    if wanted.sandbox {
        files.push((format!("crates/connector-sandbox/src/{name}/mod.rs"), written(wanted, SANDBOX)));
    }
    files
}

/// A template with the connector's name and credential.
fn written(wanted: &Wanted, template: &str) -> String {
    let (credentials, oauth_use, oauth_mod) = match wanted.auth {
        Auth::Bearer => ("CredentialKind::AccessToken", "", ""),
        Auth::Header => ("CredentialKind::ApiKey { header: \"Fill-In\", prefix: \"\" }", "", ""),
        Auth::Consent => (
            "CredentialKind::AccessToken, CredentialKind::OAuth(&OAUTH)",
            "\nuse crate::oauth::OAUTH;\n",
            "pub mod mapping;\nmod oauth;\n",
        ),
    };
    let text = template
        .replace("/*credentials*/", credentials)
        .replace("/*oauth-use*/\n", &format!("{oauth_use}\n"));
    let text = if oauth_mod.is_empty() { text } else { text.replace("pub mod mapping;\n", oauth_mod) };
    text.replace("newtarget", wanted.name.lower()).replace("Newtarget", &wanted.name.upper())
}
