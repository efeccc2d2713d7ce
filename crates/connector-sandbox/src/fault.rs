//! Faults a test can inject: the next requests that match are answered wrongly, late or not at all.

use serde::{Deserialize, Serialize};

/// What to do to the next `times` requests whose method and path match.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Only this verb; any verb when absent.
    pub method: Option<String>,
    /// Only paths that begin with this, such as `/scim/v1/Users` or `/api/oauth.v2.access`.
    pub path: String,
    /// Matching requests to let pass first.
    pub skip: u32,
    /// How many requests it strikes before it is spent.
    pub times: u32,
    /// Real milliseconds to wait before the request is processed.
    pub delay_ms: u64,
    /// What happens to the request.
    pub effect: Effect,
}

/// What a [`Fault`] does. All but `pass`, `status_after`, `close_after` and those on the body leave the request
/// unprocessed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Nothing beyond the delay.
    #[default]
    Pass,
    /// Answers this instead.
    Status {
        /// The status.
        status: u16,
        /// The body, sent as it is.
        #[serde(default)]
        body: String,
        /// The `Retry-After` header, when wanted. Text, so that dates and nonsense can be sent.
        #[serde(default)]
        retry_after: Option<String>,
        /// The `Content-Type`; JSON when absent.
        #[serde(default)]
        content_type: Option<String>,
    },
    /// Answers this although the request took effect.
    StatusAfter {
        /// The status.
        status: u16,
        /// The body, sent as it is.
        #[serde(default)]
        body: String,
    },
    /// Cuts the connection; the request has no effect.
    CloseBefore,
    /// Cuts the connection after the request took effect: the client cannot know.
    CloseAfter,
    /// Sends the first so many bytes of the right body, then cuts the connection.
    TruncateBody {
        /// Bytes of the body to let through.
        bytes: usize,
    },
    /// Answers the right status with a body that is not JSON.
    MalformedJson,
    /// Answers the right status with a JSON body of about so many bytes.
    HugeBody {
        /// The size to exceed.
        bytes: usize,
    },
    /// Sends the client elsewhere.
    Redirect {
        /// The `Location` header.
        location: String,
        /// The status, 302 when absent.
        #[serde(default = "found")]
        status: u16,
    },
}

impl Effect {
    /// That status with that body, as JSON.
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::Status { status, body: body.into(), retry_after: None, content_type: None }
    }
}

fn found() -> u16 {
    302
}

impl Default for Fault {
    fn default() -> Self {
        Self { method: None, path: "/".into(), skip: 0, times: 1, delay_ms: 0, effect: Effect::Pass }
    }
}

impl Fault {
    /// One strike with that effect on the next request whose path begins with `path`.
    pub fn on(path: impl Into<String>, effect: Effect) -> Self {
        Self { path: path.into(), effect, ..Self::default() }
    }

    /// Narrows it to one verb.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Strikes that many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets that many matching requests pass first.
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Waits that long before the request is processed.
    pub fn delay_ms(mut self, delay_ms: u64) -> Self {
        self.delay_ms = delay_ms;
        self
    }
}

/// The faults not yet spent, in the order they were injected.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault that strikes this request, counting it down.
    pub(crate) fn strike(&mut self, method: &str, path: &str) -> Option<Fault> {
        let at = self.0.iter_mut().position(|fault| {
            let verb = fault.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method));
            if fault.times == 0 || !verb || !path.starts_with(&fault.path) {
                return false;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return false;
            }
            true
        })?;
        self.0[at].times -= 1;
        let fault = self.0[at].clone();
        if fault.times == 0 {
            self.0.remove(at);
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_the_requests_it_was_meant_for_and_is_then_spent() {
        let mut faults = Faults::default();
        faults.add(Fault::on("/scim", Effect::CloseBefore).method("PATCH").skip(1).times(2));
        assert!(faults.strike("GET", "/scim/v1/Users").is_none(), "another verb");
        assert!(faults.strike("PATCH", "/api").is_none(), "another path");
        assert!(faults.strike("PATCH", "/scim/v1/Users/U1").is_none(), "skipped");
        assert!(faults.strike("PATCH", "/scim/v1/Users/U1").is_some());
        assert!(faults.strike("patch", "/scim/v1/Groups").is_some());
        assert!(faults.strike("PATCH", "/scim/v1/Users/U1").is_none(), "spent");
    }
}
