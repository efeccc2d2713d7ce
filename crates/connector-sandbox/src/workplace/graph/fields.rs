//! `fields=a,b,edge.limit(0).summary(true){c,d}`: what of a node is asked for.

use super::super::error::{Refusal, Result};
use super::super::options::Options;

/// A field, or an edge with what is asked of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) limit: Option<usize>,
    pub(super) summary: bool,
    pub(super) fields: Vec<Field>,
    /// The same as they were written, for next links.
    pub(super) text: String,
}

impl Field {
    fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), limit: None, summary: false, fields: Vec::new(), text: String::new() }
    }
}

/// The fields of a parameter, or those that come by themselves.
pub(super) fn wanted(text: Option<&str>, options: &Options) -> Result<Vec<Field>> {
    match text {
        Some(text) => parse(text),
        None => Ok(usual(options)),
    }
}

/// The fields that come by themselves.
pub(super) fn usual(options: &Options) -> Vec<Field> {
    options.default_fields.iter().map(|name| Field::plain(name)).collect()
}

/// Refuses a field that is not there, or passes over it.
pub(super) fn unknown(name: &str, kind: &str, options: &Options) -> Result<()> {
    if options.unknown_fields_refused {
        return Err(Refusal::invalid(format!(
            "Tried accessing nonexisting field ({name}) on node type ({kind})"
        )));
    }
    Ok(())
}

fn parse(text: &str) -> Result<Vec<Field>> {
    split(text)?.into_iter().map(str::trim).filter(|field| !field.is_empty()).map(field).collect()
}

/// Parts between the commas that are in no bracket.
fn split(text: &str) -> Result<Vec<&str>> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in text.char_indices() {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.checked_sub(1).ok_or_else(|| wrong(text))?,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return Err(wrong(text));
    }
    parts.push(&text[start..]);
    Ok(parts)
}

fn field(text: &str) -> Result<Field> {
    let (head, of) = match text.split_once('{') {
        None => (text, ""),
        Some((head, rest)) => (head, rest.strip_suffix('}').ok_or_else(|| wrong(text))?),
    };
    let mut parts = head.split('.');
    let name = parts.next().unwrap_or_default().trim();
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(wrong(text));
    }
    let mut field = Field { fields: parse(of)?, text: of.to_owned(), ..Field::plain(name) };
    for part in parts {
        let (modifier, value) = part.split_once('(').ok_or_else(|| wrong(text))?;
        let value = value.strip_suffix(')').ok_or_else(|| wrong(text))?;
        match modifier {
            "limit" => field.limit = Some(value.parse().map_err(|_| wrong(text))?),
            "summary" => field.summary = ["true", "1"].contains(&value),
            _ => return Err(wrong(text)),
        }
    }
    Ok(field)
}

fn wrong(text: &str) -> Refusal {
    Refusal::new(400, 2500, format!("Syntax error in the fields: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_have_a_limit_a_summary_and_fields_of_their_own() {
        let members = Field {
            limit: Some(0),
            summary: true,
            fields: vec![Field::plain("id"), Field::plain("email")],
            text: "id,email".into(),
            ..Field::plain("members")
        };
        let parsed = parse("id, name,members.limit(0).summary(true){id,email},owner").unwrap();
        assert_eq!(parsed, [Field::plain("id"), Field::plain("name"), members, Field::plain("owner")]);
        for wrong in ["members{id", "members.limit(x)", "members.sum(true)", "a b", "x)", "members.limit"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
