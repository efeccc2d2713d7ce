//! Writing people: what a body names is laid over what is there, attribute by attribute of a white list.

use serde_json::{Map, Value, json};

use super::super::error::{Refusal, Result};
use super::super::model::{Person, Tenant};
use super::super::options::{Options, ReadOnlyMembers, StatusPlace};
use super::Edition;
use super::attributes::{ENTERPRISE, LISTS, NAME, STATUS_READ_ONLY, TEXTS};

/// What becomes of attributes that a body leaves out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Mode {
    /// They stay.
    Merge,
    /// They go.
    Replace,
    /// They go, for they were taken out; and whatever only Workplace writes is as it was.
    Patched,
}

/// A write on a person.
pub(in super::super) struct Write<'a> {
    pub(in super::super) tenant: &'a Tenant,
    pub(in super::super) options: &'a Options,
    pub(in super::super) edition: Edition,
    pub(in super::super) now_ms: i64,
}

type Body = Map<String, Value>;

impl Write<'_> {
    /// The person that a body makes.
    pub(in super::super) fn create(&self, body: &Body) -> Result<Person> {
        let mut person =
            Person { active: true, created_ms: self.now_ms, updated_ms: self.now_ms, ..Person::default() };
        self.apply(&mut person, body, Mode::Merge)?;
        if self.options.formatted_name_required && person.name("formatted").is_none() {
            return Err(Refusal::invalid("name.formatted is required."));
        }
        self.check(&person, None)?;
        if person.name("formatted").is_none() {
            format_name(&mut person);
        }
        match person.text("userName").map(str::to_owned) {
            Some(address) if !person.core.contains_key("emails") => {
                let emails = json!([{"value": address, "type": "work", "primary": true}]);
                person.core.insert("emails".into(), emails);
            }
            Some(_) => {}
            None => {
                let mut rng = self.tenant.rng.clone();
                person.access_code = Some(rng.word("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8));
                person.by_sso = false;
                // They cannot be told by mail, and so may come at once.
                person.invited_ms = Some(self.now_ms);
            }
        }
        if self.options.auto_invite {
            person.invited_ms.get_or_insert(self.now_ms);
        }
        Ok(person)
    }

    /// The person of that id after a body.
    pub(in super::super) fn change(&self, id: u64, body: &Body, mode: Mode) -> Result<Person> {
        let before = self.tenant.people.get(&id).ok_or_else(|| Refusal::missing("User"))?;
        if mode != Mode::Patched {
            self.refuse_read_only(body)?;
        }
        let mut person = before.clone();
        self.apply(&mut person, body, mode)?;
        if self.options.put_without_active_deactivates && !body.contains_key("active") {
            person.active = false;
        }
        self.check(&person, Some((id, before)))?;
        let parts = |person: &Person| NAME.map(|part| person.name(part).map(str::to_owned));
        let ([shown, of @ ..], [old_shown, old_of @ ..]) = (parts(&person), parts(before));
        if self.options.formatted_follows_parts && shown == old_shown && of != old_of {
            format_name(&mut person);
        }
        person.updated_ms = self.now_ms;
        Ok(person)
    }

    /// What a client has of a read and must not send back.
    fn refuse_read_only(&self, body: &Body) -> Result<()> {
        if self.options.read_only_members == ReadOnlyMembers::Ignored {
            return Ok(());
        }
        let status = body.get(self.edition.names().status).and_then(Value::as_object);
        let of_status =
            status.and_then(|status| STATUS_READ_ONLY.into_iter().find(|name| status.contains_key(*name)));
        match ["id", "groups"].into_iter().find(|name| body.contains_key(*name)).or(of_status) {
            Some(name) => Err(Refusal::invalid(format!("{name} cannot be written."))),
            None => Ok(()),
        }
    }

    /// The members of an extension, also under its name in SCIM 1.1 where that is honoured.
    fn extension<'a>(&self, body: &'a Body, of: impl Fn(Edition) -> &'static str) -> Option<&'a Body> {
        let own = body.get(of(self.edition));
        let old = || body.get(of(Edition::V1)).filter(|_| self.options.v1_urns_in_v2);
        own.or_else(old)?.as_object()
    }

    fn apply(&self, person: &mut Person, body: &Body, mode: Mode) -> Result<()> {
        let nothing = Body::new();
        for name in
            TEXTS.into_iter().filter(|name| !self.options.ignored_texts.iter().any(|text| text == name))
        {
            self.text(&mut person.core, name, body, mode)?;
        }
        self.name(person, body, mode)?;
        for (name, parts) in LISTS {
            self.list(person, name, parts, body, mode)?;
        }
        if let Some(active) = self.boolean(body, "active")? {
            person.active = active;
        }
        let enterprise = self.extension(body, |edition| edition.names().enterprise);
        for name in ENTERPRISE {
            self.text(&mut person.enterprise, name, enterprise.unwrap_or(&nothing), mode)?;
        }
        self.manager(person, enterprise.unwrap_or(&nothing), mode)?;
        let dates = self.extension(body, |edition| edition.names().dates).unwrap_or(&nothing);
        if let Some(start) = integer(dates, "startDate")? {
            person.start_date = Some(start);
        }
        if let Some(term) = integer(dates, "termDate")? {
            person.term_date = term;
        }
        self.status(person, body)?;
        let auth = self.extension(body, |edition| edition.names().auth).unwrap_or(&nothing);
        // SCIM 2.0 spells it differently; the name of SCIM 1.1 comes with the extension of SCIM 1.1.
        let method = auth.get(self.edition.names().auth_method);
        let method = method.or_else(|| auth.get(Edition::V1.names().auth_method));
        match method.map(Value::as_str) {
            None => {}
            Some(Some("sso")) => person.by_sso = true,
            Some(Some("password")) => person.by_sso = false,
            Some(_) => return Err(Refusal::invalid("The method of signing in must be password or sso.")),
        }
        let frontline = self.extension(body, |edition| edition.names().frontline).unwrap_or(&nothing);
        if let Some(frontline) = self.boolean(frontline, "is_frontline")? {
            person.frontline = frontline;
        }
        Ok(())
    }

    /// Whether an empty value or null was sent, and what that does: true to clear, false to do nothing.
    fn clears(&self, value: &Value, mode: Mode) -> Option<bool> {
        match value {
            Value::Null => Some(self.options.null_clears || mode == Mode::Patched),
            Value::String(text) if text.is_empty() => Some(self.options.empty_value_clears),
            Value::Array(items) if items.is_empty() => Some(self.options.empty_value_clears),
            _ => None,
        }
    }

    fn text(&self, place: &mut Body, name: &str, body: &Body, mode: Mode) -> Result<()> {
        let clear = match body.get(name) {
            None => mode != Mode::Merge,
            Some(value) => match (self.clears(value, mode), value) {
                (Some(clears), _) => clears,
                (None, Value::String(_)) => {
                    place.insert(name.to_owned(), value.clone());
                    false
                }
                (None, _) => return Err(Refusal::invalid(format!("{name} must be a string."))),
            },
        };
        if clear {
            place.remove(name);
        }
        Ok(())
    }

    fn name(&self, person: &mut Person, body: &Body, mode: Mode) -> Result<()> {
        let Some(value) = body.get("name").filter(|value| !value.is_null()) else { return Ok(()) };
        let parts = value.as_object().ok_or_else(|| Refusal::invalid("name must be an object."))?;
        let mut name = person.core.get("name").and_then(Value::as_object).cloned().unwrap_or_default();
        for part in NAME {
            self.text(&mut name, part, parts, mode)?;
        }
        person.core.insert("name".into(), Value::Object(name));
        Ok(())
    }

    fn list(&self, person: &mut Person, name: &str, parts: &[&str], body: &Body, mode: Mode) -> Result<()> {
        let Some(value) = body.get(name) else {
            if mode != Mode::Merge {
                person.core.remove(name);
            }
            return Ok(());
        };
        if let Some(clears) = self.clears(value, mode) {
            if clears {
                person.core.remove(name);
            }
            return Ok(());
        }
        let wrong = || Refusal::invalid(format!("{name} must be an array of objects."));
        let mut items = Vec::new();
        for item in value.as_array().ok_or_else(wrong)? {
            let item = item.as_object().ok_or_else(wrong)?;
            let known = item.iter().filter(|(part, _)| parts.contains(&part.as_str()));
            items.push(Value::Object(known.map(|(part, value)| (part.clone(), value.clone())).collect()));
        }
        if self.options.put_merges_lists && mode == Mode::Merge {
            let held = person.core.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            let of_other_type = |held: &Value| items.iter().all(|item| item["type"] != held["type"]);
            let mut all: Vec<Value> = held.into_iter().filter(of_other_type).collect();
            all.append(&mut items);
            items = all;
        }
        person.core.insert(name.to_owned(), items.into());
        Ok(())
    }

    fn manager(&self, person: &mut Person, enterprise: &Body, mode: Mode) -> Result<()> {
        let id = match enterprise.get("manager") {
            None if mode == Mode::Merge => return Ok(()),
            None => None,
            Some(Value::Null) if self.options.null_clears || mode == Mode::Patched => None,
            Some(manager) => match manager.get("managerId") {
                // `value`, as RFC 7643 has it, is unknown here.
                None | Some(Value::Null) => return Ok(()),
                Some(Value::Number(number)) => number.as_u64(),
                Some(Value::String(text)) if !self.options.manager_text_refused => text.parse().ok(),
                Some(_) => return Err(Refusal::invalid("managerId must be an integer.")),
            },
        };
        match id {
            None => person.manager = None,
            Some(0) if self.options.empty_value_clears => person.manager = None,
            Some(0) => {}
            Some(id) if self.tenant.people.contains_key(&id) => person.manager = Some(id),
            Some(id) => return Err(Refusal::invalid(format!("There is no manager {id}."))),
        }
        Ok(())
    }

    fn status(&self, person: &mut Person, body: &Body) -> Result<()> {
        let nothing = Body::new();
        let extension = self.extension(body, |edition| edition.names().status).unwrap_or(&nothing);
        let places = match self.options.status_place {
            StatusPlace::Extension => [extension, &nothing],
            StatusPlace::TopLevel => [body, &nothing],
            StatusPlace::Both => [extension, body],
        };
        for place in places {
            match self.boolean(place, "invited")? {
                Some(true) => {
                    person.invited_ms.get_or_insert(self.now_ms);
                }
                Some(false) if person.claimed_ms.is_none() => person.invited_ms = None,
                _ => {}
            }
            // Nobody can be made to have come; having come can be taken back, but not be undone.
            if self.boolean(place, "claimed")? == Some(false) {
                person.claimed_ms = None;
            }
        }
        Ok(())
    }

    fn boolean(&self, body: &Body, name: &str) -> Result<Option<bool>> {
        match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(Value::String(text)) if !self.options.boolean_text_refused => {
                match text.to_lowercase().as_str() {
                    "true" => Ok(Some(true)),
                    "false" => Ok(Some(false)),
                    _ => Err(Refusal::invalid(format!("{name} must be a boolean."))),
                }
            }
            Some(_) => Err(Refusal::invalid(format!("{name} must be a boolean."))),
        }
    }

    /// What must hold of a person; `before` is who it was.
    fn check(&self, person: &Person, before: Option<(u64, &Person)>) -> Result<()> {
        if NAME[..3].iter().all(|part| person.name(part).is_none()) {
            return Err(Refusal::invalid("name is required."));
        }
        let id = before.map(|(id, _)| id);
        let old = before.map(|(_, before)| before);
        match person.text("userName") {
            Some(name) if old.and_then(|old| old.text("userName")) == Some(name) => {}
            Some(name) => self.check_user_name(name, id)?,
            None if !self.options.email_less_accounts => return Err(Refusal::invalid("missing email")),
            None if person.text("externalId").is_none() => {
                return Err(Refusal::invalid("externalId is required of an account without an address."));
            }
            None => {}
        }
        let external_id = person.text("externalId").filter(|_| self.options.unique_external_ids);
        if let Some(external_id) = external_id {
            let holds = |(at, other): (&u64, &Person)| {
                Some(*at) != id && other.text("externalId") == Some(external_id)
            };
            if self.tenant.people.iter().any(holds) {
                return Err(Refusal::new(409, 100, "(#100) A user with this externalId exists."));
            }
        }
        Ok(())
    }

    fn check_user_name(&self, name: &str, id: Option<u64>) -> Result<()> {
        let Some((local, domain)) = name.rsplit_once('@').filter(|(local, _)| !local.is_empty()) else {
            return Err(Refusal::invalid("userName must be an email address."));
        };
        if !self.options.verified_domains.iter().any(|verified| verified.eq_ignore_ascii_case(domain)) {
            let text = format!("The domain of {local}@… is not verified for this community.");
            return Err(Refusal {
                subcode: Some(1_789_003),
                user_text: Some(text),
                ..Refusal::invalid("The email address is not in a verified domain. (1789003)")
            });
        }
        if self.tenant.person_named(name).is_some_and(|holder| Some(holder) != id) {
            let text = "(#100) A user with this userName exists.";
            return Err(Refusal::new(self.options.duplicate_status, 100, text));
        }
        Ok(())
    }
}

/// Makes the name that is shown out of its parts.
fn format_name(person: &mut Person) {
    let parts = ["givenName", "middleName", "familyName"]
        .map(|part| person.name(part).unwrap_or_default().to_owned());
    let formatted = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if let Some(name) = person.core.get_mut("name").and_then(Value::as_object_mut) {
        name.insert("formatted".into(), Value::from(formatted));
    }
}

fn integer(body: &Body, name: &str) -> Result<Option<i64>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            value.as_i64().map(Some).ok_or_else(|| Refusal::invalid(format!("{name} must be an integer.")))
        }
    }
}

/// The person comes and takes the account; false when there is no such account or it was not invited.
pub(in super::super) fn claim(tenant: &mut Tenant, id: &str, now_ms: i64) -> bool {
    let person = id.parse().ok().and_then(|id: u64| tenant.people.get_mut(&id));
    let Some(person) = person.filter(|person| person.active && person.invited_ms.is_some()) else {
        return false;
    };
    person.claimed_ms.get_or_insert(now_ms);
    person.ever_claimed = true;
    true
}
