//! Whether the disk has room again: found out by writing, since free space as it is reported says nothing of quotas and
//! reserves.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// As much as a commit of one large batch needs, and a little more.
const BYTES: usize = 256 << 10;
const FILE_NAME: &str = "journal.probe";

/// Writes a file beside the journal, durably, and takes it away again.
///
/// # Errors
/// When there is no room, or the disk fails.
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
