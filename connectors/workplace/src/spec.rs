//! What Workplace's connector declares: parameters, credential, permissions, limits
//! (<https://developers.facebook.com/docs/workplace/>).

use connector_core::spec::{ConnectorSpec, CredentialKind, Parameter, ParameterKind, Version};

/// Workplace's declaration.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "workplace",
    display_name: "Facebook Workplace",
    version: Version { major: 1, minor: 0 },
    summary: "People, groups and people sets of a Workplace from Meta, which closed on 1 June 2026, through its SCIM API in both \
              editions and Graph.",
    target_url: "https://scim.workplace.com/",
    parameters: PARAMETERS,
    credentials: &[CredentialKind::ApiKey { header: "Authorization", prefix: "Bearer " }],
    permissions: &[
        "Sign in to Workplace as a system administrator, and under Admin Panel, Integrations create a custom integration. (In \
         Meta Admin Center: People, Identity providers, Custom setup; it asks for this host's addresses, knows the permission \
         Manage accounts alone, and needs none of the steps 3 to 9.)",
        "Grant *Manage accounts*: people and people sets.",
        "Grant *Manage groups*: creating groups, changing them and their members.",
        "Grant *Read group content*: reading groups.",
        "Grant *Read group membership*: reading the members of groups.",
        "Grant *Read user email*: the addresses of members.",
        "Grant *Read work profile*: title, department, division and organization of members.",
        "Grant *Manage work profiles* and *Provision user accounts*: accounts through Graph.",
        "Give the permissions on groups for *All groups*: an integration with chosen groups cannot create any, and does not see \
         every field of members.",
        "Copy the access token, which is shown once, and enter it as `api_key`. Another token for the integration ends this one.",
        "Where the integration requires the app secret's proof, enter the app secret as `app_secret`.",
        "Run `connector-host check --online`: it names every permission that is missing.",
    ],
    limitations: &[
        "**Workplace from Meta closed on 1 June 2026**, and Meta deleted its customers' data. What lives on is the SCIM 2.0 address \
         `https://scim.workplace.com/` with `/Users` alone: the account management API of Meta Admin Center (managed Meta \
         accounts), for which an instance has `users_only = true`. This connector serves those who have such an address, or an \
         archive that still answers. Whether it takes a token of a former Workplace is not known; where nobody answers, the \
         product is most likely gone, and not the people.",
        "An account that was ever claimed cannot be deleted: DELETE deactivates it (said in the log), and it still reads, with \
         `active` false. Deleting it again succeeds. Any other account is deleted for good.",
        "`userName` is an e-mail address in a verified domain. Where the community allows accounts without one, such an account \
         has its `externalId` as `userName`, in both directions.",
        "No password can be set. Creating an account invites nobody unless `invite`, the attribute `invited` or the \
         integration's own option says so; an invitation sends a mail and starts the billing.",
        "`claimed` can only be set to false; `accessCode` and `claimLink` let whoever has them take the account.",
        "Whether Workplace clears a value is not documented. What stays although it was to go is cleared once more by PATCH \
         (SCIM 2.0), and reported in the log if it still stays.",
        "A manager must exist before anybody is given that manager.",
        "Groups are those that people see, in Graph; what SCIM at Workplace calls groups are people sets, served as \
         `/PeopleSets`. Ids of the two are never mixed.",
        "Groups cannot be deleted: DELETE is refused, or archives the group where `archive_groups` is set. An archived group \
         still reads, with `archived` true.",
        "With its last member Workplace destroys a group, posts and files included; such a change is refused unless \
         `allow_last_member_removal` is set. An answer to it that has a body shows the group once more, without members; \
         afterwards it does not exist.",
        "A group without an administrator shows no members: the first member is made one, and when the last administrator \
         leaves, the member who has been there longest. The log says so.",
        "Deactivated people are not shown among the members of a group.",
        "Communities among the groups are left out. Groups of several companies can be read only.",
        "Several groups may have the same name.",
        "Members are added and removed one call each, and the members of every group take a call of their own in a list.",
        "`groups` of a user is read in a read of one user that asks for it (`attributes=groups`), and takes a call of its own.",
        "An integration that is not used for 60 days is deactivated: any read keeps it alive.",
        "Workplace publishes no rate limits. What its answers tell of them slows this host down from 80 % on; a refusal, 400 \
         with a code or 429, is waited for.",
        "In 403 answers a missing permission and Workplace's read-only time (September 2025 to May 2026) look alike.",
    ],
    budgets: &[],
    hosts: &["graph.workplace.com"],
};

#[rustfmt::skip]
static PARAMETERS: &[Parameter] = &[
    parameter("graph_url", ParameterKind::NeededUrl { example: "https://graph.workplace.com/", unless: "users_only" },
              "Base address of Graph, where groups are; older documents name `https://graph.facebook.com/`."),
    parameter("dialect", ParameterKind::Word(&["auto", "v1", "v2"]),
              "The edition of SCIM that is written: `v1` is SCIM 1.1, `v2` SCIM 2.0. Default `auto`: that of the target's answers, \
               and before the first one `v1` where the path of `target_url` says so. `check --online` tells which it is."),
    parameter("app_secret", ParameterKind::Secret,
              "The integration's app secret: signs every call, for integrations that require its proof."),
    parameter("users_only", ParameterKind::Boolean,
              "Serves users alone, without groups and people sets, as Meta Admin Center has them. Default false."),
    parameter("archive_groups", ParameterKind::Boolean,
              "Deleting a group archives it, since Workplace cannot delete groups. Default false: it is refused."),
    parameter("allow_last_member_removal", ParameterKind::Boolean,
              "Lets the last member of a group be removed, with whom Workplace destroys the group. Default false."),
    parameter("invite", ParameterKind::Boolean,
              "Invites new accounts, by mail, unless the client sets `invited` itself. Default false: the integration's own option \
               decides."),
];

const fn parameter(name: &'static str, kind: ParameterKind, doc: &'static str) -> Parameter {
    Parameter { name, kind, doc, built: true }
}
