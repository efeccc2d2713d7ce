//! What Slack's connector declares: parameters, credentials, limits (<https://docs.slack.dev/reference/scim-api>).

use connector_core::spec::{Budget, ConnectorSpec, CredentialKind, Parameter, ParameterKind, Version};

use crate::oauth::OAUTH;

/// Slack's declaration.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "slack",
    display_name: "Slack",
    version: Version { major: 1, minor: 0 },
    summary: "People and IDP groups of a Slack Enterprise Grid organisation, through SCIM v1.",
    target_url: "https://api.slack.com/scim/v1/",
    parameters: &[Parameter {
        name: "hide_bots",
        kind: ParameterKind::Boolean,
        doc: "Leaves bot accounts (`@slack-bots.com`) out of lists; lists are then read whole and kept. Default false.",
        built: true,
    }],
    credentials: &[CredentialKind::AccessToken, CredentialKind::OAuth(&OAUTH)],
    permissions: &[
        "Create a Slack app; under OAuth & Permissions enter this host's redirect URL.",
        "Add the user-token scope `admin` (it does not exist for bot tokens).",
        "Manage Distribution: make all four check-list sections green, then Activate Public Distribution.",
        "Copy Client Id and Client Secret into the instance's `oauth` table.",
        "Sign in to Slack as an Org Owner of the Enterprise Grid organisation, start the consent, and choose the \
         organisation, not a workspace, in the drop-down in the upper right corner.",
    ],
    limitations: &[
        "Created users are always active; a user asked for as inactive is created and then deactivated.",
        "Deletion is soft: after DELETE the user still reads, with `active` false. Deleting it again succeeds.",
        "A user has one role at most, one address, one photo, two e-mail addresses and two phone numbers.",
        "Characters of `userName` other than letters, digits, `.`, `_` and `-` become `_`; an e-mail address becomes \
         its local part; at most 21 characters; `nickName` wins over `userName`, and both always read back equal.",
        "`userName` must differ from every user's and every channel's name.",
        "`password` is taken at creation only.",
        "There is no `meta.lastModified`.",
        "Guests can be multi-channel guests only.",
        "The token changes only accounts with equal or lower rights than the person who installed the app.",
    ],
    budgets: BUDGETS,
    hosts: &[],
};

/// <https://docs.slack.dev/reference/scim-api/rate-limits>: counted per organisation, over all SCIM apps together; a
/// request counts against its own set and the organisation-wide one.
#[rustfmt::skip]
static BUDGETS: &[Budget] = &[
    Budget { name: "all writes",    methods: &["POST", "PUT", "PATCH", "DELETE"], path: "",         per_minute: 600,  burst: 180 },
    Budget { name: "all reads",     methods: &["GET"],                            path: "",         per_minute: 1000, burst: 1000 },
    Budget { name: "read a user",   methods: &["GET"],                            path: "Users/*",  per_minute: 300,  burst: 300 },
    Budget { name: "create users",  methods: &["POST"],                           path: "Users",    per_minute: 180,  burst: 20 },
    Budget { name: "change users",  methods: &["PUT", "PATCH"],                   path: "Users/*",  per_minute: 180,  burst: 20 },
    Budget { name: "delete users",  methods: &["DELETE"],                         path: "Users/*",  per_minute: 180,  burst: 20 },
    Budget { name: "read a group",  methods: &["GET"],                            path: "Groups/*", per_minute: 300,  burst: 300 },
    Budget { name: "create groups", methods: &["POST"],                           path: "Groups",   per_minute: 180,  burst: 20 },
    Budget { name: "change groups", methods: &["PUT", "PATCH"],                   path: "Groups/*", per_minute: 180,  burst: 80 },
    Budget { name: "delete groups", methods: &["DELETE"],                         path: "Groups/*", per_minute: 180,  burst: 20 },
];
