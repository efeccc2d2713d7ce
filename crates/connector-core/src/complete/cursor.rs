//! Cursor paging (RFC 9865): the next page is read where the last one ended, nothing is kept and nothing is counted.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use super::{
    Endpoint, Instance,
    list::{DEFAULT_COUNT, ListRequest, MAX_COUNT},
    pages::{Progress, endless},
};
use crate::{
    connector::{Position, Query},
    error::{Error, Kind, Result},
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
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// At this 1-based index of a list that is kept or short.
    Index(u64),
    /// In the target's page at this position, after so many of its objects.
    Page(Position, usize),
}

/// A cursor as text: the list it belongs to, then the place. Only unreserved characters (RFC 9865 section 2).
struct Text<'a>(u64, &'a Place);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.", self.0)?;
        match self.1 {
            Place::Index(index) => write!(f, "i.{index}"),
            Place::Page(Position::Index(index), skip) => write!(f, "n.{index}.{skip}"),
            Place::Page(Position::Cursor(cursor), skip) => {
                write!(f, "c.")?;
                cursor.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                write!(f, ".{skip}")
            }
        }
    }
}

fn parse(text: &str, list: u64) -> Option<Place> {
    let mut parts = text.split('.');
    if u64::from_str_radix(parts.next()?, 16).ok()? != list {
        return None;
    }
    let (kind, value) = (parts.next()?, parts.next()?);
    let skip = parts.next().map(|skip| skip.parse().ok());
    let place = match (kind, skip) {
        ("i", None) => Place::Index(value.parse().ok().filter(|index| *index > 0)?),
        ("n", Some(Some(skip))) => {
            Place::Page(Position::Index(value.parse().ok().filter(|index| *index > 0)?), skip)
        }
        ("c", Some(Some(skip))) => {
            let bytes = value.as_bytes().chunks(2).map(|pair| {
                u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)
            });
            Place::Page(Position::Cursor(String::from_utf8(bytes.collect::<Option<_>>()?).ok()?), skip)
        }
        _ => return None,
    };
    parts.next().is_none().then_some(place)
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
        let mut hasher = DefaultHasher::new();
        let filter = request.filter.as_ref().map(ToString::to_string);
        (index, &filter, request.sort.as_ref().map(super::Sort::text)).hash(&mut hasher);
        let list = hasher.finish();
        let place = match cursor {
            "" => None,
            text => Some(parse(text, list).ok_or_else(|| {
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
        let (resources, next) = if kept {
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
            (page.resources, next)
        } else {
            let place = match place {
                Some(Place::Page(position, skip)) => (position, skip),
                _ => (Position::Index(1), 0),
            };
            let read = endpoint.read_on(cx, place, count, request.filter.as_ref()).await;
            read.map_err(|error| error.on(endpoint.name().to_owned()))?
        };
        Ok(CursorPage { resources, next: next.map(|place| Text(list, &place).to_string()) })
    }
}

impl Endpoint<'_> {
    /// Reads the target's pages from a place on until some objects match: as many at once as are wanted, so that nothing is
    /// read twice; more while nothing matches.
    async fn read_on(
        self,
        cx: &Cx<'_>,
        (mut position, mut skip): (Position, usize),
        wanted: u64,
        filter: Option<&Filter>,
    ) -> Result<(Vec<Resource>, Option<Place>)> {
        let most = usize::try_from(wanted).unwrap_or(usize::MAX);
        let max = self.target.spec().paging.max();
        let mut count = u32::try_from(most.max(1)).unwrap_or(max).min(max);
        let (mut resources, mut progress) = (Vec::new(), Progress::default());
        loop {
            let query = Query { conditions: Vec::new(), position: position.clone(), count };
            let page = self.target.list(cx, &query).await?;
            let items = page.items.get(skip..).unwrap_or_default();
            let came = self.answers(cx, items).await?;
            let next = match skip {
                0 => progress.after(page.next, came.iter().filter_map(Resource::id))?,
                // The rest of a page, of which a part was answered before.
                _ => page.next,
            };
            for (offset, resource) in came.into_iter().enumerate() {
                if resources.len() == most {
                    return Ok((resources, Some(Place::Page(position, skip + offset))));
                }
                if filter.is_none_or(|filter| filter.matches(&resource)) {
                    resources.push(resource);
                }
            }
            let Some(next) = next else { return Ok((resources, None)) };
            if next == position {
                return Err(endless());
            }
            (position, skip) = (next, 0);
            if !resources.is_empty() {
                return Ok((resources, Some(Place::Page(position, 0))));
            }
            count = count.saturating_mul(2).min(max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_unreserved_text_and_belongs_to_its_list() {
        for place in [
            Place::Index(101),
            Place::Page(Position::Index(7), 3),
            Place::Page(Position::Cursor("dXNlcg==&ü".into()), 0),
        ] {
            let text = Text(42, &place).to_string();
            assert!(
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
                "{text}"
            );
            assert_eq!(parse(&text, 42), Some(place));
            assert_eq!(parse(&text, 43), None);
        }
        for odd in ["", "x", "2a", "2a.i", "2a.i.0", "2a.i.1.2", "2a.c.f.1", "2a.n.1.1.1", "é.i.1"] {
            assert_eq!(parse(odd, 42), None, "{odd}");
        }
    }
}
