//! What is sent to change a person.

use connector_core::{connector::Setting, error::Kind};
use serde_json::{Value, json};

use crate::support::{
    Answer, Community, ENTERPRISE, OWN, mina, mina_v1, puts, reads, refusal, step, step_with, told, with,
};

const DATES: &str = "urn:ietf:params:scim:schemas:extension:facebook:starttermdates:2.0:User";

fn replace(path: &str, value: Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

#[tokio::test]
async fn a_put_repeats_what_may_be_sent_back_and_nothing_else() {
    let community = Community::answering([reads(), puts(json!({"title": "Pilot"}))]).await;
    let changed = community.modify("Users", "1001", replace("title", json!("Pilot"))).await.unwrap();
    assert_eq!(changed["title"], "Pilot");
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_picture_comes_and_goes() {
    let photos = json!([{"value": "https://x.example/small.png", "type": "thumbnail"},
                        {"value": "https://x.example/mina.png", "type": "photo"}]);
    let operations = replace("photos", photos);
    let community = Community::answering([reads(), puts(json!({}))]).await;
    community.modify("Users", "1001", operations).await.unwrap();
    let sent = community.sent().await;
    assert!(
        sent.contains("\"value\": \"https://x.example/mina.png\",\n      \"type\": \"profile\""),
        "{sent}"
    );
    assert!(!sent.contains("small.png") && !sent.contains("\"photo\""), "{sent}");
}

/// PING P-07: a PUT of the core attributes alone leaves anniversaries alone.
#[tokio::test]
async fn a_put_without_the_dates_of_the_employment_leaves_them() {
    let core = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mina@riverbank.example",
                      "name": {"givenName": "Mina", "familyName": "Okafor"}, "title": "Pilot"});
    let community = Community::answering([
        reads(),
        puts(json!({"title": "Pilot"})),
        step("PATCH /scim/Users/1001", 200, mina()),
    ])
    .await;
    let changed = community.replace("Users", "1001", core).await.unwrap();
    assert_eq!(changed[OWN]["startDate"], "2021-01-01T00:00:00Z");
    let sent = community.sent().await;
    let put = sent.split("PUT").nth(1).unwrap().split("PATCH").next().unwrap();
    assert!(put.contains("\"startDate\": 1609459200"), "{put}");
    assert!(!sent.contains("starttermdates:2.0:User:startDate"), "{sent}");

    let removal = json!([{"op": "remove", "path": format!("{OWN}:startDate")}]);
    let gone = json!({DATES: {"startDate": 0, "termDate": 0}});
    let community = Community::answering([reads(), puts(gone)]).await;
    let changed = community.modify("Users", "1001", removal).await.unwrap();
    assert!(changed[OWN].get("startDate").is_none(), "{changed}");
    assert!(community.sent().await.contains("\"startDate\": 0"));
}

#[tokio::test]
async fn activation_is_sent_alone() {
    let community = Community::answering([reads(), puts(json!({"active": false}))]).await;
    let changed = community.modify("Users", "1001", replace("active", json!(false))).await.unwrap();
    assert_eq!((&changed["active"], &changed["title"]), (&json!(false), &json!("Quay Supervisor")));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn a_put_that_took_the_rest_away_is_followed_by_one_that_brings_it_back() {
    let bare = json!({"schemas": [], "id": 1001, "userName": "mina@riverbank.example", "active": false});
    let community = Community::answering([
        reads(),
        step("PUT /scim/Users/1001", 200, bare),
        step("PATCH /scim/Users/1001", 200, with(mina(), json!({"active": false}))),
    ])
    .await;
    let changed = community.modify("Users", "1001", replace("active", json!(false))).await.unwrap();
    assert_eq!((&changed["active"], &changed["title"]), (&json!(false), &json!("Quay Supervisor")));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn the_shown_name_follows_its_parts_and_the_address_the_user_name() {
    let operations = json!([{"op": "replace", "path": "name.familyName", "value": "Brandt"},
                            {"op": "replace", "path": "userName", "value": "mina.b@riverbank.example"}]);
    let after = json!({"name": {"formatted": "Mina Brandt", "givenName": "Mina", "familyName": "Brandt"},
                       "userName": "mina.b@riverbank.example",
                       "emails": [{"value": "mina.b@riverbank.example", "type": "work", "primary": true}]});
    let community = Community::answering([reads(), puts(after)]).await;
    let changed = community.modify("Users", "1001", operations).await.unwrap();
    assert_eq!(
        (&changed["name"]["formatted"], &changed["emails"][0]["value"]),
        (&json!("Mina Brandt"), &json!("mina.b@riverbank.example"))
    );
    let sent = community.sent().await;
    assert!(
        sent.contains("\"formatted\": \"Mina Brandt\"") && !sent.contains("mina@riverbank.example"),
        "{sent}"
    );
}

#[tokio::test]
async fn a_shown_name_of_its_own_stays() {
    let own = json!({"name": {"formatted": "M. Okafor", "givenName": "Mina", "familyName": "Okafor"}});
    let read = step("GET /scim/Users/1001", 200, with(mina(), own));
    let after = json!({"name": {"formatted": "M. Okafor", "givenName": "Mina", "familyName": "Brandt"}});
    let community = Community::answering([read, puts(after)]).await;
    community.modify("Users", "1001", replace("name.familyName", json!("Brandt"))).await.unwrap();
    assert!(community.sent().await.contains("\"formatted\": \"M. Okafor\""));
}

#[tokio::test]
async fn a_shown_name_that_is_left_out_or_removed_is_made_of_its_parts() {
    let own = json!({"name": {"formatted": "M. Okafor", "givenName": "Mina", "familyName": "Okafor"}});
    let parts = json!({"name": {"givenName": "Mina", "familyName": "Okafor"}});
    let read = || step("GET /scim/Users/1001", 200, with(mina(), own.clone()));
    let community = Community::answering([read(), read(), puts(json!({})), read(), puts(json!({}))]).await;
    let seen = community.get("Users", "1001").await.unwrap();
    let changed = community.replace("Users", "1001", with(seen, parts)).await.unwrap();
    assert_eq!(changed["name"]["formatted"], "Mina Okafor");
    let removal = json!([{"op": "remove", "path": "name.formatted"}]);
    let changed = community.modify("Users", "1001", removal).await.unwrap();
    assert_eq!(changed["name"]["formatted"], "Mina Okafor");
    let sent = community.sent().await;
    assert_eq!(sent.matches("\"formatted\": \"Mina Okafor\"").count(), 2, "{sent}");
    assert!(!sent.contains("\"formatted\": \"\""), "{sent}");
}

#[tokio::test]
async fn a_shown_name_that_is_made_of_its_parts_need_not_be_sent() {
    let off = puts(json!({"active": false}));
    let community = Community::answering([reads(), reads(), reads(), off]).await;
    let parts = json!({"name": {"givenName": "Mina", "familyName": "Okafor"}});
    let without = with(community.get("Users", "1001").await.unwrap(), parts);
    let same = community.replace("Users", "1001", without.clone()).await.unwrap();
    assert_eq!(same["name"]["formatted"], "Mina Okafor");
    let inactive = with(without, json!({"active": false}));
    community.replace("Users", "1001", inactive).await.unwrap();
    let sent = community.sent().await;
    let put = sent.split("PUT").nth(1).unwrap();
    assert!(put.contains("\"active\": false") && !put.contains("name"), "activation is sent alone: {put}");
}

#[tokio::test]
async fn an_address_of_two_types_is_sent_twice_though_it_is_the_user_name() {
    let twice = json!([{"value": "mina@riverbank.example", "type": "work", "primary": true},
                       {"value": "mina@riverbank.example", "type": "home", "primary": true}]);
    let kept = json!([{"value": "mina@riverbank.example", "type": "work", "primary": true},
                      {"value": "mina@riverbank.example", "type": "home", "primary": false}]);
    let community = Community::answering([reads(), reads(), puts(json!({"emails": kept}))]).await;
    let seen = community.get("Users", "1001").await.unwrap();
    let changed = community.replace("Users", "1001", with(seen, json!({"emails": twice}))).await.unwrap();
    assert_eq!(changed["emails"].as_array().map(Vec::len), Some(2), "{changed}");
    let sent = community.sent().await;
    let emails = sent.split("\"emails\"").nth(1).and_then(|rest| rest.split(']').next()).unwrap().to_owned();
    insta::assert_snapshot!(emails);
}

#[tokio::test]
async fn emptied_values_are_sent_empty_and_what_stays_is_removed_by_patch() {
    let operations = json!([{"op": "remove", "path": "title"}, {"op": "remove", "path": "phoneNumbers"},
                            {"op": "remove", "path": format!("{OWN}:startDate")},
                            {"op": "remove", "path": format!("{ENTERPRISE}:manager")}]);
    let cleared = json!({"title": null, "phoneNumbers": null, DATES: null});
    let mut gone = with(mina(), cleared.clone());
    gone[ENTERPRISE].as_object_mut().unwrap().remove("manager");
    let community = Community::answering([
        reads(),
        // The manager is still there: 0 is nobody's id, so it was not sent.
        puts(cleared),
        step("PATCH /scim/Users/1001", 200, gone),
    ])
    .await;
    let changed = community.modify("Users", "1001", operations).await.unwrap();
    assert!(changed.get("title").is_none() && changed[ENTERPRISE].get("manager").is_none(), "{changed}");
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn what_cannot_be_cleared_is_shown_as_it_is() {
    let community =
        Community::answering([reads(), puts(json!({})), step("PATCH /scim/Users/1001", 200, mina())]).await;
    let changed =
        community.modify("Users", "1001", json!([{"op": "remove", "path": "title"}])).await.unwrap();
    assert_eq!(changed["title"], "Quay Supervisor");
    community.sent().await;
}

/// Whoever reads the same again and again must not be told of a failure each time: everything else was changed.
#[tokio::test]
async fn a_refusal_of_what_the_target_ignores_is_no_failure_of_the_change() {
    let sent = json!([{"op": "replace", "path": "title", "value": "Pilot"},
                      {"op": "replace", "path": "timezone", "value": "Europe/London"}]);
    let page = Answer::new(404).body("<html><body>Sorry</body></html>", "text/html");
    let with_code = |status| Answer::json(status, json!({"error": {"message": "No", "code": 100}}));
    for refusal in [with_code(400), with_code(404), with_code(405), with_code(501), Answer::new(405), page] {
        let said = format!("{refusal:?}");
        let pilot = with(mina(), json!({"title": "Pilot"}));
        let community = Community::answering([
            reads(),
            puts(json!({"title": "Pilot"})),
            step_with("PATCH /scim/Users/1001", refusal),
            step("GET /scim/Users/1001", 200, pilot),
        ])
        .await;
        let changed = community.modify("Users", "1001", sent.clone()).await.expect(&said);
        assert_eq!((&changed["title"], changed.get("timezone")), (&json!("Pilot"), None), "{said}");
        community.sent().await;
    }
}

#[tokio::test]
async fn a_refused_second_put_of_the_first_edition_is_no_failure_of_the_change() {
    let v1 = [("dialect", Setting::Text("v1".into()))];
    let answer = |method: &str, changes: Value| {
        step(&format!("{method} /scim/Users/1001"), 200, with(mina_v1(), changes))
    };
    let community = Community::set(
        &v1,
        [
            answer("GET", json!({})),
            answer("PUT", json!({})),
            refusal("PUT /scim/Users/1001", 400, 100, "(#100) title must be a string"),
            answer("GET", json!({})),
        ],
    )
    .await;
    let changed =
        community.modify("Users", "1001", json!([{"op": "remove", "path": "title"}])).await.unwrap();
    assert_eq!(changed["title"], "Quay Supervisor");
    community.sent().await;
}

#[tokio::test]
async fn a_failure_that_passes_is_one_also_after_a_successful_put() {
    let limited = json!({"error": {"message": "(#4) Application request limit reached", "code": 4}});
    for (status, body, kind) in [
        (400, limited, Kind::RateLimited),
        (403, json!({}), Kind::Forbidden),
        (500, json!({}), Kind::Unavailable),
    ] {
        let community =
            Community::answering([reads(), puts(json!({})), step("PATCH /scim/Users/1001", status, body)])
                .await;
        let removal = json!([{"op": "remove", "path": "title"}]);
        assert_eq!(community.modify("Users", "1001", removal).await.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn the_first_edition_tries_null_where_an_empty_value_did_nothing() {
    let v1 = [("dialect", Setting::Text("v1".into()))];
    let answer = |method: &str, changes: Value| {
        step(&format!("{method} /scim/Users/1001"), 200, with(mina_v1(), changes))
    };
    let community = Community::set(
        &v1,
        [answer("GET", json!({})), answer("PUT", json!({})), answer("PUT", json!({"title": null}))],
    )
    .await;
    let changed =
        community.modify("Users", "1001", json!([{"op": "remove", "path": "title"}])).await.unwrap();
    assert!(changed.get("title").is_none());
    let sent = community.sent().await;
    assert!(sent.contains("\"title\": \"\"") && sent.contains("\"title\": null"), "{sent}");
    assert!(!sent.contains("urn:ietf"), "{sent}");
}

#[tokio::test]
async fn a_list_that_was_merged_is_replaced_by_patch() {
    let merged = json!({"phoneNumbers": [{"value": "+441632960123", "type": "work", "primary": true},
                                         {"value": "+447700900999", "type": "mobile"}]});
    let only = json!({"phoneNumbers": [{"value": "+447700900999", "type": "mobile"}]});
    let community = Community::answering([
        reads(),
        puts(merged),
        step("PATCH /scim/Users/1001", 204, Value::Null),
        step("GET /scim/Users/1001", 200, with(mina(), only)),
    ])
    .await;
    let mobile = json!([{"value": "+447700900999", "type": "mobile"}]);
    let changed = community.modify("Users", "1001", replace("phoneNumbers", mobile)).await.unwrap();
    assert_eq!(changed["phoneNumbers"].as_array().map(Vec::len), Some(1));
    let sent = community.sent().await;
    let patch = sent.split("PATCH").nth(1).unwrap().to_owned();
    insta::assert_snapshot!(patch);
}

#[tokio::test]
async fn status_manager_and_frontline_go_only_when_they_change() {
    let operations = json!([{"op": "replace", "path": format!("{OWN}:claimed"), "value": false},
                            {"op": "replace", "path": format!("{OWN}:invited"), "value": false},
                            {"op": "replace", "path": format!("{OWN}:frontline"), "value": true},
                            {"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": "1004"}]);
    let status = "urn:ietf:params:scim:schemas:extension:facebook:accountstatusdetails:2.0:User";
    let claimed = with(mina(), json!({status: {"invited": true, "claimed": true, "canDelete": false}}));
    let mut after = with(mina(), json!({status: {"invited": false, "claimed": false, "canDelete": false}}));
    after[ENTERPRISE]["manager"]["managerId"] = json!(1004);
    after["urn:ietf:params:scim:schemas:extension:facebook:frontline:2.0:User"]["is_frontline"] = json!(true);
    let community = Community::answering([
        step("GET /scim/Users/1001", 200, claimed),
        step("PUT /scim/Users/1001", 200, after),
    ])
    .await;
    let changed = community.modify("Users", "1001", operations).await.unwrap();
    assert_eq!((&changed[OWN]["claimed"], &changed[OWN]["frontline"]), (&json!(false), &json!(true)));
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn an_unknown_manager_is_a_bad_value() {
    let refused = refusal("PUT /scim/Users/1001", 400, 100, "(#100) There is no manager 77.");
    let community = Community::answering([reads(), refused]).await;
    let path = format!("{ENTERPRISE}:manager.value");
    let told = told(&community.modify("Users", "1001", replace(&path, json!("77"))).await.unwrap_err());
    assert!(told.starts_with(&format!("400 invalidValue User 1001: {path}: ")), "{told}");
}

#[tokio::test]
async fn a_used_name_is_a_duplicate_whatever_the_status_and_ones_own_is_none() {
    let somebody = |id: u64| json!({"totalResults": 1, "Resources": [with(mina(), json!({"id": id}))]});
    for (found, answer) in [
        (somebody(1002), "409 uniqueness User 1001: userName: "),
        (somebody(1001), "400 invalidValue User 1001: the target refuses a value"),
        (
            json!({"totalResults": 0, "Resources": []}),
            "400 invalidValue User 1001: the target refuses a value",
        ),
    ] {
        let community = Community::answering([
            reads(),
            refusal("PUT /scim/Users/1001", 400, 100, "(#100) Something is wrong."),
            step("GET /scim/Users", 200, found),
        ])
        .await;
        let taken = replace("userName", json!("ivo@riverbank.example"));
        let told = told(&community.modify("Users", "1001", taken).await.unwrap_err());
        assert!(told.starts_with(answer), "{told}");
        assert!(community.sent().await.contains("ivo@riverbank.example"));
    }
    // A refusal of a change of something else is not looked into.
    let refused = refusal("PUT /scim/Users/1001", 400, 100, "(#100) Something is wrong.");
    let community = Community::answering([reads(), refused]).await;
    let error = community.modify("Users", "1001", replace("title", json!("Pilot"))).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidValue);
    community.sent().await;
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_differs() {
    let community = Community::answering([reads(), reads()]).await;
    let seen = community.get("Users", "1001").await.unwrap();
    community.replace("Users", "1001", seen).await.unwrap();
    assert!(!community.sent().await.contains("PUT"));
}

#[tokio::test]
async fn the_edition_of_what_was_read_is_the_edition_of_what_is_written() {
    let community = Community::answering([
        step("GET /scim/Users/1001", 200, mina_v1()),
        step("PUT /scim/Users/1001", 200, with(mina_v1(), json!({"title": "Pilot"}))),
    ])
    .await;
    community.modify("Users", "1001", replace("title", json!("Pilot"))).await.unwrap();
    let sent = community.sent().await;
    assert!(sent.contains("urn:scim:schemas:core:1.0") && !sent.contains("urn:ietf"), "{sent}");
}
