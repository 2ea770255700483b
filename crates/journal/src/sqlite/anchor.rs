//! The anchor: a small file beside the journal with the journal's newest acknowledged head.
//!
//! When the end of the write-ahead log is damaged or missing, SQLite ignores it silently and starts with a shorter history.
//! So the journal's head after each commit is also written here, before the appends are answered. A journal behind its
//! anchor has lost acknowledged batches. A journal ahead of its anchor is normal after a crash between commit and anchor.
//!
//! The write is not synced. It has to survive the death of the process, which the page cache does. After a power cut the
//! anchor may be older than the journal, never newer, since the commit it names was synced first; older is harmless.
//! Writes alternate between two slots, so that a torn write damages only one.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::journal_head::JournalHead;

pub(super) const FILE_NAME: &str = "journal.anchor";

const MAGIC: [u8; 8] = *b"FSanchor";
const SLOT_BYTES: usize = 52;
/// Far enough apart that no device writes both at once.
const SLOT_OFFSETS: [u64; 2] = [0, 4096];

/// The content of the anchor file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnchorState {
    Missing,
    /// The file exists and neither slot can be read. No crash of the process causes this.
    Damaged,
    At(JournalHead),
}

pub(super) fn read(dir: &Path) -> io::Result<AnchorState> {
    let file = match File::open(dir.join(FILE_NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(AnchorState::Missing),
        Err(error) => return Err(error),
    };
    let slots = [read_slot(&file, 0)?, read_slot(&file, 1)?];
    let newest = slots.into_iter().flatten().max_by_key(|journal_head| journal_head.sequence);
    Ok(newest.map_or(AnchorState::Damaged, AnchorState::At))
}

/// The open anchor of a writer.
#[derive(Debug)]
pub(super) struct Anchor {
    file: File,
    next_slot: usize,
}

impl Anchor {
    /// Makes a new anchor at a head, durably, with both slots whole. Renaming replaces the file, so a crash leaves either the
    /// old file or the new one.
    pub(super) fn create(dir: &Path, journal_head: JournalHead) -> io::Result<Self> {
        let (path, partial) = (dir.join(FILE_NAME), dir.join("journal.anchor.new"));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&partial)?;
        let mut anchor = Self { file, next_slot: 0 };
        anchor.write(journal_head)?;
        anchor.write(journal_head)?;
        anchor.sync()?;
        std::fs::rename(&partial, &path)?;
        File::open(dir)?.sync_all()?;
        Ok(anchor)
    }

    pub(super) fn write(&mut self, journal_head: JournalHead) -> io::Result<()> {
        self.file.write_all_at(&encode(journal_head), SLOT_OFFSETS[self.next_slot])?;
        self.next_slot = 1 - self.next_slot;
        Ok(())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn encode(journal_head: JournalHead) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[..8].copy_from_slice(&MAGIC);
    slot[8..16].copy_from_slice(&journal_head.sequence.to_be_bytes());
    slot[16..48].copy_from_slice(&journal_head.chain);
    let crc = crc32fast::hash(&slot[..48]);
    slot[48..].copy_from_slice(&crc.to_be_bytes());
    slot
}

fn decode(slot: &[u8; SLOT_BYTES]) -> Option<JournalHead> {
    let sequence = u64::from_be_bytes(slot[8..16].try_into().ok()?);
    let chain = slot[16..48].try_into().ok()?;
    let journal_head = JournalHead { sequence, chain };
    (encode(journal_head) == *slot).then_some(journal_head)
}

fn read_slot(file: &File, slot: usize) -> io::Result<Option<JournalHead>> {
    let mut bytes = [0; SLOT_BYTES];
    match file.read_exact_at(&mut bytes, SLOT_OFFSETS[slot]) {
        Ok(()) => Ok(decode(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, AnchorState, FILE_NAME, read};
    use crate::sqlite::journal_head::JournalHead;

    fn journal_head(sequence: u64) -> JournalHead {
        JournalHead { sequence, chain: [7; 32] }
    }

    #[test]
    fn the_newest_slot_counts_and_one_damaged_slot_leaves_the_other() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()).unwrap(), AnchorState::Missing);
        let mut anchor = Anchor::create(dir.path(), journal_head(1)).unwrap();
        anchor.write(journal_head(2)).unwrap();
        anchor.write(journal_head(3)).unwrap();
        assert_eq!(read(dir.path()).unwrap(), AnchorState::At(journal_head(3)));

        let path = dir.path().join(FILE_NAME);
        let whole = std::fs::read(&path).unwrap();
        for offset in (0..52).chain(4096..whole.len()) {
            let mut torn = whole.clone();
            torn[offset] ^= 0x10;
            std::fs::write(&path, &torn).unwrap();
            let survivor = read(dir.path()).unwrap();
            assert!(
                survivor == AnchorState::At(journal_head(2)) || survivor == AnchorState::At(journal_head(3)),
                "{offset}"
            );
        }
        std::fs::write(&path, b"").unwrap();
        assert_eq!(read(dir.path()).unwrap(), AnchorState::Damaged);
    }
}
