//! People: from create to delete, and what Webex does beside what it says.

use serde_json::{Value, json};

use super::{OWN, Organisation, replace, user};
use crate::ENTERPRISE;

#[tokio::test]
async fn a_person_lives_from_create_to_delete() {
    let acme = Organisation::new().await;
    let scim = &acme.scim;
    let created = scim.post("/Users", &user("t.arvidsson")).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    assert_eq!(acme.writes(), ["POST /v1/people"]);
    // Invited, and no less active for that.
    assert_eq!((&created["active"], &created[OWN]["invitePending"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&created["displayName"], &created["externalId"]),
        (&json!("Tove Arvidsson"), &json!("hr-t.arvidsson"))
    );

    for filter in [
        "userName%20eq%20%22T.Arvidsson@acme-demo.example%22",
        "emails.value%20eq%20%22t.arvidsson@acme-demo.example%22",
        "displayName%20eq%20%22Tove%20Arvidsson%22",
        "externalId%20eq%20%22hr-t.arvidsson%22",
    ] {
        let found = scim.get(&format!("/Users?filter={filter}")).await.ok(200);
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["id"]),
            (&json!(1), &json!(id)),
            "{filter}"
        );
    }

    // Replaced the way One Identity Manager does: the object as it was read, with a change.
    let mut whole = scim.get(&path).await.ok(200);
    acme.writes();
    whole["name"]["familyName"] = json!("Berg");
    whole[ENTERPRISE] = json!({"department": "Print"});
    let replaced = scim.put(&path, &whole).await.ok(200);
    assert_eq!(
        (&replaced["name"]["familyName"], &replaced[ENTERPRISE]["department"]),
        (&json!("Berg"), &json!("Print"))
    );
    assert_eq!(acme.writes(), [format!("PUT /v1/people/{id}")]);
    scim.put(&path, &replaced).await.ok(200);
    assert_eq!(acme.writes(), Vec::<String>::new(), "no difference, no write");

    // A new address, and the same person.
    scim.patch(&path, replace("userName", json!("t.berg@acme-demo.example"))).await.ok(200);
    assert_eq!(acme.target.person(&id).unwrap()["emails"], json!(["t.berg@acme-demo.example"]));
    let taken = scim.post("/Users", &user("t.berg")).await.refused(409, "uniqueness");
    assert!(taken.contains(&id), "{taken}");

    scim.delete(&path).await.ok(204);
    assert_eq!(acme.target.person(&id), None);
    assert_eq!(scim.get(&path).await.status, 404);
    assert_eq!(scim.delete(&path).await.status, 404);
}

#[tokio::test]
async fn everything_a_person_has_survives_a_change() {
    // A target that takes away whatever a PUT leaves out.
    let acme = Organisation::with(|options| options.put_without_site_urls_clears = true, "").await;
    let listed = acme.scim.get("/Users?count=50").await.ok(200);
    for found in listed["Resources"].as_array().unwrap() {
        let id = found["id"].as_str().unwrap();
        let before = acme.target.person(id).unwrap();
        acme.scim.patch(&format!("/Users/{id}"), replace("title", json!("Changed"))).await.ok(200);
        let mut after = acme.target.person(id).unwrap();
        assert_eq!(after["title"], "Changed");
        for (name, value) in before.as_object().unwrap() {
            if !["title", "lastModified"].contains(&name.as_str()) {
                assert_eq!(after[name].take(), *value, "{name} of {before}");
            }
        }
    }
}

#[tokio::test]
async fn an_invited_person_who_is_blocked_stays_so_until_the_invitation_is_accepted() {
    let acme = Organisation::new().await;
    let id = acme.create("t.arvidsson").await;
    let path = format!("/Users/{id}");
    let put = [format!("PUT /v1/people/{id}")];
    let off = acme.scim.patch(&path, replace("active", json!("False"))).await.ok(200);
    assert_eq!((&off["active"], acme.writes()), (&json!(false), put.to_vec()));
    assert_eq!(acme.scim.get(&path).await.ok(200)["active"], false, "Webex shows no difference");
    acme.scim.patch(&path, replace("active", json!(false))).await.ok(200);
    assert_eq!(acme.writes(), Vec::<String>::new());
    acme.scim.patch(&path, replace("title", json!("T"))).await.ok(200);
    assert_eq!(acme.scim.get(&path).await.ok(200)["active"], false);
    acme.writes();

    assert_eq!(acme.scim.patch(&path, replace("active", json!(true))).await.ok(200)["active"], true);
    assert_eq!(acme.writes(), put, "sent, although Webex shows no difference");
    acme.scim.patch(&path, replace("active", json!(false))).await.ok(200);
    assert!(acme.target.activate(&id));
    assert_eq!(acme.scim.get(&path).await.ok(200)["active"], true, "the target knows better now");
}

#[tokio::test]
async fn a_person_may_be_created_inactive_in_both_forms_of_tenants() {
    for form in [connector_sandbox::webex::NewPerson::Pending, connector_sandbox::webex::NewPerson::Activated]
    {
        let acme = Organisation::with(|options| options.new_person = form, "").await;
        let mut body = user("t.arvidsson");
        body["active"] = json!(false);
        let created = acme.scim.post("/Users", &body).await.ok(201);
        assert_eq!(created["active"], false, "{created}");
        let held = acme.target.person(created["id"].as_str().unwrap()).unwrap();
        assert_eq!(held["loginEnabled"], false);
    }
}

#[tokio::test]
async fn licences_are_given_and_taken_and_what_is_not_given_is_told() {
    let acme = Organisation::new().await;
    let id = acme.create("t.arvidsson").await;
    let path = format!("/Users/{id}");
    let paid = acme.license("Advanced Messaging").await;
    let add = json!([{"op": "add", "path": "entitlements", "value": [{"value": paid}]}]);
    let given = acme.scim.patch(&path, add.clone()).await.ok(200);
    assert_eq!(given["entitlements"][0]["display"], "Advanced Messaging");
    assert_eq!(acme.writes(), ["PATCH /v1/licenses/users"]);
    // A PUT of what was read keeps it.
    acme.scim.put(&path, &given).await.ok(200);
    assert_eq!(acme.writes(), Vec::<String>::new());
    let remove = json!([{"op": "remove", "path": format!("entitlements[value eq \"{paid}\"]")}]);
    assert!(acme.scim.patch(&path, remove).await.ok(200).get("entitlements").is_none());

    acme.target.set_options(|options| options.skipped_licenses = vec!["Advanced Messaging".into()]);
    for status in [200, 206] {
        acme.target.set_options(|options| options.skipped_license_status = status);
        let skipped = acme.scim.patch(&path, add.clone()).await.ok(200);
        assert!(skipped.get("entitlements").is_none(), "{skipped}");
    }
    let unknown = json!([{"op": "add", "path": "entitlements", "value": [{"value": "nothing"}]}]);
    let detail = acme.scim.patch(&path, unknown).await.refused(400, "invalidValue");
    assert!(detail.contains("entitlements") && detail.contains("tracking id"), "{detail}");

    let strict = Organisation::with(
        |options| options.skipped_licenses = vec!["Advanced Messaging".into()],
        "strict_licences = true",
    )
    .await;
    let path = format!("/Users/{}", strict.create("t.arvidsson").await);
    let detail = strict.scim.patch(&path, add).await.refused(400, "invalidValue");
    assert!(detail.contains("Advanced Messaging"), "{detail}");
}

#[tokio::test]
async fn roles_are_given_and_taken() {
    let acme = Organisation::new().await;
    let path = format!("/Users/{}", acme.create("t.arvidsson").await);
    let listed = acme.scim.get("/Roles?filter=displayName%20eq%20%22Device%20Administrator%22").await.ok(200);
    let role = &listed["Resources"][0];
    let add = json!([{"op": "add", "path": "roles", "value": [{"value": role["id"]}]}]);
    let given = acme.scim.patch(&path, add).await.ok(200);
    assert_eq!(given["roles"][0]["display"], "Device Administrator");
    let taken = acme.scim.patch(&path, json!([{"op": "remove", "path": "roles"}])).await.ok(200);
    assert!(taken.get("roles").is_none(), "{taken}");
}

#[tokio::test]
async fn the_account_that_consented_is_neither_deleted_nor_blocked() {
    let acme = Organisation::new().await;
    let me = acme.target.person_id(connector_sandbox::webex::Consenter::FullAdministrator);
    let path = format!("/Users/{me}");
    acme.scim.delete(&path).await.refused(403, "");
    acme.scim.patch(&path, replace("active", json!(false))).await.refused(403, "");
    assert_eq!(acme.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn everybody_is_listed_in_pages_whatever_is_wrong_with_them() {
    use connector_sandbox::webex::NextLink;
    for next_link in [NextLink::Good, NextLink::MaxNull, NextLink::LostParameters] {
        let change = |options: &mut connector_sandbox::webex::Options| {
            options.people = 230;
            options.next_link = next_link;
            options.empty_pages = 2;
            options.timeout_above = 60;
        };
        let acme = Organisation::with(change, "").await;
        let listed = acme.scim.get("/Users?count=1000").await.ok(200);
        let people: Vec<&Value> = listed["Resources"].as_array().unwrap().iter().collect();
        assert_eq!(listed["totalResults"], people.len());
        let held = |user: &&&Value| acme.target.person(user["id"].as_str().unwrap()).is_some();
        assert!(
            people.iter().all(|user| user["userType"] == "person") && people.iter().all(|user| held(&user))
        );
        // Bots alone are left out.
        assert!(people.len() > 220 && people.len() <= acme.target.people_len(), "{}", people.len());
    }
}

#[tokio::test]
async fn an_address_follows_the_user_name_in_the_form_it_was_written() {
    let acme = Organisation::new().await;
    let mut body = user("first");
    body["emails"] = json!([{"value": "first@acme-demo.example", "type": "work"}]);
    let created = acme.scim.post("/Users", &body).await.ok(201);
    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    acme.scim.patch(&path, replace("userName", json!("second@acme-demo.example"))).await.ok(200);
    let read = acme.scim.get(&path).await.ok(200);
    assert_eq!(read["emails"], json!([{"value": "second@acme-demo.example", "type": "work"}]));
    let filter = "emails.value%20eq%20%22second@acme-demo.example%22";
    let found = acme.scim.get(&format!("/Users?filter={filter}")).await.ok(200);
    assert_eq!(found["Resources"][0]["id"], created["id"]);
    acme.writes();
    acme.scim
        .patch(&path, replace("emails[type eq \"work\"].value", json!("first@acme-demo.example")))
        .await
        .ok(200);
    let read = acme.scim.get(&path).await.ok(200);
    assert_eq!(acme.writes().len(), 1, "it is sent");
    assert_eq!(read["userName"], "first@acme-demo.example");
}

#[tokio::test]
async fn a_cursor_leads_where_it_was_made_to_lead_and_nowhere_else() {
    let acme = Organisation::new().await;
    let first = acme.scim.get("/Users?cursor=&count=8").await.ok(200);
    let next = first["nextCursor"].as_str().expect("there are more");
    assert_eq!(first.get("totalResults"), None, "Webex does not count");
    let second = acme.scim.get(&format!("/Users?cursor={next}&count=8")).await.ok(200);
    assert_ne!(first["Resources"][0]["id"], second["Resources"][0]["id"]);
    let whole = acme.scim.get("/Users?cursor=&count=200").await.ok(200);
    assert_eq!(whole["totalResults"], json!(whole["Resources"].as_array().unwrap().len()), "{whole}");

    let (signature, _) = next.split_once('.').unwrap();
    // "org%49d=OTHER&max=100"
    let elsewhere = "6f7267253439643d4f54484552266d61783d313030";
    acme.target.clear_requests();
    for odd in [
        format!("{signature}.c.{elsewhere}.0"),
        format!("{signature}.i.18446744073709551615"),
        next.replace(".c.", ".n."),
        next[1..].to_owned(),
    ] {
        acme.scim.get(&format!("/Users?cursor={odd}")).await.refused(400, "invalidCursor");
    }
    acme.scim.get(&format!("/Groups?cursor={next}")).await.refused(400, "invalidCursor");
    assert!(acme.target.requests().is_empty(), "nothing of it reaches Webex");
}
