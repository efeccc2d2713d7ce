//! Giving and taking licences: `PATCH /licenses/users`, Webex's own way for people who are there
//! (<https://developer.webex.com/docs/api/v1/licenses>).

use connector_core::{
    error::{Error, Kind, Result},
    http::{Cx, Reply},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{self, PEOPLE_WRITE},
    catalog::Names,
    errors, id,
    mapping::ENTITLEMENTS,
    person, users,
};

/// Licences of one person to give and to take.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) add: Vec<String>,
    pub(crate) remove: Vec<String>,
}

impl Grants {
    /// From what is held to what is wanted. Free licences are the system's: they are never taken.
    pub(crate) fn between(held: &[String], wanted: &[String]) -> Self {
        let mut add: Vec<String> = Vec::new();
        for id in wanted.iter().filter(|id| !held.contains(id)) {
            if !add.contains(id) {
                add.push(id.clone());
            }
        }
        let gone = held.iter().filter(|id| !wanted.contains(id) && !id::is_free(id));
        Self { add, remove: gone.cloned().collect() }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    fn is_done(&self, held: &[String]) -> bool {
        self.add.iter().all(|id| held.contains(id)) && !self.remove.iter().any(|id| held.contains(id))
    }
}

/// Gives and takes licences. What Webex does not give is told to the log, and fails the request where `strict`.
pub(crate) async fn assign(
    cx: &Cx<'_>,
    person_id: &str,
    grants: &Grants,
    line: &Map<String, Value>,
    names: &Names,
    strict: bool,
) -> Result<()> {
    let held = match patch(cx, person_id, grants, line).await {
        Ok(held) => held,
        // Some of them are implicit after all, and Webex refuses them together with the rest.
        Err(error) if errors::is_kept(&error) && grants.add.len() + grants.remove.len() > 1 => {
            one_by_one(cx, person_id, grants, line).await?
        }
        Err(error) if errors::is_kept(&error) && !grants.remove.is_empty() => {
            kept(cx, &grants.remove, names);
            return Ok(());
        }
        Err(error) if matches!(error.kind(), Kind::Unavailable | Kind::Deadline | Kind::OddAnswer) => {
            return settled(cx, person_id, grants, error).await;
        }
        Err(error) => return Err(error.at(ENTITLEMENTS)),
    };
    let Some(held) = held else { return Ok(()) };
    let still: Vec<String> = grants.remove.iter().filter(|id| held.contains(id)).cloned().collect();
    if !still.is_empty() {
        kept(cx, &still, names);
    }
    let skipped: Vec<String> = grants.add.iter().filter(|id| !held.contains(id)).cloned().collect();
    if skipped.is_empty() {
        return Ok(());
    }
    let rule = format!("Webex does not give {}: there may be no unit left", called(&skipped, names));
    if strict {
        let remedy = "the other licences were changed; strict_licences = true makes this a failure";
        return Err(Error::new(Kind::InvalidValue, rule).at(ENTITLEMENTS).remedy(remedy));
    }
    cx.warn(&rule);
    Ok(())
}

fn kept(cx: &Cx<'_>, licenses: &[String], names: &Names) {
    let names = called(licenses, names);
    cx.warn(&format!("licences that Webex gives by itself were asked to go and stay: {names}"));
}

fn called(licenses: &[String], names: &Names) -> String {
    licenses.iter().map(|id| names.get(id).unwrap_or(id).as_str()).collect::<Vec<_>>().join(", ")
}

/// The licences held afterwards, where Webex says so.
async fn patch(
    cx: &Cx<'_>,
    person_id: &str,
    grants: &Grants,
    line: &Map<String, Value>,
) -> Result<Option<Vec<String>>> {
    let added = grants.add.iter().map(|license| {
        let mut step = json!({ "id": license, "operation": "add" });
        if id::is_calling(license) && !line.is_empty() {
            step["properties"] = Value::Object(line.clone());
        }
        step
    });
    let removed = grants.remove.iter().map(|license| json!({ "id": license, "operation": "remove" }));
    let licenses: Vec<Value> = added.chain(removed).collect();
    let body = json!({ "personId": person_id, "licenses": licenses });
    let call = cx.call(Method::PATCH, &["licenses", "users"]).operation("assign licenses").json(&body);
    // Webex answers with what is held afterwards, not with the steps.
    let call = call.pretended(|| json!({ "licenses": grants.add }));
    let reply: Reply = call::send(call, &PEOPLE_WRITE).await?;
    let Ok(answer) = reply.json::<Map<String, Value>>() else { return Ok(None) };
    let listed = |name: &str| person::ids(answer.get(name));
    Ok(answer
        .contains_key("licenses")
        .then(|| listed("licenses").into_iter().chain(listed("pendingLicenses")).collect()))
}

/// First what is given, then each that is taken; those that Webex keeps are no failure.
async fn one_by_one(
    cx: &Cx<'_>,
    person_id: &str,
    grants: &Grants,
    line: &Map<String, Value>,
) -> Result<Option<Vec<String>>> {
    let mut held = None;
    let added = Grants { add: grants.add.clone(), remove: Vec::new() };
    let removed = grants.remove.iter().map(|id| Grants { add: Vec::new(), remove: vec![id.clone()] });
    for step in std::iter::once(added).chain(removed).filter(|step| !step.is_empty()) {
        match patch(cx, person_id, &step, line).await {
            Ok(now) => held = now,
            Err(error) if errors::is_kept(&error) && !step.remove.is_empty() => {}
            Err(error) => return Err(error.at(ENTITLEMENTS)),
        }
    }
    Ok(held)
}

/// After an answer that says nothing: what the person holds decides.
async fn settled(cx: &Cx<'_>, person_id: &str, grants: &Grants, error: Error) -> Result<()> {
    match users::read(cx, person_id).await {
        Ok(person) if grants.is_done(&person::ids(person.get("licenses"))) => Ok(()),
        _ => Err(error.at(ENTITLEMENTS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_are_differences_and_free_licences_stay() {
        let license = |code: &str| {
            use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
            BASE64_STANDARD_NO_PAD.encode(format!("ciscospark://us/LICENSE/org:{code}_1"))
        };
        let (free, meetings, calling) = (license("FMS"), license("EE"), license("BCSTD"));
        let held = [free.clone(), meetings.clone()];
        let grants = Grants::between(&held, &[calling.clone(), calling.clone()]);
        assert_eq!(grants, Grants { add: vec![calling], remove: vec![meetings] });
        assert!(Grants::between(std::slice::from_ref(&free), &[]).is_empty());
    }
}
