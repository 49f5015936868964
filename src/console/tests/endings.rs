//! Ways out of the loop that no terminal can be made to take at will: each keeps the draft.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use crossterm::event::Event;
use ratatui::buffer::Buffer;

use super::{dark, story};
use crate::console::keys::Key;
use crate::console::runtime::{Runtime, Surface};
use crate::console::screen::Effect;
use crate::console::screen::files::FileRequest;
use crate::console::terminal::files;
use crate::console::{Error, Exit, Incoming, News};
use crate::session::bus::Batch;

/// How the screen fails once something was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fails {
    Never,
    WithAnError,
    WithAPanic,
}

/// A screen over a workspace that fails at the first frame that shows a letter typed.
#[derive(Debug)]
struct Failing {
    root: PathBuf,
    fails: Fails,
}

impl Surface for Failing {
    fn size(&self) -> (u16, u16) {
        (80, 24)
    }

    fn show(&mut self, frame: Buffer) -> io::Result<()> {
        let shown: String = frame.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        match self.fails {
            Fails::WithAnError if shown.contains("#a") => Err(io::Error::other("the cable came out")),
            Fails::WithAPanic if shown.contains("#a") => panic!("drawing broke"),
            _ => Ok(()),
        }
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> io::Result<Option<News>> {
        let Effect::Files(to, request) = effect else { return Ok(None) };
        let receipts = matches!(request, FileRequest::ReadReceipts { .. });
        let reply = (!receipts).then(|| files::perform(&self.root, request)).flatten();
        Ok(reply.map(|reply| News::Reply(to, reply)))
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn typed(text: &str) -> impl Iterator<Item = Incoming> {
    text.chars().map(|letter| {
        let key: Key = letter.to_string().parse().unwrap();
        Incoming::Terminal(Event::Key(key.event()))
    })
}

/// How a loop ends to which this comes after some text, and what is kept.
fn ended(fails: Fails, last: Vec<Incoming>) -> (Option<Result<Exit, Error>>, String) {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("policy")).unwrap();
    std::fs::write(root.path().join("policy/trust.yaml"), "- tool: order.hold\n  decision: ALLOW\n").unwrap();
    let (commands, _asked) = sync_channel(64);
    let screen = Failing { root: root.path().to_path_buf(), fails };
    let mut runtime = Runtime::new(screen, dark(), commands);
    let (to_loop, incoming) = sync_channel(64);
    to_loop.send(Incoming::News(News::Entries(Batch::unwritten(1, story())))).unwrap();
    typed("3i#a").chain(last).for_each(|next| to_loop.send(next).unwrap());
    drop(to_loop);
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.drive(&incoming))).ok();
    let kept = std::fs::read_dir(root.path().join(".fibric/dev/draft")).into_iter().flatten().flatten();
    (ended, kept.filter_map(|file| std::fs::read_to_string(file.path()).ok()).collect())
}

#[test]
fn lost_input_keeps_the_draft() {
    let (ended, kept) = ended(Fails::Never, vec![Incoming::Lost("its input has ended".to_owned())]);
    assert!(matches!(ended, Some(Err(Error::Lost(_)))), "{ended:?}");
    assert!(kept.contains("#a"), "{kept:?}");
}

#[test]
fn a_session_that_is_gone_keeps_the_draft() {
    let (ended, kept) = ended(Fails::Never, Vec::new());
    assert!(matches!(ended, Some(Ok(Exit::Quit))), "{ended:?}");
    assert!(kept.contains("#a"), "{kept:?}");
}

#[test]
fn a_signal_keeps_what_was_typed_before_it_and_was_not_taken_yet() {
    let last = [Incoming::Signal(15)].into_iter().chain(typed("bc")).collect();
    let (ended, kept) = ended(Fails::Never, last);
    assert!(matches!(ended, Some(Ok(Exit::Signal(15)))), "{ended:?}");
    assert!(kept.contains("#abc"), "{kept:?}");
}

#[test]
fn a_frame_that_cannot_be_written_keeps_the_draft() {
    let (ended, kept) = ended(Fails::WithAnError, Vec::new());
    assert!(matches!(ended, Some(Err(Error::Terminal(_)))), "{ended:?}");
    assert!(kept.contains("#a"), "{kept:?}");
}

#[test]
fn a_panic_keeps_the_draft() {
    let (ended, kept) = ended(Fails::WithAPanic, Vec::new());
    assert!(ended.is_none());
    assert!(kept.contains("#a"), "{kept:?}");
}
