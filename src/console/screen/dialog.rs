//! A question that only a person can answer, as data: a screen says which is open, the shell shows it and sends what was
//! chosen back to the screen.

/// An open question.
#[derive(Debug, Clone)]
pub struct Dialog<M> {
    /// What stands in the frame of the question.
    pub title: &'static str,
    /// The question in full.
    pub text: String,
    /// The answers.
    pub choices: Vec<Choice<M>>,
    /// True where enter gives the first: it loses nothing that could not be had back.
    pub enter: bool,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
pub struct Choice<M> {
    /// The key that gives it, by its name.
    pub key: &'static str,
    /// What it does, in words.
    pub label: &'static str,
    /// The message it sends.
    pub message: M,
}

impl<M> Dialog<M> {
    /// The same with each message as `lift` has it.
    pub fn map<N>(self, lift: fn(M) -> N) -> Dialog<N> {
        let choices = self.choices.into_iter();
        let choices = choices.map(|Choice { key, label, message }| Choice { key, label, message: lift(message) });
        Dialog { title: self.title, text: self.text, choices: choices.collect(), enter: self.enter }
    }
}
