//! A consistent copy of a journal while a server writes it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::open;
use super::rows::is_full;
use crate::SaveError;

/// Copies the journal of `dir` to the new file `to`, durably. It appears whole, under its name, or not at all.
///
/// The copy is one read transaction, so it shows the state after one commit. The writer goes on meanwhile, and its log grows.
pub(super) fn backup(dir: &Path, to: &Path) -> Result<(), SaveError> {
    if to.exists() {
        return Err(SaveError::Invalid(format!("{} exists already", to.display())));
    }
    let partial = with_suffix(to, ".partial");
    let copied = copy(dir, &partial).and_then(|()| sync_and_rename(&partial, to).map_err(io_error));
    if copied.is_err() {
        // Best effort: the caller gets the error of the copy.
        drop(std::fs::remove_file(&partial));
    }
    copied
}

fn copy(dir: &Path, partial: &Path) -> Result<(), SaveError> {
    match std::fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_error(error)),
        _ => {}
    }
    let source = open::reader(dir).map_err(|error| sql_error(&error))?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(partial, flags).map_err(|error| sql_error(&error))?;
    // The copy is synced as a whole afterwards.
    let unsynced = target.execute_batch("PRAGMA synchronous = OFF");
    unsynced.map_err(|error| sql_error(&error))?;
    let backup = Backup::new(&source, &mut target).map_err(|error| sql_error(&error))?;
    let step = backup.step(-1).map_err(|error| sql_error(&error))?;
    if step == StepResult::Done { Ok(()) } else { Err(SaveError::Failed("the journal was busy".to_owned())) }
}

fn sync_and_rename(partial: &Path, to: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    std::fs::rename(partial, to)?;
    let parent = to.parent().filter(|parent| *parent != Path::new(""));
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.to_owned().into_os_string();
    path.push(suffix);
    PathBuf::from(path)
}

fn sql_error(error: &rusqlite::Error) -> SaveError {
    if is_full(error) { SaveError::Full } else { SaveError::Failed(error.to_string()) }
}

#[expect(clippy::needless_pass_by_value, reason = "it is an argument of map_err")]
fn io_error(error: io::Error) -> SaveError {
    if error.kind() == io::ErrorKind::StorageFull {
        SaveError::Full
    } else {
        SaveError::Failed(error.to_string())
    }
}
