//! `docs/keys.md`: the console's command table.

use fibric_console::console::keys_page;

use crate::hold;

#[test]
fn the_page_of_keys_is_the_command_table() {
    hold("docs/keys.md", &keys_page());
}
