//! One error type from the vendor's answer to the SCIM error body.
//!
//! Everything that can go wrong is an [`Error`]: its [`Kind`] decides status and `scimType` in one total match
//! ([`Kind::answer`]), the rest says which object, attribute and rule, and what the target said.

use std::{borrow::Cow, error::Error as StdError, fmt, time::Duration};

use crate::scim::ScimType;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, seen from the SCIM client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The object does not exist.
    NotFound,
    /// A unique value is in use.
    Duplicate,
    /// The object is in a state that does not allow it.
    Conflict,
    /// The attribute cannot be changed (any more).
    Mutability,
    /// A value is missing, malformed or refused.
    InvalidValue,
    /// The request body is not what the operation takes.
    InvalidSyntax,
    /// The filter cannot be read or names an attribute that does not exist.
    InvalidFilter,
    /// A PATCH path cannot be read or names an attribute that does not exist.
    InvalidPath,
    /// A PATCH path matches nothing.
    NoTarget,
    /// The cursor of a list is not one, or belongs to another list.
    InvalidCursor,
    /// The request asks for more than a limit allows.
    TooMany,
    /// The request body is too large.
    TooLarge,
    /// The caller presented no valid credential.
    Unauthenticated,
    /// The target's rules forbid it.
    Forbidden,
    /// A condition of the request (`If-Match`) does not hold.
    Precondition,
    /// The connector or the target cannot do it at all.
    Unsupported,
    /// The resource type does not offer this method.
    MethodNotAllowed,
    /// The media type of the request is not supported.
    MediaType,
    /// The target's rate limit is used up.
    RateLimited,
    /// The target cannot be reached or says that it is down.
    Unavailable,
    /// The deadline passed.
    Deadline,
    /// The target's answer makes no sense.
    OddAnswer,
    /// The target refuses the credential this host holds for it.
    TargetCredential,
    /// Our own rules forbid the destination.
    Refused,
    /// A fault of this host.
    Internal,
}

impl Kind {
    /// HTTP status and `scimType` (RFC 7644 section 3.12) of the answer: the one place that decides them.
    pub const fn answer(self) -> (u16, Option<ScimType>) {
        match self {
            Self::NotFound => (404, None),
            Self::Duplicate => (409, Some(ScimType::Uniqueness)),
            Self::Conflict => (409, None),
            Self::Mutability => (400, Some(ScimType::Mutability)),
            Self::InvalidValue => (400, Some(ScimType::InvalidValue)),
            Self::InvalidSyntax => (400, Some(ScimType::InvalidSyntax)),
            Self::InvalidFilter => (400, Some(ScimType::InvalidFilter)),
            Self::InvalidPath => (400, Some(ScimType::InvalidPath)),
            Self::NoTarget => (400, Some(ScimType::NoTarget)),
            Self::InvalidCursor => (400, Some(ScimType::InvalidCursor)),
            Self::TooMany => (400, Some(ScimType::TooMany)),
            Self::TooLarge => (413, None),
            Self::Unauthenticated => (401, None),
            Self::Forbidden => (403, None),
            Self::Precondition => (412, None),
            Self::Unsupported => (501, None),
            Self::MethodNotAllowed => (405, None),
            Self::MediaType => (415, None),
            Self::RateLimited => (429, None),
            Self::Unavailable | Self::Deadline => (503, None),
            Self::OddAnswer | Self::TargetCredential | Self::Refused => (502, None),
            Self::Internal => (500, None),
        }
    }
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The same request will fail again.
    Never,
    /// A passing fault: the same request may work at once.
    Now,
    /// Not before this much time has passed.
    After(Duration),
}

/// A failure, with what a person needs to act on it.
///
/// `Display` is one line without secrets and without any vendor body; it becomes the `detail` of the SCIM error.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    retry: Retry,
    /// Boxed: errors are rare, and every `Result` would carry their size.
    more: Box<More>,
}

#[derive(Debug, Default)]
struct More {
    message: String,
    object: Option<String>,
    attribute: Option<String>,
    operation: Option<&'static str>,
    remedy: Option<Cow<'static, str>>,
    vendor_code: Option<String>,
    vendor_message: Option<String>,
    tracking_id: Option<String>,
    in_doubt: bool,
    did_nothing: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The longest quotation of a target's message or a client's path.
const QUOTE_LIMIT: usize = 300;

impl Error {
    /// An error of `kind`; `message` states the rule that was broken, as a sentence without a full stop.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        let retry = match kind {
            Kind::RateLimited | Kind::Unavailable | Kind::Deadline => Retry::After(Duration::from_secs(1)),
            _ => Retry::Never,
        };
        Self { kind, retry, more: Box::new(More { message: message.into(), ..More::default() }) }
    }

    /// The object concerned, as `User` or `User W01EXAMPLE1`. The first word on it stays, but for an id that it lacks.
    pub fn on(mut self, object: impl Into<String>) -> Self {
        let object = object.into();
        match &mut self.more.object {
            Some(held) if object.strip_prefix(held.as_str()).is_some_and(|rest| rest.starts_with(' ')) => {
                *held = object;
            }
            held => {
                held.get_or_insert(object);
            }
        }
        self
    }

    /// The SCIM attribute concerned, cut where a client's path is no name any more. The first word on it stays.
    pub fn at(mut self, attribute: impl Into<String>) -> Self {
        self.more.attribute.get_or_insert_with(|| cut(attribute.into()));
        self
    }

    /// The call to the target that failed, as `create user`. The first word on it stays.
    pub fn during(mut self, operation: &'static str) -> Self {
        self.more.operation.get_or_insert(operation);
        self
    }

    /// Whether trying again can help.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// What the operator does about it. The first word on it stays.
    pub fn remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.more.remedy.get_or_insert_with(|| remedy.into());
        self
    }

    /// The target's own code for the failure.
    pub fn vendor_code(mut self, code: impl Into<String>) -> Self {
        self.more.vendor_code = Some(code.into());
        self
    }

    /// What the target said, quoted in one trimmed line.
    pub fn vendor_message(mut self, message: &str) -> Self {
        let line = cut(message.split_whitespace().collect::<Vec<_>>().join(" "));
        self.more.vendor_message = (!line.is_empty()).then_some(line);
        self
    }

    /// The target's id of this exchange, for its support.
    pub fn tracking_id(mut self, id: impl Into<String>) -> Self {
        self.more.tracking_id = Some(id.into());
        self
    }

    /// What caused it, for the log.
    pub fn source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.more.source = Some(source.into());
        self
    }

    /// The target may have done what was asked all the same.
    pub fn in_doubt(mut self) -> Self {
        self.more.in_doubt = true;
        self
    }

    /// Whether the target may have done what was asked all the same.
    pub const fn is_in_doubt(&self) -> bool {
        self.more.in_doubt
    }

    /// The target says that it did not even begin, as with 423 or 429: a request of any kind may be sent again.
    pub fn did_nothing(mut self) -> Self {
        self.more.did_nothing = true;
        self
    }

    /// Whether the target is known not to have begun.
    pub const fn has_done_nothing(&self) -> bool {
        self.more.did_nothing || matches!(self.kind, Kind::RateLimited)
    }

    /// What went wrong.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The same failure seen differently, where only the caller knows (an unknown id inside a member list is a bad
    /// value, not a missing object).
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same failure of the target with another kind and rule, where only the caller knows what it is about.
    pub fn restated(mut self, kind: Kind, message: impl Into<String>) -> Self {
        self.kind = kind;
        self.more.message = message.into();
        self
    }

    /// Whether trying again can help.
    pub const fn retry_hint(&self) -> Retry {
        self.retry
    }

    /// The target's own code, where it gave one.
    pub fn code(&self) -> Option<&str> {
        self.more.vendor_code.as_deref()
    }

    /// Whether it was the target that refused, in a call of ours.
    pub const fn is_of_target(&self) -> bool {
        self.more.operation.is_some()
    }

    /// The SCIM attribute concerned.
    pub fn attribute(&self) -> Option<&str> {
        self.more.attribute.as_deref()
    }
}

/// At most [`QUOTE_LIMIT`] bytes of somebody else's words.
fn cut(mut text: String) -> String {
    if text.len() > QUOTE_LIMIT {
        let end = (0..=QUOTE_LIMIT).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.more.object, &self.more.attribute) {
            (Some(object), Some(attribute)) => write!(f, "{object}: {attribute}: ")?,
            (Some(object), None) => write!(f, "{object}: ")?,
            (None, Some(attribute)) => write!(f, "{attribute}: ")?,
            (None, None) => {}
        }
        f.write_str(&self.more.message)?;
        if let Some(remedy) = &self.more.remedy {
            write!(f, "; {remedy}")?;
        }
        if let Some(operation) = self.more.operation {
            write!(f, " ({operation})")?;
        }
        if let Some(message) = self.more.vendor_message.as_ref().or(self.more.vendor_code.as_ref()) {
            write!(f, "; the target said: {message}")?;
        }
        if let Some(id) = &self.more.tracking_id {
            write!(f, " [tracking id {id}]")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.more.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_object_attribute_rule_and_what_the_target_said() {
        let error = Error::new(Kind::Duplicate, "the name is in use")
            .on("User")
            .at("userName")
            .during("create user")
            .vendor_code("username_taken")
            .vendor_message("username_taken\n (username=ada)");
        assert_eq!(
            error.to_string(),
            "User: userName: the name is in use (create user); the target said: username_taken (username=ada)"
        );
    }

    #[test]
    fn a_long_quotation_is_cut_at_a_character() {
        let error = Error::new(Kind::OddAnswer, "odd").vendor_message(&"é".repeat(400));
        let line = error.to_string();
        assert!(line.ends_with('…') && line.len() < QUOTE_LIMIT + 60, "{line}");
    }

    #[test]
    fn the_innermost_word_on_object_and_attribute_stays() {
        let error = Error::new(Kind::InvalidValue, "bad").at("emails").at("userName").on("User").on("Group");
        assert_eq!(error.to_string(), "User: emails: bad");
        let error = Error::new(Kind::InvalidValue, "bad").on("User").on("User W1").on("User W2");
        assert_eq!(error.to_string(), "User W1: bad", "an id is added");
    }

    #[test]
    fn a_long_path_is_cut() {
        let line = Error::new(Kind::InvalidPath, "bad").at("x".repeat(20_000)).to_string();
        assert!(line.ends_with("x…: bad") && line.len() < QUOTE_LIMIT + 60, "{line}");
    }
}
