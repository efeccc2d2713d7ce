//! Webex's lists: pages by `Link` alone, with the defects that have been recorded
//! (<https://developer.webex.com/docs/basics>, section "Pagination").

use connector_core::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
    http::{Cx, Reply},
};
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    call::{self, Need},
    errors,
};

/// The most pages without an object that are read in a row. More of them are an error, never the end: objects of a list cut
/// short would look deleted.
const EMPTY_PAGES: usize = 20;
/// Below this, a page that is too slow is not asked for in smaller parts.
const SMALLEST: u32 = 2;

/// A list of Webex: where it is and with what it is asked for.
pub(crate) struct List<'a> {
    pub(crate) segments: &'a [&'a str],
    pub(crate) operation: &'static str,
    /// Query parameters beside `max`.
    pub(crate) parameters: Vec<(&'a str, &'a str)>,
    pub(crate) need: &'static Need,
}

/// A page of a list, as Webex has its objects.
pub(crate) struct Rows {
    pub(crate) items: Vec<Map<String, Value>>,
    pub(crate) next: Option<Position>,
}

/// A list of Webex that comes whole, without parameters and pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) path: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) need: &'static Need,
}

impl Whole {
    pub(crate) async fn read(&self, cx: &Cx<'_>) -> Result<Vec<Map<String, Value>>> {
        let call = cx.call(Method::GET, &[self.path]).operation(self.operation);
        items(&call::send(call, self.need).await?)
    }
}

#[derive(Deserialize)]
struct Envelope {
    items: Vec<Map<String, Value>>,
}

impl List<'_> {
    /// Reads one page, or the first one after it that has an object to `keep`. A page that Webex is too slow for is asked for
    /// again with half its size.
    pub(crate) async fn page(
        &self,
        cx: &Cx<'_>,
        query: &Query,
        keep: impl Fn(&Map<String, Value>) -> bool,
    ) -> Result<Rows> {
        let mut at = match &query.position {
            Position::Cursor(next) => without_organization(next),
            Position::Index(_) => self.first(query.count),
        };
        for _ in 0..EMPTY_PAGES {
            let reply = self.read(cx, &mut at).await?;
            let mut items = items(&reply)?;
            items.retain(&keep);
            let next = reply.next_query()?.map(|next| self.mended(&next, &at));
            match next {
                Some(next) if items.is_empty() => at = next,
                next => return Ok(Rows { items, next: next.map(Position::Cursor) }),
            }
        }
        Err(Error::new(Kind::OddAnswer, format!("Webex answers {EMPTY_PAGES} empty pages in a row"))
            .during(self.operation))
    }

    fn first(&self, max: u32) -> String {
        let mut pairs: Vec<(&str, String)> =
            self.parameters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        pairs.push(("max", max.to_string()));
        pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    async fn read(&self, cx: &Cx<'_>, at: &mut String) -> Result<Reply> {
        loop {
            let call = cx.call(Method::GET, self.segments).operation(self.operation).whole_query(at);
            let Some(smaller) = halved(at) else { return call::send(call, self.need).await };
            match call.send(errors::page_failure).await {
                Err(error) if error.code() == Some(errors::TOO_SLOW) => *at = smaller,
                outcome => return outcome.map_err(|error| self.need.named(error)),
            }
        }
    }

    /// The next page's query without the defects that have been recorded: `max=null`, and parameters of the first request
    /// left out. Cursor parameters are nobody's business.
    fn mended(&self, next: &str, current: &str) -> String {
        let mut parts: Vec<&str> =
            next.split('&').filter(|part| !part.is_empty() && *part != "max=null").collect();
        let missing = |name: &str| !parts.iter().any(|part| name_of(part) == name);
        let wanted =
            self.parameters.iter().map(|(name, _)| *name).chain(["max"]).filter(|name| missing(name));
        let wanted: Vec<&str> = wanted.collect();
        parts.extend(current.split('&').filter(|part| wanted.contains(&name_of(part))));
        parts.join("&")
    }
}

/// An answer without any `items` is no empty list.
fn items(reply: &Reply) -> Result<Vec<Map<String, Value>>> {
    reply.json::<Envelope>().map(|envelope| envelope.items)
}

fn encoded(value: &str) -> impl std::fmt::Display {
    utf8_percent_encode(value, NON_ALPHANUMERIC)
}

/// A partner's account could read other organisations, whatever a link or a cursor says.
fn without_organization(query: &str) -> String {
    let names_one = |part: &&str| {
        let name = percent_decode_str(name_of(part)).decode_utf8_lossy();
        name.trim().eq_ignore_ascii_case("orgId")
    };
    query.split('&').filter(|part| !names_one(part)).collect::<Vec<_>>().join("&")
}

fn name_of(part: &str) -> &str {
    part.split('=').next().unwrap_or(part)
}

/// The query with half of its `max`; `None` when there is no less.
fn halved(query: &str) -> Option<String> {
    let max: u32 = query.split('&').find_map(|part| part.strip_prefix("max=")?.parse().ok())?;
    let smaller = (max >= SMALLEST).then_some(max / 2)?;
    let part = |part: &str| match name_of(part) {
        "max" => format!("max={smaller}"),
        _ => part.to_owned(),
    };
    Some(query.split('&').map(part).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: List<'_> = List {
        segments: &["people"],
        operation: "list people",
        parameters: Vec::new(),
        need: &call::PEOPLE_READ,
    };

    #[test]
    fn the_defects_of_a_next_link_are_mended_and_the_rest_is_left_as_it_is() {
        let list = List { parameters: vec![("email", "a+b@x"), ("excludeStatus", "true")], ..PEOPLE };
        let first = list.first(100);
        assert_eq!(first, "email=a%2Bb%40x&excludeStatus=true&max=100");
        for (next, mended) in [
            (
                "email=a%2Bb%40x&excludeStatus=true&max=100&before&after=Q",
                "email=a%2Bb%40x&excludeStatus=true&max=100&before&after=Q",
            ),
            (
                "max=null&email=a&excludeStatus=true&cursor=Q%3D",
                "email=a&excludeStatus=true&cursor=Q%3D&max=100",
            ),
            ("cursor=Q", "cursor=Q&email=a%2Bb%40x&excludeStatus=true&max=100"),
            ("&cursor=Q&max=50&email=a&&excludeStatus=true", "cursor=Q&max=50&email=a&excludeStatus=true"),
        ] {
            assert_eq!(list.mended(next, &first), mended, "{next}");
        }
    }

    #[test]
    fn a_page_that_is_too_slow_is_halved_down_to_one() {
        assert_eq!(halved("a=1&max=25&before").as_deref(), Some("a=1&max=12&before"));
        assert_eq!(halved("max=2").as_deref(), Some("max=1"));
        assert_eq!(halved("max=1"), None);
        assert_eq!(halved("a=1"), None);
    }

    #[test]
    fn a_cursor_leads_into_no_other_organisation() {
        for name in ["orgId", "org%49d", "%6FrgId", "ORGID", "orgId%20"] {
            assert_eq!(without_organization(&format!("max=1&{name}=B&after=Q")), "max=1&after=Q", "{name}");
        }
        assert_eq!(without_organization("org=B&after=orgId"), "org=B&after=orgId");
    }
}
