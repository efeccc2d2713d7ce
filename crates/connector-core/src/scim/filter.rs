//! Filters (RFC 7644 section 3.4.2.2) as typed trees, and their evaluation.

use std::{borrow::Cow, cmp::Ordering, fmt};

use jiff::Timestamp;
use serde_json::Value;

use super::{resource::Resource, time::parse_instant};

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less or equal.
    Le,
}

/// A value to compare with, already in the type of the attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Text; `folded` is its lower-case form, there when letter case does not count.
    Text {
        /// As written.
        value: String,
        /// In lower case, when the attribute's comparison ignores letter case.
        folded: Option<String>,
    },
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// An instant.
    Instant(Timestamp, String),
    /// No value at all.
    Null,
}

/// Where a comparison looks: an attribute, or below the element a bracket filter stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The extension, for attributes of one.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All hold.
    And(Vec<Filter>),
    /// One holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// Some value at the place compares.
    Compare(Place, Comparison, Literal),
    /// There is a value at the place.
    Present(Place),
    /// One element of the multi-valued attribute fulfils the inner filter.
    Element(Place, Box<Filter>),
}

/// Visits the values at a place.
type Values<'a> = dyn Fn(&Place, &mut dyn FnMut(&Value)) + 'a;

impl Filter {
    /// Whether `resource` fulfils the filter. Linear in the size of both.
    pub fn matches(&self, resource: &Resource) -> bool {
        self.eval(&|place, visit| {
            if let Some(value) = resource.attribute(place.urn.as_deref(), &place.name) {
                leaves(value, place.sub.as_deref(), visit);
            }
        })
    }

    /// Whether an element of a multi-valued attribute fulfils the filter that stands in its brackets.
    pub fn matches_element(&self, element: &Value) -> bool {
        self.eval(&|place, visit| {
            let leaf = match element {
                Value::Object(_) => element.get(&place.name),
                simple if place.name == "value" => Some(simple),
                _ => None,
            };
            if let Some(leaf) = leaf {
                visit(leaf);
            }
        })
    }

    fn eval(&self, values: &Values<'_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|filter| filter.eval(values)),
            Self::Or(any) => any.iter().any(|filter| filter.eval(values)),
            Self::Not(inner) => !inner.eval(values),
            Self::Present(place) => {
                let mut present = false;
                values(place, &mut |value| present |= has_value(value));
                present
            }
            Self::Compare(place, comparison, literal) => {
                let (mut any, mut hit) = (false, false);
                values(place, &mut |value| {
                    any |= has_value(value);
                    hit |= literal.compare(*comparison, value);
                });
                match (comparison, literal) {
                    (Comparison::Eq, Literal::Null) => !any,
                    (Comparison::Ne, Literal::Null) => any,
                    (Comparison::Ne, _) => !any || hit,
                    _ => hit,
                }
            }
            Self::Element(place, inner) => {
                let mut hit = false;
                values(place, &mut |element| hit |= inner.matches_element(element));
                hit
            }
        }
    }

    /// Whether nothing is left of it that could be compared: the path of a PATCH compares with what the target lacks alone.
    pub(super) const fn is_vacuous(&self) -> bool {
        matches!(self, Self::And(parts) if parts.is_empty())
    }

    /// The parts that must all hold.
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(all) => all,
            other => std::slice::from_ref(other),
        }
    }

    /// Place and text of an `eq` comparison with text, `emails[…].value eq "x"` and `emails.value eq "x"` alike.
    pub fn equals_text(&self) -> Option<(&Place, &str)> {
        match self {
            Self::Compare(place, Comparison::Eq, Literal::Text { value, .. }) => Some((place, value)),
            _ => None,
        }
    }
}

/// Visits every simple value at `sub` of `value`; arrays are walked.
fn leaves(value: &Value, sub: Option<&str>, visit: &mut dyn FnMut(&Value)) {
    match (value, sub) {
        (Value::Array(elements), _) => elements.iter().for_each(|element| leaves(element, sub, visit)),
        (Value::Object(object), Some(name)) => {
            if let Some(leaf) = object.get(name) {
                leaves(leaf, None, visit);
            }
        }
        (simple, None) => visit(simple),
        (simple, Some("value")) => visit(simple),
        _ => {}
    }
}

fn has_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => true,
    }
}

impl Literal {
    /// Text compared with or without letter case.
    pub fn text(value: String, case_exact: bool) -> Self {
        let folded = (!case_exact).then(|| value.to_lowercase());
        Self::Text { value, folded }
    }

    fn compare(&self, comparison: Comparison, candidate: &Value) -> bool {
        match (self, candidate) {
            (Self::Text { value, folded: None }, Value::String(text)) => text_holds(comparison, text, value),
            (Self::Text { folded: Some(folded), .. }, Value::String(text)) => {
                text_holds(comparison, &lower(text), folded)
            }
            (Self::Boolean(wanted), Value::Bool(held)) => match comparison {
                Comparison::Ne => held != wanted,
                _ => held == wanted,
            },
            (Self::Number(wanted), Value::Number(held)) => held
                .as_f64()
                .and_then(|held| held.partial_cmp(wanted))
                .is_some_and(|order| holds(comparison, order)),
            (Self::Instant(wanted, _), Value::String(held)) => {
                parse_instant(held).is_some_and(|held| holds(comparison, held.cmp(wanted)))
            }
            _ => false,
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn text_holds(comparison: Comparison, held: &str, wanted: &str) -> bool {
    match comparison {
        Comparison::Co => held.contains(wanted),
        Comparison::Sw => held.starts_with(wanted),
        Comparison::Ew => held.ends_with(wanted),
        _ => holds(comparison, held.cmp(wanted)),
    }
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Eq => order.is_eq(),
        Comparison::Ne => order.is_ne(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        // Parsing admits these for text only.
        Comparison::Co | Comparison::Sw | Comparison::Ew => false,
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        })
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { value: text, .. } | Self::Instant(_, text) => {
                f.write_str(&Value::String(text.clone()).to_string())
            }
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Null => f.write_str("null"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Filter {
    /// In canonical form: it parses to the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Self::And(_) | Self::Or(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::And(parts) => joined(f, parts, "and"),
            Self::Or(parts) => joined(f, parts, "or"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare(place, comparison, literal) => write!(f, "{place} {comparison} {literal}"),
            Self::Present(place) => write!(f, "{place} pr"),
            Self::Element(place, inner) => write!(f, "{place}[{inner}]"),
        }
    }
}
