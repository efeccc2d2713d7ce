//! What stands before both APIs: the era, `User-Agent`, token, proof, throttling, and the headers of every answer.

use serde_json::json;

use super::error::{Refusal, Result, Surface};
use super::options::{Editions, Era, Permission, ThrottleForm, UsageHeader};
use super::state::State;
use super::{graph, scim};
use crate::bucket::Size;
use crate::form::Form;
use crate::harness::{Call, Reply};
use crate::rng::mix;

/// A call by an integration that is known.
pub(super) struct Ask<'a> {
    pub(super) call: &'a Call,
    /// Parameters of the query.
    pub(super) query: Form,
    pub(super) permissions: Vec<Permission>,
    pub(super) now_ms: i64,
}

impl Ask<'_> {
    /// Refuses unless the integration has one of these permissions.
    pub(super) fn needs(&self, state: &State, permissions: &[Permission]) -> Result<()> {
        if permissions.iter().any(|permission| self.permissions.contains(permission)) {
            Ok(())
        } else {
            Err(Refusal::permission(&state.options))
        }
    }
}

/// Whom a path asks, and what follows.
pub(super) fn surface(path: &str) -> Option<(Surface, &str)> {
    [("/scim/v1", Surface::V1), ("/scim2", Surface::V2), ("/graph", Surface::Graph)].into_iter().find_map(
        |(prefix, surface)| {
            let rest = path.strip_prefix(prefix)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((surface, rest))
        },
    )
}

/// Answers a call; None when its path belongs to no API.
pub(super) fn answer(state: &mut State, call: &Call, now_ms: i64) -> Option<Reply> {
    let (surface, path) = surface(&call.path)?;
    state.asked += 1;
    let trace = trace(state.asked);
    let reply = pass(state, call, surface, now_ms).and_then(|ask| match surface {
        Surface::V1 => scim::route(state, &ask, scim::Edition::V1, path),
        Surface::V2 => scim::route(state, &ask, scim::Edition::V2, path),
        Surface::Graph => graph::route(state, &ask, path),
    });
    Some(reply.unwrap_or_else(|refusal| refusal.reply(surface, &state.options, &trace)))
}

/// `A` and ten more letters or digits.
pub(super) fn trace(n: u64) -> String {
    format!("A{:010x}", mix(n) & 0xFF_FFFF_FFFF)
}

/// Lets a call through to its API, or refuses it.
fn pass<'a>(state: &mut State, call: &'a Call, surface: Surface, now_ms: i64) -> Result<Ask<'a>> {
    let options = &mut state.options;
    if options.era == Era::Closed {
        return Err(Refusal::new(
            options.closed_status,
            3,
            "(#3) Workplace from Meta is no longer available.",
        ));
    }
    let served = match (surface, options.editions) {
        (Surface::V1, Editions::V2) | (Surface::V2, Editions::V1) => false,
        (Surface::V1 | Surface::V2, _) => true,
        (Surface::Graph, _) => options.graph_served,
    };
    if !served {
        return Err(Refusal::missing("This API"));
    }
    let nameless = call.user_agent.as_deref().is_none_or(|agent| agent.trim().is_empty());
    if surface != Surface::Graph && options.user_agent_required && nameless {
        return Err(Refusal::new(
            options.no_user_agent_status,
            100,
            "(#100) A User-Agent header is required.",
        ));
    }
    let query = call.query();
    let permissions = state.tokens.check(call, &query, surface, options, now_ms)?;
    if options.server_errors > 0 {
        options.server_errors -= 1;
        return Err(Refusal::new(
            500,
            2,
            "An unexpected error has occurred. Please retry your request later.",
        ));
    }
    if options.throttled_calls > 0 {
        options.throttled_calls -= 1;
        return Err(throttled(state, 30));
    }
    draw(state, now_ms)?;
    // Graph looks itself: a batch is a POST that may only read.
    if surface != Surface::Graph {
        may_write(state, &call.method)?;
    }
    Ok(Ask { call, query, permissions, now_ms })
}

/// Refuses whatever would change something when nothing may be changed any more.
pub(super) fn may_write(state: &State, method: &str) -> Result<()> {
    if state.options.era == Era::ReadOnly && method != "GET" {
        return Err(Refusal::new(403, 10, "(#10) Workplace is read-only: nothing new can be written."));
    }
    Ok(())
}

/// Counts a call, or throttles it.
pub(super) fn draw(state: &mut State, now_ms: i64) -> Result<()> {
    if !state.options.rate_limiter || state.options.fast {
        return Ok(());
    }
    let bucket = [((), size(state))];
    state.limiter.draw(&bucket, now_ms).map_err(|seconds| throttled(state, seconds))
}

fn throttled(state: &State, seconds: u64) -> Refusal {
    let status = match state.options.throttle_form {
        ThrottleForm::Code => 400,
        ThrottleForm::Status => 429,
    };
    let code = state.options.throttle_code;
    let text = format!("(#{code}) Application request limit reached");
    Refusal { graph: true, wait: Some(seconds), ..Refusal::new(status, code, text) }
}

fn size(state: &State) -> Size {
    let per_minute = f64::from(state.options.calls_per_minute.max(1));
    Size { per_minute, burst: per_minute }
}

/// The last touch on every answer.
pub(super) fn finish(state: &State, call: &Call, mut reply: Reply) -> Reply {
    let options = &state.options;
    let Some((surface, _)) = surface(&call.path) else { return reply };
    if reply.content_type.as_deref() == Some(Reply::JSON) {
        let javascript = surface == Surface::V1 && !options.v1_as_json;
        let label =
            if javascript { "text/javascript; charset=UTF-8" } else { "application/json; charset=UTF-8" };
        reply.content_type = Some(label.into());
    }
    let told = match options.usage_header {
        UsageHeader::Graph => surface == Surface::Graph,
        UsageHeader::Always => true,
        UsageHeader::Never => false,
    };
    if !told {
        return reply;
    }
    let allowed = u64::from(options.calls_per_minute.max(1));
    let left = state.limiter.left(&(), size(state)).min(allowed);
    let used = (allowed - left) * 100 / allowed;
    let usage = json!({"call_count": used, "total_time": used * 9 / 10, "total_cputime": used * 9 / 10});
    let reply = reply.header("x-app-usage", usage.to_string());
    if !options.business_usage_header {
        return reply;
    }
    let minutes = u64::from(left == 0);
    let business = json!({"10007": [{
        "type": "workplace", "call_count": used, "total_time": used, "total_cputime": used,
        "estimated_time_to_regain_access": minutes,
    }]});
    reply.header("x-business-use-case-usage", business.to_string())
}
