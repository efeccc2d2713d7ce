//! SCIM paths as table rows have them.

use serde_json::Value;

use crate::scim::same_name;

/// A row's SCIM path, taken apart.
pub(super) struct ScimPath<'t> {
    pub urn: Option<&'t str>,
    pub name: &'t str,
    pub selector: Option<(&'t str, Value)>,
    pub sub: Option<&'t str>,
}

impl<'t> ScimPath<'t> {
    /// Reads `attr`, `attr.sub`, `attr[by eq literal].sub`, each with `URN:` before it.
    pub(super) fn parse(text: &'t str) -> Result<Self, &'static str> {
        const FORM: &str =
            "must be `attr`, `attr.sub` or `attr[sub eq literal].sub`, with `URN:` before it or not";
        let (urn, rest) = match text.starts_with("urn:").then(|| text.rsplit_once(':')) {
            Some(Some((urn, rest))) => (Some(urn), rest),
            _ => (None, text),
        };
        let (head, selector, tail) = match rest.split_once('[') {
            None => (rest, None, None),
            Some((head, tail)) => {
                let (inner, tail) = tail.split_once(']').ok_or(FORM)?;
                let (by, literal) = inner.split_once(" eq ").ok_or(FORM)?;
                let literal = serde_json::from_str(literal).map_err(|_| FORM)?;
                (head, Some((by, literal)), Some(tail.strip_prefix('.').ok_or(FORM)?))
            }
        };
        let (name, sub) = match (tail, head.split_once('.')) {
            (Some(sub), None) => (head, Some(sub)),
            (None, Some((name, sub))) => (name, Some(sub)),
            (None, None) => (head, None),
            (Some(_), Some(_)) => return Err(FORM),
        };
        if name.is_empty() || sub.is_some_and(|sub| sub.is_empty() || sub.contains('.')) {
            return Err(FORM);
        }
        Ok(Self { urn, name, selector, sub })
    }

    /// Whether the attribute that a row about a part publishes has this sub-attribute: the row's own, its selector's, and
    /// beside a selector `primary`, which comes back as the client wrote it although the target keeps no such mark.
    pub(super) fn publishes(&self, name: &str, is_sent: bool) -> bool {
        let own = |sub: &str| same_name(name, sub);
        let selector = self.selector.as_ref();
        self.sub.is_some_and(own) || selector.is_some_and(|(by, _)| own(by) || is_sent && own("primary"))
    }
}
