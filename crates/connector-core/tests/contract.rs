//! What each change of a table means to clients: a sentence per rule, and what breaks them.

use connector_core::{
    contract::{Attribute, Contract, Credential, Effect, Parameter, Unmapped, Way, changes},
    scim::Type,
};
use serde_json::json;

fn contract() -> Contract {
    Contract::from_json(&document().to_string()).expect("a contract")
}

fn document() -> serde_json::Value {
    json!({
        "connector": "example",
        "version": {"major": 1, "minor": 0},
        "resources": [{
            "resource": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
            "create": true, "change": true, "delete": true, "soft_delete": false, "members": false,
            "attributes": [
                {"scim": "id", "target": "id", "way": "read", "required": true},
                {"scim": "userName", "target": "login", "way": "both", "required": true, "filter": "login"},
                {"scim": "nickName", "target": "nick", "way": "both"},
                {"scim": "userType", "target": "seat", "way": "create", "transform": "words",
                 "words": [["Member", "full"], ["Guest", "guest"]]},
                {"scim": "emails", "target": "mails", "way": "both", "places": ["type=work", "type=home"],
                 "elements": [{"scim": "value", "target": "address", "way": "both"}]},
                {"scim": "urn:example:User:seats", "target": "seats", "way": "both", "type": "integer", "max_chars": 80},
            ],
            "unmapped": [{"scim": "title", "reason": "no such field"}],
        }],
        "parameters": [{"name": "style", "takes": "word", "words": ["old", "new"], "built": true}],
        "credentials": [{"key": "access_token"}, {"key": "oauth", "scopes": ["read"]}],
        "hosts": ["api.example.com"],
    })
}

fn attribute(scim: &str, way: Way) -> Attribute {
    let text = json!({"scim": scim, "target": "field", "way": way});
    serde_json::from_value(text).expect("an attribute")
}

/// The attribute at this place of the list above.
fn at<'c>(contract: &'c mut Contract, scim: &str) -> &'c mut Attribute {
    contract.resources[0].attributes.iter_mut().find(|attribute| attribute.scim == scim).expect("it is there")
}

/// What one edit means.
fn told(edit: impl Fn(&mut Contract)) -> Vec<String> {
    let mut after = contract();
    edit(&mut after);
    changes(&contract(), &after).iter().map(|change| change.to_string().trim_end().to_owned()).collect()
}

/// The rules: an edit of the contract, and the sentence about it.
#[test]
fn each_change_is_told_in_a_sentence() {
    type Rule = (fn(&mut Contract), &'static str);
    #[rustfmt::skip]
    let rules: &[Rule] = &[
        // Which way it goes.
        (|c| at(c, "nickName").way = Way::Read,   "BREAKS   `nickName`: was written, is now only read: clients can no longer set it"),
        (|c| at(c, "nickName").way = Way::Create, "BREAKS   `nickName`: was written, is now written at creation only: clients can no longer change it after creation"),
        (|c| at(c, "nickName").way = Way::Write,  "BREAKS   `nickName`: was written, is now written and never read: clients can no longer read it"),
        (|c| at(c, "userType").way = Way::Both,   "careful  `userType`: was written at creation only, is now written: clients can now change it after creation; a PUT that leaves it out clears it in the target"),
        (|c| at(c, "userType").way = Way::WriteAtCreation, "BREAKS   `userType`: was written at creation only, is now written at creation only and never read: clients can no longer read it"),

        // What is there.
        (|c| c.resources[0].attributes.push(attribute("locale", Way::Read)), "         `locale`: is new: clients can read it"),
        (|c| c.resources[0].attributes.push(attribute("title", Way::Both)),  "careful  `title`: is now mapped: clients can read and set it; a PUT that leaves it out clears it in the target"),
        (|c| c.resources[0].attributes.push(Attribute { kept: true, ..attribute("title", Way::Both) }), "         `title`: is now mapped: clients can read and set it"),
        (|c| c.resources[0].attributes.push(Attribute { required: true, ..attribute("title", Way::Both) }), "BREAKS   `title`: is now mapped: clients can read and set it, and must: who leaves it out is refused"),
        (|c| drop(c.resources[0].attributes.remove(2)), "BREAKS   `nickName`: is gone: clients can no longer read and set it"),
        (|c| { c.resources[0].attributes.remove(2); c.resources[0].unmapped.push(Unmapped { scim: "nickName".into(), reason: "the vendor dropped it".into() }); },
                                                  "BREAKS   `nickName`: is no longer mapped (the vendor dropped it): clients can no longer read and set it"),
        (|c| at(c, "emails").elements.push(attribute("display", Way::Read)), "         `emails.display`: is new: clients can read it"),
        (|c| at(c, "emails").elements[0].way = Way::Read, "BREAKS   `emails.value`: was written, is now only read: clients can no longer set it"),

        // What it must be.
        (|c| at(c, "nickName").required = true,   "BREAKS   `nickName`: was optional, is now required: who leaves it out is refused"),
        (|c| at(c, "userName").required = false,  "         `userName`: was required, is now optional"),
        (|c| at(c, "id").required = false,        "         `id`: may now be missing in the target's answers"),
        (|c| at(c, "urn:example:User:seats").kind = Some(Type::String), "BREAKS   `urn:example:User:seats`: its type was `integer`, is now `string`"),
        (|c| at(c, "urn:example:User:seats").max_chars = Some(40),      "BREAKS   `urn:example:User:seats`: takes at most 40 characters now: longer values are refused"),
        (|c| at(c, "urn:example:User:seats").max_chars = Some(99),      "         `urn:example:User:seats`: takes up to 99 characters now"),
        (|c| at(c, "urn:example:User:seats").max_chars = None,          "         `urn:example:User:seats`: takes any number of characters now"),

        // Where it is, and how it gets there.
        (|c| at(c, "nickName").target = "alias".into(),        "BREAKS   `nickName`: was `nick` in the target, is now `alias`: it holds other values"),
        (|c| at(c, "nickName").transform = "lowercase".into(), "BREAKS   `nickName`: its values were converted by `copy`, are now by `lowercase`: they read and write differently"),
        (|c| at(c, "userType").words.push(("Owner".into(), "owner".into())), "         `userType`: takes further words: Owner=owner"),
        (|c| drop(at(c, "userType").words.pop()),              "BREAKS   `userType`: no longer takes and gives the words Guest=guest"),
        (|c| at(c, "userType").words[1].1 = "visitor".into(),  "BREAKS   `userType`: instead of the words Guest=guest, takes and gives Guest=visitor"),
        (|c| at(c, "userType").words.reverse(),                "careful  `userType`: of words that stand for the same, another comes first"),

        // What else is done with it.
        (|c| at(c, "nickName").kept = true,       "BREAKS   `nickName`: a PUT that leaves it out no longer clears it"),
        (|c| at(c, "nickName").on_request = true, "BREAKS   `nickName`: is read only when a client asks for it by name"),
        (|c| at(c, "nickName").alias_of = Some("userName".into()), "BREAKS   `nickName`: stood for itself alone, stands now for the value of `userName`"),
        (|c| at(c, "nickName").also_from = Some("groups".into()),  "         `nickName`: is now also taken from `groups`"),
        (|c| at(c, "nickName").unmarked = true,   "         `nickName`: an element without its mark is now taken for it"),
        (|c| at(c, "nickName").read_apart = true, "         `nickName`: takes calls of its own now"),
        (|c| at(c, "nickName").ambiguous_beside = Some("active".into()), "         `nickName`: what was written is now remembered beside active"),
        (|c| at(c, "nickName").granted = true,    "careful  `nickName`: the target now decides about its elements"),
        (|c| at(c, "nickName").apart = true,      "         `nickName`: members of a new object are now added by calls after the creation"),
        (|c| at(c, "id").computed = true,         "         `id`: a PATCH that names it is now ignored instead of refused"),
        (|c| at(c, "nickName").open = true,       "         `nickName`: a dry run now shows its value"),
        (|c| at(c, "nickName").settled = true,    "         `nickName`: is now compared after creation and set once more"),
        (|c| at(c, "nickName").filled = vec!["as userName".into()], "careful  `nickName`: values the target fills in by itself, which count as no value, are now: as userName"),
        (|c| at(c, "userName").filter = None,     "         `userName`: filters on it are now answered by the gateway, which reads the whole list for them"),
        (|c| at(c, "nickName").filter = Some("nick".into()), "         `nickName`: filters on it are now answered by the target"),
        (|c| drop(at(c, "emails").places.pop()),  "BREAKS   `emails`: held 2 elements, holds now one element: further ones are refused"),
        (|c| at(c, "emails").places.push("type=other".into()), "         `emails`: held 2 elements, holds now 3 elements"),
        (|c| at(c, "emails").places.clear(),      "         `emails`: held 2 elements, holds now any number of elements"),
        (|c| at(c, "emails").places.reverse(),    "BREAKS   `emails`: another element goes into each of its places: type=home; type=work"),
        (|c| at(c, "emails").leading = true,      "careful  `emails`: the first place always has an element now"),

        // Resource types.
        (|c| drop(c.resources.pop()),             "BREAKS   User (`/Users`) is gone, with all its attributes"),
        (|c| c.resources.push(connector_core::contract::Type { resource: "Role".into(), endpoint: "/Roles".into(), ..c.resources[0].clone() }), "         Role (`/Roles`) is new"),
        (|c| c.resources[0].endpoint = "/People".into(), "BREAKS   the path was `/Users`, is now `/People`"),
        (|c| c.resources[0].schema = "urn:example:User".into(), "BREAKS   the schema was `urn:ietf:params:scim:schemas:core:2.0:User`, is now `urn:example:User`"),
        (|c| c.resources[0].create = false,       "BREAKS   objects can no longer be created"),
        (|c| c.resources[0].change = false,       "BREAKS   objects can no longer be changed"),
        (|c| c.resources[0].delete = false,       "BREAKS   objects can no longer be deleted"),
        (|c| c.resources[0].members = true,       "         objects can now be given and taken members one by one"),
        (|c| c.resources[0].soft_delete = true,   "BREAKS   DELETE removed for good, now only deactivates"),

        // What is declared as a whole.
        (|c| drop(c.parameters.pop()),            "BREAKS   the key `style` is gone: an instance that has it does not start"),
        (|c| c.parameters.push(Parameter { name: "more".into(), ..c.parameters[0].clone() }), "         instances can now have the key `more`"),
        (|c| c.parameters[0].takes = "text".into(), "BREAKS   the key `style` took a word, takes now a text"),
        (|c| c.parameters.push(Parameter { name: "more".into(), takes: "needed url".into(), ..c.parameters[0].clone() }), "BREAKS   instances must now have the key `more`"),
        (|c| drop(c.parameters[0].words.pop()),   "BREAKS   the key `style` no longer takes \"new\""),
        (|c| c.parameters[0].words.push("newest".into()), "         the key `style` now takes \"newest\""),
        (|c| c.parameters[0].built = false,       "BREAKS   the key `style` has no feature any more: setting it stops the start"),
        (|c| drop(c.credentials.pop()),           "BREAKS   the credential `oauth` is gone: an instance that has it does not start"),
        (|c| c.credentials.push(Credential { key: "api_key".into(), scopes: vec![] }), "         instances can now have the credential `api_key`"),
        (|c| c.credentials[1].scopes.push("write".into()), "careful  `oauth` now asks for the scope `write`, which consents given before do not have"),
        (|c| drop(c.credentials[1].scopes.pop()), "         `oauth` no longer asks for the scope `read`"),
        (|c| c.hosts.push("id.example.com".into()), "careful  `id.example.com` is now called: firewalls must let it through"),
        (|c| drop(c.hosts.pop()),                 "         `api.example.com` is no longer called"),
    ];
    for (edit, sentence) in rules {
        assert_eq!(told(edit), [*sentence]);
    }
}

#[test]
fn a_contract_does_not_differ_from_itself_nor_by_version_and_reasons() {
    assert!(told(|_| {}).is_empty());
    assert!(told(|c| c.version.minor = 7).is_empty());
    assert!(told(|c| c.resources[0].unmapped[0].reason = "for another reason".into()).is_empty());
}

const WAYS: [Way; 5] = [Way::Both, Way::Read, Way::Create, Way::Write, Way::WriteAtCreation];

/// What clients can do: read it, set it at creation, change it.
fn abilities(way: Way) -> [bool; 3] {
    match way {
        Way::Both => [true, true, true],
        Way::Read => [true, false, false],
        Way::Create => [true, true, false],
        Way::Write => [false, true, true],
        Way::WriteAtCreation => [false, true, false],
    }
}

#[test]
fn a_direction_breaks_clients_exactly_when_it_takes_something_from_them() {
    for before in WAYS {
        for after in WAYS {
            let (mut old, mut new) = (contract(), contract());
            at(&mut old, "nickName").way = before;
            at(&mut new, "nickName").way = after;
            let told = changes(&old, &new);
            let lost = abilities(before).iter().zip(abilities(after)).any(|(had, has)| *had && !has);
            let breaks = told.iter().any(|change| change.effect == Effect::Breaks);
            assert_eq!(breaks, lost, "{before:?} to {after:?}: {told:?}");
            assert_eq!(told.is_empty(), before == after, "{before:?} to {after:?}");
        }
    }
}

#[test]
fn a_lost_attribute_always_breaks_and_a_new_one_only_when_it_is_demanded_of_clients_there_are() {
    for way in WAYS {
        for (required, served) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut old = contract();
            (old.resources[0].create, old.resources[0].change) = (served, served);
            let mut new = old.clone();
            new.resources[0].attributes.push(Attribute { required, ..attribute("title", way) });
            let breaks = |told: Vec<connector_core::contract::Change>| {
                assert_eq!(told.len(), 1, "{told:?}");
                told[0].effect == Effect::Breaks
            };
            assert!(breaks(changes(&new, &old)), "{way:?} lost");
            let demanded = required && served && way != Way::Read;
            assert_eq!(
                breaks(changes(&old, &new)),
                demanded,
                "{way:?}, required {required}, served {served}"
            );
        }
    }
}

#[test]
fn a_type_that_could_not_be_written_may_demand_what_it_likes_when_it_can() {
    let mut old = contract();
    (old.resources[0].create, old.resources[0].change) = (false, false);
    for attribute in &mut old.resources[0].attributes {
        (attribute.way, attribute.required) = (Way::Read, false);
    }
    let told = changes(&old, &contract());
    assert!(told.iter().all(|change| change.effect == Effect::Fine), "{told:?}");
}

#[test]
fn a_contract_comes_back_as_it_was_committed_one_attribute_a_line() {
    let text = contract().to_json();
    assert_eq!(Contract::from_json(&text).unwrap(), contract());
    assert!(
        text.lines().any(|line| line.trim() == r#"{"scim":"nickName","target":"nick","way":"both"},"#),
        "{text}"
    );
    assert!(Contract::from_json("{}").unwrap_err().contains("missing field"));
}

#[test]
fn what_an_instance_switched_off_is_no_part_of_what_it_promises() {
    let off = ["NICKNAME", "emails.value", "urn:example:User:seats"].map(str::to_owned);
    let left = told(|contract| contract.resources[0].leave_out(&off));
    assert_eq!(
        left,
        [
            "BREAKS   `emails.value`: is gone: clients can no longer read and set it",
            "BREAKS   `nickName`: is gone: clients can no longer read and set it",
            "BREAKS   `urn:example:User:seats`: is gone: clients can no longer read and set it",
        ]
    );
}
