//! Accounts through Graph: other names for what SCIM writes, and the same rules.

use serde_json::{Map, Value, json};

use super::super::api::Ask;
use super::super::error::{Refusal, Result};
use super::super::options::Permission;
use super::super::scim::{Edition, Mode, Write, names};
use super::super::state::State;
use super::params::{boolean, params};
use super::{ok, success};
use crate::form::Form;
use crate::harness::Reply;

/// `POST /community/accounts`
pub(super) fn create(state: &mut State, ask: &Ask<'_>) -> Result<Reply> {
    ask.needs(state, &[Permission::ProvisionUserAccounts])?;
    let params = params(ask.call)?;
    if params.filled("name").is_none() {
        return Err(Refusal::invalid("The parameter name is required"));
    }
    let body = translated(&params)?;
    let person = write(state, ask).create(&body)?;
    let id = state.tenant.add_person(person);
    Ok(ok(&json!({"id": id.to_string()})))
}

/// `POST /{member}`
pub(super) fn update(state: &mut State, ask: &Ask<'_>, id: u64) -> Result<Reply> {
    let params = params(ask.call)?;
    if params.value("active").is_some() {
        ask.needs(state, &[Permission::ProvisionUserAccounts])?;
    }
    if params.pairs().any(|(name, _)| name != "active") {
        ask.needs(state, &[Permission::ManageWorkProfiles])?;
    }
    let body = translated(&params)?;
    let person = write(state, ask).change(id, &body, Mode::Merge)?;
    state.tenant.put_person(id, person);
    Ok(success())
}

/// `DELETE /{member}`, of who never came.
pub(super) fn delete(state: &mut State, ask: &Ask<'_>, id: u64) -> Result<Reply> {
    ask.needs(state, &[Permission::ProvisionUserAccounts])?;
    if state.tenant.people.get(&id).is_some_and(|person| person.ever_claimed) {
        return Err(Refusal::invalid("The account was claimed and cannot be deleted"));
    }
    state.tenant.remove_person(id);
    Ok(success())
}

fn write<'a>(state: &'a State, ask: &Ask<'_>) -> Write<'a> {
    Write { tenant: &state.tenant, options: &state.options, edition: Edition::V2, now_ms: ask.now_ms }
}

/// The parameters in the words of SCIM 2.0.
fn translated(params: &Form) -> Result<Map<String, Value>> {
    let urns = names();
    let mut body = Map::new();
    let mut enterprise = Map::new();
    for (name, value) in params.pairs() {
        let text = Value::from(value);
        match name {
            "name" => {
                body.insert("name".into(), json!({"formatted": value}));
            }
            "email" => {
                body.insert("userName".into(), text);
            }
            "external_id" => {
                body.insert("externalId".into(), text);
            }
            "title" => {
                body.insert("title".into(), text);
            }
            "work_locale" => {
                body.insert("locale".into(), text);
            }
            "organization" | "division" | "department" => {
                enterprise.insert(name.to_owned(), text);
            }
            "cost_center" => {
                enterprise.insert("costCenter".into(), text);
            }
            "manager" => {
                let id: u64 = value.parse().map_err(|_| Refusal::invalid("Param manager must be an id"))?;
                enterprise.insert("manager".into(), json!({"managerId": id}));
            }
            "auth_method" => {
                body.insert(urns.auth.into(), json!({urns.auth_method: value}));
            }
            // An object, written as JSON.
            "frontline" => {
                let frontline = serde_json::from_str(value)
                    .map_err(|_| Refusal::invalid("Param frontline must be an object"))?;
                body.insert(urns.frontline.into(), frontline);
            }
            _ => {}
        }
    }
    if let Some(frontline) = boolean(params, "is_frontline")? {
        body.insert(urns.frontline.into(), json!({"is_frontline": frontline}));
    }
    if let Some(active) = boolean(params, "active")? {
        body.insert("active".into(), json!(active));
    }
    if let Some(invited) = boolean(params, "invited")? {
        // In both places, for a switch says which of them counts.
        body.insert(urns.status.into(), json!({"invited": invited}));
        body.insert("invited".into(), json!(invited));
    }
    if !enterprise.is_empty() {
        body.insert(urns.enterprise.into(), Value::Object(enterprise));
    }
    Ok(body)
}
