//! How a person arranged the screen: what is zoomed, how the height is shared, whether the mouse is taken. Kept per
//! workspace as a small JSON file.

use serde::{Deserialize, Serialize};

/// The arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LayoutPrefs {
    /// True while the pane in focus has the whole body.
    pub zoomed: bool,
    /// Rows the list has more, or fewer, than it would by itself.
    pub list: i16,
    /// Whether clicks and the wheel come to the console.
    pub mouse: bool,
}

impl Default for LayoutPrefs {
    fn default() -> Self {
        Self { zoomed: false, list: 0, mouse: true }
    }
}

/// Rows that one press moves.
const STEP: i16 = 2;
/// Rows beyond which no terminal reaches.
const MOST: i16 = 200;

impl LayoutPrefs {
    /// What a file says, or why it says nothing.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str::<Self>(text).map(Self::within).map_err(|error| error.to_string())
    }

    /// The file's text.
    pub fn text(self) -> String {
        serde_json::to_string_pretty(&self).unwrap_or_default() + "\n"
    }

    /// Gives the list more of the height, or less.
    pub fn resize(&mut self, larger: bool) {
        self.list += if larger { STEP } else { -STEP };
        *self = self.within();
    }

    fn within(self) -> Self {
        Self { list: self.list.clamp(-MOST, MOST), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_broken_is_said() {
        let prefs = LayoutPrefs { zoomed: true, list: -6, mouse: false };
        assert_eq!(LayoutPrefs::read(&prefs.text()), Ok(prefs));
        assert_eq!(LayoutPrefs::read("{}"), Ok(LayoutPrefs::default()));
        assert_eq!(LayoutPrefs::read("{\"list\":32767}").map(|prefs| prefs.list), Ok(MOST));
        assert!(LayoutPrefs::read("{\"zoom\":true}").unwrap_err().contains("unknown field `zoom`"));
        assert!(LayoutPrefs::read("{\"list\":").unwrap_err().contains("line 1 column"));
    }
}
