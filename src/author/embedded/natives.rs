//! The functions through which a realm's glue reaches the kernel. Author code never holds one of them.

use std::fmt::Write as _;
use std::rc::Rc;

use rquickjs::{Array, Ctx, Exception, Function, Object, Result, Value};

use super::exchange::{Exchange, MAX_SAID};
use super::to_json::{NotPlain, Strictness, plain};
use crate::author::message::{Answer, Failure, FailureKind, FromHost, Outcome};
use crate::kernel::json::Raw;

/// The `host` object that the glue is given.
pub fn natives<'js>(ctx: &Ctx<'js>, exchange: &Rc<Exchange>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    asks(ctx, exchange, &host)?;
    outcomes(ctx, exchange, &host)?;
    super::evaluate::register(ctx, &host)?;
    let shared = Rc::clone(exchange);
    host.set(
        "log",
        Function::new(ctx.clone(), move |ctx: Ctx<'js>, level: String, parts: Array<'js>| -> Result<()> {
            let text = log_text(&ctx, &parts, shared.log_left())?;
            shared.log(&level, text);
            Ok(())
        })?,
    )?;
    Ok(host)
}

fn asks<'js>(ctx: &Ctx<'js>, exchange: &Rc<Exchange>, host: &Object<'js>) -> Result<()> {
    let shared = Rc::clone(exchange);
    let sense = move |ctx: Ctx<'js>, capability: String, args: Value<'js>| -> Result<Value<'js>> {
        let args = if args.is_undefined() { Object::new(ctx.clone())?.into_value() } else { args };
        let args = given(&ctx, &args, "the arguments of `ctx.sense`")?;
        answered(&ctx, shared.ask(&FromHost::Sense { capability, args }))
    };
    host.set("sense", Function::new(ctx.clone(), sense)?)?;
    let shared = Rc::clone(exchange);
    let http = move |ctx: Ctx<'js>, request: Value<'js>| -> Result<Value<'js>> {
        let request = given(&ctx, &request, "the request of `ctx.http`")?;
        answered(&ctx, shared.ask(&FromHost::Http { request }))
    };
    host.set("http", Function::new(ctx.clone(), http)?)?;
    let shared = Rc::clone(exchange);
    let reason = move |ctx: Ctx<'js>, input: Value<'js>| -> Result<Object<'js>> {
        let input = given(&ctx, &input, "the input of `ctx.reason`")?;
        let reply = Object::new_proto(ctx.clone(), None)?;
        let answer = if shared.own_stub.get() {
            shared.tell(&FromHost::Reasoned { input });
            Answer::Stub {}
        } else {
            // Kept as text: the stub may change what it is given.
            reply.set("asked", input.as_str())?;
            shared.ask(&FromHost::Reason { input })
        };
        reply.set("stub", answer == Answer::Stub {})?;
        if answer != (Answer::Stub {}) {
            reply.set("value", answered(&ctx, answer)?)?;
        }
        Ok(reply)
    };
    host.set("reason", Function::new(ctx.clone(), reason)?)?;
    let shared = Rc::clone(exchange);
    let answered = move |ctx: Ctx<'js>, asked: String, answer: Value<'js>| {
        // What is wrong with an answer is said of the plan it becomes.
        if let (Ok(input), Ok(answer)) = (Raw::parse(&asked), plain(&ctx, &answer, Strictness::Exact)) {
            shared.tell(&FromHost::StubAnswered { input, answer });
        }
    };
    host.set("stubAnswered", Function::new(ctx.clone(), answered)?)
}

fn outcomes<'js>(ctx: &Ctx<'js>, exchange: &Rc<Exchange>, host: &Object<'js>) -> Result<()> {
    let shared = Rc::clone(exchange);
    let done = move |ctx: Ctx<'js>, result: Value<'js>| -> Result<()> {
        let outcome = match plain(&ctx, &result, Strictness::Exact) {
            Ok(result) => Outcome::Done { result },
            Err(NotPlain::Threw(thrown)) => return Err(ctx.throw(thrown)),
            Err(NotPlain::Unfit(message)) => failed(FailureKind::BadResult, message, None),
        };
        shared.outcome.replace(Some(outcome));
        Ok(())
    };
    host.set("done", Function::new(ctx.clone(), done)?)?;
    let shared = Rc::clone(exchange);
    let failing = move |explained: Array<'js>| {
        shared.outcome.replace(Some(threw(&explained)));
    };
    host.set("failed", Function::new(ctx.clone(), failing)?)?;
    let shared = Rc::clone(exchange);
    let invalid = move |said: Array<'js>| -> Result<()> {
        let mut issues = Vec::new();
        for index in 0..said.len() {
            issues.push(said.get::<String>(index).unwrap_or_default());
        }
        shared.outcome.replace(Some(Outcome::Invalid { issues }));
        Ok(())
    };
    host.set("invalid", Function::new(ctx.clone(), invalid)?)
}

/// The glue's `explain` as a message.
pub fn threw(explained: &Array<'_>) -> Outcome {
    const MAX: usize = 4_000;
    let mut message = explained.get::<String>(0).unwrap_or_else(|_| "an unreadable error".to_owned());
    if message.len() > MAX {
        message = message.chars().take(MAX / 4).chain(['…']).collect();
    }
    let stack = explained.get::<String>(1).ok().filter(|stack| !stack.is_empty());
    failed(FailureKind::Threw, message, stack)
}

/// A failure as what came of an order.
pub fn failed(kind: FailureKind, message: String, stack: Option<String>) -> Outcome {
    Outcome::Failed { failure: Failure { kind, message, stack } }
}

fn given<'js>(ctx: &Ctx<'js>, value: &Value<'js>, what: &str) -> Result<Raw> {
    plain(ctx, value, Strictness::Exact).map_err(|error| match error {
        NotPlain::Threw(thrown) => ctx.throw(thrown),
        NotPlain::Unfit(message) => Exception::throw_type(ctx, &format!("{what}: {message}")),
    })
}

fn answered<'js>(ctx: &Ctx<'js>, answer: Answer) -> Result<Value<'js>> {
    match answer {
        Answer::Value { value } => ctx.json_parse(value.as_str()),
        Answer::Stub {} => Ok(Value::new_null(ctx.clone())),
        Answer::Refused { message } => Err(Exception::throw_message(ctx, &message)),
    }
}

/// Why a promise rejected, in words; nothing may be left thrown behind the engine's back.
pub fn reason_text<'js>(ctx: &Ctx<'js>, reason: &Value<'js>) -> String {
    let said = Array::new(ctx.clone()).and_then(|parts| {
        parts.set(0, reason.clone())?;
        log_text(ctx, &parts, MAX_SAID)
    });
    said.unwrap_or_else(|_| {
        let _ = ctx.catch();
        "[unprintable]".to_owned()
    })
}

/// The parts of a line as text. What goes beyond `most` bytes is not made: it would be cut off.
fn log_text<'js>(ctx: &Ctx<'js>, parts: &Array<'js>, most: usize) -> Result<String> {
    let mut text = String::new();
    for index in 0..parts.len() {
        if text.len() > most || most == 0 {
            break;
        }
        let part: Value<'js> = parts.get(index)?;
        if index > 0 {
            text.push(' ');
        }
        if let Some(said) = part.as_string() {
            text.push_str(&said.to_string().unwrap_or_else(|_| "[unprintable]".to_owned()));
        } else if part.is_undefined() {
            text.push_str("undefined");
        } else if part.is_error() {
            let object = part.as_object();
            let field = |name| object.and_then(|object| object.get::<_, String>(name).ok()).unwrap_or_default();
            let _ = write!(text, "{}: {}", field("name"), field("message"));
        } else {
            match plain(ctx, &part, Strictness::Lenient) {
                Ok(raw) => text.push_str(raw.as_str()),
                Err(NotPlain::Unfit(_)) => text.push_str("[unprintable]"),
                Err(NotPlain::Threw(thrown)) => return Err(ctx.throw(thrown)),
            }
        }
    }
    Ok(text)
}
