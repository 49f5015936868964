//! Source code as coloured tokens, for code that is read and not typed. It knows grammars by the names of files; it must
//! not know what a screen shows the code for.

use std::ops::Range;
use std::path::Path;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::console::theme::Role;

/// Bytes of a line beyond which it stays plain: some grammars take milliseconds for one.
const LONGEST: usize = 400;
/// Lines of a text beyond which the rest stays plain.
const MOST: usize = 400;

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What a scope of a grammar is drawn as; the longest one that a token's scope begins with counts, the innermost first.
static ROLES: LazyLock<Vec<(Scope, Role)>> = LazyLock::new(|| {
    let named = [
        ("comment", Role::Faint),
        ("string", Role::Data),
        ("constant", Role::Data),
        ("keyword", Role::Accent),
        ("keyword.operator", Role::Muted),
        ("storage", Role::Accent),
        ("markup.heading", Role::Accent),
        ("markup.raw", Role::Data),
        ("entity.name.tag.yaml", Role::Muted),
        ("meta.mapping.key", Role::Muted),
        ("punctuation", Role::Muted),
        ("punctuation.definition.string", Role::Data),
        ("punctuation.definition.comment", Role::Faint),
    ];
    named.into_iter().filter_map(|(scope, role)| Some((Scope::new(scope).ok()?, role))).collect()
});

/// A piece of a line, in bytes of that line, and the colour it is drawn in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where in the line.
    pub range: Range<usize>,
    /// Its colour.
    pub role: Role,
}

/// The tokens of each line of `text`, in order and without gaps. A file of no known grammar is one plain token a line.
pub fn tokens(text: &str, file: &str) -> Vec<Vec<Token>> {
    let mut parser = grammar(file).map(|grammar| (ParseState::new(grammar), ScopeStack::new()));
    let lines = text.split('\n').enumerate();
    let coloured = lines.map(|(index, line)| {
        let plain = || vec![Token { range: 0..line.len(), role: Role::Text }];
        if index >= MOST || line.len() > LONGEST {
            // What follows a line that was not parsed would be parsed in the wrong state.
            parser = None;
        }
        match &mut parser {
            Some((state, scopes)) => parsed(line, state, scopes).unwrap_or_else(plain),
            None => plain(),
        }
    });
    coloured.collect()
}

fn grammar(file: &str) -> Option<&'static SyntaxReference> {
    let extension = Path::new(file).extension()?.to_str()?;
    GRAMMARS.find_syntax_by_extension(extension)
}

/// The tokens of one line; none where the grammar itself is at fault.
fn parsed(line: &str, state: &mut ParseState, scopes: &mut ScopeStack) -> Option<Vec<Token>> {
    let changes = state.parse_line(&format!("{line}\n"), &GRAMMARS).ok()?;
    let mut tokens: Vec<Token> = Vec::new();
    let mut from = 0;
    let mut push = |until: usize, role: Role| {
        let range = from..until.min(line.len());
        if range.is_empty() {
            return;
        }
        from = range.end;
        match tokens.last_mut() {
            Some(last) if last.role == role => last.range.end = range.end,
            _ => tokens.push(Token { range, role }),
        }
    };
    for (at, change) in &changes {
        push(*at, role(scopes));
        scopes.apply(change).ok()?;
    }
    push(line.len(), role(scopes));
    Some(tokens)
}

fn role(scopes: &ScopeStack) -> Role {
    let of = |scope: &Scope| {
        let fitting = ROLES.iter().filter(|(known, _)| known.is_prefix_of(*scope));
        fitting.max_by_key(|(known, _)| known.len()).map(|(_, role)| *role)
    };
    scopes.as_slice().iter().rev().find_map(of).unwrap_or(Role::Text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn roles<'a>(line: &'a str, file: &str) -> Vec<(&'a str, Role)> {
        tokens(line, file)[0].iter().map(|token| (&line[token.range.clone()], token.role)).collect()
    }

    #[test]
    fn words_of_the_language_strings_and_remarks_differ() {
        let said = roles("const key = `a${1}` // why", "operators/a.ts");
        assert!(said.contains(&("const", Role::Accent)), "{said:?}");
        assert!(said.iter().any(|(text, role)| text.contains("why") && *role == Role::Faint), "{said:?}");
        assert!(said.iter().any(|(text, role)| text.contains('1') && *role == Role::Data), "{said:?}");
        assert!(roles("def run(ctx):  # why", "a.py").contains(&("def", Role::Accent)));
        assert!(roles("maxValue: 100", "trust.yaml").iter().any(|(text, role)| *text == "100" && *role == Role::Data));
        assert_eq!(roles("# Goal", "prompt.md").last().map(|(_, role)| *role), Some(Role::Accent));
    }

    #[test]
    fn a_string_goes_on_over_lines_and_a_line_that_is_too_long_ends_the_colours() {
        let text = "const a = `one\nconst b` + 2";
        assert_eq!(tokens(text, "a.ts")[1][0].role, Role::Data, "still in the string");
        let long = format!("const a = 1\n{}\nconst b = 2", "x".repeat(LONGEST + 1));
        let tokens = tokens(&long, "a.ts");
        assert!(tokens[0].len() > 1 && tokens[1].len() == 1 && tokens[2].len() == 1);
    }

    #[test]
    fn a_file_that_no_grammar_knows_is_plain() {
        for file in ["", "Makefile.unknown", "noextension", "/"] {
            assert_eq!(roles("const a = 1", file), [("const a = 1", Role::Text)], "{file}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_the_line_whole(
            text in "(const|`|\\$\\{|/\\*|\\*/|\"|'|#|-|[a-z]|\u{1f600}|é|\t|\n|\r| ){0,60}",
            file in prop_oneof![Just("a.ts"), Just("a.py"), Just("a.md"), Just("a.yaml"), Just("a.json"), Just("a")],
        ) {
            let all = tokens(&text, file);
            prop_assert_eq!(all.len(), text.split('\n').count());
            for (line, tokens) in text.split('\n').zip(&all) {
                let mut at = 0;
                for token in tokens {
                    prop_assert_eq!(token.range.start, at);
                    prop_assert!(line.get(token.range.clone()).is_some());
                    at = token.range.end;
                }
                prop_assert_eq!(at, line.len());
            }
        }
    }
}
