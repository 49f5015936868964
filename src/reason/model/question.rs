//! What a model is sent: the operator's frame, its input, and the schema that the answer has to have.

use serde_json::json;

use crate::kernel::json::Value;
use crate::reason::Question;

/// What every plan is held to, whatever the operator is for.
const RULES: &str = "Answer with one execution plan as JSON, and nothing else. Each action names a capability as its \
`tool`, its input as `args`, an `entity_key` that names the one thing it acts on, and an `idempotency_key` that is the \
same whenever the same action is meant: build both from ids of the input, in the form `<operator>:<id>:<action>` for the \
latter. Give `value` where the action moves an amount. Where the input does not show that an action is right, propose \
nothing: `{ \"actions\": [] }` is a correct answer.";

/// The body of the request.
pub(super) fn body(model: &str, asked: &Question) -> String {
    let frame = match asked.prompt {
        Some(prompt) => format!("{prompt}\n\n{RULES}"),
        None => format!("You are the operator `{}`. Goal: {}\n\n{RULES}", asked.operator, asked.goal),
    };
    let may = match asked.proposes {
        [] => "You may propose no action.".to_owned(),
        some => format!("You may propose only: {}.", some.join(", ")),
    };
    json!({
        "model": model,
        "messages": [
            { "role": "system", "content": format!("{frame} {may}") },
            { "role": "user", "content": asked.input.as_str() },
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": { "name": "execution_plan", "schema": schema(asked.proposes) },
        },
    })
    .to_string()
}

/// The plan's shape (contract 1) as a JSON Schema, with the capabilities that may be proposed.
fn schema(proposes: &[String]) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let tool = if proposes.is_empty() { text.clone() } else { json!({ "type": "string", "enum": proposes }) };
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["actions"],
        "properties": {
            "reasoning": { "type": "string" },
            "actions": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["tool", "args", "entity_key", "idempotency_key"],
                    "properties": {
                        "tool": tool,
                        "args": { "type": "object" },
                        "value": { "type": "number", "minimum": 0 },
                        "entity_key": text,
                        "idempotency_key": text,
                    },
                },
            },
        },
    })
}
