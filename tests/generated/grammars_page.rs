//! Whose work the grammars are that code is coloured by, with their licences, as these ask for.

use crate::hold;

#[test]
fn the_page_of_grammars_has_all_licences() {
    hold("docs/grammars.md", &two_face::acknowledgement::listing().to_md());
}
