//! Permission groups (<https://developers.activecampaign.com/reference/groups>). Their permissions are none of this
//! connector's business: only changed fields are sent, and the flags stay as they are.

use async_trait::async_trait;
use connector_core::{
    connector::{Change, Create, Delete, Deleted, Page, Query, RemoteId, Resource, Update, Updated, Vendor},
    error::{Error, Kind, Result},
    http::Cx,
    spec::{Membership, Paging, ResourceSpec},
};
use http::Method;
use serde_json::{Map, Value, json};

use crate::{
    call::{call, enveloped, id_of, number, send},
    errors, mapping, memberships, page,
    permissions::{self, MANAGING, withholds},
    settings::ActiveCampaignSettings,
};

/// The permission groups of an account.
pub(crate) struct Groups {
    settings: ActiveCampaignSettings,
}

/// Where the records of a group's members are put.
const MEMBERS: &str = "userGroups";

static SPEC: ResourceSpec = ResourceSpec {
    table: &mapping::GROUP,
    // The members of each group take a call of their own, five a second.
    paging: Paging::Cursor { max: 20 },
    natural_keys: &["displayName"],
    soft_delete: false,
    id_alphabet: "digits",
    membership: Membership::OtherSide,
    members_per_call: 0,
};

/// The title of the Admin group in English, and the id it has in every account seen.
const ADMIN: (&str, &str) = ("Admin", "3");

#[async_trait]
impl Resource for Groups {
    fn spec(&self) -> &'static ResourceSpec {
        &SPEC
    }

    async fn get(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Vendor> {
        with_members(cx, read(cx, number(id)?).await?).await
    }

    async fn list(&self, cx: &Cx<'_>, query: &Query) -> Result<Page> {
        let (groups, next) = match query.conditions.first() {
            // There is no look-up by title: the titles are read without anybody's members.
            Some(condition) => {
                let mut groups = page::all(cx, &["groups"], "groups", "list groups").await?;
                let titled = |group: &Map<String, Value>| {
                    let title = group.get("title").and_then(Value::as_str).unwrap_or_default();
                    title.to_lowercase() == condition.value.to_lowercase()
                };
                groups.retain(titled);
                (groups, None)
            }
            None => {
                let page = page::rows_of(cx, &["groups"], "groups", "list groups", query).await?;
                (page.rows, page.next)
            }
        };
        let mut items = Vec::with_capacity(groups.len());
        for group in groups {
            match with_members(cx, group).await {
                Ok(group) => items.push(group),
                // Deleted since the page was read.
                Err(error) if error.kind() == Kind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Page { items, total: None, next })
    }

    fn creator(&self) -> Option<&dyn Create> {
        Some(self)
    }

    fn updater(&self) -> Option<&dyn Update> {
        Some(self)
    }

    fn deleter(&self) -> Option<&dyn Delete> {
        Some(self)
    }
}

#[async_trait]
impl Create for Groups {
    /// Creates an empty group. The answer is short, and holds the id at least: what it leaves out is as it was sent.
    async fn create(&self, cx: &Cx<'_>, fields: &Map<String, Value>) -> Result<Vendor> {
        let asked =
            call(cx, Method::POST, &["groups"]).operation("create group").json(&json!({ "group": fields }));
        let mut group = fields.clone();
        group.extend(enveloped(&send(cx, asked).await?, "group")?);
        group.insert(MEMBERS.into(), Value::Array(Vec::new()));
        Ok(vendor(group))
    }
}

#[async_trait]
impl Update for Groups {
    /// Changes the fields that differ. Whether ActiveCampaign keeps the permissions that a change leaves out is not known:
    /// they are compared afterwards, and set again where they are gone.
    async fn update(&self, cx: &Cx<'_>, id: &RemoteId, change: &Change<'_>) -> Result<Updated> {
        let current = change.current.document()?;
        self.refuse_admin(&current, members_in(&current), "changed")?;
        let mut body = change.set.clone();
        for path in &change.cleared {
            path.put(&mut body, Value::from(""));
        }
        let id = number(id)?;
        put(cx, id, &body).await?;
        let mut after = read(cx, id).await?;
        if permissions::lost(&current, &after) {
            cx.warn("ActiveCampaign took permissions away with a change that did not name them: they are set again");
            body.extend(permissions::held(&current));
            put(cx, id, &body).await?;
            after = read(cx, id).await?;
            if permissions::lost(&current, &after) {
                let rule = "was changed, and ActiveCampaign took permissions away that could not be set again: see to the \
                            group's permissions there";
                return Err(Error::new(Kind::OddAnswer, rule));
            }
        }
        // A change of the group moves nobody.
        after.extend(current.get(MEMBERS).map(|members| (MEMBERS.to_owned(), members.clone())));
        Ok(Updated { object: Some(vendor(after)), ..Updated::default() })
    }
}

#[async_trait]
impl Delete for Groups {
    /// Deletes a group that has no members; what ActiveCampaign makes of those of another is not known.
    async fn delete(&self, cx: &Cx<'_>, id: &RemoteId) -> Result<Deleted> {
        let Ok(id) = number(id) else { return Ok(Deleted::Missing) };
        let group = match read(cx, id).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Deleted::Missing),
            group => group?,
        };
        let members = memberships::of_group(cx, id).await?;
        self.refuse_admin(&group, members.iter(), "deleted")?;
        if !members.is_empty() {
            let rule = format!("still has {} members: put them into other groups first", members.len());
            return Err(Error::new(Kind::Conflict, rule));
        }
        let asked = call(cx, Method::DELETE, &["groups", id]).operation("delete group");
        errors::deleted(send(cx, asked).await)
    }
}

impl Groups {
    pub(crate) const fn new(settings: ActiveCampaignSettings) -> Self {
        Self { settings }
    }

    /// Refuses to touch the group that ActiveCampaign protects.
    fn refuse_admin<'g>(
        &self,
        group: &Map<String, Value>,
        members: impl Iterator<Item = &'g Map<String, Value>>,
        what: &str,
    ) -> Result<()> {
        if self.is_admin(group, members) {
            let rule = format!("is the Admin group, which ActiveCampaign protects: it cannot be {what}");
            return Err(Error::new(Kind::Forbidden, rule));
        }
        Ok(())
    }

    /// Whether it is the Admin group. No field says so (`p_admin` is set for any group), and titles are words that can be
    /// changed: it is the one with the primary admin in it, else the one with that id or title whose members may manage users
    /// and groups, as those of no other group of the product's own may.
    fn is_admin<'g>(
        &self,
        group: &Map<String, Value>,
        mut members: impl Iterator<Item = &'g Map<String, Value>>,
    ) -> bool {
        let (title, id) = ADMIN;
        let titled = group.get("title").and_then(Value::as_str).unwrap_or_default();
        let named = titled.trim().eq_ignore_ascii_case(title) || id_of(group, "id").as_deref() == Some(id);
        members.any(|member| id_of(member, "userid").is_some_and(|id| self.settings.is_primary_admin(&id)))
            || named && !MANAGING.iter().any(|(flag, _)| withholds(group, flag))
    }
}

async fn put(cx: &Cx<'_>, id: &str, fields: &Map<String, Value>) -> Result<()> {
    let asked = call(cx, Method::PUT, &["groups", id]).operation("change group");
    send(cx, asked.json(&json!({ "group": fields }))).await.map(drop)
}

async fn read(cx: &Cx<'_>, id: &str) -> Result<Map<String, Value>> {
    let asked = call(cx, Method::GET, &["groups", id]).operation("read group");
    enveloped(&send(cx, asked).await?, "group")
}

/// The membership records of a group that was read with them.
fn members_in(group: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    group.get(MEMBERS).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// A group with the records of its members, unless nobody wants them.
async fn with_members(cx: &Cx<'_>, mut group: Map<String, Value>) -> Result<Vendor> {
    // Without an id it is no group, as core tells whoever reads it.
    if !cx.leaves_out("members")
        && let Some(id) = id_of(&group, "id")
    {
        let members = memberships::of_group(cx, &id).await?;
        group.insert(MEMBERS.into(), members.into_iter().map(Value::Object).collect());
    }
    Ok(vendor(group))
}

fn vendor(group: Map<String, Value>) -> Vendor {
    Vendor::new(Value::Object(group).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_admin_with(group: Value, members: Value) -> bool {
        let Value::Object(mut group) = group else { panic!("not an object") };
        group.insert(MEMBERS.into(), members);
        Groups::new(ActiveCampaignSettings::default()).is_admin(&group, members_in(&group))
    }

    #[test]
    fn the_admin_group_is_known_by_the_primary_admin_in_whatever_language() {
        let members = json!([{"userid": "12"}, {"userid": 1}]);
        assert!(is_admin_with(json!({"id": "8", "title": "Administradores", "pgGroupEdit": "0"}), members));
        assert!(!is_admin_with(json!({"id": "8", "title": "Editors"}), json!([{"userid": "11"}])));
    }

    #[test]
    fn a_title_or_an_id_alone_makes_no_admin_group() {
        let managing = json!({"id": "3", "title": "Administratoren", "p_admin": "1", "pg_user_add": "1"});
        assert!(is_admin_with(managing, json!([])));
        assert!(is_admin_with(json!({"id": "40", "title": " admin ", "pgGroupEdit": 1}), json!([])));
        for other in [
            json!({"id": "40", "title": "Admin", "p_admin": "1", "pg_user_delete": "0"}),
            json!({"id": "3", "title": "Editors", "p_admin": "1", "pgGroupAdd": false}),
            json!({"id": "40", "title": "User managers", "p_admin": "1", "pg_user_add": "1"}),
        ] {
            assert!(!is_admin_with(other.clone(), json!([{"userid": "12"}])), "{other}");
        }
    }
}
