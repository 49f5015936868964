//! Files cut off in the middle, at any byte.

use super::*;
use crate::session::journal::seals;

/// Cuts one file of the scene at each byte from `from` on, recovers, and hands the result over.
fn cut_everywhere(name: &str, from: usize, check: impl Fn(usize, &Store, &[Diagnostic])) {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let bytes = fs::read(origin.file(name)).unwrap();
    let copied = dir.path().join("copy");
    for at in points(&bytes, from) {
        copy(origin.dir(), &copied);
        let store = Store::open(copied.clone()).unwrap();
        replace(&store.file(name), &bytes[..at]);
        let notices = recovered(&store);
        if at > 0 && bytes[at - 1] != b'\n' {
            assert!(notices.iter().any(|notice| notice.message.contains("torn by a crash")), "{at}: {notices:?}");
        }
        check(at, &store, &notices);
    }
}

/// Where the ended run's part of a file ends: what comes before was on the device when it ended.
fn ended_part(name: &str) -> usize {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let text = fs::read_to_string(origin.file(name)).unwrap();
    text.lines().next().map_or(0, |line| line.len() + 1)
}

#[test]
fn receipts_cut_at_any_byte_come_back() {
    cut_everywhere("receipts.jsonl", ended_part("receipts.jsonl"), |at, store, notices| {
        assert_eq!(ids(store), ALL, "{at}");
        assert!(notices.iter().any(|notice| notice.message.contains("brought back")), "{notices:?}");
        assert!(notices.iter().any(|notice| notice.message.contains("was interrupted")), "{notices:?}");
        assert_eq!(lines(store, "envelopes.jsonl").len(), 4);
    });
}

#[test]
fn a_chain_cut_at_any_byte_is_linked_again() {
    cut_everywhere("receipts.chain", ended_part("receipts.chain"), |_, store, _| assert_eq!(ids(store), ALL));
}

#[test]
fn envelopes_and_keys_cut_at_any_byte_come_back_as_often_as_they_came() {
    cut_everywhere("envelopes.jsonl", ended_part("envelopes.jsonl"), |at, store, _| {
        assert_eq!(lines(store, "envelopes.jsonl").len(), 4, "{at}");
    });
    cut_everywhere("keys.jsonl", ended_part("keys.jsonl"), |_, store, _| assert_eq!(ids(store), ALL));
}

/// No crash cuts a journal below what the chain has of it, because it is synced before. Somebody did: that is told, and
/// what was written elsewhere is neither lost nor free again.
#[test]
fn a_journal_cut_below_its_chain_is_told_and_loses_no_receipt_and_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let bytes = fs::read(origin.journal(2)).unwrap();
    let copied = dir.path().join("copy");
    for at in points(&bytes, 0).into_iter().filter(|at| *at < bytes.len()) {
        copy(origin.dir(), &copied);
        let store = Store::open(copied.clone()).unwrap();
        replace(&store.journal(2), &bytes[..at]);
        let notices = put_right(&store, AT, None, false).unwrap();
        let told = |what: &str| notices.iter().any(|notice| notice.message.contains(what));
        let all = ids(&store);
        assert!(ALL[..4].iter().all(|id| all.contains(&(*id).to_owned())), "{at}: {all:?}");
        let (claims, _) = keys::load(&store, AT).unwrap();
        assert!(["k_1_1", "k_2_1", "k_2_3"].iter().all(|key| claims.claimed_by(key).is_some()), "{at}");
        let found = audit(&store, None).unwrap();
        // A claim that was interrupted may be written again where it had stood, and no more is missing then.
        assert!(!found.is_sound() && (told("its journal") || told("interrupted")), "{at}: {notices:?} {found:?}");
    }
}

/// Where the groups of a journal end.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut offset = 0;
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
        offset += line.len();
        (offset, line)
    });
    lines.filter(|(_, line)| seals::is_sealed(line)).map(|(end, _)| end).collect()
}

/// The journal ends at any byte, and what follows from it has not followed: what is sealed in it is there afterwards, and
/// what no seal follows was never shown.
#[test]
fn a_journal_cut_before_its_projections_gives_what_it_holds() {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let bytes = fs::read(origin.journal(2)).unwrap();
    let ends = ends(&bytes);
    let chain = fs::read_to_string(origin.journals()).unwrap();
    let copied = dir.path().join("copy");
    for at in points(&bytes, 0) {
        copy(origin.dir(), &copied);
        let store = Store::open(copied.clone()).unwrap();
        replace(&store.journal(2), &bytes[..at]);
        // A group has its line in the chain before the next one is written.
        let linked = |line: &&str| {
            let Some(Event::Group { run: 2, end, .. }) = chain::Line::parse(line).map(|line| line.event) else {
                return true;
            };
            end < at as u64
        };
        let lines: String = chain.lines().filter(linked).fold(String::new(), |kept, line| kept + line + "\n");
        replace(&store.journals(), lines.as_bytes());
        for name in FILES {
            let first = ended_part_of(&store, name);
            replace(&store.file(name), first.as_bytes());
        }
        let notices = recovered(&store);
        let whole = ends.iter().copied().filter(|end| *end <= at).max().unwrap_or(0);
        assert_eq!(notices.iter().any(|notice| notice.message.contains("torn by a crash")), whole < at, "{at}");
        let entries: Vec<Entry> = History::new(&bytes[..whole]).entries().collect();
        let claims: HashSet<_> = entries
            .iter()
            .filter_map(
                |entry| if let Fact::Claimed(claim) = &entry.fact { Some(claim.interrupted.id.clone()) } else { None },
            )
            .collect();
        // A claim without an end has a receipt too.
        assert_eq!(ids(&store).len(), claims.len() + 1, "{at}");
        let envelopes = entries.iter().filter(|entry| matches!(entry.fact, Fact::Received(_))).count();
        assert_eq!(self::lines(&store, "envelopes.jsonl").len(), envelopes + 1, "{at}");
    }
}

fn ended_part_of(store: &Store, name: &str) -> String {
    let text = fs::read_to_string(store.file(name)).unwrap();
    text.lines().take(1).fold(String::new(), |kept, line| kept + line + "\n")
}

#[test]
fn receipts_and_chain_cut_together_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let origin = scene(dir.path());
    let (receipts, chain) = (fs::read(origin.file(FILES[0])).unwrap(), fs::read(origin.file(FILES[1])).unwrap());
    let copied = dir.path().join("copy");
    for at in (ended_part(FILES[0])..=receipts.len()).step_by(41) {
        for link in (ended_part(FILES[1])..=chain.len()).step_by(13) {
            copy(origin.dir(), &copied);
            let store = Store::open(copied.clone()).unwrap();
            replace(&store.file(FILES[0]), &receipts[..at]);
            replace(&store.file(FILES[1]), &chain[..link]);
            recovered(&store);
            assert_eq!(ids(&store), ALL, "{at} {link}");
        }
    }
}
