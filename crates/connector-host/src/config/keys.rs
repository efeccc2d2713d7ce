//! The keys of the configuration: parsing, the search for unknown keys and the docs all read these tables.

/// One key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What holds when it is not set, written as in an environment variable. `None`: nothing, or the doc says.
    pub default: Option<&'static str>,
    /// One sentence.
    pub doc: &'static str,
    /// Whether its feature is there.
    pub status: Status,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within these bounds.
    Integer {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// Text on one line.
    Text,
    /// Text on one line, or a whole number that stands for it.
    Id,
    /// An absolute `http` or `https` URL without user, query and fragment.
    Url,
    /// The same, where a query may belong to it.
    UrlWithQuery,
    /// An IP address with port.
    Address,
    /// `Z`, or an offset from UTC as `+HH:mm` or `-HH:mm` within 14 hours.
    Offset,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of some of these words, at least one.
    Words(&'static [&'static str]),
    /// A literal, `{ env = "NAME" }` or `{ file = "PATH" }`.
    Secret,
    /// The same, for text that is a secret only in parts: commands that need no secret read it too.
    TextOrSecret,
    /// A list of secrets.
    Secrets,
    /// A list of texts.
    List,
    /// A list of networks, `10.0.0.0/8` or a single address.
    Networks,
    /// A table of lists of texts.
    Lists,
    /// A list of tables with these keys.
    Rows(&'static [Key]),
    /// A table with these keys.
    Group(&'static [Key]),
    /// A table of texts and lists of texts.
    Claims,
    /// A table of URLs, by names of the operator's choice.
    Urls,
    /// A table whose content nobody reads yet.
    Table,
}

/// Whether the feature behind a key is there.
#[derive(Debug, Clone, Copy)]
pub enum Status {
    /// It is.
    Built,
    /// Setting the key stops the start; this says what to do meanwhile.
    NotBuilt(&'static str),
}

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, default: None, doc, status: Status::Built }
}

impl Key {
    const fn default(mut self, text: &'static str) -> Self {
        self.default = Some(text);
        self
    }
}

/// `[server]`.
#[rustfmt::skip]
pub static SERVER: &[Key] = &[
    key("listen", Kind::Address, "Address and port the service listens on.").default("127.0.0.1:8080"),
    key("public_url", Kind::Url, "Base of `meta.location` and of consent links. Default: `http://<listen>`."),
    key("request_deadline_secs", Kind::Integer { min: 1, max: 600 }, "How long a request may take in all.").default("55"),
    key("region", Kind::Text, "This deployment's data centre; picks the redirect URL of an instance."),
    key("admin_token", Kind::Secret, "Bearer token of `/admin/v1`, which does not exist without one."),
    key("proxy", Kind::Url, "An HTTP proxy for every request to targets. It resolves names itself, so addresses are checked as this machine resolves them. Proxies of the environment are ignored."),
];

/// `[store]`.
#[rustfmt::skip]
pub static STORE: &[Key] = &[
    key("url", Kind::TextOrSecret, "Where the store is: `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full` for several replicas.").default("sqlite://connector-host.db"),
    key("encryption_key", Kind::Secret, "32 bytes in base64 (`connector-host key generate`) that seal what the store holds."),
    key("previous_encryption_keys", Kind::Secrets, "Keys that still open what they sealed before `encryption_key` took their place; `connector-host key rotate` makes them superfluous.").default(""),
];

/// `[outbound]`.
#[rustfmt::skip]
pub static OUTBOUND: &[Key] = &[
    key("allow_networks", Kind::Networks, "Reserved ranges (loopback, private …) that may be reached all the same.").default(""),
    key("only_networks", Kind::Networks, "When not empty, nothing outside these is reached.").default(""),
    key("addresses", Kind::Networks, "Published: requests come from one of these addresses or networks.").default(""),
    key("additional_addresses", Kind::Networks, "Published: requests may come from these later.").default(""),
    key("bind", Kind::Boolean, "Bind each connection to one of `addresses` that this machine holds, each in turn.").default("false"),
];

/// `[connectors.NAME]`.
#[rustfmt::skip]
pub static CONNECTOR: &[Key] = &[
    key("outbound", Kind::Group(CONNECTOR_OUTBOUND), "Source addresses of one connector, in place of those of `[outbound]`."),
];

/// `[connectors.NAME.outbound]`.
#[rustfmt::skip]
pub static CONNECTOR_OUTBOUND: &[Key] = &[
    key("addresses", Kind::Networks, "Published for this connector: requests come from one of these."),
    key("additional_addresses", Kind::Networks, "Published for this connector: requests may come from these later."),
];

/// `[instances.NAME]`, beside the keys that its connector declares.
#[rustfmt::skip]
pub static INSTANCE: &[Key] = &[
    key("connector", Kind::Text, "The connector, as `slack`, or pinned to a major version, as `slack@1`."),
    key("display_name", Kind::Text, "For people. Default: the vendor's name of the application."),
    key("target_url", Kind::Url, "Base address of the target's API."),
    key("access_token", Kind::Secret, "A bearer token obtained elsewhere."),
    key("api_key", Kind::Secret, "A key issued by the vendor."),
    key("datetime_offset", Kind::Offset, "Replaces the target's own offset when date-times are read. Leave out unless the target's clock is wrong."),
    key("disabled_attributes", Kind::Lists, "Per resource type, attributes that are neither shown, read nor written."),
    key("custom_attributes", Kind::Rows(CUSTOM_ATTRIBUTE), "Target fields that the mapping lacks, under the instance's own extension URN."),
    key("strict_patch", Kind::Boolean, "Refuses PATCH operations that RFC 7644 does not allow instead of repairing them.").default("false"),
    key("refuse_remove_all_members", Kind::Boolean, "Refuses a PATCH that removes `members` without naming any.").default("false"),
    key("default_media_type", Kind::Word(&["application/scim+json", "application/json"]), "Of answers to clients that accept both.").default("application/scim+json"),
    key("budget_percent", Kind::Integer { min: 1, max: 1_000_000 }, "How much of the vendor's published rate limits this instance uses: less where another application uses them too, more where the vendor grants more.").default("100"),
    key("adopt_existing", Kind::Boolean, "A create that meets an existing object of the same name takes it over, with everything the request names, instead of being answered 409.").default("false"),
    key("oauth", Kind::Group(OAUTH), "The consent flow: this host's registration as a client of the vendor."),
    key("jwt", Kind::Group(JWT), "Inbound JWTs of one issuer, beside tokens and clients of this host."),
];

/// `[instances.NAME.oauth]`.
#[rustfmt::skip]
pub static OAUTH: &[Key] = &[
    key("client_id", Kind::Text, "The client id that the vendor issued."),
    key("client_secret", Kind::Secret, "The client secret that the vendor issued."),
    key("redirect_urls", Kind::Urls, "Per data centre (`server.region`), the redirect URL registered with the vendor. Default: `{public_url}/consent/callback`."),
    key("authorize_url", Kind::Url, "Where the administrator's browser is sent. Default: the vendor's."),
    key("token_url", Kind::Url, "Where codes and refresh tokens are exchanged. Default: the vendor's."),
    key("revoke_url", Kind::Url, "Where tokens are given back, for a vendor that has such an address apart. Default: the vendor's."),
];

/// `[instances.NAME.jwt]`.
#[rustfmt::skip]
pub static JWT: &[Key] = &[
    key("issuer", Kind::Text, "What the claim `iss` must be, to the letter."),
    key("audience", Kind::Text, "What the claim `aud` must be or hold."),
    key("jwks_url", Kind::UrlWithQuery, "Where the issuer publishes its keys (RFC 7517)."),
    key("algorithms", Kind::Words(JWT_ALGORITHMS), "The signatures that count.").default("RS256"),
    key("required_claims", Kind::Claims, "Claims and what each must be, or hold where it is a list; a list of texts: one of these. At least one beyond issuer and audience, which many applications may share."),
];

/// Every algorithm of RFC 7518 and RFC 8037 whose verifier cannot sign.
pub const JWT_ALGORITHMS: &[&str] =
    &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// `[[instances.NAME.custom_attributes]]`.
#[rustfmt::skip]
pub static CUSTOM_ATTRIBUTE: &[Key] = &[
    key("resource", Kind::Text, "The resource type, as `User`."),
    key("scim", Kind::Text, "The attribute's name in SCIM."),
    key("target", Kind::Text, "The field's path in the target's JSON."),
    key("type", Kind::Word(&["binary", "boolean", "dateTime", "decimal", "integer", "string"]), "The data type.").default("string"),
    key("multi_valued", Kind::Boolean, "Whether it holds a list.").default("false"),
    key("mutability", Kind::Word(&["readWrite", "readOnly", "writeOnly", "immutable"]), "Who may write it.").default("readWrite"),
    key("description", Kind::Text, "For the schema."),
];

/// The top-level tables: name and keys of each, for docs. `connectors` and `instances` hold one table per name.
pub static TABLES: &[(&str, &[Key])] = &[
    ("server", SERVER),
    ("store", STORE),
    ("outbound", OUTBOUND),
    ("connectors", CONNECTOR),
    ("instances", INSTANCE),
];
