//! Cursor paging (RFC 9865): the next page is read where the last one ended, and nothing is kept. A cursor is signed: its
//! place goes to the target as it is, and a client may go only where it was led.

use std::{fmt, sync::Arc};

use ring::{
    hmac::{self, HMAC_SHA256},
    rand::SystemRandom,
};

use super::{
    Endpoint, Instance,
    list::{DEFAULT_COUNT, ListRequest, MAX_COUNT},
    pages::{Progress, endless},
};
use crate::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
    hex::Hex,
    http::Cx,
    scim::{Filter, Resource},
};

/// One page of a list read by cursor.
#[derive(Debug)]
pub struct CursorPage {
    /// The resources.
    pub resources: Vec<Resource>,
    /// The cursor of the next page; `None` after the last.
    pub next: Option<String>,
    /// How many match in all, where that is known.
    pub total: Option<u64>,
}

/// What signs the cursors of an instance.
#[derive(Debug, Clone)]
pub struct CursorKey(hmac::Key);

impl CursorKey {
    /// A key of its own for the cursors of this instance, derived from a secret: whoever knows both takes them.
    pub fn derived(secret: &[u8], instance: &str) -> Self {
        let mut context = hmac::Context::with_key(&hmac::Key::new(HMAC_SHA256, secret));
        context.update(b"connector-core cursor key\0");
        context.update(instance.as_bytes());
        Self(hmac::Key::new(HMAC_SHA256, context.sign().as_ref()))
    }

    /// A key that nobody else has.
    pub fn random() -> Result<Self> {
        let key = hmac::Key::generate(HMAC_SHA256, &SystemRandom::new());
        key.map(Self).map_err(|_| Error::new(Kind::Internal, "the system gives no random numbers"))
    }

    /// A cursor as text: the signature, then the place. Only unreserved characters (RFC 9865 section 2).
    fn text(&self, list: &[&str], place: &Place) -> String {
        let place = place.to_string();
        let tag = hmac::sign(&self.0, &signed(list, &place));
        format!("{}.{place}", Hex(tag.as_ref()))
    }

    /// The place of a cursor that was made here for this list.
    fn read(&self, list: &[&str], text: &str) -> Option<Place> {
        let (tag, place) = text.split_once('.')?;
        hmac::verify(&self.0, &signed(list, place), &bytes(tag)?).ok()?;
        Place::parse(place)
    }
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// At this 1-based index of a list that is kept or short.
    Index(u64),
    /// In the target's page at this position, after so many of its objects.
    Page(Position, usize),
}

/// What is signed: the list a cursor belongs to, and its place.
fn signed(list: &[&str], place: &str) -> Vec<u8> {
    let mut text = Vec::new();
    for part in list.iter().chain([&place]) {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part.as_bytes());
    }
    text
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "i.{index}"),
            Self::Page(Position::Index(index), skip) => write!(f, "n.{index}.{skip}"),
            Self::Page(Position::Cursor(cursor), skip) => write!(f, "c.{}.{skip}", Hex(cursor.as_bytes())),
        }
    }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (kind, value) = (parts.next()?, parts.next()?);
        let skip = parts.next().map(|skip| skip.parse().ok());
        let index = || value.parse().ok().filter(|index| (1..=FARTHEST).contains(index));
        let place = match (kind, skip) {
            ("i", None) => Self::Index(index()?),
            ("n", Some(Some(skip))) => Self::Page(Position::Index(index()?), skip),
            ("c", Some(Some(skip))) => {
                Self::Page(Position::Cursor(String::from_utf8(bytes(value)?).ok()?), skip)
            }
            _ => return None,
        };
        parts.next().is_none().then_some(place)
    }
}

/// No list is longer.
const FARTHEST: u64 = u32::MAX as u64;

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    hex.len().is_multiple_of(2).then(|| hex.as_bytes().chunks(2).map(pair).collect())?
}

impl Instance {
    /// Answers a list request page by page; an empty `cursor` asks for the first one.
    pub async fn list_by_cursor(
        self: &Arc<Self>,
        index: usize,
        cx: &Cx<'_>,
        request: &ListRequest,
        cursor: &str,
    ) -> Result<CursorPage> {
        let endpoint = self.endpoint_at(index);
        endpoint.require_read(request.filter.as_ref())?;
        let filter = request.filter.as_ref().map(ToString::to_string).unwrap_or_default();
        let sort = request.sort.as_ref().map(super::Sort::text).unwrap_or_default();
        let list = [endpoint.name(), &filter, &sort];
        let place = match cursor {
            "" => None,
            text => Some(self.cursors.read(&list, text).ok_or_else(|| {
                let rule = "belongs to no list with this filter and order; begin with an empty cursor";
                Error::new(Kind::InvalidCursor, rule).at("cursor")
            })?),
        };
        let count = match request.count {
            None => DEFAULT_COUNT,
            Some(count) => u64::try_from(count).unwrap_or(0).min(MAX_COUNT),
        };
        let kept = request.sort.is_some()
            || request.filter.as_ref().is_some_and(|filter| endpoint.lookups(filter).is_some());
        let (resources, next, total) = if kept {
            let start = match place {
                Some(Place::Index(start)) => start,
                _ => 1,
            };
            let request = ListRequest {
                caller: request.caller.clone(),
                filter: request.filter.clone(),
                sort: request.sort.clone(),
                start_index: i64::try_from(start).ok(),
                count: i64::try_from(count).ok(),
            };
            let page = self.list(index, cx, &request).await?;
            let after = start + page.resources.len() as u64;
            let next = (after <= page.total && !page.resources.is_empty()).then_some(Place::Index(after));
            (page.resources, next, Some(page.total))
        } else {
            let place = match place {
                Some(Place::Page(position, skip)) => (position, skip),
                _ => (Position::Index(1), 0),
            };
            let filter = request.filter.as_ref();
            let spared = endpoint.sparable(cx, filter);
            let bare = (!spared.is_empty()).then(|| cx.sparing(spared));
            let read = endpoint.read_on(bare.as_ref().unwrap_or(cx), place, count, filter).await;
            let on = |error: Error| error.on(endpoint.name().to_owned());
            let (mut resources, next, total) = read.map_err(on)?;
            if let Some(bare) = &bare {
                cx.waited(bare.target_time());
                resources = endpoint.whole(cx, &resources, filter).await.map_err(on)?;
            }
            (resources, next, total)
        };
        Ok(CursorPage { resources, next: next.map(|place| self.cursors.text(&list, &place)), total })
    }
}

impl Endpoint<'_> {
    /// Reads the target's pages from a place on until some objects match: as many at once as are wanted, so that nothing is
    /// read twice; more while nothing matches. Also how many there are, where the target says so or all of them came.
    async fn read_on(
        self,
        cx: &Cx<'_>,
        (mut position, mut skip): (Position, usize),
        wanted: u64,
        filter: Option<&Filter>,
    ) -> Result<(Vec<Resource>, Option<Place>, Option<u64>)> {
        let from_first = position == Position::Index(1) && skip == 0;
        let most = usize::try_from(wanted).unwrap_or(usize::MAX);
        let max = self.target.spec().paging.max();
        let mut count = u32::try_from(most.max(1)).unwrap_or(max).min(max);
        let (mut resources, mut progress) = (Vec::new(), Progress::default());
        loop {
            let query = Query { conditions: Vec::new(), position: position.clone(), count };
            let page = self.target.list(cx, &query).await?;
            // The target counts what matches and what does not.
            let total = page.total.filter(|_| filter.is_none());
            let items = page.items.get(skip..).unwrap_or_default();
            let came = self.answers(cx, items).await?;
            let next = match skip {
                0 => progress.after(page.next, came.iter().filter_map(Resource::id))?,
                // The rest of a page, of which a part was answered before.
                _ => page.next,
            };
            for (offset, resource) in came.into_iter().enumerate() {
                if resources.len() == most {
                    return Ok((resources, Some(Place::Page(position, skip + offset)), total));
                }
                if filter.is_none_or(|filter| filter.matches(&resource)) {
                    resources.push(resource);
                }
            }
            let Some(next) = next else {
                let all = from_first.then_some(resources.len() as u64);
                return Ok((resources, None, total.or(all)));
            };
            if next == position {
                return Err(endless());
            }
            (position, skip) = (next, 0);
            if !resources.is_empty() {
                return Ok((resources, Some(Place::Page(position, 0)), total));
            }
            count = count.saturating_mul(2).min(max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[&str] = &["User", "userName sw \"a\"", ""];

    #[test]
    fn a_cursor_is_unreserved_text_and_belongs_to_its_list() {
        let key = CursorKey::derived(b"secret", "acme");
        for place in [
            Place::Index(101),
            Place::Page(Position::Index(7), 3),
            Place::Page(Position::Cursor("dXNlcg==&ü".into()), 0),
        ] {
            let text = key.text(LIST, &place);
            assert!(
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
                "{text}"
            );
            assert_eq!(key.read(LIST, &text), Some(place.clone()));
            assert_eq!(CursorKey::derived(b"secret", "acme").read(LIST, &text), Some(place), "a replica");
            for other in [["Group", LIST[1], ""], ["User", "", LIST[1]], ["User", LIST[1], "id false"]] {
                assert_eq!(key.read(&other, &text), None, "{other:?}");
            }
            for other in [CursorKey::derived(b"secret", "other"), CursorKey::random().unwrap()] {
                assert_eq!(other.read(LIST, &text), None);
            }
        }
        for odd in ["", "x", "2a", "2a.i", "2a.i.1", "é.i.1", ".i.1"] {
            assert_eq!(key.read(LIST, odd), None, "{odd}");
        }
    }

    #[test]
    fn a_client_goes_only_where_it_was_led() {
        let key = CursorKey::derived(b"secret", "acme");
        let led = key.text(LIST, &Place::Page(Position::Cursor("max=100&after=Q".into()), 0));
        let (tag, _) = led.split_once('.').unwrap();
        for place in [
            Place::Page(Position::Cursor("org%49d=OTHER&max=100".into()), 0),
            Place::Page(Position::Cursor("max=100&after=Q".into()), 1),
            Place::Index(1),
        ] {
            assert_eq!(key.read(LIST, &format!("{tag}.{place}")), None);
        }
        for odd in ["i", "i.0", "i.1.2", "i.18446744073709551615", "c.f.1", "c.aé.1", "n.1.1.1", "n.1.x"] {
            assert_eq!(Place::parse(odd), None, "{odd}");
        }
    }
}
