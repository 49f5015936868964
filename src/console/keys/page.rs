//! The page of keys, read off the command table.

use super::{CommandSpec, Group};

/// What the page starts with: how to change a key.
const OPENING: &str = include_str!("page.md");

/// The page of those commands as Markdown, under the headings in that order.
pub fn page(commands: &[CommandSpec], groups: &[Group]) -> String {
    let mut page = OPENING.to_owned();
    for group in groups {
        page.push_str(&format!("\n## {}\n\n| command | keys | |\n|---|---|---|\n", group.title));
        for command in commands.iter().filter(|command| command.group == *group) {
            let keys: Vec<_> = command.keys.iter().map(|key| format!("`{key}`")).collect();
            page.push_str(&format!("| `{}` | {} | {} |\n", command.word(), keys.join(", "), command.doc));
        }
    }
    page
}
