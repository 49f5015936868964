//! JSON as coloured lines. A text is read once into an [`Outline`]; which lines there are follows from it and from what
//! is folded, and the words of a line are made only when it is drawn, however long the text.

mod outline;

use std::collections::BTreeSet;

pub use outline::{Line, Outline, position};

/// Which object or array of a document, the same however the rest is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Which JSON text of the document.
    pub text: u8,
    /// Which value of it, in the order in which they begin.
    pub value: u32,
}

/// What is shown open: all down to a depth, but for those that were turned over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    /// How deep values are shown open by themselves.
    pub open: usize,
    turned: BTreeSet<Node>,
}

impl Folds {
    /// Open down to that depth.
    pub fn to(open: usize) -> Self {
        Self { open, turned: BTreeSet::new() }
    }

    /// Shows a value folded that was open, or the other way round.
    pub fn turn(&mut self, node: Node) {
        if !self.turned.remove(&node) {
            self.turned.insert(node);
        }
    }

    /// True when a value so deep is shown open.
    pub fn shows(&self, node: Node, depth: usize) -> bool {
        (depth < self.open) != self.turned.contains(&node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(outline: &Outline, folds: &Folds) -> Vec<String> {
        let lines = outline.lines(|value, depth| folds.shows(Node { text: 0, value }, depth));
        lines.into_iter().map(|line| outline.spans(line).iter().map(|span| span.text.as_str()).collect()).collect()
    }

    const NESTED: &str = r#"{"a":[1,{"b":{"c":2}}],"d":{"b":{"c":2}},"e":[],"f\"":"x, {y}"}"#;

    #[test]
    fn a_text_is_shown_a_value_a_line() {
        let open = shown(&Outline::of(NESTED.to_owned()), &Folds::to(9));
        let expected = [
            "{",
            r#"  "a": ["#,
            "    1,",
            "    {",
            r#"      "b": {"#,
            r#"        "c": 2"#,
            "      }",
            "    }",
            "  ],",
            r#"  "d": {"#,
            r#"    "b": {"#,
            r#"      "c": 2"#,
            "    }",
            "  },",
            r#"  "e": [],"#,
            r#"  "f\"": "x, {y}""#,
            "}",
        ];
        assert_eq!(open, expected);
    }

    #[test]
    fn blanks_between_values_change_nothing() {
        let spaced = NESTED.replace(":[", " : [ ").replace("},", " } ,\n");
        assert_eq!(shown(&Outline::of(spaced), &Folds::to(9)), shown(&Outline::of(NESTED.to_owned()), &Folds::to(9)));
    }

    #[test]
    fn digits_stay_as_they_are_and_a_leaf_is_one_line() {
        assert_eq!(shown(&Outline::of("9007199254740993.10".to_owned()), &Folds::to(0)), ["9007199254740993.10"]);
        assert_eq!(shown(&Outline::of(r#""a\"b""#.to_owned()), &Folds::to(0)), [r#""a\"b""#]);
        assert_eq!(shown(&Outline::of("{}".to_owned()), &Folds::to(0)), ["{}"]);
    }

    #[test]
    fn what_is_folded_says_how_much_is_in_it() {
        let outline = Outline::of(r#"{"a":[1,[2,3],4],"b":{"c":[]}}"#.to_owned());
        assert_eq!(shown(&outline, &Folds::to(1)), ["{", r#"  "a": [ 3 items ],"#, r#"  "b": { 1 field }"#, "}"]);
        assert_eq!(shown(&outline, &Folds::to(0)), ["{ 2 fields }"]);
    }

    #[test]
    fn one_value_folds_and_the_rest_stays() {
        let outline = Outline::of(NESTED.to_owned());
        let mut folds = Folds::to(9);
        let before = shown(&outline, &folds);
        let lines = outline.lines(|_, _| true);
        // The line `"c": 2` folds with the value it is part of.
        let value = outline.folds_with(lines[5]).unwrap();
        folds.turn(Node { text: 0, value });
        let after = shown(&outline, &folds);
        assert_eq!(after[4], r#"      "b": { 1 field }"#);
        assert_eq!(after[5..], before[7..]);
        folds.turn(Node { text: 0, value });
        assert_eq!(shown(&outline, &folds), before);
    }

    #[test]
    fn a_text_that_is_cut_off_is_shown_as_far_as_it_goes() {
        for end in 0..NESTED.len() {
            let outline = Outline::of(NESTED[..end].to_owned());
            let _ = shown(&outline, &Folds::to(9));
        }
        for odd in ["]}", "}{", "[,]", "{\"a\"}", "nul", "\"", "[[[", ":::"] {
            let _ = shown(&Outline::of(odd.to_owned()), &Folds::to(9));
        }
    }

    #[test]
    fn words_are_found_in_keys_and_values_whatever_their_case() {
        let outline = Outline::of(r#"{"Order":{"total":12,"note":"an ORDER of three"},"x":[12]}"#.to_owned());
        let of = |words: &str| outline.with(words).len();
        assert_eq!((of("order"), of("ORDER"), of("12"), of("none"), of("")), (2, 1, 2, 0, 0));
        let found = outline.with("three")[0];
        assert_eq!(outline.around(found).len(), 2);
    }
}
