//! ActiveCampaign: the full life of a user and of a group, and what the account does not allow.

mod unknowns;

use connector_host_tests::{Client, Host};
use connector_sandbox::activecampaign::{self, ActiveCampaign, Options};
use serde_json::{Value, json};

use crate::binary;

const OWN: &str = "urn:connector-host:scim:activecampaign:2.0:User";
const OWN_GROUP: &str = "urn:connector-host:scim:activecampaign:2.0:Group";

/// One host with one instance, and the stand-in behind it.
struct Account {
    target: ActiveCampaign,
    host: Host,
    scim: Client,
}

impl Account {
    async fn new(options: Options, keys: &str) -> Self {
        let target = activecampaign::start("127.0.0.1:0".parse().unwrap(), options).await.unwrap();
        let host = host(&target, target.key(), keys).await;
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        Self { target, host, scim }
    }

    /// What the target was asked since the last call of this.
    fn calls(&self) -> Vec<String> {
        let requests = self.target.requests();
        self.target.clear_requests();
        requests.into_iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }

    /// A seeded group that is not the Admin group.
    async fn group(&self) -> String {
        let listed = self.scim.get("/Groups?count=20").await.ok(200);
        let groups = listed["Resources"].as_array().unwrap();
        let ordinary = groups.iter().find(|group| group["displayName"] != "Admin").unwrap();
        ordinary["id"].as_str().unwrap().to_owned()
    }
}

/// A host with one instance, which has this key.
async fn host(target: &ActiveCampaign, key: &str, keys: &str) -> Host {
    let config = format!(
        "[outbound]\nallow_networks = [\"127.0.0.0/8\"]\n[instances.acme]\nconnector = \"activecampaign\"\n\
         target_url = \"{}\"\napi_key = \"{key}\"\n{keys}\n",
        target.api_url(),
    );
    Host::start(&binary(), "", &config).await
}

fn user(name: &str, group: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", OWN],
        "userName": name, "externalId": format!("hr-{name}"),
        "name": {"givenName": "Tove", "familyName": "Arvidsson"},
        "emails": [{"value": format!("{name}@acme.example"), "type": "work", "primary": true}],
        "password": "correct horse battery",
        OWN: {"groupId": group},
    })
}

#[tokio::test]
async fn the_service_says_that_passwords_can_be_changed() {
    let account = Account::new(Options::default(), "").await;
    let config = account.scim.get("/ServiceProviderConfig").await.ok(200);
    assert_eq!(config["changePassword"]["supported"], true);
}

#[tokio::test]
async fn a_user_lives_from_create_to_delete() {
    let account = Account::new(Options::default(), "").await;
    let scim = &account.scim;
    let group = account.group().await;
    account.calls();

    // Created in one call; neither group nor password comes back.
    let created = scim.post("/Users", &user("t.arvidsson", &group)).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    assert_eq!((&created["active"], &created["displayName"]), (&json!(true), &json!("Tove Arvidsson")));
    assert_eq!(created["externalId"], "hr-t.arvidsson");
    assert!(created.get("password").is_none() && created.get(OWN).is_none(), "{created}");
    assert_eq!(account.calls(), ["POST /api/3/users"]);
    let held = account.target.user(&id).unwrap();
    assert_eq!((&held["username"], &held["groups"]), (&json!("t.arvidsson"), &json!([group])));
    assert!(account.target.has_password(&id, "correct horse battery"));

    // Read, and found by name, address and the client's own id.
    let read = scim.get(&path).await.ok(200);
    assert_eq!((&read["userName"], &read["emails"]), (&created["userName"], &created["emails"]));
    assert!(read.get("groups").is_none(), "{read}");
    let asked = scim.get(&format!("{path}?attributes=groups")).await.ok(200);
    assert_eq!(asked["groups"][0]["value"], json!(group));
    for filter in [
        "userName%20eq%20%22t.arvidsson%22",
        "emails.value%20eq%20%22t.arvidsson@acme.example%22",
        "externalId%20eq%20%22hr-t.arvidsson%22",
    ] {
        let found = scim.get(&format!("/Users?filter={filter}")).await.ok(200);
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["id"]),
            (&json!(1), &json!(id)),
            "{filter}"
        );
    }
    account.calls();

    // Changed: the group goes along, and the answer is what a fresh read shows, not the stale one to the PUT.
    let family = json!([{"op": "Replace", "path": "name.familyName", "value": "Berg"}]);
    let changed = scim.patch(&path, family).await.ok(200);
    assert_eq!(
        (&changed["name"]["familyName"], &changed["displayName"]),
        (&json!("Berg"), &json!("Tove Berg"))
    );
    let own = format!("/api/3/users/{id}");
    assert_eq!(
        account.calls(),
        [format!("GET {own}"), format!("GET {own}/userGroup"), format!("PUT {own}"), format!("GET {own}")]
    );
    assert_eq!(account.target.user(&id).unwrap()["groups"], json!([group]));

    // Replaced the way One Identity Manager does: the object as it was read, with a change.
    let mut whole = scim.get(&path).await.ok(200);
    whole["name"]["givenName"] = json!("Tuva");
    let replaced = scim.put(&path, &whole).await.ok(200);
    assert_eq!(
        (&replaced["displayName"], &replaced["externalId"]),
        (&json!("Tuva Berg"), &json!("hr-t.arvidsson"))
    );
    account.calls();
    scim.put(&path, &replaced).await.ok(200);
    assert_eq!(account.calls(), [format!("GET {own}")], "no difference, no write");

    // What the account does not allow.
    let refused = scim.patch(&path, json!([{"op": "replace", "path": "userName", "value": "tuva"}])).await;
    refused.refused(400, "mutability");
    let refused = scim.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await;
    let detail = refused.refused(400, "mutability");
    assert!(detail.contains("delete the user instead"), "{detail}");

    scim.delete(&path).await.ok(204);
    assert_eq!(account.target.user(&id), None);
    assert_eq!(scim.get(&path).await.status, 404);
    assert_eq!(scim.delete(&path).await.status, 404);
}

#[tokio::test]
async fn a_group_lives_from_create_to_delete_and_its_members_come_through_users() {
    let account = Account::new(Options { users: 10, groups: 4, ..Options::default() }, "").await;
    let scim = &account.scim;
    let body = json!({"displayName": "Editors", OWN_GROUP: {"description": "May write"}});
    let created = scim.post("/Groups", &body).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Groups/{id}");
    assert_eq!(created[OWN_GROUP]["description"], "May write");

    let user = scim.post("/Users", &user("t.arvidsson", &id)).await.ok(201);
    let read = scim.get(&path).await.ok(200);
    assert_eq!(read["members"][0]["value"], user["id"]);
    let found = scim
        .get(&format!("/Groups?filter=members.value%20eq%20%22{}%22", user["id"].as_str().unwrap()))
        .await;
    assert_eq!(found.ok(200)["Resources"][0]["id"], json!(id));

    // Renamed, without touching what its permissions are.
    let before = account.target.group(&id).unwrap();
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Writers"}]);
    scim.patch(&path, rename).await.ok(204);
    let after = account.target.group(&id).unwrap();
    assert_eq!((&after["title"], &after["pgMessageAdd"]), (&json!("Writers"), &before["pgMessageAdd"]));
    account.calls();

    let removal = json!([{"op": "remove", "path": "members"}]);
    scim.patch(&path, removal).await.refused(400, "mutability");
    assert_eq!(account.calls(), Vec::<String>::new(), "nothing is sent");
    let detail = scim.delete(&path).await.refused(409, "");
    assert!(detail.contains("1 member"), "{detail}");

    scim.delete(&format!("/Users/{}", user["id"].as_str().unwrap())).await.ok(204);
    scim.delete(&path).await.ok(204);
    assert_eq!(account.target.group(&id), None);
    // The Admin group.
    assert_eq!(scim.delete("/Groups/3").await.status, 403);
    assert!(account.target.group("3").is_some());
}

#[tokio::test]
async fn everybody_is_listed_although_the_totals_are_wrong_and_rows_repeat() {
    let options = Options {
        users_total: activecampaign::UsersTotal::Wrong,
        repeated_rows: true,
        groups: 2,
        ..Options::default()
    };
    let account = Account::new(options, "").await;
    let listed = account.scim.get("/Users?count=200").await.ok(200);
    assert_eq!(listed["totalResults"], 120);
    let ids: std::collections::HashSet<_> =
        listed["Resources"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 120);
}

#[tokio::test]
async fn a_bad_key_a_missing_permission_and_a_whim_are_told_apart() {
    let account = Account::new(Options { users: 5, groups: 3, ..Options::default() }, "").await;
    account.target.set_options(|options| options.spurious_forbidden = 1);
    account.scim.get("/Users/2").await.ok(200);

    account.target.set_options(|options| options.permission = activecampaign::Permission::AdminGroup);
    let weak = account.target.key_of("4").unwrap();
    for (key, status) in [(weak.as_str(), 403), ("not-a-key", 502)] {
        let host = host(&account.target, key, "").await;
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        let refused = scim.post("/Groups", &json!({"displayName": "Editors"})).await.refused(status, "");
        assert_eq!(refused.contains("replace api_key"), status == 502, "{refused}");
        let checked = host.run(&["check", "--online"]).await;
        assert!(!checked.status.success(), "{checked:?}");
    }
    let checked = account.host.run(&["check", "--online"]).await;
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn setting_a_user_inactive_deletes_and_a_new_one_goes_into_the_default_group() {
    let options = Options { users: 5, groups: 3, ..Options::default() };
    let account = Account::new(options, "deactivate = \"delete\"\ndefault_group_id = 3").await;
    let mut body = user("t.arvidsson", "3");
    body.as_object_mut().unwrap().remove(OWN);
    let created = account.scim.post("/Users", &body).await.ok(201);
    let id = created["id"].as_str().unwrap();
    assert_eq!(account.target.user(id).unwrap()["groups"], json!(["3"]));
    let path = format!("/Users/{id}");
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    assert_eq!(account.scim.patch(&path, off).await.ok(200)["active"], false);
    assert_eq!(account.target.user(id), None);
    assert_eq!(account.scim.get(&path).await.status, 404);

    // Nothing is remembered of the user who is gone.
    let found = account.scim.get("/Users?filter=externalId%20eq%20%22hr-t.arvidsson%22").await.ok(200);
    assert_eq!(found["totalResults"], 0);
    account.scim.post("/Users", &body).await.ok(201);
}

#[tokio::test]
async fn groups_without_members_are_read_without_asking_who_is_in_them() {
    let account = Account::new(Options { users: 5, groups: 3, ..Options::default() }, "").await;
    let all = account.scim.get("/Groups").await;
    assert!(all.json()["Resources"][0]["meta"]["version"].is_string());
    account.calls();

    let listed = account.scim.get("/Groups?excludedAttributes=members").await.ok(200);
    assert_eq!((&listed["totalResults"], listed["Resources"][0].get("members")), (&json!(3), None));
    assert_eq!(listed["Resources"][0]["meta"].get("version"), None, "the version counts the members");
    assert_eq!(account.calls(), ["GET /api/3/groups"]);
    account.scim.get("/Groups?attributes=displayName&sortBy=displayName").await.ok(200);
    assert_eq!(account.calls(), ["GET /api/3/groups"]);
    let read = account.scim.get("/Groups/3?excludedAttributes=members").await;
    assert_eq!(read.header("etag"), None);
    assert_eq!(account.calls(), ["GET /api/3/groups/3"]);

    // Who asks for them gets them, in the answer or in a filter.
    let filter = "/Groups?attributes=displayName&filter=members%20pr";
    assert_eq!(account.scim.get(filter).await.ok(200)["totalResults"], 2);
    assert_eq!(account.calls().len(), 4);
}

#[tokio::test]
async fn ids_of_another_form_lead_to_nobody() {
    let account = Account::new(Options { users: 5, groups: 3, ..Options::default() }, "").await;
    for path in ["/Users/me", "/Users/01", "/Users/1%2FuserGroup", "/Groups/03"] {
        account.scim.get(path).await.refused(404, "");
        account.scim.delete(path).await.refused(404, "");
    }
    assert_eq!(account.calls(), Vec::<String>::new());
    assert!(account.target.user("1").is_some());
}

#[tokio::test]
async fn the_account_never_has_to_refuse_for_its_limit() {
    let account = Account::new(Options { users: 40, groups: 3, ..Options::default() }, "").await;
    // Reads and writes at once, from the first moment on: more than three seconds of the account's limit.
    let get = |id: String| {
        let scim = account.scim.clone();
        async move { scim.get(&format!("/Users/{id}")).await.ok(200) }
    };
    let change = |id: String| {
        let scim = account.scim.clone();
        let family = json!([{"op": "replace", "path": "name.familyName", "value": "Berg"}]);
        async move { scim.patch(&format!("/Users/{id}"), family).await.ok(200) }
    };
    let mut clients = tokio::task::JoinSet::new();
    let mut ids = account.target.users().into_iter().map(|user| user["id"].as_str().unwrap().to_owned());
    ids.by_ref().take(8).for_each(|id| drop(clients.spawn(get(id))));
    ids.take(3).for_each(|id| drop(clients.spawn(change(id))));
    clients.join_all().await;
    let statuses: Vec<u16> = account.target.requests().iter().map(|request| request.status).collect();
    assert!(statuses.len() >= 20, "{statuses:?}");
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}
