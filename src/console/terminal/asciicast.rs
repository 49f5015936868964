//! A session on film: frames as an asciicast file, version 2, which asciinema and its players show. Each event holds what
//! a terminal of that size has to write to show the next frame, and nothing a person typed.

use std::io::{self, Write};
use std::time::Duration;

use crossterm::terminal::{Clear, ClearType};
use crossterm::{cursor, queue, style};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame_diff;

/// Writes one file, frame by frame.
pub struct Asciicast {
    out: Box<dyn Write + Send>,
    title: String,
    /// What a player shows by now; of no size before the first frame.
    shown: Buffer,
    /// Marks that came before the first frame.
    early: Vec<(Duration, String)>,
    /// True once something could not be written: nothing more is.
    failed: bool,
}

impl std::fmt::Debug for Asciicast {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asciicast")
    }
}

impl Asciicast {
    /// One that writes to `out`, whose first frame says how large it is. `title` is what players call it.
    pub fn new(out: Box<dyn Write + Send>, title: &str) -> Self {
        // Whether there are colours is for the theme to say.
        style::force_color_output(true);
        Self { out, title: title.to_owned(), shown: Buffer::empty(Rect::ZERO), early: Vec::new(), failed: false }
    }

    /// Adds a frame at a time after the start. Times must not fall; a frame that equals the last adds nothing.
    ///
    /// After the first error nothing more is written, so that a full disk ends the recording and not the session; whoever
    /// owns `out` is told by it.
    pub fn frame(&mut self, at: Duration, frame: &Buffer) {
        self.attempt(|cast| cast.add(at, frame));
    }

    /// Adds a mark that a player can go to.
    pub fn mark(&mut self, at: Duration, label: &str) {
        if self.shown.area.is_empty() {
            self.early.push((at, label.to_owned()));
        } else {
            self.attempt(|cast| cast.event(at, 'm', label));
        }
    }

    fn attempt(&mut self, write: impl FnOnce(&mut Self) -> io::Result<()>) {
        if !self.failed {
            self.failed = write(self).is_err();
        }
    }

    fn add(&mut self, at: Duration, frame: &Buffer) -> io::Result<()> {
        let mut bytes = Vec::new();
        if frame.area != self.shown.area {
            let Rect { width, height, .. } = frame.area;
            if self.shown.area.is_empty() {
                let title = serde_json::to_string(&self.title)?;
                writeln!(self.out, r#"{{"version": 2, "width": {width}, "height": {height}, "title": {title}}}"#)?;
                for (at, label) in std::mem::take(&mut self.early) {
                    self.event(at, 'm', &label)?;
                }
                queue!(bytes, cursor::Hide)?;
            } else {
                self.event(at, 'r', &format!("{width}x{height}"))?;
            }
            queue!(bytes, Clear(ClearType::All))?;
            self.shown = Buffer::empty(frame.area);
        }
        bytes.append(&mut frame_diff::bytes(&self.shown, frame)?);
        if !bytes.is_empty() {
            self.event(at, 'o', &String::from_utf8_lossy(&bytes))?;
        }
        self.shown.clone_from(frame);
        Ok(())
    }

    fn event(&mut self, at: Duration, code: char, data: &str) -> io::Result<()> {
        let (seconds, micros) = (at.as_secs(), at.subsec_micros());
        writeln!(self.out, r#"[{seconds}.{micros:06}, "{code}", {}]"#, serde_json::to_string(data)?)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZero;
    use std::sync::{Arc, Mutex};

    use proptest::prelude::*;
    use ratatui::style::{Color, Style};

    use super::*;

    fn cells(many: u16) -> NonZero<u16> {
        NonZero::new(many).unwrap()
    }

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn frame(columns: u16, rows: u16, text: &str) -> Buffer {
        let mut frame = Buffer::empty(Rect::new(0, 0, columns, rows));
        for (y, line) in (0..rows).zip(text.split('\n')) {
            let theme = crate::console::Theme::default();
            let mut pen = crate::console::widgets::Pen { buffer: &mut frame, theme: &theme };
            pen.put(0, y, columns, line, Style::new().fg(Color::Rgb(1, 2, 3)));
        }
        frame
    }

    /// Plays a file on another terminal, and gives its size and rows at the end.
    fn played(file: &str) -> (u16, u16, Vec<String>) {
        let mut lines = file.lines();
        let header: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        let side = |name: &str| u16::try_from(header[name].as_u64().unwrap()).unwrap();
        let (mut columns, mut rows) = (side("width"), side("height"));
        let mut terminal = vt100::Parser::new(cells(rows), cells(columns), 0);
        let mut before = 0.0;
        for line in lines {
            let (at, code, data): (f64, String, String) = serde_json::from_str(line).unwrap();
            assert!(at >= before, "{line}");
            before = at;
            match code.as_str() {
                "o" => terminal.process(data.as_bytes()),
                "r" => {
                    let (wide, high) = data.split_once('x').unwrap();
                    (columns, rows) = (wide.parse().unwrap(), high.parse().unwrap());
                    terminal.screen_mut().set_size(cells(rows), cells(columns));
                }
                other => assert_eq!(other, "m"),
            }
        }
        let rows_of: Vec<_> = terminal.screen().rows(0, columns).map(|row| row.trim_end().to_owned()).collect();
        (columns, rows, rows_of)
    }

    fn recorded(frames: &[Buffer]) -> String {
        let shared = Shared::default();
        let mut cast = Asciicast::new(Box::new(shared.clone()), "a \"title\"\n\u{1b}]0;x\u{7}");
        cast.mark(Duration::ZERO, "before all");
        for (at, frame) in frames.iter().enumerate() {
            cast.frame(Duration::from_millis(at as u64 * 250), frame);
            cast.mark(Duration::from_millis(at as u64 * 250), "\"\n");
        }
        let bytes = shared.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn another_terminal_shows_the_last_frame_and_a_change_of_size() {
        let frames = [frame(20, 3, "one\ntwo"), frame(20, 3, "one\ntwo"), frame(30, 2, "\u{1b}[2J 届 \"x\"\nthree")];
        let file = recorded(&frames);
        let (columns, rows, shown) = played(&file);
        assert_eq!((columns, rows), (30, 2));
        assert_eq!(shown, ["␛[2J 届 \"x\"", "three"]);
        assert_eq!(file.matches("\"o\"").count(), 2, "a frame that is the same adds nothing");
        assert!(
            file.starts_with(r#"{"version": 2, "width": 20, "height": 3, "title": "a \"title\"\n\u001b]0;x\u0007"}"#)
        );
        assert!(file.contains(r#"[0.500000, "r", "30x2"]"#), "{file}");
    }

    #[test]
    fn a_disk_that_is_full_ends_the_recording_alone() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut cast = Asciicast::new(Box::new(Full), "t");
        cast.frame(Duration::ZERO, &frame(4, 1, "x"));
        assert!(cast.failed);
        cast.frame(Duration::ZERO, &frame(4, 1, "y"));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_file(texts in proptest::collection::vec(any::<String>(), 1..4)) {
            let frames: Vec<_> = texts.iter().map(|text| frame(12, 2, text)).collect();
            let file = recorded(&frames);
            let (.., shown) = played(&file);
            prop_assert_eq!(shown.len(), 2);
            prop_assert!(file.bytes().all(|byte| byte == b'\n' || byte >= b' '));
        }
    }
}
