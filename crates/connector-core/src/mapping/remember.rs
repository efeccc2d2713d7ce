//! What of a client's values the ledger has to remember.

use serde_json::Value;

use super::{
    plan::{Plan, Unit},
    table::Direction,
    taken::{Step, same_part},
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
    /// nothing, the same as before, or what it fills in by itself — is not: that would be an answer nothing stands behind.
    /// Parts and elements are judged one by one. Where the target cannot show every state, what was written is remembered
    /// until it shows another one.
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
            // What the client left as it was, and the target changed by itself, is not the client's word.
            if was == Some(sent) {
                continue;
            }
            let sent = self.without_others(urn, name, sent, was, now);
            if *now == sent || was == Some(&sent) {
                continue;
            }
            let path = join(urn, name);
            let beside = self.ambiguous_beside(urn, name).map(|place| Beside::of(place, held));
            let ambiguous = beside.is_some();
            let mut kept = Kept { sent, held: now.clone(), until: None, beside };
            let earlier = previous.0.get(&path);
            let same = earlier.filter(|earlier| Kept { until: None, ..(*earlier).clone() } == kept);
            if let Some(same) = same {
                kept.until = same.until;
            } else if !ambiguous {
                let held_before = before.map_or(now, |_| was.unwrap_or(&Value::Null));
                let earlier = earlier.filter(|kept| kept.until.is_none() && kept.held == *held_before);
                let step = Step { urn, name, asked, before, held, earlier };
                let taken = if lasting { self.taken(&step, &kept.sent) } else { now.clone() };
                if taken != kept.sent {
                    if before.is_some() && held_before == now {
                        // The change was acknowledged, yet the target reads as before: it may show it late.
                        kept = Kept::late(kept.sent, kept.held);
                    } else if taken == *now {
                        continue;
                    } else {
                        kept.sent = taken;
                    }
                }
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
        if let Value::Array(elements) = sent {
            return Value::Array(self.without_told(urn, name, elements, now));
        }
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

    /// Elements with what only the target says of them.
    fn without_told(&self, urn: Option<&str>, name: &str, sent: &[Value], now: &Value) -> Vec<Value> {
        let mut elements = sent.to_vec();
        for plan in self.units_at(urn, name).filter_map(|unit| unit.elements.as_ref()) {
            for element in &mut elements {
                let held = now.as_array().into_iter().flatten();
                let held = held.into_iter().find(|held| same_part(held, element, "value"));
                plan.tell(element, held);
            }
        }
        elements
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

    pub(super) fn units_at<'p, 'n>(
        &'p self,
        urn: Option<&'n str>,
        name: &'n str,
    ) -> impl Iterator<Item = &'p Unit> + use<'p, 'n> {
        self.units.iter().filter(move |unit| unit.place.urn.as_deref() == urn && unit.place.name == name)
    }
}
