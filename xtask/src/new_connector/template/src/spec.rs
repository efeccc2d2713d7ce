//! What Newtarget's connector declares: credentials, permissions, limits.

use connector_core::spec::{ConnectorSpec, CredentialKind, Version};
/*oauth-use*/
/// Newtarget's declaration. Every text stands in `docs/connectors/newtarget.md`.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "newtarget",
    display_name: "Newtarget",
    version: Version { major: 1, minor: 0 },
    summary: "FILL IN: which objects of which edition, through which API, in one sentence.",
    target_url: "https://fill-in.invalid/v1",
    parameters: &[],
    credentials: &[/*credentials*/],
    permissions: &[
        "FILL IN: what an administrator clicks in the target, one step a line, until the credential is there.",
    ],
    limitations: &[
        "FILL IN: what the target cannot do, one sentence each; nothing, if it can do everything.",
    ],
    // The vendor's published limits, each with the methods and the path it counts; nothing where it publishes none.
    budgets: &[],
    hosts: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declaration_is_filled_in() {
        let mut texts = vec![SPEC.summary.to_owned(), format!("target_url: {}", SPEC.target_url)];
        texts.extend(SPEC.permissions.iter().chain(SPEC.limitations).map(|&text| text.to_owned()));
        texts.extend(SPEC.credentials.iter().map(|kind| match kind {
            CredentialKind::AccessToken => String::new(),
            CredentialKind::ApiKey { header, .. } => format!("api_key is sent in the header {header}"),
            CredentialKind::OAuth(oauth) => format!("oauth: {} {}", oauth.authorize_url, oauth.token_url),
        }));
        texts.retain(|text| text.to_uppercase().replace('-', " ").contains("FILL IN"));
        assert!(
            texts.is_empty(),
            "left to do in connectors/newtarget/src/spec.rs:\n  {}",
            texts.join("\n  ")
        );
    }
}
