//! Filters mean what a plain evaluator says they mean, and survive being printed.

mod support;

use std::{cmp::Ordering, sync::LazyLock};

use connector_core::scim::{Filter, ResourceType};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{OWN, USER, filter, plan, resource};

static RTYPE: LazyLock<ResourceType> = LazyLock::new(|| plan(&USER).resource_type().clone());

/// A filter as this test thinks of it.
#[derive(Debug, Clone)]
enum Wish {
    Compare(Attribute, &'static str, Value),
    Present(Attribute),
    Email(Box<Wish>),
    All(Vec<Wish>),
    Any(Vec<Wish>),
    Not(Box<Wish>),
}

/// An attribute: how filters name it, where its values are, and how they compare.
#[derive(Debug, Clone, Copy)]
struct Attribute {
    name: &'static str,
    pointer: &'static [&'static str],
    sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sort {
    Text,
    Exact,
    Number,
    Boolean,
    /// In the form of [`instant`].
    Instant,
}

const fn attribute(name: &'static str, pointer: &'static [&'static str], sort: Sort) -> Attribute {
    Attribute { name, pointer, sort }
}

const OF_USER: &[Attribute] = &[
    attribute("title", &["title"], Sort::Text),
    attribute("name.familyName", &["name", "familyName"], Sort::Text),
    attribute("externalId", &["externalId"], Sort::Exact),
    attribute("active", &["active"], Sort::Boolean),
    attribute("urn:example:2.0:User:floor", &[OWN, "floor"], Sort::Number),
    attribute("urn:example:2.0:User:since", &[OWN, "since"], Sort::Instant),
    attribute("emails", &["emails", "value"], Sort::Text),
    attribute("emails.type", &["emails", "type"], Sort::Text),
    attribute("emails.primary", &["emails", "primary"], Sort::Boolean),
];

const OF_EMAIL: &[Attribute] = &[
    attribute("value", &["value"], Sort::Text),
    attribute("type", &["type"], Sort::Text),
    attribute("primary", &["primary"], Sort::Boolean),
];

/// Every value at `pointer`, through arrays.
fn values<'v>(document: &'v Value, pointer: &[&str], out: &mut Vec<&'v Value>) {
    match (document, pointer) {
        (Value::Array(elements), _) => elements.iter().for_each(|element| values(element, pointer, out)),
        (value, []) => out.push(value),
        (value, [first, rest @ ..]) => {
            if let Some(value) = value.get(*first) {
                values(value, rest, out);
            }
        }
    }
}

impl Wish {
    fn holds(&self, document: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(document)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(document)),
            Self::Not(part) => !part.holds(document),
            Self::Email(inner) => document["emails"]
                .as_array()
                .is_some_and(|emails| emails.iter().any(|email| inner.holds(email))),
            Self::Present(attribute) => {
                let mut found = Vec::new();
                values(document, attribute.pointer, &mut found);
                found.iter().any(|value| **value != json!(""))
            }
            Self::Compare(attribute, operator, wanted) => {
                let mut found = Vec::new();
                values(document, attribute.pointer, &mut found);
                let hit = found.iter().any(|held| compares(attribute.sort, held, operator, wanted));
                hit || *operator == "ne" && found.iter().all(|value| **value == json!(""))
            }
        }
    }

    fn text(&self) -> String {
        let joined = |parts: &[Self], word: &str| {
            parts.iter().map(|part| format!("({})", part.text())).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::All(parts) => joined(parts, " and "),
            Self::Any(parts) => joined(parts, " or "),
            Self::Not(part) => format!("not ({})", part.text()),
            Self::Email(inner) => format!("emails[{}]", inner.text()),
            Self::Present(attribute) => format!("{} pr", attribute.name),
            Self::Compare(attribute, operator, value) => format!("{} {operator} {value}", attribute.name),
        }
    }
}

fn compares(sort: Sort, held: &Value, operator: &str, wanted: &Value) -> bool {
    let order = match (sort, held, wanted) {
        (Sort::Text | Sort::Exact, Value::String(held), Value::String(wanted)) => {
            let fold = |text: &str| if sort == Sort::Text { text.to_lowercase() } else { text.to_owned() };
            let (held, wanted) = (fold(held), fold(wanted));
            match operator {
                "co" => return held.contains(&wanted),
                "sw" => return held.starts_with(&wanted),
                "ew" => return held.ends_with(&wanted),
                _ => held.cmp(&wanted),
            }
        }
        (Sort::Number, Value::Number(held), Value::Number(wanted)) => {
            held.as_i64().expect("whole").cmp(&wanted.as_i64().expect("whole"))
        }
        (Sort::Boolean, Value::Bool(held), Value::Bool(wanted)) => held.cmp(wanted),
        (Sort::Instant, Value::String(held), Value::String(wanted)) => minutes(held).cmp(&minutes(wanted)),
        other => panic!("not comparable: {other:?}"),
    };
    match operator {
        "eq" => order == Ordering::Equal,
        "ne" => order != Ordering::Equal,
        "gt" => order == Ordering::Greater,
        "ge" => order != Ordering::Less,
        "lt" => order == Ordering::Less,
        "le" => order != Ordering::Greater,
        other => panic!("no operator: {other}"),
    }
}

/// A moment of one day, written in a zone some hours ahead of UTC.
fn instant() -> impl Strategy<Value = String> {
    (10..12_u32, 0..3_u32, 0..3_u32)
        .prop_map(|(hour, minute, ahead)| format!("2026-03-04T{hour:02}:{minute:02}:00+{ahead:02}:00"))
}

/// Minutes since the midnight of that day in UTC.
fn minutes(text: &str) -> u32 {
    let part = |from: usize| text[from..from + 2].parse::<u32>().expect("two digits");
    (part(11) - part(20)) * 60 + part(14)
}

const WORDS: &str = "[aAbBéÉ\"\\\\ ]{0,3}";

fn compare(attribute: Attribute) -> BoxedStrategy<Wish> {
    let of = |operators: &'static [&'static str], value: BoxedStrategy<Value>| {
        (prop::sample::select(operators), value)
            .prop_map(move |(operator, value)| Wish::Compare(attribute, operator, value))
            .boxed()
    };
    match attribute.sort {
        Sort::Text | Sort::Exact => {
            of(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"], WORDS.prop_map(Value::from).boxed())
        }
        Sort::Number => of(&["eq", "ne", "gt", "ge", "lt", "le"], (-2..3_i64).prop_map(Value::from).boxed()),
        Sort::Boolean => of(&["eq", "ne"], any::<bool>().prop_map(Value::from).boxed()),
        Sort::Instant => of(&["eq", "ne", "gt", "ge", "lt", "le"], instant().prop_map(Value::from).boxed()),
    }
}

fn simple(attributes: &'static [Attribute]) -> BoxedStrategy<Wish> {
    prop::sample::select(attributes)
        .prop_flat_map(
            |attribute| prop_oneof![4 => compare(attribute), 1 => Just(Wish::Present(attribute)).boxed()],
        )
        .boxed()
}

fn nested(leaf: BoxedStrategy<Wish>) -> BoxedStrategy<Wish> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Wish::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Wish::Any),
            inner.prop_map(|part| Wish::Not(Box::new(part))),
        ]
    })
    .boxed()
}

fn wish() -> BoxedStrategy<Wish> {
    let email = nested(simple(OF_EMAIL)).prop_map(|inner| Wish::Email(Box::new(inner)));
    nested(prop_oneof![3 => simple(OF_USER), 1 => email.boxed()].boxed())
}

/// A user with any of the attributes that filters ask for.
fn person() -> impl Strategy<Value = Value> {
    let text = || prop::option::of("[aAbBéÉ\"\\\\ ]{1,3}");
    let email =
        ("[aAbBéÉ]{1,3}", text(), prop::option::of(any::<bool>())).prop_map(|(value, kind, primary)| {
            let mut email = json!({"value": value});
            if let Some(kind) = kind {
                email["type"] = json!(kind);
            }
            if let Some(primary) = primary {
                email["primary"] = json!(primary);
            }
            email
        });
    let emails = prop::collection::vec(email, 0..3);
    let floor = prop::option::of(-2..3_i64);
    let since = prop::option::of(instant());
    (text(), text(), text(), prop::option::of(any::<bool>()), floor, since, emails).prop_map(
        |(title, family, external, active, floor, since, emails)| {
            let mut user = json!({"id": "U1"});
            let set = |user: &mut Value, name: &str, value: Option<Value>| {
                if let Some(value) = value {
                    user[name] = value;
                }
            };
            set(&mut user, "title", title.map(Value::from));
            set(&mut user, "name", family.map(|family| json!({"familyName": family})));
            set(&mut user, "externalId", external.map(Value::from));
            set(&mut user, "active", active.map(Value::from));
            let mut own = json!({});
            set(&mut own, "floor", floor.map(Value::from));
            set(&mut own, "since", since.map(Value::from));
            set(&mut user, OWN, Some(own).filter(|own| *own != json!({})));
            set(&mut user, "emails", (!emails.is_empty()).then(|| json!(emails)));
            user
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_filter_means_what_the_plain_evaluator_says(wish in wish(), person in person()) {
        let parsed = filter(&wish.text(), &RTYPE);
        prop_assert_eq!(parsed.matches(&resource(person.clone())), wish.holds(&person), "{} on {}", parsed, person);
    }

    #[test]
    fn a_printed_filter_reads_back_as_the_same(wish in wish()) {
        let parsed = filter(&wish.text(), &RTYPE);
        let printed = parsed.to_string();
        prop_assert_eq!(Filter::parse(&printed, &RTYPE).expect(&printed), parsed);
    }

    #[test]
    fn a_printed_number_or_date_reads_back_as_the_same(number in any::<f64>(), seconds in 0..4_000_000_000_i64) {
        prop_assume!(number.is_finite());
        let date = jiff::Timestamp::from_second(seconds).expect("in range");
        let text = format!("{OWN}:share gt {number:e} and {OWN}:since le \"{date}\"");
        let parsed = filter(&text, &RTYPE);
        prop_assert_eq!(filter(&parsed.to_string(), &RTYPE), parsed);
    }
}
