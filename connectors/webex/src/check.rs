//! Whose token it is, and what of it does not work: each scope that can be tried without a change, and the role of the
//! account (<https://developer.webex.com/docs/api/v1/people>).

use connector_core::{
    connector::Checked,
    error::{Error, Kind, Result},
    http::Cx,
};
use http::Method;
use serde_json::Value;

use crate::{errors, id};

/// A read that proves one scope.
struct Proof {
    path: &'static str,
    scope: &'static str,
}

/// Every scope that a read can prove without knowing any id. The scopes for writing show in the consent alone.
const ORGANIZATIONS: Proof = Proof { path: "organizations", scope: "spark-admin:organizations_read" };
const PEOPLE: Proof = Proof { path: "people", scope: "spark-admin:people_read" };
const LICENSES: Proof = Proof { path: "licenses", scope: "spark-admin:licenses_read" };
const ROLES: Proof = Proof { path: "roles", scope: "spark-admin:roles_read" };
const TEAMS: Proof = Proof { path: "teams", scope: "spark:teams_read" };
const MEMBERSHIPS: Proof = Proof { path: "team memberships", scope: "spark:team_memberships_read" };

/// What Webex said to a read: its objects, or why it refused.
enum Said {
    Items(Vec<Value>),
    Refused(Error),
}

impl Said {
    fn items(&self) -> &[Value] {
        match self {
            Self::Items(items) => items,
            Self::Refused(_) => &[],
        }
    }
}

/// Tries each read; what Webex forbids is a problem, what it cannot answer just now is an error.
pub(crate) async fn check(cx: &Cx<'_>) -> Result<Checked> {
    let me = whoami(cx).await?;
    let organizations = read(cx, &["organizations"], &[]).await?;
    let people = read(cx, &["people"], &[("max", "1")]).await?;
    let licenses = read(cx, &["licenses"], &[]).await?;
    let roles = read(cx, &["roles"], &[]).await?;
    let teams = read(cx, &["teams"], &[("max", "1")]).await?;
    let mut tried = vec![
        (ORGANIZATIONS, &organizations),
        (PEOPLE, &people),
        (LICENSES, &licenses),
        (ROLES, &roles),
        (TEAMS, &teams),
    ];
    let team = teams.items().first().and_then(|team| team["id"].as_str());
    let memberships;
    if let Some(team) = team {
        memberships = read(cx, &["team", "memberships"], &[("teamId", team), ("max", "1")]).await?;
        tried.push((MEMBERSHIPS, &memberships));
    }
    let mut checked = Checked {
        account: me.as_ref().and_then(person_name),
        organization: organization(me.as_ref(), organizations.items()),
        ..Checked::default()
    };
    let refused = |said: &&Said| matches!(said, Said::Refused(_));
    let mut standing = Standing::of(me.as_ref(), &people, organizations.items());
    if me.is_none() && [&organizations, &people, &licenses, &roles].iter().all(refused) {
        standing = Standing::Barred;
    }
    checked.problems.extend(standing.problem(roles.items()));
    for (proof, said) in &tried {
        // Without the role nothing of an administrator works, whatever the scopes.
        if matches!(said, Said::Refused(_))
            && !(standing.explains_everything() && proof.scope.starts_with("spark-admin:"))
        {
            checked.problems.push(missing(proof, said));
        }
    }
    notes(&mut checked, &standing, me.is_some(), teams.items().is_empty());
    Ok(checked)
}

/// The owner of the token; `None` when Webex does not tell (the scope that is documented for it is none of the nine).
async fn whoami(cx: &Cx<'_>) -> Result<Option<Value>> {
    let reply = cx.call(Method::GET, &["people", "me"]).operation("who am I").send(errors::failure).await;
    match reply {
        Ok(reply) => reply.json().map(Some),
        Err(error) if refusal(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read(cx: &Cx<'_>, segments: &[&str], parameters: &[(&str, &str)]) -> Result<Said> {
    let mut call = cx.call(Method::GET, segments).operation("check");
    for (name, value) in parameters {
        call = call.query(name, value);
    }
    match call.send(errors::failure).await {
        Ok(reply) => {
            let answer: Value = reply.json()?;
            Ok(Said::Items(answer["items"].as_array().cloned().unwrap_or_default()))
        }
        Err(error) if refusal(&error) => Ok(Said::Refused(error)),
        Err(error) => Err(error),
    }
}

/// 403; and 400, which is what somebody who is no administrator gets for a list of everybody.
fn refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::Forbidden | Kind::InvalidValue)
}

/// What the account that consented may do.
enum Standing {
    /// Full Administrator.
    Full,
    /// User Administrator, who may change people.
    Users,
    /// Another administrator's roles alone, by their ids.
    Lesser(Vec<String>),
    /// No role at all.
    None,
    /// Whatever takes an administrator is refused, and Webex does not tell why.
    Barred,
    /// An account of another organisation, whose own roles say nothing here.
    External,
    /// Webex does not tell.
    Unknown,
}

impl Standing {
    fn of(me: Option<&Value>, people: &Said, organizations: &[Value]) -> Self {
        if matches!(people, Said::Refused(error) if error.kind() == Kind::InvalidValue) {
            return Self::None;
        }
        let Some(me) = me else { return Self::Unknown };
        let home = &me["orgId"];
        if !organizations.is_empty()
            && home.is_string()
            && organizations.iter().all(|known| known["id"] != *home)
        {
            return Self::External;
        }
        let Some(roles) = me["roles"].as_array() else { return Self::Unknown };
        let roles: Vec<&str> = roles.iter().filter_map(Value::as_str).collect();
        let has = |word: &str| roles.iter().any(|role| id::value(role).as_deref() == Some(word));
        if has("id_full_admin") {
            Self::Full
        } else if has("id_user_admin") {
            Self::Users
        } else if roles.is_empty() && matches!(people, Said::Items(_)) {
            // Everybody is listed to administrators only.
            Self::Unknown
        } else if roles.is_empty() {
            Self::None
        } else {
            Self::Lesser(roles.into_iter().map(ToOwned::to_owned).collect())
        }
    }

    fn problem(&self, known: &[Value]) -> Option<String> {
        let remedy = "make it one in Control Hub, or consent again as a Full Administrator";
        match self {
            Self::None => Some(format!("the account that consented is no administrator: {remedy}")),
            Self::Barred => {
                let scopes =
                    [ORGANIZATIONS, PEOPLE, LICENSES, ROLES].map(|proof| format!("`{}`", proof.scope));
                Some(format!(
                    "Webex refuses everything that takes an administrator: either the account that consented is no \
                     administrator ({remedy}), or the scopes {} are missing",
                    scopes.join(", ")
                ))
            }
            Self::Lesser(roles) => {
                let name = |role: &String| {
                    let listed = known.iter().find(|known| known["id"] == **role);
                    let name = listed.and_then(|listed| listed["name"].as_str()).map(ToOwned::to_owned);
                    name.or_else(|| id::value(role)).unwrap_or_else(|| role.clone())
                };
                let names: Vec<String> = roles.iter().map(name).collect();
                let names = names.join(", ");
                Some(format!(
                    "the account that consented is {names} only and may not change people: {remedy}"
                ))
            }
            Self::Full | Self::Users | Self::External | Self::Unknown => None,
        }
    }

    const fn explains_everything(&self) -> bool {
        matches!(self, Self::None | Self::Barred)
    }
}

fn missing(proof: &Proof, said: &Said) -> String {
    let Proof { path, scope } = proof;
    let why = match said {
        Said::Refused(error) => error.to_string(),
        Said::Items(_) => String::new(),
    };
    format!(
        "Webex refuses to list {path}: tick the scope `{scope}` in the integration and consent again ({why})"
    )
}

fn notes(checked: &mut Checked, standing: &Standing, knows_me: bool, no_teams: bool) {
    let notes = &mut checked.notes;
    match standing {
        Standing::Users => notes.push("the account that consented is a User Administrator: roles may be refused".to_owned()),
        Standing::External => notes.push(
            "the account that consented belongs to another organisation: whether it may change people shows only when \
             it does"
                .to_owned(),
        ),
        _ => {}
    }
    if !knows_me {
        notes.push(
            "Webex does not tell whose token this is: the account is recognised by its membership in every team"
                .to_owned(),
        );
    }
    notes.push(if no_teams {
        "the account that consented is in no team: groups are only the teams it is a member of".to_owned()
    } else {
        "groups are only the teams that the account that consented is a member of; one it leaves looks deleted".to_owned()
    });
}

fn person_name(me: &Value) -> Option<String> {
    let mail = me["emails"].as_array().and_then(|emails| emails.first()?.as_str());
    let name = me["displayName"].as_str().filter(|name| Some(*name) != mail);
    match (name, mail) {
        (Some(name), Some(mail)) => Some(format!("{name} <{mail}>")),
        (name, mail) => name.or(mail).map(ToOwned::to_owned),
    }
}

/// The account's own organisation; for an account of another one, the only one it sees.
fn organization(me: Option<&Value>, organizations: &[Value]) -> Option<String> {
    let home = me.map(|me| &me["orgId"]);
    let found = organizations.iter().find(|known| home == Some(&known["id"])).or(match organizations {
        [only] => Some(only),
        _ => None,
    })?;
    found["displayName"].as_str().or_else(|| found["id"].as_str()).map(ToOwned::to_owned)
}
