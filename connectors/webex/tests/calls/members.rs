//! Membership of teams: single calls, only differences, and the account that consented left alone.

use serde_json::{Value, json};

use crate::{
    groups::{guest, me, member, members, reads, team},
    support::{Step, Webex, bodies, calls, failure, step, told},
};

/// What is sent when the team holds these and a client sends this PATCH.
async fn patched(held: &[Value], steps: Vec<Step>, operations: Value) -> Result<String, String> {
    let webex = Webex::organisation(reads(held).into_iter().chain(steps)).await;
    let done = webex.modify_quietly("Groups", "T-1", operations, false).await;
    let sent = webex.sent().await;
    done.map(|_| sent).map_err(|error| told(&error))
}

async fn put(held: &[Value], steps: Vec<Step>, ids: &[&str]) -> Result<Value, String> {
    let webex = Webex::organisation(reads(held).into_iter().chain(steps)).await;
    let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    let own = json!({"description": "Everyone in Research"});
    let body = json!({"displayName": "Research", "members": members, "urn:connector-host:scim:webex:2.0:Group": own});
    let done = webex.replace("Groups", "T-1", body).await;
    webex.sent().await;
    done.map_err(|error| told(&error))
}

fn gone(person: &str) -> Step {
    step(&format!("DELETE /team/memberships/M-{person}"), 204, Value::Null)
}

#[tokio::test]
async fn only_differences_are_sent_each_by_a_call_of_its_own() {
    let held = [me(), member("P-ADA", true), member("P-BO", false)];
    let sent = patched(
        &held,
        vec![members(&held), step("POST /team/memberships", 200, member("P-CY", false)), gone("P-BO")],
        json!([{"op": "add", "path": "members", "value": [{"value": "P-ADA"}, {"value": "P-CY"}]},
               {"op": "remove", "path": "members[value eq \"P-BO\"]"}]),
    )
    .await;
    insta::assert_snapshot!(sent.unwrap());
}

#[tokio::test]
async fn who_is_a_member_already_stays_a_moderator() {
    let held = [me(), member("P-ADA", true)];
    let sent =
        patched(&held, vec![], json!([{"op": "add", "path": "members", "value": [{"value": "P-ADA"}]}]))
            .await;
    assert!(calls(&sent.unwrap()).iter().all(|call| call.starts_with("GET")));
}

#[tokio::test]
async fn a_replace_keeps_the_account_that_consented_in_silence() {
    let held = [me(), member("P-ADA", false)];
    let now = [me(), member("P-BO", false)];
    let steps =
        vec![members(&held), step("POST /team/memberships", 200, member("P-BO", false)), gone("P-ADA")];
    let group = put(&held, steps.into_iter().chain(reads(&now)).collect(), &["P-BO"]).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
    // Emptied: nobody is left but the account.
    let steps = vec![members(&held), gone("P-ADA")];
    let group = put(&held, steps.into_iter().chain(reads(&[me()])).collect(), &[]).await.unwrap();
    assert!(group.get("members").is_none(), "{group}");
}

#[tokio::test]
async fn naming_the_account_that_consented_as_a_member_changes_nothing() {
    let held = [me(), member("P-ADA", false)];
    let group = put(&held, vec![], &["P-ME", "P-ADA"]).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn removing_the_account_that_consented_by_name_is_refused_before_anything_is_sent() {
    let held = [me(), member("P-ADA", false)];
    for operations in [
        json!([{"op": "remove", "path": "members[value eq \"P-ME\"]"}]),
        json!([{"op": "Remove", "path": "members", "value": [{"value": "P-ADA"}, {"value": "P-ME"}]}]),
    ] {
        let told = patched(&held, vec![], operations).await.unwrap_err();
        assert!(told.starts_with("403 - Group T-1: members: `P-ME` is the account that consented"), "{told}");
    }
}

#[tokio::test]
async fn the_last_moderator_is_refused_before_anything_is_sent() {
    let plain_me = member("P-ME", false);
    let held = [plain_me, member("P-ADA", true), member("P-BO", false)];
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": "P-CY"}]},
                            {"op": "remove", "path": "members[value eq \"P-ADA\"]"}]);
    let told = patched(&held, vec![members(&held)], operations).await.unwrap_err();
    assert!(
        told.starts_with("409 - Group T-1: members: `P-ADA` is the last moderator of the team"),
        "{told}"
    );
}

#[tokio::test]
async fn a_moderator_webex_does_not_let_go_is_told_whatever_the_status() {
    let held = [me(), member("P-ADA", true)];
    for status in [400, 403, 409] {
        let steps =
            vec![members(&held), failure("DELETE /team/memberships/M-P-ADA", status, "Failed to leave")];
        let told = patched(&held, steps, json!([{"op": "remove", "path": "members[value eq \"P-ADA\"]"}]))
            .await
            .unwrap_err();
        assert!(
            told.starts_with("409 - Group T-1: members: `P-ADA` is the last moderator"),
            "{status}: {told}"
        );
        assert!(told.contains("Failed to leave"), "{told}");
    }
}

#[tokio::test]
async fn people_of_other_organisations_leave_only_by_name() {
    let held = [me(), member("P-ADA", false), guest("P-OUT")];
    let group = put(&held, vec![], &["P-ADA"]).await.unwrap();
    assert_eq!(group["members"].as_array().unwrap().len(), 2, "still there, and shown");
    let steps = vec![members(&held), gone("P-OUT")];
    let removal = json!([{"op": "remove", "path": "members[value eq \"P-OUT\"]"}]);
    patched(&held, steps, removal).await.unwrap();
}

#[tokio::test]
async fn an_unknown_person_is_a_bad_value_of_members() {
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "P-NOBODY"}]}]);
    let told =
        patched(&[me()], vec![failure("POST /team/memberships", 404, "Person")], add).await.unwrap_err();
    assert!(told.starts_with("400 invalidValue Group T-1: members: `P-NOBODY`"), "{told}");
}

#[tokio::test]
async fn a_member_who_left_meanwhile_is_no_failure() {
    let held = [me(), member("P-ADA", false)];
    let remove = || json!([{"op": "remove", "path": "members[value eq \"P-ADA\"]"}]);
    let sent = patched(&held, vec![members(&[me()])], remove()).await.unwrap();
    assert!(!sent.contains("DELETE"), "{sent}");
    let steps = vec![members(&held), failure("DELETE /team/memberships/M-P-ADA", 404, "Team membership")];
    patched(&held, steps, remove()).await.unwrap();
}

#[tokio::test]
async fn a_failure_on_the_way_names_what_was_done() {
    let held = [me()];
    let steps = vec![
        step("POST /team/memberships", 200, member("P-ADA", false)),
        failure("POST /team/memberships", 403, "no"),
    ];
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "P-ADA"}, {"value": "P-BO"}]}]);
    let told = patched(&held, steps, add).await.unwrap_err();
    assert!(told.contains("1 of 2 membership changes were made, then: "), "{told}");
    assert!(told.contains("`spark:team_memberships_write`"), "{told}");
}

#[tokio::test]
async fn the_path_of_memberships_has_team_in_the_singular() {
    let held = [me(), member("P-ADA", false)];
    let sent =
        patched(&held, vec![members(&held), gone("P-ADA")], json!([{"op": "remove", "path": "members"}]))
            .await
            .unwrap();
    assert!(calls(&sent).contains(&"DELETE /v1/team/memberships/M-P-ADA"), "{sent}");
    assert!(bodies(&sent, "DELETE /team/memberships/M-P-ADA").is_empty());
    assert_eq!(team()["id"], "T-1");
}
