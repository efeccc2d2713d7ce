//! What of a client's values the ledger has to remember.

use serde_json::Value;

use super::{
    plan::{Plan, Unit},
    table::Direction,
};
use crate::{
    ledger::{Beside, Kept, Memory, join},
    scim::{Found, Mutability, Place, Resource, Type},
};

impl Plan {
    /// What to remember after a write: `asked` is what the client wants to see, `held` what the target holds now, `before`
    /// what it held earlier, `previous` what was remembered.
    ///
    /// Where the target acknowledged a change and still reads as before, the client's value is believed for a minute.
    /// A value is remembered for good when the target holds what was written of it but reads differently, when the target made
    /// something else of it, or when the target has no field for it (`externalId`). One that the target ignored — it holds
    /// nothing, or the same as before — is not: that would be an answer nothing stands behind. Where the target cannot show
    /// every state, what was written is remembered until it shows another one.
    pub fn memory(
        &self,
        asked: &Resource,
        before: Option<&Resource>,
        held: &Resource,
        previous: &Memory,
    ) -> Memory {
        let mut memory = Memory::default();
        let core = asked.document().iter().filter(|(name, _)| !name.starts_with("urn:"));
        let extensions = asked.document().iter().filter_map(|(urn, value)| Some((urn, value.as_object()?)));
        let extensions = extensions.filter(|(urn, _)| urn.starts_with("urn:"));
        let attributes =
            core.map(|(name, value)| (None, name, value)).chain(extensions.flat_map(|(urn, object)| {
                object.iter().map(move |(name, value)| (Some(urn.as_str()), name, value))
            }));
        for (urn, name, sent) in attributes {
            let Some(lasting) = self.is_remembered(urn, name).filter(|_| !sent.is_null()) else { continue };
            let now = held.attribute(urn, name).unwrap_or(&Value::Null);
            let was = before.and_then(|before| before.attribute(urn, name));
            let sent = self.without_others(urn, name, sent, was, now);
            // What the client left as it was, and the target changed by itself, is not the client's word.
            if *now == sent || was == Some(&sent) {
                continue;
            }
            let path = join(urn, name);
            let beside = self.ambiguous_beside(urn, name).map(|place| Beside::of(place, held));
            let ambiguous = beside.is_some();
            let mut kept = Kept { sent, held: now.clone(), until: None, beside };
            let earlier =
                previous.0.get(&path).filter(|earlier| Kept { until: None, ..(*earlier).clone() } == kept);
            if let Some(earlier) = earlier {
                kept.until = earlier.until;
            } else if !ambiguous && (!lasting || !self.was_taken(urn, name, asked, before, held)) {
                let late =
                    before.is_some_and(|before| before.attribute(urn, name).unwrap_or(&Value::Null) == now);
                if !late {
                    continue;
                }
                // The change was acknowledged, yet the target reads as before: it may show it late.
                kept = Kept::late(kept.sent, kept.held);
            }
            memory.0.insert(path, kept);
        }
        memory
    }

    /// What a client sent of a complex attribute, and what the target has of the parts that the client did not send, left
    /// as they were, or cannot write: they are nothing that was written. Parts the target fills in by itself stay away.
    fn without_others(
        &self,
        urn: Option<&str>,
        name: &str,
        sent: &Value,
        was: Option<&Value>,
        now: &Value,
    ) -> Value {
        let Value::Object(sent) = sent else { return sent.clone() };
        let part = |sub: &str| self.units_at(urn, name).find(|unit| unit.place.sub.as_deref() == Some(sub));
        let is_filled = |sub: &str| part(sub).is_some_and(|unit| !unit.filled.is_empty());
        let is_told = |sub: &str| part(sub).is_some_and(|unit| unit.direction == Direction::Read);
        let mut whole = sent.clone();
        whole.retain(|sub, _| !is_told(sub));
        if whole.is_empty() {
            return now.clone();
        }
        for (sub, value) in now.as_object().into_iter().flatten() {
            let own = whole.get(sub);
            let left = own.is_some() && was.and_then(|was| was.get(sub)) == own;
            if left || (own.is_none() && !is_filled(sub)) {
                whole.insert(sub.clone(), value.clone());
            }
        }
        Value::Object(whole)
    }

    /// Whether clients see their own value of this attribute: for ever, or only until the target shows it (`false`).
    /// Memberships and what clients cannot write are always the target's.
    fn is_remembered(&self, urn: Option<&str>, name: &str) -> Option<bool> {
        let Found::Attribute(_, attribute) = self.rtype.find(urn, name) else { return None };
        let written = matches!(attribute.mutability, Mutability::ReadWrite | Mutability::Immutable);
        let granted = self.units_at(urn, name).any(|unit| unit.granted);
        (written && !granted && name != "members").then_some(attribute.kind != Type::Boolean)
    }

    /// The place beside which alone the target tells the states of this attribute apart.
    fn ambiguous_beside(&self, urn: Option<&str>, name: &str) -> Option<&Place> {
        self.units_at(urn, name).find_map(|unit| unit.ambiguous_beside.as_ref())
    }

    fn units_at<'p, 'n>(
        &'p self,
        urn: Option<&'n str>,
        name: &'n str,
    ) -> impl Iterator<Item = &'p Unit> + use<'p, 'n> {
        self.units.iter().filter(move |unit| unit.place.urn.as_deref() == urn && unit.place.name == name)
    }

    fn was_taken(
        &self,
        urn: Option<&str>,
        name: &str,
        asked: &Resource,
        before: Option<&Resource>,
        held: &Resource,
    ) -> bool {
        let units: Vec<&Unit> = self.units_at(urn, name).collect();
        if units.is_empty() {
            return true;
        }
        let written = |unit: &Unit, resource: &Resource| self.written(unit, resource).unwrap_or(None);
        if units.iter().all(|unit| written(unit, asked) == written(unit, held)) {
            return true;
        }
        let now = held.attribute(urn, name);
        now.is_some() && before.is_none_or(|before| before.attribute(urn, name) != now)
    }
}
