//! One question over HTTP: attempts until there is a body, within a deadline. Redirects are not followed, bodies are
//! bounded, no proxy is taken from the environment.

use std::io::ErrorKind;
use std::time::{Duration, Instant, SystemTime};

use ureq::http::Response;
use ureq::{Agent, Body};

use super::retry::{self, Pause};
use super::{Endpoint, answer};
use crate::kernel::secret::Secret;

/// Bytes of a body that only says what is wrong.
const FAULT: u64 = 64 << 10;

/// Asks an endpoint.
#[derive(Clone)]
pub(super) struct Exchange {
    agent: Agent,
    url: String,
    key: Option<Secret>,
    timeout: Duration,
    retries: u32,
    most: u64,
}

/// What came of a question.
pub(super) struct Exchanged {
    /// How often it was asked.
    pub(super) attempts: u32,
    /// The body of the answer, or why there is none.
    pub(super) body: Result<Vec<u8>, String>,
}

/// An attempt that failed.
struct Trouble {
    said: String,
    /// True where another may not.
    again: bool,
    /// How long the endpoint asks to wait.
    wait: Option<Duration>,
}

impl Exchange {
    pub(super) fn new(endpoint: &Endpoint, most: u64) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("fibric/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: config.new_agent(),
            url: format!("{}/chat/completions", endpoint.base_url),
            key: endpoint.key.clone(),
            timeout: endpoint.timeout,
            retries: endpoint.retries,
            most,
        }
    }

    /// Asks until there is an answer, no attempt is left, or no time.
    pub(super) fn ask(&self, body: &str, deadline: Instant) -> Exchanged {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let left = deadline.saturating_duration_since(Instant::now());
            let trouble = match self.attempt(body, left) {
                Ok(body) => return Exchanged { attempts, body: Ok(body) },
                Err(trouble) => trouble,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let pause = retry::pause(attempts, trouble.wait, left, self.timeout, retry::random());
            match pause {
                Pause::For(time) if trouble.again && attempts <= self.retries => std::thread::sleep(time),
                pause => return Exchanged { attempts, body: Err(self.given_up(trouble, attempts, pause)) },
            }
        }
    }

    fn given_up(&self, trouble: Trouble, attempts: u32, pause: Pause) -> String {
        let times = if attempts > 1 { format!(", after {attempts} attempts") } else { String::new() };
        match pause {
            Pause::TooLong(wait) if trouble.again && attempts <= self.retries => format!(
                "{}{times}; it asks to wait {}, which is longer than what is left of {} (`[reasoner] timeout`)",
                trouble.said,
                retry::in_words(wait),
                retry::in_words(self.timeout)
            ),
            _ => trouble.said + &times,
        }
    }

    fn attempt(&self, body: &str, left: Duration) -> Result<Vec<u8>, Trouble> {
        if left.is_zero() {
            return Err(Trouble { said: retry::too_late(self.timeout), again: false, wait: None });
        }
        let request = self.agent.post(&self.url).config().timeout_global(Some(left)).build();
        let request = request.header("content-type", "application/json").header("accept", "application/json");
        let request = match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {}", key.reveal())),
            None => request,
        };
        let mut response = request.send(body.as_bytes()).map_err(|error| self.trouble(&error))?;
        if response.status().as_u16() == 200 {
            return read(&mut response, self.most).map_err(|error| self.trouble(&error));
        }
        Err(refused(&mut response))
    }

    fn trouble(&self, error: &ureq::Error) -> Trouble {
        let (said, again) = match error {
            ureq::Error::Timeout(_) => (retry::too_late(self.timeout), false),
            ureq::Error::BodyExceedsLimit(most) => (format!("the answer has more than {} MiB", most >> 20), false),
            ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => (retry::too_late(self.timeout), false),
            ureq::Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
                ("the connection ended before the answer did".to_owned(), true)
            }
            ureq::Error::Io(error) => (format!("the endpoint cannot be reached: {error}"), true),
            ureq::Error::HostNotFound => ("the endpoint's host is not found".to_owned(), true),
            ureq::Error::ConnectionFailed => ("the endpoint cannot be reached".to_owned(), true),
            ureq::Error::Protocol(error) => (format!("what came is no HTTP answer: {error}"), true),
            other => (format!("the endpoint cannot be asked: {other}"), false),
        };
        Trouble { said, again, wait: None }
    }
}

fn read(response: &mut Response<Body>, most: u64) -> Result<Vec<u8>, ureq::Error> {
    response.body_mut().with_config().limit(most).read_to_vec()
}

/// What a status other than 200 comes to.
fn refused(response: &mut Response<Body>) -> Trouble {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if (300..400).contains(&status) {
        let to = header("location").map_or_else(String::new, |to| format!(" to `{}`", answer::short(&to)));
        let said =
            format!("the endpoint redirects{to} (status {status}), which is not followed: set `base_url` itself");
        return Trouble { said, again: false, wait: None };
    }
    let wait = header("retry-after").and_then(|header| retry::asked(&header, SystemTime::now()));
    let why = read(response, FAULT).ok().and_then(|body| answer::complaint(&body));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    let what = match status {
        401 | 403 => "the endpoint does not take the key",
        404 => "the endpoint is not at this `base_url`, or has no such model",
        429 => "the endpoint is asked too often",
        500..600 => "the endpoint is in trouble",
        _ => "the endpoint refuses the question",
    };
    let again = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504);
    Trouble { said: format!("{what} (status {status}{why})"), again, wait: wait.filter(|_| again) }
}
