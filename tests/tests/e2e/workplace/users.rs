//! The life of an account.

use connector_sandbox::workplace::Options;
use serde_json::{Value, json};

use super::{Community, OWN, few, person};
use crate::ENTERPRISE;

#[tokio::test]
async fn a_person_lives_from_create_to_delete_in_both_editions() {
    for (edition, base) in [("v2", "/scim2"), ("v1", "/scim/v1")] {
        let community = Community::speaking(edition, few(), "").await;
        let scim = &community.scim;

        // Created in one call; nobody is invited.
        let created = scim.post("/Users", &person("mina")).await.ok(201);
        let id = created["id"].as_str().unwrap().to_owned();
        let path = format!("/Users/{id}");
        assert_eq!(community.calls(), [format!("POST {base}/Users")], "{edition}");
        assert_eq!(created["name"]["formatted"], "Mina Okafor");
        assert_eq!((&created["locale"], &created["externalId"]), (&json!("en-GB"), &json!("hr-mina")));
        let own = &created[OWN];
        assert_eq!((&own["startDate"], &own["invited"]), (&json!("2021-01-01T00:00:00Z"), &json!(false)));
        assert_eq!((&own["authMethod"], &own["frontline"]), (&json!("sso"), &json!(true)));
        let held = community.target.person(&id).unwrap();
        assert_eq!((&held["locale"], &held["id"]), (&json!("en_GB"), &id.parse::<u64>().unwrap().into()));
        assert_eq!(held[ENTERPRISE]["department"], "Harbour");

        // Read, and found by name and by the client's own id.
        let read = scim.get(&path).await.ok(200);
        assert_eq!((&read["userName"], &read["emails"]), (&created["userName"], &created["emails"]));
        for filter in ["userName eq \"Mina@Riverbank.example\"", "externalId eq \"hr-mina\""] {
            let found = scim.get(&format!("/Users?filter={filter}")).await.ok(200);
            assert_eq!(
                (&found["totalResults"], &found["Resources"][0]["id"]),
                (&json!(1), &json!(id)),
                "{filter}"
            );
        }
        community.calls();

        // Changed: one PUT, whose answer is the person.
        let title = json!([{"op": "Replace", "path": "title", "value": "Harbour Master"},
                           {"op": "add", "path": format!("{ENTERPRISE}:division"), "value": "Operations"}]);
        let changed = scim.patch(&path, title).await.ok(200);
        assert_eq!(
            (&changed["title"], &changed[ENTERPRISE]["division"]),
            (&json!("Harbour Master"), &json!("Operations"))
        );
        let user = format!("{base}/Users/{id}");
        assert_eq!(community.calls(), [format!("GET {user}"), format!("PUT {user}")]);
        assert_eq!(changed["phoneNumbers"], created["phoneNumbers"], "the rest stays");

        // The object as it was read, with a change; and once more without any.
        let mut whole = scim.get(&path).await.ok(200);
        whole["name"]["familyName"] = json!("Brandt");
        scim.put(&path, &whole).await.ok(200);
        assert_eq!(
            community.target.person(&id).unwrap()["name"]["formatted"],
            "Mina Brandt",
            "follows its parts"
        );
        whole = scim.get(&path).await.ok(200);
        community.calls();
        scim.put(&path, &whole).await.ok(200);
        assert_eq!(community.calls(), [format!("GET {user}")], "no difference, no write");

        // A new login address takes the one mail address along.
        let rename = json!([{"op": "replace", "path": "userName", "value": "mina.b@riverbank.example"}]);
        let renamed = scim.patch(&path, rename).await.ok(200);
        assert_eq!(renamed["emails"][0]["value"], "mina.b@riverbank.example");

        // Cleared, in one call.
        let clear = json!([{"op": "remove", "path": "title"}, {"op": "remove", "path": "phoneNumbers"},
                           {"op": "remove", "path": format!("{OWN}:startDate")}]);
        let cleared = scim.patch(&path, clear).await.ok(200);
        assert!(cleared.get("title").is_none() && cleared.get("phoneNumbers").is_none(), "{cleared}");
        assert!(cleared[OWN].get("startDate").is_none(), "{cleared}");

        scim.delete(&path).await.ok(204);
        assert_eq!(community.target.person(&id), None);
        assert_eq!(scim.get(&path).await.status, 404);
        assert_eq!(scim.delete(&path).await.status, 404);
    }
}

#[tokio::test]
async fn a_claimed_account_is_deactivated_instead_of_deleted_and_can_come_back() {
    let community = Community::new(few(), "").await;
    let scim = &community.scim;
    let id = community.person("mina").await;
    let path = format!("/Users/{id}");
    let invite = json!([{"op": "replace", "path": format!("{OWN}:invited"), "value": true}]);
    assert_eq!(scim.patch(&path, invite).await.ok(200)[OWN]["invited"], true);
    assert!(community.target.claim(&id));
    community.calls();

    for _ in 0..2 {
        scim.delete(&path).await.ok(204);
        let user = format!("/scim2/Users/{id}");
        assert_eq!(community.calls(), [format!("DELETE {user}"), format!("PUT {user}")]);
        assert_eq!(scim.get(&path).await.ok(200)["active"], false);
        community.calls();
    }
    community.logged("deactivated instead of deleted").await;
    assert_eq!(community.target.person(&id).unwrap()["active"], false);

    let back = json!([{"op": "Replace", "path": "active", "value": "True"}]);
    let read = scim.patch(&path, back).await.ok(200);
    assert_eq!((&read["active"], &read["title"]), (&json!(true), &json!("Quay Supervisor")));
    assert_eq!(community.target.person(&id).unwrap()["active"], true);
    assert_eq!(scim.get(&path).await.ok(200)["active"], true, "the deletion is forgotten");
}

#[tokio::test]
async fn activation_alone_is_sent_alone() {
    let community = Community::new(few(), "").await;
    let id = community.person("mina").await;
    community.target.clear_requests();
    let off = json!([{"op": "Replace", "value": {"active": false}}]);
    assert_eq!(community.scim.patch(&format!("/Users/{id}"), off).await.ok(200)["active"], false);
    let put = community.target.requests().pop().unwrap();
    let expected = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "active": false});
    assert_eq!((put.method.as_str(), &put.body), ("PUT", &expected));
}

#[tokio::test]
async fn an_inactive_person_is_created_inactive() {
    let community = Community::new(few(), "").await;
    let mut body = person("mina");
    body["active"] = json!(false);
    let created = community.scim.post("/Users", &body).await.ok(201);
    assert_eq!(created["active"], false);
    assert_eq!(community.target.person(created["id"].as_str().unwrap()).unwrap()["active"], false);
}

#[tokio::test]
async fn new_people_are_invited_where_the_operator_says_so_and_the_client_does_not_object() {
    let community = Community::new(few(), "invite = true").await;
    let invited = community.scim.post("/Users", &person("mina")).await.ok(201);
    assert_eq!(invited[OWN]["invited"], true);
    assert!(invited[OWN]["inviteDate"].as_str().unwrap().ends_with('Z'), "{invited}");
    let mut body = person("ivo");
    body[OWN]["invited"] = json!(false);
    assert_eq!(community.scim.post("/Users", &body).await.ok(201)[OWN]["invited"], false);
}

#[tokio::test]
async fn a_manager_is_a_person_who_exists_comes_and_goes() {
    for edition in ["v2", "v1"] {
        let community = Community::speaking(edition, few(), "").await;
        let (scim, id) = (&community.scim, community.person("mina").await);
        let manager = community.person("ivo").await;
        let path = format!("/Users/{id}");
        let set = |value: Value| json!([{"op": "add", "path": format!("{ENTERPRISE}:manager.value"), "value": value}]);
        let read = scim.patch(&path, set(json!(manager))).await.ok(200);
        assert_eq!(read[ENTERPRISE]["manager"]["value"], json!(manager), "{edition}");
        assert_eq!(read[ENTERPRISE]["manager"]["displayName"], "Mina Okafor");

        // Another change leaves it alone.
        scim.patch(&path, json!([{"op": "replace", "path": "title", "value": "Pilot"}])).await.ok(200);
        let held =
            |id: &str| community.target.person(id).unwrap()[ENTERPRISE]["manager"]["managerId"].to_string();
        assert_eq!(held(&id), manager);

        for unknown in ["4", "nobody"] {
            let detail = scim.patch(&path, set(json!(unknown))).await.refused(400, "invalidValue");
            assert!(detail.contains("manager.value"), "{detail}");
        }
        let gone = scim
            .patch(&path, json!([{"op": "remove", "path": format!("{ENTERPRISE}:manager")}]))
            .await
            .ok(200);
        assert!(gone[ENTERPRISE].get("manager").is_none(), "{gone}");
        assert_eq!(held(&id), "null");
    }
}

#[tokio::test]
async fn an_account_without_an_address_has_its_external_id_as_user_name() {
    let community = Community::new(Options { email_less_accounts: true, ..few() }, "").await;
    let scim = &community.scim;
    let mut body = person("E-4711");
    body["userName"] = json!("E-4711");
    body["externalId"] = json!("E-4711");
    let created = scim.post("/Users", &body).await.ok(201);
    let id = created["id"].as_str().unwrap();
    assert_eq!(created["userName"], "E-4711");
    assert!(created[OWN]["accessCode"].is_string(), "{created}");
    let held = community.target.person(id).unwrap();
    assert_eq!((held.get("userName"), &held["externalId"]), (None, &json!("E-4711")));
    let found = scim.get("/Users?filter=userName eq \"E-4711\"").await.ok(200);
    assert_eq!(found["Resources"][0]["id"], json!(id));
    let title = json!([{"op": "replace", "path": "title", "value": "Pilot"}]);
    assert_eq!(scim.patch(&format!("/Users/{id}"), title).await.ok(200)["title"], "Pilot");

    // Any other name without an address is a mistake, and so is one where there are no such accounts.
    body["userName"] = json!("somebody");
    community.calls();
    let detail = scim.post("/Users", &body).await.refused(400, "invalidValue");
    assert!(detail.contains("userName: must be an e-mail address"), "{detail}");
    assert_eq!(community.calls(), Vec::<String>::new());
    community.target.set_options(|options| options.email_less_accounts = false);
    body["userName"] = json!("E-4712");
    body["externalId"] = json!("E-4712");
    let detail = scim.post("/Users", &body).await.refused(400, "invalidValue");
    assert!(detail.contains("has no accounts without one"), "{detail}");
}

#[tokio::test]
async fn mistakes_name_the_attribute_and_the_rule() {
    let community = Community::new(few(), "").await;
    let scim = &community.scim;
    community.person("mina").await;
    let detail = scim.post("/Users", &person("mina")).await.refused(409, "uniqueness");
    assert!(detail.contains("User: userName: "), "{detail}");
    community.target.set_options(|options| options.duplicate_status = 400);
    let other = community.person("olu").await;
    let taken = json!([{"op": "replace", "path": "userName", "value": person("mina")["userName"]}]);
    let detail = scim.patch(&format!("/Users/{other}"), taken).await.refused(409, "uniqueness");
    assert!(detail.contains(": userName: "), "{detail}");
    let mut body = person("ivo");
    body["userName"] = json!("ivo@elsewhere.example");
    let detail = scim.post("/Users", &body).await.refused(400, "invalidValue");
    assert!(detail.contains("userName: is in a domain that is not verified"), "{detail}");
    let mut body = person("ivo");
    body["name"] = json!({});
    let detail = scim.post("/Users", &body).await.refused(400, "invalidValue");
    assert!(detail.contains("name: is required"), "{detail}");
    let id = community.person("ivo").await;
    community.calls();
    let claim = json!([{"op": "replace", "path": format!("{OWN}:claimed"), "value": true}]);
    scim.patch(&format!("/Users/{id}"), claim).await.refused(400, "mutability");
    let code = json!([{"op": "replace", "path": format!("{OWN}:accessCode"), "value": "x"}]);
    scim.patch(&format!("/Users/{id}"), code).await.refused(400, "mutability");
    assert!(community.calls().iter().all(|call| call.starts_with("GET ")), "nothing is written");
}

#[tokio::test]
async fn everybody_is_listed_in_both_editions_whatever_a_page_holds() {
    for edition in ["v2", "v1"] {
        let options = Options { groups: 1, people_sets: 1, short_pages: true, ..Options::default() };
        let community = Community::speaking(edition, options, "").await;
        let mut ids = std::collections::HashSet::new();
        for start in [1, 201] {
            let page = community.scim.get(&format!("/Users?startIndex={start}&count=200")).await.ok(200);
            assert_eq!(page["totalResults"], 400, "{edition}");
            let users = page["Resources"].as_array().unwrap();
            assert_eq!(users.len(), 200);
            assert!(users.iter().all(|user| user["userName"].is_string()), "SCIM cannot do without");
            ids.extend(users.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
        }
        assert_eq!(ids.len(), 400, "{edition}");
    }
}

#[tokio::test]
async fn groups_of_a_person_are_read_when_asked_for() {
    let community = Community::new(few(), "").await;
    let first = community.target.people().remove(0);
    community.calls();
    let asked = community.scim.get(&format!("/Users/{first}?attributes=groups")).await.ok(200);
    let names: Vec<_> = asked["groups"].as_array().unwrap().iter().map(|group| &group["display"]).collect();
    assert!(names.contains(&&json!("Everyone")), "{asked}");
    assert_eq!(
        community.calls(),
        [format!("GET /scim2/Users/{first}"), format!("GET /graph/{first}/groups")]
    );
    assert!(community.scim.get(&format!("/Users/{first}")).await.ok(200).get("groups").is_none());

    community.target.set_options(|options| options.deactivated_in_graph = false);
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    community.scim.patch(&format!("/Users/{first}"), off).await.ok(200);
    let asked = community.scim.get(&format!("/Users/{first}?attributes=groups")).await.ok(200);
    assert!(asked.get("groups").is_none(), "{asked}");
}
