//! Pages of lists: `max`, an opaque cursor, the `Link` header and its recorded defects.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{Refusal, Result};
use super::options::{ListOrder, NextLink, Options};
use crate::form::{Form, encode};
use crate::rng::mix;

/// Where an enumeration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    /// Decides the order; 0 is that of creation.
    seed: u64,
    /// The last place given.
    after: u64,
    /// Empty pages still to come before the next full one.
    empty: u32,
}

impl Cursor {
    fn write(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{:x}.{:x}.{}", self.seed, self.after, self.empty))
    }

    fn read(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.split('.');
        let mut hex = || u64::from_str_radix(parts.next()?, 16).ok();
        let (seed, after) = (hex()?, hex()?);
        let empty = parts.next()?.parse().ok()?;
        Some(Self { seed, after, empty })
    }
}

/// Which part of a list is asked for.
pub(super) struct Paging<'a> {
    query: &'a Form,
    options: &'a Options,
    pub(super) max: usize,
    cursor: Option<Cursor>,
}

impl<'a> Paging<'a> {
    /// Reads `max` and the cursor; a `max` above the ceiling is lowered in silence.
    pub(super) fn read(query: &'a Form, options: &'a Options, ceiling: usize) -> Result<Self> {
        let max = match query.value("max") {
            None => 100,
            Some(text) => match text.parse() {
                Ok(0) | Err(_) => return Err(Refusal::bad("max must be a number greater than 0")),
                Ok(max) => max,
            },
        };
        let cursor = match query.filled("after") {
            None => None,
            Some(text) => Some(Cursor::read(text).ok_or_else(|| Refusal::bad("Invalid paging cursor"))?),
        };
        Ok(Self { query, options, max: max.min(ceiling), cursor })
    }

    /// The keys of this page out of all, given in order of creation, and the `Link` to the next. `salt` decides an
    /// unstable order.
    pub(super) fn page(
        &self,
        keys: impl Iterator<Item = u64>,
        url: &str,
        salt: u64,
    ) -> (Vec<u64>, Option<String>) {
        let seed = self.cursor.map_or_else(
            || match self.options.list_order {
                ListOrder::Created => 0,
                ListOrder::Shuffled => 1,
                ListOrder::Unstable => mix(salt) | 1,
            },
            |cursor| cursor.seed,
        );
        if let Some(cursor) = self.cursor.filter(|cursor| cursor.empty > 0) {
            let next = Cursor { empty: cursor.empty - 1, ..cursor };
            return (Vec::new(), Some(self.link(url, next)));
        }
        let place = |key: u64| if seed == 0 { key } else { mix(key ^ seed) };
        let mut places: Vec<(u64, u64)> = keys.map(|key| (place(key), key)).collect();
        if seed != 0 {
            places.sort_unstable();
        }
        let start = self.cursor.map_or(0, |cursor| places.partition_point(|(p, _)| *p <= cursor.after));
        let page: Vec<_> = places[start..].iter().take(self.max).copied().collect();
        let more = start + page.len() < places.len();
        let next = page.last().filter(|_| more).map(|(after, _)| {
            self.link(url, Cursor { seed, after: *after, empty: self.options.empty_pages })
        });
        (page.into_iter().map(|(_, key)| key).collect(), next)
    }

    fn link(&self, url: &str, next: Cursor) -> String {
        let kept = self.query.pairs().filter(|(name, _)| !["max", "before", "after"].contains(name));
        let kept: Vec<String> = kept.map(|(name, value)| format!("{name}={}&", encode(value))).collect();
        let kept = kept.concat();
        let max = self.max;
        let parameters = match self.options.next_link {
            NextLink::Good => format!("{kept}max={max}&before&"),
            NextLink::MaxNull => format!("{kept}max=null&before&"),
            NextLink::LostParameters => "before&".to_owned(),
        };
        let host = &self.options.next_link_host;
        let url =
            match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('/')?.1))) {
                Some((scheme, path)) if !host.is_empty() => format!("{scheme}://{host}/{path}"),
                _ => url.to_owned(),
            };
        format!("<{url}?{parameters}after={}>; rel=\"next\"", next.write())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nonsense_does_not() {
        let cursor = Cursor { seed: u64::MAX, after: 17, empty: 2 };
        assert_eq!(Cursor::read(&cursor.write()), Some(cursor));
        for nonsense in ["", "null", "MTcu", "é"] {
            assert_eq!(Cursor::read(nonsense), None, "{nonsense}");
        }
    }
}
