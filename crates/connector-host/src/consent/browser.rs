//! The cookie that ties the way back from the vendor to the browser that left.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{STATE_SECS, random};

/// Where the service is reached by https, no neighbour of the same domain can set it (RFC 6265bis, `__Host-`).
const fn name(https: bool) -> &'static str {
    if https { "__Host-connector-host-consent" } else { "connector-host-consent" }
}

/// One browser.
pub(super) struct Browser {
    cookie: String,
}

impl Browser {
    /// The browser of this request, by the cookie it brings; `https` as in [`Browser::set_cookie`].
    pub(super) fn known(headers: &HeaderMap, https: bool) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookie = lines.flat_map(|line| line.split(';')).find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            (name == self::name(https) && (32..=64).contains(&value.len())).then(|| value.to_owned())
        })?;
        Some(Self { cookie })
    }

    /// A browser that has no cookie yet.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        Ok(Self { cookie: random()? })
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.cookie.as_bytes()))
    }

    /// Whether it is the one whose hash was kept.
    pub(super) fn is(&self, hash: &str) -> bool {
        self.hash().as_bytes().ct_eq(hash.as_bytes()).into()
    }

    /// `Set-Cookie`: `Lax`, as the vendor's redirect is a top-level navigation; for every path, as a proxy may serve the
    /// redirect URL under another one.
    pub(super) fn set_cookie(&self, https: bool) -> HeaderValue {
        let secure = if https { "; Secure" } else { "" };
        let text = format!(
            "{}={}; Path=/; Max-Age={STATE_SECS}; HttpOnly; SameSite=Lax{secure}",
            name(https),
            self.cookie
        );
        let mut value = HeaderValue::from_str(&text).expect("base64 fits a header");
        value.set_sensitive(true);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_cookie() {
        let browser = Browser::new().unwrap();
        let set = browser.set_cookie(true);
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-") && set.contains("; Path=/;"), "{set}");
        assert!(set.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set}");
        let plain = browser.set_cookie(false);
        assert!(!plain.to_str().unwrap().contains("Secure") && !plain.to_str().unwrap().contains("__Host-"));
        let pair = set.split(';').next().unwrap();
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            HeaderValue::from_str(&format!("other=1; {pair}")).unwrap(),
        )]);
        let again = Browser::known(&headers, true).unwrap();
        assert!(again.is(&browser.hash()));
        assert!(!again.is(&Browser::new().unwrap().hash()));
        assert!(Browser::known(&HeaderMap::new(), true).is_none());
        assert!(Browser::known(&headers, false).is_none(), "another name");
    }
}
