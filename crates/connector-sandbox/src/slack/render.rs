//! Users and groups as JSON: two shapes of a user, null fillers, escaped slashes.

use serde_json::{Map, Value, json};

use super::model::{
    ADDRESS, CORE, ENTERPRISE, ENTERPRISE_FIELDS, Field, GUEST, Group, PROFILE, TOP_LEVEL, User,
};
use super::time::pacific;

/// What is read of a user beside the record itself.
pub(super) struct UserView<'a> {
    pub(super) scim_url: &'a str,
    pub(super) team_url: &'a str,
    pub(super) active: bool,
    pub(super) photo: Option<&'a str>,
    /// Ids and names of the groups that hold the user.
    pub(super) groups: Vec<(&'a str, &'a str)>,
}

pub(super) fn user(user: &User, view: &UserView<'_>) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    let mut schemas = vec![CORE];
    let shape_b = user.custom.is_some();
    schemas.extend(shape_b.then_some(ENTERPRISE));
    schemas.extend(user.guest.is_some().then_some(GUEST));
    schemas.extend(user.start_date.is_some().then_some(PROFILE));
    let custom = |field| Value::from(user.custom(field));

    put("schemas", json!(schemas));
    put("id", json!(user.id));
    put("externalId", json!(user.external_id));
    put("meta", meta(user.created, view.scim_url, "Users", &user.id));
    put("userName", json!(user.user_name));
    put("nickName", json!(user.user_name));
    let mut name = json!({"givenName": user.given_name, "familyName": user.family_name});
    if shape_b {
        name["honorificPrefix"] = custom(Field::HonorificPrefix);
    }
    put("name", name);
    put("displayName", json!(user.display_name));
    let own_page = || format!("{}team/{}", view.team_url, user.user_name);
    put("profileUrl", json!(user.profile_url.clone().unwrap_or_else(own_page)));
    put("title", json!(user.title));
    put("timezone", json!(user.timezone));
    put("active", json!(view.active));
    let mut emails = vec![json!({"value": user.email, "primary": true})];
    if shape_b {
        emails.push(json!({"value": user.custom(Field::SecondaryEmail).unwrap_or(""), "primary": false}));
    }
    put("emails", json!(emails));
    let own_photo = || format!("https://secure.gravatar.com/avatar/{}.jpg", user.id.to_lowercase());
    put("photos", json!([{"value": view.photo.map_or_else(own_photo, str::to_owned), "type": "photo"}]));
    if shape_b {
        let address: Map<_, _> = ADDRESS.iter().map(|(name, f)| ((*name).to_owned(), custom(*f))).collect();
        put("addresses", json!([address]));
        put(
            "phoneNumbers",
            json!([
                {"value": custom(Field::MobilePhone), "type": "mobile"},
                {"value": custom(Field::PrimaryPhone), "primary": true},
            ]),
        );
        let [(user_type, user_type_field), rest @ ..] = TOP_LEVEL;
        put(user_type, custom(user_type_field));
        put("roles", json!([{"value": custom(Field::Role), "primary": true}]));
        for (name, field) in rest {
            put(name, custom(field));
        }
        let mut enterprise: Map<_, _> =
            ENTERPRISE_FIELDS.iter().map(|(name, f)| ((*name).to_owned(), custom(*f))).collect();
        enterprise.insert("manager".into(), json!({"managerId": custom(Field::Manager)}));
        put(ENTERPRISE, Value::Object(enterprise));
    }
    if let Some(guest) = &user.guest {
        let mut extension = json!({"type": "multi"});
        if let Some(expiration) = &guest.expiration {
            extension["expiration"] = json!(expiration);
        }
        if !guest.channels.is_empty() {
            let channels = guest.channels.iter().map(|(id, name)| json!({"value": id, "display": name}));
            extension["channels"] = channels.collect();
        }
        put(GUEST, extension);
    }
    if let Some(start_date) = &user.start_date {
        put(PROFILE, json!({"startDate": start_date}));
    }
    put("groups", view.groups.iter().map(|(id, name)| json!({"value": id, "display": name})).collect());
    Value::Object(out)
}

pub(super) fn group<'a>(
    group: &Group,
    name: &str,
    scim_url: &str,
    members: impl Iterator<Item = &'a User>,
) -> Value {
    let members: Vec<_> =
        members.map(|user| json!({"value": user.id, "display": user.full_name()})).collect();
    json!({
        "schemas": [CORE],
        "id": group.id,
        "displayName": name,
        "members": members,
        "meta": meta(group.created, scim_url, "Groups", &group.id),
    })
}

fn meta(created: i64, scim_url: &str, endpoint: &str, id: &str) -> Value {
    json!({"created": pacific(created), "location": format!("{scim_url}{endpoint}/{id}")})
}

/// Compact JSON with escaped slashes. Slashes occur in strings alone, so a plain replacement is right.
pub(super) fn to_bytes(value: &Value) -> Vec<u8> {
    value.to_string().replace('/', "\\/").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(user: &User) -> UserView<'_> {
        UserView {
            scim_url: "http://127.0.0.1:1/scim/v1/",
            team_url: "https://acme.enterprise.slack.com/",
            active: user.active,
            photo: None,
            groups: vec![("S1", "Payroll")],
        }
    }

    #[test]
    fn a_user_without_custom_fields_has_the_short_shape() {
        let mut ada = User::new("W1".into(), "ada.l".into(), "ada.l@acme.example".into(), 1_678_811_213);
        ada.given_name = "Ada".into();
        let text = String::from_utf8(to_bytes(&user(&ada, &view(&ada)))).unwrap();
        assert_eq!(
            text,
            concat!(
                r#"{"schemas":["urn:scim:schemas:core:1.0"],"id":"W1","externalId":"","#,
                r#""meta":{"created":"2023-03-14T09:26:53-07:00","#,
                r#""location":"http:\/\/127.0.0.1:1\/scim\/v1\/Users\/W1"},"#,
                r#""userName":"ada.l","nickName":"ada.l","name":{"givenName":"Ada","familyName":""},"#,
                r#""displayName":"","profileUrl":"https:\/\/acme.enterprise.slack.com\/team\/ada.l","#,
                r#""title":"","timezone":"America\/Los_Angeles","active":true,"#,
                r#""emails":[{"value":"ada.l@acme.example","primary":true}],"#,
                r#""photos":[{"value":"https:\/\/secure.gravatar.com\/avatar\/w1.jpg","type":"photo"}],"#,
                r#""groups":[{"value":"S1","display":"Payroll"}]}"#,
            )
        );
    }

    #[test]
    fn one_custom_field_brings_all_the_null_fillers() {
        let mut grace = User::new("W2".into(), "grace.h".into(), "grace.h@acme.example".into(), 0);
        grace.set_custom(Field::Department, Some("Navy".into()));
        let value = user(&grace, &view(&grace));
        assert_eq!(value["schemas"], json!([CORE, ENTERPRISE]));
        assert_eq!(value["name"], json!({"givenName": "", "familyName": "", "honorificPrefix": null}));
        assert_eq!(value["emails"][1], json!({"value": "", "primary": false}));
        assert_eq!(
            value["addresses"],
            json!([{"streetAddress": null, "locality": null, "region": null, "postalCode": null, "country": null}])
        );
        assert_eq!(
            value["phoneNumbers"],
            json!([{"value": null, "type": "mobile"}, {"value": null, "primary": true}])
        );
        assert_eq!(value["roles"], json!([{"value": null, "primary": true}]));
        assert_eq!(
            value[ENTERPRISE],
            json!({"employeeNumber": null, "costCenter": null, "organization": null, "division": null,
                   "department": "Navy", "manager": {"managerId": null}})
        );
        let names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names[14..],
            [
                "addresses",
                "phoneNumbers",
                "userType",
                "roles",
                "preferredLanguage",
                "locale",
                ENTERPRISE,
                "groups"
            ]
        );
    }
}
