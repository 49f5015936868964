//! A script as data: what is said, which keys are pressed, and what is waited for. `scripts/*.toml` are compiled in; a
//! test performs each of them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::console::Key;

/// What is performed, step by step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What it is called.
    pub title: String,
    /// Actions that captions speak of: a short name, and the idempotency key.
    #[serde(default)]
    pub actions: BTreeMap<String, String>,
    /// The steps.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One thing that is shown.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it is about, in a few words.
    pub title: String,
    /// What is said while it is shown. `{name.reason}` and the like are facts of an action (`facts`).
    pub say: String,
    /// What is pressed, in order.
    #[serde(default)]
    pub keys: Vec<Press>,
    /// What has to have happened before the next step.
    #[serde(default)]
    pub until: Option<Until>,
    /// Seconds to read it in, at the script's own speed.
    pub hold: f64,
}

/// What is pressed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Press {
    /// A key.
    Key(KeyName),
    /// A text, key by key.
    Text {
        /// The text.
        text: String,
    },
}

/// A key by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyName(pub Key);

impl TryFrom<String> for KeyName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse().map(Self).map_err(|error: crate::console::UnknownKey| error.to_string())
    }
}

/// One key of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// The key.
    pub key: Key,
    /// Which of the step's presses it belongs to.
    pub press: usize,
    /// True within a text, which is typed without a pause.
    pub within_text: bool,
}

impl Step {
    /// The keys of it, one after another.
    pub fn strokes(&self) -> Vec<Stroke> {
        let of_press = |(press, pressed): (usize, &Press)| match pressed {
            Press::Key(name) => vec![Stroke { key: name.0, press, within_text: false }],
            Press::Text { text } => {
                text.chars().map(|letter| Stroke { key: Key::typing(letter), press, within_text: true }).collect()
            }
        };
        self.keys.iter().enumerate().flat_map(of_press).collect()
    }
}

impl std::fmt::Display for Press {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(name) => write!(f, "{}", name.0),
            Self::Text { text } => f.write_str(text),
        }
    }
}

/// What can be waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// The fixtures are played, and the session is open for more.
    Played,
    /// A policy was read, and the selected envelope ran again under it.
    PolicyInForce,
    /// The envelope was disposed of once more, in a run of its own.
    Replayed,
}

impl Until {
    /// What a person is told that did not happen.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Played => "the fixtures were played",
            Self::PolicyInForce => "the saved policy was read",
            Self::Replayed => "the envelope was replayed",
        }
    }
}

impl Script {
    /// The demo.
    pub fn demo() -> Self {
        Self::compiled_in(include_str!("scripts/demo.toml"))
    }

    /// The tour.
    pub fn tour() -> Self {
        Self::compiled_in(include_str!("scripts/tour.toml"))
    }

    // INVARIANT: each text that is compiled in is read by a test.
    fn compiled_in(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|_| Self {
            title: String::new(),
            actions: BTreeMap::new(),
            steps: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn those_that_are_compiled_in_are_read() {
        for text in [include_str!("scripts/demo.toml"), include_str!("scripts/tour.toml")] {
            let script: Script = toml::from_str(text).unwrap();
            assert!(script.steps.len() >= 5);
            for step in &script.steps {
                assert!(step.hold > 0.0 && !step.say.is_empty() && step.title.len() < 40, "{step:?}");
                // Long enough for a slow reader: three words a second.
                let words = step.say.split_whitespace().count();
                assert!(
                    Duration::from_secs_f64(step.hold * 3.0).as_secs() >= words as u64,
                    "{}: {words} words in {} s",
                    step.title,
                    step.hold
                );
            }
        }
        assert!(
            toml::from_str::<Script>("title = 'x'\n[[step]]\ntitle = 't'\nsay = 's'\nhold = 1\nkeys = ['nokey']")
                .is_err()
        );
    }
}
