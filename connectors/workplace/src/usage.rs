//! What an answer tells of Workplace's rate limits, of which no figures are published
//! (<https://developers.facebook.com/docs/graph-api/overview/rate-limiting/>).

use std::time::Duration;

use connector_core::http::{Reply, Usage};
use serde_json::Value;

/// Whole percentages of the application's limit.
const APP: &str = "x-app-usage";
/// The same per business use case, with the minutes until it is regained.
const BUSINESS: &str = "x-business-use-case-usage";
const PERCENTAGES: &[&str] = &["call_count", "total_time", "total_cputime"];

/// How long a refusal is believed to last that does not say: a vendor's sample waits as long.
const UNTOLD: Duration = Duration::from_secs(30);

/// How much of the fullest limit is used; `None` where the answer does not say.
pub(crate) fn usage(reply: &Reply) -> Option<Usage> {
    read(reply.header(APP), reply.header(BUSINESS))
}

/// How long to wait after a refusal by a rate limit.
pub(crate) fn wait(reply: &Reply) -> Duration {
    let regained = || usage(reply).and_then(|usage| usage.regained);
    reply.retry_after().or_else(regained).unwrap_or(UNTOLD)
}

fn read(app: Option<&str>, business: Option<&str>) -> Option<Usage> {
    let document = |text: Option<&str>| serde_json::from_str::<Value>(text?).ok();
    let cases = document(business);
    let cases = cases.iter().filter_map(Value::as_object).flat_map(|cases| cases.values());
    let entries: Vec<&Value> = cases.filter_map(Value::as_array).flatten().collect();
    let app = document(app);
    let percentages = app.iter().chain(entries.iter().copied());
    let percentages =
        percentages.flat_map(|entry| PERCENTAGES.iter().filter_map(|name| entry[*name].as_f64()));
    let share = percentages.reduce(f64::max)? / 100.0;
    let minutes = entries.iter().filter_map(|entry| entry["estimated_time_to_regain_access"].as_u64()).max();
    let regained =
        minutes.filter(|minutes| *minutes > 0).map(|minutes| Duration::from_secs(minutes.min(1440) * 60));
    Some(Usage { share, regained })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_limit_counts() {
        let app = Some(r#"{"call_count":28,"total_time":81,"total_cputime":25}"#);
        assert_eq!(read(app, None), Some(Usage { share: 0.81, regained: None }));
        let business = Some(
            r#"{"10007":[{"type":"workplace","call_count":100,"total_cputime":3,"total_time":3,
                "estimated_time_to_regain_access":19}]}"#,
        );
        let full = Usage { share: 1.0, regained: Some(Duration::from_mins(19)) };
        assert_eq!((read(app, business), read(None, business)), (Some(full), Some(full)));
        for nonsense in [None, Some(""), Some("[]"), Some("{}"), Some(r#"{"call_count":"x"}"#)] {
            assert_eq!(read(nonsense, nonsense), None, "{nonsense:?}");
        }
    }
}
