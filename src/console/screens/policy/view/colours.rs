//! In which colour a token of a policy is drawn: what decides stands out. It must not know how tokens are found.

use ratatui::style::{Modifier, Style};

use crate::console::editor::syntax::Kind;
use crate::console::theme::{Role, Theme};

/// The style of a token that says `word`.
pub fn style(theme: &Theme, kind: Kind, word: &str) -> Style {
    match (kind, word) {
        (Kind::Key, "allow") | (Kind::Scalar, "ALLOW") => theme.bold(Role::Allow),
        (Kind::Key, "require_confirmation") | (Kind::Scalar, "ALERT") => theme.bold(Role::Alert),
        (Kind::Key, "deny") | (Kind::Scalar, "BLOCK") => theme.bold(Role::Block),
        (Kind::Key, _) => theme.ink(Role::Muted),
        (Kind::Number, _) => theme.bold(Role::Data),
        (Kind::Literal, _) => theme.ink(Role::Data),
        (Kind::Mark, _) => theme.ink(Role::Faint),
        (Kind::Comment, _) => theme.ink(Role::Faint).add_modifier(Modifier::ITALIC),
        (Kind::Scalar | Kind::Blank, _) => theme.ink(Role::Text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_decides_only_where_it_stands_as_a_decision() {
        let theme = Theme::default();
        assert_eq!(style(&theme, Kind::Scalar, "ALLOW"), theme.bold(Role::Allow));
        assert_eq!(style(&theme, Kind::Key, "ALLOW"), theme.ink(Role::Muted));
        assert_eq!(style(&theme, Kind::Key, "deny"), theme.bold(Role::Block));
        assert_eq!(style(&theme, Kind::Scalar, "deny"), theme.ink(Role::Text));
    }
}
