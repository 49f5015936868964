//! Many envelopes through one operator: it is told of some ahead, so that no question waits for the one before. Nothing
//! is disposed of and nothing is journalled.

use std::collections::VecDeque;
use std::sync::Arc;

use super::dev_kernel::DevKernel;
use super::propose::{self, Asked};
use crate::kernel::envelope::EventEnvelope;

/// Envelopes an operator is told of ahead.
const AHEAD: usize = 16;

/// Takes an envelope with its answer, where it has one; false ends the asking.
pub type Each<'a, T> = &'a mut dyn FnMut(&mut DevKernel, Arc<EventEnvelope>, T, Option<Asked>) -> bool;

/// Asks an operator for a plan for each envelope, in order. What its trigger does not match is given to `each` without
/// an answer; `T` is whatever the caller knows of the envelope. Ends where `each` gives false.
pub fn of_each<T>(
    kernel: &mut DevKernel,
    operator: &str,
    clock: &str,
    envelopes: impl Iterator<Item = (Arc<EventEnvelope>, T)>,
    each: Each<'_, T>,
) {
    let mut waiting: VecDeque<(Arc<EventEnvelope>, T, bool)> = VecDeque::new();
    let mut answer = |kernel: &mut DevKernel, (envelope, about, routed): (Arc<EventEnvelope>, T, bool)| {
        let asked = routed.then(|| propose::ask(kernel, operator, &envelope, clock));
        each(kernel, envelope, about, asked)
    };
    for (envelope, about) in envelopes {
        let routed = kernel.roster.recipients(&envelope).iter().any(|route| route.operator == operator);
        if routed {
            propose::expect(kernel, operator, &envelope, clock);
        }
        waiting.push_back((envelope, about, routed));
        if waiting.len() > AHEAD
            && let Some(next) = waiting.pop_front()
            && !answer(kernel, next)
        {
            return;
        }
    }
    for next in waiting {
        if !answer(kernel, next) {
            return;
        }
    }
}
