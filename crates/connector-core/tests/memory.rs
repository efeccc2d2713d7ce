//! What is remembered of an attribute with parts: what a client wrote, never what the target says of it.

mod support;

use connector_core::ledger::Memory;
use serde_json::{Value, json};
use support::{ENTERPRISE, USER, plan, vendor};

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
