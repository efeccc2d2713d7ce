//! A plain list of the target that is one value in SCIM, beside a row that reads all of it.

mod support;

use connector_core::{
    mapping::{
        Plan, PlanOptions, Table,
        Transform::{Always, First},
        both, read, read_list,
    },
    scim::Place,
};
use serde_json::{Value, json};
use support::vendor;

#[rustfmt::skip]
const MAIL: Table = Table::core_user(&[
    read("id",        "id").required(),
    both("userName",  "emails").via(First).filter("email"),
    both("title",     "titles"),
    read_list("emails", "emails", &[read("value", "."), read("type", ".").via(Always("work"))]),
]);

fn plan() -> Plan {
    Plan::compile(&MAIL, &PlanOptions::default()).expect("it compiles")
}

#[test]
fn the_first_value_is_read_and_the_list_too() {
    let read = |emails: &Value| plan().read(&vendor(&json!({"id": "1", "emails": emails}))).unwrap();
    let two = read(&json!(["a@x", "b@x"]));
    assert_eq!(two.get("userName"), Some(&json!("a@x")));
    assert_eq!(
        two.get("emails"),
        Some(&json!([{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "work"}]))
    );
    for nothing in [json!([]), json!(null), json!([""]), json!({"a": 1})] {
        assert_eq!(read(&nothing).get("userName"), None, "{nothing}");
    }
}

#[test]
fn without_a_row_for_the_list_the_first_value_is_read_all_the_same() {
    let rows = &MAIL.rows[..3];
    let plan = Plan::compile_rows(&MAIL, rows, &PlanOptions::default()).unwrap();
    let read =
        plan.read(&vendor(&json!({"id": "1", "emails": ["a@x", "b@x"], "titles": ["no", "list"]}))).unwrap();
    assert_eq!(read.get("userName"), Some(&json!("a@x")));
    assert_eq!(read.get("title"), None, "only where the row says so");
}

#[test]
fn it_is_compared_as_one_value() {
    let place = Place { urn: None, name: "userName".into(), sub: None };
    let condition = plan().condition(&place, "a@x", &[]).unwrap();
    assert_eq!((condition.field, condition.value.as_str()), ("email", "a@x"));
}
