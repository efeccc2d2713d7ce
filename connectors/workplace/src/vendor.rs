//! People and people sets as Workplace answers them, in the words of SCIM 2.0.

use bytes::Bytes;
use connector_core::{
    connector::Vendor,
    error::{Error, Kind, Result},
};
use serde_json::{Map, Value};

use crate::{
    dialect::{Shape, modernized},
    settings::WorkplaceSettings,
};

/// A person. One with a user name and no names of SCIM 1.1 is taken byte for byte; an account without an address shows its
/// `externalId` as its user name, which SCIM cannot do without.
pub(crate) fn person(settings: &WorkplaceSettings, json: Bytes) -> Result<Vendor> {
    let shape = Shape::of(text(&json)?);
    settings.hear(shape.dialect());
    if !shape.has_first() && shape.has_user_name() {
        return Ok(Vendor::new(json));
    }
    let mut person = modernized(Vendor::new(json).document()?);
    if !shape.has_user_name()
        && let Some(external_id) = person.get("externalId").cloned()
    {
        person.insert("userName".into(), external_id);
    }
    Ok(document(person))
}

/// A people set, whose members have the same names in both editions.
pub(crate) fn people_set(settings: &WorkplaceSettings, json: Bytes) -> Result<Vendor> {
    settings.hear(Shape::of(text(&json)?).dialect());
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::Dialect;

    fn read(person: &Value) -> Map<String, Value> {
        super::person(&WorkplaceSettings::default(), person.to_string().into()).unwrap().document().unwrap()
    }

    #[test]
    fn an_account_without_an_address_shows_its_external_id_as_user_name() {
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1"}))["userName"], "E-1");
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1", "userName": "m@x"}))["userName"], "m@x");
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1", "userName": null}))["userName"], "E-1");
        assert_eq!(read(&json!({"id": 1, "externalId": "E-1", "userName": ""}))["userName"], "E-1");
        let elsewhere = json!({"id": 1, "externalId": "E-1", "title": "x", "name": {"userName": "m@x"}});
        assert_eq!(read(&elsewhere)["userName"], "E-1");
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
