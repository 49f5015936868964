//! What one call shares between the engine's loop and the functions author code can reach: the line to the kernel, the
//! outcome, the deadline, and how much was logged. Lives in the host's process.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};

use crate::author::message::{Answer, Failure, FailureKind, FromHost, Order, Outcome};
use crate::author::process::PROMPTLY;
use crate::kernel::json::Raw;

/// Lines of log that one call may write.
const MAX_LINES: u32 = 1_000;

/// Bytes of a rejection's words that are made.
pub const MAX_SAID: usize = 16 << 10;

/// Rejections of one call that are remembered.
const MAX_REJECTED: usize = 20;

/// Characters of one of them that are kept.
const MAX_REASON: usize = 1_000;

/// Bytes of output that are sent at once.
const BLOCK: usize = 64 << 10;

/// What the kernel sends.
enum Incoming {
    Order(Box<Order<Raw>>),
    Answer(Answer),
}

impl Incoming {
    /// Reads a line; none where it is no message. Orders and answers are told apart by their first word, because a
    /// message that may be either would have to be read into memory twice.
    fn read(line: &[u8]) -> Option<Self> {
        let is_answer =
            [&b"{\"value\":"[..], b"{\"stub\":", b"{\"refused\":"].iter().any(|word| line.starts_with(word));
        if is_answer {
            serde_json::from_slice(line).ok().map(Self::Answer)
        } else {
            serde_json::from_slice(line).ok().map(|order| Self::Order(Box::new(order)))
        }
    }
}

/// The code with which a host ends whose kernel is gone.
const ORPHANED: i32 = 0;

/// Shared by everything on the engine's thread.
pub struct Exchange {
    line: RefCell<Line>,
    /// How the call ended, once it has.
    pub outcome: RefCell<Option<Outcome>>,
    /// Whether the operator's own stub reasons, in the call at hand.
    pub own_stub: Cell<bool>,
    opened: Cell<Instant>,
    /// How long it has waited for what it asked.
    waited: Cell<Duration>,
    deadline: Cell<Option<Instant>>,
    expired: Cell<bool>,
    lines: Cell<u32>,
    bytes: Cell<usize>,
    /// Bytes of log that a call may write, and one line.
    most: Cell<usize>,
    dropped: Cell<u32>,
    /// Promises that rejected with nobody to hear it, by identity, each with what it said.
    rejected: RefCell<Vec<(u64, String)>>,
}

/// The host's end of the socket.
struct Line {
    socket: UnixStream,
    block: Box<[u8]>,
    input: Vec<u8>,
    start: usize,
    output: Vec<u8>,
    /// True while an answer is waited for.
    awaits_answer: bool,
    /// Orders that came before the answer that was waited for.
    orders: VecDeque<Box<Order<Raw>>>,
}

impl Line {
    /// The next message; ends the process where the kernel is gone.
    fn read(&mut self) -> Incoming {
        loop {
            let unread = &self.input[self.start..];
            if let Some(length) = unread.iter().position(|byte| *byte == b'\n') {
                let message = Incoming::read(&unread[..length]);
                self.start += length + 1;
                // A kernel that sends anything else is none.
                return message.unwrap_or_else(|| std::process::exit(ORPHANED));
            }
            self.fill();
        }
    }

    fn fill(&mut self) {
        self.input.drain(..self.start);
        self.start = 0;
        let began = Instant::now();
        loop {
            // The kernel needs a processor to answer, so it is given way to, not only waited for.
            let is_watched = self.awaits_answer && began.elapsed() < PROMPTLY;
            let how = if is_watched { RecvFlags::DONTWAIT } else { RecvFlags::empty() };
            match recv(&self.socket, &mut *self.block, how) {
                Ok((count @ 1.., _)) => return self.input.extend_from_slice(&self.block[..count]),
                Err(Errno::AGAIN) => std::thread::yield_now(),
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => std::process::exit(ORPHANED),
            }
        }
    }

    fn write(&mut self, message: &FromHost) {
        // The messages are made of what has a JSON form.
        if serde_json::to_writer(&mut self.output, message).is_ok() {
            self.output.push(b'\n');
        }
        if self.output.len() >= BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.socket.write_all(&self.output).is_err() {
            std::process::exit(ORPHANED);
        }
        self.output.clear();
        self.output.shrink_to(BLOCK);
    }
}

impl Exchange {
    /// Nothing open yet.
    pub fn new(socket: UnixStream) -> Rc<Self> {
        let (input, output, orders) = (Vec::new(), Vec::new(), VecDeque::new());
        let block = vec![0; BLOCK].into_boxed_slice();
        Rc::new(Self {
            line: RefCell::new(Line { socket, block, input, start: 0, output, awaits_answer: false, orders }),
            outcome: RefCell::new(None),
            own_stub: Cell::new(false),
            opened: Cell::new(Instant::now()),
            waited: Cell::new(Duration::ZERO),
            deadline: Cell::new(None),
            expired: Cell::new(false),
            lines: Cell::new(0),
            bytes: Cell::new(0),
            most: Cell::new(0),
            dropped: Cell::new(0),
            rejected: RefCell::new(Vec::new()),
        })
    }

    /// Says something outside any order.
    pub fn say(&self, message: &FromHost) {
        let mut line = self.line.borrow_mut();
        line.write(message);
        line.flush();
    }

    /// Says something within an order that nobody answers; it travels with what follows.
    pub fn tell(&self, message: &FromHost) {
        self.line.borrow_mut().write(message);
    }

    /// Starts a call: nothing decided, nothing logged, this much time.
    pub fn open(&self, limit: Duration) {
        self.outcome.replace(None);
        let now = Instant::now();
        self.opened.set(now);
        self.waited.set(Duration::ZERO);
        self.deadline.set(now.checked_add(limit));
        self.expired.set(false);
        self.lines.set(0);
        self.bytes.set(0);
        self.dropped.set(0);
        self.rejected.borrow_mut().clear();
    }

    /// Asked by the engine every few thousand steps: true to stop.
    pub fn is_over(&self) -> bool {
        let over = self.expired.get() || self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline);
        self.expired.set(over);
        over
    }

    /// True when author code was stopped.
    pub fn expired(&self) -> bool {
        self.expired.get()
    }

    /// Waits for the next order.
    pub fn next(&self) -> Order<Raw> {
        let mut line = self.line.borrow_mut();
        loop {
            if let Some(order) = line.orders.pop_front() {
                return *order;
            }
            // An answer that nobody waits for has no meaning.
            if let Incoming::Order(order) = line.read() {
                return *order;
            }
        }
    }

    /// No author code runs until the next [`Exchange::open`].
    pub fn rest(&self) {
        self.deadline.set(None);
    }

    /// Ends the process: its heap is past the limit. The engine is not sound where memory is refused, so it is never
    /// refused any; what was asked for by then is not given either.
    pub fn exhausted(&self) -> ! {
        let failure = Failure { kind: FailureKind::OutOfMemory, message: String::new(), stack: None };
        // Borrowed only where nothing was asked of the engine: not while it asks for memory.
        if let Ok(mut line) = self.line.try_borrow_mut() {
            line.write(&FromHost::Closed { micros: self.spent(), outcome: Outcome::Failed { failure } });
            line.flush();
        }
        std::process::exit(1)
    }

    /// Asks the kernel and waits; the time it takes is not the author's.
    pub fn ask(&self, ask: &FromHost) -> Answer {
        let start = Instant::now();
        let mut line = self.line.borrow_mut();
        line.write(ask);
        line.flush();
        line.awaits_answer = true;
        let answer = loop {
            match line.read() {
                Incoming::Answer(answer) => break answer,
                Incoming::Order(order) => line.orders.push_back(order),
            }
        };
        line.awaits_answer = false;
        let waited = start.elapsed();
        self.waited.set(self.waited.get() + waited);
        if let Some(deadline) = self.deadline.get() {
            self.deadline.set(Some(deadline + waited));
        }
        answer
    }

    /// Says how many bytes of log a call may write.
    pub fn limit_log(&self, bytes: usize) {
        self.most.set(bytes);
    }

    /// Bytes of log that are left to this call.
    pub fn log_left(&self) -> usize {
        if self.lines.get() >= MAX_LINES { 0 } else { self.most.get().saturating_sub(self.bytes.get()) }
    }

    /// Sends a line of log, or counts it as dropped.
    pub fn log(&self, level: &str, mut text: String) {
        let left = self.log_left();
        if left == 0 {
            self.dropped.set(self.dropped.get().saturating_add(1));
            return;
        }
        if text.len() > left {
            text.truncate(text.floor_char_boundary(left));
            text.push('…');
        }
        self.lines.set(self.lines.get() + 1);
        self.bytes.set(self.bytes.get() + text.len());
        self.line.borrow_mut().write(&FromHost::Log { level: level.to_owned(), text });
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

    /// Sends the message that closes the order, after a word on what was not logged.
    pub fn close(&self, outcome: Outcome) {
        let mut line = self.line.borrow_mut();
        let dropped = self.dropped.get();
        if dropped > 0 {
            let text = format!("{dropped} more lines were logged and dropped");
            line.write(&FromHost::Log { level: "warn".to_owned(), text });
        }
        line.write(&FromHost::Closed { micros: self.spent(), outcome });
        // INVARIANT: nothing closed is kept back: the next order may never come to its end.
        line.flush();
    }

    fn spent(&self) -> u64 {
        let spent = self.opened.get().elapsed().saturating_sub(self.waited.get());
        u64::try_from(spent.as_micros()).unwrap_or(u64::MAX)
    }
}
