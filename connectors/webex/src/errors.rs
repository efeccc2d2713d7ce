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

/// A 403 has three possible reasons and names none by a code.
pub(crate) const REFUSED_REMEDY: &str = "either the token lacks a scope, or the account that consented lacks the \
    administrator role, or a licence it needs: consent again as a Full Administrator with all nine scopes";

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
        403 => error.remedy(REFUSED_REMEDY),
        423 | 429 => error.retry(Retry::After(reply.retry_after().map_or(PAUSE, |wait| wait.max(SHORTEST)))),
        502..=504 => {
            error.retry(Retry::After(reply.retry_after().map_or(SHORTEST, |wait| wait.max(SHORTEST))))
        }
        _ => error,
    };
    if status == 504 {
        error = error.vendor_code(TOO_SLOW);
    }
    if let Some(id) = tracking_id(&body, reply) {
        error = error.tracking_id(reply.quote(id));
    }
    Some(error.vendor_message(&reply.quote(&words(&body))))
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
        for known in STATUSES {
            let (status, keyword) = known.kind.answer();
            let keyword = keyword.map(|keyword| format!("{keyword:?}")).unwrap_or_default();
            writeln!(text, "{:<7} {status} {keyword:<13} {}", known.number, known.rule).expect("text grows");
        }
        insta::assert_snapshot!(text);
    }
}
