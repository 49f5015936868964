//! A model as reasoner: any OpenAI-compatible chat endpoint, asked for a plan in the plan's schema (contract 7).
//!
//! Believes nothing that an endpoint sends to be small, in time, JSON, or a plan. The key of the endpoint is in one header
//! of one request and nowhere else.

mod answer;
mod exchange;
mod question;
mod retry;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Answer, Question, Reasoner};
use crate::author::host::Reasoned;
use crate::kernel::dollars::Dollars;
use crate::kernel::journal::{ReasonedBy, Reasoning, Tokens};
use crate::kernel::json::Raw;
use crate::kernel::secret::Secret;
use exchange::{Exchange, Exchanged};

/// Bytes of an answer's body. A plan of a thousand actions is a tenth of it.
const MOST_BYTES: u64 = 4 << 20;

/// Where a model is asked, and how long and often.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `https://…/v1`, without a slash at its end.
    pub base_url: String,
    /// The model; the operator's own where absent.
    pub model: Option<String>,
    /// The key that goes into `Authorization`.
    pub key: Option<Secret>,
    /// For one question, with all attempts and pauses.
    pub timeout: Duration,
    /// Attempts after the first.
    pub retries: u32,
    /// US dollars per million tokens, read and written.
    pub prices: Option<(Dollars, Dollars)>,
    /// Actions a plan may have.
    pub actions: usize,
}

/// Asks an endpoint.
pub struct Model {
    endpoint: Endpoint,
    exchange: Exchange,
    /// Set once nobody waits for answers any more.
    stopped: Arc<AtomicBool>,
}

impl Model {
    /// Asks that endpoint until `stopped` is set.
    pub fn new(endpoint: Endpoint, stopped: Arc<AtomicBool>) -> Self {
        let exchange = Exchange::new(&endpoint, MOST_BYTES);
        Self { endpoint, exchange, stopped }
    }

    /// Asks on a thread of its own: neither an endpoint nor a resolver that hangs holds up a person who wants to stop.
    fn exchanged(&self, body: String) -> (u32, Result<Vec<u8>, String>) {
        const LOOK: Duration = Duration::from_millis(50);
        // What enforces the deadline is given a moment to say why it was not kept.
        const GRACE: Duration = Duration::from_millis(500);
        let deadline = Instant::now() + self.endpoint.timeout;
        let (tell, told) = channel();
        let exchange = self.exchange.clone();
        let spawned = std::thread::Builder::new().name("model".to_owned()).spawn(move || {
            let _ = tell.send(exchange.ask(&body, deadline));
        });
        if let Err(error) = spawned {
            return (0, Err(format!("no thread could be started for it: {error}")));
        }
        loop {
            match told.recv_timeout(LOOK) {
                Ok(Exchanged { attempts, body }) => return (attempts, body),
                Err(RecvTimeoutError::Disconnected) => return (1, Err("it was given up".to_owned())),
                Err(RecvTimeoutError::Timeout) if self.stopped.load(Ordering::Relaxed) => {
                    return (1, Err("it was asked to stop before there was an answer".to_owned()));
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() > deadline + GRACE => {
                    return (1, Err(retry::too_late(self.endpoint.timeout)));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// A sentence in which the key does not stand.
    fn told(&self, why: &str) -> String {
        let why = self.endpoint.key.as_ref().map_or(why.into(), |key| key.scrub(why));
        format!("the model did not answer with a plan: {why}")
    }

    fn cost(&self, tokens: Tokens) -> Option<Dollars> {
        let (read, written) = self.endpoint.prices?;
        Some([read.for_tokens(tokens.input), written.for_tokens(tokens.output)].into_iter().sum())
    }

    fn failed(&self, reasoning: Reasoning, why: &str) -> Answer {
        Answer::of(Err(self.told(why)), reasoning)
    }
}

impl Reasoner for Model {
    fn leaves_to_stub(&self) -> bool {
        false
    }

    fn is_paid(&self) -> bool {
        true
    }

    fn reason(&self, asked: &Question) -> Answer {
        let mut reasoning = Reasoning::by(ReasonedBy::Model);
        let Some(model) = self.endpoint.model.as_deref().or(asked.model) else {
            let why = "neither `[reasoner] model` in `fibric.toml` nor the operator's `model` names one";
            return self.failed(reasoning, why);
        };
        reasoning.model = Some(model.to_owned());
        let begun = Instant::now();
        let (attempts, body) = self.exchanged(question::body(model, asked));
        reasoning.attempts = u64::from(attempts.max(1));
        reasoning.millis = u64::try_from(begun.elapsed().as_millis()).ok();
        let said = match body.and_then(|body| answer::read(&body)) {
            Ok(said) => said,
            Err(why) => return self.failed(reasoning, &why),
        };
        reasoning.tokens = said.tokens;
        reasoning.cost_usd = said.tokens.and_then(|tokens| self.cost(tokens));
        let plan = said.content.and_then(|content| answer::plan(&content, self.endpoint.actions));
        match plan {
            Ok(mut plan) => {
                if let Some(key) = &self.endpoint.key {
                    key.scrub_value(&mut plan);
                }
                Answer::of(Ok(Reasoned::Answer(Raw::of(&plan))), reasoning)
            }
            Err(answer::NoPlan::Said(why)) => self.failed(reasoning, &why),
            Err(answer::NoPlan::TooMany(why)) => {
                Answer { over_limit: Some(why.clone()), ..self.failed(reasoning, &why) }
            }
        }
    }
}
