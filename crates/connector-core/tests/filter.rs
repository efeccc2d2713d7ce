//! The filter grammar: what is read, what it means, what is refused.

mod support;

use std::sync::LazyLock;

use connector_core::{
    complete::Sort,
    error::Kind,
    scim::{Filter, MAX_DEPTH, MAX_LENGTH, ResourceType},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{ENTERPRISE, GROUP, OWN, USER, filter, person::person, plan, resource};

static RTYPE: LazyLock<ResourceType> = LazyLock::new(|| plan(&USER).resource_type().clone());

/// The canonical form of a filter: what the parser understood.
fn understood(text: &str) -> String {
    filter(text, &RTYPE).to_string()
}

fn refusal(text: &str) -> String {
    let error = Filter::parse(text, &RTYPE).expect_err(text);
    assert_eq!(error.kind(), Kind::InvalidFilter, "{text:?}: {error}");
    error.to_string()
}

fn ada() -> Value {
    json!({
        "id": "U1", "externalId": "Ext-1", "userName": "Ada.L@halden.example", "displayName": "Ada L", "active": true,
        "name": {"familyName": "Lovelace"},
        "emails": [{"value": "ada@work.example", "type": "work", "primary": true},
                   {"value": "ada@home.example", "type": "home"}],
        "roles": [{"value": "Editor"}],
        ENTERPRISE: {"department": "Grid Ops", "manager": {"value": "U2"}},
        OWN: {"floor": 3, "share": 0.5, "since": "2025-03-04T10:00:00Z", "remote": false},
        "meta": {"resourceType": "User", "created": "2026-01-02T03:04:05Z"},
    })
}

fn finds(text: &str) -> bool {
    filter(text, &RTYPE).matches(&resource(ada()))
}

#[test]
fn and_binds_closer_than_or_and_brackets_closer_than_both() {
    assert_eq!(
        understood("title eq \"a\" or title eq \"b\" and title eq \"c\""),
        r#"title eq "a" or (title eq "b" and title eq "c")"#
    );
    assert_eq!(
        understood("(title eq \"a\" or title eq \"b\") and title eq \"c\""),
        r#"(title eq "a" or title eq "b") and title eq "c""#
    );
    assert_eq!(
        understood("not (title pr) and not(active eq true) or userName pr"),
        "(not (title pr) and not (active eq true)) or userName pr"
    );
    assert_eq!(understood("((((title pr))))"), "title pr");
}

#[test]
fn operators_words_names_and_urns_have_no_letter_case() {
    assert_eq!(understood("USERNAME Eq \"x\" AND Not (TITLE PR)"), r#"userName eq "x" and not (title pr)"#);
    assert_eq!(understood("Emails[TYPE EQ \"work\"]"), r#"emails[type eq "work"]"#);
    assert_eq!(
        understood(&format!("{}:DEPARTMENT eq \"x\"", ENTERPRISE.to_uppercase())),
        format!("{ENTERPRISE}:department eq \"x\"")
    );
    assert!(finds("username Eq \"ADA.L@HALDEN.EXAMPLE\""), "P-01, O-14");
}

#[test]
fn values_compare_with_or_without_letter_case_as_the_schema_says() {
    assert!(finds("displayName eq \"ADA l\"") && finds("emails.value sw \"ADA@\""));
    assert!(finds("externalId eq \"Ext-1\"") && !finds("externalId eq \"ext-1\""));
    assert!(finds("id eq \"U1\"") && !finds("id eq \"u1\""));
}

#[test]
fn every_operator_on_text() {
    for yes in [
        "name.familyName eq \"lovelace\"",
        "name.familyName ne \"Hopper\"",
        "name.familyName co \"VELA\"",
        "name.familyName sw \"love\"",
        "name.familyName ew \"LACE\"",
        "name.familyName gt \"Lovelab\"",
        "name.familyName ge \"Lovelace\"",
        "name.familyName lt \"Lovelad\"",
        "name.familyName le \"Lovelace\"",
        "name.familyName pr",
        "name pr",
    ] {
        assert!(finds(yes), "{yes}");
        assert!(!finds(&format!("not ({yes})")), "not ({yes})");
    }
    for no in
        ["name.familyName gt \"Lovelace\"", "name.familyName lt \"Lovelace\"", "title pr", "title eq \"\""]
    {
        assert!(!finds(no), "{no}");
    }
    assert!(finds("title ne \"Analyst\""), "an attribute without a value differs from every value");
    assert!(finds("title eq null") && finds("userName ne null") && !finds("userName eq null"));
}

#[test]
fn numbers_booleans_and_dates_compare_by_value() {
    let own = |rest: &str| finds(&format!("{OWN}:{rest}"));
    assert!(own("floor eq 3") && own("floor eq 3.0") && own("floor gt 2") && own("floor le \"3\""));
    assert!(own("share lt 1") && own("share ge 5e-1") && !own("share gt 0.5"));
    assert!(own("remote eq false") && own("remote eq \"False\"") && own("remote ne TRUE"));
    assert!(own("since eq \"2025-03-04T11:00:00+01:00\""), "the same instant in another zone");
    assert!(own("since gt 2025-03-04T09:59:59.9999999Z") && own("since lt \"2025-03-05\""));
    assert!(own("since sw \"2025-03\""), "as text");
}

#[test]
fn mp_65_a_date_with_seven_fraction_digits_and_an_offset() {
    assert!(finds("meta.Created gt \"2026-01-01T00:00:00.1234567+00:00\""));
    assert!(!finds("meta.Created gt 2026-01-02T04:04:05.0000001+01:00"));
}

#[test]
fn e_15_sloppy_filters() {
    assert_eq!(understood("externalId eq aokafor"), r#"externalId eq "aokafor""#);
    assert_eq!(
        understood(
            "name.FamilyName eq Okafor and (emails.Value co halden.example or emails.Value co lind.example)"
        ),
        r#"name.familyName eq "Okafor" and (emails.value co "halden.example" or emails.value co "lind.example")"#
    );
    assert_eq!(understood("DisplayName eq \"Amara Okafor\""), r#"displayName eq "Amara Okafor""#);
    assert_eq!(understood("  title   eq   x  "), r#"title eq "x""#);
}

#[test]
fn e_14_e_15_a_bracket_filter_followed_by_a_comparison_means_one_element() {
    let canonical = r#"emails[type eq "work" and value eq "a@x"]"#;
    for text in [
        r#"emails[type eq "work"].value eq "a@x""#,
        r#"emails[type eq "work"] eq "a@x""#,
        r#"emails[type eq "work" and value eq "a@x"]"#,
    ] {
        assert_eq!(understood(text), canonical, "{text}");
    }
    assert!(finds(r#"emails[type eq "work"].value eq "ada@work.example""#));
    assert!(!finds(r#"emails[type eq "work"].value eq "ada@home.example""#), "not two different elements");
    assert!(
        finds(r#"emails.type eq "work" and emails.value eq "ada@home.example""#),
        "without brackets they may be"
    );
    assert!(finds(r#"emails[not (type eq "work")]"#) && !finds(r#"emails[type eq "other"]"#));
    assert_eq!(
        understood(r#"emails[type eq "a" or type eq "b"].value pr"#),
        r#"emails[(type eq "a" or type eq "b") and value pr]"#
    );
}

#[test]
fn e_16_the_manager_probe() {
    assert_eq!(
        understood("id eq \"u-7f3c\" and manager eq \"u-90aa\""),
        format!("id eq \"u-7f3c\" and {ENTERPRISE}:manager.value eq \"u-90aa\"")
    );
    assert!(finds("id eq \"U1\" and manager eq \"U2\"") && !finds("id eq \"U1\" and manager eq \"U3\""));
    assert!(finds(&format!("{ENTERPRISE}:manager.value eq \"U2\"")) && finds("manager pr"));
}

#[test]
fn e_17_a_boolean_as_text() {
    assert!(finds("emails[primary eq \"True\"]") && finds("active eq \"TRUE\""));
}

#[test]
fn e_26_escapes_apostrophes_and_letters_of_all_scripts() {
    let person = resource(json!({"displayName": "O'Neil \"Q\" \\ é 組"}));
    assert!(filter(r#"displayName eq "O'Neil \"Q\" \\ é \u7d44""#, &RTYPE).matches(&person));
    assert!(filter("displayName co \"É 組\"", &RTYPE).matches(&person), "P-05");
    let bracket = resource(json!({"roles": [{"value": "a]) or (b"}]}));
    assert!(filter(r#"roles[value eq "a]) or (b"]"#, &RTYPE).matches(&bracket));
}

#[test]
fn a_name_may_carry_its_urn() {
    assert_eq!(
        understood("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"x\""),
        r#"userName eq "x""#
    );
    assert_eq!(understood("department eq \"x\""), format!("{ENTERPRISE}:department eq \"x\""));
    assert_eq!(understood(&format!("{ENTERPRISE}.department pr")), format!("{ENTERPRISE}:department pr"));
    let rtype = plan(&GROUP).resource_type().clone();
    assert_eq!(filter("members[value eq \"U1\"]", &rtype).to_string(), r#"members[value eq "U1"]"#);
    assert_eq!(filter("members eq \"U1\"", &rtype).to_string(), r#"members.value eq "U1""#);
}

#[test]
fn i_02_a_long_chain_of_ids() {
    let chain: Vec<String> = (0..300).map(|n| format!("id eq \"u-{n}\"")).collect();
    let Filter::Or(parts) = filter(&chain.join(" or "), &RTYPE) else { panic!("not an or") };
    assert_eq!(parts.len(), 300);
}

#[test]
fn what_cannot_be_read_is_an_invalid_filter_that_says_why() {
    for (text, why) in [
        ("", "expected an attribute name, at byte 1"),
        ("foo", "foo: no attribute has this name, or it is not mapped"),
        ("userName", "`userName` lacks an operator and a value"),
        ("userName eq", "`userName eq` lacks a value"),
        ("userName is \"x\"", "`is` is no operator"),
        ("userName eq \"x", "a quoted value does not end"),
        ("userName eq \"\\x\"", "must follow JSON's rules"),
        ("userName eq \"x\" userName pr", "expected `and`, `or` or the end"),
        ("userName eq \"x\" and", "expected an attribute name"),
        ("(userName pr", "expected `)`"),
        ("userName pr)", "expected `and`, `or` or the end"),
        ("()", "expected an attribute name"),
        ("not userName pr", "not: no attribute has this name"),
        ("emails[type eq \"work\"", "expected `]`"),
        ("emails[]", "expected an attribute name"),
        ("emails[type eq \"work\"].shoe eq 1", "`emails` has no sub-attribute `shoe`"),
        ("emails[shoe eq 1]", "shoe: no attribute has this name"),
        ("emails.value[type eq \"x\"]", "only a multi-valued attribute takes a filter"),
        ("title[value eq \"x\"]", "only a multi-valued attribute takes a filter"),
        ("name eq \"x\"", "name: is complex"),
        ("active gt true", "active: is compared with `eq` or `ne` and true or false only"),
        ("active eq yes", "active: is compared with"),
        ("urn:example:2.0:User:floor eq third", "is compared with a number only"),
        ("urn:example:2.0:User:floor eq NaN", "is compared with a number only"),
        ("urn:example:2.0:User:floor lt inf", "is compared with a number only"),
        ("urn:example:2.0:User:floor co 1", "is compared with a number by eq"),
        ("urn:example:2.0:User:since gt yesterday", "is compared with a date-time"),
        ("urn:example:2.0:User:nothing pr", "no attribute has this name"),
        ("userName eq \"x\" and \u{e9}\u{e9} pr", "no attribute has this name"),
    ] {
        let refusal = refusal(text);
        assert!(refusal.contains(why), "{text:?}: {refusal}");
    }
}

#[test]
fn an_attribute_the_target_lacks_cannot_be_filtered_by() {
    let group = plan(&GROUP).resource_type().clone();
    let error = Filter::parse("userName eq \"x\"", &group).expect_err("not an attribute of groups");
    assert_eq!(error.kind(), Kind::InvalidFilter);
}

#[test]
fn brackets_may_be_32_deep_and_no_deeper() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_DEPTH), &RTYPE).is_ok());
    assert!(refusal(&nested(MAX_DEPTH + 1)).contains("at most 32 brackets"));
    let not = |depth: usize| format!("{}title pr{}", "not (".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&not(MAX_DEPTH), &RTYPE).is_ok());
    assert!(refusal(&not(1_500)).contains("at most 32 brackets"));
    let element = format!("{}emails[type pr]{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
    assert!(refusal(&element).contains("at most 32 brackets"));
    let siblings = vec!["(title pr)"; 100].join(" or ");
    assert!(Filter::parse(&siblings, &RTYPE).is_ok(), "only open brackets count");
}

#[test]
fn a_filter_may_be_ten_thousand_bytes_long_and_no_longer() {
    let long = |length: usize| format!("title eq \"{}\"", "x".repeat(length - 11));
    assert!(Filter::parse(&long(MAX_LENGTH), &RTYPE).is_ok());
    assert!(refusal(&long(MAX_LENGTH + 1)).contains("at most 10000 bytes"));
}

#[test]
fn what_the_target_does_not_tell_is_refused_rather_than_never_equal() {
    let plan = person();
    for text in ["meta.lastModified gt \"2026-01-01T00:00:00Z\"", "Meta.LASTMODIFIED pr"] {
        let error = Filter::parse(text, plan.resource_type()).expect_err(text);
        assert_eq!(error.kind(), Kind::InvalidFilter, "{text:?}: {error}");
    }
    assert!(Sort::read("meta.lastModified", None, plan.resource_type()).is_err());
    assert!(Filter::parse("meta.created pr", plan.resource_type()).is_ok());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        if let Err(error) = Filter::parse(&text, &RTYPE) {
            prop_assert_eq!(error.kind(), Kind::InvalidFilter);
        }
    }

    #[test]
    fn no_text_of_the_right_words_makes_the_parser_panic(
        words in prop::collection::vec(prop_oneof![
            Just("userName"), Just("emails"), Just("["), Just("]"), Just("("), Just(")"), Just("not"), Just("and"),
            Just("or"), Just("eq"), Just("pr"), Just("\""), Just("\\"), Just("true"), Just("."), Just("value"), Just("é"),
            Just("urn:ietf:params:scim:schemas:core:2.0:User"), Just(":"), Just("null"), Just(" "), Just("manager"),
        ], 0..14),
        glue in prop_oneof![Just(""), Just(" ")],
    ) {
        if let Err(error) = Filter::parse(&words.join(glue), &RTYPE) {
            prop_assert_eq!(error.kind(), Kind::InvalidFilter);
        }
    }
}
