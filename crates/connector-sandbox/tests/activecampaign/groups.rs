//! Sections 2.2, 2.4 and 4.2: groups, their flags, and the one nobody changes.

use connector_sandbox::activecampaign::FullGroup;
use serde_json::{Value, json};

use crate::client::{delete, get, names, post_group, put_group, text, usual};

#[tokio::test]
async fn a_group_has_flags_as_texts_and_says_p_admin_whatever_it_may_do() {
    let target = usual().await;
    let group = get(&target, "groups/5").await.ok(200)["group"].clone();
    assert_eq!(text(&group, "title"), "Newsletter editors");
    assert_eq!(text(&group, "descript"), "May write, not send");
    assert_eq!((text(&group, "pgMessageAdd"), text(&group, "pgMessageSend")), ("1", "0"));
    assert_eq!((text(&group, "pg_user_add"), text(&group, "reqApproval1st")), ("0", "2"));
    assert_eq!(text(&group, "p_admin"), "1");
    assert_eq!(group["sdate"], Value::Null);
    let link = format!("{}/groups/5/userGroups", target.api_url());
    assert_eq!(group["links"]["userGroups"], json!(link));
    let admin = get(&target, "groups/3").await.ok(200)["group"].clone();
    assert_eq!((text(&admin, "title"), text(&admin, "pg_user_delete")), ("Admin", "1"));
}

#[tokio::test]
async fn a_title_is_enough_and_the_answer_is_short() {
    let target = usual().await;
    let made = post_group(&target, json!({"title": "Newcomers"})).await.ok(200)["group"].clone();
    assert_eq!(names(&made), ["id", "links", "p_admin", "title"]);
    assert_eq!(made["p_admin"], json!(1), "a number here");
    let group = get(&target, &format!("groups/{}", text(&made, "id"))).await.ok(200)["group"].clone();
    assert_eq!(group["descript"], Value::Null);
    let on: Vec<_> = names(&group).into_iter().filter(|name| group[name] == json!("1")).collect();
    let expected = [
        "p_admin",
        "pgDeal",
        "pgDealDelete",
        "pgDealGroupAdd",
        "pgDealGroupDelete",
        "pgDealGroupEdit",
        "pgDealReassign",
        "pgReportsTrend",
        "pgStartupGettingstarted",
    ];
    assert_eq!(on, expected);
    target.set_options(|options| options.create_group_status = 201);
    post_group(&target, json!({"title": "Newcomers"})).await.ok(201);
}

#[tokio::test]
async fn flags_are_taken_as_booleans_numbers_and_texts() {
    let target = usual().await;
    let flags = json!({
        "title": "Flags", "descript": "x", "pgListAdd": true, "pgTagManage": 1, "pg_user_add": "1", "pgDeal": false,
        "reqApproval1st": 2, "reqApprovalNotify": "boss@northlight.example", "nonsense": 7,
    });
    let id = text(&post_group(&target, flags).await.ok(200)["group"], "id").to_owned();
    let group = target.group(&id).unwrap();
    for (name, value) in [
        ("descript", "x"),
        ("pgListAdd", "1"),
        ("pgTagManage", "1"),
        ("pg_user_add", "1"),
        ("pgDeal", "0"),
        ("reqApproval1st", "2"),
        ("reqApprovalNotify", "boss@northlight.example"),
    ] {
        assert_eq!(text(&group, name), value, "{name}");
    }
    let refused = post_group(&target, json!({"title": "x", "pgListAdd": "yes"})).await;
    assert_eq!(refused.invalid(), (422, "field_invalid".into(), "pgListAdd".into()));
}

#[tokio::test]
async fn a_group_without_a_title_is_refused() {
    let target = usual().await;
    for body in [json!({}), json!({"title": ""}), json!({"title": null}), json!({"descript": "x"})] {
        assert_eq!(post_group(&target, body).await.invalid(), (422, "field_missing".into(), "title".into()));
    }
    assert_eq!(post_group(&target, json!({"title": 7})).await.invalid().1, "field_invalid");
    assert_eq!(put_group(&target, "5", json!({"title": ""})).await.invalid().1, "field_missing");
}

#[tokio::test]
async fn two_groups_may_have_one_title_unless_told_otherwise() {
    let target = usual().await;
    assert_eq!(target.group("5").unwrap()["title"], target.group("9").unwrap()["title"]);
    target.set_options(|options| options.unique_titles = true);
    let duplicate = (422, "duplicate".to_owned(), "title".to_owned());
    assert_eq!(post_group(&target, json!({"title": "All staff"})).await.invalid(), duplicate);
    assert_eq!(put_group(&target, "5", json!({"title": "All staff"})).await.invalid(), duplicate);
    put_group(&target, "4", json!({"title": "All staff"})).await.ok(200);
}

#[tokio::test]
async fn a_put_changes_what_it_names_and_answers_without_the_change() {
    let target = usual().await;
    let answer = put_group(&target, "5", json!({"title": "Editors", "descript": null})).await.ok(200);
    assert_eq!((&answer["group"]["title"], answer["group"].get("descript")), (&json!("Editors"), None));
    let group = target.group("5").unwrap();
    assert_eq!((&group["title"], &group["descript"]), (&json!("Editors"), &Value::Null));
    assert_eq!(text(&group, "pgMessageAdd"), "1", "flags are kept");

    target.set_options(|options| options.put_without_flags_clears = true);
    put_group(&target, "5", json!({"descript": "again", "pgListAdd": 1})).await.ok(200);
    let group = target.group("5").unwrap();
    assert_eq!((text(&group, "pgMessageAdd"), text(&group, "pgListAdd")), ("0", "1"));
    assert_eq!((text(&group, "title"), text(&group, "descript")), ("Editors", "again"));
}

#[tokio::test]
async fn an_unknown_group_is_a_403_with_a_message() {
    let target = usual().await;
    let unknown = (403, "No Result found for Group with id 99".to_owned());
    assert_eq!(get(&target, "groups/99").await.message(), unknown);
    assert_eq!(put_group(&target, "99", json!({"title": "x"})).await.message(), unknown);
    assert_eq!(get(&target, "groups/99/userGroups").await.message(), unknown);
    assert_eq!(get(&target, "groups/99/groupLimit").await.message(), unknown);
    assert_eq!(delete(&target, "groups/99").await.message(), (404, unknown.1));
    target.set_options(|options| {
        options.unknown_group_status = 404;
        options.unknown_group_delete_status = 403;
    });
    assert_eq!(
        get(&target, "groups/abc").await.message(),
        (404, "No Result found for Group with id abc".into())
    );
    assert_eq!(delete(&target, "groups/99").await.status, 403);
}

#[tokio::test]
async fn the_admin_group_stays_as_it_is() {
    let target = usual().await;
    let before = target.group("3");
    assert_eq!(put_group(&target, "3", json!({"title": "Boss"})).await.message().0, 403);
    assert_eq!(delete(&target, "groups/3").await.message().0, 403);
    assert_eq!(target.group("3"), before);
    target.set_options(|options| options.protected_group_status = 422);
    assert_eq!(delete(&target, "groups/3").await.status, 422);
}

#[tokio::test]
async fn an_empty_group_goes_and_a_full_one_stays_or_goes_too() {
    let target = usual().await;
    assert_eq!(delete(&target, "groups/8").await.ok(200), json!({}));
    assert_eq!(get(&target, "groups/8").await.status, 403);
    assert_eq!(delete(&target, "groups/8").await.status, 404);

    assert_eq!(delete(&target, "groups/4").await.message(), (422, "The group still has users.".into()));
    target.set_options(|options| options.full_group_status = 409);
    assert_eq!(delete(&target, "groups/4").await.status, 409);
    target.set_options(|options| options.full_group = FullGroup::Goes);
    assert_eq!(delete(&target, "groups/4").await.ok(200), json!({}));
    assert_eq!(target.user("6").unwrap()["groups"], json!([]));
    assert_eq!(get(&target, "users/6/userGroup").await.status, 404);
}

#[tokio::test]
async fn limits_are_there_to_be_read() {
    let target = usual().await;
    let limit = get(&target, "groups/4/groupLimit").await.ok(200)["groupLimit"].clone();
    assert_eq!((text(&limit, "groupid"), text(&limit, "limitMailType")), ("4", "month"));
}
