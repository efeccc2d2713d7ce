//! `/people`: reading.

use serde_json::{Value, json};

use super::api::Ask;
use super::auth::Caller;
use super::error::{Refusal, Result};
use super::id::{self, Kind};
use super::model::{ORG, Person, PersonAt};
use super::paging::Paging;
use super::render::View;
use super::state::State;
use crate::form::Form;
use crate::harness::Reply;

/// Most ids in one list by ids.
const MOST_IDS: usize = 85;

/// What the caller may see of people: all as an administrator, else a little, else nothing.
fn view(state: &State, caller: &Caller, query: &Form) -> Result<View> {
    let administrator = caller.has("spark-admin:people_read") && caller.is_administrator();
    if !administrator && !caller.has("spark:people_read") {
        caller.needs_administrator(state, &["spark-admin:people_read"])?;
    }
    Ok(View {
        administrator,
        status: query.value("excludeStatus") != Some("true"),
        calling: query.value("callingData") == Some("true"),
        by_id: false,
    })
}

/// `GET /people/me`
pub(super) fn me(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    let caller = &ask.caller;
    if !caller.has("spark:people_read") {
        if !state.options.people_me_with_admin_scope {
            caller.needs(state, &["spark:people_read"])?;
        }
        caller.needs_administrator(state, &["spark-admin:people_read"])?;
    }
    let view = view(state, caller, &ask.query)?;
    Ok(ask.json(&state.person(caller.at, view, ask.now_ms)?))
}

/// `GET /people/{id}`, by id or bare UUID.
pub(super) fn get(state: &State, ask: &Ask<'_>, id: &str) -> Result<Reply> {
    let view = view(state, &ask.caller, &ask.query)?;
    let at = find(state, id)?;
    Ok(ask.json(&state.person(at, view, ask.now_ms)?))
}

/// The person of that id.
pub(super) fn find(state: &State, id: &str) -> Result<PersonAt> {
    let uuid = id::decode(Kind::Person, id)?;
    state.org.person_at(&uuid).ok_or_else(|| state.missing("Person", &uuid))
}

/// `GET /people`
pub(super) fn list(state: &State, ask: &Ask<'_>) -> Result<Reply> {
    let (query, options) = (&ask.query, &state.options);
    let view = view(state, &ask.caller, query)?;
    if query.filled("orgId").is_some_and(|org| id::decode(Kind::Organization, org).as_deref() != Ok(ORG)) {
        return Err(Refusal::forbidden(options, "The organization is not managed by the caller."));
    }
    if let Some(ids) = query.filled("id") {
        return by_ids(state, ask, view, ids);
    }
    let filtered = ["email", "displayName"].iter().any(|name| query.filled(name).is_some());
    if !view.administrator && !filtered {
        return Err(Refusal::bad("Email, displayName, or id list should be specified."));
    }
    if !view.administrator && query.filled("roles").is_some() {
        return Err(Refusal::forbidden(options, "Only administrators may filter by roles."));
    }
    let location = query.filled("locationId").map(|id| id::decode(Kind::Location, id)).transpose()?;
    let ceiling = match (&location, view.calling) {
        (Some(_), _) => 50,
        (None, true) => 100,
        (None, false) => options.people_page_ceiling,
    };
    let paging = Paging::read(query, options, ceiling)?;
    if options.timeout_above > 0 && paging.max > options.timeout_above {
        return Err(Refusal::new(
            504,
            "An upstream server failed to respond in time. Please use a smaller max.",
        ));
    }
    let wanted = Wanted::read(query)?;
    let org = &state.org;
    let found = |person: &Person| {
        let since = person.created_ms.saturating_add_unsigned(options.list_lag_ms);
        person.org == ORG && ask.now_ms >= since && wanted.has(person)
    };
    let url = format!("{}/people", org.api_url);
    let (mut page, link) = match &wanted.email {
        // Nobody else can have the address, so there is no need to look at everybody.
        Some(email) => {
            let at = org.person_at_email(email).filter(|at| org.people.get(at).is_some_and(found));
            paging.page(at.into_iter(), &url, ask.salt)
        }
        None => {
            let keys = org.people.iter().filter(|(_, person)| found(person)).map(|(at, _)| *at);
            paging.page(keys, &url, ask.salt)
        }
    };
    let mut errors = None;
    // A location is looked for within each page, so that a page may be empty.
    if let Some(location) = &location {
        page.retain(|at| org.people.get(at).is_some_and(|person| person.location.as_ref() == Some(location)));
        if page.is_empty() {
            let reason = "No user of this page has the location.";
            errors = Some(json!({"peopleListLocationId": {"code": "5000", "reason": reason}}));
        }
    }
    let items: Vec<Value> =
        page.iter().map(|at| state.person(*at, view, ask.now_ms)).collect::<Result<_>>()?;
    let mut body = json!({"notFoundIds": null, "items": items});
    if let Some(errors) = errors {
        body["errors"] = errors;
    }
    Ok(ask.json(&body).header_if("link", link.as_deref()))
}

/// A list by ids: without what only administrators see, and without presence.
fn by_ids(state: &State, ask: &Ask<'_>, view: View, ids: &str) -> Result<Reply> {
    let ids: Vec<&str> = ids.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    if ids.len() > MOST_IDS {
        return Err(Refusal::bad(format!("At most {MOST_IDS} ids may be specified.")));
    }
    let view = View { administrator: false, status: false, by_id: true, ..view };
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    for id in ids {
        match state.org.person_at(&id::decode(Kind::Person, id)?) {
            Some(at) => items.push(state.person(at, view, ask.now_ms)?),
            None => missing.push(id),
        }
    }
    let missing = if missing.is_empty() { Value::Null } else { json!(missing) };
    Ok(ask.json(&json!({"notFoundIds": missing, "items": items})))
}

/// The filters of a list.
struct Wanted {
    email: Option<String>,
    display_name: Option<String>,
    roles: Option<Vec<String>>,
}

impl Wanted {
    fn read(query: &Form) -> Result<Self> {
        let roles = query.filled("roles").map(|ids| {
            ids.split(',').map(|id| id::decode(Kind::Role, id.trim())).collect::<Result<Vec<_>>>()
        });
        Ok(Self {
            email: query.filled("email").map(str::to_owned),
            display_name: query.filled("displayName").map(str::to_lowercase),
            roles: roles.transpose()?,
        })
    }

    /// Whether a person meets all filters but that of the address.
    fn has(&self, person: &Person) -> bool {
        let begins = |begin: &String| person.display_name.to_lowercase().starts_with(begin.as_str());
        self.display_name.as_ref().is_none_or(begins)
            && self.roles.as_ref().is_none_or(|roles| person.roles.iter().any(|role| roles.contains(role)))
    }
}
