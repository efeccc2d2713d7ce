//! Section 1: the key, whose it is, and what its owner may do.

use connector_sandbox::activecampaign::{Deleters, ForbiddenBody, Permission};
use serde_json::{Value, json};

use crate::client::{call, call_as, delete, get, made, send, text, tove, usual};

#[tokio::test]
async fn who_am_i_answers_the_owner_of_the_key() {
    let target = usual().await;
    let me = get(&target, "users/me").await.ok(200)["user"].clone();
    assert_eq!((text(&me, "id"), text(&me, "username")), ("1", "admin"));
    let key = target.key_of("4").unwrap();
    assert_eq!(call_as(&target, &key, "GET", "users/me", &Value::Null).await.ok(200)["user"]["id"], "4");
    assert_eq!(target.key_of("4"), Some(key), "a user has one key");
    assert_eq!(target.key_of("99999"), None);
}

#[tokio::test]
async fn without_a_good_key_the_answer_is_a_403_and_not_a_401() {
    let target = usual().await;
    let bearer = format!("Authorization: Bearer {}\r\n", target.key());
    for headers in ["", "Api-Token: made-up\r\n", "Api-Token:\r\n", bearer.as_str()] {
        let refused = send(&target, "GET", "/api/3/users/me", headers, "").await.unwrap();
        assert_eq!(refused.message().0, 403, "{headers}");
    }
    target.set_options(|options| options.bad_key_status = 401);
    assert_eq!(call_as(&target, "made-up", "GET", "users/me", &Value::Null).await.status, 401);
}

#[tokio::test]
async fn a_403_has_one_of_three_bodies() {
    let target = usual().await;
    let plain = target.key_of("6").unwrap();
    for (body, of_key, of_permission) in [
        (ForbiddenBody::Message, "message", "message"),
        (ForbiddenBody::Errors, "errors", "errors"),
        (ForbiddenBody::Empty, "", ""),
    ] {
        target.set_options(|options| {
            options.bad_key_body = body;
            options.forbidden_body = body;
        });
        for (key, method, member) in [("made-up", "GET", of_key), (plain.as_str(), "DELETE", of_permission)] {
            let refused = call_as(&target, key, method, "users/9", &Value::Null).await;
            assert_eq!(refused.status, 403);
            let members: Vec<String> =
                refused.json().as_object().into_iter().flatten().map(|(k, _)| k.clone()).collect();
            assert_eq!(members.join(","), member);
        }
    }
}

#[tokio::test]
async fn a_permission_is_told_apart_from_a_bad_key_by_its_text_only() {
    let target = usual().await;
    let plain = target.key_of("6").unwrap();
    let refused = call_as(&target, &plain, "DELETE", "users/9", &Value::Null).await;
    let expected = json!({"errors": [{
        "status": 403, "title": "Forbidden", "detail": "You do not have permission to perform this action.",
    }]});
    assert_eq!(refused.ok(403), expected);
}

#[tokio::test]
async fn writes_need_the_flags_of_one_of_the_owners_groups() {
    let target = usual().await;
    let (plain, manager) = (target.key_of("6").unwrap(), target.key_of("3").unwrap());
    let group = json!({"group": {"title": "New"}});
    let writes = [
        ("POST", "users", json!({"user": tove()}), 201),
        ("PUT", "users/9", json!({"user": {"firstName": "X"}}), 200),
        ("DELETE", "users/10", Value::Null, 200),
        ("POST", "groups", group.clone(), 200),
        ("PUT", "groups/5", group, 200),
        ("DELETE", "groups/8", Value::Null, 200),
    ];
    for (method, path, body, status) in writes {
        assert_eq!(call_as(&target, &plain, method, path, &body).await.status, 403, "{method} {path}");
        assert_eq!(call_as(&target, &manager, method, path, &body).await.status, status, "{method} {path}");
    }
}

#[tokio::test]
async fn managing_may_be_for_the_admin_group_alone() {
    let target = usual().await;
    target.set_options(|options| options.permission = Permission::AdminGroup);
    let (manager, admin) = (target.key_of("3").unwrap(), target.key_of("2").unwrap());
    let change = json!({"user": {"firstName": "X"}});
    assert_eq!(call_as(&target, &manager, "PUT", "users/9", &change).await.status, 403);
    assert_eq!(call_as(&target, &admin, "PUT", "users/9", &change).await.status, 200);
}

#[tokio::test]
async fn reading_may_need_the_permission_too_but_never_for_oneself() {
    let target = usual().await;
    let plain = target.key_of("6").unwrap();
    for needed in [false, true] {
        target.set_options(|options| options.reads_need_permission = needed);
        for path in
            ["users", "users/9", "users/username/admin", "groups", "groups/4/userGroups", "groupLimits"]
        {
            let status = if needed { 403 } else { 200 };
            assert_eq!(call_as(&target, &plain, "GET", path, &Value::Null).await.status, status, "{path}");
        }
        assert_eq!(call_as(&target, &plain, "GET", "users/me", &Value::Null).await.status, 200);
        assert_eq!(get(&target, "users/9").await.status, 200);
    }
}

#[tokio::test]
async fn deleting_may_be_for_the_primary_admin_alone() {
    let target = usual().await;
    target.set_options(|options| options.deleters = Deleters::PrimaryAdmin);
    let admin = target.key_of("2").unwrap();
    assert_eq!(call_as(&target, &admin, "DELETE", "users/9", &Value::Null).await.status, 403);
    assert_eq!(delete(&target, "users/9").await.status, 200);
}

#[tokio::test]
async fn a_key_dies_with_its_owner_unless_that_is_refused() {
    let target = usual().await;
    let admin = target.key_of("2").unwrap();
    target.set_options(|options| options.self_delete_refused = true);
    assert_eq!(call_as(&target, &admin, "DELETE", "users/2", &Value::Null).await.message().0, 403);
    target.set_options(|options| options.self_delete_refused = false);
    assert_eq!(call_as(&target, &admin, "DELETE", "users/2", &Value::Null).await.status, 200);
    assert_eq!(call_as(&target, &admin, "GET", "users/me", &Value::Null).await.status, 403);
}

#[tokio::test]
async fn a_403_may_come_for_nothing_and_go_away() {
    let target = usual().await;
    target.set_options(|options| options.spurious_forbidden = 2);
    for status in [403, 403, 200] {
        assert_eq!(get(&target, "users/me").await.status, status);
    }
    assert_eq!(target.options().spurious_forbidden, 0);
}

#[tokio::test]
async fn neither_key_nor_password_is_in_the_log() {
    let target = usual().await;
    made(&target).await;
    call(&target, "PUT", "users/9", json!({"user": {"password": "correct horse 2"}})).await.ok(200);
    let log = serde_json::to_string(&target.requests()).unwrap();
    assert!(!log.contains(target.key()) && !log.contains("correct horse"), "{log}");
    assert!(target.requests().iter().all(|request| request.authorization));
    assert!(!format!("{target:?}").contains(target.key()));
}
