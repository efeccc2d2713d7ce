//! `[store]`: which database, and the keys that seal what it holds.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr as _,
};

use connector_core::secret::Secret;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::{
    Key32, keys,
    problem::Place,
    reader::{Fields, Reader},
};

/// `[store]`.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Where the store is.
    pub url: StoreUrl,
    /// Seals what the store holds.
    pub encryption_key: Option<Key32>,
    /// Open what they sealed, and seal nothing.
    pub previous_encryption_keys: Vec<Key32>,
}

/// The database of `store.url`.
#[derive(Clone)]
pub enum StoreUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database. The URL may hold a password.
    Postgres(Secret),
}

impl StoreConfig {
    /// A SQLite file that no earlier key sealed.
    pub fn file(path: impl Into<PathBuf>, encryption_key: Option<Key32>) -> Self {
        let url = StoreUrl::Sqlite(path.into());
        Self { url, encryption_key, previous_encryption_keys: Vec::new() }
    }
}

impl StoreUrl {
    /// The file that whoever serves from a SQLite file locks. Not that file itself: SQLite's own locks on it end when any
    /// descriptor of it is closed.
    pub(crate) fn lock_file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".lock");
                Some(name.into())
            }
            Self::Postgres(_) => None,
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres([redacted])"),
        }
    }
}

/// Parameters that the driver reads; with others it would log name and value, and go on.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

const FORMS: &str = "write url = \"sqlite://connector-host.db\" or \"postgres://user:password@host/database?sslmode=verify-full\"";

/// The errors never quote the text, which may hold a password.
fn parse(text: &str) -> Result<StoreUrl, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let url = Url::parse(text).map_err(|_| format!("is no PostgreSQL URL; {FORMS}"))?;
        if url.query_pairs().any(|(name, _)| !PARAMETERS.contains(&name.as_ref())) {
            return Err(format!("has a parameter that is not known; known are {}", PARAMETERS.join(", ")));
        }
        PgConnectOptions::from_str(text).map_err(|_| {
            "has a parameter with a value that PostgreSQL does not know; sslmode is one of disable, allow, prefer, \
             require, verify-ca, verify-full"
                .to_owned()
        })?;
        return Ok(StoreUrl::Postgres(Secret::new(text)));
    }
    match text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
        Some(path) if !path.is_empty() && !path.contains(['?', '#']) && path != ":memory:" => {
            Ok(StoreUrl::Sqlite(Path::new(path).to_owned()))
        }
        _ => Err(format!("must name a SQLite file or a PostgreSQL database; {FORMS}")),
    }
}

/// Reads the table.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<StoreConfig> {
    let dict = reader.dict("store", reader.tree.values.get("store"));
    let mut fields = reader.fields(keys::STORE, "store", dict, None);
    let place = |reader: &Reader<'_>, fields: &Fields, key| -> Place {
        fields.place(key).unwrap_or_else(|| reader.tree.file())
    };
    let [url_place, key_place, previous_place] =
        ["url", "encryption_key", "previous_encryption_keys"].map(|key| place(reader, &fields, key));
    let sealed = fields.has("encryption_key");
    let url = fields.secret("url").and_then(|text| {
        let url = parse(text.expose());
        url.map_err(|what| reader.wrong(url_place, "store.url", what)).ok()
    });
    let mut key = |text: &Secret, name: &str, place: &Place| {
        let key = Key32::parse(text.expose());
        if key.is_none() {
            let what = "must be 32 bytes in base64; make one with `connector-host key generate`";
            reader.wrong(place.clone(), name, what);
        }
        key
    };
    let encryption_key =
        fields.secret("encryption_key").and_then(|text| key(&text, "store.encryption_key", &key_place));
    let previous = fields.secrets("previous_encryption_keys").unwrap_or_default();
    let previous_encryption_keys: Vec<_> = previous
        .iter()
        .enumerate()
        .filter_map(|(index, text)| {
            key(text, &format!("store.previous_encryption_keys[{index}]"), &previous_place)
        })
        .collect();
    if reader.with_secrets && !previous.is_empty() && !sealed {
        let what = "opens records, but nothing would seal new ones; set store.encryption_key as well";
        reader.wrong(previous_place, "store.previous_encryption_keys", what);
    }
    fields.finish();
    Some(StoreConfig { url: url?, encryption_key, previous_encryption_keys })
}
