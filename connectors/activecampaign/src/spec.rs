//! What ActiveCampaign's connector declares: parameters, credential, limit
//! (<https://developers.activecampaign.com/reference/rate-limits>).

use connector_core::spec::{Budget, ConnectorSpec, CredentialKind, Parameter, ParameterKind, Version};

/// ActiveCampaign's declaration.
pub static SPEC: ConnectorSpec = ConnectorSpec {
    name: "activecampaign",
    display_name: "ActiveCampaign",
    version: Version { major: 1, minor: 0 },
    summary: "People who log in to an ActiveCampaign account, and its permission groups, through API version 3.",
    target_url: "https://acme.api-us1.com/api/3",
    parameters: &[
        Parameter {
            name: "default_group_id",
            kind: ParameterKind::Id,
            doc: "Id of the group of new users for whom the client names none. Default: the client must name one.",
            built: true,
        },
        Parameter {
            name: "deactivate",
            kind: ParameterKind::Word(&["refuse", "delete"]),
            doc: "What setting `active` to false does, as ActiveCampaign cannot disable a user: `refuse` it, or `delete` \
                  the user for good. Default `refuse`.",
            built: true,
        },
        Parameter {
            name: "primary_admin_id",
            kind: ParameterKind::Id,
            doc: "Id of the primary admin, who is not deleted and by whom the Admin group is known. Default 1, as in every account \
                  seen.",
            built: true,
        },
    ],
    credentials: &[CredentialKind::ApiKey { header: "Api-Token", prefix: "" }],
    permissions: &[
        "Sign in to ActiveCampaign as a member of the Admin group, best as a user made for this alone: a key belongs to \
         one user and is gone with that user.",
        "Under Settings, Developer, copy URL and Key.",
        "Enter the URL as `target_url`, as it is shown: it cannot be derived from the account's name. Enter the key as \
         `api_key`.",
        "Grant new groups the contact lists they shall see, in ActiveCampaign: they may see none at first.",
    ],
    limitations: &[
        "`userName` cannot be changed after creation.",
        "There is no disabled state: `active` is always true. Deleting a user cannot be undone; the user's images and \
         templates go, and the lists pass to the primary admin.",
        "A user is put into one group: `groupId` is needed at creation, kept when a PUT omits it, and moves the user when \
         it is changed. Users who are in several groups from earlier days end in one of them at their next change.",
        "A change of a user names the present group: where ActiveCampaign does not tell it of the user, the members of all \
         groups are read.",
        "Membership is changed on the user; `members` of a group can be read only.",
        "`groups` of a user is read in a read of one user that asks for it (`attributes=groups`), and takes a call of its \
         own.",
        "The members of each group take a call of their own: a list of all groups takes a fifth of a second each, unless the \
         client leaves members out (`excludedAttributes=members`).",
        "A look-up of a user name or an address that nobody has reads all users as well, a hundred in a call: ActiveCampaign's \
         own may regard letter case.",
        "A user has one e-mail address and one telephone number: those of type work, else the only ones, else the primary \
         ones. Others are remembered here and reach ActiveCampaign in no way.",
        "The Admin group, the primary admin (id 1, unless `primary_admin_id` says otherwise) and the owner of the API key cannot be deleted; a group can be deleted \
         only when nobody is in it.",
        "Every user takes a seat of the plan, and no mail goes to a new user: the password has to be handed over.",
        "Whether telephone numbers can be written is not documented; one that was not taken is reported in the log. \
         Switch the attribute off (`disabled_attributes`) where ActiveCampaign refuses it.",
    ],
    budgets: &[Budget {
        name: "requests of the account",
        methods: &["GET", "POST", "PUT", "DELETE"],
        path: "",
        per_minute: 300,
        burst: 1,
    }],
    hosts: &[],
};
