//! What the configuration accepts, and what it says about everything else.

#![expect(clippy::unwrap_used, reason = "a failing helper is a failing test")]

mod store;

use std::{ffi::OsString, path::Path, time::Duration};

use connector_core::{
    connector::Registration,
    mapping::Direction,
    scim::Type,
    spec::{ConnectorSpec, Parameter, ParameterKind},
};
use connector_host::{
    config::{Config, Credential, MediaType, Place, Problem, Sources, StoreUrl},
    registry::Registry,
};

/// Loads `text` with these environment variables; problems as lines, the file named without its directory.
fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    load_from(text, environment, Registry::default())
}

/// The same for a build of these connectors.
fn load_from(text: &str, environment: &[(&str, &str)], registry: Registry) -> Result<Config, Vec<String>> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("connector-host.toml");
    std::fs::write(&file, text).unwrap();
    let environment =
        environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let prefix = format!("{}/", directory.path().display());
    let sources = Sources { file: Some(file), environment, registry, ..Sources::default() };
    Config::load(&sources).map_err(|problems| {
        problems.0.iter().map(|problem| problem.to_string().replace(&prefix, "")).collect()
    })
}

fn problems(text: &str, environment: &[(&str, &str)]) -> Vec<String> {
    load(text, environment).err().unwrap_or_default()
}

fn good(text: &str, environment: &[(&str, &str)]) -> Config {
    load(text, environment).unwrap_or_else(|problems| panic!("{}", problems.join("\n")))
}

/// A correct instance with `more` in its table.
fn instance(more: &str) -> String {
    format!(
        "[instances.acme]\nconnector = \"slack\"\ntarget_url = \"https://api.slack.com/scim/v1/\"\n\
         access_token = \"xoxp-secret\"\n{more}"
    )
}

const FILE: &str = "connector-host.toml: ";

#[test]
fn without_any_key_the_defaults_hold() {
    let config = good("", &[]);
    assert_eq!(config.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.server.base_url(config.server.listen), "http://127.0.0.1:8080");
    assert_eq!(config.server.request_deadline, Duration::from_secs(55));
    assert!(matches!(&config.store.url, StoreUrl::Sqlite(path) if path == Path::new("connector-host.db")));
    assert!(config.store.encryption_key.is_none() && config.instances.is_empty());
    assert!(config.outbound.allow_networks.is_empty() && config.outbound.only_networks.is_empty());
}

#[test]
fn an_instance_needs_connector_address_and_credential_alone() {
    let config = good(&instance(""), &[]);
    let acme = &config.instances["acme"];
    assert_eq!(
        (acme.name.as_str(), acme.registration.spec.name, acme.display_name.as_str()),
        ("acme", "slack", "Slack")
    );
    assert_eq!(acme.target_url.as_str(), "https://api.slack.com/scim/v1/");
    assert!(matches!(&acme.credential, Credential::AccessToken(token) if token.expose() == "xoxp-secret"));
    assert_eq!((acme.datetime_offset, acme.default_media_type), (None, MediaType::Scim));
    assert!(!acme.strict_patch && !acme.refuse_remove_all_members);
}

#[test]
fn every_key_that_is_built_is_read() {
    let text = r#"
        [server]
        listen = "[::1]:9000"
        public_url = "https://us.connect.example.com/base/"
        request_deadline_secs = 600
        [store]
        url = "sqlite:///var/lib/connector-host/store.db"
        encryption_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        [outbound]
        allow_networks = ["10.0.0.0/8", "192.0.2.7", "::1/128"]
        only_networks = ["10.1.2.3/16"]
        [instances.acme]
        connector = "slack@1"
        display_name = "Slack (Acme Grid)"
        target_url = "http://10.1.0.1:8080/scim/v1/"
        access_token = "t"
        datetime_offset = "-05:30"
        disabled_attributes = { User = ["roles", "name.middleName"], Group = [] }
        strict_patch = true
        refuse_remove_all_members = true
        default_media_type = "application/json"
        [[instances.acme.custom_attributes]]
        resource = "User"
        scim = "badge"
        target = "urn:scim:schemas:extension:enterprise:1.0.badge"
        type = "dateTime"
        multi_valued = true
        mutability = "readOnly"
        description = "The number on the badge"
        [[instances.acme.custom_attributes]]
        resource = "User"
        scim = "desk"
        target = "desk"
    "#;
    let config = good(text, &[]);
    assert_eq!(config.server.base_url(config.server.listen), "https://us.connect.example.com/base");
    let file = Path::new("/var/lib/connector-host/store.db");
    assert!(matches!(&config.store.url, StoreUrl::Sqlite(path) if path == file));
    assert_eq!(config.store.encryption_key.unwrap().bytes()[31], 31);
    let networks: Vec<_> = config.outbound.allow_networks.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "192.0.2.7/32", "::1/128"]);
    assert_eq!(config.outbound.only_networks[0].to_string(), "10.1.0.0/16");
    let acme = &config.instances["acme"];
    assert_eq!(acme.datetime_offset.unwrap().seconds(), -(5 * 3600 + 30 * 60));
    assert_eq!(acme.disabled_attributes["User"], ["roles", "name.middleName"]);
    assert_eq!((acme.default_media_type, acme.strict_patch), (MediaType::Json, true));
    let [badge, desk] = acme.custom_attributes.as_slice() else { panic!("two of them") };
    assert_eq!((badge.kind, badge.multi_valued, badge.direction), (Type::DateTime, true, Direction::Read));
    assert_eq!(badge.description.as_deref(), Some("The number on the badge"));
    assert_eq!((desk.kind, desk.multi_valued, desk.scim.as_str()), (Type::String, false, "desk"));
}

#[test]
fn the_environment_wins_over_the_file_and_its_text_is_never_guessed_at() {
    let config = good(
        &instance("strict_patch = false"),
        &[
            ("CONNECTOR_HOST_SERVER__LISTEN", "127.0.0.1:9"),
            ("CONNECTOR_HOST_SERVER__REQUEST_DEADLINE_SECS", "7"),
            ("CONNECTOR_HOST_OUTBOUND__ALLOW_NETWORKS", "127.0.0.0/8, ::1"),
            ("CONNECTOR_HOST_OUTBOUND__ONLY_NETWORKS", "[\"0.0.0.0/0\"]"),
            ("CONNECTOR_HOST_INSTANCES__ACME__ACCESS_TOKEN", "1234.5678"),
            ("CONNECTOR_HOST_INSTANCES__ACME__DISPLAY_NAME", "0123"),
            ("CONNECTOR_HOST_INSTANCES__ACME__STRICT_PATCH", "true"),
            ("CONNECTOR_HOST_INSTANCES__ACME__DISABLED_ATTRIBUTES", "{ User = [\"roles\"] }"),
            (
                "CONNECTOR_HOST_INSTANCES__ACME__CUSTOM_ATTRIBUTES",
                "[{ resource = \"User\", scim = \"badge\", target = \"b\", multi_valued = true }]",
            ),
            // An instance that the file does not know; `_` stands for `-` in its name alone.
            ("CONNECTOR_HOST_INSTANCES__EMEA_SLACK__CONNECTOR", "slack"),
            ("CONNECTOR_HOST_INSTANCES__EMEA_SLACK__TARGET_URL", "https://api.slack.com/scim/v1/"),
            ("CONNECTOR_HOST_INSTANCES__EMEA_SLACK__ACCESS_TOKEN", "true"),
        ],
    );
    assert_eq!(config.server.listen.port(), 9);
    assert_eq!(config.server.request_deadline, Duration::from_secs(7));
    assert_eq!((config.outbound.allow_networks.len(), config.outbound.only_networks.len()), (2, 1));
    let acme = &config.instances["acme"];
    assert!(matches!(&acme.credential, Credential::AccessToken(token) if token.expose() == "1234.5678"));
    assert_eq!((acme.display_name.as_str(), acme.strict_patch), ("0123", true));
    assert_eq!(acme.disabled_attributes["User"], ["roles"]);
    assert!(acme.custom_attributes[0].multi_valued);
    let emea = &config.instances["emea-slack"];
    assert!(matches!(&emea.credential, Credential::AccessToken(token) if token.expose() == "true"));
}

#[test]
fn a_variable_without_two_underscores_is_not_configuration() {
    // Kubernetes sets some of these for a service called connector-host.
    let names = ["CONNECTOR_HOST_PORT_8080_TCP_ADDR", "CONNECTOR_HOST_LOG", "CONNECTOR_HOST_LISTEN"];
    good("", &names.map(|name| (name, "nonsense")));
}

#[test]
fn a_secret_is_a_literal_a_variable_or_a_file_without_its_newline() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("token");
    std::fs::write(&file, "from-file\r\n").unwrap();
    let from_file = format!("access_token = {{ file = \"{}\" }}", file.display());
    let text = |access_token: &str| instance("").replace("access_token = \"xoxp-secret\"", access_token);
    let held = |config: Config| match &config.instances["acme"].credential {
        Credential::AccessToken(token) | Credential::ApiKey(token) => token.expose().to_owned(),
        Credential::OAuth(oauth) => oauth.client_secret.expose().to_owned(),
    };
    assert_eq!(held(good(&text(&from_file), &[])), "from-file");
    let from_env = text("access_token = { env = \"SLACK_TOKEN\" }");
    assert_eq!(held(good(&from_env, &[("SLACK_TOKEN", "0123")])), "0123");
    // What the environment points to replaces what the file points to.
    let variable = ("CONNECTOR_HOST_INSTANCES__ACME__ACCESS_TOKEN__FILE", file.to_str().unwrap());
    assert_eq!(held(good(&from_env, &[variable])), "from-file");
}

#[test]
fn the_admin_token_is_a_secret_that_a_header_can_carry() {
    let text = "[server]\nadmin_token = { env = \"ADMIN\" }";
    let config = good(text, &[("ADMIN", "s3cret-of-the-operator")]);
    assert_eq!(config.server.admin_token.as_ref().unwrap().expose(), "s3cret-of-the-operator");
    assert!(!format!("{:?}", config.server).contains("s3cret"));
    let odd = "server.admin_token: has spaces, line breaks or characters outside ASCII; no header carries it";
    assert_eq!(problems(text, &[("ADMIN", "two words")]), [format!("{FILE}{odd}")]);
}

#[test]
fn each_mistake_has_a_line_with_file_key_reason_and_remedy() {
    let cases = [
        ("[sever]", "sever: is not a known table; did you mean `server`?"),
        ("[server]\nlisten_on = \"x\"", "server.listen_on: is not a known key; did you mean `listen`?"),
        ("[server]\nlisten = 8080", "server.listen: must be text in quotes, not a number"),
        (
            "[server]\nlisten = \"localhost:8080\"",
            "server.listen: must be an IP address and a port; write it as \"127.0.0.1:8080\" or \"[::1]:8080\"",
        ),
        (
            "[server]\nrequest_deadline_secs = 601",
            "server.request_deadline_secs: must be a whole number from 1 to 600",
        ),
        (
            "[server]\nrequest_deadline_secs = -1",
            "server.request_deadline_secs: must be a whole number from 1 to 600",
        ),
        (
            "[server]\nrequest_deadline_secs = \"55\"",
            "server.request_deadline_secs: must be a whole number from 1 to 600, not text",
        ),
        (
            "[server]\npublic_url = \"connect.example.com\"",
            "server.public_url: must be an absolute URL; write it as \"https://host/path\"",
        ),
        ("server = 3", "server: must be a table, not a number"),
        (
            "[outbound]\nallow_networks = [\"10.0.0.0/33\"]",
            "outbound.allow_networks: must list networks or addresses; write them as \"10.0.0.0/8\", \"::1/128\" or \
             \"192.0.2.7\"",
        ),
        (
            "[outbound]\nallow_networks = \"::1\"",
            "outbound.allow_networks: must be a list of texts, not text",
        ),
        ("[connectors.slak]", "connectors.slak: is no connector that is built in; did you mean `slack`?"),
    ];
    for (text, line) in cases {
        assert_eq!(problems(text, &[]), [format!("{FILE}{line}")], "{text}");
    }
}

#[test]
fn each_mistake_in_an_instance_has_its_line() {
    let cases = [
        ("hide_bot = true", "hide_bot: is not a known key; did you mean `hide_bots`?"),
        ("strict_patch = \"true\"", "strict_patch: must be true or false, not text"),
        ("display_name = \" \"", "display_name: must not be empty"),
        (
            "default_media_type = \"text/html\"",
            "default_media_type: must be one of application/scim+json, application/json",
        ),
        ("disabled_attributes = [\"roles\"]", "disabled_attributes: must be a table of lists, not a list"),
        (
            "disabled_attributes = { User = [1] }",
            "disabled_attributes: User must be a list of texts; one entry is a number",
        ),
        (
            "disabled_attributes = { Usr = [\"roles\"] }",
            "disabled_attributes.Usr: is no resource type of this connector; did you mean `User`?",
        ),
        (
            "disabled_attributes = { user = [\"rolls\"] }",
            "disabled_attributes.user: lists an attribute that the mapping lacks; did you mean `roles`?",
        ),
        (
            "disabled_attributes = { User = [\"userName\"] }",
            "disabled_attributes: User userName is mandatory and cannot be disabled",
        ),
        (
            "[[instances.acme.custom_attributes]]\nresource = \"Use\"\nscim = \"a\"\ntarget = \"x\"",
            "custom_attributes[0].resource: is no resource type of this connector; did you mean `User`?",
        ),
        ("api_key = \"k\"", "api_key: is not how slack authenticates; use access_token or oauth"),
        (
            "[[instances.acme.custom_attributes]]\nresource = \"User\"\nscim = \"9lives\"\ntarget = \"x\"",
            "custom_attributes[0].scim: is no attribute name; begin with a letter, then letters, digits, - and _ (RFC \
             7643 section 2.1)",
        ),
        (
            "[[instances.acme.custom_attributes]]\nresource = \"User\"\nscim = \"badge\"\n",
            "custom_attributes[0].target: is missing; write the field's path in the target's JSON",
        ),
        (
            "[[instances.acme.custom_attributes]]\nresource = \"User\"\nscim = \"a\"\ntarget = \"x\"\ntyp = \"string\"",
            "custom_attributes[0].typ: is not a known key; did you mean `type`?",
        ),
        (
            "custom_attributes = [{ resource = \"User\", scim = \"a\", target = \"x\" }, \
             { resource = \"user\", scim = \"A\", target = \"y\" }]",
            "custom_attributes[1].scim: is there twice; give each custom attribute of a resource a name of its own",
        ),
    ];
    for (more, line) in cases {
        assert_eq!(problems(&instance(more), &[]), [format!("{FILE}instances.acme.{line}")], "{more}");
    }
}

#[test]
fn connector_credential_and_address_are_mandatory_and_fit_together() {
    let good = instance("");
    let cases = [
        (
            "connector = \"slack\"",
            "",
            "connector: is missing; built in: activecampaign@1, slack@1, webex@1, workplace@1",
        ),
        (
            "connector = \"slack\"",
            "connector = \"salesforce\"",
            "connector: is no connector that is built in; known here: activecampaign, slack, webex, workplace",
        ),
        (
            "connector = \"slack\"",
            "connector = \"slack@2\"",
            "connector: pins a major version that is not built in; built in: slack@1",
        ),
        ("connector = \"slack\"", "connector = 1", "connector: must be text in quotes, not a number"),
        (
            "target_url = \"https://api.slack.com/scim/v1/\"",
            "",
            "target_url: is missing; write target_url = \"https://api.slack.com/scim/v1/\"",
        ),
        (
            "access_token = \"xoxp-secret\"",
            "",
            "access_token: is missing; write access_token = { env = \"NAME\" } or { file = \"PATH\" }, or the table `oauth`",
        ),
        (
            "access_token = \"xoxp-secret\"",
            "api_key = \"k\"",
            "api_key: is not how slack authenticates; use access_token or oauth",
        ),
        (
            "\"xoxp-secret\"",
            "\"two words\"",
            "access_token: has spaces, line breaks or characters outside ASCII; no header carries it",
        ),
        (
            "\"xoxp-secret\"",
            "{ env = \"SLACK_TOKEN\" }",
            "access_token: the environment variable SLACK_TOKEN is not set; set it where the host is started",
        ),
        (
            "\"xoxp-secret\"",
            "{ file = \"/nowhere/token\" }",
            "access_token: the file /nowhere/token cannot be read: No such file or directory (os error 2)",
        ),
        (
            "https://api.slack.com/scim/v1/",
            "http://api.slack.com/scim/v1/",
            "target_url: is plain http; use https://, or an IP address that outbound.allow_networks admits",
        ),
        (
            "https://api.slack.com/scim/v1/",
            "http://127.0.0.1:4000/scim/v1/",
            "target_url: is plain http; use https://, or add \"127.0.0.1\" to outbound.allow_networks",
        ),
        (
            "https://api.slack.com/scim/v1/",
            "https://user:pass@api.slack.com/",
            "target_url: must not contain a user or password; write it as \"https://host/path\"",
        ),
    ];
    for (old, new, line) in cases {
        let text = good.replace(old, new);
        assert_eq!(problems(&text, &[]), [format!("{FILE}instances.acme.{line}")], "{text}");
    }
    let private = good.replace("api.slack.com", "10.0.0.7");
    let line = "instances.acme.target_url: is a private address; add it to outbound.allow_networks";
    assert_eq!(problems(&private, &[]), [format!("{FILE}{line}")]);
    let elsewhere = format!(
        "{private}\n[outbound]\nallow_networks = [\"10.0.0.0/8\"]\nonly_networks = [\"192.0.2.0/24\"]"
    );
    let line =
        "instances.acme.target_url: is outside outbound.only_networks; add it to outbound.only_networks";
    assert_eq!(problems(&elsewhere, &[]), [format!("{FILE}{line}")]);
    let loopback = good.replace("https://api.slack.com", "http://localhost:4000");
    assert_eq!(
        problems(&format!("{loopback}\n[outbound]\nallow_networks = [\"127.0.0.0/8\"]"), &[]),
        [""; 0]
    );
    assert_eq!(
        problems(&good.replace("instances.acme", "instances.Acme_Slack"), &[]),
        [format!(
            "{FILE}instances.Acme_Slack: is no instance name; use lower-case letters, digits and hyphens only"
        )]
    );
    let line = "instances.callback: is no instance name; /consent/callback is the end of every consent";
    assert_eq!(
        problems(&good.replace("instances.acme", "instances.callback"), &[]),
        [format!("{FILE}{line}")]
    );
}

#[test]
fn an_offset_is_z_or_hours_and_minutes_within_fourteen_hours() {
    let offset = |text: &str| load(&instance(&format!("datetime_offset = \"{text}\"")), &[]);
    for (text, seconds) in
        [("Z", 0), ("+00:00", 0), ("+14:00", 50_400), ("-14:00", -50_400), ("+05:45", 20_700)]
    {
        let config = offset(text).unwrap_or_else(|_| panic!("{text}"));
        assert_eq!(config.instances["acme"].datetime_offset.unwrap().seconds(), seconds);
    }
    for text in [
        "+14:01",
        "+14:30",
        "-15:00",
        "5:30",
        "+5",
        "+5:30",
        "z",
        "+05:60",
        "+0530",
        "05:30",
        "+05:30:00",
        "",
    ] {
        let line = "must be Z, or an offset from -14:00 to +14:00; write it as \"+02:00\" or \"-05:30\"";
        assert_eq!(
            offset(text).err().unwrap(),
            [format!("{FILE}instances.acme.datetime_offset: {line}")],
            "{text:?}"
        );
    }
}

#[test]
fn a_key_whose_feature_is_not_built_stops_the_start_with_that_reason() {
    static SPEC: ConnectorSpec = ConnectorSpec {
        parameters: &[Parameter { name: "later", kind: ParameterKind::Boolean, doc: "Later.", built: false }],
        ..connector_slack::SPEC
    };
    static CONNECTORS: &[Registration] = &[Registration { spec: &SPEC, ..connector_slack::REGISTRATION }];
    let registry = Registry::of(CONNECTORS);
    let found = load_from(&instance("later = true"), &[], registry).err().expect("it is refused");
    assert_eq!(found, [format!("{FILE}instances.acme.later: is not built yet; remove it")]);
    // Saying that a feature is off says what is true.
    good("[outbound]\naddresses = []\nadditional_addresses = []\nbind = false", &[]);
    good("", &[("CONNECTOR_HOST_OUTBOUND__BIND", "false")]);
}

#[test]
fn a_mistake_in_the_environment_names_the_variable() {
    let cases = [
        ("CONNECTOR_HOST_SERVER__LISTN", "x", "server.listn: is not a known key; did you mean `listen`?"),
        (
            "CONNECTOR_HOST_SERVER__REQUEST_DEADLINE_SECS",
            "0x",
            "server.request_deadline_secs: must be a whole number from 1 to 600",
        ),
        (
            "CONNECTOR_HOST_OUTBOUND__ALLOW_NETWORKS",
            "[1",
            "outbound.allow_networks: must be a TOML list, as [\"a\", \"b\"]",
        ),
        (
            "CONNECTOR_HOST_SERVER____LISTEN",
            "x",
            "server..listen: has an empty level in its name; levels are joined by exactly two underscores",
        ),
        (
            "CONNECTOR_HOST_STORE__ENCRYPTION_KEY",
            "hunter2",
            "store.encryption_key: must be 32 bytes in base64; make one with `connector-host key generate`",
        ),
        (
            "CONNECTOR_HOST_INSTANCES__ACME__STRICT_PATCH",
            "yes",
            "instances.acme.strict_patch: must be true or false",
        ),
        (
            "CONNECTOR_HOST_INSTANCES__ACME__ACCESS_TOKEN",
            "",
            "instances.acme.access_token: is empty; write the text in quotes, { env = \"NAME\" } or { file = \"PATH\" }",
        ),
    ];
    for (name, value, line) in cases {
        assert_eq!(
            problems(&instance(""), &[(name, value)]),
            [format!("environment variable {name}: {line}")]
        );
    }
}

#[test]
fn all_problems_come_at_once_each_on_one_line() {
    let text = "[server]\nlisten = 1\n[store]\nurl = 7\n[instances.b]\nconnector = \"nope\"\n\
                [instances.a]\nconnector = \"slack\"\n[instances.c]\nconnector = \"slack\"\ntarget_url = 5\n\
                access_token = 5\nodd = 1";
    let found = problems(text, &[("CONNECTOR_HOST_OUTBOUND__BIND", "true")]);
    let keys: Vec<_> = found.iter().map(|line| line.split(": ").nth(1).unwrap()).collect();
    assert_eq!(
        keys,
        [
            "instances.a.access_token",
            "instances.a.target_url",
            "instances.b.connector",
            "instances.c.access_token",
            "instances.c.odd",
            "instances.c.target_url",
            "outbound.bind",
            "server.listen",
            "store.url",
        ]
    );
    let line = Problem::new(Place::Variable("X".to_owned()), "a\nb", "two\nlines").to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn what_is_no_toml_is_found_by_its_line_and_a_secret_there_is_not_shown() {
    let found = problems("[server]\n\n[instances.acme]\naccess_token = \"hunter2\nconnector = 1", &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("connector-host.toml: line 4: is not TOML: "), "{found:?}");
    assert!(!found[0].contains("hunter2"), "{found:?}");
}

#[test]
fn no_secret_is_ever_printed() {
    let key = "store.encryption_key";
    for (text, environment) in [
        (instance("").replace("\"xoxp-secret\"", "[\"hunter2\"]"), vec![]),
        (instance("").replace("\"xoxp-secret\"", "{ hunter = \"hunter2\" }"), vec![]),
        (instance("").replace("\"xoxp-secret\"", "{ env = \"T\", file = \"hunter2\" }"), vec![]),
        (instance("").replace("xoxp-secret", "hunter2 x"), vec![]),
        (instance("").replace("access_token", "acces_token").replace("xoxp-secret", "hunter2"), vec![]),
        (instance("").replace("access_token = \"xoxp-secret\"", "api_key = \"hunter2\""), vec![]),
        (format!("{key} = \"hunter2\""), vec![]),
        (format!("{key} = {{ env = \"KEY\" }}"), vec![("KEY", "hunter2")]),
        (instance("display_name = [\"hunter2\"]"), vec![]),
        (instance("datetime_offset = \"hunter2\""), vec![]),
        (instance("").replace("https://api", "https://u:hunter2@api"), vec![]),
        ("store.url = \"postgres://u:hunter2@db/x?password=hunter2&hunter2=1\"".to_owned(), vec![]),
        ("store.url = \"postgres://u:hun?ter2=hunter2@db\"".to_owned(), vec![]),
        ("store.url = \"postgres://u:p@db?sslmode=hunter2\"".to_owned(), vec![]),
        ("store.url = { env = \"URL\" }".to_owned(), vec![("URL", "mysql://u:hunter2@db")]),
        (String::new(), vec![("CONNECTOR_HOST_STORE__ENCRYPTION_KEY", "hunter2")]),
        (String::new(), vec![("CONNECTOR_HOST_STORE__ENCRYPTION", "hunter2")]),
        (instance(""), vec![("CONNECTOR_HOST_INSTANCES__ACME__ACCESS_TOKEN", "hunter2 \n")]),
        (instance(""), vec![("CONNECTOR_HOST_INSTANCES__ACME__CUSTOM_ATTRIBUTES", "hunter2")]),
    ] {
        let found = problems(&text, &environment);
        assert!(!found.is_empty(), "{text}");
        assert!(!found.iter().any(|line| line.contains("hunter2")), "{text}: {found:?}");
    }
    let config = good(&instance(""), &[]);
    let shown = format!("{:?} {:?}", config.instances["acme"].credential, config.instances["acme"].settings);
    assert!(!shown.contains("xoxp"), "{shown}");
}

#[test]
fn an_id_is_text_or_a_whole_number_from_wherever_it_comes() {
    let account = |line: &str| {
        format!(
            "[instances.acme]\nconnector = \"activecampaign\"\ntarget_url = \"https://acme.api-us1.com/api/3\"\n\
             api_key = \"a-key\"\n{line}"
        )
    };
    let default =
        |config: &Config| config.instances["acme"].settings.text("default_group_id").map(ToOwned::to_owned);
    for line in ["default_group_id = 7", "default_group_id = \"7\""] {
        assert_eq!(default(&good(&account(line), &[])).as_deref(), Some("7"), "{line}");
    }
    let variable = [("CONNECTOR_HOST_INSTANCES__ACME__DEFAULT_GROUP_ID", "7")];
    assert_eq!(default(&good(&account(""), &variable)).as_deref(), Some("7"));
    for (value, rule) in [
        ("1.5", "must be text in quotes, or a number without sign and fraction"),
        ("-1", "must be text in quotes, or a number without sign and fraction"),
        ("true", "must be text in quotes or a whole number, not true or false"),
    ] {
        let told = problems(&account(&format!("default_group_id = {value}")), &[]);
        let rule = format!("default_group_id: {rule}");
        assert!(told.iter().any(|line| line.contains(&rule)), "{told:?}");
    }
}
