//! Where Webex leaves something open: who consented, which address is the first, what a refusal did.

use serde_json::{Value, json};

use crate::{
    groups::{member, members, team},
    support::{
        Answer, Step, Webex, ada, bodies, calls, failure, id, items, license, step, step_with, told, with,
    },
};

/// Who consented is not told, and these are in the only team, some of them administrators.
fn unknown(held: &[Value], administrators: &[&str]) -> Vec<Step> {
    let person = |member: &Value| {
        let id = member["personId"].as_str().expect("an id");
        let roles =
            if administrators.contains(&id) { json!([self::id("ROLE", "id_full_admin")]) } else { json!([]) };
        step(&format!("GET /people/{id}"), 200, with(ada(), json!({"id": id, "roles": roles})))
    };
    let looked = [failure("GET /people/me", 403, "no"), items("GET /teams", json!([team()])), members(held)];
    looked.into_iter().chain(held.iter().map(person)).collect()
}

async fn put(
    held: &[Value],
    administrators: &[&str],
    wanted: &[&str],
    steps: Vec<Step>,
) -> (Result<Value, String>, String) {
    let reads = [step("GET /teams/T-1", 200, team()), members(held)];
    let webex =
        Webex::organisation(reads.into_iter().chain(unknown(held, administrators)).chain(steps)).await;
    let wanted: Vec<Value> = wanted.iter().map(|id| json!({"value": id})).collect();
    let done = webex.replace("Groups", "T-1", json!({"displayName": "Research", "members": wanted})).await;
    (done.map_err(|error| told(&error)), webex.sent().await)
}

#[tokio::test]
async fn the_one_administrator_in_every_team_is_the_account_that_consented() {
    let held = [member("P-ONE", true), member("P-ADA", false), member("P-BO", false)];
    let gone = [members(&held), step("DELETE /team/memberships/M-P-BO", 204, Value::Null)];
    let now = [step("GET /teams/T-1", 200, team()), members(&held[..2])];
    let (group, _) = put(&held, &["P-ONE"], &["P-ADA"], gone.into_iter().chain(now).collect()).await;
    assert_eq!(group.unwrap()["members"].as_array().unwrap().len(), 1, "and it is not shown");
}

#[tokio::test]
async fn where_nothing_tells_who_consented_a_list_of_members_removes_nobody_it_may_be() {
    let held = [member("P-ONE", true), member("P-ADA", false), member("P-BO", false)];
    for administrators in [&["P-ONE", "P-BO"][..], &[]] {
        let (refused, sent) = put(&held, administrators, &["P-ADA"], vec![]).await;
        let told = refused.unwrap_err();
        assert!(told.starts_with("409 - Group T-1: members: Webex does not tell who consented"), "{told}");
        assert!(told.contains("P-ONE or P-BO"), "{told}");
        assert!(calls(&sent).iter().all(|call| call.starts_with("GET")), "{sent}");
    }
}

#[tokio::test]
async fn an_administrator_who_may_have_consented_is_not_deleted() {
    let held = [member("P-ONE", true), member("P-BO", false)];
    let webex = Webex::organisation(unknown(&held, &["P-ONE", "P-BO"])).await;
    let refused = webex.delete("Users", "P-BO").await.unwrap_err();
    assert!(
        told(&refused).starts_with("403 - User P-BO: may be the account that consented"),
        "{}",
        told(&refused)
    );
    webex.sent().await;
}

#[tokio::test]
async fn an_invited_person_is_not_said_to_be_inactive_when_webex_refuses() {
    let invited = with(ada(), json!({"loginEnabled": false, "invitePending": true}));
    let webex = Webex::organisation([
        step("GET /people/P-ADA", 200, invited.clone()),
        failure("PUT /people/P-ADA", 400, "not now"),
        step("GET /people/P-ADA", 200, invited),
    ])
    .await;
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    let refused = webex.modify("Users", "P-ADA", off).await.unwrap_err();
    assert!(told(&refused).starts_with("400 invalidValue"), "{}", told(&refused));
    webex.sent().await;
}

#[tokio::test]
async fn who_has_several_addresses_is_found_by_each_and_keeps_them() {
    let person = with(ada(), json!({"emails": ["old@acme-demo.example", "ada.quill@acme-demo.example"]}));
    let webex = Webex::organisation([items("GET /people", json!([person]))]).await;
    let filter = Some("userName eq \"Ada.Quill@acme-demo.example\"");
    let found = webex.list("Users", filter).await.unwrap().resources;
    assert_eq!(found[0].get("userName").unwrap(), "ada.quill@acme-demo.example");
    webex.sent().await;

    for (address, sent) in [
        ("ada.quill@acme-demo.example", json!(["ada.quill@acme-demo.example", "old@acme-demo.example"])),
        ("new@acme-demo.example", json!(["new@acme-demo.example", "ada.quill@acme-demo.example"])),
    ] {
        let now = with(person.clone(), json!({"emails": sent}));
        let read = step("GET /people/P-ADA", 200, person.clone());
        let webex = Webex::organisation([read, step("PUT /people/P-ADA", 200, now)]).await;
        let operation = json!([{"op": "replace", "path": "userName", "value": address}]);
        webex.modify("Users", "P-ADA", operation).await.unwrap();
        assert_eq!(bodies(&webex.sent().await, "PUT /people/P-ADA")[0]["emails"], sent);
    }

    // The first one is the primary one already.
    let webex = Webex::organisation([step("GET /people/P-ADA", 200, person)]).await;
    let emails = json!([{"value": "OLD@acme-demo.example", "type": "work", "primary": true}]);
    let operation = json!([{"op": "replace", "path": "emails", "value": emails}]);
    webex.modify("Users", "P-ADA", operation).await.unwrap();
    webex.sent().await;
}

#[tokio::test]
async fn names_that_cannot_be_read_are_asked_for_once_and_hold_nothing_up() {
    let refused = |path: &str| failure(path, 403, "no scope");
    let webex = Webex::answering([
        items(
            "GET /people",
            json!([ada(), with(ada(), json!({"id": "P-2"})), with(ada(), json!({"id": "P-3"}))]),
        ),
        refused("GET /licenses"),
        refused("GET /roles"),
        step("GET /people/P-ADA", 200, ada()),
    ])
    .await;
    assert_eq!(webex.list("Users", None).await.unwrap().total, 3);
    let user = webex.get("Users", "P-ADA").await.unwrap();
    assert_eq!(user["entitlements"][0].get("display"), None);
    webex.sent().await;
}

#[tokio::test]
async fn what_webex_takes_for_no_address_is_nobodys() {
    let refused = || failure("GET /people", 400, "Invalid email");
    let webex = Webex::organisation([refused(), refused()]).await;
    let filter = Some("userName eq \"00919288221112222\"");
    assert_eq!(webex.list("Users", filter).await.unwrap().total, 0);
    // Asked for everybody, it means that the account may not.
    let error = webex.list("Users", None).await.unwrap_err();
    assert!(
        told(&error).starts_with("403") && told(&error).contains("spark-admin:people_read"),
        "{}",
        told(&error)
    );
    webex.sent().await;
}

#[tokio::test]
async fn a_later_page_that_is_refused_is_not_the_end_of_the_list() {
    for filter in [None, Some("displayName eq \"Ada Quill\"")] {
        let answer = Answer::json(200, json!({"items": [ada()]}));
        let first = answer.header("link", "</v1/people?cursor=2>; rel=\"next\"");
        let webex = Webex::organisation([
            step_with("GET /people", first),
            failure("GET /people", 400, "the cursor is too old"),
        ])
        .await;
        let error = webex.list("Users", filter).await.unwrap_err();
        assert!(told(&error).starts_with("400 invalidValue"), "{}", told(&error));
        webex.sent().await;
    }
}

#[tokio::test]
async fn a_licence_that_cannot_be_added_is_no_licence_that_stays() {
    let body =
        json!({"message": "m", "errors": [{"description": "why", "errorCode": 700_003}], "trackingId": "T"});
    let refused = || step("PATCH /licenses/users", 400, body.clone());
    let webex = Webex::organisation([step("GET /people/P-ADA", 200, ada()), refused()]).await;
    let add = json!([{"op": "add", "path": "entitlements", "value": [{"value": license("MS")}]}]);
    let error = webex.modify("Users", "P-ADA", add).await.unwrap_err();
    assert!(told(&error).starts_with("400 invalidValue User P-ADA: entitlements"), "{}", told(&error));
    webex.sent().await;
}

#[tokio::test]
async fn a_put_without_a_description_leaves_it_to_the_team() {
    let held = [member("P-ME", true), member("P-ADA", false)];
    let renamed = with(team(), json!({"name": "New"}));
    let webex = Webex::organisation([
        step("GET /teams/T-1", 200, team()),
        members(&held),
        step("PUT /teams/T-1", 200, renamed),
    ])
    .await;
    let body = json!({"displayName": "New", "members": [{"value": "P-ADA"}]});
    webex.replace("Groups", "T-1", body).await.unwrap();
    let sent = &bodies(&webex.sent().await, "PUT /teams/T-1")[0];
    assert_eq!(*sent, json!({"name": "New", "description": "Everyone in Research"}));
}

#[tokio::test]
async fn a_locked_object_is_waited_for_and_nothing_is_looked_up() {
    let locked = Answer::new(423).header("retry-after", "1");
    let webex =
        Webex::organisation([step_with("POST /teams", locked), step("POST /teams", 200, team())]).await;
    webex.create("Groups", json!({"displayName": "Research"})).await.unwrap();
    let sent = webex.sent().await;
    assert_eq!(calls(&sent)[..2], ["POST /v1/teams", "POST /v1/teams"]);
}
