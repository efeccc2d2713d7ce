//! What the body of a write on a person asks for.

use serde_json::{Map, Value};

use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::options::{NameLimits, Options};

/// Members only the service writes.
const READ_ONLY: [&str; 10] = [
    "id",
    "created",
    "lastModified",
    "timezone",
    "timeZone",
    "lastActivity",
    "sipAddresses",
    "status",
    "invitePending",
    "type",
];

/// The members that were sent; null counts as not sent.
#[derive(Default)]
pub(super) struct Change {
    pub(super) emails: Option<Vec<String>>,
    pub(super) phone_numbers: Option<Vec<(String, String)>>,
    pub(super) extension: Option<String>,
    pub(super) location: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) avatar: Option<String>,
    /// UUID.
    pub(super) org: Option<String>,
    /// Values.
    pub(super) roles: Option<Vec<String>>,
    /// Values.
    pub(super) licenses: Option<Vec<String>>,
    pub(super) department: Option<String>,
    pub(super) manager: Option<String>,
    pub(super) manager_id: Option<String>,
    pub(super) title: Option<String>,
    pub(super) addresses: Option<Vec<Value>>,
    pub(super) site_urls: Option<Vec<String>>,
    pub(super) login_enabled: Option<bool>,
    /// The first member that only the service writes.
    pub(super) read_only: Option<&'static str>,
}

impl Change {
    /// Reads a body and checks what can be checked without knowing the person.
    pub(super) fn read(body: &Map<String, Value>, options: &Options) -> Result<Self> {
        let text = |name| text(body, name, options);
        let change = Self {
            emails: texts(body, "emails")?,
            phone_numbers: phone_numbers(body)?,
            extension: text("extension")?,
            location: text("locationId")?.map(|id| id::decode(Kind::Location, &id)).transpose()?,
            display_name: text("displayName")?,
            first_name: text("firstName")?,
            last_name: text("lastName")?,
            avatar: text("avatar")?,
            org: text("orgId")?.map(|id| id::decode(Kind::Organization, &id)).transpose()?,
            roles: ids(body, "roles", Kind::Role)?,
            licenses: ids(body, "licenses", Kind::License)?,
            department: text("department")?,
            manager: text("manager")?,
            manager_id: text("managerId")?,
            title: text("title")?,
            addresses: addresses(body)?,
            site_urls: texts(body, "siteUrls")?,
            login_enabled: boolean(body, "loginEnabled")?,
            read_only: READ_ONLY.into_iter().find(|name| body.contains_key(*name)),
        };
        if options.name_limits == NameLimits::ControlHub {
            for name in [&change.first_name, &change.last_name].into_iter().flatten() {
                if name.chars().count() > 30 || name.contains(['%', '#', '<', '>', '\\', '/', '"']) {
                    return Err(Refusal::bad(
                        "Names have 30 characters at most, and none of % # < > \\ / \"",
                    ));
                }
            }
        }
        Ok(change)
    }
}

fn wrong(name: &str, what: &str) -> Refusal {
    Refusal::bad(format!("{name} must be {what}"))
}

/// A member that is there and not null.
pub(super) fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

/// A text, within the limit there may be.
pub(super) fn text(body: &Map<String, Value>, name: &str, options: &Options) -> Result<Option<String>> {
    let Some(value) = member(body, name) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| wrong(name, "a string"))?;
    if options.max_text_length > 0 && text.chars().count() > options.max_text_length {
        return Err(Refusal::bad(format!("{name} must not exceed {} characters", options.max_text_length)));
    }
    Ok(Some(text.to_owned()))
}

/// A boolean, also one written as a text.
pub(super) fn boolean(body: &Map<String, Value>, name: &str) -> Result<Option<bool>> {
    match member(body, name) {
        None => Ok(None),
        Some(Value::Bool(value)) => Ok(Some(*value)),
        Some(Value::String(text)) if text == "true" => Ok(Some(true)),
        Some(Value::String(text)) if text == "false" => Ok(Some(false)),
        Some(_) => Err(wrong(name, "a boolean")),
    }
}

/// The elements of a list.
pub(super) fn list<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a Vec<Value>>> {
    member(body, name).map(|value| value.as_array().ok_or_else(|| wrong(name, "an array"))).transpose()
}

fn texts(body: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>> {
    let Some(list) = list(body, name)? else { return Ok(None) };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    list.iter().map(text).collect::<Option<_>>().map(Some).ok_or_else(|| wrong(name, "an array of strings"))
}

fn ids(body: &Map<String, Value>, name: &str, kind: Kind) -> Result<Option<Vec<String>>> {
    let Some(ids) = texts(body, name)? else { return Ok(None) };
    ids.iter().map(|id| id::decode(kind, id)).collect::<Result<_>>().map(Some)
}

fn phone_numbers(body: &Map<String, Value>) -> Result<Option<Vec<(String, String)>>> {
    let Some(list) = list(body, "phoneNumbers")? else { return Ok(None) };
    let phone =
        |value: &Value| Some((value["type"].as_str()?.to_owned(), value["value"].as_str()?.to_owned()));
    let phones = list.iter().map(phone).collect::<Option<_>>();
    phones.map(Some).ok_or_else(|| wrong("phoneNumbers", "an array of objects with type and value"))
}

fn addresses(body: &Map<String, Value>) -> Result<Option<Vec<Value>>> {
    const PARTS: [&str; 6] = ["type", "country", "locality", "region", "streetAddress", "postalCode"];
    let Some(list) = list(body, "addresses")? else { return Ok(None) };
    let address = |value: &Value| {
        let parts = value
            .as_object()?
            .iter()
            .filter(|(name, value)| PARTS.contains(&name.as_str()) && value.is_string());
        Some(Value::Object(parts.map(|(name, value)| (name.clone(), value.clone())).collect()))
    };
    let addresses = list.iter().map(address).collect::<Option<_>>();
    addresses.map(Some).ok_or_else(|| wrong("addresses", "an array of objects"))
}
