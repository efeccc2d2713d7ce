//! The mapping that `connector-host mapping slack` prints, against the tables of the connector guide.

use std::collections::BTreeMap;

use crate::binary;

/// Table 304: attributes of users, as they are named in SCIM and in Slack. The guide prints the manager's row with its two
/// sides exchanged: `managerId` is Slack's name, `value` is SCIM's.
#[rustfmt::skip]
const USER: &[(&str, &str)] = &[
    ("id",                        "id"),
    ("userName",                  "userName"),
    ("name.givenName",            "name.givenName"),
    ("name.familyName",           "name.familyName"),
    ("name.honorificPrefix",      "name.honorificPrefix"),
    ("displayName",               "displayName"),
    ("nickName",                  "nickName"),
    ("emails.value",              "emails.value"),
    ("emails.primary",            "emails.primary"),
    ("addresses.streetAddress",   "addresses.streetAddress"),
    ("addresses.locality",        "addresses.locality"),
    ("addresses.region",          "addresses.region"),
    ("addresses.postalCode",      "addresses.postalCode"),
    ("addresses.country",         "addresses.country"),
    ("phoneNumbers.value",        "phoneNumbers.value"),
    ("phoneNumbers.type",         "phoneNumbers.type"),
    ("phoneNumbers.primary",      "phoneNumbers.primary"),
    ("profileUrl",                "profileUrl"),
    ("title",                     "title"),
    ("userType",                  "userType"),
    ("password",                  "password"),
    ("preferredLanguage",         "preferredLanguage"),
    ("locale",                    "locale"),
    ("timezone",                  "timezone"),
    ("active",                    "active"),
    ("groups.value",              "groups.value"),
    ("groups.display",            "groups.display"),
    ("roles.value",               "roles.value"),
    ("roles.primary",             "roles.primary"),
    ("photos.value",              "photos.value"),
    ("photos.type",               "photos.type"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",     "urn:scim:schemas:extension:enterprise:1.0.costCenter"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",     "urn:scim:schemas:extension:enterprise:1.0.department"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division",       "urn:scim:schemas:extension:enterprise:1.0.division"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "urn:scim:schemas:extension:enterprise:1.0.employeeNumber"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization",   "urn:scim:schemas:extension:enterprise:1.0.organization"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",  "urn:scim:schemas:extension:enterprise:1.0.manager.managerId"),
    ("meta.created",              "meta.created"),
];

/// Table 305: attributes of groups.
const GROUP: &[(&str, &str)] = &[
    ("id", "id"),
    ("displayName", "displayName"),
    ("members.value", "members.value"),
    ("members.display", "members.display"),
    ("meta.created", "meta.created"),
];

/// Rows beside those of the tables: what SCIM wants and Slack does not name, and Slack's own extensions.
const BEYOND: &[&str] = &[
    "emails.type",
    "addresses.type",
    "addresses.primary",
    "groups.$ref",
    "groups.type",
    "members.$ref",
    "members.type",
    "urn:connector-host:scim:slack:2.0:User:guestType",
    "urn:connector-host:scim:slack:2.0:User:guestExpiration",
    "urn:connector-host:scim:slack:2.0:User:startDate",
];

#[tokio::test]
async fn the_mapping_is_that_of_the_connector_guide_row_by_row() {
    let output = tokio::process::Command::new(binary())
        .args(["mapping", "slack", "--format", "json"])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    for (resource, table) in [("User", USER), ("Group", GROUP)] {
        let mapped = rows.iter().filter(|row| row["resource"] == resource && row["direction"] != "unmapped");
        let mut mapped: BTreeMap<&str, &str> =
            mapped.map(|row| (row["scim"].as_str().unwrap(), row["target"].as_str().unwrap())).collect();
        for (scim, target) in table {
            assert_eq!(mapped.remove(scim), Some(*target), "{resource} {scim}");
        }
        let more: Vec<_> = mapped.into_keys().filter(|scim| !BEYOND.contains(scim)).collect();
        assert!(more.is_empty(), "{resource} maps more than the guide: {more:?}");
    }
    let direction = |resource: &str, scim: &str| {
        let row = rows.iter().find(|row| row["resource"] == resource && row["scim"] == scim);
        row.unwrap_or_else(|| panic!("{resource} {scim}"))["direction"].as_str().unwrap().to_owned()
    };
    assert_eq!(direction("User", "password"), "write");
    for read_only in ["id", "groups.value", "groups.display", "meta.created"] {
        assert_eq!(direction("User", read_only), "read");
    }
    assert_eq!(direction("User", "meta.lastModified"), "unmapped", "Slack keeps none");
    let required: Vec<_> = rows
        .iter()
        .filter(|row| row["required"] == true && row["direction"] != "read")
        .map(|row| (row["resource"].as_str().unwrap(), row["scim"].as_str().unwrap()))
        .collect();
    assert_eq!(required, [("User", "userName"), ("User", "emails.value"), ("Group", "displayName")]);
}
