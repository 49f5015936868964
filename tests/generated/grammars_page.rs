//! Whose work the grammars are that code is coloured by, with their licences, as these ask for.

use crate::hold;

#[test]
fn the_page_of_grammars_has_all_licences() {
    // Some of them have the line ends of other systems, which no checkout keeps.
    let page = two_face::acknowledgement::listing().to_md().replace("\r\n", "\n");
    hold("docs/grammars.md", &page);
}
