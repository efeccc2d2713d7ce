//! The filter grammar: `eq co sw pr gt ge lt le`, `and`, `or`, parentheses, exactly one space between tokens.

use super::error::{Refusal, Result};

/// A parsed filter. Attribute names are lower-case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Or(Box<Filter>, Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Present(String),
    Compare(String, Op, String),
}

/// A comparison. There is no `ne`, `ew` or `not`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Co,
    Sw,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    fn parse(word: &str) -> Option<Self> {
        let op = match word.to_lowercase().as_str() {
            "eq" => Self::Eq,
            "co" => Self::Co,
            "sw" => Self::Sw,
            "gt" => Self::Gt,
            "ge" => Self::Ge,
            "lt" => Self::Lt,
            "le" => Self::Le,
            _ => return None,
        };
        Some(op)
    }

    /// Compares texts; both sides must have been brought to one case where case does not matter.
    pub(super) fn holds(self, left: &str, right: &str) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Co => left.contains(right),
            Self::Sw => left.starts_with(right),
            Self::Gt => left > right,
            Self::Ge => left >= right,
            Self::Lt => left < right,
            Self::Le => left <= right,
        }
    }
}

/// Deeper filters are refused, so that a hostile one cannot exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Parses a filter; attributes outside `known` (lower-case) are `invalid_query`.
pub(super) fn parse(text: &str, known: &[&str]) -> Result<Filter> {
    let mut parser = Parser { rest: text, known, depth: 0 };
    let filter = parser.either()?;
    if parser.rest.is_empty() {
        Ok(filter)
    } else if parser.rest.starts_with(')') {
        Err(Refusal::bad("invalid_filter_group"))
    } else {
        Err(incomplete())
    }
}

fn incomplete() -> Refusal {
    Refusal::bad("incomplete_filter")
}

struct Parser<'a> {
    rest: &'a str,
    known: &'a [&'a str],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn either(&mut self) -> Result<Filter> {
        let mut left = self.both()?;
        while self.joined_by("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter> {
        let mut left = self.single()?;
        while self.joined_by("and") {
            left = Filter::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Filter> {
        let Some(inner) = self.rest.strip_prefix('(') else { return self.comparison() };
        self.rest = inner;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Refusal::bad("invalid_filter_group"));
        }
        let filter = self.either()?;
        self.rest = self.rest.strip_prefix(')').ok_or_else(|| Refusal::bad("invalid_filter_group"))?;
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<Filter> {
        let attribute = self.word();
        if attribute.is_empty() {
            return Err(incomplete());
        }
        if self.rest.is_empty() {
            return Err(Refusal::bad_with("no_filters", "is_aggregate_call", 1));
        }
        self.space()?;
        let operator = self.word();
        if operator.is_empty() {
            return Err(incomplete());
        }
        let attribute = attribute.to_lowercase();
        let unknown = !self.known.contains(&attribute.as_str());
        if operator.eq_ignore_ascii_case("pr") {
            return if unknown { Err(invalid_query()) } else { Ok(Filter::Present(attribute)) };
        }
        let Some(operator) = Op::parse(operator).filter(|_| !unknown) else { return Err(invalid_query()) };
        self.space()?;
        let value = self.literal()?;
        Ok(Filter::Compare(attribute, operator, value))
    }

    /// Up to the next space or parenthesis.
    fn word(&mut self) -> &'a str {
        let end = self.rest.find([' ', '(', ')']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn space(&mut self) -> Result<()> {
        let rest = self.rest.strip_prefix(' ').ok_or_else(incomplete)?;
        if rest.is_empty() || rest.starts_with(' ') {
            return Err(incomplete());
        }
        self.rest = rest;
        Ok(())
    }

    /// A JSON string, a string in single quotes, or a bare word.
    fn literal(&mut self) -> Result<String> {
        if self.rest.starts_with('"') {
            let mut strings = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
            let value = strings.next().and_then(std::result::Result::ok).ok_or_else(incomplete)?;
            self.rest = &self.rest[strings.byte_offset()..];
            return Ok(value);
        }
        if let Some(inner) = self.rest.strip_prefix('\'') {
            let (value, rest) = inner.split_once('\'').ok_or_else(incomplete)?;
            self.rest = rest;
            return Ok(value.to_owned());
        }
        let word = self.word();
        if word.is_empty() { Err(incomplete()) } else { Ok(word.to_owned()) }
    }

    /// Whether `word` joins what came before to what follows; takes it with the spaces around it.
    fn joined_by(&mut self, word: &str) -> bool {
        let joined = || {
            let rest = self.rest.strip_prefix(' ')?;
            let (found, rest) = rest.split_at_checked(word.len())?;
            let rest = rest.strip_prefix(' ')?;
            found.eq_ignore_ascii_case(word).then_some(rest)
        };
        let Some(rest) = joined() else { return false };
        self.rest = rest;
        true
    }
}

fn invalid_query() -> Refusal {
    Refusal::bad("invalid_query")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["username", "email", "restricted"];

    fn parsed(text: &str) -> Filter {
        parse(text, &KNOWN).unwrap()
    }

    fn refused(text: &str) -> String {
        parse(text, &KNOWN).unwrap_err().description
    }

    fn compare(attribute: &str, op: Op, value: &str) -> Filter {
        Filter::Compare(attribute.into(), op, value.into())
    }

    #[test]
    fn names_and_operators_have_no_case_and_values_need_no_quotes() {
        assert_eq!(parsed(r#"userName EQ "ada.l""#), compare("username", Op::Eq, "ada.l"));
        assert_eq!(parsed("email eq ada@acme.example"), compare("email", Op::Eq, "ada@acme.example"));
        assert_eq!(parsed("restricted eq '1'"), compare("restricted", Op::Eq, "1"));
        assert_eq!(parsed(r#"userName sw "a\"b\u00e4""#), compare("username", Op::Sw, "a\"bä"));
        assert_eq!(parsed("email pr"), Filter::Present("email".into()));
    }

    #[test]
    fn and_binds_tighter_than_or_and_parentheses_tighter_still() {
        let all = parsed("userName eq a or userName eq b and email pr");
        let Filter::Or(_, right) = all else { panic!("or at the top") };
        assert!(matches!(*right, Filter::And(..)));
        let all = parsed("(userName eq a or userName eq b) and email pr");
        assert!(matches!(all, Filter::And(..)));
    }

    #[test]
    fn a_filter_without_an_operator_is_no_filter() {
        assert_eq!(refused("foo"), "no_filters (is_aggregate_call=1)");
    }

    #[test]
    fn two_spaces_or_a_missing_part_make_it_incomplete() {
        for text in [
            r#"userName  eq "a""#,
            r#"userName eq  "a""#,
            "userName eq",
            "userName eq ",
            r#" userName eq "a""#,
            r#"userName eq "a" "#,
            r#"userName eq "a" and"#,
            r#"userName eq "a"  and email pr"#,
            r#"userName eq "a"#,
            "",
        ] {
            assert_eq!(refused(text), "incomplete_filter", "{text:?}");
        }
    }

    #[test]
    fn what_slack_does_not_know_is_an_invalid_query() {
        for text in ["userName ne a", "userName ew a", "title eq a", "title pr"] {
            assert_eq!(refused(text), "invalid_query", "{text:?}");
        }
    }

    #[test]
    fn parentheses_must_match_and_not_pile_up() {
        for text in ["(email pr", "email pr)", &format!("{}email pr{}", "(".repeat(65), ")".repeat(65))] {
            assert_eq!(refused(text), "invalid_filter_group", "{text:?}");
        }
    }
}
