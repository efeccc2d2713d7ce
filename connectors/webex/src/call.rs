//! Calls to Webex: what each of them needs, so that a refusal can name it.

use connector_core::{
    connector::Deleted,
    error::{Error, Kind, Result},
    http::{Call, Cx, Reply},
};
use http::Method;
use serde_json::{Map, Value};

use crate::errors;

/// What a call needs of the token and of the account behind it.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) scope: &'static str,
    /// What the account may lack.
    lack: &'static str,
}

const ADMINISTRATOR: &str = "is no administrator";
const MANAGER: &str = "is no Full or User Administrator";
const MEMBER: &str = "is not in the team";
const MODERATOR: &str = "is no moderator of the team";

pub(crate) const PEOPLE_READ: Need = Need { scope: "spark-admin:people_read", lack: ADMINISTRATOR };
pub(crate) const PEOPLE_WRITE: Need = Need { scope: "spark-admin:people_write", lack: MANAGER };
pub(crate) const LICENSES_READ: Need = Need { scope: "spark-admin:licenses_read", lack: ADMINISTRATOR };
pub(crate) const ROLES_READ: Need = Need { scope: "spark-admin:roles_read", lack: ADMINISTRATOR };
pub(crate) const ORGANIZATIONS_READ: Need =
    Need { scope: "spark-admin:organizations_read", lack: ADMINISTRATOR };
pub(crate) const TEAMS_READ: Need = Need { scope: "spark:teams_read", lack: MEMBER };
pub(crate) const TEAMS_WRITE: Need = Need { scope: "spark:teams_write", lack: MODERATOR };
pub(crate) const MEMBERSHIPS_READ: Need = Need { scope: "spark:team_memberships_read", lack: MEMBER };
pub(crate) const MEMBERSHIPS_WRITE: Need = Need { scope: "spark:team_memberships_write", lack: MODERATOR };

impl Need {
    /// A 403 has three possible reasons and names none by a code: all three are told.
    pub(crate) fn named(&self, error: Error) -> Error {
        if error.kind() != Kind::Forbidden {
            return error;
        }
        let Self { scope, lack } = self;
        error.remedy(format!(
            "either the token lacks the scope `{scope}`, or the account that consented {lack}, or it lacks a licence: \
             consent again as a Full Administrator with all nine scopes"
        ))
    }
}

/// Sends a call that needs this.
pub(crate) async fn send(call: Call<'_>, need: &Need) -> Result<Reply> {
    call.send(errors::failure).await.map_err(|error| need.named(error))
}

/// The object at this address.
pub(crate) async fn read(
    cx: &Cx<'_>,
    segments: &[&str],
    operation: &'static str,
    need: &Need,
) -> Result<Map<String, Value>> {
    find(cx.call(Method::GET, segments).operation(operation), need).await?.json()
}

/// Sends a call that names one object and nothing else. Webex answers 400 where an id is not of the form of its ids: there is
/// no such object.
pub(crate) async fn find(call: Call<'_>, need: &Need) -> Result<Reply> {
    send(call, need).await.map_err(|error| match error.kind() {
        Kind::InvalidValue => {
            error.restated(Kind::NotFound, "Webex has no such object: the id is none of Webex's")
        }
        _ => error,
    })
}

/// What a DELETE found: a missing object is no failure of the call.
pub(crate) async fn delete(
    cx: &Cx<'_>,
    segments: &[&str],
    operation: &'static str,
    need: &Need,
) -> Result<Deleted> {
    match send(cx.call(Method::DELETE, segments).operation(operation), need).await {
        Ok(_) => Ok(Deleted::Removed),
        Err(error) if error.kind() == Kind::NotFound => Ok(Deleted::Missing),
        Err(error) => Err(error),
    }
}

/// Deletes an object whose id is the client's: one that is none of Webex's is missing, too. Webex answers both that and a
/// deletion it refuses with 400, so a refused one is looked for.
pub(crate) async fn delete_named(
    cx: &Cx<'_>,
    segments: &[&str],
    operation: &'static str,
    need: &Need,
) -> Result<Deleted> {
    match delete(cx, segments, operation, need).await {
        Err(refused) if refused.kind() == Kind::InvalidValue => {
            match find(cx.call(Method::GET, segments).operation(operation), need).await {
                Err(missing) if missing.kind() == Kind::NotFound => Ok(Deleted::Missing),
                _ => Err(refused),
            }
        }
        other => other,
    }
}

/// A member that is a text.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}
