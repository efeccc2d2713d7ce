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

#[cfg(test)]
mod tests {
    use super::*;

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
