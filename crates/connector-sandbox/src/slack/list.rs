//! Lists: paging, the default count of 10 and the cap of 1000, filters answered by index where there is one.

use axum::body::Bytes;
use serde_json::Value;

use super::error::{Refusal, Result};
use super::filter::{self, Filter, Op};
use super::model::{Field, Group, GroupAt, User, UserAt};
use super::options::Options;
use super::org::Org;
use super::render::to_bytes;
use crate::form::Form;
use crate::harness::Reply;
use crate::rng::mix;

const DEFAULT_COUNT: usize = 10;
const MAX_COUNT: usize = 1000;

const USER_ATTRIBUTES: [&str; 10] = [
    "username",
    "email",
    "restricted",
    "ultra_restricted",
    // From here on with `filter_any_attribute` only.
    "id",
    "active",
    "displayname",
    "title",
    "nickname",
    "externalid",
];
const DOCUMENTED_USER_ATTRIBUTES: usize = 4;
const GROUP_ATTRIBUTES: [&str; 1] = ["displayname"];

/// `GET /Users`
pub(super) fn users(org: &mut Org, options: &Options, query: &Form, now_ms: i64) -> Result<Reply> {
    let known = if options.filter_any_attribute { USER_ATTRIBUTES.len() } else { DOCUMENTED_USER_ATTRIBUTES };
    let filter = wanted(query, &USER_ATTRIBUTES[..known])?;
    let page = Page::read(query, options)?;
    let (chosen, total) = match filter {
        None if !options.shuffle => {
            let total = org.users.len();
            (page.of(total).collect(), total)
        }
        filter => {
            let found: Vec<UserAt> = match filter.as_ref() {
                None => (0..org.users.len()).collect(),
                Some(filter) => {
                    let candidates =
                        candidates(filter, org, options).unwrap_or_else(|| (0..org.users.len()).collect());
                    let matching = |at: &UserAt| user_matches(filter, &org.users[*at], options);
                    candidates.into_iter().filter(matching).collect()
                }
            };
            page.cut(found, options, |&at| at as u64)
        }
    };
    let items: Vec<_> =
        chosen.into_iter().map(|at| project(org.read_user(at, now_ms), query, options)).collect();
    Ok(page.reply(&items, total, options))
}

/// `GET /Groups`
pub(super) fn groups(org: &mut Org, options: &Options, query: &Form, now_ms: i64) -> Result<Reply> {
    let filter = wanted(query, &GROUP_ATTRIBUTES)?;
    let page = Page::read(query, options)?;
    let matching = |group: &Group| filter.as_ref().is_none_or(|filter| group_matches(filter, group));
    let found: Vec<GroupAt> = org.groups.iter().filter(|(_, g)| matching(g)).map(|(at, _)| *at).collect();
    let (chosen, total) = page.cut(found, options, |&at| at);
    let items: Vec<_> =
        chosen.into_iter().map(|at| project(org.read_group(at, now_ms), query, options)).collect();
    Ok(page.reply(&items, total, options))
}

/// The filter asked for, after the parameters that are checked whatever they say.
fn wanted(query: &Form, known: &[&str]) -> Result<Option<Filter>> {
    if let Some(order) = query.filled("sortOrder")
        && !["ascending", "descending"].contains(&order)
    {
        return Err(Refusal::bad("invalid_sort_order"));
    }
    query.filled("filter").map(|text| filter::parse(text, known)).transpose()
}

/// The part of a list that is asked for.
struct Page {
    start: usize,
    count: usize,
}

impl Page {
    fn read(query: &Form, options: &Options) -> Result<Self> {
        let number = |name| query.value(name).and_then(|text| text.trim().parse::<i64>().ok());
        let start = number("startIndex").unwrap_or(1);
        if start < 1 && options.refuse_low_start_index {
            return Err(Refusal::bad("invalid_query"));
        }
        let count = match number("count") {
            Some(0) if options.zero_count_is_empty => 0,
            Some(count) if count < 0 && options.refuse_negative_count => {
                return Err(Refusal::bad("invalid_query"));
            }
            Some(count) if count > 0 => usize::try_from(count).unwrap_or(MAX_COUNT).min(MAX_COUNT),
            _ => DEFAULT_COUNT,
        };
        Ok(Self { start: usize::try_from(start.max(1)).unwrap_or(usize::MAX), count })
    }

    fn of(&self, total: usize) -> std::ops::Range<usize> {
        let from = (self.start - 1).min(total);
        from..from.saturating_add(self.count).min(total)
    }

    /// The items of the page and the number of all.
    fn cut<T: Copy>(&self, mut found: Vec<T>, options: &Options, key: impl Fn(&T) -> u64) -> (Vec<T>, usize) {
        if options.shuffle {
            found.sort_by_key(|item| mix(key(item)));
        }
        let total = found.len();
        (found[self.of(total)].to_vec(), total)
    }

    fn reply(&self, items: &[Bytes], total: usize, options: &Options) -> Reply {
        let past_end = items.is_empty() && self.start > total;
        let start = if past_end && !options.echo_start_index_past_end { 1 } else { self.start };
        let mut body = Vec::with_capacity(128 + items.iter().map(|item| item.len() + 1).sum::<usize>());
        let head = format!(
            r#"{{"totalResults":{total},"itemsPerPage":{},"startIndex":{start},"schemas":["urn:scim:schemas:core:1.0"],"Resources":["#,
            items.len()
        );
        body.extend_from_slice(head.as_bytes());
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            body.extend_from_slice(item);
        }
        body.extend_from_slice(b"]}");
        Reply::json(200, body)
    }
}

/// Cuts an object down to the `attributes` asked for, when that switch is on.
pub(super) fn project(item: Bytes, query: &Form, options: &Options) -> Bytes {
    let Some(wanted) = query.filled("attributes").filter(|_| options.honour_attributes) else { return item };
    let wanted: Vec<_> = wanted.split(',').map(|name| name.trim().to_lowercase()).collect();
    let Ok(Value::Object(mut object)) = serde_json::from_slice(&item) else { return item };
    object.retain(|name, _| {
        ["schemas", "id"].contains(&name.as_str()) || wanted.contains(&name.to_lowercase())
    });
    to_bytes(&Value::Object(object)).into()
}

/// The users an index says can match, or None when all must be looked at.
fn candidates(filter: &Filter, org: &Org, options: &Options) -> Option<Vec<UserAt>> {
    match filter {
        Filter::Compare(attribute, Op::Eq, value) => match attribute.as_str() {
            "username" => Some(org.user_by_name(value).into_iter().collect()),
            "email" if !options.email_filter_secondary => {
                Some(org.user_by_email(value).into_iter().collect())
            }
            "id" => Some(org.user_at(value).into_iter().collect()),
            _ => None,
        },
        Filter::And(left, right) => {
            candidates(left, org, options).or_else(|| candidates(right, org, options))
        }
        Filter::Or(left, right) => {
            let mut both = candidates(left, org, options)?;
            both.extend(candidates(right, org, options)?);
            both.sort_unstable();
            both.dedup();
            Some(both)
        }
        Filter::Compare(..) | Filter::Present(_) => None,
    }
}

fn user_matches(filter: &Filter, user: &User, options: &Options) -> bool {
    match filter {
        Filter::Or(left, right) => user_matches(left, user, options) || user_matches(right, user, options),
        Filter::And(left, right) => user_matches(left, user, options) && user_matches(right, user, options),
        Filter::Present(attribute) => user_values(attribute, user, options).iter().any(|v| !v.is_empty()),
        Filter::Compare(attribute, op, value) => {
            let exact = attribute == "email" && options.email_filter_case_sensitive;
            let cased = |text: &str| if exact { text.to_owned() } else { text.to_lowercase() };
            let is_flag = ["restricted", "ultra_restricted", "active"].contains(&attribute.as_str());
            let wanted = match value.to_lowercase().as_str() {
                "true" if is_flag => "1".to_owned(),
                "false" if is_flag => "0".to_owned(),
                _ => cased(value),
            };
            user_values(attribute, user, options).iter().any(|held| op.holds(&cased(held), &wanted))
        }
    }
}

fn user_values<'a>(attribute: &str, user: &'a User, options: &Options) -> Vec<&'a str> {
    let flag = |flag: bool| vec![if flag { "1" } else { "0" }];
    match attribute {
        "username" | "nickname" => vec![&user.user_name],
        "email" => {
            let secondary = user.custom(Field::SecondaryEmail).filter(|_| options.email_filter_secondary);
            std::iter::once(user.email.as_str()).chain(secondary).collect()
        }
        "restricted" => flag(user.guest.is_some()),
        // Single-channel guests cannot be provisioned and none are seeded.
        "ultra_restricted" => flag(false),
        "id" => vec![&user.id],
        "active" => flag(user.active),
        "displayname" => vec![&user.display_name],
        "title" => vec![&user.title],
        "externalid" => vec![&user.external_id],
        _ => Vec::new(),
    }
}

fn group_matches(filter: &Filter, group: &Group) -> bool {
    match filter {
        Filter::Or(left, right) => group_matches(left, group) || group_matches(right, group),
        Filter::And(left, right) => group_matches(left, group) && group_matches(right, group),
        Filter::Present(_) => !group.name.is_empty(),
        Filter::Compare(_, op, value) => op.holds(&group.name.to_lowercase(), &value.to_lowercase()),
    }
}
