//! One id per request, from the client to the target and back.

use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

use http::{HeaderMap, HeaderName, HeaderValue};

/// Where the id stands, in both directions.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, found in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The client's own id where it is sane, else a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(value) if is_sane(value.as_bytes()) => Self(value.clone()),
            _ => Self::new(),
        }
    }

    /// A new id: unlike any other of any process.
    fn new() -> Self {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| getrandom::u64().unwrap_or_default());
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let text = format!("{:016x}-{:x}", *PROCESS, NEXT.fetch_add(1, Ordering::Relaxed));
        Self(HeaderValue::try_from(text).expect("hexadecimal digits and a hyphen"))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("made of letters, digits and a few signs")
    }

    /// The id as a header.
    pub fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Others' ids go into our logs and to targets: printable, short, nothing that a log or a shell reads differently.
fn is_sane(id: &[u8]) -> bool {
    (1..=128).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.:+/=@|".contains(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        let of = |text: &str| {
            let headers = HeaderMap::from_iter([(HEADER, HeaderValue::from_bytes(text.as_bytes()).unwrap())]);
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(of("3f2b-Aa.1:2"), "3f2b-Aa.1:2");
        for odd in ["", "a b", "a\"b", "a\u{fc}", &"x".repeat(129)] {
            assert_ne!(of(odd), odd);
        }
        assert_ne!(RequestId::new(), RequestId::new());
    }
}
