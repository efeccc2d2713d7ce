//! Whether addresses and token work, in which edition, and what the integration may not do.

use connector_core::{
    connector::Checked,
    error::{Error, Kind, Result},
    http::Cx,
};
use serde_json::{Map, Value};

use crate::{
    graph::id_of,
    mapping::ENTERPRISE,
    page,
    permissions::{self, MANAGE_ACCOUNTS, Samples, said},
    person::is_address,
    settings::WorkplaceSettings,
    vendor,
};

/// How many people are looked at for those who have what permissions can hide.
const LOOK: u32 = 25;

const CLOSED: &str = "Workplace from Meta closed on 1 June 2026: what answers here is Meta Admin Center's account management, or a \
                      stand-in";

/// Reads people, then proves each permission; users alone need one.
pub(crate) async fn check(cx: &Cx<'_>, settings: &WorkplaceSettings) -> Result<Checked> {
    let mut checked = Checked { notes: vec![CLOSED.to_owned()], ..Checked::default() };
    let mut samples = Samples::default();
    match page::rows_of(cx, settings, "Users", "check", (1, LOOK), None).await {
        Ok(found) => {
            for row in found.objects {
                see(&mut samples, &vendor::person(settings, row)?.document()?);
            }
        }
        Err(error) if error.kind() == Kind::Forbidden => {
            checked.problems.push(MANAGE_ACCOUNTS.missing(&said(&error)));
        }
        Err(error) => return Err(retired(error)),
    }
    match (settings.chosen(), settings.heard()) {
        (Some(chosen), Some(heard)) if chosen != heard => checked.problems.push(format!(
            "dialect is {}, and the target speaks {1}: set dialect = \"{1}\", or leave it out",
            chosen.word(),
            heard.word()
        )),
        (_, Some(heard)) => checked.notes.push(format!("the target speaks the edition {}", heard.word())),
        _ => {}
    }
    if settings.users_only {
        return Ok(checked);
    }
    let found = permissions::prove(cx, &samples).await.map_err(retired)?;
    checked.organization = found.community;
    checked.problems.extend(found.problems);
    if !found.unseen.is_empty() {
        let names = found.unseen.join(", ");
        checked.notes.push(format!("nothing was there to prove these permissions with: {names}"));
    }
    Ok(checked)
}

/// Takes an active person for a sample of what they have: of both at once where somebody has both.
fn see(samples: &mut Samples, person: &Map<String, Value>) {
    let filled = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let enterprise = person.get(ENTERPRISE);
    let has_profile = filled(person.get("title"))
        || ["department", "division", "organization"]
            .iter()
            .any(|name| filled(enterprise.and_then(|enterprise| enterprise.get(name))));
    let has_address = is_address(person.get("userName"));
    let is_active = person.get("active") != Some(&Value::Bool(false));
    let Some(id) = id_of(person).filter(|_| is_active) else { return };
    match samples {
        Samples { address: Some(address), profile: Some(profile) } if address == profile => {}
        _ if has_address && has_profile => {
            *samples = Samples { address: Some(id.clone()), profile: Some(id) };
        }
        Samples { address: address @ None, .. } if has_address => *address = Some(id),
        Samples { profile: profile @ None, .. } if has_profile => *profile = Some(id),
        _ => {}
    }
}

/// Where nobody answers, the product is most likely gone, and not the people.
fn retired(error: Error) -> Error {
    match error.kind() {
        Kind::Unavailable | Kind::Deadline | Kind::OddAnswer | Kind::NotFound => error
            .remedy("Workplace from Meta closed on 1 June 2026: check that the address still serves anybody"),
        _ => error,
    }
}
