//! Which licences a person may hold together, and what giving and taking them brings along.

use super::error::{Refusal, Result};
use super::model::{LicenseAt, Person, Phone, Units};
use super::options::Options;
use super::org::Org;

/// Licences of a person's Calling line.
const CALLING: [&str; 2] = ["BCSTD", "BCBAS"];

/// Whether the licence wants a location and a number.
pub(super) fn is_calling(org: &Org, at: LicenseAt) -> bool {
    CALLING.contains(&org.licenses[at].code)
}

/// Refuses sets that exclude each other and steps that are not allowed.
pub(super) fn check(org: &Org, before: &[LicenseAt], after: &[LicenseAt]) -> Result<()> {
    let holds = |set: &[LicenseAt], code: &str| set.iter().any(|at| org.licenses[*at].code == code);
    let (had, has) = (|code| holds(before, code), |code| holds(after, code));
    let joins = |code| has(code) && !had(code);
    let leaves = |code| had(code) && !has(code);
    let rules: [(bool, u32, &str); 10] = [
        (leaves("BCSTD") && joins("BCBAS"), 400_112, "Calling Professional cannot be changed to Standard."),
        (leaves("CXE") && joins("BCBAS"), 400_410, "Customer Assist cannot be changed to Calling Standard."),
        (has("BCSTD") && has("BCBAS"), 400_404, "Calling Professional and Standard exclude each other."),
        (has("BCBAS") && has("ATC"), 400_406, "Calling Standard and Attendant Console exclude each other."),
        (has("BCBAS") && has("CXE"), 400_407, "Calling Standard and Customer Assist exclude each other."),
        (joins("ATC") && !has("BCSTD"), 400_408, "Attendant Console needs Calling Professional."),
        (leaves("FMS") && has("MS"), 700_003, "Paid messaging needs free messaging."),
        (leaves("FTM") && (has("EE") || has("CF")), 700_004, "Paid meetings need free meetings."),
        (leaves("FMS") && (has("EE") || has("CF")), 700_005, "Meetings need free messaging."),
        (leaves("FSS"), 700_006, "Screen share is implicit and cannot be removed."),
    ];
    match rules.into_iter().find(|(broken, ..)| *broken) {
        Some((_, code, reason)) => Err(Refusal::coded(code, reason)),
        None => Ok(()),
    }
}

/// Gives a licence; false when it is skipped: no unit left, not for people, or refused by the switch.
pub(super) fn give(org: &Org, options: &Options, person: &mut Person, at: LicenseAt) -> bool {
    if person.licenses.contains(&at) {
        return true;
    }
    let license = &org.licenses[at];
    let (total, consumed) = org.units(at);
    let full = matches!(license.units, Units::Paid(_)) && consumed >= total;
    let for_rooms = matches!(license.units, Units::Workspaces { .. });
    if full || for_rooms || options.skipped_licenses.iter().any(|name| name == license.name) {
        return false;
    }
    person.licenses.push(at);
    person.licenses.sort_unstable();
    if let Some(site) = license.site {
        person.site_urls.retain(|url| url.split('#').next() != Some(site));
        person.site_urls.push(site.to_owned());
    }
    true
}

/// Takes a licence away, with all that hangs on it.
pub(super) fn take(org: &Org, person: &mut Person, at: LicenseAt) {
    person.licenses.retain(|held| *held != at);
    if let Some(site) = org.licenses[at].site {
        person.site_urls.retain(|url| url != site);
    }
    if is_calling(org, at) {
        person.extension = None;
        person.location = None;
        person.phone_numbers.retain(|phone| !["work", "work_extension"].contains(&phone.kind.as_str()));
    }
}

/// A Calling line: location, and a number or an extension.
pub(super) fn connect(
    person: &mut Person,
    location: Option<&str>,
    number: Option<&str>,
    extension: Option<&str>,
) {
    if let Some(location) = location {
        person.location = Some(location.to_owned());
    }
    let mut set = |kind: &str, value: String, primary| {
        person.phone_numbers.retain(|phone| phone.kind != kind);
        person.phone_numbers.push(Phone { kind: kind.to_owned(), value, primary });
    };
    if let Some(number) = number {
        set("work", number.to_owned(), true);
    }
    if let Some(extension) = extension {
        // The location's routing prefix goes before it.
        set("work_extension", format!("8{extension}"), false);
        person.extension = Some(extension.to_owned());
    }
}

/// Whether a number is written as E.164 wants it.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Changes attendee rights: `site#attendee`. The host's right is the licence of the site.
pub(super) fn attend(org: &Org, person: &mut Person, site: &str, add: bool) -> Result<()> {
    if !org.licenses.iter().any(|license| license.site == Some(site)) {
        return Err(Refusal::coded(400_216, format!("{site} is not a site of the organization.")));
    }
    let entry = format!("{site}#attendee");
    person.site_urls.retain(|url| *url != entry);
    if add && !person.site_urls.iter().any(|url| url == site) {
        person.site_urls.push(entry);
    }
    Ok(())
}
