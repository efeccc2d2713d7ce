//! What Webex's connector declares: credentials, permissions, limits (<https://developer.webex.com/docs/basics>).

use connector_core::spec::{ConnectorSpec, CredentialKind, Version};

use crate::oauth::OAUTH;

/// Webex's declaration. Webex publishes no numbers of its rate limits
/// (<https://developer.webex.com/blog/rate-limiting-and-the-webex-api>), so there are no budgets.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "webex",
    display_name: "Cisco Webex",
    version: Version { major: 1, minor: 0 },
    summary: "People, teams, licences and roles of a Webex organisation, through the Webex REST API.",
    target_url: "https://webexapis.com/v1",
    parameters: &[],
    credentials: &[CredentialKind::AccessToken, CredentialKind::OAuth(&OAUTH)],
    permissions: &[
        "In the Webex developer portal, create an app of the type Integration; enter the redirect URL of each data \
         centre.",
        "Tick exactly the nine scopes above: one that is not ticked makes Webex refuse the consent as `invalid_scope`, \
         and `spark:all` does not contain them.",
        "Copy Client ID and Client Secret, which is shown once, into the instance's `oauth` table.",
        "Make a service account a Full Administrator of the organisation. Scopes give no more than the account may do: \
         a Read-only Administrator's consent reads and changes nothing.",
        "Add that account as a moderator to every team that is to be managed: Webex shows an account its own teams \
         only.",
        "Start the consent, signed in as that account.",
    ],
    limitations: &[
        "Groups are the teams of the account that consented. Nothing lists the other teams of an organisation; a team \
         that this account leaves looks deleted.",
        "90 days without a refresh end the consent; the service refreshes at least every 30 days. So do the end of \
         the account that consented, or of its role.",
        "An e-mail address belongs to one account in all of Webex, free ones included.",
    ],
    budgets: &[],
    hosts: &[],
};
