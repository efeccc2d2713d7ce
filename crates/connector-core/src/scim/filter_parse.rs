//! The filter grammar (RFC 7644 section 3.4.2.2), read once into a typed tree.
//!
//! Sloppy but harmless input that clients really send is taken: any letter case, unquoted values, booleans as text, a
//! bracket filter compared as if `.value` stood behind it.

use std::sync::LazyLock;

use serde_json::Value;

use super::{
    filter::{Comparison, Filter, Literal, Place},
    path::sub_name,
    resource_type::{Found, ResourceType},
    same_name,
    schema::{Attribute, Type},
    time::parse_instant,
};
use crate::error::{Error, Kind, Result};

/// The longest filter, in bytes.
pub const MAX_LENGTH: usize = 10_000;
/// How many brackets may be open at once.
pub const MAX_DEPTH: usize = 32;

/// Where attribute names are looked up.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a Attribute),
}

/// A filter parser over one text.
pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    scope: Scope<'a>,
    /// Comparisons with sub-attributes that the target lacks are left out.
    lenient: bool,
}

/// Stands for a sub-attribute that the target lacks.
static LACKED: LazyLock<Attribute> = LazyLock::new(|| Attribute::new("", Type::String, ""));

impl Filter {
    /// Reads a filter against the names of `rtype`. Everything wrong with it is [`Kind::InvalidFilter`].
    pub fn parse(text: &str, rtype: &ResourceType) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            return Err(Error::new(
                Kind::InvalidFilter,
                format!("a filter may have at most {MAX_LENGTH} bytes"),
            ));
        }
        let mut parser = Parser { text, at: 0, depth: 0, scope: Scope::Resource(rtype), lenient: false };
        let filter = parser.any()?;
        parser.blanks();
        if parser.at < text.len() {
            return Err(parser.wrong("expected `and`, `or` or the end"));
        }
        Ok(filter)
    }
}

impl<'a> Parser<'a> {
    /// Reads the filter between brackets, up to the closing one, and returns what stands behind it. `lenient` leaves out
    /// comparisons with sub-attributes that the target lacks: see [`Filter::is_vacuous`].
    pub(super) fn brackets(
        text: &'a str,
        attribute: &'a Attribute,
        lenient: bool,
    ) -> Result<(Filter, &'a str)> {
        if text.len() > MAX_LENGTH {
            return Err(Error::new(
                Kind::InvalidFilter,
                format!("a filter may have at most {MAX_LENGTH} bytes"),
            ));
        }
        let mut parser = Parser { text, at: 0, depth: 1, scope: Scope::Element(attribute), lenient };
        let filter = parser.any()?;
        parser.expect(b']')?;
        Ok((filter, &text[parser.at..]))
    }

    fn wrong(&self, rule: &str) -> Error {
        Error::new(Kind::InvalidFilter, format!("{rule}, at byte {} of the filter", self.at + 1))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        self.blanks();
        if self.peek() != Some(byte) {
            return Err(self.wrong(&format!("expected `{}`", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    /// Takes `word` if it comes next, in any letter case, as a word of its own.
    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let rest = self.rest();
        let fits = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && rest.as_bytes().get(word.len()).is_none_or(|next| next.is_ascii_whitespace() || *next == b'(');
        if fits {
            self.at += word.len();
        }
        fits
    }

    fn any(&mut self) -> Result<Filter> {
        let mut parts = vec![self.all()?];
        while self.word("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn all(&mut self) -> Result<Filter> {
        let mut parts = vec![self.term()?];
        while self.word("and") {
            parts.push(self.term()?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn open(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(&format!("at most {MAX_DEPTH} brackets may be open at once")));
        }
        Ok(())
    }

    fn grouped(&mut self) -> Result<Filter> {
        self.expect(b'(')?;
        self.open()?;
        let inner = self.any()?;
        self.expect(b')')?;
        self.depth -= 1;
        Ok(inner)
    }

    fn term(&mut self) -> Result<Filter> {
        self.blanks();
        if self.peek() == Some(b'(') {
            return self.grouped();
        }
        let start = self.at;
        if self.word("not") {
            self.blanks();
            if self.peek() == Some(b'(') {
                let inner = self.grouped()?;
                return Ok(if inner.is_vacuous() { inner } else { Filter::Not(Box::new(inner)) });
            }
            self.at = start;
        }
        self.expression()
    }

    /// `attr op value`, `attr pr`, `attr[filter]`, and `attr[filter].sub op value`.
    fn expression(&mut self) -> Result<Filter> {
        let scope = self.scope;
        let name = self.until(|byte| byte.is_ascii_whitespace() || b"[]()".contains(&byte));
        if name.is_empty() {
            return Err(self.wrong("expected an attribute name"));
        }
        let (place, attribute, leaf) = self.resolve(scope, name)?;
        if self.peek() != Some(b'[') {
            return self.comparison(place, leaf);
        }
        if !attribute.multi_valued || place.sub.is_some() {
            return Err(self.wrong("only a multi-valued attribute takes a filter in brackets"));
        }
        self.at += 1;
        self.open()?;
        self.scope = Scope::Element(attribute);
        let inner = self.any()?;
        self.scope = scope;
        self.expect(b']')?;
        self.depth -= 1;

        let sub = self.rest().starts_with('.');
        self.at += usize::from(sub);
        let sub =
            if sub { self.until(|byte| byte.is_ascii_whitespace() || b"[]()".contains(&byte)) } else { "" };
        if sub.is_empty() && !self.operator_follows() {
            return Ok(Filter::Element(place, Box::new(inner)));
        }
        let sub = if sub.is_empty() { "value" } else { sub };
        let Found::Attribute(_, leaf) = sub_name(attribute, sub) else {
            return Err(self.wrong(&format!("`{}` has no sub-attribute `{sub}`", attribute.name)));
        };
        let below = Place { urn: None, name: leaf.name.to_string(), sub: None };
        let last = self.comparison(below, leaf)?;
        Ok(Filter::Element(place, Box::new(joined_pair(inner, last))))
    }

    /// Whether a comparison comes next rather than `and`, `or`, a closing bracket or the end.
    fn operator_follows(&self) -> bool {
        let next = self.rest().trim_ascii_start();
        let word = next.split(|c: char| c.is_ascii_whitespace() || "()[]".contains(c)).next().unwrap_or("");
        !word.is_empty() && !word.eq_ignore_ascii_case("and") && !word.eq_ignore_ascii_case("or")
    }

    fn until(&mut self, stop: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.bytes().position(stop).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Looks `name` up: place, attribute and the definition compared with.
    fn resolve(&self, scope: Scope<'a>, name: &str) -> Result<(Place, &'a Attribute, &'a Attribute)> {
        let unknown = || {
            Error::new(Kind::InvalidFilter, "no attribute has this name, or it is not mapped")
                .at(name.to_owned())
        };
        let (urn, attribute, sub) = match scope {
            Scope::Element(attribute) => match sub_name(attribute, name) {
                Found::Attribute(_, found) => (None, found, None),
                // An element of a plain list is its own value.
                _ if attribute.kind != Type::Complex && same_name(name, "value") => {
                    let place = Place { urn: None, name: "value".to_owned(), sub: None };
                    return Ok((place, attribute, attribute));
                }
                Found::Unmapped if self.lenient => (None, &*LACKED, None),
                _ => return Err(unknown()),
            },
            Scope::Resource(rtype) => {
                let (urn, rest) = rtype.split_urn(name);
                let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
                let Found::Attribute(urn, attribute) = rtype.find(urn, name) else { return Err(unknown()) };
                (urn, attribute, sub)
            }
        };
        let (sub, leaf) = match sub {
            Some(sub) => match sub_name(attribute, sub) {
                Found::Attribute(_, leaf) => (Some(leaf.name.to_string()), leaf),
                _ => return Err(unknown()),
            },
            // `emails eq "x"` and `manager eq "x"` mean the value (RFC 7644 section 3.4.2.2).
            None => match attribute.sub("value") {
                Some(leaf) if self.peek() != Some(b'[') => (Some(leaf.name.to_string()), leaf),
                _ => (None, attribute),
            },
        };
        let lacks = |rtype: &ResourceType| rtype.lacks_meta(&attribute.name, sub.as_deref());
        if matches!(scope, Scope::Resource(rtype) if lacks(rtype)) {
            return Err(unknown());
        }
        Ok((Place { urn: urn.map(str::to_owned), name: attribute.name.to_string(), sub }, attribute, leaf))
    }

    fn comparison(&mut self, mut place: Place, leaf: &Attribute) -> Result<Filter> {
        self.blanks();
        let operator = self.until(|byte| byte.is_ascii_whitespace() || b"()[]".contains(&byte));
        if operator.eq_ignore_ascii_case("pr") {
            if leaf.name == "value" && place.sub.as_deref() == Some("value") {
                // `emails pr` asks for any element, not only for one with a value.
                place.sub = None;
            }
            if place.name.is_empty() {
                return Ok(Filter::And(Vec::new()));
            }
            return Ok(Filter::Present(place));
        }
        let comparison = match operator.to_ascii_lowercase().as_str() {
            "eq" => Comparison::Eq,
            "ne" => Comparison::Ne,
            "co" => Comparison::Co,
            "sw" => Comparison::Sw,
            "ew" => Comparison::Ew,
            "gt" => Comparison::Gt,
            "ge" => Comparison::Ge,
            "lt" => Comparison::Lt,
            "le" => Comparison::Le,
            "" => return Err(self.wrong(&format!("`{place}` lacks an operator and a value"))),
            other => {
                return Err(self.wrong(&format!(
                    "`{other}` is no operator; eq, ne, co, sw, ew, pr, gt, ge, lt, le are"
                )));
            }
        };
        let literal = self.literal(&place, comparison, leaf)?;
        if place.name.is_empty() {
            return Ok(Filter::And(Vec::new()));
        }
        Ok(Filter::Compare(place, comparison, literal))
    }

    fn literal(&mut self, place: &Place, comparison: Comparison, leaf: &Attribute) -> Result<Literal> {
        self.blanks();
        let (text, quoted) = match self.peek() {
            None => return Err(self.wrong(&format!("`{place} {comparison}` lacks a value"))),
            Some(b'"') => (self.quoted()?, true),
            Some(_) => {
                (self.until(|byte| byte.is_ascii_whitespace() || b")]".contains(&byte)).to_owned(), false)
            }
        };
        if !quoted && text.eq_ignore_ascii_case("null") {
            return Ok(Literal::Null);
        }
        let unfit = |what: &str| {
            Error::new(Kind::InvalidFilter, format!("is compared with {what} only")).at(place.to_string())
        };
        let substring = matches!(comparison, Comparison::Co | Comparison::Sw | Comparison::Ew);
        match leaf.kind {
            Type::String | Type::Reference | Type::Binary => Ok(Literal::text(text, leaf.case_exact)),
            Type::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "false" if matches!(comparison, Comparison::Eq | Comparison::Ne) => {
                    Ok(Literal::Boolean(text.eq_ignore_ascii_case("true")))
                }
                _ => Err(unfit("`eq` or `ne` and true or false")),
            },
            Type::Integer | Type::Decimal if !substring => {
                // Rust's `NaN` and `inf` are no numbers here.
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Literal::Number).ok_or_else(|| unfit("a number"))
            }
            Type::DateTime if substring => Ok(Literal::text(text, true)),
            Type::DateTime => match parse_instant(&text) {
                Some(instant) => Ok(Literal::Instant(instant, text)),
                None => Err(unfit("a date-time such as 2025-03-04T10:00:00Z")),
            },
            Type::Integer | Type::Decimal => Err(unfit("a number by eq, ne, gt, ge, lt and le")),
            Type::Complex => {
                Err(Error::new(Kind::InvalidFilter, "is complex: compare one of its sub-attributes")
                    .at(place.to_string()))
            }
        }
    }

    /// A JSON string.
    fn quoted(&mut self) -> Result<String> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest
            .bytes()
            .enumerate()
            .skip(1)
            .find(|&(_, byte)| {
                let closes = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                closes
            })
            .map(|(index, _)| index);
        let Some(end) = end else { return Err(self.wrong("a quoted value does not end")) };
        let Ok(Value::String(text)) = serde_json::from_str(&rest[..=end]) else {
            return Err(self.wrong("a quoted value must follow JSON's rules for text"));
        };
        self.at += end + 1;
        Ok(text)
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    parts.retain(|part| !part.is_vacuous());
    if parts.is_empty() {
        return Filter::And(parts);
    }
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn joined_pair(first: Filter, last: Filter) -> Filter {
    match first {
        Filter::And(mut parts) => {
            parts.push(last);
            Filter::And(parts)
        }
        other => Filter::And(vec![other, last]),
    }
}
