//! Webex's failures (<https://developer.webex.com/docs/basics>, section "API errors").
//!
//! The body is `{"message","errors":[{"description","errorCode"}],"trackingId"}`, of which each part may be missing, and
//! front proxies answer without JSON. Texts change, so status and `errorCode` decide, never words.

use std::time::Duration;

use connector_core::{
    error::{Error, Kind, Retry},
    http::Reply,
};
use serde::Deserialize;
use serde_json::Value;

/// How long to wait where Webex does not say, or says nonsense (`rand(30),add(30)` has been seen).
const PAUSE: Duration = Duration::from_secs(15);
/// The shortest wait: `Retry-After: 0` has been seen.
const SHORTEST: Duration = Duration::from_secs(1);

/// The code of the failure "the page is too large to be made in time".
pub(crate) const TOO_SLOW: &str = "504";

/// What a status or an `errorCode` means for the client, and the rule in words.
pub(crate) struct Meaning {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) rule: &'static str,
}

const fn meaning(number: u32, kind: Kind, rule: &'static str) -> Meaning {
    Meaning { number, kind, rule }
}

#[rustfmt::skip]
pub(crate) const STATUSES: &[Meaning] = &[
    meaning(400, Kind::InvalidValue,     "Webex refuses a value"),
    meaning(401, Kind::TargetCredential, "Webex refuses the token: it is missing, wrong or expired"),
    meaning(403, Kind::Forbidden,        "Webex refuses it"),
    meaning(404, Kind::NotFound,         "Webex has no such object"),
    meaning(405, Kind::OddAnswer,        "Webex does not offer this method: check target_url, and the licences of the organisation"),
    meaning(409, Kind::Duplicate,        "it conflicts with what Webex holds"),
    meaning(410, Kind::NotFound,         "Webex has this object no longer"),
    meaning(415, Kind::OddAnswer,        "Webex does not take this media type"),
    meaning(423, Kind::Unavailable,      "the object is locked in Webex just now"),
    meaning(428, Kind::OddAnswer,        "Webex asks for a precondition"),
    meaning(429, Kind::RateLimited,      "Webex's rate limit is used up"),
    meaning(502, Kind::Unavailable,      "Webex is unavailable"),
    meaning(503, Kind::Unavailable,      "Webex is overloaded"),
    meaning(504, Kind::Unavailable,      "Webex was too slow"),
];

/// Codes of `PATCH /licenses/users` (<https://developer.webex.com/docs/api/v1/licenses>), status 400.
#[rustfmt::skip]
pub(crate) const CODES: &[Meaning] = &[
    meaning(400,     Kind::InvalidValue, "the location does not exist"),
    meaning(400_000, Kind::InvalidValue, "a licence id is not one of the organisation's"),
    meaning(400_112, Kind::InvalidValue, "Calling Professional cannot be changed to Standard"),
    meaning(400_118, Kind::InvalidValue, "Messenger licences cannot be managed here"),
    meaning(400_216, Kind::InvalidValue, "an attendee site is not one of the organisation's"),
    meaning(400_404, Kind::InvalidValue, "Calling Professional and Standard exclude each other"),
    meaning(400_406, Kind::InvalidValue, "Calling Standard and Attendant Console exclude each other"),
    meaning(400_407, Kind::InvalidValue, "Calling Standard and CX Essential exclude each other"),
    meaning(400_408, Kind::InvalidValue, "Attendant Console needs Calling Professional first"),
    meaning(400_410, Kind::InvalidValue, "CX Essential cannot be changed to Calling Standard"),
    meaning(400_411, Kind::InvalidValue, "a Calling licence needs a work phone number, or an extension and a location, in the same request"),
    meaning(400_413, Kind::InvalidValue, "a person has one licence of this offer group at most"),
    meaning(700_003, Kind::InvalidValue, "paid messaging needs free messaging to be kept"),
    meaning(700_004, Kind::InvalidValue, "paid meetings need free meetings to be kept"),
    meaning(700_005, Kind::InvalidValue, "a meeting licence needs free messaging to be kept"),
    meaning(700_006, Kind::InvalidValue, "Screen Share is implicit and cannot be taken away"),
];

/// Whether Webex keeps a free licence that was to be taken away.
pub(crate) fn is_kept(error: &Error) -> bool {
    matches!(error.code(), Some("700003" | "700004" | "700005" | "700006"))
}

#[derive(Deserialize, Default)]
struct Body {
    #[serde(default)]
    message: Value,
    #[serde(default)]
    errors: Vec<Value>,
    #[serde(default, rename = "trackingId")]
    tracking_id: Value,
}

/// What a reply to a page of a list that can be asked for in smaller parts means: one that was too slow is not tried again as
/// it was.
pub(crate) fn page_failure(reply: &Reply) -> Option<Error> {
    failure(reply).map(|error| if reply.status() == 504 { error.retry(Retry::Never) } else { error })
}

/// What a reply means, when it is a failure.
pub(crate) fn failure(reply: &Reply) -> Option<Error> {
    if reply.is_success() {
        return None;
    }
    let by_status = reply.status_failure()?;
    let status = u32::from(reply.status());
    let body: Body = reply.json().unwrap_or_default();
    let mut error = match STATUSES.iter().find(|known| known.number == status) {
        Some(known) => Error::new(known.kind, known.rule),
        None => by_status,
    };
    error = match reply.status() {
        423 => error
            .did_nothing()
            .retry(Retry::After(reply.retry_after().map_or(PAUSE, |wait| wait.max(SHORTEST)))),
        429 => error.retry(Retry::After(reply.retry_after().map_or(PAUSE, |wait| wait.max(SHORTEST)))),
        502..=504 => {
            error.retry(Retry::After(reply.retry_after().map_or(SHORTEST, |wait| wait.max(SHORTEST))))
        }
        _ => error,
    };
    if let Some(known) = code(&body).filter(|_| status == 400) {
        error = Error::new(known.kind, known.rule).vendor_code(known.number.to_string());
    }
    if status == 504 {
        error = error.vendor_code(TOO_SLOW);
    }
    if let Some(id) = tracking_id(&body, reply) {
        error = error.tracking_id(reply.quote(id));
    }
    Some(error.vendor_message(&reply.quote(&words(&body))))
}

/// What the first known code of an error body means.
fn code(body: &Body) -> Option<&'static Meaning> {
    let mut codes = body.errors.iter().filter_map(|error| match error.get("errorCode")? {
        Value::Number(code) => code.as_u64(),
        Value::String(code) => code.parse().ok(),
        _ => None,
    });
    codes.find_map(|code| CODES.iter().find(|known| u64::from(known.number) == code))
}

/// The message and every reason that is not in it already.
fn words(body: &Body) -> String {
    let mut words = body.message.as_str().unwrap_or_default().to_owned();
    let reasons = body.errors.iter().filter_map(|error| error.get("description")?.as_str());
    for reason in reasons.filter(|reason| !reason.is_empty()) {
        if !words.contains(reason) {
            words.push_str(if words.is_empty() { "" } else { " – " });
            words.push_str(reason);
        }
    }
    words
}

/// In the body or, sometimes twice with a comma between, in the header alone.
fn tracking_id<'a>(body: &'a Body, reply: &'a Reply) -> Option<&'a str> {
    let header = || reply.header("trackingid")?.split(',').next().map(str::trim);
    body.tracking_id.as_str().or_else(header).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_error_tables() {
        let mut text = String::new();
        for known in STATUSES.iter().chain(CODES) {
            let (status, keyword) = known.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<7} {status} {keyword:<13} {}", known.number, known.rule).expect("text grows");
        }
        insta::assert_snapshot!(text);
    }
}
