//! Changing a person. Webex knows replacement only, so every PUT is built on what was read a moment ago; licences go by a
//! call of their own.

use async_trait::async_trait;
use connector_core::{
    connector::{Change, RemoteId, Update, Updated},
    error::{Error, Kind, Result},
    http::Cx,
};
use serde_json::{Map, Value};

use crate::{
    assign::{Grants, assign},
    call::{self, PEOPLE_WRITE, text},
    id,
    mapping::{ENTITLEMENTS, LOCATION_ID},
    person,
    users::{Users, calling_line, manager_name, not_calling, put, read},
};

/// What shall be different, sorted by how Webex takes it.
#[derive(Default)]
struct Wish {
    /// Members of the PUT that differ from what was read.
    fields: Map<String, Value>,
    grants: Grants,
    /// The line a Calling licence comes with.
    line: Map<String, Value>,
    /// What Webex does not take of this person.
    refused: Vec<&'static str>,
}

#[async_trait]
impl Update for Users {
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let current = change.current.document()?;
        person::require_whole(&current)?;
        let wish = Wish::of(cx, &current, change).await?;
        if wish.fields.get("loginEnabled") == Some(&Value::Bool(false)) {
            self.refuse_own(cx, id, "set inactive").await?;
        }
        let mut now = None;
        if !wish.fields.is_empty() {
            now = replace(cx, id, &current, &wish.fields).await?;
        }
        if !wish.grants.is_empty() {
            let (names, strict) = (self.catalog.licenses(cx).await, self.settings.strict_licences);
            let done = assign(cx, id.as_str(), &wish.grants, &wish.line, &names, strict).await;
            done.map_err(|error| {
                if wish.fields.is_empty() {
                    return error;
                }
                let rule = format!("its attributes were changed, but not its licences: {error}");
                Error::new(error.kind(), rule).at(ENTITLEMENTS).retry(error.retry_hint())
            })?;
            now = None;
        }
        let object = match now {
            Some(person) => Some(self.shown(cx, person).await),
            None if wish.fields.is_empty() && wish.grants.is_empty() => Some(change.current.clone()),
            None => None,
        };
        Ok(Updated { object, refused: wish.refused, ..Updated::default() })
    }
}

impl Wish {
    async fn of(cx: &Cx<'_>, current: &Map<String, Value>, change: &Change<'_>) -> Result<Self> {
        let mut wish = Self::default();
        let mut wanted = change.set.clone();
        for path in &change.cleared {
            let empty = match path.as_str() {
                "addresses" | "phoneNumbers" | "licenses" | "roles" => Value::Array(Vec::new()),
                _ => "".into(),
            };
            wanted.insert(path.as_str().to_owned(), empty);
        }
        if let Some(active) = wanted.shift_remove("active") {
            wish.fields.insert("loginEnabled".into(), active);
        }
        if let Some(licenses) = wanted.shift_remove("licenses") {
            wish.grants =
                Grants::between(&person::ids(current.get("licenses")), &person::ids(Some(&licenses)));
        }
        if let Some(roles) = wanted.shift_remove("roles") {
            wish.fields.insert("roles".into(), person::ids(Some(&roles)).into());
        }
        if let Some(manager) = wanted.get("managerId").and_then(Value::as_str) {
            let name = if manager.is_empty() { "".into() } else { manager_name(cx, manager).await? };
            wanted.insert("manager".into(), name);
        }
        if let Some(emails) = wanted.shift_remove("emails") {
            wanted.extend(person::addressed(current, emails).map(|emails| ("emails".to_owned(), emails)));
        }
        wish.calling(cx, current, &mut wanted)?;
        wish.fields.extend(wanted);
        if text(&wish.fields, "displayName").is_none() && wish.fields.contains_key("displayName") {
            let mut named = current.clone();
            named.extend(wish.fields.clone());
            match person::name_of(&named) {
                Some(name) if text(current, "displayName") != Some(&*name) => {
                    wish.fields.insert("displayName".into(), name.into());
                }
                // Webex shows that name already.
                _ => drop(wish.fields.shift_remove("displayName")),
            }
        }
        Ok(wish)
    }

    /// What belongs to a line of Webex Calling: changed with the person who has one, given together with the licence to who
    /// gets one, refused for others.
    fn calling(
        &mut self,
        cx: &Cx<'_>,
        current: &Map<String, Value>,
        wanted: &mut Map<String, Value>,
    ) -> Result<()> {
        const CALLING: [&str; 3] = ["phoneNumbers", "extension", "locationId"];
        let asked: Vec<&'static str> =
            CALLING.into_iter().filter(|name| wanted.contains_key(*name)).collect();
        let gains = self.grants.add.iter().any(|license| id::is_calling(license));
        if gains {
            let mut line = current.clone();
            line.extend(
                asked.iter().filter_map(|name| Some(((*name).to_owned(), wanted.get(*name)?.clone()))),
            );
            self.line = calling_line(&line);
        }
        if !person::is_calling(current) {
            for name in &asked {
                wanted.shift_remove(*name);
            }
            if !gains && !asked.is_empty() {
                cx.warn(&not_calling(&asked));
                self.refused = asked;
            }
            return Ok(());
        }
        if asked.contains(&"locationId") && text(current, "locationId").is_some() {
            let rule = "cannot be changed once the person has a Webex Calling licence";
            return Err(Error::new(Kind::Mutability, rule).at(LOCATION_ID));
        }
        if let Some(numbers) = wanted.shift_remove("phoneNumbers") {
            let numbers = person::work_numbers(Some(&numbers));
            if numbers == person::work_numbers(current.get("phoneNumbers")) {
                cx.warn("Webex takes telephone numbers of type work only: the others stay as they are");
                self.refused.push("phoneNumbers");
            } else {
                wanted.insert("phoneNumbers".into(), numbers.into());
            }
        }
        Ok(())
    }
}

/// Puts the whole person with these fields changed. Returns the person where the answer holds it. An error may hide a change
/// that was made, in part or whole, so what the person holds afterwards is looked at.
async fn replace(
    cx: &Cx<'_>,
    id: &RemoteId,
    current: &Map<String, Value>,
    fields: &Map<String, Value>,
) -> Result<Option<Map<String, Value>>> {
    let mut body = person::carried(current);
    body.extend(fields.clone());
    if text(&body, "displayName").is_none()
        && let Some(name) = person::name_of(&body)
    {
        body.insert("displayName".into(), name.into());
    }
    let error = match call::send(put(cx, id, &body), &PEOPLE_WRITE).await {
        // 204 has no body.
        Ok(reply) => return Ok(reply.json().ok().filter(|person| text(person, "id").is_some())),
        Err(error) => error,
    };
    let says_nothing_changed = matches!(
        error.kind(),
        Kind::Forbidden | Kind::NotFound | Kind::RateLimited | Kind::TargetCredential | Kind::Refused
    );
    if says_nothing_changed {
        return Err(error);
    }
    let error = match error.kind() {
        Kind::Duplicate => error.at("userName"),
        Kind::InvalidValue if fields.len() == 1 && fields.contains_key("roles") => error.at("roles"),
        _ => error,
    };
    let Ok(now) = read(cx, id.as_str()).await else {
        let rule = format!("it is not known whether Webex changed it in part: {error}");
        return Err(Error::new(error.kind(), rule).retry(error.retry_hint()));
    };
    // What was so before proves nothing; least of all of an invited person, who looks the same active and inactive.
    let (was, is) = (
        |name: &str| person::holds(current, name, &fields[name]),
        |name: &str| person::holds(&now, name, &fields[name]),
    );
    let names = || fields.keys().map(String::as_str);
    let made: Vec<&str> = names().filter(|name| is(name) && !was(name)).collect();
    let left: Vec<&str> = names().filter(|name| !is(name) || was(name) && *name == "loginEnabled").collect();
    if left.is_empty() && !made.is_empty() {
        cx.warn(&format!("Webex answered with an error, and made the change all the same: {error}"));
        return Ok(Some(now));
    }
    if made.is_empty() {
        return Err(error);
    }
    let rule = format!("{} changed, but not {}: {error}", made.join(", "), left.join(", "));
    Err(Error::new(error.kind(), rule).retry(error.retry_hint()))
}
