//! What `check` finds: whose token it is, each scope that is missing, an account that may not do it.

use connector_core::error::Kind;
use serde_json::{Value, json};

use crate::support::{MOMENT, Step, Webex, acme, ada, failure, id, items, service_account, step, with};

const READS: [&str; 5] = ["GET /organizations", "GET /people", "GET /licenses", "GET /roles", "GET /teams"];

fn organizations() -> Value {
    json!([{"id": acme(), "displayName": "Acme Demo", "created": "2024-02-11T10:00:00+00:00"}])
}

fn roles() -> Value {
    json!([{"id": id("ROLE", "id_full_admin"), "name": "Full Administrator"},
           {"id": id("ROLE", "id_readonly_admin"), "name": "Read-only Administrator"}])
}

/// Everything answers, but for what `instead` says.
fn steps(me: Step, instead: impl Fn(&str) -> Option<Step>) -> Vec<Step> {
    let usual = |read: &str| match read {
        "GET /organizations" => items(read, organizations()),
        "GET /roles" => items(read, roles()),
        "GET /teams" => items(read, json!([{"id": "T-1", "name": "Research"}])),
        read => items(read, json!([])),
    };
    let read = |read: &&str| instead(read).unwrap_or_else(|| usual(read));
    let mut steps = vec![me];
    steps.extend(READS.iter().map(read));
    if instead("GET /teams").is_none() {
        steps.push(
            instead("GET /team/memberships").unwrap_or_else(|| items("GET /team/memberships", json!([]))),
        );
    }
    steps
}

fn me(person: Value) -> Step {
    step("GET /people/me", 200, person)
}

async fn problems(steps: Vec<Step>) -> Vec<String> {
    let webex = Webex::answering(steps).await;
    let checked = webex.check().await.expect("an answer");
    webex.sent().await;
    checked.problems
}

#[tokio::test]
async fn a_full_administrator_s_token_is_told_with_account_and_organisation() {
    let webex = Webex::answering(steps(me(service_account()), |_| None)).await;
    let checked = webex.check().await.unwrap();
    assert_eq!(checked.account.as_deref(), Some("Webex Service <webex-service@acme-demo.example>"));
    assert_eq!(checked.organization.as_deref(), Some("Acme Demo"));
    assert!(checked.problems.is_empty(), "{checked:?}");
    assert!(checked.notes.iter().any(|note| note.starts_with("groups are only the teams")), "{checked:?}");
    insta::assert_snapshot!(webex.sent().await);
}

#[tokio::test]
async fn each_scope_that_is_missing_is_named_by_itself() {
    let scopes = [
        ("GET /organizations", "`spark-admin:organizations_read`"),
        ("GET /people", "`spark-admin:people_read`"),
        ("GET /licenses", "`spark-admin:licenses_read`"),
        ("GET /roles", "`spark-admin:roles_read`"),
        ("GET /teams", "`spark:teams_read`"),
        ("GET /team/memberships", "`spark:team_memberships_read`"),
    ];
    for (read, scope) in scopes {
        let refused = |asked: &str| (asked == read).then(|| failure(read, 403, "no"));
        let problems = problems(steps(me(service_account()), refused)).await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(scope), "{problems:?}");
    }
    let all = |asked: &str| Some(failure(asked, 403, "no"));
    let problems = problems(steps(me(service_account()), all)).await;
    assert_eq!(problems.len(), 5, "{problems:?}");
}

#[tokio::test]
async fn an_account_without_a_role_is_the_one_problem_whatever_the_scopes() {
    let nobody = with(service_account(), json!({"roles": []}));
    let refused = |asked: &str| match asked {
        "GET /people" => Some(failure(asked, 400, "Email, displayName, or id list should be specified.")),
        "GET /teams" | "GET /team/memberships" => None,
        _ => Some(failure(asked, 403, "no")),
    };
    let problems = problems(steps(me(nobody), refused)).await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("no administrator"), "{problems:?}");
    assert!(problems[0].contains("Full Administrator"), "{problems:?}");
}

#[tokio::test]
async fn where_everything_of_an_administrator_is_refused_the_role_is_suspected_first() {
    let refused = |asked: &str| match asked {
        "GET /teams" | "GET /team/memberships" => None,
        _ => Some(failure(asked, 403, "no")),
    };
    let problems = problems(steps(failure("GET /people/me", 403, "no"), refused)).await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("no administrator") && problems[0].contains("`spark-admin:roles_read`"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_read_only_administrator_reads_everything_and_is_a_problem_all_the_same() {
    let reader = with(service_account(), json!({"roles": [id("ROLE", "id_readonly_admin")]}));
    let problems = problems(steps(me(reader), |_| None)).await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("Read-only Administrator only"), "{problems:?}");
}

#[tokio::test]
async fn a_user_administrator_and_a_partner_s_account_are_only_worth_a_note() {
    for (person, word) in
        [(ada(), "User Administrator"), (with(ada(), json!({"orgId": "O-OTHER"})), "another organisation")]
    {
        let webex = Webex::answering(steps(me(person), |_| None)).await;
        let checked = webex.check().await.unwrap();
        assert!(checked.problems.is_empty(), "{checked:?}");
        assert!(checked.notes.iter().any(|note| note.contains(word)), "{checked:?}");
    }
}

#[tokio::test]
async fn the_token_s_owner_may_stay_unknown() {
    let webex = Webex::answering(steps(failure("GET /people/me", 403, "no"), |_| None)).await;
    let checked = webex.check().await.unwrap();
    assert_eq!((checked.account, checked.organization.as_deref()), (None, Some("Acme Demo")));
    assert!(checked.problems.is_empty() && checked.notes[0].contains("whose token"), "{:?}", checked.notes);
}

#[tokio::test]
async fn a_token_that_does_not_work_at_all_is_an_error_and_so_is_a_webex_that_is_down() {
    let webex = Webex::answering([failure("GET /people/me", 401, "no")]).await;
    assert_eq!(webex.check().await.unwrap_err().kind(), Kind::TargetCredential);
    let down = |asked: &str| (asked == "GET /organizations").then(|| failure(asked, 503, "down").again());
    let webex = Webex::answering(steps(me(ada()), down)).await.patience(MOMENT);
    assert_eq!(webex.check().await.unwrap_err().kind(), Kind::Unavailable);
}
