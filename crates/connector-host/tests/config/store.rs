//! `[store]`.

use std::path::Path;

use connector_host::config::StoreUrl;

use super::{FILE, good, problems};

#[test]
fn each_mistake_is_named_without_the_url() {
    let urls = "write url = \"sqlite://connector-host.db\" or \
                \"postgres://user:password@host/database?sslmode=verify-full\"";
    let cases = [
        (
            "[store]\nencryption_key = \"c2hvcnQ=\"",
            "store.encryption_key: must be 32 bytes in base64; make one with `connector-host key generate`",
        ),
        (
            "[store]\nurl = \"mysql://x\"",
            &format!("store.url: must name a SQLite file or a PostgreSQL database; {urls}"),
        ),
        ("[store]\nurl = \"postgres://u:hunter2@:x\"", &format!("store.url: is no PostgreSQL URL; {urls}")),
        (
            "[store]\nurl = \"postgres://db/x?sslmode=always\"",
            "store.url: has a parameter with a value that PostgreSQL does not know; sslmode is one of disable, allow, \
             prefer, require, verify-ca, verify-full",
        ),
        (
            "[store]\nencryption_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"\n\
             previous_encryption_keys = [\"c2hvcnQ=\"]",
            "store.previous_encryption_keys[0]: must be 32 bytes in base64; make one with `connector-host key generate`",
        ),
        (
            "[store]\nprevious_encryption_keys = [\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"]",
            "store.previous_encryption_keys: opens records, but nothing would seal new ones; set store.encryption_key \
             as well",
        ),
        (
            "[store]\nprevious_encryption_keys = [3]",
            "store.previous_encryption_keys: has an entry (number 1) that must be a secret; write the text in quotes, \
             { env = \"NAME\" } or { file = \"PATH\" }",
        ),
    ];
    for (text, line) in cases {
        assert_eq!(problems(text, &[]), [format!("{FILE}{line}")], "{text}");
    }
}

#[test]
fn the_stores_url_and_keys_may_stand_elsewhere() {
    let zero = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let one = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let url = "postgres://host:hunter2@db.example/connector?sslmode=verify-full";
    let text = format!(
        "[store]\nurl = {{ env = \"URL\" }}\nencryption_key = \"{zero}\"\n\
         previous_encryption_keys = [\"{one}\", {{ env = \"OLD\" }}]"
    );
    let config = good(&text, &[("URL", url), ("OLD", zero)]);
    assert!(matches!(&config.store.url, StoreUrl::Postgres(text) if text.expose() == url));
    let first: Vec<_> = config.store.previous_encryption_keys.iter().map(|key| key.bytes()[0]).collect();
    assert_eq!(first, [1, 0]);
    let shown = format!("{:?}", config.store);
    assert!(!shown.contains("hunter2") && !shown.contains("db.example") && !shown.contains(zero), "{shown}");

    let key = ("CONNECTOR_HOST_STORE__ENCRYPTION_KEY", zero);
    for previous in [format!("{one},{zero}"), format!("[\"{one}\", {{ env = \"OLD\" }}]")] {
        let environment =
            [key, ("CONNECTOR_HOST_STORE__PREVIOUS_ENCRYPTION_KEYS", previous.as_str()), ("OLD", zero)];
        assert_eq!(good("", &environment).store.previous_encryption_keys.len(), 2, "{previous}");
    }
    let config = good("", &[("CONNECTOR_HOST_STORE__URL", "sqlite://other.db")]);
    assert!(matches!(&config.store.url, StoreUrl::Sqlite(path) if path == Path::new("other.db")));
}
