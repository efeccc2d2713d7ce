//! User names: lower-cased, cleaned of odd characters, cut from e-mails, at most 21 characters, never reserved.

use super::error::{Refusal, Result};
use super::options::{LongLocalPart, LongName, Options};

/// Longest user name and nick name.
pub(super) const MAX_USER_NAME: usize = 21;
/// Longest display name.
const MAX_DISPLAY_NAME: usize = 80;

/// The attribute a user name came by; a long nick name is refused in its own words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    UserName,
    NickName,
}

/// What Slack makes of `given`, or why it will not have it. Whether the name is free is for others to say.
pub(super) fn normalise(given: &str, source: Source, options: &Options) -> Result<String> {
    let given = given.trim();
    if given.is_empty() {
        return Err(Refusal::bad("username_empty"));
    }
    let local_part = given.split_once('@').map(|(local, _)| local).filter(|local| !local.is_empty());
    let lower = local_part.unwrap_or(given).to_lowercase();
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || ".-_".contains(c) || (options.unicode_user_names && c.is_alphanumeric())
    };
    let mut name: String = lower.chars().map(|c| if allowed(c) { c } else { '_' }).collect();
    if name.chars().count() > MAX_USER_NAME {
        match (local_part.is_some(), options.long_local_part, source, options.long_name) {
            (true, LongLocalPart::Truncate, ..) => name = name.chars().take(MAX_USER_NAME).collect(),
            (true, LongLocalPart::Refuse, ..) | (_, _, Source::UserName, LongName::UsernameTooLong) => {
                return Err(Refusal::bad_with("username_too_long", "username", name));
            }
            (_, _, Source::NickName, _) => return Err(Refusal::bad("long_nickname")),
            (_, _, Source::UserName, LongName::LongUsername) => {
                return Err(Refusal::bad_with("long_username", "user", name));
            }
        }
    }
    if options.reserved_names.contains(&name) {
        return Err(Refusal::bad_with("username_not_allowed", "user", name));
    }
    Ok(name)
}

/// Checks a display name.
pub(super) fn check_display(value: &str, user: &str) -> Result<()> {
    check_part(value, user)?;
    if value.chars().count() > MAX_DISPLAY_NAME {
        return Err(Refusal::bad_with("invalid_name_maxlength", "user", user));
    }
    Ok(())
}

/// Checks what display names and the parts of a name have in common.
pub(super) fn check_part(value: &str, user: &str) -> Result<()> {
    let problem = if value.starts_with('@') {
        "invalid_starts_with_at"
    } else if value.contains('@') {
        "invalid_name_specials"
    } else if value.chars().any(is_emoji) {
        "invalid_emoji_not_allowed"
    } else {
        return Ok(());
    };
    Err(Refusal::bad_with(problem, "user", user))
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(given: &str) -> Result<String> {
        normalise(given, Source::UserName, &Options::default())
    }

    #[test]
    fn names_are_lower_cased_and_odd_characters_become_underscores() {
        assert_eq!(normalised("guestUser").unwrap(), "guestuser");
        assert_eq!(normalised("Ada.L_1-x").unwrap(), "ada.l_1-x");
        assert_eq!(normalised("o'brien k+x").unwrap(), "o_brien_k_x");
        assert_eq!(normalised("jürgen").unwrap(), "j_rgen");
    }

    #[test]
    fn of_an_email_the_local_part_remains() {
        assert_eq!(normalised("Ada.L@acme.example").unwrap(), "ada.l");
        assert_eq!(normalised("ada+x@acme.example").unwrap(), "ada_x");
    }

    #[test]
    fn twenty_one_characters_are_the_most() {
        assert_eq!(normalised(&"a".repeat(21)).unwrap().len(), 21);
        let long = "a".repeat(22);
        let refusal = |given: &str, source, options: &Options| {
            normalise(given, source, options).unwrap_err().description
        };
        let options = Options::default();
        assert_eq!(refusal(&long, Source::UserName, &options), format!("long_username (user={long})"));
        assert_eq!(refusal(&long, Source::NickName, &options), "long_nickname");
        let email = format!("{long}@acme.example");
        assert_eq!(
            refusal(&email, Source::UserName, &options),
            format!("username_too_long (username={long})")
        );
        let other = Options { long_name: LongName::UsernameTooLong, ..Options::default() };
        assert_eq!(refusal(&long, Source::UserName, &other), format!("username_too_long (username={long})"));
        let cut = Options { long_local_part: LongLocalPart::Truncate, ..Options::default() };
        assert_eq!(normalise(&email, Source::UserName, &cut).unwrap(), "a".repeat(21));
    }

    #[test]
    fn reserved_and_empty_names_are_refused() {
        assert_eq!(normalised("Here").unwrap_err().description, "username_not_allowed (user=here)");
        assert_eq!(normalised(" ").unwrap_err().description, "username_empty");
    }

    #[test]
    fn display_names_take_blanks_and_umlauts_but_no_at_and_no_emoji() {
        assert!(check_display("Zoë O'Brien (she/her); ACME, Inc.", "zoe").is_ok());
        let refusal = |value: &str| check_display(value, "zoe").unwrap_err().description;
        assert_eq!(refusal("zoe@acme"), "invalid_name_specials (user=zoe)");
        assert_eq!(refusal("@zoe"), "invalid_starts_with_at (user=zoe)");
        assert_eq!(refusal("Zoe 🎉"), "invalid_emoji_not_allowed (user=zoe)");
        assert_eq!(refusal(&"z".repeat(81)), "invalid_name_maxlength (user=zoe)");
    }
}
