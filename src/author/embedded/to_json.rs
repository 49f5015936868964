//! From the engine's values to JSON text, naming the path of what JSON cannot carry.
//!
//! Reading a property may run author code (a getter, a proxy, `toJSON`), so everything here may fail with the
//! engine's exception, and is bounded in depth and size.

use std::fmt::Write as _;

use rquickjs::{Array, Ctx, Error, Filter, Function, Object, Type, Value};

use crate::kernel::json::{MAX_DEPTH, Raw};

/// What becomes of values that JSON has no form for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// They are faults: a plan, a result, arguments and a request say what they mean. Only a member that is undefined is
    /// absent, and an action's `value` that is no number becomes its name as a string, so that validation can name it.
    Exact,
    /// They are left out, as `JSON.stringify` does: lines of a log. What the glue has crossed exactly holds none.
    Lenient,
}

/// Why a value has no text.
pub enum NotPlain<'js> {
    /// It holds something that cannot be carried.
    Unfit(String),
    /// Author code threw while it was read.
    Threw(Value<'js>),
}

/// Bytes of text of one value.
pub const MAX_TEXT: usize = 16 << 20;

/// Reads a value as JSON text.
pub fn plain<'js>(ctx: &Ctx<'js>, value: &Value<'js>, strictness: Strictness) -> Result<Raw, NotPlain<'js>> {
    let mut writer = Writer { ctx, strictness, out: String::with_capacity(256), path: Vec::new(), open: Vec::new() };
    if !writer.value(value.clone())? {
        writer.out.push_str("null");
    }
    serde_json::from_str::<Raw>(&writer.out).map_err(|error| NotPlain::Unfit(format!("it is not JSON: {error}")))
}

enum Step {
    Key(String),
    Index(usize),
}

struct Writer<'a, 'js> {
    ctx: &'a Ctx<'js>,
    strictness: Strictness,
    out: String,
    path: Vec<Step>,
    open: Vec<Object<'js>>,
}

impl<'js> Writer<'_, 'js> {
    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_') => {
                    let _ = write!(place, "{}{key}", if place.is_empty() { "" } else { "." });
                }
                Step::Key(key) => {
                    let _ = write!(place, "[{key:?}]");
                }
                Step::Index(index) => {
                    let _ = write!(place, "[{index}]");
                }
            }
        }
        if place.is_empty() { "the result itself".to_owned() } else { format!("`{place}`") }
    }

    fn unfit(&self, what: &str) -> NotPlain<'js> {
        NotPlain::Unfit(format!("{} is {what}, which JSON cannot carry", self.place()))
    }

    fn engine(&self, error: Error) -> NotPlain<'js> {
        match error {
            Error::Exception => NotPlain::Threw(self.ctx.catch()),
            Error::Utf8(_) => NotPlain::Unfit(format!("{} holds half of a surrogate pair", self.place())),
            other => NotPlain::Unfit(format!("{}: {other}", self.place())),
        }
    }

    /// Writes a value; false when it is one to leave out.
    fn value(&mut self, value: Value<'js>) -> Result<bool, NotPlain<'js>> {
        if self.out.len() > MAX_TEXT {
            return Err(NotPlain::Unfit(format!("it is larger than {} MiB", MAX_TEXT >> 20)));
        }
        match value.type_of() {
            Type::Null => self.out.push_str("null"),
            Type::Bool => self.out.push_str(if value.as_bool() == Some(true) { "true" } else { "false" }),
            Type::Int | Type::Float => self.number(value.as_number().unwrap_or(f64::NAN))?,
            Type::String => {
                let text = value.as_string().map_or_else(|| Ok(String::new()), rquickjs::String::to_string);
                let text = text.map_err(|error| self.engine(error))?;
                self.text(&text);
            }
            Type::BigInt => return Err(self.unfit("a BigInt")),
            Type::Undefined if matches!(self.path.last(), Some(Step::Key(_))) => return Ok(false),
            Type::Undefined | Type::Uninitialized => return self.left_out("undefined"),
            Type::Symbol => return self.left_out("a symbol"),
            Type::Function | Type::Constructor => return self.left_out("a function"),
            Type::Promise if self.strictness == Strictness::Exact => {
                return Err(NotPlain::Unfit(format!("{} is a promise, put `await` before it", self.place())));
            }
            _ => match value.into_object() {
                Some(object) => return self.object(object),
                None => return self.left_out("not a value"),
            },
        }
        Ok(true)
    }

    fn left_out(&self, what: &str) -> Result<bool, NotPlain<'js>> {
        if self.strictness == Strictness::Exact { Err(self.unfit(what)) } else { Ok(false) }
    }

    fn object(&mut self, object: Object<'js>) -> Result<bool, NotPlain<'js>> {
        if self.open.contains(&object) {
            return Err(NotPlain::Unfit(format!("{} holds itself in a circle", self.place())));
        }
        if self.open.len() >= MAX_DEPTH - 2 {
            return Err(NotPlain::Unfit(format!("it nests deeper than {} levels", MAX_DEPTH - 2)));
        }
        let converter: Value<'js> = object.get("toJSON").map_err(|error| self.engine(error))?;
        self.open.push(object.clone());
        let written = match converter.into_function() {
            Some(converter) => self.converted(object, &converter),
            None => match object.into_value().try_into_array() {
                Ok(array) => self.array(&array),
                Err(value) => value.into_object().map_or(Ok(false), |object| self.members(&object)),
            },
        };
        self.open.pop();
        written
    }

    fn converted(&mut self, object: Object<'js>, converter: &Function<'js>) -> Result<bool, NotPlain<'js>> {
        let key = match self.path.last() {
            Some(Step::Key(key)) => key.clone(),
            Some(Step::Index(index)) => index.to_string(),
            None => String::new(),
        };
        let stand_in = converter.call((rquickjs::function::This(object), key)).map_err(|error| self.engine(error))?;
        self.value(stand_in)
    }

    fn array(&mut self, array: &Array<'js>) -> Result<bool, NotPlain<'js>> {
        self.out.push('[');
        // The engine's own length would overflow on a sparse array of billions.
        let length: f64 = array.as_object().get("length").map_err(|error| self.engine(error))?;
        let mut index = 0_u32;
        while f64::from(index) < length {
            if index > 0 {
                self.out.push(',');
            }
            self.path.push(Step::Index(index as usize));
            let item: Value<'js> = array.as_object().get(index).map_err(|error| self.engine(error))?;
            if !self.value(item)? {
                self.out.push_str("null");
            }
            self.path.pop();
            index = index.saturating_add(1);
        }
        self.out.push(']');
        Ok(true)
    }

    fn members(&mut self, object: &Object<'js>) -> Result<bool, NotPlain<'js>> {
        self.out.push('{');
        let mut first = true;
        for key in object.own_keys::<String>(Filter::new().string().enum_only()) {
            let key = key.map_err(|error| self.engine(error))?;
            let before = self.out.len();
            if !first {
                self.out.push(',');
            }
            self.text(&key);
            self.out.push(':');
            let item: Value<'js> = object.get(&*key).map_err(|error| self.engine(error))?;
            self.path.push(Step::Key(key));
            if self.value(item)? {
                first = false;
            } else {
                self.out.truncate(before);
            }
            self.path.pop();
        }
        self.out.push('}');
        Ok(true)
    }

    fn is_value_of_an_action(&self) -> bool {
        matches!(&self.path[..], [Step::Key(list), Step::Index(_), Step::Key(key)] if list == "actions" && key == "value")
    }

    fn text(&mut self, text: &str) {
        // A string always has a JSON text.
        self.out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    fn number(&mut self, number: f64) -> Result<(), NotPlain<'js>> {
        if !number.is_finite() {
            let name = if number.is_nan() {
                "NaN"
            } else if number < 0.0 {
                "-Infinity"
            } else {
                "Infinity"
            };
            if self.strictness == Strictness::Lenient {
                self.out.push_str("null");
            } else if self.is_value_of_an_action() {
                self.text(name);
            } else {
                return Err(self.unfit(name));
            }
            return Ok(());
        }
        let size = number.abs();
        let _ = if number == 0.0 {
            self.out.write_str("0")
        } else if (1e-6..1e21).contains(&size) {
            write!(self.out, "{number}")
        } else {
            let text = format!("{number:e}");
            self.out.write_str(&if size >= 1e21 { text.replace('e', "e+") } else { text })
        };
        Ok(())
    }
}
