//! The core schemas against RFC 7643 section 8.7.1, characteristic by characteristic.
//!
//! The fixture states what the RFC prints, its omissions included; an omitted characteristic has the default of section
//! 7. Whatever differs must be in `DEVIATIONS` with a reason, and whatever is in there must differ.

use std::collections::{BTreeMap, BTreeSet};

use connector_core::scim::{Attribute, DEVIATIONS, Schema, enterprise_user, group, user};
use serde::Serialize;

/// Path, with the schema's name before it, to its characteristics.
type Facts = BTreeMap<String, BTreeMap<&'static str, String>>;

/// Characteristics of the fixture's columns, and the default of section 7 for one that the RFC leaves out.
const CHARACTERISTICS: [(&str, &str); 9] = [
    ("type", "string"),
    ("multiValued", "false"),
    ("required", "false"),
    ("caseExact", "false"),
    ("mutability", "readWrite"),
    ("returned", "default"),
    ("uniqueness", "none"),
    ("canonicalValues", ""),
    ("referenceTypes", ""),
];

fn printed_by_the_rfc() -> Facts {
    let lines = include_str!("fixtures/rfc7643_8_7_1.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [schema, path, values @ ..] = &cells[..] else { panic!("no path in {line:?}") };
            assert_eq!(values.len(), CHARACTERISTICS.len(), "{line:?}");
            let facts = CHARACTERISTICS.iter().zip(values).map(|(&(name, default), value)| {
                let value = match *value {
                    "-" => default,
                    "[]" => "",
                    printed => printed,
                };
                (name, value.to_owned())
            });
            (format!("{schema}.{path}"), facts.collect())
        })
        .collect()
}

fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value).expect("a plain word") {
        serde_json::Value::String(word) => word,
        other => panic!("not a word: {other}"),
    }
}

fn facts_of(attribute: &Attribute) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("type", word(attribute.kind)),
        ("multiValued", attribute.multi_valued.to_string()),
        ("required", attribute.required.to_string()),
        ("caseExact", attribute.case_exact.to_string()),
        ("mutability", word(attribute.mutability)),
        ("returned", word(attribute.returned)),
        ("uniqueness", word(attribute.uniqueness)),
        ("canonicalValues", attribute.canonical_values.join(",")),
        ("referenceTypes", attribute.reference_types.join(",")),
    ])
}

fn built_in() -> Facts {
    fn below(prefix: &str, attributes: &[Attribute], out: &mut Facts) {
        for attribute in attributes {
            let path = format!("{prefix}.{}", attribute.name);
            below(&path, &attribute.sub_attributes, out);
            assert!(out.insert(path.clone(), facts_of(attribute)).is_none(), "{path} is there twice");
        }
    }
    let mut out = Facts::new();
    for Schema { name, attributes, .. } in [user(), group(), enterprise_user()] {
        below(&name, &attributes, &mut out);
    }
    out
}

#[test]
fn every_difference_from_the_rfc_is_a_listed_deviation_and_every_listed_one_is_real() {
    let (rfc, ours) = (printed_by_the_rfc(), built_in());
    assert_eq!(rfc.len(), 80, "the fixture holds all attributes of the three schemas");
    let mut differences = BTreeSet::new();
    for path in rfc.keys().chain(ours.keys()) {
        match (rfc.get(path), ours.get(path)) {
            (Some(rfc), Some(ours)) => {
                for (name, _) in CHARACTERISTICS.iter().filter(|(name, _)| rfc[name] != ours[name]) {
                    differences.insert((path.as_str(), *name));
                }
            }
            _ => {
                differences.insert((path.as_str(), "present"));
            }
        }
    }
    let listed: BTreeSet<(&str, &str)> = DEVIATIONS.iter().map(|&(path, name, _)| (path, name)).collect();
    assert_eq!(listed.len(), DEVIATIONS.len(), "a deviation is listed once");
    let unlisted: Vec<_> = differences.difference(&listed).collect();
    assert!(unlisted.is_empty(), "these differ from the RFC without a listed reason: {unlisted:?}");
    let unreal: Vec<_> = listed.difference(&differences).collect();
    assert!(unreal.is_empty(), "these are listed as deviations and do not differ: {unreal:?}");
}

#[test]
fn every_deviation_has_a_reason() {
    for (path, name, reason) in DEVIATIONS {
        assert!(reason.split_whitespace().count() >= 5, "{path} {name}: {reason:?}");
    }
}

#[test]
fn schemas_carry_the_rfcs_urn_and_name() {
    let named = [user(), group(), enterprise_user()].map(|schema| format!("{} {}", schema.id, schema.name));
    assert_eq!(
        named,
        [
            "urn:ietf:params:scim:schemas:core:2.0:User User",
            "urn:ietf:params:scim:schemas:core:2.0:Group Group",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User EnterpriseUser",
        ]
    );
}

#[test]
fn every_attribute_is_described() {
    fn check(path: &str, attributes: &[Attribute]) {
        for attribute in attributes {
            let path = format!("{path}.{}", attribute.name);
            assert!(attribute.description.ends_with('.'), "{path}: {:?}", attribute.description);
            check(&path, &attribute.sub_attributes);
        }
    }
    for schema in [user(), group(), enterprise_user()] {
        check(&schema.name, &schema.attributes);
    }
}
