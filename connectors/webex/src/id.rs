//! Ids of Webex: base64 of `ciscospark://<cluster>/<KIND>/<value>`. They are opaque; only the value of roles and licences
//! says what no other field says.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, CONFIG);

/// The value in an id, such as `id_full_admin`; `None` for an id of another form.
pub(crate) fn value(id: &str) -> Option<String> {
    let bytes = STANDARD.decode(id).or_else(|_| URL_SAFE.decode(id)).ok()?;
    let uri = String::from_utf8(bytes).ok()?;
    let (_cluster, path) = uri.strip_prefix("ciscospark://")?.split_once('/')?;
    let (_kind, value) = path.split_once('/')?;
    Some(value.to_owned())
}

/// The offer code in a licence's id, such as `FMS`: `<organisation>:<CODE>_<uuid>`.
fn offer(license: &str) -> Option<String> {
    let value = value(license)?;
    let (_organization, offer) = value.split_once(':')?;
    Some(offer.split('_').next().unwrap_or(offer).to_owned())
}

/// Whether the system gives a licence by itself, and never lets it be taken away: its code begins with an F.
pub(crate) fn is_free(license: &str) -> bool {
    offer(license).is_some_and(|code| code.len() == 3 && code.starts_with('F'))
}

/// Whether a licence is one of Webex Calling, which wants a number or an extension.
pub(crate) fn is_calling(license: &str) -> bool {
    offer(license).is_some_and(|code| code.starts_with("BC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_code_says_what_a_licence_is() {
        let license =
            |code: &str| STANDARD.encode(format!("ciscospark://us/LICENSE/7a1e:{code}_9eca_acme.webex.com"));
        for (code, free, calling) in
            [("FMS", true, false), ("FSS", true, false), ("BCSTD", false, true), ("EE", false, false)]
        {
            let id = license(code);
            assert_eq!((is_free(&id), is_calling(&id)), (free, calling), "{code}");
        }
        assert!(!is_free("FMS") && !is_calling("BCSTD"));
    }

    #[test]
    fn a_value_is_read_out_of_an_id_and_out_of_nothing_else() {
        let role = "Y2lzY29zcGFyazovL3VzL1JPTEUvaWRfZnVsbF9hZG1pbg";
        assert_eq!(value(role).as_deref(), Some("id_full_admin"));
        assert_eq!(value(&format!("{role}==")).as_deref(), Some("id_full_admin"));
        for other in ["", "1c9f0a77-2b54-4d1e-8f60-3a7be5d2c901", "aGVsbG8", "Y2lzY29zcGFyazovL3Vz"] {
            assert_eq!(value(other), None, "{other}");
        }
    }
}
