//! What Webex's connector declares: credentials, permissions, limits (<https://developer.webex.com/docs/basics>).

use connector_core::spec::{ConnectorSpec, CredentialKind, Parameter, ParameterKind, Version};

use crate::oauth::OAUTH;

/// Webex's declaration. Webex publishes no numbers of its rate limits
/// (<https://developer.webex.com/blog/rate-limiting-and-the-webex-api>), so there are no budgets.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "webex",
    display_name: "Cisco Webex",
    version: Version { major: 1, minor: 0 },
    summary: "People, teams, licences and roles of a Webex organisation, through the Webex REST API.",
    target_url: "https://webexapis.com/v1",
    parameters: &[
        Parameter {
            name: "allow_team_delete",
            kind: ParameterKind::Boolean,
            doc: "Whether a group may be deleted: in Webex all spaces of the team are deleted with it, and everything in \
                  them. Default false.",
            built: true,
        },
        Parameter {
            name: "strict_licences",
            kind: ParameterKind::Boolean,
            doc: "Whether a licence that Webex does not give, for want of units, fails the request; otherwise the answer \
                  shows what is held and the log names what is missing. Default false.",
            built: true,
        },
    ],
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
        "An e-mail address belongs to one account in all of Webex, free ones included: one that is used elsewhere is \
         refused as 409, until the domain is claimed or the other account removed.",
        "Where a directory is synchronised (Directory Connector, Entra ID), Webex refuses or overwrites changes of people.",
        "Webex may send a welcome mail to new people, and its licence templates may give licences that nobody asked for.",
        "Somebody who is invited and has not signed in yet is active. Webex shows no difference when such a person's sign-in \
         is blocked; this host remembers that it was, until the invitation is accepted.",
        "The account that consented is a member of every team: it is not shown among `members`, and no change removes it. \
         Members of other organisations leave a team only when they are removed by name.",
        "A team's last moderator cannot be removed. Deleting a team is refused unless `allow_team_delete` is set.",
        "Telephone numbers are written for people with Webex Calling only, and of type work only; `locationId` only together \
         with the Calling licence. Taking a Calling licence away destroys its number, forwarding and voicemail for good.",
        "Licences that Webex gives by itself (their codes begin with F) stay when they are left out. One that has no unit left is \
         skipped; see `strict_licences`.",
        "The members of each team take a call of their own: a list of all groups takes time.",
        "Every person of Webex has a `displayName`: one that is left out is made of the names, else it is the address.",
    ],
    budgets: &[],
    hosts: &[],
};
