//! Splitting a filter into what names objects directly and the rest.

use std::collections::HashSet;

use super::Endpoint;
use crate::{
    connector::Condition,
    scim::{Comparison, Filter, Literal, Place},
};

/// One way to candidates for a filter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Lookup {
    /// A read by id.
    Id(String),
    /// By value: in the ledger under this attribute, and in the target where it can compare.
    Value {
        /// The ledger's name of the attribute.
        attribute: String,
        /// The value asked for.
        value: String,
        /// The target's comparison.
        condition: Option<Condition>,
    },
    /// The groups of this user.
    Member(String),
}

impl Endpoint<'_> {
    /// The look-ups whose results together hold every match of `filter`. `None`: only a walk finds them all.
    pub(super) fn lookups(self, filter: &Filter) -> Option<Vec<Lookup>> {
        match filter {
            Filter::And(all) => all.iter().find_map(|part| self.lookups(part)),
            Filter::Or(any) => {
                let parts = any.iter().map(|part| self.lookups(part)).collect::<Option<Vec<_>>>()?;
                let mut known = HashSet::new();
                Some(parts.into_iter().flatten().filter(|lookup| known.insert(lookup.clone())).collect())
            }
            Filter::Compare(place, Comparison::Eq, Literal::Text { value, .. }) => {
                self.equals(place, value, &[])
            }
            Filter::Element(place, inner) => inner.conjuncts().iter().find_map(|part| {
                let (leaf, value) = part.equals_text()?;
                let (urn, name) = (place.urn.clone(), place.name.clone());
                self.equals(&Place { urn, name, sub: Some(leaf.name.clone()) }, value, inner.conjuncts())
            }),
            _ => None,
        }
    }

    fn equals(self, place: &Place, value: &str, beside: &[Filter]) -> Option<Vec<Lookup>> {
        let at = |name: &str, sub: Option<&str>| {
            place.urn.is_none() && place.name == name && place.sub.as_deref() == sub
        };
        if at("id", None) {
            return Some(vec![Lookup::Id(value.to_owned())]);
        }
        if at("members", Some("value")) && self.users_list_their_groups() {
            return Some(vec![Lookup::Member(value.to_owned())]);
        }
        let comparable = self.plan.can_compare(place, beside);
        let only_remembered = at("externalId", None) && !self.plan.is_mapped(place);
        if !comparable && !only_remembered {
            return None;
        }
        // A value the target can never hold may still be one that a client wrote and the ledger remembers.
        let condition = if comparable { self.plan.condition(place, value, beside) } else { None };
        Some(vec![Lookup::Value { attribute: place.to_string(), value: value.to_owned(), condition }])
    }

    fn users_list_their_groups(self) -> bool {
        let groups = Place { urn: None, name: "groups".into(), sub: None };
        self.name() == "Group"
            && self.instance.endpoints().any(|other| other.name() == "User" && other.plan.is_mapped(&groups))
    }
}
