//! Reads the journals back on a thread of its own, block by block, so that no key waits for a long history; the block
//! before the one that was asked for last is read ahead.

use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel};

use crate::console::runtime::Incoming;
use crate::console::shell::News;
use crate::session::journal::reader::{EarlierEntries, EntryLocation, JournalReader};

/// Whoever reads the journals.
#[derive(Debug)]
pub struct HistoryReader {
    /// None where no thread could be had.
    asks: Option<Sender<EntryLocation>>,
}

impl HistoryReader {
    /// Reads for a loop from now on.
    pub fn start(past: JournalReader, to_loop: SyncSender<Incoming>) -> Self {
        let (asks, wanted) = channel();
        let reading = move || read(past, &wanted, &to_loop);
        let started = std::thread::Builder::new().name("console-history".to_owned()).spawn(reading);
        Self { asks: started.is_ok().then_some(asks) }
    }

    /// Asks for what is before a place; false where nobody reads.
    pub fn read(&self, before: EntryLocation) -> bool {
        self.asks.as_ref().is_some_and(|asks| asks.send(before).is_ok())
    }
}

fn read(mut past: JournalReader, wanted: &Receiver<EntryLocation>, to_loop: &SyncSender<Incoming>) {
    let mut ahead: Option<EarlierEntries> = None;
    while let Ok(place) = wanted.recv() {
        let ready = ahead.take().filter(|older| older.asked == Some(place) && older.failure.is_none());
        let older = ready.unwrap_or_else(|| before(&mut past, place));
        let next = older.from;
        // A loop that has ended wants no more.
        if to_loop.send(Incoming::News(News::EarlierEntries(older))).is_err() {
            return;
        }
        ahead = next.map(|next| before(&mut past, next));
    }
}

fn before(past: &mut JournalReader, place: EntryLocation) -> EarlierEntries {
    past.before(place).unwrap_or_else(|error: io::Error| EarlierEntries::failed(place, &error))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::kernel::diagnostic::Diagnostic;
    use crate::kernel::journal::Fact;
    use crate::session::ledger::{FileLedger, Ledger as _, Options};
    use crate::session::store::Store;

    #[test]
    fn what_it_reads_ahead_is_what_would_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path().join("dev")).unwrap();
        let options = Options { sync: false, plan_files: false, persistent_keys: false };
        for _ in 0..2 {
            let mut ledger = FileLedger::begin(&store, options).unwrap();
            for _ in 0..3_000 {
                ledger.append(String::new(), Fact::Noticed(Diagnostic::warning("w".repeat(200)))).unwrap();
            }
            ledger.close().unwrap();
        }
        let (to_loop, incoming) = sync_channel(4);
        let reader = HistoryReader::start(JournalReader::of(store.dir()), to_loop);
        let mut plain = JournalReader::of(store.dir());
        let mut place = EntryLocation { run: 3, offset: 0 };
        let mut blocks = 0;
        loop {
            assert!(reader.read(place));
            let Ok(Incoming::News(News::EarlierEntries(older))) = incoming.recv() else { panic!("nothing was read") };
            let expected = plain.before(place).unwrap();
            assert_eq!((older.entries, older.from, older.left), (expected.entries, expected.from, expected.left));
            blocks += 1;
            match older.from {
                Some(from) => place = from,
                None => break,
            }
        }
        assert!(blocks > 4, "{blocks}");
        // A place that nothing was read ahead for, and one that cannot be read.
        assert!(reader.read(EntryLocation { run: 2, offset: 0 }));
        let Ok(Incoming::News(News::EarlierEntries(older))) = incoming.recv() else { panic!("nothing was read") };
        assert!(!older.entries.is_empty());
        assert!(reader.read(EntryLocation { run: 9, offset: 77 }));
        let Ok(Incoming::News(News::EarlierEntries(older))) = incoming.recv() else { panic!("nothing was read") };
        assert!(older.failure.is_some() && older.from.is_none());
    }
}
