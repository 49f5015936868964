//! Reading what an endpoint answered: its envelope, what it counted, and the plan in it.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::kernel::journal::Tokens;
use crate::kernel::json::{self, Value};
use crate::kernel::plan::{Digits, ExecutionPlan};

/// Characters of foreign words that are shown.
const SHOWN: usize = 200;

/// Faults of an answer that are told; one is enough to know that it is no plan.
const FAULTS: usize = 3;

/// More tokens than this are none: no model has such a window.
const MOST_TOKENS: u64 = 1_000_000_000;

/// An answer, as far as it is one.
pub(super) struct Said {
    pub(super) tokens: Option<Tokens>,
    /// The text that is to be a plan.
    pub(super) content: Result<String, NoPlan>,
}

/// Why there is no plan.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPlan {
    Said(String),
    /// It has more actions than a plan may have.
    TooMany(String),
}

/// Reads the body of an answer.
pub(super) fn read(body: &[u8]) -> Result<Said, String> {
    let value = document(body)?;
    let Some(choice) = value.pointer("/choices/0").filter(|choice| choice.is_object()) else {
        let complaint = complaint(body).map_or_else(String::new, |why| format!(": {why}"));
        return Err(format!("what came is no chat completion: it has no `choices`{complaint}"));
    };
    let count = |name: &str| {
        let count = value.pointer(&format!("/usage/{name}")).and_then(Value::as_u64);
        count.filter(|count| *count <= MOST_TOKENS)
    };
    let tokens = count("prompt_tokens").zip(count("completion_tokens"));
    let tokens = tokens.map(|(input, output)| Tokens { input, output });
    let text = |pointer: &str| choice.pointer(pointer).and_then(Value::as_str);
    let content = match (text("/finish_reason"), text("/message/refusal"), text("/message/content")) {
        (_, Some(refusal), _) if !refusal.is_empty() => Err(format!("it refuses: {}", short(refusal))),
        (Some("length"), ..) => Err("its answer was cut off at the number of tokens it may have".to_owned()),
        (Some("content_filter"), ..) => Err("its answer was held back by the endpoint's filter".to_owned()),
        (.., Some(content)) => Ok(content.to_owned()),
        (.., None) => Err("its message has no text".to_owned()),
    };
    Ok(Said { tokens, content: content.map_err(NoPlan::Said) })
}

/// The plan that a text is. Its actions are counted before anything is made of them.
pub(super) fn plan(text: &str, most: usize) -> Result<Value, NoPlan> {
    #[derive(Deserialize)]
    struct Counted {
        actions: Vec<IgnoredAny>,
    }
    if let Some(count) = serde_json::from_str::<Counted>(text).ok().map(|plan| plan.actions.len())
        && count > most
    {
        return Err(NoPlan::TooMany(format!("the plan has {count} actions, at most {most} are disposed of")));
    }
    let value = document(text.as_bytes()).map_err(NoPlan::Said)?;
    match ExecutionPlan::from_json(&value, Digits::Written) {
        Ok(_) => Ok(value),
        Err(faults) => {
            let said: Vec<_> = faults.iter().take(FAULTS).map(|fault| short(&fault.to_string())).collect();
            let more =
                if faults.len() > FAULTS { format!("; and {} more", faults.len() - FAULTS) } else { String::new() };
            Err(NoPlan::Said(format!("{}{more}", said.join("; "))))
        }
    }
}

fn document(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
    if text.trim().is_empty() {
        return Err("the answer is empty".to_owned());
    }
    match json::read(text) {
        Ok(document) => Ok(document.value),
        Err(error) => {
            let place = json::position(text, error.offset);
            let (line, column) = (place.line, place.column);
            Err(format!("not JSON at {line}:{column}: {error}; it begins with `{}`", short(text)))
        }
    }
}

/// What an endpoint's error says, where it has the usual form.
pub(super) fn complaint(body: &[u8]) -> Option<String> {
    let value = json::read(std::str::from_utf8(body).ok()?).ok()?.value;
    let said = value.pointer("/error/message").or_else(|| value.get("error")).or_else(|| value.get("message"))?;
    Some(short(said.as_str()?))
}

/// Words from elsewhere, cut.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn completion(content: &Value, usage: &Value) -> Vec<u8> {
        json!({ "choices": [{ "finish_reason": "stop", "message": { "content": content } }], "usage": usage })
            .to_string()
            .into_bytes()
    }

    #[test]
    fn a_completion_gives_its_text_and_what_it_counted() {
        let said = read(&completion(&json!("{}"), &json!({ "prompt_tokens": 812, "completion_tokens": 143 }))).unwrap();
        assert_eq!(said.content.unwrap(), "{}");
        assert_eq!(said.tokens, Some(Tokens { input: 812, output: 143 }));
        for odd in [
            json!(null),
            json!({ "prompt_tokens": -1, "completion_tokens": 1 }),
            json!({ "prompt_tokens": 1.5, "completion_tokens": 1 }),
            json!({ "prompt_tokens": u64::MAX, "completion_tokens": 1 }),
            json!({ "prompt_tokens": "7", "completion_tokens": 1 }),
            json!({ "prompt_tokens": 7 }),
        ] {
            assert_eq!(read(&completion(&json!("{}"), &odd)).unwrap().tokens, None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_completion_or_has_no_text_is_said() {
        let failed = |body: &str| match read(body.as_bytes()) {
            Err(why) | Ok(Said { content: Err(NoPlan::Said(why)), .. }) => why,
            Ok(_) => panic!("{body} is an answer"),
        };
        for (body, part) in [
            ("", "the answer is empty"),
            ("<html>no</html>", "not JSON at 1:1"),
            (r#"{"choices":[{"message":{"content":"{\"act"#, "not JSON at 1:42"),
            ("{}", "it has no `choices`"),
            (r#"{"choices":[]}"#, "it has no `choices`"),
            (r#"{"error":{"message":"model overloaded"}}"#, "it has no `choices`: model overloaded"),
            (r#"{"choices":[{"message":{"content":null}}]}"#, "its message has no text"),
            (r#"{"choices":[{"message":{"content":"","refusal":"I will not"}}]}"#, "it refuses: I will not"),
            (r#"{"choices":[{"finish_reason":"length","message":{"content":"{"}}]}"#, "cut off"),
        ] {
            let why = failed(body);
            assert!(why.contains(part), "{body}: {why}");
        }
    }

    #[test]
    fn only_a_plan_is_one_and_its_digits_are_kept() {
        let text = r#"{"actions":[{"tool":"order.refund","args":{"id":9007199254740993},"value":1.10,"entity_key":"e","idempotency_key":"k"}]}"#;
        assert_eq!(plan(text, 1).unwrap().to_string(), text);
        let why = |text: &str| match plan(text, 10) {
            Err(NoPlan::Said(why)) => why,
            other => panic!("{text}: {other:?}"),
        };
        assert!(why("{\"actions\":[").contains("not JSON"));
        assert_eq!(why(r#"{"plan":[]}"#), "unknown field `plan` in a plan; field `actions` is missing");
        assert_eq!(why("[]"), "expected a plan (an object), found an array");
        let many: Vec<_> = (0..50).map(|n| format!("\"a{n}\":1")).collect();
        assert!(why(&format!("{{{}}}", many.join(","))).len() < 300);
    }

    #[test]
    fn a_million_actions_are_counted_and_not_made() {
        let text = format!("{{\"actions\":[{}1]}}", "1,".repeat(999_999));
        let why = "the plan has 1000000 actions, at most 1000 are disposed of".to_owned();
        assert_eq!(plan(&text, 1_000), Err(NoPlan::TooMany(why)));
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
            let _ = complaint(&body);
            prop_assert!(plan(&String::from_utf8_lossy(&body), 10).is_err());
        }
    }
}
