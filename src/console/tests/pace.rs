//! The loop itself: it draws first, then only when something happened, and less often than things happen.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use crossterm::event::Event;
use ratatui::buffer::Buffer;

use super::{dark, story};
use crate::console::runtime::{Runtime, Surface};
use crate::console::{Exit, Incoming, Key, News};
use crate::kernel::journal::Entry;
use crate::session::bus::{Batch, Command};

/// Counts frames; `broken` cannot be drawn on.
#[derive(Debug, Default)]
struct Counter {
    frames: u128,
    broken: bool,
}

impl Surface for Counter {
    fn size(&self) -> (u16, u16) {
        (80, 24)
    }

    fn show(&mut self, _: Buffer) -> io::Result<()> {
        self.frames += 1;
        if self.broken { Err(io::Error::other("torn")) } else { Ok(()) }
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn key(name: &str) -> Incoming {
    Incoming::Terminal(Event::Key(name.parse::<Key>().unwrap().event()))
}

#[test]
fn a_flood_is_taken_whole_and_drawn_seldom() {
    let (commands, asked) = sync_channel(1);
    let (sender, incoming) = sync_channel(16);
    let story = story();
    let start = Instant::now();
    let flood = std::thread::spawn(move || {
        for seq in 0..5_000_u64 {
            let like = &story[usize::try_from(seq).unwrap() % story.len()];
            let entries = vec![Arc::new(Entry { seq, ..(**like).clone() })];
            sender.send(Incoming::News(News::Entries(Batch::unwritten(1, entries)))).unwrap();
            if seq % 10 == 0 {
                sender.send(key("up")).unwrap();
            }
        }
        sender.send(key("q")).unwrap();
    });
    let mut runtime = Runtime::new(Counter::default(), dark(), commands);
    assert_eq!(runtime.drive(&incoming).unwrap(), Exit::Quit);
    flood.join().unwrap();
    assert_eq!(runtime.app.shared.model.entries, 5_000);
    let most = start.elapsed().as_millis() / 16 + 2;
    assert!(runtime.surface.frames <= most, "{} frames, at most {most}", runtime.surface.frames);
    // A session that does not listen never stops the loop; it gets one request for which there was room.
    assert!(matches!(asked.try_iter().collect::<Vec<_>>()[..], [Command::Select { .. }]));
}

#[test]
fn a_session_that_was_busy_gets_the_last_selection() {
    let (commands, asked) = sync_channel(1);
    let mut runtime = Runtime::new(Counter::default(), dark(), commands);
    let entries = story();
    runtime.take(Incoming::News(News::Entries(Batch::unwritten(1, entries)))).unwrap();
    for _ in 0..3 {
        runtime.take(key("up")).unwrap();
    }
    let Ok(Command::Select(first)) = asked.try_recv() else { panic!() };
    runtime.take(key("F9")).unwrap();
    let Ok(Command::Select(last)) = asked.try_recv() else { panic!() };
    assert_eq!(last.of.arrival, first.of.arrival - 2);
    assert!(asked.try_recv().is_err());
}

#[test]
fn a_screen_that_cannot_be_drawn_on_ends_it() {
    let (commands, _asked) = sync_channel(1);
    let (_sender, incoming) = sync_channel(1);
    let mut runtime = Runtime::new(Counter { broken: true, ..Counter::default() }, dark(), commands);
    assert!(runtime.drive(&incoming).unwrap_err().to_string().contains("torn"));
}

#[test]
fn an_idle_screen_is_drawn_again_when_its_ages_change_and_no_more() {
    let (commands, _asked) = sync_channel(1);
    let mut runtime = Runtime::new(Counter::default(), dark(), commands);
    runtime.show().unwrap();
    assert_eq!(runtime.app.ages_change_in(), None, "nothing has an age");
    runtime.take(Incoming::News(News::Entries(Batch::unwritten(1, story())))).unwrap();
    runtime.show().unwrap();
    assert_eq!(runtime.app.ages_change_in(), None, "ages count from the newest without a clock");
    for (clock, expected, said) in [
        ((|| "2026-01-01T00:07:05Z".parse().unwrap()) as fn() -> jiff::Timestamp, 1, "20s"),
        (|| "2026-01-01T00:08:55Z".parse().unwrap(), 60, "2m"),
        (|| "2026-03-01T00:00:00Z".parse().unwrap(), 60, "58d"),
    ] {
        runtime.keep_time(clock);
        runtime.take(key("up")).unwrap();
        runtime.show().unwrap();
        assert_eq!(runtime.app.ages_change_in(), Some(std::time::Duration::from_secs(expected)));
        let age = runtime.app.context().age(runtime.app.shared.model.newest().unwrap());
        assert_eq!(age, said);
    }
}
