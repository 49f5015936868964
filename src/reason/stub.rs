//! Answers without a model: offline and deterministic. The operator's own `stub(input)`, else the rule file.

use super::rules::RuleFile;
use super::{Answer, Question, Reasoner};
use crate::author::host::Reasoned;
use crate::kernel::journal::{ReasonedBy, Reasoning};

/// The stub reasoner of a workspace.
#[derive(Debug, Clone, Default)]
pub struct Stub {
    rules: Option<RuleFile>,
}

impl Stub {
    /// With the rule file that is named, if one is.
    pub fn new(rules: Option<RuleFile>) -> Self {
        Self { rules }
    }
}

impl Reasoner for Stub {
    fn leaves_to_stub(&self) -> bool {
        true
    }

    fn reason(&self, asked: &Question) -> Answer {
        if asked.has_stub {
            return Answer::of(Ok(Reasoned::Stub), Reasoning::by(ReasonedBy::Stub));
        }
        let by_rules = Reasoning::by(ReasonedBy::Rules);
        let Some(rules) = &self.rules else {
            let why = format!(
                "nothing answers `ctx.reason`: operator {} has no `stub(input)`, and `[reasoner] rules` in \
                 `fibric.toml` names no rule file",
                asked.operator
            );
            return Answer::of(Err(why), by_rules);
        };
        match rules.answer(asked.operator, asked.input) {
            Ok((rule, plan)) => Answer::of(Ok(Reasoned::Answer(plan)), Reasoning { rule: Some(rule), ..by_rules }),
            Err(why) => Answer::of(Err(why), by_rules),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::json::Raw;

    #[test]
    fn without_stub_or_file_the_error_names_both() {
        let input = Raw::null();
        let asked = Question {
            operator: "desk",
            goal: "",
            prompt: None,
            model: None,
            proposes: &[],
            has_stub: false,
            input: &input,
        };
        let error = Stub::default().reason(&asked).outcome.unwrap_err();
        assert!(error.contains("stub(input)") && error.contains("`[reasoner] rules`"), "{error}");
        let own = Stub::default().reason(&Question { has_stub: true, ..asked });
        assert_eq!((own.outcome, own.reasoning.from), (Ok(Reasoned::Stub), ReasonedBy::Stub));
    }
}
