//! Section 2.1: what a user looks like, and the look-ups.

use connector_sandbox::activecampaign::{Dates, NobodyFound, PasswordDate};
use serde_json::{Value, json};

use crate::client::{get, names, text, usual};

#[tokio::test]
async fn ids_and_flags_are_texts_and_neither_group_nor_password_is_shown() {
    let target = usual().await;
    let user = get(&target, "users/2").await.ok(200)["user"].clone();
    assert_eq!(
        names(&user),
        [
            "cdate",
            "email",
            "firstName",
            "id",
            "lang",
            "lastName",
            "links",
            "localZoneid",
            "mfaEnabled",
            "password_updated_utc_timestamp",
            "phone",
            "signature",
            "udate",
            "username",
        ]
    );
    assert_eq!((&user["id"], &user["mfaEnabled"]), (&json!("2"), &json!("0")));
    let link = format!("{}/users/2/userGroup", target.api_url());
    assert_eq!(user["links"]["userGroup"], json!(link));
    target.set_options(|options| options.mfa_as_number = true);
    assert_eq!(get(&target, "users/2").await.ok(200)["user"]["mfaEnabled"], json!(0));
}

#[tokio::test]
async fn dates_have_the_offset_of_the_account_or_are_broken() {
    let target = usual().await;
    let udate = async |id: u32| get(&target, &format!("users/{id}")).await.ok(200)["user"]["udate"].clone();
    assert_eq!(udate(1).await, Value::Null, "never changed");
    assert!(udate(2).await.as_str().unwrap().ends_with("-06:00"));
    target.set_options(|options| options.utc_offset_minutes = 330);
    assert!(udate(2).await.as_str().unwrap().ends_with("+05:30"));
    for (dates, told) in [
        (Dates::Null, Value::Null),
        (Dates::Zero, json!("0000-00-00 00:00:00")),
        (Dates::OddZero, json!("0000-00-00T00:00:00Z00:00")),
    ] {
        target.set_options(|options| options.dates = dates);
        assert_eq!(udate(2).await, told);
    }
}

#[tokio::test]
async fn the_date_of_the_password_has_a_form_of_its_own() {
    let target = usual().await;
    let read = async || {
        let user = get(&target, "users/2").await.ok(200)["user"].clone();
        text(&user, "password_updated_utc_timestamp").to_owned()
    };
    let spaced = read().await;
    assert_eq!((spaced.len(), spaced.as_bytes()[10]), (19, b' '));
    target.set_options(|options| options.password_date = PasswordDate::Rfc3339);
    assert_eq!(read().await, format!("{}+00:00", spaced.replace(' ', "T")));
}

#[tokio::test]
async fn people_are_found_by_address_and_by_user_name() {
    let target = usual().await;
    let found = async |path: &str| get(&target, path).await.ok(200)["user"]["id"].clone();
    assert_eq!(found("users/email/sam%2Bnews%40northlight.example").await, "4");
    assert_eq!(found("users/email/sam+news@northlight.example").await, "4", "a plus is a plus in a path");
    assert_eq!(found("users/username/sam%20o'neil%20+1%2F2").await, "4");
    assert_eq!(found("users/username/zo%C3%AB%40northlight.example").await, "5");
    assert_eq!(found("users/email/ZOE.MIXED@northlight.example").await, "5");
    target.set_options(|options| options.lookup_case_sensitive = true);
    assert_eq!(found("users/email/Zoe.Mixed@Northlight.example").await, "5");
    assert_eq!(get(&target, "users/email/zoe.mixed@northlight.example").await.status, 404);
    assert_eq!(get(&target, "users/username/Admin").await.status, 404);
}

#[tokio::test]
async fn nobody_of_that_id_or_name_is_a_404_or_a_403_like_that_of_groups() {
    let target = usual().await;
    let paths =
        ["users/7", "users/99999", "users/abc", "users/email/no@where.example", "users/99999/userGroup"];
    for path in paths {
        let refused = get(&target, path).await;
        assert_eq!(refused.status, 404, "{path}");
        assert!(refused.message().1.starts_with("No Result found for User with "), "{path}");
    }
    assert_eq!(get(&target, "users/99999").await.message().1, "No Result found for User with id 99999");
    target.set_options(|options| options.unknown_user_status = 403);
    for path in paths {
        assert_eq!(get(&target, path).await.message().0, 403, "{path}");
    }
}

#[tokio::test]
async fn a_look_up_of_nobody_may_be_answered_in_other_ways() {
    const NOBODY: &str = "users/email/no%40where.example";
    let target = usual().await;
    for (answer, status, body) in
        [(NobodyFound::Null, 200, json!({"user": null})), (NobodyFound::Empty, 200, json!({}))]
    {
        target.set_options(|options| options.nobody_found = answer);
        assert_eq!(get(&target, NOBODY).await.ok(status), body);
        assert_eq!(get(&target, "users/99999").await.status, 404, "a read says so");
    }
    target.set_options(|options| options.nobody_found = NobodyFound::Forbidden);
    assert_eq!(get(&target, NOBODY).await.status, 403);
    get(&target, "users/username/admin").await.ok(200);
}
