//! `/people`: creating, updating, deleting.

use serde_json::{Value, json};

use super::api::Ask;
use super::change::Change;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::license_rules as rules;
use super::model::{LOCATION, LicenseAt, ORG, Person, PersonAt, ROLES, Units};
use super::options::{DirectorySync, NewPerson, Options};
use super::org::Org;
use super::people;
use super::render::View;
use super::seed::free_licenses;
use super::state::State;
use crate::harness::Reply;

/// `POST /people`
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs_people_manager(state, &["spark-admin:people_read"])?;
    let change = Change::read(&ask.body()?, &state.options)?;
    let options = &state.options;
    let email = change.emails.iter().flatten().find(|email| !email.trim().is_empty()).cloned();
    let email = email.ok_or_else(|| Refusal::bad("emails is required"))?;
    let names = [&change.display_name, &change.first_name, &change.last_name];
    if !names.into_iter().flatten().any(|name| !name.trim().is_empty()) {
        return Err(Refusal::bad("At least one of displayName, firstName and lastName is required"));
    }
    if change.login_enabled.is_some() && options.create_refuses_login_enabled {
        return Err(Refusal::bad("loginEnabled cannot be set on create"));
    }
    check_organization(options, &change)?;
    check_email(state, &email, None)?;
    if options.directory_sync == DirectorySync::Refuses {
        return Err(synchronised());
    }
    let uuid = state.org.fresh_uuid();
    let (org, options) = (&state.org, &state.options);
    let mut draft = Person::new(uuid, ORG.into(), email, ask.now_ms);
    let parts: Vec<&str> = names[1..].iter().filter_map(|name| name.as_deref()).collect();
    draft.display_name = parts.join(" ");
    apply_profile(&mut draft, &change, options);
    if options.new_person == NewPerson::Activated {
        activate(org, &mut draft, "unknown");
    }
    let mut wanted = license_places(org, &change)?.unwrap_or_default();
    let problem = calling_problem(org, options, &change, &[], &wanted, ask.query.value("callingData"));
    if problem.is_some() {
        wanted.retain(|at| !rules::is_calling(org, *at));
    }
    rules::check(org, &[], &wanted).map_err(|refusal| coded(options, refusal))?;
    let template = options.license_template.iter().filter_map(|code| org.license_coded(code));
    for at in wanted.into_iter().chain(template) {
        rules::give(org, options, &mut draft, at);
    }
    apply_calling(org, &mut draft, &change);
    apply_sites(org, &mut draft, change.site_urls.as_deref().unwrap_or_default())?;
    draft.roles = roles(options, &change)?.unwrap_or_default();
    match problem {
        // The service refuses, and has made the person all the same.
        Some(problem) if options.refused_calling_creates => {
            state.org.add_person(draft);
            Err(problem)
        }
        Some(problem) => Err(problem),
        None => {
            let at = state.org.add_person(draft);
            written(state, ask, at)
        }
    }
}

/// `PUT /people/{id}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs_people_manager(state, &["spark-admin:people_read"])?;
    let at = own(state, id)?;
    let change = Change::read(&ask.body()?, &state.options)?;
    let (org, options) = (&state.org, &state.options);
    if change.display_name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(Refusal::bad("displayName is required"));
    }
    if let Some(name) = change.read_only.filter(|_| options.put_refuses_read_only) {
        return Err(Refusal::bad(format!("{name} is read-only")));
    }
    check_organization(options, &change)?;
    let held = org.people.get(&at).ok_or_else(|| Refusal::missing("Person"))?;
    let mut draft = held.clone();
    if let Some(emails) = &change.emails {
        let primary = emails.first().filter(|email| !email.trim().is_empty());
        let primary = primary.ok_or_else(|| Refusal::bad("emails must not be empty"))?;
        check_email(state, primary, Some(at))?;
        let kept = emails[1..].iter().filter(|email| held.emails.contains(email) && *email != primary);
        draft.emails = std::iter::once(primary).chain(kept).cloned().collect();
    }
    match options.directory_sync {
        DirectorySync::Off => apply_profile(&mut draft, &change, options),
        // The answer is good, and the directory has its way.
        DirectorySync::Overwrites => {}
        DirectorySync::Refuses => {
            let mut wished = draft.clone();
            apply_profile(&mut wished, &change, options);
            if wished != draft || draft.emails != held.emails {
                return Err(synchronised());
            }
        }
    }
    if change.avatar.is_none() && options.put_without_avatar_resets {
        draft.avatar = None;
    }
    if let Some(enabled) = change.login_enabled {
        draft.login_enabled = enabled;
    }
    draft.modified_ms = ask.now_ms;
    let first_part = draft.clone();
    match apply_rights(state, ask, &change, draft) {
        Ok(draft) => state.org.commit(at, draft),
        Err(refusal) => {
            // An error may hide a partial change: what came before the licences stands.
            if state.options.put_changes_in_part {
                state.org.commit(at, first_part);
            }
            return Err(refusal);
        }
    }
    if state.options.put_no_content { Ok(Reply::empty(204)) } else { written(state, ask, at) }
}

/// `DELETE /people/{id}`
pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    ask.caller.needs_people_manager(state, &["spark-admin:people_read"])?;
    let at = own(state, id)?;
    if state.options.directory_sync == DirectorySync::Refuses {
        return Err(synchronised());
    }
    state.org.remove_person(at);
    Ok(Reply::empty(204))
}

/// The first sign-in: the invitation is accepted and the free licences are there.
pub(super) fn activate(org: &Org, person: &mut Person, status: &'static str) {
    person.invite_pending = false;
    person.login_enabled = true;
    person.status = status;
    person.licenses.extend(free_licenses(org));
    person.licenses.sort_unstable();
    person.licenses.dedup();
}

/// A person of this organization.
fn own(state: &State, id: &str) -> Result<PersonAt> {
    let at = people::find(state, id)?;
    match state.org.people.get(&at) {
        Some(person) if person.org == ORG => Ok(at),
        _ => Err(Refusal::forbidden(&state.options, "The person belongs to another organization.")),
    }
}

/// The answer to a write that went well.
fn written(state: &State, ask: &Ask<'_>, at: PersonAt) -> Result<Reply> {
    let calling = ask.query.value("callingData") == Some("true");
    let view = View { administrator: true, status: true, calling, by_id: false };
    let person = state.person(at, view, ask.now_ms)?;
    if ask.query.value("minResponse") == Some("true") {
        return Ok(ask.json(&json!({"id": person["id"]})));
    }
    Ok(ask.json(&person))
}

fn synchronised() -> Refusal {
    Refusal::bad("The organization is synchronised with a directory; change the person there.")
}

fn check_organization(options: &Options, change: &Change) -> Result<()> {
    match change.org.as_deref() {
        None | Some(ORG) => Ok(()),
        Some(_) => Err(Refusal::forbidden(options, "The organization is not managed by the caller.")),
    }
}

/// An address must be one, and nobody else's in all of Webex.
fn check_email(state: &State, email: &str, of: Option<PersonAt>) -> Result<()> {
    let whole =
        email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
    if !whole || email.contains(char::is_whitespace) {
        return Err(Refusal::bad(format!("{email} is not an email address")));
    }
    let (org, options) = (&state.org, &state.options);
    let lower = email.to_lowercase();
    let taken = org.person_at_email(email).filter(|at| Some(*at) != of);
    let outside = taken.is_some_and(|at| org.people.get(&at).is_some_and(|person| person.org != ORG));
    if outside || options.foreign_addresses.iter().any(|end| lower.ends_with(&end.to_lowercase())) {
        let text = "The email address is already used by an account outside of the organization.";
        return Err(Refusal::new(options.foreign_address_status, text).because(text));
    }
    if taken.is_some() {
        let text = "A user with this email address already exists.";
        return Err(Refusal::new(options.duplicate_person_status, text).because(text));
    }
    Ok(())
}

/// Names and all that describes a person; what was not sent stays.
fn apply_profile(person: &mut Person, change: &Change, options: &Options) {
    if let Some(name) = change.display_name.as_deref().filter(|name| !name.is_empty()) {
        name.clone_into(&mut person.display_name);
    }
    for (held, sent) in [
        (&mut person.first_name, &change.first_name),
        (&mut person.last_name, &change.last_name),
        (&mut person.avatar, &change.avatar),
        (&mut person.department, &change.department),
        (&mut person.manager, &change.manager),
        (&mut person.manager_id, &change.manager_id),
        (&mut person.title, &change.title),
    ] {
        match sent.as_deref() {
            None => {}
            Some("") if !options.empty_text_clears => {}
            Some("") => *held = None,
            Some(text) => *held = Some(text.to_owned()),
        }
    }
    if let Some(addresses) = &change.addresses {
        person.addresses.clone_from(addresses);
    }
}

/// Licences, the Calling line, sites and roles: what may be refused after the rest was changed.
fn apply_rights(state: &State, ask: &Ask<'_>, change: &Change, mut draft: Person) -> Result<Person> {
    let (org, options) = (&state.org, &state.options);
    let before = draft.licenses.clone();
    let free = |at: &LicenseAt| org.licenses[*at].units == Units::Free;
    let wanted = match license_places(org, change)? {
        Some(wanted) => wanted,
        None if options.put_without_licenses_clears => before.iter().copied().filter(free).collect(),
        None => before.clone(),
    };
    if before.iter().any(|at| free(at) && !wanted.contains(at)) {
        rules::check(org, &before, &wanted).map_err(|refusal| coded(options, refusal))?;
        return Err(Refusal::bad("Licenses that are assigned implicitly cannot be removed."));
    }
    if let Some(problem) =
        calling_problem(org, options, change, &before, &wanted, ask.query.value("callingData"))
    {
        return Err(problem);
    }
    rules::check(org, &before, &wanted).map_err(|refusal| coded(options, refusal))?;
    for at in before.iter().filter(|at| !wanted.contains(at)) {
        rules::take(org, &mut draft, *at);
    }
    for at in wanted {
        rules::give(org, options, &mut draft, at);
    }
    apply_calling(org, &mut draft, change);
    match &change.site_urls {
        Some(urls) => {
            let kept = |url: &String| urls.contains(url) || !url.ends_with("#attendee");
            let removes = draft.site_urls.iter().any(|url| !kept(url));
            if removes && ask.query.value("showAllTypes") != Some("true") {
                return Err(Refusal::bad("showAllTypes must be true to remove attendee rights"));
            }
            draft.site_urls.retain(kept);
            apply_sites(org, &mut draft, urls)?;
        }
        None if options.put_without_site_urls_clears => {
            draft.site_urls.retain(|url| !url.ends_with("#attendee"));
        }
        None => {}
    }
    match roles(options, change)? {
        Some(roles) => draft.roles = roles,
        None if options.put_without_roles_clears => draft.roles.clear(),
        None => {}
    }
    Ok(draft)
}

/// The licences a write names.
fn license_places(org: &Org, change: &Change) -> Result<Option<Vec<LicenseAt>>> {
    let unknown = || Refusal::coded(400_000, "The license id is not recognised.");
    let Some(values) = &change.licenses else { return Ok(None) };
    values.iter().map(|value| org.license_at(value).ok_or_else(unknown)).collect::<Result<_>>().map(Some)
}

/// What keeps a Calling licence, or a change of the line, from being given.
fn calling_problem(
    org: &Org,
    options: &Options,
    change: &Change,
    before: &[LicenseAt],
    wanted: &[LicenseAt],
    calling_data: Option<&str>,
) -> Option<Refusal> {
    let had = before.iter().any(|at| rules::is_calling(org, *at));
    let has = wanted.iter().any(|at| rules::is_calling(org, *at));
    let number =
        change.phone_numbers.iter().flatten().find(|(kind, _)| kind == "work").map(|(_, value)| value);
    let bad_location = change.location.as_deref().is_some_and(|location| location != LOCATION);
    let reason = if !has {
        let refused = number.is_some() && options.phone_without_calling_refused;
        return refused.then(|| Refusal::bad("phoneNumbers can only be set for Webex Calling users"));
    } else if !had && calling_data != Some("true") {
        "The callingData flag is not set."
    } else if number.is_some_and(|number| !rules::is_number(number)) {
        "The phone number is not valid."
    } else if had && bad_location {
        "The location of a Calling user cannot be changed."
    } else if bad_location || (!had && change.location.is_none()) {
        "The location was not found."
    } else if !had && number.is_none() && change.extension.is_none() {
        "A Calling user needs a phone number or an extension."
    } else {
        return None;
    };
    Some(Refusal::bad(reason))
}

fn apply_calling(org: &Org, person: &mut Person, change: &Change) {
    if !person.licenses.iter().any(|at| rules::is_calling(org, *at)) {
        return;
    }
    let phones = change.phone_numbers.iter().flatten();
    let number = phones.clone().find(|(kind, _)| kind == "work").map(|(_, value)| value.as_str());
    rules::connect(person, change.location.as_deref(), number, change.extension.as_deref());
}

/// Attendee rights; a site without the mark is the host's and comes with the licence.
fn apply_sites(org: &Org, person: &mut Person, urls: &[String]) -> Result<()> {
    for url in urls {
        match url.strip_suffix("#attendee") {
            Some(site) => rules::attend(org, person, site, true)?,
            None if org.licenses.iter().any(|license| license.site == Some(url)) => {}
            None => return Err(Refusal::bad(format!("{url} is not a site of the organization."))),
        }
    }
    Ok(())
}

/// The roles a write names: known ones that may be given here.
fn roles(options: &Options, change: &Change) -> Result<Option<Vec<String>>> {
    let Some(values) = &change.roles else { return Ok(None) };
    for value in values {
        if !ROLES.iter().any(|(_, known)| known == value) {
            return Err(Refusal::bad("The role id is not recognised."));
        }
        if options.unassignable_roles.contains(value) {
            return Err(Refusal::bad("The role cannot be assigned."));
        }
    }
    Ok(Some(values.clone()))
}

/// The licence codes are documented for another endpoint.
fn coded(options: &Options, refusal: Refusal) -> Refusal {
    if options.people_license_codes { refusal } else { refusal.without_codes() }
}

/// The person behind an id, for the control paths.
pub(super) fn activate_by_id(state: &mut State, id: &str) -> Result<Value> {
    let at = own(state, id)?;
    let mut person = state.org.people.get(&at).cloned().ok_or_else(|| Refusal::missing("Person"))?;
    activate(&state.org, &mut person, "active");
    let id = id::encode(Kind::Person, &person.uuid);
    state.org.commit(at, person);
    Ok(json!({"id": id}))
}
