//! Values of the input in a plan: `${order.id}` in a text is that value's text; alone it is the value itself. `$${` is a
//! plain `${`.

use crate::kernel::json::{Value, child};
use crate::kernel::shape::ShapeError;

/// The value at a path: members by their names, items by their numbers from 0, with dots between.
pub(super) fn at<'a>(input: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(input, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Path(&'a str),
}

/// Takes a text apart; the error is a `${` that is not closed.
fn parts(text: &str) -> Result<Vec<Part<'_>>, ()> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            // The first of two is the mark, the second stays.
            parts.push(Part::Text(&rest[..start - 1]));
            parts.push(Part::Text("${"));
            rest = &rest[start + 2..];
            continue;
        }
        let end = rest[start..].find('}').ok_or(())? + start;
        parts.push(Part::Text(&rest[..start]));
        parts.push(Part::Path(rest[start + 2..end].trim()));
        rest = &rest[end + 1..];
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| *part != Part::Text(""));
    Ok(parts)
}

/// What cannot be filled in, whatever the input is.
pub(super) fn faults(value: &Value, pointer: &str) -> Vec<ShapeError> {
    match value {
        Value::String(text) if parts(text).is_err() => vec![ShapeError {
            pointer: pointer.to_owned(),
            key: false,
            message: "a `${` is not closed".to_owned(),
            help: Some("write `${path}`, or `$${` for the characters themselves".to_owned()),
        }],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| faults(item, &format!("{pointer}/{index}"))).collect()
        }
        Value::Object(members) => {
            members.iter().flat_map(|(name, member)| faults(member, &child(pointer, name))).collect()
        }
        _ => Vec::new(),
    }
}

/// A plan with the input's values in their places; the error names what the input lacks.
pub(super) fn filled(value: &Value, input: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => match parts(text).unwrap_or_default().as_slice() {
            [Part::Path(path)] => found(input, path)?.clone(),
            several => {
                let mut whole = String::new();
                for part in several {
                    match part {
                        Part::Text(text) => whole.push_str(text),
                        Part::Path(path) => match found(input, path)? {
                            Value::String(text) => whole.push_str(text),
                            other => whole.push_str(&other.to_string()),
                        },
                    }
                }
                Value::from(whole)
            }
        },
        Value::Array(items) => items.iter().map(|item| filled(item, input)).collect::<Result<_, _>>()?,
        Value::Object(members) => {
            let filled = members.iter().map(|(name, member)| Ok((name.clone(), filled(member, input)?)));
            Value::Object(filled.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

fn found<'a>(input: &'a Value, path: &str) -> Result<&'a Value, String> {
    at(input, path).ok_or_else(|| format!("the input has no `{path}`, which the plan needs"))
}
