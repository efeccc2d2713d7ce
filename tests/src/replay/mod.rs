//! The replay corpus: what SCIM clients really send, run against any instance. `tests/replay/README.md` describes the
//! files.
//!
//! Only the standard library and JSON are used, so that `cargo xtask replay` can have it without building the host.

mod applies;
mod http;
mod mapping;
mod pattern;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Map, Value, json};

use applies::Offer;
use http::{Answer, Request};
use mapping::Mapping;
use pattern::fits;

/// How often a request is repeated that was answered with 429.
const MOST_WAITS: u32 = 10;

/// All files.
#[derive(Debug)]
pub struct Corpus {
    /// The files, by path.
    pub files: Vec<File>,
    given: Value,
    mappings: Vec<Mapping>,
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Where it is, from the corpus's directory.
    pub path: PathBuf,
    /// Its stable id.
    pub id: String,
    /// Further ids it covers.
    pub also: Vec<String>,
    /// The client or suite.
    pub client: String,
    /// What it is about.
    pub title: String,
    /// What must be built before it can pass.
    pub needs: Option<String>,
    content: Value,
}

/// Where to run.
#[derive(Debug)]
pub struct Instance<'a> {
    /// The SCIM base address, without a slash at its end.
    pub base: &'a str,
    /// The bearer token.
    pub token: &'a str,
    /// Six letters and digits that no earlier run used.
    pub unique: &'a str,
    /// Further names for the files.
    pub names: BTreeMap<String, Value>,
    /// How to wait when the instance asks for patience (429 with `Retry-After`), as clients do; none: a 429 is an answer.
    pub wait: Option<fn(Duration)>,
}

/// The other side, where it can be looked at.
pub trait StandIn {
    /// Injects a fault, in the JSON form of the stand-in.
    fn inject(&self, fault: &Value) -> Result<(), String>;

    /// The calls since the last time: `method`, `path` below the target's base, `query`, `body`.
    fn calls(&self) -> Vec<Value>;
}

/// How a file went.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Something that is not built yet is needed.
    Needs,
    /// It can only run with the stand-in, or with an OAuth client that nobody named.
    Skipped,
    /// It is about what the instance's schemas do not offer, in words.
    Inapplicable(String),
    /// Step, request, what was expected and what came.
    Failed(String),
}

impl Corpus {
    /// Reads every file under `directory`.
    pub fn load(directory: &Path) -> Result<Self, String> {
        let given = read(&directory.join("given.json"))?;
        let mappings = Mapping::read_all(&given["mappings"])?;
        let mut files = Vec::new();
        let mut directories = vec![directory.to_owned()];
        while let Some(next) = directories.pop() {
            for entry in fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))? {
                let path = entry.map_err(|error| error.to_string())?.path();
                if path.is_dir() {
                    directories.push(path);
                } else if next != directory {
                    let at = path.strip_prefix(directory).unwrap_or(&path).to_owned();
                    files.push(File::of(at, read(&path)?)?);
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files, given, mappings })
    }

    /// Runs one file.
    pub fn run(&self, file: &File, instance: &Instance<'_>, stand_in: Option<&dyn StandIn>) -> Outcome {
        let steps = file.steps();
        let faults = || steps.iter().any(|step| step.get("faults").is_some());
        let lacks_client = || file.asks_for("client") && !instance.names.contains_key("client");
        if stand_in.is_none() && (faults() || lacks_client()) {
            return Outcome::Skipped;
        }
        let mut run = Run::new(instance, stand_in);
        let offer = match run.offer() {
            Ok(offer) => offer,
            Err(problem) => return Outcome::Failed(problem),
        };
        let applies = match file.schema() {
            Some(schema) if offer.has(schema) => Ok(()),
            Some(schema) => Err(format!("there is no {schema}")),
            None => offer.lets(steps),
        };
        if let Err(lacking) = applies {
            return Outcome::Inapplicable(lacking);
        }
        // The connector is known by a schema of its own.
        run.mapping = self.mappings.iter().find(|mapping| offer.has(&mapping.schema));
        let done = run.give(&self.given, &file.content["given"]).and_then(|()| {
            steps.iter().enumerate().try_for_each(|(number, step)| {
                run.step(step).map_err(|problem| format!("step {}: {problem}", number + 1))
            })
        });
        if stand_in.is_none() {
            run.clean_up();
        }
        match (done, &file.needs) {
            (Ok(()), None) => Outcome::Passed,
            (Ok(()), Some(needs)) => Outcome::Failed(format!("passes: take away its mark `needs: {needs}`")),
            (Err(_), Some(_)) => Outcome::Needs,
            (Err(problem), None) => Outcome::Failed(problem),
        }
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map_err(|error| failed(&error))
}

impl File {
    fn of(path: PathBuf, content: Value) -> Result<Self, String> {
        const MEMBERS: &[&str] =
            &["id", "also", "client", "title", "source", "schema", "needs", "stand_in", "given", "steps"];
        let wrong = |what: &str| format!("{}: {what}", path.display());
        known(&content, MEMBERS).map_err(|what| wrong(&what))?;
        let text = |name: &str| content[name].as_str().map(str::to_owned);
        let required = |name: &str| text(name).ok_or_else(|| wrong(&format!("`{name}` is missing")));
        required("source")?;
        let steps = content["steps"].as_array().filter(|steps| !steps.is_empty());
        for (number, step) in steps.ok_or_else(|| wrong("it has no steps"))?.iter().enumerate() {
            check_step(step).map_err(|what| wrong(&format!("step {}: {what}", number + 1)))?;
        }
        let also = content["also"].as_array().into_iter().flatten();
        let also = also.filter_map(Value::as_str).map(str::to_owned).collect();
        let (id, client, title, needs) =
            (required("id")?, required("client")?, required("title")?, text("needs"));
        if path.file_stem().and_then(|stem| stem.to_str()) != Some(&id) {
            return Err(wrong("its name is not its id"));
        }
        Ok(Self { path, id, also, client, title, needs, content })
    }

    /// The schema without which it is about nothing: a connector's own.
    pub fn schema(&self) -> Option<&str> {
        self.content["schema"].as_str()
    }

    /// Switches of the stand-in, to be set before it starts; null for none.
    pub fn stand_in(&self) -> &Value {
        &self.content["stand_in"]
    }

    /// Whether `{{name}}` stands in any of its requests.
    fn asks_for(&self, name: &str) -> bool {
        let wanted = format!("{{{{{name}}}}}");
        self.steps().iter().any(|step| step["request"].to_string().contains(&wanted))
    }

    fn steps(&self) -> &[Value] {
        self.content["steps"].as_array().map(Vec::as_slice).unwrap_or_default()
    }
}

/// Refuses members the format does not have: a misspelt one would check nothing.
fn known(object: &Value, members: &[&str]) -> Result<(), String> {
    let object = object.as_object().ok_or("not an object")?;
    let unknown = object.keys().find(|name| !members.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| Err(format!("`{name}` is not a member of the format")))
}

fn check_step(step: &Value) -> Result<(), String> {
    known(step, &["note", "faults", "request", "expect", "why", "save", "target", "target_writes"])?;
    known(&step["request"], &["method", "path", "headers", "body", "text"])?;
    for expect in alternatives(&step["expect"]) {
        known(expect, &["status", "headers", "body"])?;
        let statuses = statuses(expect);
        let patched = step["request"]["method"] == "PATCH" && statuses == [200, 204];
        let several = step["expect"].is_array() || statuses.len() > 1 && !patched;
        if statuses.is_empty() || several && step["why"].as_str().is_none_or(str::is_empty) {
            return Err("it needs a status, and a `why` for alternatives".to_owned());
        }
    }
    Ok(())
}

fn alternatives(expect: &Value) -> &[Value] {
    expect.as_array().map_or(std::slice::from_ref(expect), Vec::as_slice)
}

fn statuses(expect: &Value) -> Vec<u64> {
    alternatives(&expect["status"]).iter().filter_map(Value::as_u64).collect()
}

/// One run of one file.
struct Run<'a> {
    instance: &'a Instance<'a>,
    stand_in: Option<&'a dyn StandIn>,
    names: BTreeMap<String, Value>,
    /// What this target's clients send beside.
    mapping: Option<&'a Mapping>,
    made: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(instance: &'a Instance<'a>, stand_in: Option<&'a dyn StandIn>) -> Self {
        let mut names = instance.names.clone();
        let origin = instance.base.split('/').take(3).collect::<Vec<_>>().join("/");
        names.insert("base".into(), instance.base.into());
        names.insert("origin".into(), origin.into());
        names.insert("unique".into(), instance.unique.into());
        names.insert("UNIQUE".into(), instance.unique.to_ascii_uppercase().into());
        Self { instance, stand_in, names, mapping: None, made: Vec::new() }
    }

    /// What the instance offers.
    fn offer(&mut self) -> Result<Offer, String> {
        let (line, mut answer) = self.send(&json!({ "method": "GET", "path": "/Schemas" }))?;
        match answer.body.as_mut().and_then(|body| body.get_mut("Resources")).map(Value::take) {
            Some(Value::Array(schemas)) => Ok(Offer::new(schemas)),
            _ => Err(format!("{line} → {}", shown(&answer))),
        }
    }

    /// Makes the objects a file asks for: a group after its members, or before them where they name it.
    fn give(&mut self, all: &Value, given: &Value) -> Result<(), String> {
        let names = |list| Value::as_array(list).into_iter().flatten().filter_map(Value::as_str);
        let of_member = self.mapping.map(|mapping| &mapping.member).filter(|member| !member.is_null());
        let (members, mut group) = (&given["group"], all["group"].clone());
        let mut wanted: Vec<(&str, &str, Value)> = Vec::new();
        for name in names(&given["users"]) {
            let mut body = all[name].clone();
            if let Some(of_member) = of_member.filter(|_| names(members).any(|member| member == name)) {
                mapping::add(&mut body, of_member);
            }
            wanted.push((name, "/Users", body));
        }
        if of_member.is_none() {
            group["members"] =
                names(members).map(|name| json!({ "value": format!("{{{{{name}}}}}") })).collect();
        }
        if members.is_array() {
            let at = if of_member.is_some() { 0 } else { wanted.len() };
            wanted.insert(at, ("group", "/Groups", group));
        }
        for (name, path, body) in wanted {
            let request = json!({ "method": "POST", "path": path, "body": body });
            let (line, answer) = self.send(&request).map_err(|problem| format!("given {name}: {problem}"))?;
            let id = answer.body.as_ref().and_then(|body| body.get("id")).filter(|_| answer.status == 201);
            let id = id.cloned().ok_or_else(|| format!("given {name}: {line} → {}", shown(&answer)))?;
            self.names.insert(name.to_owned(), id);
        }
        Ok(())
    }

    fn step(&mut self, step: &Value) -> Result<(), String> {
        if let Some(stand_in) = self.stand_in {
            for fault in step["faults"].as_array().into_iter().flatten() {
                stand_in.inject(fault)?;
            }
            stand_in.calls();
        }
        let (line, answer) = self.send(&step["request"])?;
        let mut misfits = Vec::new();
        for expect in alternatives(&step["expect"]) {
            match self.expected(expect, &answer) {
                Ok(()) => {
                    misfits.clear();
                    break;
                }
                Err(misfit) => misfits.push(misfit),
            }
        }
        if !misfits.is_empty() {
            return Err(format!(
                "{line}\n      {}\n      came: {}",
                misfits.join("\n      or "),
                shown(&answer)
            ));
        }
        self.save(&step["save"], &answer).map_err(|problem| format!("{line}: {problem}"))?;
        self.target(step).map_err(|misfit| format!("{line}\n      {misfit}"))
    }

    fn expected(&self, expect: &Value, answer: &Answer) -> Result<(), String> {
        let statuses = statuses(expect);
        if !statuses.contains(&u64::from(answer.status)) {
            return Err(format!("expected status {statuses:?}, found {}", answer.status));
        }
        if let Some(headers) = expect.get("headers") {
            fits(&self.filled(headers)?, Some(&answer.headers), "headers")?;
        }
        if expect["body"].is_null() || answer.status == 204 {
            return Ok(());
        }
        fits(&self.filled(&expect["body"])?, answer.body.as_ref(), "")
    }

    fn save(&mut self, save: &Value, answer: &Answer) -> Result<(), String> {
        for (name, from) in save.as_object().into_iter().flatten() {
            let from = from.as_str().unwrap_or_default();
            let found = match from.strip_prefix("header:") {
                Some(header) => answer.headers.get(header),
                None => answer.body.as_ref().and_then(|body| body.pointer(from)),
            };
            let found = found.ok_or_else(|| format!("there is no `{from}` to be saved as {name}"))?;
            self.names.insert(name.clone(), found.clone());
        }
        Ok(())
    }

    /// The calls the stand-in had in this step.
    fn target(&self, step: &Value) -> Result<(), String> {
        let Some(stand_in) = self.stand_in else { return Ok(()) };
        let all = stand_in.calls();
        let writes = all.iter().filter(|call| call["method"] != "GET").cloned().collect::<Vec<_>>();
        for (name, calls) in [("target", all), ("target_writes", writes)] {
            let Some(wanted) = step.get(name) else { continue };
            let wanted = json!({ "$exactly": self.filled(wanted)? });
            fits(&wanted, Some(&Value::from(calls)), name)?;
        }
        Ok(())
    }

    /// Sends a request; returns its line for messages, too.
    fn send(&mut self, request: &Value) -> Result<(String, Answer), String> {
        let mut request = request.clone();
        if let Some(mapping) = self.mapping {
            mapping.complete(&mut request);
        }
        let request = self.filled(&request)?;
        let method = request["method"].as_str().unwrap_or("GET").to_owned();
        let path = request["path"].as_str().unwrap_or_default();
        let url =
            if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.instance.base) };
        let body = match &request["text"] {
            Value::String(text) => Some(text.clone()),
            _ => request.get("body").map(Value::to_string),
        };
        let line = format!("{method} {path} {}", body.as_deref().unwrap_or_default());
        let headers = headers(&request["headers"], self.instance.token, body.is_some());
        let request = Request { method, url, headers, body };
        let mut answer = http::send(&request).map_err(|error| format!("{line}: {error}"))?;
        for _ in 0..MOST_WAITS {
            let Some((wait, seconds)) = self.instance.wait.zip(asked_to_wait(&answer)) else { break };
            wait(Duration::from_secs(seconds));
            answer = http::send(&request).map_err(|error| format!("{line}: {error}"))?;
        }
        if answer.status == 201
            && let Some(location) = answer.body.as_ref().and_then(|body| body.pointer("/meta/location"))
            && let Some(path) = location.as_str().and_then(|url| url.strip_prefix(self.instance.base))
        {
            self.made.push(path.to_owned());
        }
        Ok((line, answer))
    }

    /// Removes what was made, the newest first; what cannot be removed stays.
    fn clean_up(&mut self) {
        for path in std::mem::take(&mut self.made).into_iter().rev() {
            let _ = self.send(&json!({ "method": "DELETE", "path": path }));
        }
    }

    /// With every `{{name}}` replaced; one that stands alone becomes the value itself, another is part of a text.
    fn filled(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.filled_text(text)?,
            Value::Array(elements) => {
                elements.iter().map(|element| self.filled(element)).collect::<Result<_, _>>()?
            }
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| Ok((name.clone(), self.filled(value)?)));
                Value::Object(members.collect::<Result<Map<_, _>, String>>()?)
            }
            other => other.clone(),
        })
    }

    fn filled_text(&self, text: &str) -> Result<Value, String> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) =
                after.split_once("}}").ok_or_else(|| format!("no end of the name in `{text}`"))?;
            let value = self.names.get(name).ok_or_else(|| format!("nothing is called {{{{{name}}}}}"))?;
            if before.is_empty() && filled.is_empty() && after.is_empty() {
                return Ok(value.clone());
            }
            filled.push_str(before);
            match value {
                Value::String(value) => filled.push_str(value),
                other => filled.push_str(&other.to_string()),
            }
            rest = after;
        }
        Ok(Value::from(filled + rest))
    }
}

/// How many seconds an answer asks the client to wait.
fn asked_to_wait(answer: &Answer) -> Option<u64> {
    (answer.status == 429).then(|| answer.headers["retry-after"].as_str()?.parse().ok())?
}

/// The headers of a request: those it names, and those every client sends. Null leaves one out.
fn headers(named: &Value, token: &str, has_body: bool) -> Vec<(String, String)> {
    let mut usual = vec![("authorization", format!("Bearer {token}"))];
    if has_body {
        usual.push(("content-type", "application/scim+json".to_owned()));
    }
    let named = named.as_object().cloned().unwrap_or_default();
    usual.retain(|(name, _)| !named.keys().any(|other| other.eq_ignore_ascii_case(name)));
    let usual = usual.into_iter().map(|(name, value)| (name.to_owned(), value));
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
    usual.chain(named).collect()
}

/// An answer as a failure shows it.
fn shown(answer: &Answer) -> String {
    const MOST: usize = 700;
    let body = answer.body.as_ref().map(Value::to_string).unwrap_or_default();
    let end = body.char_indices().nth(MOST).map_or(body.len(), |(end, _)| end);
    format!("{} {}{}", answer.status, &body[..end], if end < body.len() { "…" } else { "" })
}
