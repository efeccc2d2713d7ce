//! What is not known of Workplace, both ways.

use connector_sandbox::workplace::{
    Editions, Era, Meta, Options, ReadOnlyMembers, ScimErrors, StatusDates, StatusPlace, ThrottleForm,
    UsageHeader,
};
use serde_json::{Value, json};

use super::{Community, OWN, OWN_GROUP, few, person};
use crate::ENTERPRISE;

/// Changes of every kind come out right, or are told as what they are.
async fn a_life(name: &str, edition: &str, options: Options) {
    let community = Community::speaking(edition, options, "").await;
    let (scim, manager) = (&community.scim, community.person("boss").await);
    let mut body = person("mina");
    body[ENTERPRISE]["manager"] = json!({"value": manager});
    body["nickName"] = json!("Mi");
    let created = scim.post("/Users", &body).await.ok(201);
    let id = created["id"].as_str().unwrap();
    let path = format!("/Users/{id}");
    assert_eq!(created[ENTERPRISE]["manager"]["value"], json!(manager), "{name}");
    let change = json!([{"op": "replace", "path": "title", "value": "Pilot"}, {"op": "remove", "path": "nickName"},
                        {"op": "add", "path": "phoneNumbers", "value": [{"value": "+44", "type": "mobile"}]}]);
    let changed = scim.patch(&path, change).await.ok(200);
    assert_eq!(
        (&changed["title"], changed["phoneNumbers"].as_array().unwrap().len()),
        (&json!("Pilot"), 2),
        "{name}"
    );
    let gone = json!([{"op": "remove", "path": "phoneNumbers[type eq \"work\"]"}, {"op": "remove", "path": "addresses"}]);
    let changed = scim.patch(&path, gone).await.ok(200);
    let off = scim.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await.ok(200);
    assert_eq!(off["active"], false, "{name}");
    let back = scim.patch(&path, json!([{"op": "replace", "path": "active", "value": true}])).await.ok(200);
    assert_eq!((&back["active"], &back["title"]), (&json!(true), &json!("Pilot")), "{name}");
    assert_eq!(back[ENTERPRISE]["manager"]["value"], json!(manager), "{name}: the manager stays");
    assert_eq!(back[OWN]["frontline"], true, "{name}: so does what is not sent back");
    let held = community.target.person(id).unwrap();
    // What the client is told is what the target holds.
    for (attribute, shown) in [("nickName", &back), ("addresses", &back), ("phoneNumbers", &changed)] {
        let count = |value: Option<&Value>| value.map(|value| value.as_array().map_or(1, Vec::len));
        assert_eq!(count(shown.get(attribute)), count(held.get(attribute)), "{name}: {attribute}");
    }
}

#[tokio::test]
async fn a_person_is_changed_rightly_whatever_a_put_does_with_what_it_is_not_told() {
    let of = |change: fn(&mut Options)| {
        let mut options = few();
        change(&mut options);
        options
    };
    for (name, options) in [
        ("replaces", of(|options| options.put_merges = false)),
        ("deactivates", of(|options| options.put_without_active_deactivates = true)),
        ("merges lists", of(|options| options.put_merges_lists = true)),
        ("clears with null", of(|options| (options.empty_value_clears, options.null_clears) = (false, true))),
        ("never clears", of(|options| options.empty_value_clears = false)),
        ("ignores read-only members", of(|options| options.read_only_members = ReadOnlyMembers::Ignored)),
        ("makes the name itself", of(|options| options.formatted_follows_parts = true)),
        ("takes texts for managers", of(|options| options.manager_text_refused = false)),
        ("ids as texts", of(|options| options.v2_text_ids = true)),
        ("knows no old names", of(|options| options.v1_urns_in_v2 = false)),
        ("wants schemas", of(|options| options.schemas_required = true)),
        (
            "patches without a body",
            of(|options| (options.patch_no_content, options.put_merges_lists) = (true, true)),
        ),
        ("says no meta", of(|options| options.meta = Meta::Never)),
        ("needs the shown name", of(|options| options.formatted_name_required = true)),
        ("dates in seconds", of(|options| options.v2_status_dates = StatusDates::Seconds)),
    ] {
        a_life(name, "v2", options).await;
    }
    for (name, options) in [
        ("replaces", of(|options| options.put_merges = false)),
        ("merges lists", of(|options| options.put_merges_lists = true)),
        ("clears with null", of(|options| (options.empty_value_clears, options.null_clears) = (false, true))),
        (
            "labelled as JSON, with meta",
            of(|options| (options.v1_as_json, options.meta) = (true, Meta::Both)),
        ),
    ] {
        a_life(name, "v1", options).await;
    }
}

/// The same body again and again is what a sync sends: none of it may fail for what the target never takes.
#[tokio::test]
async fn what_the_target_ignores_fails_no_write_in_either_edition() {
    let options = || Options {
        patch_served: false,
        ignored_texts: vec!["timezone".into(), "nickName".into()],
        ..few()
    };
    for edition in ["v1", "v2"] {
        let community = Community::speaking(edition, options(), "").await;
        let id = community.person("mina").await;
        let mut body = person("mina");
        (body["timezone"], body["nickName"]) = (json!("Europe/London"), json!("Min"));
        for title in ["Pilot", "Master", "Master"] {
            body["title"] = json!(title);
            let shown = community.scim.put(&format!("/Users/{id}"), &body).await.ok(200);
            assert_eq!(shown["title"], title, "{edition}");
        }
        assert_eq!(community.target.person(&id).unwrap()["title"], "Master", "{edition}");
        community.logged("Workplace did not take the change of nickName, timezone").await;
    }
}

#[tokio::test]
async fn an_invitation_arrives_wherever_it_is_looked_for() {
    for place in [StatusPlace::Extension, StatusPlace::TopLevel, StatusPlace::Both] {
        let community = Community::new(Options { status_place: place, ..few() }, "invite = true").await;
        let id = community.person("mina").await;
        assert_eq!(community.target.person(&id).unwrap()[super::STATUS]["invited"], true);
        assert!(community.target.claim(&id));
        let unclaim = json!([{"op": "replace", "path": format!("{OWN}:claimed"), "value": false}]);
        let read = community.scim.patch(&format!("/Users/{id}"), unclaim).await.ok(200);
        assert_eq!(
            (&read[OWN]["claimed"], &read[OWN]["canDelete"]),
            (&json!(false), &json!(false)),
            "{place:?}"
        );
    }
}

#[tokio::test]
async fn dates_come_in_one_form_whatever_theirs() {
    let options = Options { v2_status_dates: StatusDates::Mixed, ..few() };
    let community = Community::new(options, "").await;
    let listed = community.scim.get("/Users?count=12").await.ok(200);
    let dates =
        listed["Resources"].as_array().unwrap().iter().filter_map(|user| user[OWN]["claimDate"].as_str());
    let dates: Vec<_> = dates.collect();
    assert!(
        dates.len() > 5 && dates.iter().all(|date| date.ends_with('Z') && date.starts_with("20")),
        "{dates:?}"
    );
}

#[tokio::test]
async fn errors_are_told_apart_in_every_form() {
    for form in [ScimErrors::Native, ScimErrors::Graph] {
        for (edition, duplicate) in [("v2", 409), ("v1", 409), ("v2", 400)] {
            let options = Options { scim_errors: form, duplicate_status: duplicate, ..few() };
            let community = Community::speaking(edition, options, "").await;
            let id = community.person("mina").await;
            community.scim.post("/Users", &person("mina")).await.refused(409, "uniqueness");
            assert_eq!(community.scim.get("/Users/77").await.status, 404);
            // Invited and claimed: 412 even where the body says 100.
            let invite = json!([{"op": "replace", "path": format!("{OWN}:invited"), "value": true}]);
            community.scim.patch(&format!("/Users/{id}"), invite).await.ok(200);
            assert!(community.target.claim(&id));
            community.scim.delete(&format!("/Users/{id}")).await.ok(204);
            let stranger = {
                let mut body = person("ivo");
                body["userName"] = json!("ivo@elsewhere.example");
                body
            };
            let detail = community.scim.post("/Users", &stranger).await.refused(400, "invalidValue");
            assert!(detail.contains("not verified"), "{detail}");
        }
    }
    let community = Community::new(Options { unknown_id_status: 404, ..few() }, "").await;
    assert_eq!(community.scim.get("/Groups/77").await.status, 404);
}

#[tokio::test]
async fn a_throttled_call_is_made_again_in_time_or_told_as_what_it_is() {
    for (form, code, retry_after) in
        [(ThrottleForm::Code, 4, false), (ThrottleForm::Code, 613, true), (ThrottleForm::Status, 17, false)]
    {
        let options = Options { throttle_form: form, throttle_code: code, retry_after, ..few() };
        let community = Community::served("request_deadline_secs = 5", "v2", options, "").await;
        community.target.set_options(|options| options.throttled_calls = 1);
        // Half a minute, where nobody says how long; the client waits for five seconds.
        let answer = community.scim.get("/Users?count=1").await;
        answer.refused(429, "");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((29..=31).contains(&wait), "{wait}");
    }
    let community = Community::new(few(), "").await;
    community.target.set_options(|options| options.server_errors = 2);
    community.scim.get("/Users?count=1").await.ok(200);
}

#[tokio::test]
async fn a_read_only_or_closed_workplace_loses_nobody() {
    let community = Community::new(few(), "").await;
    let (scim, id) = (&community.scim, community.person("mina").await);
    let path = format!("/Users/{id}");
    community.target.set_options(|options| options.era = Era::ReadOnly);
    scim.get(&path).await.ok(200);
    let title = json!([{"op": "replace", "path": "title", "value": "Pilot"}]);
    let detail = scim.patch(&path, title).await.refused(403, "");
    assert!(detail.contains("read-only"), "{detail}");
    scim.delete(&path).await.refused(403, "");
    for status in [410, 404, 403] {
        community.target.set_options(|options| (options.era, options.closed_status) = (Era::Closed, status));
        let detail = scim.get(&path).await.refused(403, "");
        assert!(detail.contains("closed on 1 June 2026"), "{detail}");
    }
}

#[tokio::test]
async fn a_signed_instance_signs_every_call_and_an_unsigned_one_is_told() {
    let options = Options { proof_required: true, graph_max_limit: 2, ..few() };
    let community = Community::new(options, "").await;
    let detail = community.scim.get("/Users?count=1").await.refused(502, "");
    assert!(detail.contains("set app_secret"), "{detail}");
    let secret = community.target.app_secret();
    let signed = super::configuration(
        &community.target,
        "v2",
        &community.target.token(),
        &format!("app_secret = \"{secret}\""),
    );
    let host = connector_host_tests::Host::start(&crate::binary(), "", &signed).await;
    let scim = host.client("acme", &host.token("acme", "e2e").await);
    assert_eq!(scim.get("/Users?count=5").await.ok(200)["totalResults"], 12);
    // Pages of Graph, whose links have no proof.
    let groups = scim.get("/Groups").await.ok(200);
    assert_eq!(groups["totalResults"], 3);
    let checked = host.run(&["check", "--online"]).await;
    assert!(checked.status.success(), "{checked:?}");
    assert!(!host.log().contains(&secret) && !host.log().contains(&community.target.token()));
}

#[tokio::test]
async fn groups_are_served_whatever_graph_makes_of_them() {
    let of = |change: fn(&mut Options)| {
        let mut options = few();
        change(&mut options);
        options
    };
    for (name, options) in [
        ("members twice", of(|options| options.member_twice_refused = true)),
        ("strangers pass", of(|options| options.removing_strangers_refused = false)),
        ("shows everybody", of(|options| options.adminless_groups_hide_members = false)),
        ("old purpose", of(|options| options.purpose_writable = false)),
        ("never ends", of(|options| options.endless_cursor = true)),
        ("empty paging", of(|options| options.paging_on_empty_page = true)),
        ("no cursors", of(|options| (options.cursors_sent, options.graph_max_limit) = (false, 2))),
        ("other links", of(|options| options.next_link_base = "https://elsewhere.example".into())),
        ("small pages", of(|options| options.graph_max_limit = 2)),
        ("joined as text", of(|options| options.joined_as_text = true)),
        ("last administrator stays", of(|options| options.last_admin_stays = true)),
        ("promotes strangers", of(|options| options.promoting_adds_members = true)),
        ("fields pass", of(|options| options.unknown_fields_refused = false)),
        (
            "business usage",
            of(|options| (options.business_usage_header, options.usage_header) = (true, UsageHeader::Always)),
        ),
    ] {
        let community = Community::new(options, "").await;
        let (scim, people) = (&community.scim, community.target.people());
        let body = json!({"displayName": "Cranes", "members": [{"value": people[1]}, {"value": people[2]}],
                          OWN_GROUP: {"purpose": "WORK_SOCIAL"}});
        let created = scim.post("/Groups", &body).await.ok(201);
        assert_eq!(created[OWN_GROUP]["purpose"], "WORK_SOCIAL", "{name}");
        let path = format!("/Groups/{}", created["id"].as_str().unwrap());
        let change = json!([{"op": "add", "path": "members", "value": [{"value": people[3]}]},
                            {"op": "remove", "path": format!("members[value eq \"{}\"]", people[1])}]);
        scim.patch(&path, change.clone()).await.ok(204);
        scim.patch(&path, change).await.ok(204);
        let read = scim.get(&path).await.ok(200);
        let mut members: Vec<_> =
            read["members"].as_array().unwrap().iter().map(|member| &member["value"]).collect();
        members.sort_by_key(ToString::to_string);
        assert_eq!(members, [&json!(people[2]), &json!(people[3])], "{name}");
        assert_eq!(scim.get("/Groups").await.ok(200)["totalResults"], 4, "{name}");
        assert_eq!(scim.get(&format!("/Groups/{}", people[1])).await.status, 404, "{name}");
    }
}

#[tokio::test]
async fn the_first_edition_alone_serves_users_and_the_second_alone_too() {
    for (edition, served) in [("v1", Editions::V1), ("v2", Editions::V2)] {
        let community = Community::speaking(edition, Options { editions: served, ..few() }, "").await;
        community.person("mina").await;
    }
}
