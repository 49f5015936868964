//! Live envelopes on their way into a session from outside, and the word back once they are on disk.
//!
//! Knows nothing of how they came; a sender is told in one of the ways of [`Delivered`], or not at all where the session
//! ended first.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::kernel::diagnostic::Diagnostic;
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::json::Raw;

/// Deliveries that wait for a session. It takes all of them at once: under load it is woken for many, not for each.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<Vec<Delivery>>>);

impl Inbox {
    /// Puts one in; true where nothing was waiting, so that the session has to be told.
    #[must_use]
    pub fn put(&self, delivery: Delivery) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(delivery);
        waiting.len() == 1
    }

    /// Takes all that wait, in order.
    pub fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}

impl PartialEq for Inbox {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Inbox {}

/// What is taken in together: all of it, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What came.
    pub content: Content,
    /// By which way, as messages name it: `POST /v1/events`.
    pub way: &'static str,
    /// To whom it is told what became of it.
    pub reply: Reply,
}

/// What a delivery brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Envelopes, in order.
    Envelopes(Vec<Arrived>),
    /// An event of a loaded connector; the connector's definition says which.
    Webhook(Webhook),
    /// What was no envelope, and why: it is journalled, and nothing is taken in.
    Refused(Vec<Diagnostic>),
}

/// An envelope of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The ten fields.
    pub envelope: Arc<EventEnvelope>,
    /// The line of the delivery it starts on, from 1.
    pub line: u32,
    /// What was odd about it.
    pub warnings: Vec<Diagnostic>,
}

/// A call of a connector's webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The connector's id.
    pub connector: String,
    /// The topic of one of its events, or the event's type.
    pub event: String,
    /// The body.
    pub payload: Raw,
    /// The id its envelope is to have; its correlation id too.
    pub event_id: String,
    /// What was odd about the body.
    pub warnings: Vec<Diagnostic>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// Its envelopes, and all that came of them, are on disk.
    Durable,
    /// This session takes no live input: another process has the workspace.
    NotLive,
    /// An envelope is another tenant's; nothing was taken in.
    OtherTenant(Diagnostic),
    /// There is no such webhook; nothing was taken in.
    Unknown(Diagnostic),
}

/// The way back to a sender. A reply that is dropped unused tells that the session ended.
#[derive(Clone)]
pub struct Reply(Arc<Mutex<Option<Call>>>);

type Call = Box<dyn FnOnce(Delivered) + Send>;

impl Reply {
    /// Calls back once, on the session's thread: it must not wait.
    pub fn to(call: impl FnOnce(Delivered) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(call)))))
    }

    /// To nobody.
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// Tells; a second time tells nobody.
    pub fn send(&self, delivered: Delivered) {
        let call = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(call) = call {
            call(delivered);
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}

impl PartialEq for Reply {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Reply {}
