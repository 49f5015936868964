//! Keys as terminals send them, and everything else they send, cut anywhere.

use crossterm::event::{KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::*;

const NONE: KeyModifiers = KeyModifiers::NONE;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;
const ALT: KeyModifiers = KeyModifiers::ALT;
const CONTROL: KeyModifiers = KeyModifiers::CONTROL;

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn letters(text: &str) -> Vec<Event> {
    text.chars().map(|c| key(KeyCode::Char(c), if c.is_uppercase() { SHIFT } else { NONE })).collect()
}

/// What comes of pieces that are read one after another at once, and of the silence after them.
fn decoded(pieces: &[&[u8]]) -> Vec<Decoded> {
    let mut decoder = Decoder::default();
    let mut out: Vec<_> = pieces.iter().flat_map(|piece| decoder.feed(piece)).collect();
    out.extend(decoder.quiet());
    out
}

fn events(pieces: &[&[u8]]) -> Vec<Event> {
    let event = |decoded| match decoded {
        Decoded::Event(event) => Some(event),
        Decoded::Answer(_) => None,
    };
    decoded(pieces).into_iter().filter_map(event).collect()
}

/// With a silence between any two pieces.
fn slowly(pieces: &[&[u8]]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(decoder.feed(piece));
        if decoder.patience() == Some(ESCAPE) {
            out.extend(decoder.quiet());
        }
    }
    out.extend(decoder.quiet());
    out.into_iter().filter_map(|one| if let Decoded::Event(event) = one { Some(event) } else { None }).collect()
}

/// As the library that read the terminal before took them.
fn keys() -> Vec<(&'static [u8], KeyCode, KeyModifiers)> {
    use KeyCode::{BackTab, Backspace, Char, Delete, Down, End, Enter, Esc, F, Home, Insert, Left};
    use KeyCode::{PageDown, PageUp, Right, Tab, Up};
    vec![
        (b"a", Char('a'), NONE),
        (b"A", Char('A'), SHIFT),
        (b" ", Char(' '), NONE),
        (b"~", Char('~'), NONE),
        ("é".as_bytes(), Char('é'), NONE),
        ("Ä".as_bytes(), Char('Ä'), SHIFT),
        ("œ".as_bytes(), Char('œ'), NONE),
        ("漢".as_bytes(), Char('漢'), NONE),
        ("😀".as_bytes(), Char('😀'), NONE),
        (b"\r", Enter, NONE),
        (b"\n", Char('j'), CONTROL),
        (b"\t", Tab, NONE),
        (b"\x7f", Backspace, NONE),
        (b"\x08", Char('h'), CONTROL),
        (b"\x00", Char(' '), CONTROL),
        (b"\x01", Char('a'), CONTROL),
        (b"\x07", Char('g'), CONTROL),
        (b"\x1a", Char('z'), CONTROL),
        (b"\x1c", Char('4'), CONTROL),
        (b"\x1f", Char('7'), CONTROL),
        (b"\x1b", Esc, NONE),
        (b"\x1b\x1b", Esc, NONE),
        (b"\x1bc", Char('c'), ALT),
        (b"\x1bH", Char('H'), ALT.union(SHIFT)),
        (b"\x1b]", Char(']'), ALT),
        (b"\x1bP", Char('P'), ALT.union(SHIFT)),
        (b"\x1b\\", Char('\\'), ALT),
        (b"\x1b\x7f", Backspace, ALT),
        (b"\x1b\r", Enter, ALT),
        (b"\x1b\t", Tab, ALT),
        (b"\x1b\x14", Char('t'), ALT.union(CONTROL)),
        ("\x1bé".as_bytes(), Char('é'), ALT),
        (b"\x1b[A", Up, NONE),
        (b"\x1bOB", Down, NONE),
        (b"\x1b[C", Right, NONE),
        (b"\x1bOD", Left, NONE),
        (b"\x1b[H", Home, NONE),
        (b"\x1bOF", End, NONE),
        (b"\x1b[1;2A", Up, SHIFT),
        (b"\x1b[1;3B", Down, ALT),
        (b"\x1b[1;5C", Right, CONTROL),
        (b"\x1b[1;8D", Left, SHIFT.union(ALT).union(CONTROL)),
        (b"\x1b[5D", Left, CONTROL),
        (b"\x1b[Z", BackTab, SHIFT),
        (b"\x1b[1~", Home, NONE),
        (b"\x1b[2~", Insert, NONE),
        (b"\x1b[3~", Delete, NONE),
        (b"\x1b[3;5~", Delete, CONTROL),
        (b"\x1b[4~", End, NONE),
        (b"\x1b[5~", PageUp, NONE),
        (b"\x1b[6;3~", PageDown, ALT),
        (b"\x1b[7~", Home, NONE),
        (b"\x1b[8~", End, NONE),
        (b"\x1bOP", F(1), NONE),
        (b"\x1bOS", F(4), NONE),
        (b"\x1b[P", F(1), NONE),
        (b"\x1b[1;5Q", F(2), CONTROL),
        (b"\x1b[[A", F(1), NONE),
        (b"\x1b[[E", F(5), NONE),
        (b"\x1b[15~", F(5), NONE),
        (b"\x1b[17~", F(6), NONE),
        (b"\x1b[24;2~", F(12), SHIFT),
        (b"\x1b[34~", F(17), NONE),
        (b"\x1b[97;5u", Char('a'), CONTROL),
        (b"\x1b[13;2u", Enter, SHIFT),
        (b"\x1b[9;2u", BackTab, SHIFT),
        (b"\x1b[27u", Esc, NONE),
        (b"\x1b[127;5u", Backspace, CONTROL),
        (b"\x1b[97:65;2u", Char('A'), NONE),
        (b"\x1b[117;3u", Char('u'), ALT),
        (b"\x1b[117;4u", Char('U'), ALT.union(SHIFT)),
        (b"\x1b[99;69u", Char('c'), CONTROL),
        (b"\x1b[27;3;117~", Char('u'), ALT),
        (b"\x1b[27;5;13~", Enter, CONTROL),
        (b"\x1b[57399u", Char('0'), NONE),
        (b"\x1b[57413u", Char('+'), NONE),
        (b"\x1b[57414u", Enter, NONE),
        (b"\x1b[57424;2u", End, SHIFT),
        (b"\x1b[57376u", F(13), NONE),
        // rxvt.
        (b"\x1b[a", Up, SHIFT),
        (b"\x1bOd", Left, CONTROL),
        (b"\x1b[7$", Home, SHIFT),
        (b"\x1b[8^", End, CONTROL),
        (b"\x1b[3@", Delete, SHIFT.union(CONTROL)),
        (b"\x1b\x1b[A", Up, ALT),
        (b"\x1b\x1bOa", Up, ALT.union(CONTROL)),
        (b"\x1b\x1b[7~", Home, ALT),
        (b"\x1b\x1b[7$", Home, ALT.union(SHIFT)),
        (b"\x1bOM", Enter, NONE),
        (b"\x1bOp", Char('0'), NONE),
        (b"\x1bOk", Char('+'), NONE),
    ]
}

#[test]
fn keys_are_what_they_were() {
    for (bytes, code, modifiers) in keys() {
        assert_eq!(events(&[bytes]), [key(code, modifiers)], "{:?}", bytes.escape_ascii().to_string());
        // Two in a row do not run together, once the first is whole.
        if !bytes.ends_with(b"\x1b") && bytes != b"\x1b]" && bytes != b"\x1bP" {
            assert_eq!(events(&[bytes, b"q"]), [key(code, modifiers), letters("q").remove(0)], "{bytes:?}");
        }
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(events(&single), [key(code, modifiers)], "{bytes:?} in pieces");
    }
    let Event::Key(released) = events(&[b"\x1b[1;1:3A"]).remove(0) else { panic!() };
    assert_eq!((released.code, released.kind), (KeyCode::Up, KeyEventKind::Release));
}

/// The key Esc, with something else right behind it.
#[test]
fn an_escape_before_what_is_no_key_is_the_key() {
    let esc = key(KeyCode::Esc, NONE);
    for reply in REPLIES.into_iter().filter(|reply| reply[0] == ESC) {
        for cut in 0..=reply.len() {
            let (first, second) = reply.split_at(cut);
            assert_eq!(events(&[b"\x1b", first, second]), std::slice::from_ref(&esc), "{reply:?} at {cut}");
        }
    }
    assert_eq!(events(&[b"\x1b\x1bx"]), [esc.clone(), key(KeyCode::Char('x'), ALT)]);
    assert_eq!(events(&[b"\x1b\x1b[200~q\x1b[201~"]), [esc.clone(), Event::Paste("q".to_owned())]);
    assert_eq!(events(&[b"\x1b\x1b[I"]), [esc.clone(), Event::FocusGained]);
    assert_eq!(events(&[b"\x1b\x1b[?62"]), [esc]);
}

#[test]
fn the_mouse_and_the_focus_are_events() {
    let at = |kind, column, row, modifiers| Event::Mouse(MouseEvent { kind, column, row, modifiers });
    let table: [(&[u8], Event); 8] = [
        (b"\x1b[<0;20;10M", at(MouseEventKind::Down(MouseButton::Left), 19, 9, NONE)),
        (b"\x1b[<0;20;10m", at(MouseEventKind::Up(MouseButton::Left), 19, 9, NONE)),
        (b"\x1b[<64;1;300M", at(MouseEventKind::ScrollUp, 0, 299, NONE)),
        (b"\x1b[<35;2;2M", at(MouseEventKind::Moved, 1, 1, NONE)),
        (b"\x1b[<20;2;2M", at(MouseEventKind::Down(MouseButton::Left), 1, 1, SHIFT | CONTROL)),
        (b"\x1b[32;30;40M", at(MouseEventKind::Down(MouseButton::Left), 29, 39, NONE)),
        (b"\x1b[M0\x60\x70", at(MouseEventKind::Down(MouseButton::Left), 63, 79, CONTROL)),
        (b"\x1b[I", Event::FocusGained),
    ];
    for (bytes, event) in table {
        assert_eq!(events(&[bytes, b"q"]), [event, letters("q").remove(0)], "{bytes:?}");
    }
    assert_eq!(events(&[b"\x1b[<0;0;0M\x1b[<99999;1;1M\x1b[<1;1M\x1b[<M\x1b[M   q"]), letters("q"));
}

#[test]
fn a_paste_is_text_up_to_its_end() {
    let table: [(&[u8], &str); 4] = [
        (b"\x1b[200~q\r\x1b[A\x1b]0;x\x07\x1b[201~", "q\r\x1b[A\x1b]0;x\x07"),
        (b"\x1b[200~\x1b[20\x1b[201\x1b[201~", "\x1b[20\x1b[201"),
        ("\x1b[200~ě201~\x1b[201~".as_bytes(), "ě201~"),
        (b"\x9b200~x\x1b[201~\x9b201~", "x\x1b[201~"),
    ];
    for (bytes, text) in table {
        let pasted = [Event::Paste(text.to_owned()), letters("j").remove(0)];
        assert_eq!(events(&[bytes, b"j"]), pasted);
        let (start, rest) = bytes.split_at(bytes.iter().position(|byte| *byte == b'~').unwrap() + 1);
        let single: Vec<_> = [start].into_iter().chain(rest.chunks(1)).chain([b"j".as_slice()]).collect();
        assert_eq!(slowly(&single), pasted, "a slow paste is still one");
    }
}

/// What terminals say of themselves, and what else is no key.
const REPLIES: [&[u8]; 28] = [
    b"\x1bP>|tmux 3.5a\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1bP1$r0 q\x1b\\",
    b"\x1bP!|00000000\x1b\\",
    b"\x90>|xterm(390)\x9c",
    "\u{90}>|xterm(390)\u{9c}".as_bytes(),
    b"\x1b[>41;330;0c",
    b"\x1b[?62;1;22c",
    b"\x1b[=0;1;2c",
    b"\x9b?62;1;22c",
    b"\x1b[24;80R",
    b"\x1b[?24;80;1R",
    b"\x1b[0n",
    b"\x1b[8;24;80t",
    b"\x1b[4;600;800t",
    b"\x1b[?2026;2$y",
    b"\x1b[?1u",
    b"\x1b[?1;0;256S",
    b"\x1b[?997;1n",
    b"\x1b]11;rgb:0000/0000/0000\x1b\\",
    b"\x1b]10;rgba:ffff/ffff/ffff/ffff\x07",
    b"\x9d11;rgb:0000/0000/0000\x9c",
    b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    b"\x1b]52;c;Zm9v\x07",
    "\x1b]l\u{2718} title\u{271c}\x1b\\".as_bytes(),
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1bXqqq\x1b\\",
];

#[test]
fn replies_are_swallowed_whole_wherever_they_are_cut() {
    for reply in REPLIES {
        for cut in 0..=reply.len() {
            let (first, second) = reply.split_at(cut);
            assert_eq!(events(&[b"j", first, second, b"k"]), letters("jk"), "{reply:?} at {cut}");
        }
        let single: Vec<_> = reply.chunks(1).collect();
        assert_eq!(events(&single), [], "{reply:?}");
    }
}

/// After a silence, what had come is a key, and the rest is still none.
#[test]
fn the_late_second_half_of_a_reply_is_no_key() {
    for reply in REPLIES.into_iter().filter(|reply| reply[0] == ESC) {
        assert_eq!(slowly(&[&reply[..1], &reply[1..], b"j"])[1..], letters("j"), "{reply:?}");
        let after = slowly(&[&reply[..2], &reply[2..], b"j"]);
        let told = usize::from(reply[1] != b'[');
        assert_eq!(after[told..], letters("j"), "{reply:?}");
        assert_eq!(slowly(&[&reply[..3], &reply[3..], b"j"]), letters("j"), "{reply:?}");
    }
    for reply in REPLIES.into_iter().filter(|reply| reply[0] != ESC) {
        assert_eq!(slowly(&[&reply[..2], &reply[2..], b"j"]), letters("j"), "{reply:?}");
    }
    assert_eq!(slowly(&[b"\x1b", b"[A"])[1..], [key(KeyCode::Up, NONE)]);
}

#[test]
fn what_a_person_types_after_escape_is_keys() {
    for text in ["]", "[", "P", "Pq", "]q", "X", "_", "OK", "[x", "j"] {
        assert_eq!(slowly(&[b"\x1b", text.as_bytes()])[1..], letters(text), "{text:?}");
    }
    assert_eq!(slowly(&[b"\x1b", b"]", b"1"])[1..], letters("]1"));
}

#[test]
fn half_a_sequence_does_not_hold_the_keyboard() {
    for half in [
        &b"\x1b]11;rgb:00"[..],
        b"\x1bP>|",
        b"\x1b[",
        b"\x1b[>41;",
        b"\x1bO",
        b"\x1b[M ",
        b"\xe6\xbc",
        b"\x90",
        b"\x9d",
        b"\x9b",
    ] {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(half), []);
        assert_eq!(decoder.patience(), Some(SEQUENCE));
        assert_eq!(decoder.quiet(), []);
        assert_eq!(decoder.patience(), None);
        assert_eq!(decoder.feed(b"j"), [Decoded::Event(letters("j").remove(0))], "{half:?}");
    }
}

#[test]
fn an_answer_is_handed_on_without_its_ends() {
    let answer = |text: &str| vec![Decoded::Answer(text.as_bytes().to_vec())];
    for bytes in [&b"\x1b]11;x\x1b\\"[..], b"\x1b]11;x\x07", b"\x9d11;x\x9c", "\u{9d}11;x\u{9c}".as_bytes()] {
        assert_eq!(decoded(&[bytes]), answer("11;x"), "{bytes:?}");
    }
    assert_eq!(decoded(&[b"\x1b]52;c;", &vec![b'A'; 100_000], b"\x07"]).len(), 1);
}

/// Bytes of a string that do not end it.
fn inside() -> impl Strategy<Value = Vec<u8>> {
    let ends = |bytes: &[u8]| {
        bytes.iter().any(|byte| matches!(*byte, BELL | ST)) || bytes.windows(2).any(|pair| pair == b"\x1b\\")
    };
    let soup = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(prop_oneof![Just(ESC), Just(b'['), Just(b'q'), Just(b']'), Just(b'\r')], 0..40),
    ];
    soup.prop_filter("it ends", move |bytes| !ends(bytes) && bytes.last() != Some(&ESC))
}

proptest! {
    #[test]
    fn nothing_inside_a_string_is_a_key(
        soup in inside(),
        kind in prop_oneof![Just(b'P'), Just(b'X'), Just(b']'), Just(b'^'), Just(b'_')],
        eight in any::<bool>(),
        cuts in proptest::collection::vec(0_usize..60, 0..6),
    ) {
        let mut bytes = b"j".to_vec();
        if eight { bytes.push(kind + 0x40) } else { bytes.extend([ESC, kind]) }
        bytes.extend(&soup);
        bytes.extend(b"\x1b\\k");
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        cuts.push(bytes.len());
        let mut from = 0;
        let pieces: Vec<_> = cuts.iter().map(|cut| { let piece = &bytes[from..*cut]; from = *cut; piece }).collect();
        prop_assert_eq!(events(&pieces), letters("jk"));
    }

    #[test]
    fn any_bytes_are_taken_and_cut_anywhere_mean_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..60), cut in 0_usize..60) {
        let (first, second) = bytes.split_at(cut.min(bytes.len()));
        prop_assert_eq!(decoded(&[first, second]), decoded(&[&bytes]));
    }
}
