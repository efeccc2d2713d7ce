//! Pages for people: one look for the consent pages of all targets.

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem}\
    header{display:flex;justify-content:flex-end}fieldset{border:1px solid #999;border-radius:6px;margin:1rem 0}\
    label{display:block;margin:.5rem 0}button{font:inherit;padding:.4rem 1.4rem;margin-right:.6rem}\
    code{background:#eee;padding:0 .25rem}";

/// A whole page; `body` is HTML already.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><body>{body}</body></html>"
    )
}

/// A page that says what is wrong.
pub(crate) fn problem(error: &str, text: &str) -> String {
    page(
        "Something went wrong",
        &format!("<h1>Something went wrong</h1><p>{}</p><p><code>{}</code></p>", escape(text), escape(error)),
    )
}

/// Text as it may stand in an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The pairs of these names as hidden fields, so that a form sends them back.
pub(crate) fn hidden<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, kept: &[&str]) -> String {
    let fields = pairs
        .filter(|(name, _)| kept.contains(name))
        .map(|(name, value)| format!("<input type=hidden name=\"{name}\" value=\"{}\">", escape(value)));
    fields.collect::<Vec<_>>().concat()
}
