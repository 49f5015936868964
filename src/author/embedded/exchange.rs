//! What one call shares between the engine's loop and the functions author code can reach: the way out to the caller,
//! the outcome, the deadline, and how much was logged.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvError, Sender, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use crate::author::message::{Answer, FromHost, Order};

/// Lines of log that one call may write.
const MAX_LINES: u32 = 1_000;

/// Bytes of log that one call may write, and one line.
const MAX_BYTES: usize = 64 << 10;

/// Rejections of one call that are remembered.
const MAX_REJECTED: usize = 20;

/// Characters of one of them that are kept.
const MAX_REASON: usize = 1_000;

/// How long an end looks for what comes next before it sleeps: to be woken takes as long as this.
const LOOKING: Duration = Duration::from_micros(20);

/// What comes from the thread.
pub enum FromThread {
    /// An ask, or a line of log.
    Said(FromHost),
    /// The end of an order, and how long it took without waiting for what it asked.
    Closed(FromHost, Duration),
}

/// Shared by everything on the engine's thread.
pub struct Exchange {
    inbox: Receiver<Arc<Order>>,
    answers: Receiver<Answer>,
    outbox: Sender<FromThread>,
    /// How the call ended, once it has.
    pub outcome: RefCell<Option<FromHost>>,
    opened: Cell<Instant>,
    /// How long it has waited for what it asked.
    waited: Cell<Duration>,
    deadline: Cell<Option<Instant>>,
    expired: Cell<bool>,
    exhausted: Cell<bool>,
    abandoned: Arc<AtomicBool>,
    lines: Cell<u32>,
    bytes: Cell<usize>,
    dropped: Cell<u32>,
    /// Promises that rejected with nobody to hear it, by identity, each with what it said.
    rejected: RefCell<Vec<(u64, String)>>,
}

impl Exchange {
    /// Nothing open yet.
    pub fn new(
        inbox: Receiver<Arc<Order>>,
        answers: Receiver<Answer>,
        outbox: Sender<FromThread>,
        abandoned: Arc<AtomicBool>,
    ) -> Rc<Self> {
        Rc::new(Self {
            inbox,
            answers,
            outbox,
            outcome: RefCell::new(None),
            opened: Cell::new(Instant::now()),
            waited: Cell::new(Duration::ZERO),
            deadline: Cell::new(None),
            expired: Cell::new(false),
            exhausted: Cell::new(false),
            abandoned,
            lines: Cell::new(0),
            bytes: Cell::new(0),
            dropped: Cell::new(0),
            rejected: RefCell::new(Vec::new()),
        })
    }

    /// Starts a call: nothing decided, nothing logged, this much time.
    pub fn open(&self, limit: Duration) {
        self.outcome.replace(None);
        let now = Instant::now();
        self.opened.set(now);
        self.waited.set(Duration::ZERO);
        self.deadline.set(Some(now + limit));
        self.expired.set(false);
        self.exhausted.set(false);
        self.lines.set(0);
        self.bytes.set(0);
        self.dropped.set(0);
        self.rejected.borrow_mut().clear();
    }

    /// Asked by the engine every few thousand steps: true to stop.
    pub fn is_over(&self) -> bool {
        let over = self.expired.get()
            || self.abandoned()
            || self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline);
        self.expired.set(over);
        over
    }

    /// True when author code was stopped.
    pub fn expired(&self) -> bool {
        self.expired.get()
    }

    /// Waits for the next order.
    pub fn next(&self) -> Result<Arc<Order>, RecvError> {
        look(&self.inbox).map_or_else(|| self.inbox.recv(), Ok)
    }

    /// No author code runs until the next [`Exchange::open`].
    pub fn rest(&self) {
        self.deadline.set(None);
    }

    /// Says that the heap was full.
    pub fn exhaust(&self) {
        self.exhausted.set(true);
    }

    /// True when the heap was full during this call, whether or not author code noticed.
    pub fn exhausted(&self) -> bool {
        self.exhausted.get()
    }

    /// True when the caller has given this thread up.
    pub fn abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Relaxed)
    }

    /// Asks the caller and waits; the time it takes is not the author's.
    pub fn ask(&self, ask: FromHost) -> Answer {
        let start = Instant::now();
        let gone = || Answer::Refused { message: "the kernel is gone".to_owned() };
        if self.outbox.send(FromThread::Said(ask)).is_err() {
            return gone();
        }
        let answer = look(&self.answers).map_or_else(|| self.answers.recv(), Ok).unwrap_or_else(|_| gone());
        let waited = start.elapsed();
        self.waited.set(self.waited.get() + waited);
        if let Some(deadline) = self.deadline.get() {
            self.deadline.set(Some(deadline + waited));
        }
        answer
    }

    /// Sends a line of log, or counts it as dropped.
    pub fn log(&self, level: &str, mut text: String) {
        let left = MAX_BYTES.saturating_sub(self.bytes.get());
        if self.lines.get() >= MAX_LINES || left == 0 {
            self.dropped.set(self.dropped.get().saturating_add(1));
            return;
        }
        if text.len() > left {
            let cut = (0..=left).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            text.push('…');
        }
        self.lines.set(self.lines.get() + 1);
        self.bytes.set(self.bytes.get() + text.len());
        let _ = self.outbox.send(FromThread::Said(FromHost::Log { level: level.to_owned(), text }));
    }

    /// Remembers a promise that rejected and that nobody waits for so far.
    pub fn reject(&self, promise: u64, say: impl FnOnce() -> String) {
        if self.rejected.borrow().len() < MAX_REJECTED {
            // Saying it may run author code, which may reject more.
            let said = say().chars().take(MAX_REASON).collect();
            self.rejected.borrow_mut().push((promise, said));
        }
    }

    /// Somebody waits for it after all.
    pub fn heard(&self, promise: u64) {
        let mut rejected = self.rejected.borrow_mut();
        if let Some(at) = rejected.iter().rposition(|(other, _)| *other == promise) {
            rejected.remove(at);
        }
    }

    /// Logs what rejected and was never waited for: nothing else would ever tell.
    pub fn tell_rejected(&self) {
        for (_, said) in self.rejected.take() {
            self.log("error", format!("unhandled rejection: {said}"));
        }
    }

    /// Sends the message that closes the order, after a word on what was not logged. False when nobody listens.
    pub fn close(&self, closing: FromHost) -> bool {
        let dropped = self.dropped.get();
        if dropped > 0 {
            let text = format!("{dropped} more lines were logged and dropped");
            let _ = self.outbox.send(FromThread::Said(FromHost::Log { level: "warn".to_owned(), text }));
        }
        let spent = self.opened.get().elapsed().saturating_sub(self.waited.get());
        self.outbox.send(FromThread::Closed(closing, spent)).is_ok()
    }
}

/// What has come, or comes in a moment. Gives way to other threads meanwhile: one of them may be who it comes from.
pub fn look<T>(inbox: &Receiver<T>) -> Option<T> {
    let mut until = None;
    loop {
        match inbox.try_recv() {
            Ok(received) => return Some(received),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if Instant::now() >= *until.get_or_insert_with(|| Instant::now() + LOOKING) {
            return None;
        }
        for _ in 0..16 {
            std::hint::spin_loop();
        }
        thread::yield_now();
    }
}
