//! The label of fixtures that were made and not recorded. A fixture is the ten fields of an envelope and nothing else, so
//! the label is in the ids: it stands in every receipt, plan and journal that comes of one, and in the name of its file.

use crate::kernel::envelope::EventEnvelope;

/// What the ids and the file of such a fixture begin with.
const LABEL: &str = "synthetic-";

/// True for an envelope that was made to fill a cell.
pub fn is_synthetic(envelope: &EventEnvelope) -> bool {
    envelope.event_id.starts_with(LABEL)
}

/// The id of the envelopes that are made for something with that name.
pub fn id(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    format!("{LABEL}{}", name.chars().map(plain).collect::<String>())
}

/// The fixture file of those envelopes, from the workspace.
pub fn file(name: &str) -> String {
    format!("fixtures/{}.jsonl", id(name))
}

/// The envelope under the label.
pub fn labelled(envelope: &EventEnvelope, name: &str) -> EventEnvelope {
    EventEnvelope { event_id: id(name), correlation_id: id(name), ..envelope.clone() }
}
