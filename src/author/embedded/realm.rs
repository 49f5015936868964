//! One fresh world for one call: the language, the kernel's glue, and the author's modules evaluated in it.

use std::rc::Rc;
use std::sync::OnceLock;

use rquickjs::context::{ContextBuilder, intrinsic};
use rquickjs::promise::PromiseState;
use rquickjs::{Array, Context, Ctx, Error, Function, Module, Object, Persistent, Runtime, Value, WriteOptions};
use sha2::{Digest, Sha256};

use super::exchange::Exchange;
use super::linker::{HANDOVER, Sdk};
use super::natives::{failed, natives, threw};
use super::program::Modules;
use super::to_json::{NotPlain, Strictness, plain};
use crate::author::message::{FailureKind, Order, Outcome};
use crate::author::source::BUILTIN;
use crate::kernel::json::Raw;

const GLUE: &str = concat!(include_str!("crossing.js"), include_str!("glue.js"));

/// The glue as this process's engine compiled it: compiling costs ten times what running does.
static COMPILED: OnceLock<Vec<u8>> = OnceLock::new();

/// Where the clock stands while modules are evaluated: 2026-01-01T00:00:00Z.
const LOAD_CLOCK: f64 = 1_767_225_600_000.0;

type Intrinsics = (
    intrinsic::Date,
    intrinsic::Eval,
    intrinsic::RegExpCompiler,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// A realm with the author's modules evaluated.
pub struct Realm {
    context: Context,
    glue: Persistent<Object<'static>>,
    export: Persistent<Value<'static>>,
}

impl Realm {
    /// Makes a realm and evaluates the modules in it; the exchange is open and its deadline runs.
    pub fn new(runtime: &Runtime, modules: &Modules, exchange: &Rc<Exchange>) -> Result<Self, Outcome> {
        let context = ContextBuilder::default().with::<Intrinsics>().build(runtime).map_err(|error| engine(&error))?;
        let (glue, export) = context.with(|ctx| {
            let glue = furnish(&ctx, exchange).map_err(|error| engine(&error))?;
            let export = evaluate(&ctx, modules, exchange, &glue)?;
            Ok::<_, Outcome>((Persistent::save(&ctx, glue), Persistent::save(&ctx, export)))
        })?;
        Ok(Self { context, glue, export })
    }

    /// Carries out one order.
    pub fn run(&self, order: &Order<Raw>, exchange: &Rc<Exchange>) -> Outcome {
        self.context.with(|ctx| {
            let (glue, export) = (self.glue.clone(), self.export.clone());
            let restored = glue.restore(&ctx).and_then(|glue| Ok((glue, export.restore(&ctx)?)));
            match restored {
                Ok((glue, export)) => carry_out(&ctx, &glue, export, order, exchange),
                Err(error) => engine(&error),
            }
        })
    }
}

fn engine(error: &Error) -> Outcome {
    failed(FailureKind::HostStopped, error.to_string(), None)
}

/// The function that makes a realm's glue.
#[expect(unsafe_code, reason = "bytecode is unverified, so it is only ever what this process wrote a moment ago")]
fn compiled<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Function<'js>> {
    if COMPILED.get().is_none() {
        let module = Module::declare(ctx.clone(), "fibric:glue", GLUE)?;
        let options = WriteOptions { strip_source: true, ..WriteOptions::default() };
        let _ = COMPILED.set(module.write(options)?);
    }
    let bytes = COMPILED.get().map(Vec::as_slice).unwrap_or_default();
    // SAFETY: the bytes come from `Module::write` of this very engine, and live as long as the process.
    let module = unsafe { Module::load(ctx.clone(), bytes)? };
    let (module, promise) = module.eval()?;
    promise.finish::<()>()?;
    module.namespace()?.get("default")
}

fn furnish<'js>(ctx: &Ctx<'js>, exchange: &Rc<Exchange>) -> rquickjs::Result<Object<'js>> {
    let make = compiled(ctx)?;
    let glue: Object<'js> = make.call((natives(ctx, exchange)?,))?;
    let globals = ctx.globals();
    globals.set(HANDOVER, glue.get::<_, Object<'js>>("sdk")?)?;
    for name in BUILTIN {
        let (_, promise) = Module::declare_def::<Sdk, _>(ctx.clone(), name)?.eval()?;
        promise.finish::<()>()?;
    }
    globals.remove(HANDOVER)?;
    enter(&glue, LOAD_CLOCK, "")?;
    Ok(glue)
}

fn enter(glue: &Object<'_>, clock: f64, seed: &str) -> rquickjs::Result<()> {
    let digest = Sha256::digest(seed.as_bytes());
    let word = |at: usize| i32::from_le_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    glue.get::<_, Function<'_>>("enter")?.call((clock, word(0), word(4), word(8), word(12)))
}

fn evaluate<'js>(
    ctx: &Ctx<'js>,
    modules: &Modules,
    exchange: &Rc<Exchange>,
    glue: &Object<'js>,
) -> Result<Value<'js>, Outcome> {
    let code = modules.code(&modules.entry).unwrap_or_default();
    let started = Module::declare(ctx.clone(), modules.entry.as_str(), code).and_then(Module::eval);
    let (module, promise) = started.map_err(|error| thrown(ctx, glue, exchange, &error))?;
    settle(ctx, exchange, glue, || promise.state() != PromiseState::Pending)
        .map_err(|error| thrown(ctx, glue, exchange, &error))?;
    exchange.tell_rejected();
    match promise.result::<Value<'js>>() {
        Some(Err(error)) => return Err(thrown(ctx, glue, exchange, &error)),
        _ if exchange.expired() => return Err(failed(FailureKind::TookTooLong, String::new(), None)),
        Some(Ok(_)) => {}
        None => return Err(failed(FailureKind::NeverSettled, String::new(), None)),
    }
    let namespace = module.namespace().map_err(|error| thrown(ctx, glue, exchange, &error))?;
    let exported = |name: &str| namespace.get::<_, Value<'js>>(name).ok().filter(|value| !value.is_undefined());
    // A pack's guardrails have the name that the documentation gives them.
    Ok(exported("default").or_else(|| exported("defaults")).unwrap_or_else(|| Value::new_undefined(ctx.clone())))
}

/// Runs jobs, then timers one by one, until `settled` and nothing is queued, or nothing is left, or time is over.
fn settle<'js>(
    ctx: &Ctx<'js>,
    exchange: &Exchange,
    glue: &Object<'js>,
    settled: impl Fn() -> bool,
) -> rquickjs::Result<()> {
    let next: Function<'js> = glue.get("nextTimer")?;
    loop {
        while ctx.execute_pending_job() {
            if exchange.is_over() {
                return Ok(());
            }
        }
        if exchange.is_over() || settled() || !next.call::<_, bool>(())? {
            return Ok(());
        }
    }
}

/// What was thrown, as a closing message.
fn thrown<'js>(ctx: &Ctx<'js>, glue: &Object<'js>, exchange: &Exchange, error: &Error) -> Outcome {
    let Error::Exception = error else { return failed(FailureKind::HostStopped, error.to_string(), None) };
    let value = ctx.catch();
    let explained = glue
        .get::<_, Function<'js>>("explain")
        .and_then(|explain| explain.call::<_, Array<'js>>((value,)))
        .map(|explained| threw(&explained));
    match explained {
        Ok(Outcome::Failed { failure }) if exchange.expired() => {
            failed(FailureKind::TookTooLong, failure.message, failure.stack)
        }
        Ok(explained) => explained,
        Err(_) if exchange.expired() => failed(FailureKind::TookTooLong, String::new(), None),
        Err(_) => failed(FailureKind::Threw, "an error that cannot be read".to_owned(), None),
    }
}

fn carry_out<'js>(
    ctx: &Ctx<'js>,
    glue: &Object<'js>,
    export: Value<'js>,
    order: &Order<Raw>,
    exchange: &Rc<Exchange>,
) -> Outcome {
    exchange.own_stub.set(matches!(order, Order::Propose { scene } if scene.own_stub));
    let begun = match order {
        Order::Describe {} => return describe(ctx, glue, export, exchange, "describe"),
        Order::Rules {} => return describe(ctx, glue, export, exchange, "describeRules"),
        Order::Judge { rule, action, envelope } => enter(glue, LOAD_CLOCK, "").and_then(|()| {
            let (action, envelope) = (ctx.json_parse(action.as_str())?, ctx.json_parse(text_of(envelope.as_ref()))?);
            glue.get::<_, Function<'js>>("judge")?.call::<_, ()>((export, *rule, action, envelope))
        }),
        Order::CheckInput { tool, input } => enter(glue, LOAD_CLOCK, "")
            .and_then(|()| Ok((glue.get::<_, Function<'js>>("checkInput")?, ctx.json_parse(input.as_str())?)))
            .and_then(|(check, input)| check.call::<_, ()>((export, tool.as_str(), input))),
        Order::Call { tool, input, scene } => enter(glue, millis(&scene.clock), &scene.seed)
            .and_then(|()| Ok((glue.get::<_, Function<'js>>("call")?, ctx.json_parse(input.as_str())?)))
            .and_then(|(call, input)| call.call::<_, ()>((export, tool.as_str(), input))),
        Order::Propose { scene } => enter(glue, millis(&scene.clock), &scene.seed)
            .and_then(|()| {
                let envelope = ctx.json_parse(text_of(scene.envelope.as_ref()))?;
                Ok((glue.get::<_, Function<'js>>("propose")?, envelope))
            })
            .and_then(|(propose, envelope): (_, Value<'js>)| propose.call::<_, ()>((export, envelope))),
        Order::Strip { .. } | Order::Load(_) | Order::Validate { .. } => {
            return failed(FailureKind::HostStopped, "this needs no engine".to_owned(), None);
        }
    };
    let ended = begun.and_then(|()| settle(ctx, exchange, glue, || exchange.outcome.borrow().is_some()));
    exchange.tell_rejected();
    match ended {
        Err(error) => thrown(ctx, glue, exchange, &error),
        Ok(()) if exchange.expired() => failed(FailureKind::TookTooLong, String::new(), None),
        Ok(()) => exchange.outcome.take().unwrap_or_else(|| failed(FailureKind::NeverSettled, String::new(), None)),
    }
}

fn describe<'js>(ctx: &Ctx<'js>, glue: &Object<'js>, export: Value<'js>, exchange: &Exchange, how: &str) -> Outcome {
    let described: rquickjs::Result<Value<'js>> =
        glue.get::<_, Function<'js>>(how).and_then(|describe| describe.call((export,)));
    match described.map(|described| plain(ctx, &described, Strictness::Lenient)) {
        Ok(Ok(definition)) => Outcome::Described { definition },
        Ok(Err(NotPlain::Unfit(message))) => failed(FailureKind::BadResult, message, None),
        Ok(Err(NotPlain::Threw(value))) => {
            let error = ctx.throw(value);
            thrown(ctx, glue, exchange, &error)
        }
        Err(error) => thrown(ctx, glue, exchange, &error),
    }
}

fn text_of(envelope: Option<&Raw>) -> &str {
    envelope.map_or("null", Raw::as_str)
}

/// RFC 3339 as milliseconds; a clock that is none stands where loading left it.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of any year a clock can name fit a double exactly")]
fn millis(clock: &str) -> f64 {
    clock.parse::<jiff::Timestamp>().map_or(LOAD_CLOCK, |time| time.as_millisecond() as f64)
}
