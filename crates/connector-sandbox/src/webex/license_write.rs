//! `PATCH /licenses/users`: giving and taking licences and attendee rights, one person at a time.

use serde_json::{Map, Value, json};

use super::api::Ask;
use super::change::{list, text};
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::license_rules as rules;
use super::model::{LOCATION, LicenseAt, ORG, Person, PersonAt};
use super::people;
use super::state::State;
use crate::harness::Reply;

/// One entry of `licenses`.
struct Step {
    at: LicenseAt,
    add: bool,
    location: Option<String>,
    number: Option<String>,
    extension: Option<String>,
}

/// `PATCH /licenses/users`
pub(super) fn assign(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.caller.needs_people_manager(state, &[])?;
    let body = ask.body()?;
    let at = whom(state, &body)?;
    let (org, options) = (&state.org, &state.options);
    let mut draft = org.people.get(&at).cloned().ok_or_else(|| Refusal::missing("Person"))?;
    let steps = steps(state, &body, &draft)?;
    let id = |at: &LicenseAt| id::encode(Kind::License, &org.licenses[*at].value);
    if draft.org != ORG {
        let pending: Vec<_> = steps.iter().filter(|step| step.add).map(|step| id(&step.at)).collect();
        let mut answer = outcome(&draft, &[]);
        answer["pendingLicenses"] = json!(pending);
        answer["pendingSiteUrls"] = json!([]);
        return Ok(ask.json(&answer));
    }
    let before = draft.licenses.clone();
    let mut wanted = before.clone();
    for step in &steps {
        wanted.retain(|held| *held != step.at);
        if step.add {
            wanted.push(step.at);
        }
    }
    rules::check(org, &before, &wanted)?;
    let free = super::seed::free_licenses(org);
    let mut whole = true;
    for step in &steps {
        if !step.add {
            // Free licences are kept in silence where no rule refuses.
            if !free.contains(&step.at) {
                rules::take(org, &mut draft, step.at);
            }
        } else if rules::give(org, options, &mut draft, step.at) {
            if rules::is_calling(org, step.at) {
                let (location, number) = (step.location.as_deref(), step.number.as_deref());
                rules::connect(&mut draft, location, number, step.extension.as_deref());
            }
        } else {
            whole = false;
        }
    }
    for entry in list(&body, "siteUrls")?.into_iter().flatten() {
        let site = entry["siteUrl"].as_str().ok_or_else(|| Refusal::bad("siteUrl is required"))?;
        if entry["accountType"] != "attendee" {
            return Err(Refusal::bad("accountType must be attendee"));
        }
        rules::attend(org, &mut draft, site, entry["operation"] != "remove")?;
    }
    if draft != org.people[&at] {
        draft.modified_ms = ask.now_ms;
    }
    let licenses: Vec<_> = draft.licenses.iter().map(id).collect();
    let answer = outcome(&draft, &licenses);
    state.org.commit(at, draft);
    let status = if whole { 200 } else { state.options.skipped_license_status };
    Ok(Reply { status, ..ask.json(&answer) })
}

/// The person the request names by id or by address.
fn whom(state: &State, body: &Map<String, Value>) -> Result<PersonAt> {
    let options = &state.options;
    match (text(body, "personId", options)?, text(body, "email", options)?) {
        (Some(id), _) => people::find(state, &id),
        (None, Some(email)) => state.org.person_at_email(&email).ok_or_else(|| Refusal::missing("Person")),
        (None, None) => Err(Refusal::bad("Either email or personId is required")),
    }
}

fn steps(state: &State, body: &Map<String, Value>, person: &Person) -> Result<Vec<Step>> {
    let (org, options) = (&state.org, &state.options);
    let mut steps = Vec::new();
    for entry in list(body, "licenses")?.into_iter().flatten() {
        let unknown = || Refusal::coded(400_000, "The license id is not recognised.");
        let id = entry["id"].as_str().ok_or_else(|| Refusal::bad("id of a license is required"))?;
        let value = id::decode(Kind::License, id).map_err(|_| unknown())?;
        let at = org.license_at(&value).ok_or_else(unknown)?;
        let add = match entry["operation"].as_str() {
            None | Some("add") => true,
            Some("remove") => false,
            Some(_) => return Err(Refusal::bad("operation must be add or remove")),
        };
        let empty = Map::new();
        let properties = entry["properties"].as_object().unwrap_or(&empty);
        let location = text(properties, "locationId", options)?;
        let step = Step {
            at,
            add,
            location: location.map(|id| id::decode(Kind::Location, &id)).transpose()?,
            number: text(properties, "phoneNumber", options)?,
            extension: text(properties, "extension", options)?,
        };
        if add && rules::is_calling(org, at) && !person.licenses.contains(&at) {
            check_line(&step)?;
        }
        steps.push(step);
    }
    Ok(steps)
}

/// A Calling licence needs a number, or an extension with its location.
fn check_line(step: &Step) -> Result<()> {
    if step.location.as_deref().is_some_and(|location| location != LOCATION) {
        return Err(Refusal::coded(400, "The location was not found."));
    }
    if step.number.as_deref().is_some_and(|number| !rules::is_number(number)) {
        return Err(Refusal::bad("The phone number is not valid."));
    }
    if step.number.is_none() && (step.extension.is_none() || step.location.is_none()) {
        return Err(Refusal::coded(400_411, "A Calling license came without its own properties."));
    }
    Ok(())
}

/// The state a person ends in.
fn outcome(person: &Person, licenses: &[String]) -> Value {
    let sites: Vec<Value> = person
        .site_urls
        .iter()
        .map(|url| match url.strip_suffix("#attendee") {
            Some(site) => json!({"siteUrl": site, "accountType": "attendee"}),
            None => json!({"siteUrl": url, "accountType": "host"}),
        })
        .collect();
    json!({
        "orgId": id::encode(Kind::Organization, &person.org),
        "personId": id::encode(Kind::Person, &person.uuid),
        "email": person.email(),
        "licenses": licenses,
        "siteUrls": sites,
    })
}
