//! Section 3.2: cursors, limits, fields, and several nodes at once.

use serde_json::{Value, json};

use crate::client::usual;
use crate::graph::{call, form, get, ids, members, named, walk};

#[tokio::test]
async fn a_page_has_twenty_five_entries_and_cursors() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let page = get(&target, &format!("{group}/members")).await.ok(200);
    assert_eq!(ids(&page).len(), 25);
    let after = page["paging"]["cursors"]["after"].as_str().unwrap();
    let next = format!("{}/{group}/members?limit=25&after={after}", target.graph_url());
    assert_eq!(page["paging"]["next"], json!(next));
    assert!(page["paging"]["cursors"]["before"].is_string());
    let (all, pages) = walk(&target, &format!("{group}/members?limit=50")).await;
    assert_eq!((all.len(), pages), (111, 3), "120 but for those who have left");
    assert_eq!(get(&target, &format!("{group}/members?after=nonsense")).await.graph(), (400, 100));
    assert_eq!(get(&target, &format!("{group}/members?limit=many")).await.graph(), (400, 100));
}

#[tokio::test]
async fn the_size_asked_for_is_not_always_granted() {
    let target = usual().await;
    let count = async || ids(&get(&target, "community/members?limit=20000").await.ok(200)).len();
    let everybody = count().await;
    assert!(everybody > 300);
    target.set_options(|options| options.graph_max_limit = 40);
    assert_eq!(count().await, 40);
    assert_eq!(walk(&target, "community/members?limit=20000").await.0.len(), everybody);
    let nobody = get(&target, "community/members?limit=0").await.ok(200);
    assert_eq!(nobody, json!({"data": []}));
}

#[tokio::test]
async fn an_empty_page_may_have_no_paging() {
    let target = usual().await;
    let path = format!("{}/members", named(&target, "Just made"));
    assert_eq!(get(&target, &path).await.ok(200), json!({"data": []}));
    target.set_options(|options| options.paging_on_empty_page = true);
    assert_eq!(get(&target, &path).await.ok(200), json!({"data": [], "paging": {}}));
}

#[tokio::test]
async fn the_next_link_may_be_all_that_says_where_a_list_goes_on() {
    let target = usual().await;
    target.set_options(|options| options.cursors_sent = false);
    let page = get(&target, "community/members?limit=10").await.ok(200);
    assert_eq!(page["paging"].as_object().map(serde_json::Map::len), Some(1), "{page}");
    assert!(page["paging"]["next"].as_str().unwrap().contains("&after="), "{page}");
    let last = get(&target, "community/members?limit=1000").await.ok(200);
    assert!(last.get("paging").is_none(), "{last}");
}

#[tokio::test]
async fn a_cursor_holds_its_place_when_somebody_leaves() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let (whole, _) = walk(&target, &format!("{group}/members?limit=100")).await;
    let first = get(&target, &format!("{group}/members?limit=10")).await.ok(200);
    form(&target, "DELETE", &format!("{group}/members"), &format!("member={}", whole[3])).await.ok(200);
    let after = first["paging"]["cursors"]["after"].as_str().unwrap();
    let second = get(&target, &format!("{group}/members?limit=10&after={after}")).await.ok(200);
    assert_eq!(ids(&second)[0], whole[10]);
}

#[tokio::test]
async fn the_next_links_may_never_end_or_lead_elsewhere() {
    let target = usual().await;
    target.set_options(|options| options.endless_cursor = true);
    let mut path = "community/groups?limit=8&fields=name".to_owned();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let page = get(&target, &path).await.ok(200);
        seen.push(ids(&page));
        let next = page["paging"]["next"].as_str().expect("always another");
        next.strip_prefix(&format!("{}/", target.graph_url())).unwrap().clone_into(&mut path);
    }
    assert_eq!(seen[3], seen[4], "the last page again and again");
    target.set_options(|options| {
        options.endless_cursor = false;
        options.next_link_base = "https://graph.evil.example".into();
    });
    let page = get(&target, "community/groups?limit=1").await.ok(200);
    let next = page["paging"]["next"].as_str().unwrap();
    assert!(next.starts_with("https://graph.evil.example/community/groups?limit=1&after="), "{next}");
}

#[tokio::test]
async fn only_the_fields_asked_for_come_and_id_and_name_by_themselves() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    assert_eq!(get(&target, &group).await.ok(200), json!({"id": group, "name": "Harbour Safety"}));
    let two = get(&target, &format!("{group}?fields=privacy,archived")).await.ok(200);
    assert_eq!(two, json!({"id": group, "privacy": "CLOSED", "archived": false}));
    target.set_options(|options| options.default_fields = vec!["privacy".into()]);
    assert_eq!(get(&target, &group).await.ok(200), json!({"id": group, "privacy": "CLOSED"}));
    let unknown = format!("{group}?fields=name,created_time");
    assert_eq!(get(&target, &unknown).await.graph(), (400, 100));
    assert_eq!(get(&target, &format!("{}?fields=shoe_size", target.people()[0])).await.graph(), (400, 100));
    assert_eq!(get(&target, "community?fields=shoe_size").await.graph(), (400, 100));
    assert_eq!(get(&target, &format!("{group}?fields=members{{id")).await.graph(), (400, 2500));
    target.set_options(|options| options.unknown_fields_refused = false);
    assert_eq!(get(&target, &unknown).await.ok(200), json!({"id": group, "name": "Harbour Safety"}));
}

#[tokio::test]
async fn an_edge_can_be_a_field_with_a_limit_and_a_number() {
    let target = usual().await;
    let group = named(&target, "Harbour Safety");
    let path = format!("{group}?fields=name,members.limit(0).summary(true),admins{{id,email}}");
    let body = get(&target, &path).await.ok(200);
    assert_eq!(body["members"], json!({"data": [], "summary": {"total_count": 111}}));
    let admin = members(&target, &group)[0].0.clone();
    assert_eq!(body["admins"]["data"], json!([{"id": admin, "email": "ivo.brandt@riverbank.example"}]));
    assert_eq!(body["admins"]["paging"].get("next"), None);

    let path = format!("{group}?fields=members.limit(30).summary(1){{name,administrator}}");
    let first = get(&target, &path).await.ok(200)["members"].clone();
    assert_eq!((ids(&first).len(), &first["summary"]["total_count"]), (30, &json!(111)));
    let next = first["paging"]["next"].as_str().expect("there are more");
    let second =
        get(&target, next.strip_prefix(&target.graph_url()).unwrap().trim_start_matches('/')).await.ok(200);
    assert_eq!(ids(&second).len(), 30);
    assert_eq!(second["data"][0]["administrator"], false, "with the same fields");
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    let summary = get(&target, &format!("{group}/members?summary=true&limit=1")).await.ok(200);
    assert_eq!(summary["summary"]["total_count"], 111);
    let person = get(&target, &format!("{admin}?fields=groups.limit(1){{name}}")).await.ok(200);
    assert_eq!(person["groups"]["data"], json!([{"id": target.groups()[0], "name": "Everyone"}]));
}

#[tokio::test]
async fn several_nodes_come_at_once_by_id_or_address() {
    let target = usual().await;
    let (person, group) = (target.people()[1].clone(), named(&target, "Harbour Safety"));
    let body = get(&target, &format!("?ids={person},ivo.brandt%40riverbank.example,{group}&fields=name"))
        .await
        .ok(200);
    assert_eq!(body[&person]["id"], json!(person));
    assert_eq!(body["ivo.brandt@riverbank.example"]["id"], json!(target.people()[0]));
    assert_eq!(body[&group]["name"], "Harbour Safety");
    assert_eq!(get(&target, &format!("?ids={person},1")).await.graph(), (400, 100));
    assert_eq!(get(&target, "").await.graph(), (400, 2500));
}

#[tokio::test]
async fn a_batch_answers_each_entry_for_itself() {
    let target = usual().await;
    let (person, group) = (target.people()[1].clone(), named(&target, "Harbour Safety"));
    let entries = json!([
        {"method": "GET", "relative_url": format!("{person}?fields=name")},
        {"method": "GET", "relative_url": "1"},
        {"method": "POST", "relative_url": group, "body": "description=batched"},
        {"method": "POST", "relative_url": "", "body": "batch=[]"},
    ]);
    let body = json!({"batch": entries, "include_headers": false});
    let answers = call(&target, "POST", "", body.clone()).await.ok(200);
    let codes: Vec<_> = answers.as_array().unwrap().iter().map(|answer| answer["code"].clone()).collect();
    assert_eq!(codes, [200, 400, 200, 400]);
    let first: Value = serde_json::from_str(answers[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(first["id"], json!(person));
    assert_eq!(target.group(&group).unwrap()["description"], "batched");

    target.set_options(|options| options.failing_batch_entries = 1);
    let answers = call(&target, "POST", "", body).await.ok(200);
    assert_eq!((&answers[0]["code"], &answers[1]["code"]), (&json!(500), &json!(400)));

    let many: Vec<_> = (0..51).map(|_| json!({"method": "GET", "relative_url": "community"})).collect();
    let one_too_many = format!("batch={}", Value::from(many).to_string().replace('"', "%22"));
    assert_eq!(form(&target, "POST", "", &one_too_many).await.graph(), (400, 100));
    assert_eq!(form(&target, "POST", "", "batch=x").await.graph(), (400, 100));
}

#[tokio::test]
async fn a_batch_counts_each_entry_and_reads_in_the_read_only_era() {
    let target = usual().await;
    target.set_options(|options| {
        options.calls_per_minute = 3;
        options.era = connector_sandbox::workplace::Era::ReadOnly;
    });
    let group = named(&target, "Harbour Safety");
    let entries = json!([
        {"method": "GET", "relative_url": "community"},
        {"method": "POST", "relative_url": group, "body": "name=x"},
        {"method": "GET", "relative_url": "community"},
    ]);
    let answers = call(&target, "POST", "", json!({"batch": entries})).await.ok(200);
    let codes: Vec<_> = answers.as_array().unwrap().iter().map(|answer| answer["code"].clone()).collect();
    assert_eq!(codes, [200, 403, 400], "the third was one too many");
}

#[tokio::test]
async fn an_unknown_id_or_path_is_told() {
    let target = usual().await;
    let unknown = get(&target, "420000000000000").await;
    assert_eq!(unknown.graph(), (400, 100));
    assert_eq!(unknown.json()["error"]["error_subcode"], 33);
    target.set_options(|options| options.unknown_id_status = 404);
    assert_eq!(get(&target, "nobody%40riverbank.example").await.graph(), (404, 100));
    let group = named(&target, "Harbour Safety");
    for path in
        [format!("{group}/posts"), "community/posts".into(), format!("{}/members", target.people()[0])]
    {
        assert_eq!(get(&target, &path).await.graph(), (400, 2500), "{path}");
    }
    assert_eq!(call(&target, "PUT", &group, json!({})).await.graph(), (400, 100));
}
