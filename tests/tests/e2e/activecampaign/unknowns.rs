//! What nobody knows of ActiveCampaign, one way and the other: the same life of a user and a group, right each time.

use connector_sandbox::activecampaign::{
    Dates, ForbiddenBody, GroupOnPut, InvalidAnswer, ListOrder, MembershipEnvelope, MissingBody, NobodyFound,
    Options, Paging, PasswordDate, PhoneOnWrite, PutAnswer, RateHeaders, SuccessText, UserNameOnPut,
    UsersTotal,
};
use serde_json::{Value, json};

use super::{Account, OWN, OWN_GROUP, user};

/// Requests beyond the account's limit: the stand-in's is off, and the host need not keep it.
const QUICK: &str = "budget_percent = 100000";

/// The account behaves as this says and not as by default.
type Other = fn(&mut Options);

/// Unknowns that change nothing for a client.
#[rustfmt::skip]
const HIDDEN: &[(&str, Other)] = &[
    ("look-ups regard letter case",        |o| o.lookup_case_sensitive = true),
    ("nobody found is forbidden",          |o| o.nobody_found = NobodyFound::Forbidden),
    ("nobody found is null",               |o| o.nobody_found = NobodyFound::Null),
    ("nobody found is nothing",            |o| o.nobody_found = NobodyFound::Empty),
    ("members come in pages",              |o| o.members_paged = true),
    ("memberships of a user are a list",   |o| o.membership_envelope = MembershipEnvelope::List),
    ("memberships of a user are not told", |o| (o.membership_envelope, o.put_needs_group) = (MembershipEnvelope::Nothing, true)),
    ("lists have another order",           |o| o.list_order = ListOrder::Shuffled),
    ("rows repeat",                        |o| o.repeated_rows = true),
    ("the total is wrong",                 |o| o.users_total = UsersTotal::Wrong),
    ("there is no total",                  |o| o.users_total = UsersTotal::Absent),
    ("limit and offset are ignored",       |o| o.paging = Paging::WholeList),
    ("odd paging is refused",              |o| o.bad_paging_refused = true),
    ("errors are labelled as text",        |o| o.errors_as_text_plain = true),
    ("entries have status and error",      |o| o.odd_error_entries = true),
    ("a message beside a success",         |o| o.success_text = SuccessText::Message),
    ("errors beside a success",            |o| o.success_text = SuccessText::Errors),
    ("an unknown group is 404",            |o| o.unknown_group_status = 404),
    ("an unknown group is 403 in DELETE",  |o| o.unknown_group_delete_status = 403),
    ("an unknown user is 403",             |o| o.unknown_user_status = 403),
    ("a missing object has errors",        |o| o.missing_body = MissingBody::Errors),
    ("a lack of permission is a message",  |o| o.forbidden_body = ForbiddenBody::Message),
    ("dates are absent",                   |o| o.dates = Dates::Null),
    ("dates are zero",                     |o| o.dates = Dates::Zero),
    ("dates are an odd zero",              |o| o.dates = Dates::OddZero),
    ("the account is east of Greenwich",   |o| o.utc_offset_minutes = 330),
    ("the password's date is RFC 3339",    |o| o.password_date = PasswordDate::Rfc3339),
    ("mfaEnabled is a number",             |o| o.mfa_as_number = true),
    ("PUT needs the group",                |o| o.put_needs_group = true),
    ("groups may be text",                 |o| o.group_text_refused = false),
    ("a changed user name is refused",     |o| o.user_name_on_put = UserNameOnPut::Refused),
    ("the answer to PUT is fresh",         |o| o.put_answer = PutAnswer::Fresh),
    ("empty texts are refused",            |o| o.empty_text_clears = false),
    ("a group's create is 201",            |o| o.create_group_status = 201),
    ("PUT takes permissions away",         |o| o.put_without_flags_clears = true),
    ("titles are unique",                  |o| o.unique_titles = true),
    ("limits are told on refusal alone",   |o| o.rate_headers = RateHeaders::OnRefusal),
    ("limits are not told",                |o| o.rate_headers = RateHeaders::Never),
    ("a 403 out of a whim",                |o| o.spurious_forbidden = 1),
];

/// The whole life, and what a client sees of it.
async fn life(account: &Account, name: &str) {
    let (scim, target) = (&account.scim, &account.target);
    let [first, second] = ["4", "5"];
    let mut body = user(name, first);
    body["phoneNumbers"] = json!([{"value": "+46 8 000 00 01", "type": "mobile"}]);
    let created = scim.post("/Users", &body).await.ok(201);
    let id = created["id"].as_str().unwrap().to_owned();
    let path = format!("/Users/{id}");
    let held = || target.user(&id).unwrap();
    assert_eq!((&created["userName"], &created["externalId"]), (&body["userName"], &body["externalId"]));
    assert_eq!(created["phoneNumbers"], body["phoneNumbers"]);
    assert_eq!((&held()["phone"], &held()["groups"]), (&json!("+46 8 000 00 01"), &json!([first])));

    // Found alone and among all, once each.
    let read = scim.get(&path).await.ok(200);
    assert_eq!(read, created);
    let found = async |filter: &str| {
        let path = format!("/Users?filter={}", filter.replace(' ', "%20").replace('"', "%22"));
        scim.get(&path).await.ok(200)["Resources"].clone()
    };
    for filter in [format!("userName eq \"{name}\""), format!("emails eq \"{name}@acme.example\"")] {
        assert_eq!(found(&filter).await, json!([read]), "{filter}");
    }
    let upper = name.to_uppercase();
    for filter in [format!("userName eq \"{upper}\""), format!("emails.value eq \"{upper}@Acme.example\"")] {
        assert_eq!(found(&filter).await, json!([read]), "{filter}");
    }
    assert_eq!(found(&format!("userName eq \"Nobody-{name}\"")).await, json!([]), "a test of the connection");
    let all = scim.get("/Users?count=200&attributes=id").await.ok(200);
    let ids: std::collections::BTreeSet<_> =
        all["Resources"].as_array().unwrap().iter().map(|user| user["id"].to_string()).collect();
    assert_eq!((ids.len(), &all["totalResults"]), (target.users_len(), &json!(target.users_len())));

    // Changed and moved.
    let family = json!([{"op": "replace", "path": "name.familyName", "value": "Berg"}]);
    let changed = scim.patch(&path, family).await.ok(200);
    assert_eq!((&changed["displayName"], &held()["lastName"]), (&json!("Tove Berg"), &json!("Berg")));
    assert_eq!(held()["groups"], json!([first]), "a change moves nobody");
    let group = json!([{"op": "replace", "path": format!("{OWN}:groupId"), "value": second}]);
    scim.patch(&path, group).await.ok(200);
    assert!(held()["groups"].as_array().unwrap().contains(&json!(second)));
    let asked = scim.get(&format!("{path}?attributes=groups")).await.ok(200);
    assert!(asked["groups"].as_array().unwrap().iter().any(|group| group["value"] == second), "{asked}");
    let members = scim.get(&format!("/Groups/{second}")).await.ok(200)["members"].clone();
    assert!(members.as_array().unwrap().iter().any(|member| member["value"] == json!(id)), "{members}");
    scim.patch(&path, json!([{"op": "remove", "path": "phoneNumbers"}])).await.ok(200);
    assert_eq!(held()["phone"], "");

    // What the account does not take.
    let renamed = json!([{"op": "replace", "path": "userName", "value": format!("{name}-2")}]);
    scim.patch(&path, renamed).await.refused(400, "mutability");
    scim.post("/Users", &user(name, first)).await.refused(409, "uniqueness");
    let mut weak = user(&format!("{name}-weak"), first);
    weak["password"] = json!("short");
    assert!(scim.post("/Users", &weak).await.refused(400, "invalidValue").contains("password"));
    let nowhere = user(&format!("{name}-nowhere"), "9999");
    assert!(scim.post("/Users", &nowhere).await.refused(400, "invalidValue").contains("groupId"));
    for missing in ["/Users/99999", "/Groups/99999"] {
        scim.get(missing).await.refused(404, "");
        scim.delete(missing).await.refused(404, "");
    }

    // A group, whose permissions stay as they are.
    let made = json!({"displayName": format!("{name}s"), OWN_GROUP: {"description": "May write"}});
    let group = scim.post("/Groups", &made).await.ok(201)["id"].as_str().unwrap().to_owned();
    let flags = |group: Option<Value>| group.unwrap()["pgDeal"].clone();
    let before = flags(target.group(&group));
    let renamed = json!({"displayName": format!("{name}s 2")});
    let put = scim.put(&format!("/Groups/{group}"), &renamed).await.ok(200);
    assert_eq!((&put["displayName"], put.get(OWN_GROUP)), (&renamed["displayName"], None));
    assert_eq!(flags(target.group(&group)), before);
    scim.delete(&format!("/Groups/{group}")).await.ok(204);

    scim.delete(&path).await.ok(204);
    scim.get(&path).await.refused(404, "");
    assert_eq!(target.user(&id), None);
}

#[tokio::test]
async fn what_is_not_known_changes_nothing_for_a_client() {
    let quick = Options { rate_limiter: false, ..Options::default() };
    let account = Account::new(quick.clone(), QUICK).await;
    for (number, (what, other)) in HIDDEN.iter().enumerate() {
        println!("{what}");
        account.target.set_options(|options| {
            *options = quick.clone();
            other(options);
        });
        life(&account, &format!("tove{number}")).await;
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_to_its_end_is_an_error_and_no_short_list() {
    let options = Options { rate_limiter: false, paging: Paging::FirstPage, ..Options::default() };
    let account = Account::new(options, QUICK).await;
    account.scim.get("/Users?count=200").await.refused(502, "");
    // Who is looked for by name is found or not all the same.
    let filter = "/Users?filter=userName%20eq%20%22nobody%22";
    assert_eq!(account.scim.get(filter).await.ok(200)["totalResults"], 0);
}

#[tokio::test]
async fn refusals_without_a_code_are_told_by_what_is_there() {
    let account = Account::new(Options { rate_limiter: false, ..Options::default() }, QUICK).await;
    account.scim.post("/Users", &user("tove", "4")).await.ok(201);
    for (answer, said) in [
        (InvalidAnswer::Strings, "The username is already in use."),
        (InvalidAnswer::OneString, "The username is already in use."),
        (InvalidAnswer::Nothing, ""),
    ] {
        account.target.set_options(|options| options.invalid_answer = answer);
        let detail = account.scim.post("/Users", &user("tove", "4")).await.refused(409, "uniqueness");
        assert!(detail.contains("userName: is in use") && detail.contains(said), "{detail}");
        let mut other = user("tuva", "4");
        other["emails"][0]["value"] = json!("TOVE@acme.example");
        let detail = account.scim.post("/Users", &other).await.refused(409, "uniqueness");
        assert!(detail.contains("emails: is in use"), "{detail}");
        // Whose name is free is refused for another reason.
        let mut weak = user("tuva", "4");
        weak["password"] = json!("short");
        account.scim.post("/Users", &weak).await.refused(400, "invalidValue");
    }
}

#[tokio::test]
async fn a_user_who_is_there_is_taken_over_although_the_refusal_says_nothing() {
    let options =
        Options { rate_limiter: false, invalid_answer: InvalidAnswer::Nothing, ..Options::default() };
    let account = Account::new(options, &format!("{QUICK}\nadopt_existing = true")).await;
    let made = account.scim.post("/Users", &user("tove", "4")).await.ok(201);
    let mut again = user("tove", "4");
    again["name"]["familyName"] = json!("Berg");
    let taken = account.scim.post("/Users", &again).await.ok(201);
    assert_eq!((&taken["id"], &taken["name"]["familyName"]), (&made["id"], &json!("Berg")));
}

#[tokio::test]
async fn a_telephone_number_the_account_does_not_take_is_no_silent_loss() {
    let account = Account::new(Options { rate_limiter: false, ..Options::default() }, QUICK).await;
    let mut body = user("tove", "4");
    body["phoneNumbers"] = json!([{"value": "+46 8 000 00 01", "type": "work"}]);

    account.target.set_options(|options| options.phone_on_write = PhoneOnWrite::Ignored);
    let created = account.scim.post("/Users", &body).await.ok(201);
    assert_eq!(created.get("phoneNumbers"), None, "an answer that nothing stands behind");
    let names = |line: &Value| line["names"] == "phoneNumbers[type eq \"work\"].value";
    account.host.logged(names).await;

    account.target.set_options(|options| options.phone_on_write = PhoneOnWrite::Refused);
    body["userName"] = json!("tuva");
    body["emails"][0]["value"] = json!("tuva@acme.example");
    let detail = account.scim.post("/Users", &body).await.refused(400, "invalidValue");
    assert!(detail.contains("phoneNumbers: "), "{detail}");
}

#[tokio::test]
async fn a_move_that_only_adds_is_said_in_the_log_and_a_later_change_keeps_the_new_group() {
    let options = Options { rate_limiter: false, group_on_put: GroupOnPut::Adds, ..Options::default() };
    let account = Account::new(options, QUICK).await;
    let id = account.scim.post("/Users", &user("tove", "4")).await.ok(201)["id"].clone();
    let path = format!("/Users/{}", id.as_str().unwrap());
    let group = json!([{"op": "replace", "path": format!("{OWN}:groupId"), "value": "5"}]);
    account.scim.patch(&path, group).await.ok(200);
    let held = account.target.user(id.as_str().unwrap()).unwrap();
    assert_eq!(held["groups"], json!(["4", "5"]));
}

#[tokio::test]
async fn seats_owners_and_the_key_fail_each_in_its_own_words() {
    let quick = Options { rate_limiter: false, seats: 120, ..Options::default() };
    let account = Account::new(quick, QUICK).await;
    for (status, answered, keyword) in [(402, 403, ""), (403, 403, ""), (422, 400, "invalidValue")] {
        account.target.set_options(|options| options.no_seat_status = status);
        let detail = account.scim.post("/Users", &user("tove", "4")).await.refused(answered, keyword);
        assert!(detail.contains("You have no free user seat. Upgrade your plan."), "{detail}");
    }
    assert!(account.scim.delete("/Users/1").await.refused(403, "").contains("primary admin"));

    // 401 and an empty 403 are the host's trouble, too.
    for (status, body) in
        [(401, ForbiddenBody::Message), (403, ForbiddenBody::Empty), (403, ForbiddenBody::Errors)]
    {
        account.target.set_options(|options| {
            options.bad_key_status = status;
            options.bad_key_body = body;
        });
        let host = super::host(&account.target, "another-key", QUICK).await;
        let scim = host.client("acme", &host.token("acme", "e2e").await);
        assert!(scim.get("/Users/2").await.refused(502, "").contains("replace api_key"));
    }
}

#[tokio::test]
async fn a_limit_is_waited_for_in_either_form() {
    for limit_status in [429, 503] {
        let options = Options { requests_per_second: 3, limit_status, ..Options::default() };
        let account = Account::new(options, QUICK).await;
        // More at once than the limit has: the fourth is refused and asked again.
        for id in ["1", "2", "3", "4", "5"] {
            account.scim.get(&format!("/Users/{id}")).await.ok(200);
        }
        assert!(account.target.requests().iter().any(|request| request.status == limit_status));
    }
}
