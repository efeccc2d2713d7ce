//! Section 3: pages by `Link`, their recorded defects, and the filters of people.

use connector_sandbox::webex::{Consenter, ListOrder, NextLink, Options, Webex};
use serde_json::{Value, json};

use crate::client::{Answer, call_as, get, start, usual};

/// Follows the links to the end; the pages and their ids.
async fn walk(webex: &Webex, first: &str) -> (Vec<Answer>, Vec<String>) {
    let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(path) = next {
        let page = get(webex, &path).await;
        page.ok(200);
        next = page.next();
        pages.push(page);
    }
    let ids = pages.iter().flat_map(|page| ids(&page.json())).collect();
    (pages, ids)
}

fn ids(body: &Value) -> Vec<String> {
    let items = body["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

fn distinct(ids: &[String]) -> usize {
    ids.iter().collect::<std::collections::HashSet<_>>().len()
}

#[tokio::test]
async fn twelve_hundred_people_come_in_twelve_pages_of_a_hundred() {
    let webex = usual().await;
    let (pages, ids) = walk(&webex, "people").await;
    assert_eq!((pages.len(), ids.len(), distinct(&ids)), (12, 1200, 1200));
    assert_eq!(pages[0].json()["notFoundIds"], Value::Null);
    let kinds: Vec<Value> = pages
        .iter()
        .flat_map(|page| {
            let items = page.json()["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().map(|item| item["type"].clone())
        })
        .collect();
    assert!(kinds.contains(&json!("bot")) && kinds.contains(&json!("appuser")), "not only persons");
}

#[tokio::test]
async fn the_next_link_repeats_the_parameters_and_has_one_without_a_value() {
    let webex = usual().await;
    let page = get(&webex, "people?displayName=s&max=2").await;
    let next = page.next().expect("there are more");
    assert!(next.starts_with("people?displayName=s&max=2&before&after="), "{next}");
    let second = get(&webex, &next).await;
    assert_eq!(second.status, 200);
    assert!(ids(&page.json()).iter().all(|id| !ids(&second.json()).contains(id)));
    assert_eq!(get(&webex, "people?after=nonsense").await.refused(), (400, "Invalid paging cursor".into()));
}

#[tokio::test]
async fn a_max_above_the_ceiling_is_lowered_in_silence() {
    let webex = usual().await;
    let count = async |path: &str| ids(&get(&webex, path).await.ok(200)).len();
    assert_eq!(count("people?max=5000").await, 1000);
    webex.set_options(|options| options.people_page_ceiling = 500);
    assert_eq!(count("people?max=1000").await, 500);
    assert_eq!(count("people?max=1000&callingData=true").await, 100);
    for bad in ["0", "-1", "null", "many"] {
        assert_eq!(get(&webex, &format!("people?max={bad}")).await.status, 400, "{bad}");
    }
    webex.set_options(|options| {
        options.teams_page_ceiling = 6;
        options.memberships_page_ceiling = 50;
    });
    let teams = get(&webex, "teams?max=1000").await.ok(200);
    let members = format!("team/memberships?max=1000&teamId={}", ids(&teams)[0]);
    assert_eq!((ids(&teams).len(), count(&members).await), (6, 50));
    webex.set_options(|options| options.timeout_above = 50);
    assert_eq!(get(&webex, "people").await.status, 504);
    assert_eq!(count("people?max=50").await, 50);
}

#[tokio::test]
async fn the_next_link_may_say_max_null_or_lose_what_was_asked_for() {
    let webex = start(Options { next_link: NextLink::MaxNull, ..Options::default() }).await;
    let next = get(&webex, "people?displayName=s&max=2").await.next().unwrap();
    assert!(next.starts_with("people?displayName=s&max=null&"), "{next}");
    assert_eq!(get(&webex, &next).await.status, 400, "it cannot be followed as it is");
    webex.set_options(|options| options.next_link = NextLink::LostParameters);
    let next = get(&webex, "people?displayName=s&max=2").await.next().unwrap();
    assert!(next.starts_with("people?before&after="), "{next}");
    let unfiltered = get(&webex, &next).await.ok(200);
    assert_eq!(ids(&unfiltered).len(), 100, "neither filter nor max are left");
    let team = get(&webex, "teams?max=1").await.ok(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let next = get(&webex, &format!("team/memberships?teamId={team}&max=2")).await.next().unwrap();
    assert_eq!(get(&webex, &next).await.refused(), (400, "teamId is required".into()));
}

#[tokio::test]
async fn empty_pages_may_come_before_further_ones() {
    let webex = start(Options { empty_pages: 2, people: 7, ..Options::default() }).await;
    let (pages, all) = walk(&webex, "people?max=4").await;
    let sizes: Vec<usize> = pages.iter().map(|page| ids(&page.json()).len()).collect();
    assert_eq!((sizes, distinct(&all)), (vec![4, 0, 0, 3], 7));
}

#[tokio::test]
async fn the_next_link_may_lead_to_another_host() {
    let webex = usual().await;
    webex.set_options(|options| options.next_link_host = "evil.example".into());
    let page = get(&webex, "people?max=1").await;
    assert!(page.header("link").unwrap().starts_with("<http://evil.example/v1/people?max=1&before&after="));
}

#[tokio::test]
async fn the_order_is_a_switch_and_every_enumeration_is_whole() {
    let webex = start(Options { people: 150, ..Options::default() }).await;
    let (_, created) = walk(&webex, "people?max=100").await;
    webex.set_options(|options| options.list_order = ListOrder::Shuffled);
    let (_, shuffled) = walk(&webex, "people?max=100").await;
    let (_, again) = walk(&webex, "people?max=40").await;
    assert_ne!(created, shuffled);
    assert_eq!(shuffled, again);
    webex.set_options(|options| options.list_order = ListOrder::Unstable);
    let (_, one) = walk(&webex, "people?max=50").await;
    let (_, other) = walk(&webex, "people?max=50").await;
    assert_ne!(one, other);
    assert_eq!((distinct(&one), distinct(&other)), (150, 150));
}

#[tokio::test]
async fn people_are_found_by_address_by_the_beginning_of_their_name_and_by_role() {
    let webex = usual().await;
    let person = get(&webex, "people").await.ok(200)["items"][61].clone();
    let email = person["emails"][0].as_str().unwrap();
    let by_email = get(&webex, &format!("people?email={}", email.to_uppercase())).await.ok(200);
    assert_eq!(by_email, json!({"notFoundIds": null, "items": [person]}));
    assert_eq!(get(&webex, "people?email=nobody@acme-demo.example").await.ok(200)["items"], json!([]));
    let begun = get(&webex, "people?displayName=SERVICE").await.ok(200);
    assert_eq!(begun["items"][0]["displayName"], "Service Provisioning");
    let role = begun["items"][0]["roles"][0].as_str().unwrap();
    let by_role = get(&webex, &format!("people?roles={role}")).await.ok(200);
    assert_eq!(ids(&by_role), [webex.person_id(Consenter::FullAdministrator)]);
    let stranger = get(&webex, "people?email=eve.partner@partner.example").await.ok(200);
    assert_eq!(stranger["items"], json!([]), "only people of the own organization");
}

#[tokio::test]
async fn a_list_by_ids_lacks_what_only_administrators_see_and_names_the_missing() {
    let webex = usual().await;
    let id = webex.person_id(Consenter::FullAdministrator);
    let missing = "11111111-2222-4333-a444-555555555555";
    let answer = get(&webex, &format!("people?id={id},{missing}")).await.ok(200);
    assert_eq!(answer["notFoundIds"], json!([missing]));
    let person = &answer["items"][0];
    for absent in ["licenses", "roles", "loginEnabled", "invitePending", "status", "lastActivity"] {
        assert_eq!(person.get(absent), None, "{absent}");
    }
    assert_eq!((&person["userName"], &person["avatarProvided"]), (&person["emails"][0], &json!(false)));
    let many = vec![id.as_str(); 86].join(",");
    assert_eq!(get(&webex, &format!("people?id={many}")).await.status, 400);
    assert_eq!(get(&webex, "people?id=nonsense").await.status, 400);
}

#[tokio::test]
async fn a_location_is_looked_for_within_each_page_of_fifty() {
    let webex = usual().await;
    let located = get(&webex, "people?callingData=true").await.ok(200);
    let items = located["items"].as_array().unwrap();
    let location = items.iter().find_map(|person| person["locationId"].as_str()).unwrap();
    let page = get(&webex, &format!("people?locationId={location}")).await;
    let found = ids(&page.ok(200)).len();
    assert!(found > 0 && found < 50 && page.next().is_some(), "{found}");
    let empty = get(&webex, "people?locationId=11111111-2222-4333-a444-555555555555").await;
    let reason = &empty.ok(200)["errors"]["peopleListLocationId"]["reason"];
    assert!(reason.is_string() && empty.next().is_some());
}

#[tokio::test]
async fn who_is_no_administrator_must_say_whom_to_look_for() {
    let webex = usual().await;
    let token = webex.token_of(Consenter::Member, &["spark:people_read"]);
    let ask = async |path: &str| call_as(&webex, &token, "GET", path, &Value::Null).await;
    assert_eq!(
        ask("people").await.refused(),
        (400, "Email, displayName, or id list should be specified.".into())
    );
    let found = ask("people?email=svc.scim@acme-demo.example").await.ok(200);
    assert_eq!(found["items"][0].get("roles"), None);
}

#[tokio::test]
async fn the_number_of_people_and_teams_is_chosen_at_the_start() {
    let webex = start(Options { people: 20, teams: 3, foreign_teams: 1, ..Options::default() }).await;
    assert_eq!((webex.people_len(), webex.teams().len()), (20, 4));
    let smallest = start(Options { people: 0, teams: 0, foreign_teams: 0, ..Options::default() }).await;
    assert_eq!((smallest.people_len(), smallest.teams().len()), (4, 0));
}

#[tokio::test]
async fn teams_are_those_of_the_caller_and_members_come_in_pages() {
    let webex = usual().await;
    let (_, own) = walk(&webex, "teams?max=4").await;
    assert_eq!(own.len(), 15);
    let member = webex.token_of(Consenter::Member, &["spark:teams_read", "spark:team_memberships_read"]);
    let theirs = call_as(&webex, &member, "GET", "teams", &Value::Null).await.ok(200);
    let hidden =
        theirs["items"].as_array().unwrap().iter().find(|team| team["name"] == "Out of sight 1").unwrap();
    let path = format!("teams/{}", hidden["id"].as_str().unwrap());
    assert_eq!(get(&webex, &path).await.refused(), (404, "Team not found".into()));
    webex.set_options(|options| options.foreign_team_status = 403);
    assert_eq!(get(&webex, &path).await.status, 403);
    let (pages, members) = walk(&webex, &format!("team/memberships?teamId={}", own[0])).await;
    assert_eq!((pages.len(), members.len(), distinct(&members)), (2, 134, 134));
    assert_eq!(get(&webex, "teams/memberships").await.status, 404, "the singular is the right one");
}

#[tokio::test]
async fn licences_tell_units_and_holders() {
    let webex = usual().await;
    let list = get(&webex, "licenses").await.ok(200);
    let items = list["items"].as_array().unwrap();
    let named = |name: &str| items.iter().find(|license| license["name"] == name).unwrap();
    let free = named("Basic Messaging");
    assert_eq!(free["totalUnits"], 1200);
    assert_eq!(free.get("subscriptionId"), None, "free");
    assert_eq!(named("Hybrid Calendar (Exchange)")["consumedByUsers"], Value::Null);
    let suites: Vec<_> = items.iter().filter(|license| license["name"] == "Webex Meetings Suite").collect();
    let held_on: Vec<_> = suites.iter().map(|license| license["siteUrl"].as_str().unwrap()).collect();
    assert_eq!(held_on, ["acme-demo.webex.com", "acme-events.webex.com"], "names repeat");
    assert_eq!(suites[1]["totalUnits"], suites[1]["consumedUnits"], "one site is full");
    let path = format!("licenses/{}", free["id"].as_str().unwrap());
    assert_eq!(get(&webex, &path).await.ok(200), *free);
    let mut next = Some(format!("{path}?includeAssignedTo=user&limit=500"));
    let (mut pages, mut holders) = (0, 0);
    while let Some(path) = next {
        let page = get(&webex, &path).await;
        let users = page.ok(200)["users"].as_array().unwrap().len();
        assert!(users <= 300);
        (pages, holders, next) = (pages + 1, holders + users, page.next());
    }
    assert_eq!((pages, json!(holders)), (4, free["consumedUnits"].clone()));
    webex.set_options(|options| options.old_license_names = true);
    let old = get(&webex, "licenses").await.ok(200).to_string();
    assert!(old.contains("Single License - Webex Calling - Professional"));
}

#[tokio::test]
async fn roles_and_organizations_are_short_lists() {
    let webex = usual().await;
    let roles = get(&webex, "roles").await.ok(200);
    assert_eq!(roles["items"].as_array().unwrap().len(), 12);
    let full = json!({"id": "Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfZnVsbF9hZG1pbg", "name": "Full Administrator"});
    assert_eq!(roles["items"][0], full);
    assert_eq!(get(&webex, "roles/Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfZnVsbF9hZG1pbg").await.ok(200), full);
    let organizations = get(&webex, "organizations").await.ok(200);
    let own = json!({
        "id": "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi83YTFlM2M1Mi02ZjBkLTRiOGUtOWEzNC01MWMwZDJlN2Y2MDE",
        "displayName": "Acme Demo", "created": "2024-02-11T10:00:00+00:00",
    });
    assert_eq!(organizations, json!({"items": [own]}));
    let path = format!("organizations/{}", own["id"].as_str().unwrap());
    assert_eq!(get(&webex, &path).await.ok(200), own);
    assert_eq!(get(&webex, "organizations/11111111-2222-4333-a444-555555555555").await.status, 404);
}
