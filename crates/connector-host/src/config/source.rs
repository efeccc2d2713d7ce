//! The layers of the configuration, merged by figment: file, then environment, then flags. (Defaults stand in the
//! key tables.)
//!
//! Values from the environment and from flags stay the text they are until the key table says what they should be:
//! guessing would turn the client id `1234.5678` into a number.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata, Profile, Provider, Source,
    value::{Dict, Map, Tag, Value},
};

use super::problem::{Place, Problem};
use crate::registry::Registry;

/// Variables whose name begins like this and contains `__` are configuration.
pub const PREFIX: &str = "CONNECTOR_HOST_";

/// The file that is read without `--config`.
pub const DEFAULT_FILE: &str = "connector-host.toml";

const ENVIRONMENT: &str = "environment";
const FLAGS: &str = "flags";

/// Where the configuration comes from. (No `Debug`: the environment holds secrets.)
#[derive(Clone, Default)]
pub struct Sources {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// The process's environment: configuration and the secrets that it points to.
    pub environment: BTreeMap<OsString, OsString>,
    /// Flag, key path and value.
    pub flags: Vec<(&'static str, &'static str, String)>,
    /// The connectors there are.
    pub registry: Registry,
    /// Which major version instances without a pin run, as the store records it.
    pub pins: Pins,
}

/// Connector and major version, by instance.
pub type Pins = BTreeMap<String, (String, u16)>;

impl Sources {
    /// This process's environment, and `file`.
    pub fn of_process(file: Option<PathBuf>, registry: Registry) -> Self {
        Self { file, environment: std::env::vars_os().collect(), registry, ..Self::default() }
    }

    /// Reads and merges the layers.
    pub(super) fn merge(&self, problems: &mut Vec<Problem>) -> Tree {
        let path = self.file.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        let (overrides, variables) = self.variables(problems);
        let file = self.read(&path, overrides.is_empty(), problems);
        let mut flags = Dict::new();
        for (_, key, value) in &self.flags {
            let segments: Vec<String> = key.split('.').map(str::to_owned).collect();
            // Flags are fixed in code and never contradict each other.
            let _ = insert(&mut flags, &segments, value.clone());
        }
        let figment = Figment::new()
            .merge(Layer { name: "file", source: Source::File(path.clone()), values: file })
            .merge(Layer {
                name: ENVIRONMENT,
                source: Source::Custom(ENVIRONMENT.to_owned()),
                values: overrides,
            })
            .merge(Layer { name: FLAGS, source: Source::Custom(FLAGS.to_owned()), values: flags });
        let values = figment
            .data()
            .ok()
            .and_then(|mut profiles| profiles.remove(&Profile::Default))
            .unwrap_or_default();
        let flags = self.flags.iter().map(|(flag, key, _)| ((*key).to_owned(), (*flag).to_owned())).collect();
        Tree { values, figment, path, variables, flags }
    }

    fn read(&self, path: &Path, nothing_else: bool, problems: &mut Vec<Problem>) -> Dict {
        let place = || Place::File(path.to_owned());
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.file.is_none() && !nothing_else => {
                return Dict::new();
            }
            Err(error) => {
                let what = if error.kind() == io::ErrorKind::InvalidData {
                    "is not UTF-8 text".to_owned()
                } else {
                    format!("cannot be read ({error}); write it, or name another with --config FILE")
                };
                problems.push(Problem::new(place(), "", what));
                return Dict::new();
            }
        };
        toml::from_str(&text).unwrap_or_else(|error| {
            // Its own Display quotes the line, and a secret may stand there.
            let line =
                error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
            let what = error.message().lines().next().unwrap_or("not TOML").to_owned();
            problems.push(Problem::new(place(), format!("line {line}"), format!("is not TOML: {what}")));
            Dict::new()
        })
    }

    /// The environment's part as nested text, and which variable set which key.
    fn variables(&self, problems: &mut Vec<Problem>) -> (Dict, HashMap<String, String>) {
        let (mut values, mut names) = (Dict::new(), HashMap::new());
        for (name, value) in &self.environment {
            let Some(name) = name.to_str() else { continue };
            let Some(levels) = name.strip_prefix(PREFIX).filter(|rest| rest.contains("__")) else { continue };
            let segments = segments(levels);
            let key = segments.join(".");
            let place = || Place::Variable(name.to_owned());
            let Some(value) = value.to_str() else {
                problems.push(Problem::new(place(), key, "is not UTF-8 text"));
                continue;
            };
            if segments.iter().any(String::is_empty) {
                let what = "has an empty level in its name; levels are joined by exactly two underscores";
                problems.push(Problem::new(place(), key, what));
                continue;
            }
            if insert(&mut values, &segments, value.to_owned()).is_err() {
                let what = "is set as a whole and in parts by different variables; keep one of them";
                problems.push(Problem::new(place(), key, what));
                continue;
            }
            names.insert(key, name.to_owned());
        }
        (values, names)
    }
}

/// `INSTANCES__ACME_SLACK__API_KEY` is `instances`, `acme-slack`, `api_key`: only the instance's name has no
/// underscores.
fn segments(levels: &str) -> Vec<String> {
    let mut segments: Vec<String> = levels.split("__").map(str::to_ascii_lowercase).collect();
    if let [table, name, ..] = segments.as_mut_slice()
        && table == "instances"
    {
        *name = name.replace('_', "-");
    }
    segments
}

fn insert(values: &mut Dict, segments: &[String], text: String) -> Result<(), ()> {
    match segments {
        [] => Err(()),
        [last] => match values.insert(last.clone(), Value::from(text)) {
            None => Ok(()),
            Some(_) => Err(()),
        },
        [first, rest @ ..] => match values.entry(first.clone()).or_insert_with(|| Value::from(Dict::new())) {
            Value::Dict(_, inner) => insert(inner, rest, text),
            _ => Err(()),
        },
    }
}

/// The merged layers.
pub(super) struct Tree {
    /// The top level.
    pub(super) values: Dict,
    figment: Figment,
    path: PathBuf,
    variables: HashMap<String, String>,
    flags: HashMap<String, String>,
}

impl Tree {
    /// Where the value at `key` was written. Values of no layer of their own (parts of a variable's text) were
    /// written where the value around them was.
    pub(super) fn place(&self, key: &str, tag: Tag) -> Place {
        match self.layer(tag) {
            Some(ENVIRONMENT) => {
                Self::named(&self.variables, key).map_or_else(|| self.file(), Place::Variable)
            }
            Some(FLAGS) => Self::named(&self.flags, key).map_or_else(|| self.file(), Place::Flag),
            _ => self.file(),
        }
    }

    /// The file, where everything that is missing should be written.
    pub(super) fn file(&self) -> Place {
        Place::File(self.path.clone())
    }

    /// Whether a value is text whose kind the key table decides.
    pub(super) fn is_verbatim(&self, tag: Tag) -> bool {
        matches!(self.layer(tag), Some(ENVIRONMENT | FLAGS))
    }

    fn layer(&self, tag: Tag) -> Option<&str> {
        self.figment.get_metadata(tag).map(|layer| layer.name.as_ref())
    }

    /// The variable or flag that set `key`, or one that set something inside it.
    fn named(names: &HashMap<String, String>, key: &str) -> Option<String> {
        names.get(key).cloned().or_else(|| {
            let inside = format!("{key}.");
            names.iter().filter(|(name, _)| name.starts_with(&inside)).map(|(_, name)| name.clone()).min()
        })
    }
}

struct Layer {
    name: &'static str,
    source: Source,
    values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::from(self.name, self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}
