//! Patterns of answers; `tests/replay/README.md` lists them.

use serde_json::{Map, Value};

/// Why a value does not fit: where, what was expected, what is there.
type Misfit = String;

/// Whether `value` fits `pattern`; `None` stands for a member that is not there.
pub(super) fn fits(pattern: &Value, value: Option<&Value>, at: &str) -> Result<(), Misfit> {
    let expected = |what: &str| Err(format!("{}: expected {what}, found {}", place(at), shown(value)));
    match pattern {
        Value::String(word) => match (word.as_str(), value) {
            ("$absent", None) => Ok(()),
            ("$absent", Some(_)) => expected("nothing"),
            ("$none", value) if value.is_none_or(is_empty) => Ok(()),
            ("$none", _) => expected("no value"),
            ("$any", Some(value)) if !value.is_null() => Ok(()),
            ("$text", Some(Value::String(text))) if !text.is_empty() => Ok(()),
            ("$integer", Some(Value::Number(number))) if number.is_i64() || number.is_u64() => Ok(()),
            ("$boolean", Some(Value::Bool(_))) => Ok(()),
            ("$digits", Some(Value::String(text))) if is_digits(text) => Ok(()),
            ("$instant", Some(Value::String(text))) if is_instant(text) => Ok(()),
            (word, _) if word.starts_with('$') => expected(word),
            (_, Some(value)) if value == pattern => Ok(()),
            _ => expected(&pattern.to_string()),
        },
        Value::Array(elements) => match value {
            Some(Value::Array(found)) if found.len() == elements.len() => {
                let mut pairs = elements.iter().zip(found).enumerate();
                pairs.try_for_each(|(index, (pattern, value))| {
                    fits(pattern, Some(value), &format!("{at}[{index}]"))
                })
            }
            _ => expected(&format!("an array of {}", elements.len())),
        },
        Value::Object(members) => object(members, value, at),
        _ if value == Some(pattern) => Ok(()),
        _ => expected(&pattern.to_string()),
    }
}

fn object(members: &Map<String, Value>, value: Option<&Value>, at: &str) -> Result<(), Misfit> {
    for (name, pattern) in members {
        if name.starts_with('$') && name != "$ref" {
            operator(name, pattern, value, at)?;
            continue;
        }
        let Some(Value::Object(found)) = value else {
            return Err(format!("{}: expected an object, found {}", place(at), shown(value)));
        };
        let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        fits(pattern, found.get(name), &at)?;
    }
    Ok(())
}

fn operator(name: &str, pattern: &Value, value: Option<&Value>, at: &str) -> Result<(), Misfit> {
    let check = |good: bool, what: String| {
        if good { Ok(()) } else { Err(format!("{}: expected {what}, found {}", place(at), shown(value))) }
    };
    let patterns = pattern.as_array().map_or(std::slice::from_ref(pattern), Vec::as_slice);
    let one = |pattern: &Value, value: &Value| fits(pattern, Some(value), at).is_ok();
    match (name, value) {
        ("$either", value) => {
            let good = patterns.iter().any(|pattern| fits(pattern, value, at).is_ok());
            check(good, format!("one of {}", Value::from(patterns)))
        }
        ("$nowhere", Some(value)) => check(!has(value, pattern), format!("{pattern} nowhere in it")),
        ("$contains", Some(Value::String(text))) => {
            let good = patterns.iter().all(|part| part.as_str().is_some_and(|part| text.contains(part)));
            check(good, format!("a text with {pattern}"))
        }
        ("$starts", Some(Value::String(text))) => {
            let good = pattern.as_str().is_some_and(|start| text.starts_with(start));
            check(good, format!("a text that begins with {pattern}"))
        }
        ("$least", Some(Value::Number(number))) => {
            check(number.as_f64() >= pattern.as_f64(), format!("{pattern} at least"))
        }
        ("$contains", Some(Value::Array(found))) => patterns.iter().try_for_each(|pattern| {
            let good = found.iter().any(|value| one(pattern, value));
            check(good, format!("an element like {pattern}"))
        }),
        ("$lacks", Some(Value::Array(found))) => patterns.iter().try_for_each(|pattern| {
            let good = !found.iter().any(|value| one(pattern, value));
            check(good, format!("no element like {pattern}"))
        }),
        ("$exactly", Some(Value::Array(found))) => {
            check(paired(patterns, found, &one), format!("exactly, in any order, {pattern}"))
        }
        ("$each", Some(Value::Array(found))) => {
            let mut elements = found.iter().enumerate();
            elements.try_for_each(|(index, value)| fits(pattern, Some(value), &format!("{at}[{index}]")))
        }
        _ => check(false, format!("{name} {pattern}")),
    }
}

/// Whether each pattern can have an element of its own, and none is left over.
fn paired(patterns: &[Value], found: &[Value], one: &impl Fn(&Value, &Value) -> bool) -> bool {
    /// Finds an element for a pattern, moving other patterns to others of theirs where needed.
    fn seat(pattern: usize, fit: &[Vec<bool>], tried: &mut [bool], of: &mut [Option<usize>]) -> bool {
        for element in 0..of.len() {
            if !fit[pattern][element] || std::mem::replace(&mut tried[element], true) {
                continue;
            }
            if of[element].is_none_or(|other| seat(other, fit, tried, of)) {
                of[element] = Some(pattern);
                return true;
            }
        }
        false
    }
    let row = |pattern: &Value| found.iter().map(|value| one(pattern, value)).collect();
    let fit: Vec<Vec<bool>> = patterns.iter().map(row).collect();
    let mut of = vec![None; found.len()];
    patterns.len() == found.len()
        && (0..patterns.len()).all(|pattern| seat(pattern, &fit, &mut vec![false; found.len()], &mut of))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2025-03-04T10:00:00Z`, with or without parts of a second.
fn is_instant(text: &str) -> bool {
    let Some((date, time)) = text.strip_suffix('Z').and_then(|text| text.split_once('T')) else {
        return false;
    };
    let parts = |text: &str, by| text.split(by).map(str::len).collect::<Vec<_>>();
    let (clock, part) = time.split_once('.').unwrap_or((time, "0"));
    let digits = [date.replace('-', ""), clock.replace(':', ""), part.to_owned()];
    parts(date, '-') == [4, 2, 2]
        && parts(clock, ':') == [2, 2, 2]
        && digits.iter().all(|text| is_digits(text))
}

/// Whether `wanted` is in it at any depth.
fn has(value: &Value, wanted: &Value) -> bool {
    value == wanted
        || match value {
            Value::Array(elements) => elements.iter().any(|element| has(element, wanted)),
            Value::Object(members) => members.values().any(|member| has(member, wanted)),
            _ => false,
        }
}

fn place(at: &str) -> &str {
    if at.is_empty() { "body" } else { at }
}

/// A value as a failure shows it.
fn shown(value: Option<&Value>) -> String {
    const MOST: usize = 400;
    let text = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(pattern: &Value, good: &[Value], bad: &[Value]) {
        for value in good {
            assert_eq!(fits(pattern, Some(value), ""), Ok(()), "{pattern} {value}");
        }
        for value in bad {
            assert!(fits(pattern, Some(value), "").is_err(), "{pattern} {value}");
        }
    }

    #[test]
    fn an_object_asks_for_what_it_names_an_array_for_everything() {
        check(&json!({"a": 1}), &[json!({"a": 1, "b": 2})], &[json!({}), json!({"a": "1"}), json!([])]);
        check(&json!([1, {}]), &[json!([1, {"x": 1}])], &[json!([1]), json!([{}, 1]), json!(null)]);
        check(&json!({"a": "$absent"}), &[json!({})], &[json!({"a": null})]);
        check(
            &json!({"a": "$none"}),
            &[json!({}), json!({"a": []}), json!({"a": null})],
            &[json!({"a": [1]})],
        );
        check(&json!({"$ref": "x"}), &[json!({"$ref": "x"})], &[json!({})]);
    }

    #[test]
    fn words_stand_for_kinds_of_values() {
        check(&json!("$any"), &[json!(0), json!("")], &[json!(null)]);
        check(&json!("$text"), &[json!("a")], &[json!(""), json!(1)]);
        check(&json!("$integer"), &[json!(3)], &[json!("3"), json!(3.0)]);
        check(&json!("$digits"), &[json!("12")], &[json!(""), json!("1.5"), json!(1)]);
        let bad = [json!("2025-03-04T10:00:00+00:00"), json!("2025-3-4T10:00:00Z"), json!("2025-03-04")];
        check(&json!("$instant"), &[json!("2025-03-04T10:00:00Z"), json!("2025-03-04T10:00:00.5Z")], &bad);
        check(&json!("$unknown"), &[], &[json!("$unknown")]);
    }

    #[test]
    fn operators_work_on_arrays_texts_and_numbers() {
        check(&json!({"$contains": [1, 2]}), &[json!([2, 3, 1])], &[json!([1]), json!(null)]);
        check(&json!({"$contains": "b"}), &[json!("abc"), json!(["b"])], &[json!("a")]);
        check(&json!({"$lacks": [{"a": 1}]}), &[json!([]), json!([{"a": 2}])], &[json!([{"a": 1}])]);
        check(&json!({"$each": "$text"}), &[json!([]), json!(["a"])], &[json!(["a", 1]), json!("a")]);
        check(&json!({"$either": [1, "$absent"]}), &[json!(1)], &[json!(2)]);
        check(&json!({"$starts": "ab"}), &[json!("abc")], &[json!("ba"), json!(1)]);
        check(&json!({"$least": 2}), &[json!(2)], &[json!(1), json!("3")]);
        check(&json!({"$nowhere": null}), &[json!({"a": [1]})], &[json!({"a": [{"b": null}]})]);
        check(&json!({"$contains": [1], "$lacks": [2]}), &[json!([1])], &[json!([1, 2])]);
        check(&json!({"$more": 2}), &[], &[json!(3)]);
    }

    #[test]
    fn exactly_finds_the_pairing_that_fits() {
        let loose_first = json!({"$exactly": ["$any", 1]});
        check(&loose_first, &[json!([1, 2]), json!([2, 1])], &[json!([2, 3]), json!([1]), json!([1, 2, 3])]);
    }
}
