//! `Link` headers (RFC 8288).

use http::{HeaderMap, header};

/// The target of the first link with this relation, as it stands in the headers.
pub(super) fn target<'h>(headers: &'h HeaderMap, relation: &str) -> Option<&'h str> {
    let values = headers.get_all(header::LINK).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(links).find(|link| link.is(relation)).map(|link| link.target)
}

struct Link<'h> {
    target: &'h str,
    parameters: &'h str,
}

impl Link<'_> {
    /// Whether `rel` names this relation; it may name several.
    fn is(&self, relation: &str) -> bool {
        let rel = self.parameters.split(';').filter_map(|parameter| parameter.split_once('='));
        rel.filter(|(name, _)| name.trim().eq_ignore_ascii_case("rel")).any(|(_, value)| {
            let mut named = value.trim().trim_matches('"').split_ascii_whitespace();
            named.any(|named| named.eq_ignore_ascii_case(relation))
        })
    }
}

/// The links of one header value. A comma ends a link only outside of quotes; a target may hold any of both.
fn links(value: &str) -> impl Iterator<Item = Link<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let mut quoted = false;
        let end = after.find(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (parameters, later) = after.split_at(end.unwrap_or(after.len()));
        rest = later;
        Some(Link { target, parameters })
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn next(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::LINK, HeaderValue::from_static(value));
        }
        target(&headers, "next").map(str::to_owned)
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        for (values, found) in [
            (&["<https://h/p?a=1>; rel=\"next\""][..], Some("https://h/p?a=1")),
            (&["<https://h/p?a=1,2;3>; REL=Next"], Some("https://h/p?a=1,2;3")),
            (
                &["<https://h/1>; rel=\"prev\", <https://h/2>; title=\"a, b\"; rel=\"last next\""],
                Some("https://h/2"),
            ),
            (&["<https://h/1>; rel=prev", "<https://h/2>; rel=next"], Some("https://h/2")),
            (&["<https://h/1>; rel=\"nextish\""], None),
            (&["<https://h/1>; title=next", "", "rel=next", "<https://h/1"], None),
            (&[], None),
        ] {
            assert_eq!(next(values).as_deref(), found, "{values:?}");
        }
    }
}
