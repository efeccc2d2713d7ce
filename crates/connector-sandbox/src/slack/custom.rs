//! Custom profile fields: read from the body as one lot, valid or not as one lot.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::error::{Refusal, Result};
use super::extension;
use super::model::{ADDRESS, Field, TOP_LEVEL, User};
use super::slots;
use super::write::{Body, Mode, Write};

/// New values of custom profile fields; None clears.
pub(super) type Changes = BTreeMap<Field, Option<String>>;

impl Write<'_> {
    /// Custom profile values: on POST one that is not valid drops them all in silence.
    pub(super) fn custom_values(&self, user: &mut User) -> Result<()> {
        let changes = match self.custom_changes(user) {
            Ok(changes) => changes,
            Err(refusal) if self.mode == Mode::Create && refusal.description != extension::MALFORMED => {
                user.custom = None;
                return Ok(());
            }
            Err(refusal) => return Err(refusal),
        };
        let secondary = user.custom(Field::SecondaryEmail).map(|_| Field::SecondaryEmail);
        let filled =
            changes.iter().filter(|(_, value)| value.is_some()).map(|(field, _)| *field).chain(secondary);
        let new = filled.map(Field::counted).filter(|field| !self.org.fields.contains(field));
        let new: BTreeSet<_> = new.collect();
        let total = self.options.other_custom_fields + self.org.fields.len() + new.len();
        if !new.is_empty() && total > self.options.custom_field_cap {
            return Err(Refusal::bad("unable_to_create_team_profile_fields"));
        }
        if self.mode == Mode::Create && self.drops_custom(&changes, user) {
            self.dropped.set(true);
            user.custom = None;
            return Ok(());
        }
        for (field, value) in changes {
            user.set_custom(field, value);
        }
        Ok(())
    }

    /// Whether this POST loses its custom values by the switch.
    fn drops_custom(&self, changes: &Changes, user: &User) -> bool {
        let some = user.custom.is_some() || changes.values().any(Option::is_some);
        self.options.drop_custom_on_next_create && some
    }

    fn custom_changes(&self, user: &User) -> Result<Changes> {
        let mut changes = Changes::new();
        if let Some(name) = self.body.get("name").and_then(Value::as_object) {
            self.custom_text(&mut changes, name, "honorificPrefix", Field::HonorificPrefix)?;
        }
        for (member, field) in TOP_LEVEL {
            self.custom_text(&mut changes, self.body, member, field)?;
        }
        self.phones(&mut changes, user)?;
        self.address(&mut changes, user)?;
        self.role(&mut changes, user)?;
        extension::enterprise(self, &mut changes)?;
        if changes.values().flatten().any(|value| self.options.invalid_custom_values.contains(value)) {
            return Err(Refusal::format());
        }
        Ok(changes)
    }

    pub(super) fn custom_text(
        &self,
        changes: &mut Changes,
        object: &Body,
        member: &str,
        field: Field,
    ) -> Result<()> {
        if let Some(text) = self.text(object, member)? {
            changes.insert(field, Some(text).filter(|text| !text.is_empty()));
        }
        Ok(())
    }

    fn phones(&self, changes: &mut Changes, user: &User) -> Result<()> {
        let Some(list) = self.body.get("phoneNumbers").filter(|list| !list.is_null()) else { return Ok(()) };
        let (deleted, given): (Vec<_>, Vec<_>) =
            slots::items(list, "phoneNumbers_invalid", false)?.into_iter().partition(|item| item.delete);
        for field in [Field::PrimaryPhone, Field::MobilePhone] {
            let held = user.custom(field);
            if held.is_some() && deleted.iter().any(|item| item.value.as_deref() == held) {
                changes.insert(field, None);
            }
        }
        let placed = slots::place_phones(&given);
        for (field, value) in [(Field::PrimaryPhone, placed.primary), (Field::MobilePhone, placed.mobile)] {
            // In a merge an empty item says nothing; only a deletion clears.
            if let Some(number) = value {
                changes.insert(field, Some(number));
            }
        }
        Ok(())
    }

    fn address(&self, changes: &mut Changes, user: &User) -> Result<()> {
        let Some(list) = self.body.get("addresses").filter(|list| !list.is_null()) else { return Ok(()) };
        let (deleted, given): (Vec<_>, Vec<_>) =
            slots::addresses(list)?.into_iter().partition(|item| item.delete);
        let held = ADDRESS.map(|(_, field)| user.custom(field).map(str::to_owned));
        let mut clear = || changes.extend(ADDRESS.map(|(_, field)| (field, None)));
        if deleted.iter().any(|item| item.value == held) {
            clear();
        }
        let filled: Vec<_> =
            given.into_iter().filter(|item| item.value.iter().any(Option::is_some)).collect();
        if let Some(address) = slots::one(&filled) {
            clear();
            changes.extend(ADDRESS.iter().map(|(_, field)| *field).zip(address.value.clone()));
        }
        Ok(())
    }

    fn role(&self, changes: &mut Changes, user: &User) -> Result<()> {
        let Some(list) = self.body.get("roles").filter(|list| !list.is_null()) else { return Ok(()) };
        let (deleted, given): (Vec<_>, Vec<_>) =
            slots::items(list, "roles_invalid", true)?.into_iter().partition(|item| item.delete);
        let held = user.custom(Field::Role);
        if held.is_some() && deleted.iter().any(|item| item.value.as_deref() == held) {
            changes.insert(Field::Role, None);
        }
        let filled: Vec<_> = given.into_iter().filter(|item| item.value.is_some()).collect();
        if let Some(role) = slots::one(&filled) {
            changes.insert(Field::Role, role.value.clone());
        }
        Ok(())
    }
}
