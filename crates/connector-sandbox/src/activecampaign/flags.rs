//! The permission flags of groups, in the target's own spelling: camel case, but for `pg_user_…`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Problem, Refusal, Result};

/// Flags by name; one that is not there is off.
pub(super) type Flags = BTreeMap<&'static str, u8>;

/// All flags but `p_admin`, which nobody writes.
pub(super) const FLAGS: [&str; 76] = [
    "unsubscribelink",
    "optinconfirm",
    "pgListAdd",
    "pgListEdit",
    "pgListDelete",
    "pgListHeaders",
    "pgListEmailaccount",
    "pgListBounce",
    "pgMessageAdd",
    "pgMessageEdit",
    "pgMessageDelete",
    "pgMessageSend",
    "pgContactAdd",
    "pgContactEdit",
    "pgContactDelete",
    "pgContactMerge",
    "pgContactImport",
    "pgContactApprove",
    "pgContactExport",
    "pgContactSync",
    "pgContactFilters",
    "pgContactActions",
    "pgContactFields",
    "pg_user_add",
    "pg_user_edit",
    "pg_user_delete",
    "pgGroupAdd",
    "pgGroupEdit",
    "pgGroupDelete",
    "pgTemplateAdd",
    "pgTemplateEdit",
    "pgTemplateDelete",
    "pgPersonalizationAdd",
    "pgPersonalizationEdit",
    "pgPersonalizationDelete",
    "pgAutomationManage",
    "pgFormEdit",
    "pgReportsCampaign",
    "pgReportsList",
    "pgReportsUser",
    "pgReportsTrend",
    "pgStartupReports",
    "pgStartupGettingstarted",
    "pgDeal",
    "pgDealDelete",
    "pgDealReassign",
    "pgDealGroupAdd",
    "pgDealGroupEdit",
    "pgDealGroupDelete",
    "pgSavedResponsesManage",
    "pgTagManage",
    "reqApproval",
    "reqApproval1st",
    "socialdata",
    // From here on returned, but in no schema.
    "pgReportsDeal",
    "pgAccountAdd",
    "pgAccountEdit",
    "pgAccountDelete",
    "pgAccountManageCustomField",
    "pgAccountImport",
    "pgAccountExport",
    "pgAccountNoteAdd",
    "pgAccountNoteEdit",
    "pgAccountNoteDelete",
    "pgDealFields",
    "pgDealExport",
    "pgDealImport",
    "pgDealManageRoles",
    "pgDealListAll",
    "pgDealNoteAdd",
    "pgDealNoteEdit",
    "pgDealNoteDelete",
    "pgMfaAdmin",
    "pgContactResubscribe",
    "pgLandingPagesAccess",
    "pgWebPersonalizationManage",
];

/// What a group made with a title alone may do.
const USUAL: [&str; 8] = [
    "pgReportsTrend",
    "pgStartupGettingstarted",
    "pgDeal",
    "pgDealDelete",
    "pgDealReassign",
    "pgDealGroupAdd",
    "pgDealGroupEdit",
    "pgDealGroupDelete",
];

/// The flags of a new group.
pub(super) fn usual() -> Flags {
    USUAL.into_iter().map(|name| (name, 1)).collect()
}

/// The flags of the Admin group.
pub(super) fn all() -> Flags {
    FLAGS.into_iter().filter(|name| !name.starts_with("reqApproval")).map(|name| (name, 1)).collect()
}

/// The flags a body names, taken as booleans, numbers or texts.
pub(super) fn named(body: &Map<String, Value>) -> Result<Flags> {
    let mut flags = Flags::new();
    for name in FLAGS {
        let Some(value) = body.get(name) else { continue };
        let number = match value {
            Value::Bool(on) => Some(u8::from(*on)),
            Value::Number(number) => number.as_u64().and_then(|number| u8::try_from(number).ok()),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let highest = if name == "reqApproval1st" { 2 } else { 1 };
        let number = number.filter(|number| *number <= highest);
        let wrong =
            || Refusal::invalid(Problem::invalid(name, &format!("The {name} must be true or false.")));
        flags.insert(name, number.ok_or_else(wrong)?);
    }
    Ok(flags)
}
