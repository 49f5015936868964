//! `docs/commands.md`: every command's own help text.

use clap::CommandFactory as _;
use fibric_console::cli::Cli;

use crate::hold;

#[test]
fn the_commands_page_is_the_help_text() {
    let mut page = "# Commands\n\nMade from the binary's own help.\n".to_owned();
    describe(&mut Cli::command().term_width(100), "fibric", &mut page);
    hold("docs/commands.md", &page);
}

fn describe(command: &mut clap::Command, name: &str, page: &mut String) {
    let help = command.clone().bin_name(name).render_long_help().to_string();
    let help: Vec<_> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for sub in command.get_subcommands_mut() {
        let name = format!("{name} {}", sub.get_name());
        let mut sub = sub.clone().term_width(100);
        describe(&mut sub, &name, page);
    }
}
