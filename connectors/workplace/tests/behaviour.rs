//! The behaviour suite in Workplace's words (<https://developers.facebook.com/docs/workplace/>), in both editions of its SCIM.

use connector_core::connector::Registration;
use connector_testkit::{Answer, Call, Case, Setup, Staged, StandIn, TOKEN};
use connector_workplace::REGISTRATION;
use serde_json::{Map, Value, json};

connector_testkit::behaviour!(Workplace { first: false });

mod first_edition {
    connector_testkit::behaviour!(super::Workplace { first: true });
}

/// A community whose SCIM is 1.1, or else 2.0.
struct Workplace {
    first: bool,
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const DATES: &str = "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User";
const STATUS: &str = "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";
const AUTH: &str = "urn:ietf:params:scim:schemas:extension:facebook:authmethod:2.0:User";
const FRONTLINE: &str = "urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User";

const CLAIMED: &str = "urn:connector-host:scim:workplace:2.0:User:claimed";
const ADMINS: &str = "urn:connector-host:scim:workplace:2.0:Group:admins";
/// What cannot be said when a group is made.
const AFTERWARDS: &[&str] = &[
    "urn:connector-host:scim:workplace:2.0:Group:archived",
    "urn:connector-host:scim:workplace:2.0:Group:sortingSetting",
];

/// Names of the second edition, and those of the first.
const NAMES: &[(&str, &str)] = &[
    (ENTERPRISE, "urn:scim:schemas:extension:enterprise:1.0"),
    (DATES, "urn:scim:schemas:extension:facebook:starttermdates:1.0"),
    (STATUS, "urn:scim:schemas:extension:facebook:accountstatusdetails:1.0"),
    (AUTH, "urn:scim:schemas:extension:facebook:auth_method:1.0"),
    (FRONTLINE, "urn:scim:schemas:extension:facebook:frontline:1.0"),
    ("\"authMethod\":", "\"auth_method\":"),
    ("urn:ietf:params:scim:schemas:core:2.0:User", "urn:scim:schemas:core:1.0"),
    ("urn:ietf:params:scim:schemas:core:2.0:Group", "urn:scim:schemas:core:1.0"),
];

/// Graph's error body, which its SCIM may have, too.
fn refusal(status: u16, code: u64, message: &str) -> Answer {
    let error = json!({"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Abc"});
    Answer::json(status, json!({ "error": error }))
}

fn no_object() -> Answer {
    let error = json!({"message": "Unsupported get request.", "code": 100, "error_subcode": 33});
    Answer::json(400, json!({ "error": error }))
}

/// The error bodies of SCIM, of both editions.
fn first(status: u16, text: &str) -> Answer {
    Answer::json(status, json!({"Errors": [{"description": text, "code": status.to_string()}]}))
}

fn second(status: u16, text: &str) -> Answer {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    Answer::json(status, json!({"schemas": schemas, "status": status.to_string(), "detail": text}))
}

/// The group without what takes a call of its own.
fn bare(group: &Value) -> Value {
    let mut group = group.clone();
    let fields = group.as_object_mut().expect("an object");
    fields.retain(|name, _| !["members", "admins"].contains(&name.as_str()));
    group
}

/// What a PUT leaves: it merges.
fn merged(object: &Value, changes: Value) -> Value {
    let mut object = object.clone();
    let (Value::Object(held), Value::Object(changes)) = (&mut object, changes) else { return object };
    for (name, value) in changes {
        match (held.get_mut(&name), value) {
            (Some(Value::Object(held)), Value::Object(value)) => held.extend(value),
            (_, value) => drop(held.insert(name, value)),
        }
    }
    object
}

impl Workplace {
    /// Where its SCIM is: as in production, the first edition has its version in the path.
    fn address(&self) -> &'static str {
        if self.first { "/scim/v1" } else { "/scim2" }
    }

    /// The document in the words of its edition.
    fn told(&self, document: &Value) -> Value {
        let text = document.to_string();
        let names = NAMES.iter().filter(|_| self.first);
        let text = names.fold(text, |text, (second, first)| text.replace(second, first));
        serde_json::from_str(&text).expect("JSON")
    }

    fn list(&self, call: &Call<'_>, of: &str) -> Answer {
        let (start, count) = (call.number("startIndex").unwrap_or(1), call.number("count").unwrap_or(10));
        let condition = call.query("filter").and_then(|filter| filter.split_once(" eq "));
        let fits = |object: &&Value| {
            condition.is_none_or(|(name, literal)| {
                serde_json::from_str::<Value>(literal).is_ok_and(|value| object[name] == value)
            })
        };
        let found: Vec<&Value> = call.all(of).into_iter().filter(fits).collect();
        let page = found.iter().skip(start - 1).take(count.min(100));
        let page: Vec<Value> = page.map(|object| self.told(object)).collect();
        let (total, came) = (found.len(), page.len());
        let envelope =
            json!({"totalResults": total, "itemsPerPage": came, "startIndex": start, "Resources": page});
        Answer::json(200, envelope)
    }

    fn scim(&self, call: &Call<'_>, path: &[&str]) -> Answer {
        let missing = |text: &str| if self.first { first(404, text) } else { second(404, text) };
        let of = match path.first() {
            Some(&"Users") => "User",
            Some(&"Groups") => "PeopleSet",
            _ => return missing("no such path"),
        };
        match (call.method(), path) {
            ("GET", [_]) => self.list(call, of),
            ("POST", [_]) => Answer::json(201, self.told(call.created(of).unwrap_or(&Value::Null))),
            (method, [_, id]) => match (method, call.one(of, id)) {
                (_, None) => missing("no such object"),
                ("DELETE", _) => Answer::new(200),
                ("PUT", Some(object)) => {
                    let changes = self.fields(of, call.body().clone());
                    Answer::json(200, self.told(&merged(object, changes)))
                }
                (_, Some(object)) => Answer::json(200, self.told(object)),
            },
            _ => missing("no such path"),
        }
    }
}

/// A page of an edge, by cursor.
fn edge(call: &Call<'_>) -> Answer {
    let (from, limit) = (call.number("after").unwrap_or(0), call.number("limit").unwrap_or(25));
    let (found, more) = call.some("Group", from, limit);
    let next = (from + found.len()).to_string();
    let data: Vec<Value> = found.into_iter().map(bare).collect();
    let mut paging = json!({"cursors": {"before": from.to_string(), "after": next}});
    if more {
        paging["next"] = format!("https://graph.example/community/groups?after={next}").into();
    }
    Answer::json(200, json!({"data": data, "paging": paging}))
}

fn graph(call: &Call<'_>, path: &[&str]) -> Answer {
    let success = Answer::json(200, json!({"success": true}));
    let group = |id: &str| call.one("Group", id);
    match (call.method(), path) {
        ("GET", ["community"]) => Answer::json(200, json!({"id": "4100", "name": "Riverbank"})),
        ("GET", ["community", "groups"]) => edge(call),
        ("GET", ["community", "members" | "organization_members"]) => Answer::json(200, json!({"data": []})),
        ("POST", ["community", "groups" | "accounts"]) if call.body()["name"].is_null() => {
            refusal(400, 100, "(#100) The parameter name is required")
        }
        ("POST", ["community", "groups"]) => {
            let made = call.created("Group").map(|group| group["id"].clone());
            Answer::json(200, json!({ "id": made }))
        }
        ("GET", [id, "members"]) => match group(id) {
            Some(group) => Answer::json(200, json!({"data": group["members"]})),
            None => no_object(),
        },
        ("POST" | "DELETE", [id] | [id, "members" | "admins", ..]) if group(id).is_some() => success,
        ("GET", [id]) => match (group(id), call.one("User", id)) {
            (Some(group), _) => Answer::json(200, bare(group)),
            (None, Some(user)) => {
                let shown = json!({"id": id, "email": user["userName"], "title": user["title"]});
                Answer::json(200, shown)
            }
            (None, None) => no_object(),
        },
        _ => no_object(),
    }
}

impl StandIn for Workplace {
    fn registration(&self) -> Registration {
        REGISTRATION
    }

    fn base(&self) -> &'static str {
        ""
    }

    fn setup(&self, setup: Setup) -> Setup {
        setup.configured_at(self.address()).endpoint("graph_url", "/graph").flag("archive_groups", true)
    }

    fn object(&self, of: &str, n: usize) -> Value {
        match of {
            "User" => json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE, DATES, STATUS, AUTH, FRONTLINE],
                "id": 100_071_234_500_000_u64 + n as u64, "externalId": format!("E-204{n}"),
                "userName": format!("mina{n}@riverbank.example"),
                "name": {"formatted": "Okafor, Mina", "givenName": "Mina", "familyName": "Okafor", "middleName": "Ada",
                         "honorificPrefix": "Dr.", "honorificSuffix": "MSc"},
                "displayName": "Mina", "nickName": "Min", "profileUrl": "https://riverbank.example/mina",
                "userType": "Employee", "title": "Quay Supervisor", "preferredLanguage": "en_GB", "locale": "en_GB",
                "timezone": "Europe/London", "active": true,
                "emails": [{"value": format!("mina{n}@riverbank.example"), "type": "work", "primary": true},
                           {"value": format!("mina{n}@home.example"), "type": "home", "primary": false}],
                "addresses": [{"type": "work", "formatted": "Dock 4, Hull", "streetAddress": "Dock 4", "locality": "Hull",
                               "region": "Yorks", "postalCode": "HU1", "country": "GB", "primary": true}],
                "phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true},
                                 {"value": "+447700900999", "type": "mobile", "primary": false}],
                "groups": [], "meta": {"resourceType": "User", "created": "2024-03-01T00:00:00+00:00"},
                ENTERPRISE: {"employeeNumber": "20417", "department": "Harbour", "division": "Operations",
                             "organization": "Riverbank", "costCenter": "CC-88",
                             "manager": {"managerId": 100_071_234_500_099_u64, "displayName": "Ivo Brandt"}},
                DATES: {"startDate": 1_609_459_200, "termDate": 1_893_456_000},
                STATUS: {"invited": true, "inviteDate": 1_709_251_200, "claimed": false, "claimDate": 1_709_337_600,
                         "canDelete": true, "claimLink": "https://fb.example/claim/a1b2c3", "accessCode": "K4T-88",
                         "accessCodeExpirationDate": 1_709_424_000},
                AUTH: {"authMethod": "sso"},
                FRONTLINE: {"is_frontline": false, "has_access": false},
            }),
            "Group" => json!({
                "id": (420_071_234_500_000_u64 + n as u64).to_string(), "name": format!("Harbour Safety {n}"),
                "description": "Safety notes", "privacy": "CLOSED", "purpose": "WORK_TEAMWORK", "archived": false,
                "is_community": false, "is_workplace_default": false, "join_setting": "ADMIN_ONLY",
                "post_permissions": "NONE", "post_requires_admin_approval": false, "sorting_setting": "CHRONOLOGICAL",
                "icon": "https://static.example/icons/group.png", "cover": {"source": "https://static.example/c.png"},
                "owner": {"id": "1003", "name": "Ivo Brandt"}, "updated_time": "2025-03-02T08:15:00+0000",
                "members": [{"id": "1901", "name": "Bo Tern", "administrator": false},
                            {"id": "1902", "name": "Cy Lund", "administrator": true}],
                "admins": [{"id": "1902", "name": "Cy Lund"}],
            }),
            _ => json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": 3000 + n,
                "displayName": format!("Dock crews {n}"),
                "members": [{"value": 1901, "type": "user"}, {"value": 1902, "type": "user"}],
            }),
        }
    }

    fn fields(&self, of: &str, body: Value) -> Value {
        let text = NAMES.iter().fold(body.to_string(), |text, (second, first)| text.replace(first, second));
        // Some calls have no body.
        let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&text) else { return json!({}) };
        fields.shift_remove("schemas");
        // Written under another name than it is read.
        if of == "Group"
            && let Some(archive) = fields.shift_remove("archive")
        {
            fields.insert("archived".into(), archive);
        }
        Value::Object(fields)
    }

    fn answer(&self, call: &Call<'_>) -> Answer {
        match &call.path()[..] {
            ["graph", path @ ..] => graph(call, path),
            ["scim", "v1", path @ ..] if self.first => self.scim(call, path),
            ["scim2", path @ ..] if !self.first => self.scim(call, path),
            _ => Answer::new(404).body("<html><body>Sorry</body></html>", "text/html"),
        }
    }

    #[rustfmt::skip]
    fn stage(&self, case: Case, of: &str) -> Staged {
        let group = of == "Group";
        match case {
            Case::MissingId if group => Staged::answers([
                no_object(), refusal(404, 803, "(#803) Some of the aliases you requested do not exist"),
                refusal(400, 100, "(#100) Tried accessing nonexisting field (purpose) on node type (User)")]),
            Case::MissingId | Case::MissingOnWrite => {
                Staged::answers([first(404, "Not found"), second(404, "Not found"), refusal(404, 100, "Not found"), no_object()])
            }
            Case::EndlessList if group => Staged::not_applicable(
                "Graph's cursor may stay where it is on the last page, which says no more than that the list ends there"),
            Case::EndlessList => Staged::answers([Answer::json(200, json!({
                "totalResults": 1_000_000, "itemsPerPage": 1, "startIndex": 1, "Resources": [self.told(&self.object(of, 0))]}))]),
            Case::DuplicateCreate if group => Staged::not_applicable("Workplace takes any number of groups of one name"),
            Case::DuplicateCreate => Staged::answers([
                first(409, "It exists"), second(409, "It exists"), refusal(409, 100, "(#100) It exists")]),
            Case::CredentialRefusedOnce | Case::CredentialRefused => Staged::answers([
                refusal(401, 190, "Error validating access token"), refusal(400, 190, "Error validating access token"),
                refusal(400, 102, "Session expired")]),
            Case::Forbidden => Staged::answers([
                refusal(403, 200, "(#200) Permissions error"), refusal(400, 10, "(#10) No permission"),
                refusal(400, 3, "(#3) No capability"), second(403, "(#200) Permissions error")]),
            Case::Conflict => Staged::answers([second(409, "It conflicts"), first(412, "Precondition failed")]),
            Case::RateLimited => Staged::answers([
                refusal(400, 4, "(#4) Application request limit reached"), refusal(400, 613, "(#613) Calls too fast"),
                second(429, "Too many requests")]),
            Case::Unavailable => Staged::answers([
                refusal(500, 1, "An unknown error occurred"), refusal(400, 2, "Service temporarily unavailable"),
                second(503, "Later")]),
            Case::Secrets => Staged::answers([
                refusal(400, 100, TOKEN), refusal(401, 190, TOKEN), second(500, &format!("odd {TOKEN}")), first(403, TOKEN)]),
            Case::ChangedOnly => Staged::plain()
                .except(&[CLAIMED], "can only be set to false, see the tests of calls")
                .except(&[ADMINS], "made and unmade by calls of their own, see the tests of calls")
                .beside(&["invited"]),
            Case::RowsRoundTrip => Staged::plain()
                .except(&["userName"], "must be an address")
                .except(&[CLAIMED], "nobody creates an account that was taken")
                .except(&[ADMINS], "made of the members")
                .except(AFTERWARDS, "set after the creation, where the group is not so, see the tests of calls"),
            Case::OddFields if group => Staged::plain()
                .except(&["members", ADMINS], "an answer of their own, which is odd as a whole"),
            Case::FirstPage | Case::LastPage | Case::RepeatedPage | Case::HostileIds | Case::HostileValues
            | Case::DeleteTwice | Case::ReadOnlyWrite | Case::UndeclaredAbility | Case::EmptyUpdate
            | Case::UnknownFields | Case::OddFields | Case::MalformedBody | Case::TruncatedBody | Case::HugeBody | Case::Redirect
            | Case::SlowAnswer | Case::AmbiguousCreate | Case::MemberChanges | Case::Capabilities | Case::Check => Staged::plain(),
        }
    }
}
