//! Checks by writing whether the disk has room again, because reported free space ignores quotas and reserved blocks.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A little more than a commit of one large batch needs.
const BYTES: usize = 256 << 10;
const FILE_NAME: &str = "journal.probe";

/// Writes a file beside the journal, durably, and removes it.
///
/// # Errors
/// When the disk is full or fails.
pub(super) fn probe(dir: &Path) -> io::Result<()> {
    let path = dir.join(FILE_NAME);
    let written = write(&path);
    let removed = fs::remove_file(&path);
    written.and(removed)
}

fn write(path: &Path) -> io::Result<()> {
    let file = File::create(path)?;
    file.write_all_at(&vec![0; BYTES], 0)?;
    file.sync_all()
}
