//! The recording nearest to a request that has none: what a person compares it with, never its answer.

use std::cmp::Reverse;

use super::request::{Kind, Request};
use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::json::{Difference, Value, between, first_difference};

/// A request that is not recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    pub(super) kind: Kind,
    pub(super) shown: String,
    pub(super) exists: bool,
    pub(super) nearest: Option<Nearest>,
}

/// The recording that has most in common with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// Its line.
    pub line: u32,
    /// Where it differs first.
    pub difference: Difference,
}

impl Miss {
    /// The sentence, without its place.
    pub fn told(&self) -> String {
        let what = match self.kind {
            Kind::Sense => "this read",
            Kind::Reason => "this question",
        };
        match &self.nearest {
            Some(Nearest { line, difference }) => {
                let difference = difference.told("recorded", "asked");
                format!("{what} is not recorded; nearest is line {line}: {difference}")
            }
            None if self.exists => format!("{what} is not recorded; `{}` has no recordings", self.shown),
            None => format!("{what} is not recorded; there is no `{}`", self.shown),
        }
    }

    /// The same of an operator, with its place, and what to do.
    pub fn diagnostic(&self, operator: &str) -> Diagnostic {
        let fault = Diagnostic::error(format!("{operator}: {}", self.told())).in_file(&*self.shown);
        let fault = Diagnostic { line: self.nearest.as_ref().map(|nearest| nearest.line), ..fault };
        fault.help("`fibric dev replay PATH --record` records what is asked; nothing else answers in its place")
    }
}

/// How much two values have in common, leaf by leaf.
#[derive(Default, Clone, Copy)]
struct Common {
    same: usize,
    other: usize,
}

impl Common {
    fn add(&mut self, other: Self) {
        self.same += other.same;
        self.other += other.other;
    }
}

/// Of some requests, each with its line, the one that differs least from another: first in what frames it (capability,
/// connector, goal, prompt), then in the leaves of its content, and of those that are alike the one that shares most.
pub(super) fn nearest(recorded: &[(u32, Value)], asked: &Request) -> Option<Nearest> {
    let asked = asked.raw().value();
    let (line, nearest) = recorded.iter().min_by_key(|(_, recorded)| {
        let frame = frame(recorded).filter(|(name, value)| asked.get(*name) != Some(*value)).count();
        let common = content(recorded).zip(content(&asked)).map_or_else(Common::default, |(a, b)| common(a, b));
        (frame, common.other, Reverse(common.same))
    })?;
    let of_frame = frame(nearest).find_map(|(name, value)| between(name, Some(value), asked.get(name)));
    let difference = of_frame.or_else(|| first_difference("", nearest, &asked))?;
    Some(Nearest { line: *line, difference })
}

fn is_content(name: &str) -> bool {
    [Kind::Sense, Kind::Reason].iter().any(|kind| kind.content() == name)
}

fn frame(request: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = request.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value)).filter(|(name, _)| !is_content(name))
}

fn content(request: &Value) -> Option<&Value> {
    request.as_object()?.iter().find(|(name, _)| is_content(name)).map(|(_, value)| value)
}

fn common(a: &Value, b: &Value) -> Common {
    let mut sum = Common::default();
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                sum.add(b.get(name).map_or_else(|| alone(value), |other| common(value, other)));
            }
            b.iter().filter(|(name, _)| !a.contains_key(*name)).for_each(|(_, value)| sum.add(alone(value)));
        }
        (Value::Array(a), Value::Array(b)) => {
            a.iter().zip(b).for_each(|(a, b)| sum.add(common(a, b)));
            let (longer, shorter) = if a.len() > b.len() { (a, b.len()) } else { (b, a.len()) };
            longer[shorter..].iter().for_each(|value| sum.add(alone(value)));
        }
        _ if a == b => sum.same = 1,
        _ => sum.other = leaves(a).max(leaves(b)),
    }
    sum
}

fn alone(value: &Value) -> Common {
    Common { same: 0, other: leaves(value) }
}

/// How many values without members or items; an empty object or array is one.
fn leaves(value: &Value) -> usize {
    let below: usize = match value {
        Value::Object(members) => members.values().map(leaves).sum(),
        Value::Array(items) => items.iter().map(leaves).sum(),
        _ => 1,
    };
    below.max(1)
}
