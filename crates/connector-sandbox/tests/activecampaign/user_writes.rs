//! Section 4.1: creating, changing and deleting users.

use connector_sandbox::activecampaign::{
    GroupOnPut, Options, PhoneOnWrite, PutAnswer, SuccessText, UserNameOnPut,
};
use serde_json::{Value, json};

use crate::client::{
    call, delete, get, made, post_user, put_user, start, text, tove, unlimited, usual, with,
};

#[tokio::test]
async fn a_create_answers_201_with_the_user_but_not_the_group() {
    let target = usual().await;
    let user = post_user(&target, tove()).await.ok(201)["user"].clone();
    assert_eq!((text(&user, "username"), text(&user, "firstName")), ("t.arvidsson", "Tove"));
    assert_eq!((user.get("group"), user.get("password")), (None, None));
    assert_eq!(text(&user, "cdate"), "2024-06-03T10:00:00-06:00");
    let id = text(&user, "id");
    assert_eq!(id, "122", "after the last one");
    assert_eq!(get(&target, "users/122").await.ok(200)["user"], user);
    assert_eq!(target.user(id).unwrap()["groups"], json!(["4"]));
    assert!(target.has_password(id, "correct horse 1"));
    assert_eq!(get(&target, "users/username/t.arvidsson").await.ok(200)["user"], user);
}

#[tokio::test]
async fn what_must_be_there_is_a_switch() {
    let target = usual().await;
    for name in ["username", "email", "firstName", "lastName", "group", "password"] {
        let missing = (422, "field_missing".to_owned(), name.to_owned());
        let mut user = tove();
        user.as_object_mut().unwrap().remove(name);
        assert_eq!(post_user(&target, user).await.invalid(), missing);
        let null = with(tove(), json!({name: null}));
        assert_eq!(post_user(&target, null).await.invalid(), missing);
    }
    let nothing = post_user(&target, json!({})).await;
    assert_eq!(nothing.ok(422)["errors"].as_array().unwrap().len(), 6);
    assert_eq!(target.users_len(), 120);
    target.set_options(|options| options.required_on_create = vec!["username".into()]);
    let bare = post_user(&target, json!({"username": "bare"})).await.ok(201)["user"].clone();
    assert_eq!(target.user(text(&bare, "id")).unwrap()["groups"], json!([]));
}

#[tokio::test]
async fn a_user_name_and_an_address_are_there_once() {
    let target = usual().await;
    made(&target).await;
    let other_email = json!({"username": "T.Arvidsson", "email": "other@northlight.example"});
    let refused = post_user(&target, with(tove(), other_email)).await;
    assert_eq!(refused.invalid(), (422, "duplicate".into(), "username".into()));
    let same_email = with(tove(), json!({"username": "other", "email": "Tove@Northlight.example"}));
    let refused = post_user(&target, same_email.clone()).await;
    assert_eq!(refused.invalid(), (422, "duplicate".into(), "email".into()));
    let refused = put_user(&target, "9", json!({"email": "tove@northlight.example"})).await;
    assert_eq!(refused.invalid(), (422, "duplicate".into(), "email".into()));

    target.set_options(|options| options.unique_emails = false);
    post_user(&target, same_email).await.ok(201);
    let found =
        async || get(&target, "users/email/tove@northlight.example").await.ok(200)["user"]["id"].clone();
    assert_eq!(found().await, "122", "the first of the two");
    delete(&target, "users/122").await.ok(200);
    assert_eq!(found().await, "123");
}

#[tokio::test]
async fn wrong_values_are_told_with_their_place() {
    let target = usual().await;
    for (name, value, code) in [
        ("group", json!(99), "related_missing"),
        ("group", json!("4"), "field_invalid"),
        ("group", json!(-1), "field_invalid"),
        ("password", json!("short"), "field_invalid"),
        ("email", json!("nowhere"), "field_invalid"),
        ("firstName", json!(7), "field_invalid"),
    ] {
        let refused = post_user(&target, with(tove(), json!({name: value}))).await;
        assert_eq!(refused.invalid(), (422, code.into(), name.into()), "{name} {value}");
    }
    assert_eq!(target.users_len(), 120);
    target.set_options(|options| {
        options.group_text_refused = false;
        options.min_password_length = 0;
    });
    post_user(&target, with(tove(), json!({"group": "4", "password": "x"}))).await.ok(201);
}

#[tokio::test]
async fn a_seat_must_be_free() {
    let target = start(Options { seats: 121, ..unlimited() }).await;
    made(&target).await;
    let other = with(tove(), json!({"username": "other", "email": "other@northlight.example"}));
    for status in [402, 403, 422] {
        target.set_options(|options| options.no_seat_status = status);
        let refused = post_user(&target, other.clone()).await;
        assert_eq!(refused.message(), (status, "You have no free user seat. Upgrade your plan.".into()));
    }
    delete(&target, "users/122").await.ok(200);
    post_user(&target, other).await.ok(201);
}

#[tokio::test]
async fn the_answer_to_a_put_tells_how_it_was() {
    let target = usual().await;
    let id = made(&target).await;
    let change =
        json!({"firstName": "Tova", "email": "tova@northlight.example", "password": "correct horse 2"});
    let answer = put_user(&target, &id, change).await.ok(200);
    assert_eq!(answer["user"]["firstName"], "Tove", "stale");
    assert_eq!(answer["user"]["userGroup"], answer["userGroups"][0]["id"]);
    assert_eq!(answer["userGroups"][0]["groupid"], "4");
    let user = get(&target, &format!("users/{id}")).await.ok(200)["user"].clone();
    assert_eq!((text(&user, "firstName"), text(&user, "lastName")), ("Tova", "Arvidsson"));
    assert_eq!(get(&target, "users/email/tova@northlight.example").await.ok(200)["user"], user);
    assert_eq!(get(&target, "users/email/tove@northlight.example").await.status, 404);
    assert!(target.has_password(&id, "correct horse 2"));

    target.set_options(|options| options.put_answer = PutAnswer::Fresh);
    let answer = put_user(&target, &id, json!({"firstName": "Tove"})).await.ok(200);
    assert_eq!(answer["user"]["firstName"], "Tove");
}

#[tokio::test]
async fn a_user_name_cannot_be_changed() {
    let target = usual().await;
    let id = made(&target).await;
    put_user(&target, &id, json!({"username": "tove", "firstName": "Tova"})).await.ok(200);
    let user = target.user(&id).unwrap();
    assert_eq!((text(&user, "username"), text(&user, "firstName")), ("t.arvidsson", "Tova"), "in silence");
    target.set_options(|options| options.user_name_on_put = UserNameOnPut::Refused);
    let refused = put_user(&target, &id, json!({"username": "tove"})).await;
    assert_eq!(refused.invalid(), (422, "field_invalid".into(), "username".into()));
    put_user(&target, &id, json!({"username": "t.arvidsson"})).await.ok(200);
}

#[tokio::test]
async fn another_group_replaces_all_memberships_or_is_added() {
    let target = usual().await;
    assert_eq!(target.user("19").unwrap()["groups"], json!(["4", "5", "6"]));
    let answer = put_user(&target, "19", json!({"group": 5})).await.ok(200);
    assert_eq!(answer["userGroups"].as_array().unwrap().len(), 1);
    assert_eq!(target.user("19").unwrap()["groups"], json!(["5"]));
    target.set_options(|options| options.group_on_put = GroupOnPut::Adds);
    put_user(&target, "19", json!({"group": 4})).await.ok(200);
    assert_eq!(target.user("19").unwrap()["groups"], json!(["5", "4"]));
    let refused = put_user(&target, "19", json!({"group": 99})).await;
    assert_eq!(refused.invalid(), (422, "related_missing".into(), "group".into()));
}

#[tokio::test]
async fn a_put_without_a_group_keeps_it_or_is_refused() {
    let target = usual().await;
    put_user(&target, "19", json!({"firstName": "X"})).await.ok(200);
    assert_eq!(target.user("19").unwrap()["groups"], json!(["4", "5", "6"]));
    target.set_options(|options| options.put_needs_group = true);
    let refused = put_user(&target, "19", json!({"firstName": "Y"})).await;
    assert_eq!(refused.invalid(), (422, "field_missing".into(), "group".into()));
}

#[tokio::test]
async fn a_telephone_number_is_stored_ignored_or_refused() {
    let target = usual().await;
    let phone = json!({"phone": "+46 8 555 12"});
    let id = made(&target).await;
    assert_eq!(target.user(&id).unwrap()["phone"], "");
    put_user(&target, &id, phone.clone()).await.ok(200);
    assert_eq!(target.user(&id).unwrap()["phone"], "+46 8 555 12");
    target.set_options(|options| options.phone_on_write = PhoneOnWrite::Ignored);
    put_user(&target, &id, json!({"phone": ""})).await.ok(200);
    assert_eq!(target.user(&id).unwrap()["phone"], "+46 8 555 12");
    target.set_options(|options| options.phone_on_write = PhoneOnWrite::Refused);
    assert_eq!(put_user(&target, &id, phone).await.invalid(), (422, "field_invalid".into(), "phone".into()));
    put_user(&target, &id, json!({"firstName": "X"})).await.ok(200);
}

#[tokio::test]
async fn an_empty_text_clears_or_is_refused() {
    let target = usual().await;
    put_user(&target, "9", json!({"firstName": ""})).await.ok(200);
    assert_eq!(target.user("9").unwrap()["firstName"], "");
    target.set_options(|options| options.empty_text_clears = false);
    let refused = put_user(&target, "9", json!({"lastName": ""})).await;
    assert_eq!(refused.invalid(), (422, "field_missing".into(), "lastName".into()));
}

#[tokio::test]
async fn a_deleted_user_is_gone_from_everywhere() {
    let target = usual().await;
    let id = made(&target).await;
    let path = format!("users/{id}");
    assert_eq!(delete(&target, &path).await.ok(200), json!({}));
    assert_eq!(delete(&target, &path).await.status, 404);
    assert_eq!(get(&target, &path).await.status, 404);
    assert!(!target.group("4").unwrap()["members"].as_array().unwrap().contains(&json!(id)));
    let again = made(&target).await;
    assert_ne!(again, id, "ids are not used again");
}

#[tokio::test]
async fn the_primary_admin_cannot_be_deleted() {
    let target = usual().await;
    assert_eq!(delete(&target, "users/1").await.message().0, 403);
    target.set_options(|options| options.primary_admin_delete_status = 422);
    assert_eq!(delete(&target, "users/1").await.status, 422);
    assert_eq!(get(&target, "users/1").await.status, 200);
}

#[tokio::test]
async fn a_success_may_have_the_text_of_an_error() {
    let target = usual().await;
    for (text, member) in [(SuccessText::Message, "message"), (SuccessText::Errors, "errors")] {
        target.set_options(|options| options.success_text = text);
        let answer = put_user(&target, "9", json!({"firstName": member})).await.ok(200);
        assert!(answer.get(member).is_some(), "{answer}");
        assert_eq!(target.user("9").unwrap()["firstName"], member, "it took effect all the same");
    }
    let made = post_user(&target, tove()).await.ok(201);
    assert!(made.get("errors").is_some() && made["user"]["id"].is_string());
}

#[tokio::test]
async fn there_is_no_patch_and_bodies_have_an_envelope() {
    let target = usual().await;
    assert_eq!(call(&target, "PATCH", "users/9", json!({"user": {}})).await.status, 405);
    for body in [json!({"firstName": "X"}), json!([]), json!({"user": null}), Value::Null] {
        assert_eq!(call(&target, "PUT", "users/9", body).await.ok(400), json!({}));
    }
}
