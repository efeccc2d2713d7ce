//! What `check --online` finds, and what stops the start.

use connector_host_tests::Host;
use connector_sandbox::workplace::{Editions, Options, Permission};

use super::{Community, configuration, few};
use crate::binary;

async fn checked(community: &Community, edition: &str, token: &str, keys: &str) -> (bool, String) {
    let config = configuration(&community.target, edition, token, keys);
    let host = Host::start(&binary(), "", &config).await;
    let output = host.run(&["check", "--online"]).await;
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(token), "no token is shown");
    (output.status.success(), text)
}

#[tokio::test]
async fn each_missing_permission_is_named() {
    let community = Community::new(Options { people: 30, ..few() }, "").await;
    let (good, text) = checked(&community, "v2", &community.target.token(), "").await;
    assert!(good && text.contains("Riverbank (410071234500001)") && text.contains("1 June 2026"), "{text}");
    let names = [
        (Permission::ManageAccounts, "Manage accounts"),
        (Permission::ManageGroup, "Manage groups"),
        (Permission::ReadGroup, "Read group content"),
        (Permission::ReadGroupMembership, "Read group membership"),
        (Permission::ReadUserEmail, "Read user email"),
        (Permission::ReadUserWorkProfile, "Read work profile"),
        (Permission::ManageWorkProfiles, "Manage work profiles"),
        (Permission::ProvisionUserAccounts, "Provision user accounts"),
    ];
    for (missing, name) in names {
        let rest: Vec<_> = Permission::ALL.into_iter().filter(|permission| *permission != missing).collect();
        let token = community.target.token_with(&rest);
        let (good, text) = checked(&community, "v2", &token, "").await;
        let lacks: Vec<_> =
            names.iter().filter(|(_, name)| text.contains(&format!("permission \"{name}\""))).collect();
        assert_eq!((good, lacks), (false, vec![&(missing, name)]), "{text}");
    }
    assert_eq!(
        (community.target.groups().len(), community.target.people().len()),
        (3, 30),
        "nothing was made"
    );
}

#[tokio::test]
async fn the_edition_is_found_out_and_a_wrong_choice_is_named() {
    let community = Community::new(few(), "").await;
    let token = community.target.token();
    for (edition, keys) in [("v1", ""), ("v2", ""), ("v1", "dialect = \"v1\"")] {
        let (good, text) = checked(&community, edition, &token, keys).await;
        assert!(good && text.contains(&format!("the edition {edition}")), "{text}");
    }
    let (good, text) = checked(&community, "v1", &token, "dialect = \"v2\"").await;
    assert!(!good && text.contains("set dialect = \"v1\""), "{text}");
}

#[tokio::test]
async fn users_alone_need_neither_graph_nor_groups() {
    let options = Options { editions: Editions::V2, graph_served: false, people_sets_served: false, ..few() };
    let community = Community::new(options, "users_only = true").await;
    let scim = &community.scim;
    assert_eq!(scim.get("/Users?count=1").await.ok(200)["totalResults"], 12);
    assert_eq!(scim.get("/PeopleSets").await.status, 404);
    assert_eq!(scim.get("/Groups").await.ok(200)["totalResults"], 0);
    let types = scim.get("/ResourceTypes").await.ok(200);
    assert_eq!(types["Resources"].as_array().unwrap().len(), 1);
    let only = community.target.token_with(&[Permission::ManageAccounts]);
    let (good, text) = checked(&community, "v2", &only, "users_only = true").await;
    assert!(good, "{text}");
}

#[tokio::test]
async fn an_address_of_graph_is_needed_unless_users_are_served_alone() {
    let community = Community::new(few(), "users_only = true").await;
    community.host.reconfigure(|config| {
        let graph = format!("graph_url = \"{}\"\n", community.target.graph_url());
        config.replace(&graph, "").replace("users_only = true", "")
    });
    let output = community.host.run(&["check"]).await;
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let remedy =
        "graph_url: is missing; write graph_url = \"https://graph.workplace.com/\", or users_only = true";
    assert!(text.contains(&format!("instances.acme.{remedy}")), "{text}");
}

#[tokio::test]
async fn a_dead_token_and_a_closed_target_are_told_with_the_remedy() {
    let community = Community::new(few(), "").await;
    let (good, text) = checked(&community, "v2", "not-a-token", "").await;
    assert!(!good && text.contains("replace api_key"), "{text}");
    community.target.set_options(|options| options.graph_served = false);
    let (good, text) = checked(&community, "v2", &community.target.token(), "").await;
    assert!(!good && text.contains("closed on 1 June 2026"), "{text}");
}
