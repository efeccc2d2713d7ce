//! From SCIM to the target: new objects, refusals, and the smallest difference.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod support;

use connector_core::{
    connector::MemberChange,
    error::Kind,
    mapping::{Difference, Plan},
    scim::{Entry, Filter, Place, Resource},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{
    ENTERPRISE, OWN, document, object,
    person::{ada, held, person, read_by},
    resource, told, vendor,
};

fn entry(plan: &Plan, body: Value) -> Resource {
    Entry::read(body, plan.resource_type()).unwrap_or_else(|error| panic!("{}", told(&error))).resource
}

/// The least a new person needs.
fn least() -> Value {
    json!({"userName": "Ada", "emails": [{"value": "ada@work.example", "type": "work"}]})
}

fn created(body: Value) -> Value {
    let plan = person();
    let created = plan.created(&entry(&plan, body)).unwrap_or_else(|error| panic!("{}", told(&error)));
    Value::Object(created.fields)
}

fn least_and(name: &str, value: Value) -> Value {
    let mut body = least();
    body[name] = value;
    body
}

fn refused(body: Value) -> String {
    let plan = person();
    told(&plan.created(&entry(&plan, body)).expect_err("must be refused"))
}

/// A difference in words a test can compare: fields set, fields cleared, members added, members removed.
fn words(difference: &Difference<'_>) -> Value {
    let change = difference.change.as_ref();
    json!({
        "set": change.map_or_else(|| json!({}), |change| json!(change.set)),
        "cleared": change.map_or_else(Vec::new, |change| change.cleared.iter().map(ToString::to_string).collect()),
        "add": difference.members.add, "remove": difference.members.remove,
    })
}

fn nothing() -> Value {
    json!({"set": {}, "cleared": [], "add": [], "remove": []})
}

fn only(part: &str, value: Value) -> Value {
    let mut words = nothing();
    words[part] = value;
    words
}

/// What a PUT of `body` changes of Ada.
fn put(body: Value) -> Value {
    let plan = person();
    let current = vendor(&held());
    let before = plan.read(&current).expect("Ada");
    let (after, _) = plan.replaced(&before, &entry(&plan, body));
    let difference =
        plan.difference(&current, &before, &after).unwrap_or_else(|error| panic!("{}", told(&error)));
    words(&difference)
}

/// Ada's document with one attribute changed; `Null` for "sent as null".
fn ada_with(name: &str, value: Value) -> Value {
    let mut body = ada();
    body[name] = value;
    body
}

fn ada_without(name: &str) -> Value {
    let mut body = object(ada());
    body.remove(name).expect(name);
    Value::Object(body)
}

#[test]
fn a_new_object_has_every_field_that_can_be_written() {
    let mut body = ada();
    body["password"] = json!("s3cret");
    body[OWN]["pin"] = json!("1234");
    let mut expected = object(held());
    for read_only in ["key", "teams", "born"] {
        expected.remove(read_only);
    }
    // Two of the reports fit into the create; see below for more.
    let mut expected = Value::Object(expected);
    (expected["secret"], expected["pin"]) = (json!("s3cret"), json!("1234"));
    assert_eq!(created(body), expected);
}

#[test]
fn a_new_object_has_nothing_that_was_not_sent() {
    assert_eq!(created(least()), json!({"login": "ada", "contact": {"mail": "ada@work.example"}}));
}

#[test]
fn members_beyond_one_calls_worth_are_left_for_later_calls() {
    let plan = person();
    let body = least_and("members", json!([{"value": "a"}, {"value": "b"}, {"value": "c"}]));
    let created = plan.created(&entry(&plan, body)).unwrap();
    assert_eq!(created.fields["reports"], json!([{"key": "a"}, {"key": "b"}]));
    assert_eq!(created.members, MemberChange { add: vec!["c".into()], remove: vec![] });
}

#[test]
fn transforms_write_what_the_target_holds() {
    assert_eq!(created(least_and("active", json!(false)))["suspended"], true);
    assert_eq!(created(least_and("userType", json!("guest")))["seat"], "guest");
    let since = json!({"since": "2025-03-04T10:00:00+01:00"});
    assert_eq!(created(least_and(OWN, since))["since"], "2025-03-04T09:00:00Z", "instants in UTC");
}

#[test]
fn what_the_target_cannot_hold_is_refused_naming_attribute_and_rule() {
    for (body, told) in [
        (json!({"emails": [{"value": "a@x", "type": "work"}]}), "invalidValue User: userName: is required"),
        (json!({"userName": "ada"}), "invalidValue User: emails[type eq \"work\"].value: is required"),
        (least_and("userName", json!("")), "invalidValue User: userName: is required"),
        (least_and("emails", json!([])), "invalidValue User: emails[type eq \"work\"].value: is required"),
        (
            least_and("emails", json!([{"value": "a@x", "type": "home"}])),
            "invalidValue User: emails[type eq \"work\"].value: is required",
        ),
        (
            least_and("userName", json!("a".repeat(21))),
            "invalidValue User: userName: may have at most 20 characters",
        ),
        (least_and("userType", json!("Alien")), "invalidValue User: userType: must be one of Member, Guest"),
        (
            least_and("phoneNumbers", json!([{"value": "1"}, {"value": "2"}, {"value": "3"}])),
            "invalidValue User: phoneNumbers: the target holds 2 at most",
        ),
        (
            least_and("phoneNumbers", json!([{"value": "1".repeat(16)}])),
            "invalidValue User: phoneNumbers.value: may have at most 15 characters",
        ),
    ] {
        assert_eq!(refused(body.clone()), told, "{body}");
    }
}

#[test]
fn characters_are_counted_not_bytes() {
    assert_eq!(created(least_and("userName", json!("é".repeat(20))))["login"], "é".repeat(20));
}

#[test]
fn a_single_untyped_element_counts_as_the_one_a_row_asks_for() {
    let mut body = least();
    body["emails"] = json!([{"value": "ada@x"}]);
    assert_eq!(created(body)["contact"], json!({"mail": "ada@x"}), "of the first row, and of no other");
}

#[test]
fn elements_go_to_the_slots_they_are_meant_for() {
    let phones = |phones: Value| created(least_and("phoneNumbers", phones))["phones"].clone();
    let (desk, cell) = (json!({"number": "1", "desk": true}), json!({"number": "2", "kind": "cell"}));
    for (sent, written) in [
        (json!([{"value": "1", "type": "work"}, {"value": "2", "type": "mobile"}]), json!([desk, cell])),
        (json!([{"value": "2", "type": "mobile"}, {"value": "1", "type": "WORK"}]), json!([desk, cell])),
        (json!([{"value": "2", "type": "mobile", "primary": true}, {"value": "1"}]), json!([desk, cell])),
        (json!([{"value": "2"}, {"value": "1", "primary": true}]), json!([desk, cell])),
        (json!([{"value": "2", "type": "mobile"}]), json!([cell])),
        (json!([{"value": "1", "type": "home"}]), json!([desk])),
    ] {
        assert_eq!(phones(sent.clone()), written, "{sent}");
    }
}

#[test]
fn an_element_without_anything_the_target_holds_is_not_written() {
    let body = least_and("phoneNumbers", json!([{"type": "work"}]));
    assert_eq!(created(body), created(least()), "a type is no phone number");
    let body = least_and("roles", json!([{"type": "x"}, {"value": "editor"}]));
    assert_eq!(created(body)["grants"], json!(["editor"]));
}

#[test]
fn an_alias_wins_over_the_row_it_stands_for_and_an_absent_one_follows() {
    assert_eq!(created(least_and("nickName", json!("Countess")))["login"], "countess");
    let mut body = object(least_and("nickName", json!("Countess")));
    body.remove("userName");
    let error = person().created(&resource(Value::Object(body))).expect_err("no userName");
    assert_eq!(error.attribute(), Some("userName"), "what is required is named, whatever could stand for it");

    let both = |user: &str, nick: &str| {
        let mut body = ada_with("userName", json!(user));
        body["nickName"] = json!(nick);
        put(body)
    };
    assert_eq!(both("ada", "countess"), only("set", json!({"login": "countess"})), "the changed one wins");
    assert_eq!(both("countess", "ada"), only("set", json!({"login": "countess"})), "the changed one wins");
    assert_eq!(both("one", "two"), only("set", json!({"login": "two"})), "both changed: the alias");
    assert_eq!(put(ada_without("nickName")), nothing(), "an absent one follows");
    assert_eq!(put(ada_with("nickName", Value::Null)), nothing());
}

#[test]
fn what_stood_for_the_same_value_follows_what_was_changed() {
    let after = |seen: &str, nick: &str| {
        let seen = resource(ada_with("nickName", json!(seen)));
        let mut after = resource(ada_with("userName", json!("Countess")));
        after.set("nickName", json!(nick));
        person().let_follow(&seen, &mut after);
        after.text("nickName").map(str::to_owned)
    };
    assert_eq!(after("ADA", "ADA").as_deref(), Some("Countess"));
    assert_eq!(after("Lovelace", "Lovelace").as_deref(), Some("Lovelace"), "the client's own value stays");
    assert_eq!(after("ada", "other").as_deref(), Some("other"), "both were changed");
}

#[test]
fn a_put_of_what_is_there_changes_nothing() {
    assert_eq!(put(ada()), nothing());
    let mut shuffled = ada();
    shuffled["roles"] = json!([{"value": "reader"}, {"value": "editor"}]);
    shuffled["userName"] = json!("ADA");
    shuffled["nickName"] = json!("Ada");
    shuffled[OWN]["since"] = json!("2025-03-04T11:00:00+01:00");
    assert_eq!(put(shuffled), nothing(), "order, letter case and time zone the target does not keep");
}

#[test]
fn a_changed_attribute_is_all_that_is_sent() {
    assert_eq!(put(ada_with("title", json!("Countess"))), only("set", json!({"job": "Countess"})));
    let name = json!({"givenName": "Ada", "familyName": "King"});
    assert_eq!(put(ada_with("name", name)), only("set", json!({"person": {"last": "King"}})));
    let mut body = ada();
    body["emails"][0]["value"] = json!("ada@new.example");
    assert_eq!(put(body), only("set", json!({"contact": {"mail": "ada@new.example"}})));
    assert_eq!(put(ada_with("active", json!(false))), only("set", json!({"suspended": true})));
}

#[test]
fn a_changed_list_is_sent_whole() {
    let phones = json!([{"value": "+44 1", "type": "work"}, {"value": "+44 9", "type": "mobile"}]);
    assert_eq!(
        put(ada_with("phoneNumbers", phones)),
        only(
            "set",
            json!({"phones": [{"number": "+44 1", "desk": true}, {"number": "+44 9", "kind": "cell"}]})
        )
    );
}

#[test]
fn a_put_clears_what_it_omits_and_what_it_sends_empty() {
    assert_eq!(put(ada_without("title")), only("cleared", json!(["job"])));
    assert_eq!(put(ada_with("title", Value::Null)), only("cleared", json!(["job"])));
    assert_eq!(put(ada_with("title", json!(""))), only("cleared", json!(["job"])));
    assert_eq!(put(ada_without("phoneNumbers")), only("cleared", json!(["phones"])));
    assert_eq!(put(ada_without(ENTERPRISE)), only("cleared", json!(["work.unit", "work.boss.key"])));
    assert_eq!(put(ada_with("name", json!({"givenName": "Ada"}))), only("cleared", json!(["person.last"])));
}

#[test]
fn a_put_keeps_kept_rows_it_omits_and_clears_those_it_sends_empty() {
    assert_eq!(put(ada_without("members")), nothing());
    assert_eq!(put(ada_with("members", json!([]))), only("remove", json!(["p-2", "p-3"])));
    assert_eq!(put(ada_without("active")), nothing());
    assert_eq!(put(ada_with("active", Value::Null)), nothing(), "there is no third state to clear to");
    let work_only = json!([{"value": "ada@work.example", "type": "work"}]);
    assert_eq!(put(ada_with("emails", work_only)), nothing(), "a kept row about one element");
    let untyped = json!([{"value": "ada@work.example"}]);
    assert_eq!(put(ada_with("emails", untyped)), nothing(), "beside a single untyped one");
}

#[test]
fn membership_changes_by_difference() {
    let members = json!([{"value": "p-3"}, {"value": "p-4"}, {"value": "p-4"}]);
    let mut expected = only("add", json!(["p-4"]));
    expected["remove"] = json!(["p-2"]);
    assert_eq!(put(ada_with("members", members)), expected);
}

#[test]
fn what_the_target_filled_in_by_itself_counts_as_no_value() {
    let plan = person();
    let mut answer = held();
    (answer["shown"], answer["job"]) = (json!("ada"), json!("New hire of 2025"));
    let current = vendor(&answer);
    let before = plan.read(&current).unwrap();
    let difference = |name: &str| {
        let mut body = object(read_by(&plan, &answer));
        body.remove(name);
        let (after, _) = plan.replaced(&before, &entry(&plan, Value::Object(body)));
        words(&plan.difference(&current, &before, &after).unwrap())
    };
    assert_eq!(difference("displayName"), nothing(), "the same as userName");
    assert_eq!(difference("title"), nothing(), "like a pattern");
    assert_eq!(put(ada_without("displayName")), only("cleared", json!(["shown"])), "somebody set that");
}

#[test]
fn what_is_taken_at_creation_only_cannot_change_later() {
    let plan = person();
    let current = vendor(&held());
    let before = plan.read(&current).unwrap();
    let late = |name: &str, value: Value| {
        let mut after = before.clone();
        after.set(name, value);
        told(&plan.difference(&current, &before, &after).expect_err("too late"))
    };
    assert_eq!(late("userType", json!("Guest")), "mutability User: userType: is taken at creation only");
    assert_eq!(late("password", json!("x")), "mutability User: password: is taken at creation only");
    let chat = json!([{"value": "other@chat.example", "type": "xmpp"}]);
    assert_eq!(late("ims", chat), "mutability User: ims[type eq \"xmpp\"].value: is taken at creation only");
    assert_eq!(put(ada_without("userType")), nothing(), "a PUT that omits it leaves it");
    assert_eq!(put(ada_without("ims")), nothing(), "also where the row is about one element");

    let (after, ignored) = plan.replaced(&before, &entry(&plan, ada_with("password", json!("x"))));
    assert_eq!(ignored, ["password"]);
    assert!(plan.difference(&current, &before, &after).unwrap().is_empty(), "a PUT ignores it");
}

#[test]
fn what_is_only_written_goes_out_whenever_it_is_sent() {
    let mut body = ada();
    body[OWN]["pin"] = json!("4321");
    assert_eq!(put(body), only("set", json!({"pin": "4321"})));
    assert_eq!(put(ada()), nothing(), "and is left alone otherwise");
}

#[test]
fn a_required_attribute_cannot_be_cleared() {
    let plan = person();
    let current = vendor(&held());
    let before = plan.read(&current).unwrap();
    for (body, attribute) in [
        (
            ada_with("emails", json!([{"value": "ada@home.example", "type": "home"}])),
            "emails[type eq \"work\"].value",
        ),
        (ada_with("emails", json!([])), "emails[type eq \"work\"].value"),
    ] {
        let (after, _) = plan.replaced(&before, &entry(&plan, body));
        let error = plan.difference(&current, &before, &after).expect_err("required");
        assert_eq!(told(&error), format!("invalidValue User: {attribute}: is required"));
    }
}

#[test]
fn whole_holds_every_writable_field_as_it_shall_be() {
    let plan = person();
    let current = vendor(&held());
    let before = plan.read(&current).unwrap();
    let (after, _) = plan.replaced(&before, &entry(&plan, ada_with("title", json!("Countess"))));
    let difference = plan.difference(&current, &before, &after).unwrap();
    let mut expected = object(held());
    for other in ["key", "teams", "born", "reports", "seat"] {
        expected.remove(other);
    }
    expected["contact"].as_object_mut().unwrap().remove("chat");
    expected["job"] = json!("Countess");
    assert_eq!(difference.change.unwrap().whole, expected);
    assert_eq!(difference.attributes, ["title"]);
}

#[test]
fn only_settled_rows_that_were_asked_for_are_set_once_more() {
    let plan = person();
    let mut answer = held();
    (answer["locale"], answer["badge"], answer["job"]) = (Value::Null, json!("B-2"), Value::Null);
    let current = vendor(&answer);
    let created = plan.read(&current).unwrap();
    let asked = |body: Value| words(&plan.unsettled(&current, &created, &entry(&plan, body)).unwrap());
    assert_eq!(asked(ada()), only("set", json!({"locale": "en-GB", "badge": "B-1"})));
    assert_eq!(asked(least()), nothing(), "nothing was asked for");
}

#[test]
fn a_value_of_the_target_that_breaks_its_own_rules_blocks_no_other_change() {
    let plan = person();
    let mut answer = held();
    answer["login"] = json!("a".repeat(30));
    let current = vendor(&answer);
    let before = plan.read(&current).unwrap();
    let mut after = before.clone();
    after.set("title", json!("Countess"));
    assert_eq!(
        words(&plan.difference(&current, &before, &after).unwrap()),
        only("set", json!({"job": "Countess"}))
    );
}

#[test]
fn a_required_attribute_the_target_never_had_blocks_no_other_change() {
    let plan = person();
    let mut answer = held();
    answer["contact"] = json!({});
    let current = vendor(&answer);
    let before = plan.read(&current).unwrap();
    let mut after = before.clone();
    after.set("title", json!("Countess"));
    assert_eq!(
        words(&plan.difference(&current, &before, &after).unwrap()),
        only("set", json!({"job": "Countess"}))
    );
}

#[test]
fn the_target_compares_what_its_rows_say_and_nothing_that_other_elements_could_hold() {
    let plan = person();
    let condition = |text: &str| {
        let filter = support::filter(text, plan.resource_type());
        let (place, text, beside) = match &filter {
            Filter::Element(place, inner) => {
                let (leaf, text) = inner.conjuncts().iter().rev().find_map(Filter::equals_text)?;
                (Place { sub: Some(leaf.name.clone()), ..place.clone() }, text, inner.conjuncts())
            }
            simple => {
                let (place, text) = simple.equals_text()?;
                (place.clone(), text, &[][..])
            }
        };
        assert!(plan.is_mapped(&place));
        let condition = plan.condition(&place, text, beside);
        assert_eq!(plan.can_compare(&place, beside), condition.is_some());
        condition.map(|condition| format!("{}={}", condition.field, condition.value))
    };
    assert_eq!(condition("userName eq \"ADA\""), Some("login=ada".into()), "in the target's words");
    for text in ["emails[type eq \"work\"].value eq \"a@x\"", "emails[type eq \"WORK\" and value eq \"a@x\"]"]
    {
        assert_eq!(condition(text), Some("mail=a@x".into()), "{text}");
    }
    for text in [
        "nickName eq \"a\"",
        "title eq \"x\"",
        "emails.value eq \"a@x\"",
        "emails[type eq \"home\"].value eq \"a@x\"",
        "emails[value eq \"a@x\"]",
    ] {
        assert_eq!(condition(text), None, "{text} is evaluated here");
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Zé0-9 .']{0,12}"
}

proptest! {
    #[test]
    fn what_is_written_reads_back_as_it_is_written(
        login in "[a-zA-Z0-9.]{1,20}", first in prop::option::of(name()), title in prop::option::of(name()),
        active in any::<bool>(), seat in prop::sample::select(vec!["Member", "Guest"]), desk in prop::option::of("[0-9]{3,9}"),
        cell in prop::option::of("[0-9]{3,9}"), roles in prop::collection::btree_set("[a-z]{1,4}", 0..4),
        floor in prop::option::of(any::<i32>()), boss in prop::option::of("[a-z0-9-]{1,8}"),
    ) {
        let plan = person();
        let mut body = least();
        (body["userName"], body["active"], body["userType"]) = (json!(login), json!(active), json!(seat));
        (body["name"], body["title"]) = (json!({"givenName": first}), json!(title));
        let phones: Vec<Value> = [(desk, "work"), (cell, "mobile")].into_iter()
            .filter_map(|(number, kind)| Some(json!({"value": number?, "type": kind}))).collect();
        body["phoneNumbers"] = json!(phones);
        body["roles"] = roles.iter().map(|role| json!({"value": role})).collect();
        (body[OWN], body[ENTERPRISE]) = (json!({"floor": floor}), json!({"manager": boss}));

        let first_time = plan.created(&entry(&plan, body)).expect("nothing the target cannot hold").fields;
        let mut answer = first_time.clone();
        answer.insert("key".into(), json!("p-1"));
        let read = plan.read(&vendor(&Value::Object(answer.clone()))).expect("an answer");
        let again = plan.created(&entry(&plan, document(&read))).expect("as good as before").fields;
        prop_assert_eq!(&first_time, &again, "written, read and written");

        let current = vendor(&Value::Object(answer));
        let (after, _) = plan.replaced(&read, &entry(&plan, document(&read)));
        prop_assert!(plan.difference(&current, &read, &after).expect("no refusal").is_empty(), "no difference to itself");
    }

    #[test]
    fn the_difference_brings_the_target_to_what_was_asked_for(
        title in prop::option::of(name()), last in prop::option::of(name()), active in any::<bool>(),
        cell in prop::option::of("[0-9]{3,9}"), floor in prop::option::of(any::<i32>()),
    ) {
        let plan = person();
        let mut body = ada();
        (body["title"], body["name"]["familyName"], body["active"]) = (json!(title), json!(last), json!(active));
        body[OWN]["floor"] = json!(floor);
        if let Some(cell) = &cell {
            body["phoneNumbers"][1]["value"] = json!(cell);
        }
        let current = vendor(&held());
        let before = plan.read(&current).expect("Ada");
        let (after, _) = plan.replaced(&before, &entry(&plan, body.clone()));
        let difference = plan.difference(&current, &before, &after).expect("no refusal");
        let mut target = object(held());
        if let Some(change) = &difference.change {
            for (name, value) in &change.set {
                match (target.get_mut(name), value) {
                    (Some(Value::Object(held)), Value::Object(set)) => held.extend(set.clone()),
                    _ => { target.insert(name.clone(), value.clone()); }
                }
            }
            for path in &change.cleared {
                path.put(&mut target, Value::Null);
            }
        }
        let now = vendor(&Value::Object(target));
        let settled = plan.read(&now).expect("Ada");
        let (wanted, _) = plan.replaced(&settled, &entry(&plan, body));
        prop_assert!(plan.difference(&now, &settled, &wanted).expect("no refusal").is_empty(), "a second PUT changes nothing");
    }
}

#[test]
fn kinds_of_refusal_are_bad_values_not_faults_of_the_host() {
    let plan = person();
    let error = plan.created(&entry(&plan, json!({}))).expect_err("nothing there");
    assert_eq!(error.kind(), Kind::InvalidValue);
}
