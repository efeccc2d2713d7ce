//! People and people sets as Workplace answers them, in the words of SCIM 2.0.

use bytes::Bytes;
use connector_core::{
    connector::Vendor,
    error::{Error, Kind, Result},
};
use serde_json::{Map, Value};

use crate::{
    dialect::{Dialect, modernized},
    settings::WorkplaceSettings,
};

/// A person. One of SCIM 2.0 with a user name is taken byte for byte; an account without an address shows its
/// `externalId` as its user name, which SCIM cannot do without.
pub(crate) fn person(settings: &WorkplaceSettings, json: Bytes) -> Result<Vendor> {
    let text = text(&json)?;
    let dialect = Dialect::of_answer(text);
    settings.hear(dialect);
    if dialect != Some(Dialect::V1) && text.contains("\"userName\"") {
        return Ok(Vendor::new(json));
    }
    let mut person = modernized(Vendor::new(json).document()?);
    if !has_text(person.get("userName"))
        && let Some(external_id) = person.get("externalId").cloned()
    {
        person.insert("userName".into(), external_id);
    }
    Ok(document(person))
}

/// A people set, whose members have the same names in both editions.
pub(crate) fn people_set(settings: &WorkplaceSettings, json: Bytes) -> Result<Vendor> {
    settings.hear(Dialect::of_answer(text(&json)?));
    Ok(Vendor::new(json))
}

/// An object as text again.
pub(crate) fn document(object: Map<String, Value>) -> Vendor {
    Vendor::new(Value::Object(object).to_string().into())
}

fn text(json: &Bytes) -> Result<&str> {
    std::str::from_utf8(json)
        .map_err(|error| Error::new(Kind::OddAnswer, "the target's answer is not UTF-8").source(error))
}

fn has_text(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(person: &Value) -> Map<String, Value> {
        super::person(&WorkplaceSettings::default(), person.to_string().into()).unwrap().document().unwrap()
    }

    #[test]
    fn an_account_without_an_address_shows_its_external_id_as_user_name() {
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1"}))["userName"], "E-1");
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1", "userName": "m@x"}))["userName"], "m@x");
        assert!(!read(&json!({"id": 1})).contains_key("userName"));
    }

    #[test]
    fn the_edition_of_an_answer_is_noted() {
        let settings = WorkplaceSettings::default();
        for (schema, heard) in [
            ("urn:scim:schemas:core:1.0", Some(Dialect::V1)),
            ("x", Some(Dialect::V1)),
            ("urn:ietf:params:scim:schemas:core:2.0:User", Some(Dialect::V2)),
        ] {
            let answer = json!({"schemas": [schema], "id": 1, "userName": "m@x"});
            person(&settings, answer.to_string().into()).unwrap();
            assert_eq!(settings.heard(), heard, "{schema}");
        }
    }
}
