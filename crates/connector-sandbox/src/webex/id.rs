//! Ids: base64 without padding of `ciscospark://<cluster>/<KIND>/<value>`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::{Refusal, Result};
use crate::rng::Rng;

/// What an id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Person,
    Organization,
    Role,
    License,
    Location,
    Team,
    Membership,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Person => "PEOPLE",
            Self::Organization => "ORGANIZATION",
            Self::Role => "ROLE",
            Self::License => "LICENSE",
            Self::Location => "LOCATION",
            Self::Team => "TEAM",
            Self::Membership => "TEAM_MEMBERSHIP",
        }
    }
}

/// The id of that value. People, organizations and most else live in the cluster `us`, wherever their data is.
pub(super) fn encode(kind: Kind, value: &str) -> String {
    encode_in("us", kind, value)
}

/// The id of that value in another cluster.
pub(super) fn encode_in(cluster: &str, kind: Kind, value: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("ciscospark://{cluster}/{}/{value}", kind.word()))
}

/// The value in an id of that kind; a bare UUID stands for itself.
pub(super) fn decode(kind: Kind, text: &str) -> Result<String> {
    if is_uuid(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let uri = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let value = uri.as_deref().and_then(|uri| {
        let (_cluster, rest) = uri.strip_prefix("ciscospark://")?.split_once('/')?;
        rest.strip_prefix(kind.word())?.strip_prefix('/').filter(|value| !value.is_empty())
    });
    value.map(str::to_owned).ok_or_else(|| {
        Refusal::bad("Failed to convert ID: a Base64-encoded identifier or a UUID was expected.")
    })
}

/// A UUID nobody else has.
pub(super) fn fresh_uuid(rng: &mut Rng) -> String {
    let mut part = |len| rng.word("0123456789abcdef", len);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_unpadded_base64_of_a_uri_and_comes_back() {
        let id = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xYzlmMGE3Ny0yYjU0LTRkMWUtOGY2MC0zYTdiZTVkMmM5MDE";
        let uuid = "1c9f0a77-2b54-4d1e-8f60-3a7be5d2c901";
        assert_eq!(encode(Kind::Person, uuid), id);
        assert_eq!(decode(Kind::Person, id).as_deref(), Ok(uuid));
        assert_eq!(decode(Kind::Person, uuid).as_deref(), Ok(uuid));
        for bad in ["", "nonsense", "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8", &encode(Kind::Team, uuid)] {
            assert_eq!(decode(Kind::Person, bad).map_err(|refusal| refusal.status), Err(400), "{bad}");
        }
    }

    #[test]
    fn another_cluster_does_not_matter() {
        let id = encode_in("urn:TEAM:eu-central-1_k", Kind::Team, "u");
        assert_eq!(decode(Kind::Team, &id).as_deref(), Ok("u"));
    }
}
