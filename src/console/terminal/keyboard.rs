//! How a terminal is asked to tell keys apart. No answer is waited for: a terminal that does not know a request drops it,
//! and every command has a key that needs none of this.

/// The kitty protocol's first level (an escape alone, and keys with modifiers, are sequences of their own), and xterm's
/// Alt as an escape before the letter rather than as another letter. The screen's state before is saved.
pub const ON: &str = "\x1b[>1u\x1b[?1036;1039s\x1b[?1036;1039h";
/// As it was before [`ON`].
pub const OFF: &str = "\x1b[<1u\x1b[?1036;1039r";
