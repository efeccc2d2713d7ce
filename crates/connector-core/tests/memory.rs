//! What is remembered of what a client wrote, and what is not: never what the target says, nor what it holds nothing of.

#![allow(clippy::needless_pass_by_value, reason = "documents are written where they are used")]

mod support;

use std::collections::BTreeMap;

use connector_core::{
    ledger::{Kept, Memory},
    mapping::{
        Filled, Mark, Plan, Slot, Table,
        Transform::{BySlot, First, Lowercase},
        both, list, read,
    },
    scim::{Resource, Type},
};
use serde_json::{Value, json};
use support::{ENTERPRISE, OWN, USER, plan, resource, vendor};

/// A person of this manager, as the target holds it.
fn led_by(boss: &Value) -> Value {
    json!({"key": "p-1", "login": "ada", "work": {"boss": boss}})
}

#[test]
fn the_name_of_an_earlier_manager_is_not_remembered_for_the_new_one() {
    let plan = plan(&USER);
    let read = |boss: Value| plan.read(&vendor(&led_by(&boss))).expect("readable");
    let before = read(json!({"key": "p-2", "label": "Grace"}));
    let mut asked = before.clone();
    asked.set_attribute(Some(ENTERPRISE), "manager", json!({"value": "p-3", "displayName": "Grace"}));
    // A target that names the new one, and one that does not.
    for now in [json!({"key": "p-3", "label": "Joan"}), json!({"key": "p-3"})] {
        let now = read(now);
        assert!(plan.memory(&asked, Some(&before), &now, &Memory::default()).is_empty(), "{now:?}");
    }
}

const PHONES: &[Slot] = &[
    Slot {
        scim: &[("type", Mark::Word("work"))],
        read: &[("kind", Mark::Word("desk"))],
        write: &[("kind", Mark::Word("desk"))],
    },
    Slot {
        scim: &[("type", Mark::Word("mobile"))],
        read: &[("kind", Mark::Word("cell"))],
        write: &[("kind", Mark::Word("cell"))],
    },
];
const PICTURE: &[Slot] = &[Slot { scim: &[("type", Mark::Word("photo"))], read: &[], write: &[] }];

/// A target that rewrites and fills in.
#[rustfmt::skip]
const PERSON: Table = Table::core_user(&[
    read("id",              "id").required(),
    both("userName",        "login").required().via(Lowercase),
    both("nickName",        "login").via(Lowercase).alias_of("userName"),
    both("displayName",     "shown").filled(&[Filled::SameAs("userName")]),
    both("name.givenName",  "first"),
    both("name.familyName", "last"),
    both("name.middleName", "middle"),
    both("name.honorificPrefix", "before"),
    list("emails",          "mails", &[both("value", "value"), both("type", "type")]),
    list("phoneNumbers",    "phones", &[both("value", "number"), both("type", "kind").via(BySlot)]).slots(PHONES),
    list("photos",          "pictures", &[both("value", "value"), both("type", "type").via(BySlot)])
        .slots(PICTURE).filled(&[Filled::Like("https://avatar.example/*")]),
    list("addresses",       "places", &[both("locality", "city"), both("region", "state"), both("type", "type").via(BySlot)]).slots(PICTURE),
    both("ims[type eq \"xmpp\"].value", "jabber"),
    both("ims[type eq \"aim\"].value",  "aim"),
    list("urn:example:2.0:User:admins", "admins", &[
        both("value",   "id").typed(Type::String, "The id."),
        read("display", "name").typed(Type::String, "The name."),
    ]).typed(Type::Complex, "Who decides."),
]);

/// A target whose user names are the first of its addresses.
#[rustfmt::skip]
const ADDRESSED: Table = Table::core_user(&[
    read("id",       "id").required(),
    both("userName", "mails").required().via(First),
    list("emails",   "mails", &[both("value", "."), both("type", "t").via(BySlot), both("primary", "p").via(BySlot)]).slots(MAIL).alias_of("userName"),
]);
const MAIL: &[Slot] =
    &[Slot { scim: &[("type", Mark::Word("work")), ("primary", Mark::Is(true))], read: &[], write: &[] }];

fn held_as(plan: &Plan, target: Value) -> Resource {
    plan.read(&vendor(&target)).expect("readable")
}

fn person(more: Value) -> Resource {
    let mut target = support::object(json!({"id": "1", "login": "ada"}));
    target.extend(support::object(more));
    held_as(&plan(&PERSON), Value::Object(target))
}

/// What a client that asked for `asked` sees, once memory alone speaks: what is believed for a minute is over.
fn seen(asked: Value, before: Option<&Resource>, held: &Resource, previous: &Memory) -> Value {
    let mut memory = plan(&PERSON).memory(&resource(asked), before, held, previous);
    memory.0.retain(|_, kept| kept.until.is_none());
    support::document(&memory.over(held.clone()))
}

#[test]
fn what_stood_for_one_value_follows_though_it_is_remembered() {
    let plan = plan(&PERSON);
    let (old, new) = (person(json!({"login": "ada.b"})), person(json!({"login": "ada.king"})));
    let kept = |held: &str| Kept { sent: "Ada.B".into(), held: held.into(), until: None, beside: None };
    let paths = ["userName", "nickName"];
    let memory = Memory(BTreeMap::from(paths.map(|path| (path.to_owned(), kept("ada.b")))));
    let seen = memory.over(old.clone());
    let mut after = seen.clone();
    after.set("userName", json!("Ada.King"));
    plan.let_follow(&seen, &mut after);
    assert_eq!(after.text("nickName"), Some("Ada.King"));
    let memory = plan.memory(&after, Some(&old), &new, &memory);
    assert_eq!(memory.over(new).text("nickName"), Some("Ada.King"));

    // What a client wrote otherwise stays its own.
    let mut apart = seen.clone();
    apart.set("nickName", json!("Countess"));
    let mut after = apart.clone();
    after.set("userName", json!("Ada.King"));
    plan.let_follow(&apart, &mut after);
    assert_eq!(after.text("nickName"), Some("Countess"));
}

#[test]
fn an_address_that_is_the_user_name_follows_it_and_keeps_its_own_form() {
    let plan = plan(&ADDRESSED);
    let held = |mail: &str| held_as(&plan, json!({"id": "1", "mails": [mail]}));
    let asked = resource(json!({"userName": "t@x", "emails": [{"value": "T@x", "type": "work"}]}));
    let memory = plan.memory(&asked, None, &held("t@x"), &Memory::default());
    let seen = memory.over(held("t@x"));
    assert_eq!(seen.get("emails"), asked.get("emails"));
    let mut after = seen.clone();
    after.set("userName", json!("b@x"));
    plan.let_follow(&seen, &mut after);
    let memory = plan.memory(&after, Some(&held("t@x")), &held("b@x"), &memory);
    let seen = memory.over(held("b@x"));
    assert_eq!(seen.get("emails"), Some(&json!([{"value": "b@x", "type": "work"}])));
}

#[test]
fn a_part_the_target_holds_nothing_of_is_not_remembered() {
    let before = person(json!({"first": "Ada", "last": "L"}));
    let held = person(json!({"first": "Ada", "middle": "M"}));
    let name = json!({"givenName": "Ada", "middleName": "M", "honorificPrefix": "Dr."});
    let seen = seen(json!({"name": name}), Some(&before), &held, &Memory::default());
    assert_eq!(seen["name"], json!({"givenName": "Ada", "middleName": "M"}));
}

#[test]
fn a_part_that_was_rewritten_stays_as_it_was_written_beside_one_that_is_refused() {
    let (first, then) = (person(json!({"first": "Ada"})), person(json!({"first": "Ada", "last": "L"})));
    let asked = json!({"name": {"givenName": "ADA!"}});
    let memory = plan(&PERSON).memory(&resource(asked), None, &first, &Memory::default());
    let asked = json!({"name": {"givenName": "ADA!", "familyName": "l.", "middleName": "M"}});
    let seen = seen(asked, Some(&first), &then, &memory);
    assert_eq!(seen["name"], json!({"givenName": "ADA!", "familyName": "l."}));
}

#[test]
fn an_element_the_target_holds_nothing_of_is_not_remembered() {
    let held = person(json!({"mails": [{"value": "a@x", "type": "work"}]}));
    let (a, b) = (json!({"value": "A@x", "type": "work"}), json!({"value": "b@x", "type": "home"}));
    let created = seen(json!({"emails": [a, b]}), None, &held, &Memory::default());
    assert_eq!(created["emails"], json!([a]));
    let before =
        person(json!({"mails": [{"value": "a@x", "type": "work"}, {"value": "c@x", "type": "home"}]}));
    let replaced = seen(json!({"emails": [a, b]}), Some(&before), &held, &Memory::default());
    assert_eq!(replaced["emails"], json!([a]));
    let refused = seen(json!({"emails": [{"value": "d@x"}, b]}), Some(&held), &before, &Memory::default());
    assert_eq!(
        refused["emails"],
        json!([b, {"value": "a@x", "type": "work"}]),
        "c@x was made of it, and a@x stayed"
    );
}

#[test]
fn elements_that_were_rewritten_stay_as_they_were_written() {
    let held = |mobile: Value| {
        person(json!({"phones": [{"number": "+441", "kind": "desk"}, {"number": mobile, "kind": "cell"}]}))
    };
    let numbers =
        |mobile: &str| json!([{"value": mobile, "type": "mobile"}, {"value": "+44 (1)", "type": "work"}]);
    let (first, then) = (held(json!("+442")), held(json!("+443")));
    let asked = resource(json!({"phoneNumbers": numbers("+44 (2)")}));
    let memory = plan(&PERSON).memory(&asked, None, &first, &Memory::default());
    assert_eq!(memory.over(first.clone()).get("phoneNumbers"), Some(&numbers("+44 (2)")));
    // One of them is changed: the other is still what was made of the client's.
    let changed = seen(json!({"phoneNumbers": numbers("+44 (3)")}), Some(&first), &then, &memory);
    assert_eq!(changed["phoneNumbers"], numbers("+44 (3)"));
    // One is refused.
    let then = person(json!({"phones": [{"number": "+441", "kind": "desk"}]}));
    let refused = seen(json!({"phoneNumbers": numbers("no number")}), Some(&first), &then, &memory);
    assert_eq!(refused["phoneNumbers"], json!([{"value": "+44 (1)", "type": "work"}]));
}

#[test]
fn parts_of_elements_are_taken_one_by_one() {
    let held = |city: &str| person(json!({"places": [{"city": city, "state": "GB"}]}));
    let asked = json!({"addresses": [{"locality": "Londinium", "region": "XX", "type": "home"}]});
    let changed = seen(asked, Some(&held("Paris")), &held("London"), &Memory::default());
    assert_eq!(changed["addresses"], json!([{"locality": "Londinium", "region": "GB", "type": "home"}]));
    let asked = json!({"addresses": [{"locality": "London", "region": "XX", "type": "home"}]});
    let stateless = person(json!({"places": [{"city": "London"}]}));
    let created = seen(asked, None, &stateless, &Memory::default());
    assert_eq!(created["addresses"], json!([{"locality": "London", "type": "home"}]));
}

#[test]
fn elements_of_rows_of_their_own_are_judged_each_alone() {
    let held = person(json!({"jabber": "ada@chat"}));
    let asked = json!({"ims": [{"value": "Ada@Chat", "type": "xmpp"}, {"value": "ada", "type": "aim"}]});
    let created = seen(asked, None, &held, &Memory::default());
    assert_eq!(created["ims"], json!([{"value": "Ada@Chat", "type": "xmpp"}]));
}

#[test]
fn what_the_target_filled_in_is_nothing_it_made_of_a_clients_value() {
    let avatar = json!([{"value": "https://avatar.example/1"}]);
    let held = person(json!({"pictures": avatar, "shown": "ada"}));
    let asked = json!({"photos": [{"value": "https://ada.example/", "type": "photo"}], "displayName": "Ada Lovelace"});
    let created = seen(asked, None, &held, &Memory::default());
    assert_eq!(created["photos"], json!([{"value": "https://avatar.example/1", "type": "photo"}]));
    assert_eq!(created["displayName"], "ada");
    // What only reads otherwise is the client's all the same.
    let created = seen(json!({"displayName": "ADA"}), None, &held, &Memory::default());
    assert_eq!(created["displayName"], "ADA");
}

#[test]
fn what_only_the_target_says_of_an_element_is_not_remembered_without_it() {
    let held = person(json!({"admins": [{"id": "1", "name": "Ada"}, {"id": "2", "name": "Joan"}]}));
    let admins = |value: Value| json!({OWN: {"admins": value}});
    let asked = admins(json!([{"value": "1"}, {"value": "2", "display": "Grace"}]));
    let memory = plan(&PERSON).memory(&resource(asked), None, &held, &Memory::default());
    assert!(memory.is_empty(), "{memory:?}");
    let created = seen(
        admins(json!([{"value": "1"}, {"value": "3", "display": "Grace"}])),
        Some(&held),
        &held,
        &Memory::default(),
    );
    assert_eq!(
        created[OWN]["admins"],
        json!([{"value": "1", "display": "Ada"}, {"value": "2", "display": "Joan"}])
    );
}

#[test]
fn an_element_that_the_target_replaced_by_itself_is_not_the_clients() {
    let held = |ids: Value| person(json!({ "admins": ids }));
    let before = held(json!([{"id": "1", "name": "Ada"}]));
    let left = json!([{"value": "1", "display": "Ada"}]);
    let now = held(json!([{"id": "2", "name": "Joan"}]));
    let alone = seen(json!({OWN: {"admins": left}}), Some(&before), &now, &Memory::default());
    assert_eq!(alone[OWN]["admins"], json!([{"value": "2", "display": "Joan"}]));
    let now = held(json!([{"id": "2", "name": "Joan"}, {"id": "3", "name": "Bo"}]));
    let asked = json!({OWN: {"admins": [left[0], {"value": "3"}]}});
    let beside = seen(asked, Some(&before), &now, &Memory::default());
    assert_eq!(beside[OWN]["admins"], json!([{"value": "3", "display": "Bo"}]));
}
