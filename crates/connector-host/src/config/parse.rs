//! From a value, or from text as it stands in an environment variable, to the kind a key takes.
//!
//! The errors never quote the value: it may be a secret in the wrong place.

use std::{collections::BTreeMap, net::SocketAddr};

use connector_core::secret::Secret;
use figment::value::{Dict, Empty, Value};
use ipnet::IpNet;
use url::Url;

use super::{keys::Kind, reader::Parsed};

/// Text of the environment or of a flag.
pub(super) fn verbatim(kind: Kind, text: &str) -> Result<Parsed, String> {
    match kind {
        Kind::Boolean => match text {
            "true" => Ok(Parsed::Boolean(true)),
            "false" => Ok(Parsed::Boolean(false)),
            _ => Err("must be true or false".to_owned()),
        },
        Kind::Integer { min, max } => within(text.parse().ok(), min, max),
        Kind::Networks => networks(split(text).iter().map(String::as_str)).map(Parsed::Networks),
        Kind::Words(known) => words(known, &split(text)),
        Kind::TextOrSecret => Ok(Parsed::Secret(Secret::new(text))),
        Kind::Secrets => Ok(Parsed::Secrets(split(text).into_iter().map(Secret::new).collect())),
        _ => typed(kind, &Value::from(text)),
    }
}

/// Text of the environment that is a TOML list or table.
pub(super) fn structure(kind: Kind, text: &str) -> Result<Option<Value>, String> {
    let wanted = match kind {
        Kind::Secrets if text.trim_start().starts_with('[') => "a TOML list, as [{ env = \"NAME\" }]",
        Kind::Networks if text.trim_start().starts_with('[') => "a TOML list, as [\"a\", \"b\"]",
        Kind::Lists => "a TOML table of lists, as { User = [\"a\", \"b\"] }",
        Kind::Words(_) if text.trim_start().starts_with('[') => "a TOML list, as [\"a\", \"b\"]",
        Kind::Claims => "a TOML table, as { appid = \"…\" }",
        Kind::Urls => "a TOML table of URLs, as { us = \"https://us.example/consent/callback\" }",
        Kind::Rows(_) => "a TOML list of tables, as [{ key = \"value\" }]",
        _ => return Ok(None),
    };
    toml::from_str::<Dict>(&format!("value = {text}"))
        .ok()
        .and_then(|mut whole| whole.remove("value").filter(|_| whole.is_empty()))
        .map(Some)
        .ok_or_else(|| format!("must be {wanted}"))
}

/// A value of a TOML document.
pub(super) fn typed(kind: Kind, value: &Value) -> Result<Parsed, String> {
    let text = || match value {
        Value::String(_, text) => Ok(text.as_str()),
        other => Err(format!("must be text in quotes, not {}", name_of(other))),
    };
    match kind {
        Kind::Boolean => match value {
            Value::Bool(_, flag) => Ok(Parsed::Boolean(*flag)),
            other => Err(format!("must be true or false, not {}", name_of(other))),
        },
        Kind::Integer { min, max } => match value {
            Value::Num(..) => within(whole(value), min, max),
            other => Err(format!("must be a whole number from {min} to {max}, not {}", name_of(other))),
        },
        Kind::Text => line(text()?).map(|text| Parsed::Text(text.to_owned())),
        Kind::Id => match (value, whole(value)) {
            (Value::String(_, text), _) => line(text).map(|text| Parsed::Text(text.to_owned())),
            (_, Some(number)) => Ok(Parsed::Text(number.to_string())),
            (Value::Num(..), None) => {
                Err("must be text in quotes, or a number without sign and fraction".to_owned())
            }
            (other, None) => Err(format!("must be text in quotes or a whole number, not {}", name_of(other))),
        },
        Kind::Word(words) => {
            let text = text()?;
            words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| Parsed::Word(word))
                .ok_or_else(|| format!("must be one of {}", words.join(", ")))
        }
        Kind::Words(known) => words(known, &list(value)?),
        Kind::Url => url(text()?).map(Parsed::Url),
        Kind::UrlWithQuery => url_with_query(text()?).map(Parsed::Url),
        Kind::Address => text()?.parse::<SocketAddr>().map(Parsed::Address).map_err(|_| {
            "must be an IP address and a port; write it as \"127.0.0.1:8080\" or \"[::1]:8080\"".to_owned()
        }),
        Kind::Offset => text()?.parse().map(Parsed::Offset).map_err(|_| {
            "must be Z, or an offset from -14:00 to +14:00; write it as \"+02:00\" or \"-05:30\"".to_owned()
        }),
        Kind::Networks => networks(list(value)?.iter().map(String::as_str)).map(Parsed::Networks),
        Kind::Lists => match value {
            Value::Dict(_, table) => table
                .iter()
                .map(|(name, inner)| {
                    list(inner).map(|inner| (name.clone(), inner)).map_err(|what| format!("{name} {what}"))
                })
                .collect::<Result<BTreeMap<_, _>, _>>()
                .map(Parsed::Lists),
            other => Err(format!("must be a table of lists, not {}", name_of(other))),
        },
        Kind::Claims => match value {
            Value::Dict(_, table) => table
                .iter()
                .map(|(name, inner)| {
                    let texts = match inner {
                        Value::String(_, text) => line(text).map(|text| vec![text.to_owned()]),
                        Value::Array(_, items) if items.is_empty() => {
                            Err("must not be an empty list".to_owned())
                        }
                        other => list(other).map_err(|_| "must be text, or a list of texts".to_owned()),
                    };
                    texts.map(|texts| (name.clone(), texts)).map_err(|what| format!("{name} {what}"))
                })
                .collect::<Result<BTreeMap<_, _>, _>>()
                .map(Parsed::Lists),
            other => Err(format!("must be a table of texts, not {}", name_of(other))),
        },
        Kind::Urls => match value {
            Value::Dict(_, table) => table
                .iter()
                .map(|(name, inner)| match inner {
                    Value::String(_, text) => {
                        url(text).map(|url| (name.clone(), url)).map_err(|what| format!("{name} {what}"))
                    }
                    other => Err(format!("{name} must be text in quotes, not {}", name_of(other))),
                })
                .collect::<Result<BTreeMap<_, _>, _>>()
                .map(Parsed::Urls),
            other => Err(format!("must be a table of URLs, not {}", name_of(other))),
        },
        Kind::Secret | Kind::TextOrSecret | Kind::Secrets | Kind::Rows(_) | Kind::Group(_) => {
            unreachable!("the reader takes these apart itself")
        }
        Kind::List | Kind::Table => unreachable!("only keys that are not built take these"),
    }
}

/// A number without sign and fraction.
fn whole(value: &Value) -> Option<u64> {
    let Value::Num(_, number) = value else { return None };
    let number = number.to_u128().or_else(|| u128::try_from(number.to_i128()?).ok());
    number.and_then(|number| u64::try_from(number).ok())
}

/// What a value is, never the value.
pub(super) fn name_of(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(_, number) if number.to_u128().is_some() || number.to_i128().is_some() => "a number",
        Value::Num(..) => "a number with a fraction",
        Value::Empty(..) => "nothing",
        Value::Dict(_, table) if table.contains_key("$__toml_private_datetime") => "a date",
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
    }
}

/// Whether setting a key to this says no more than leaving it out.
pub(super) fn is_off(kind: Kind, value: &Value) -> bool {
    match value {
        Value::String(_, text) => match kind {
            Kind::Boolean => text == "false",
            Kind::List => matches!(text.trim(), "" | "[]"),
            _ => false,
        },
        Value::Bool(_, flag) => !flag,
        Value::Array(_, items) => items.is_empty(),
        Value::Empty(_, Empty::None | Empty::Unit) => true,
        _ => false,
    }
}

fn unfit_url(what: &str) -> String {
    format!("{what}; write it as \"https://host/path\"")
}

fn url(text: &str) -> Result<Url, String> {
    match url_with_query(text)? {
        url if url.query().is_some() => Err(unfit_url("must not have a query")),
        url => Ok(url),
    }
}

fn url_with_query(text: &str) -> Result<Url, String> {
    let refuse = |what: &str| Err(unfit_url(what));
    let Ok(url) = Url::parse(text) else { return refuse("must be an absolute URL") };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse("must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not contain a user or password");
    }
    if url.fragment().is_some() {
        return refuse("must not have a fragment");
    }
    Ok(url)
}

fn networks<'a>(items: impl Iterator<Item = &'a str>) -> Result<Vec<IpNet>, String> {
    items
        .map(|item| {
            item.parse::<IpNet>()
                .or_else(|_| item.parse::<std::net::IpAddr>().map(IpNet::from))
                .map(|net| net.trunc())
        })
        .collect::<Result<_, _>>()
        .map_err(|_| {
            "must list networks or addresses; write them as \"10.0.0.0/8\", \"::1/128\" or \"192.0.2.7\""
                .to_owned()
        })
}

fn words(known: &'static [&'static str], given: &[String]) -> Result<Parsed, String> {
    let find = |text: &String| known.iter().find(|word| **word == *text).copied();
    match given.iter().map(find).collect::<Option<Vec<_>>>() {
        Some(found) if !found.is_empty() => Ok(Parsed::Words(found)),
        _ => Err(format!("must list one or more of {} and nothing else", known.join(", "))),
    }
}

fn list(value: &Value) -> Result<Vec<String>, String> {
    let Value::Array(_, items) = value else {
        return Err(format!("must be a list of texts, not {}", name_of(value)));
    };
    items
        .iter()
        .map(|item| match item {
            Value::String(_, text) => {
                line(text).map(str::to_owned).map_err(|what| format!("has an entry that {what}"))
            }
            other => Err(format!("must be a list of texts; one entry is {}", name_of(other))),
        })
        .collect()
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn line(text: &str) -> Result<&str, String> {
    if text.trim().is_empty() {
        Err("must not be empty".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("must be one line without control characters".to_owned())
    } else {
        Ok(text)
    }
}

fn within(number: Option<u64>, min: u64, max: u64) -> Result<Parsed, String> {
    number
        .filter(|number| (min..=max).contains(number))
        .map(Parsed::Integer)
        .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
}
