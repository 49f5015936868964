//! Live envelopes that senders outside wait for: taken in together, answered once they are on disk.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Session;
use crate::author::definition::EventDef;
use crate::kernel::diagnostic::{Diagnostic, did_you_mean};
use crate::kernel::envelope::EventEnvelope;
use crate::kernel::journal::{Fact, Listening, Origin, Source};
use crate::session::clock;
use crate::session::delivery::{Arrived, Content, Delivered, Delivery, Reply, Webhook};
use crate::session::error::Error;
use crate::session::run::Offer;

/// Envelopes that operators are told of before their turn comes.
const AHEAD: usize = 32;

impl Session {
    /// Says that live input is taken there.
    pub(super) fn listening(&mut self, address: String, reply: Reply) -> Result<(), Error> {
        let live = self.live.is_some();
        self.run.note(Fact::Listening(Listening { address, live }))?;
        self.unanswered.push((reply, if live { Delivered::Durable } else { Delivered::NotLive }));
        Ok(())
    }

    /// Takes all of a delivery in, or nothing.
    pub(super) fn deliver(&mut self, delivery: Delivery) -> Result<(), Error> {
        let Delivery { content, way, reply } = delivery;
        if self.live.is_none() {
            reply.send(Delivered::NotLive);
            return Ok(());
        }
        let envelopes = match content {
            Content::Envelopes(envelopes) => envelopes,
            Content::Webhook(webhook) => match self.called(webhook) {
                Ok(arrived) => vec![arrived],
                Err(fault) => {
                    reply.send(Delivered::Unknown(fault));
                    return Ok(());
                }
            },
            Content::Refused(diagnostics) => {
                let line = diagnostics.first().and_then(|first| first.line);
                return self.run.refuse(origin(way, line), diagnostics, 1);
            }
        };
        let tenant = &self.kernel.workspace.config.tenant;
        if let Some(other) = envelopes.iter().find(|arrived| arrived.envelope.tenant_id != *tenant) {
            let fault = Diagnostic::error(format!("tenant `{}` is not `{tenant}`", other.envelope.tenant_id))
                .help(format!("leave `tenant_id` out, or give the local tenant, `{tenant}`"));
            let fault = Diagnostic { line: Some(other.line), ..fault }.at_pointer("/tenant_id");
            reply.send(Delivered::OtherTenant(fault));
            // It ends where a person sees it.
            return self.take(Offer::of(Arc::clone(&other.envelope), origin(way, Some(other.line)), Vec::new()));
        }
        self.take_all(envelopes, way)?;
        self.unanswered.push((reply, Delivered::Durable));
        Ok(())
    }

    /// One after another, while operators work ahead.
    fn take_all(&mut self, envelopes: Vec<Arrived>, way: &'static str) -> Result<(), Error> {
        let alone = envelopes.len() == 1;
        let mut rest = envelopes.into_iter();
        let mut told: VecDeque<(Arrived, Option<String>)> = VecDeque::new();
        loop {
            // Half the places are filled at once: whoever works on them is woken for many.
            if told.len() <= AHEAD / 2 {
                for arrived in rest.by_ref().take(AHEAD - told.len()) {
                    // What works ahead is told the time it will see.
                    let clock = (!alone).then(clock::now);
                    if let Some(clock) = &clock {
                        self.run.expect(&mut self.kernel, &arrived.envelope, clock);
                    }
                    told.push_back((arrived, clock));
                }
            }
            let Some((arrived, clock)) = told.pop_front() else { return Ok(()) };
            self.take(offer(arrived, way, clock))?;
        }
    }

    /// The envelope of a webhook's call, or why there is none.
    fn called(&self, webhook: Webhook) -> Result<Arrived, Diagnostic> {
        let Webhook { connector, event, payload, event_id, warnings } = webhook;
        let known = self.kernel.roster.connectors();
        let Some(found) = known.into_iter().find(|known| known.id == connector) else {
            let ids = self.kernel.roster.connectors().map(|known| known.id.as_str());
            let help = did_you_mean(&connector, ids).unwrap_or_else(|| "it is a connector that is loaded here".into());
            return Err(Diagnostic::error(format!("no connector `{connector}` is loaded")).help(help));
        };
        let declared = declared(&found.events, &event).map_err(|help| {
            Diagnostic::error(format!("connector `{connector}` declares no event `{event}`")).help(help)
        })?;
        let envelope = EventEnvelope {
            correlation_id: event_id.clone(),
            event_id,
            reseller_id: None,
            tenant_id: self.kernel.workspace.config.tenant.clone(),
            workspace_id: None,
            source: connector,
            event_type: declared.event_type.clone(),
            payload,
            agent_id: None,
            session_id: None,
        };
        Ok(Arrived { envelope: Arc::new(envelope), line: 1, warnings })
    }
}

fn offer(arrived: Arrived, way: &'static str, clock: Option<String>) -> Offer {
    let Arrived { envelope, line, warnings } = arrived;
    Offer { clock, ..Offer::of(envelope, origin(way, Some(line)), warnings) }
}

fn origin(way: &'static str, line: Option<u32>) -> Origin {
    Origin { source: Source::Live, file: Some(way.to_owned()), line }
}

/// The event of that type, else the only one with that topic; else what to call instead.
fn declared<'a>(events: &'a [EventDef], name: &str) -> Result<&'a EventDef, String> {
    if let Some(event) = events.iter().find(|event| event.event_type == name) {
        return Ok(event);
    }
    let with_topic: Vec<_> = events.iter().filter(|event| event.topic == name).collect();
    match with_topic.as_slice() {
        [only] => Ok(only),
        [] => {
            let names = events.iter().flat_map(|event| [event.topic.as_str(), event.event_type.as_str()]);
            Err(did_you_mean(name, names).unwrap_or_else(|| match events {
                [] => "it declares none: add `events` to its definition".to_owned(),
                events => {
                    let types: Vec<_> = events.iter().map(|event| format!("`{}`", event.event_type)).collect();
                    format!("it declares {}", types.join(", "))
                }
            }))
        }
        several => {
            let types: Vec<_> = several.iter().map(|event| format!("`{}`", event.event_type)).collect();
            Err(format!("that topic is several: name the event, one of {}", types.join(", ")))
        }
    }
}
