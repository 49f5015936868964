//! The page of keys, read off the command table.

use crate::console::commands::{COMMANDS, Group};

/// What the page starts with: how to change a key.
const OPENING: &str = include_str!("page.md");

/// The page as Markdown.
pub fn page() -> String {
    let mut page = OPENING.to_owned();
    for group in Group::ALL {
        page.push_str(&format!("\n## {}\n\n| command | keys | |\n|---|---|---|\n", group.title()));
        for command in COMMANDS.iter().filter(|command| command.group == group) {
            let keys: Vec<_> = command.keys.iter().map(|key| format!("`{key}`")).collect();
            page.push_str(&format!("| `{}` | {} | {} |\n", command.word(), keys.join(", "), command.doc));
        }
    }
    page
}
