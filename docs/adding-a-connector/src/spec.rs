//! What PagerDuty's connector declares: parameters, credential, limit.

use connector_core::spec::{Budget, ConnectorSpec, CredentialKind, Parameter, ParameterKind, Version};

/// PagerDuty's declaration. Every text stands in `docs/connectors/pagerduty.md`.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "pagerduty",
    display_name: "PagerDuty",
    version: Version { major: 1, minor: 0 },
    summary: "Users and teams of a PagerDuty account, through version 2 of its REST API.",
    target_url: "https://api.pagerduty.com",
    parameters: &[Parameter {
        name: "from_address",
        kind: ParameterKind::Text,
        doc: "E-mail address of the PagerDuty user in whose name users are created. Default: none is named, which keys of \
              an account may be refused for.",
        built: true,
    }],
    credentials: &[CredentialKind::ApiKey { header: "Authorization", prefix: "Token token=" }],
    permissions: &[
        "Sign in to PagerDuty as an administrator or the account owner.",
        "Under Integrations, Developer Tools, API Access Keys, create a key that is not read-only.",
        "Enter it as `api_key`, and the e-mail address of an administrator as `from_address`.",
    ],
    limitations: &[
        "There is no disabled state: a user is there or deleted, and deletion is for good.",
        "A user with open incidents cannot be deleted, unless the account has the offboarding feature.",
        "A team with escalation policies, services or schedules cannot be deleted.",
        "The members of each team take a call of their own.",
    ],
    budgets: &[Budget {
        name: "requests of the key",
        methods: &["GET", "POST", "PUT", "DELETE"],
        path: "",
        per_minute: 960,
        burst: 60,
    }],
    hosts: &[],
};
