//! Values that must never be printed.

use std::fmt;

use zeroize::Zeroize;

/// Text that never reaches a log, an error, a snapshot or `Debug`, and is wiped when dropped.
///
/// The only way to the text is [`Secret::expose`], so every place that reads one can be found.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for the header, hash or cipher it is meant for, and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with every occurrence of this secret replaced, for messages that quote somebody else.
    pub fn scrub(&self, text: &str) -> String {
        if self.0.len() < 4 { text.to_owned() } else { text.replace(&self.0, "[redacted]") }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn neither_debug_nor_display_shows_the_text() {
        let secret = Secret::new("xoxp-1234");
        assert_eq!(format!("{secret:?} {secret}"), "[redacted] [redacted]");
        assert_eq!(secret.expose(), "xoxp-1234");
    }

    #[test]
    fn a_quoted_message_loses_the_secret() {
        assert_eq!(Secret::new("xoxp-1234").scrub("bad token xoxp-1234!"), "bad token [redacted]!");
    }
}
