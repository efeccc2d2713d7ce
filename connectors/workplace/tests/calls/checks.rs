//! What a check asks and finds.

use connector_core::{connector::Setting, error::Kind};
use serde_json::{Value, json};

use crate::support::{Community, mina, mina_v1, on, refusal, step};

fn list(person: Value) -> crate::support::Step {
    step("GET /scim/Users", 200, json!({"totalResults": 1, "Resources": [person]}))
}

/// Everything that is asked of Graph, with a permission error where the name of a call is `refused`.
fn graph(refused: &[&str], person: Value) -> Vec<crate::support::Step> {
    let node = json!({"id": "4100", "name": "Riverbank"});
    let nameless = json!({"error": {"message": "(#100) The parameter name is required", "code": 100}});
    let steps = [
        ("GET /graph/community", 200, node),
        ("POST /graph/community/groups", 400, nameless.clone()),
        (
            "GET /graph/community/groups",
            200,
            json!({"data": [{"id": "4200", "is_community": true}, {"id": "2001"}]}),
        ),
        ("GET /graph/2001", 200, json!({"id": "2001", "name": "Harbour"})),
        ("GET /graph/community/organization_members", 200, json!({"data": []})),
        ("GET /graph/community/members", 200, json!({"data": []})),
        ("POST /graph/community/accounts", 400, nameless),
        ("GET /graph/1001", 200, person),
    ];
    let answer = |(call, status, body): (&str, u16, Value)| {
        if refused.contains(&call) {
            refusal(call, 403, 200, "(#200) Permissions error")
        } else {
            step(call, status, body)
        }
    };
    steps.into_iter().map(answer).collect()
}

fn seen() -> Value {
    json!({"id": "1001", "email": "mina@riverbank.example", "title": "Quay Supervisor"})
}

#[tokio::test]
async fn a_good_integration_is_told_with_community_and_edition() {
    let community = Community::answering([list(mina())].into_iter().chain(graph(&[], seen()))).await;
    let checked = community.check().await.unwrap();
    assert_eq!(checked.organization.as_deref(), Some("Riverbank (4100)"));
    assert_eq!(checked.problems, [""; 0]);
    assert!(checked.notes.iter().any(|note| note.contains("1 June 2026")), "{checked:?}");
    assert!(checked.notes.iter().any(|note| note == "the target speaks the edition v2"), "{checked:?}");
    insta::assert_snapshot!(community.sent().await);
}

#[tokio::test]
async fn refusals_and_silent_gaps_are_each_a_missing_permission() {
    let bare = json!({"id": "1001"});
    let refused = ["POST /graph/community/groups", "GET /graph/2001", "GET /graph/community/members"];
    let community = Community::answering([list(mina())].into_iter().chain(graph(&refused, bare))).await;
    let problems = community.check().await.unwrap().problems;
    insta::assert_snapshot!(problems.join("\n"));
    community.sent().await;
}

#[tokio::test]
async fn a_list_of_groups_that_is_refused_is_a_missing_permission_and_the_rest_is_proved() {
    let refused = ["POST /graph/community/groups", "GET /graph/community/groups"];
    let mut steps = graph(&refused, seen());
    steps.remove(3);
    let community = Community::answering([list(mina())].into_iter().chain(steps)).await;
    let problems = community.check().await.unwrap().problems;
    assert!(
        matches!(&problems[..], [manage, content]
            if manage.contains("\"Manage groups\"") && content.contains("\"Read group content\"")),
        "{problems:?}"
    );
    community.sent().await;
}

/// Nobody has both: whoever has an address shows the one permission, whoever has a work profile the other.
#[tokio::test]
async fn address_and_work_profile_are_proved_with_two_people() {
    let plain = json!({"id": 1001, "userName": "mina@riverbank.example", "active": true});
    let nameless = json!({"id": 1002, "externalId": "E-2", "title": "Pilot", "active": true});
    let gone = json!({"id": 1000, "userName": "ivo@riverbank.example", "title": "Pilot", "active": false});
    let people = |rows: Value| step("GET /scim/Users", 200, json!({"totalResults": 3, "Resources": rows}));
    let shown = json!({"id": "1002", "title": "Pilot"});
    for (address, profile, problem) in [
        (json!({"id": "1001", "email": "mina@riverbank.example"}), shown.clone(), None),
        (json!({"id": "1001"}), shown, Some("\"Read user email\"")),
        (
            json!({"id": "1001", "email": "mina@riverbank.example"}),
            json!({"id": "1002"}),
            Some("\"Read work profile\""),
        ),
    ] {
        let steps = [people(json!([gone, plain, nameless]))].into_iter().chain(graph(&[], address));
        let community = Community::answering(steps.chain([step("GET /graph/1002", 200, profile)])).await;
        let checked = community.check().await.unwrap();
        match problem {
            Some(problem) => assert!(
                checked.problems.len() == 1 && checked.problems[0].contains(problem),
                "{:?}",
                checked.problems
            ),
            None => assert_eq!(checked.problems, [""; 0]),
        }
        assert!(!checked.notes.iter().any(|note| note.starts_with("nothing was there")), "{checked:?}");
        community.sent().await;
    }

    let community =
        Community::answering([people(json!([plain]))].into_iter().chain(graph(&[], json!({"id": "1001"}))))
            .await;
    let checked = community.check().await.unwrap();
    assert!(
        checked.problems.len() == 1 && checked.problems[0].contains("\"Read user email\""),
        "{checked:?}"
    );
    assert!(
        checked.notes.iter().any(|note| note.ends_with("permissions with: Read work profile")),
        "{checked:?}"
    );
    community.sent().await;
}

#[tokio::test]
async fn a_wrong_choice_of_edition_is_a_problem() {
    let settings = [("dialect", Setting::Text("v2".into())), ("users_only", Setting::Boolean(true))];
    let community = Community::set(&settings, [list(mina_v1())]).await;
    let problems = community.check().await.unwrap().problems;
    assert_eq!(problems, ["dialect is v2, and the target speaks v1: set dialect = \"v1\", or leave it out"]);
    community.sent().await;
}

#[tokio::test]
async fn users_alone_take_one_call_and_one_permission() {
    let community =
        Community::set(&on("users_only"), [refusal("GET /scim/Users", 403, 200, "(#200) Permissions error")])
            .await;
    let problems = community.check().await.unwrap().problems;
    assert!(problems.len() == 1 && problems[0].contains("\"Manage accounts\""), "{problems:?}");
    community.sent().await;
}

#[tokio::test]
async fn nobody_there_is_told_as_the_end_of_the_product() {
    let community = Community::answering([step("GET /scim/Users", 404, Value::Null)]).await;
    let error = community.check().await.unwrap_err();
    assert!(error.to_string().contains("closed on 1 June 2026"), "{error}");
    let community =
        Community::answering([list(mina()), step("GET /graph/community", 404, Value::Null)]).await;
    let error = community.check().await.unwrap_err();
    assert_eq!(error.kind(), Kind::OddAnswer);
    assert!(error.to_string().starts_with("graph_url: the address is not that of Graph"), "{error}");
}
