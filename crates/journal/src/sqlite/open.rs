//! Opens the files: connections and their settings, the folder's lock, and the reasons to refuse a journal.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::rows;
use crate::{Position, StreamId};

pub(super) const JOURNAL_FILE: &str = "journal.db";
const LOCK_FILE: &str = "LOCK";
/// Stands in the header of the file, so that another program's database is not taken for a journal.
const APPLICATION_ID: i64 = 0x4653_6a6c;
const FORMAT_VERSION: i64 = 1;

/// Why a journal did not open. Nothing was changed in its files.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server has the folder open.
    #[error("{} is in use by another server; two must never write one journal", dir.display())]
    Locked {
        /// The journal's folder.
        dir: PathBuf,
    },
    /// There is no journal to read.
    #[error("there is no journal in {}", dir.display())]
    Missing {
        /// The folder.
        dir: PathBuf,
    },
    /// The file is a database, but not a journal that this version reads.
    #[error("{} is not a journal this version can read: {detail}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        detail: String,
    },
    /// A record is damaged.
    #[error(
        "stream {} of the journal is damaged at position {}: {detail}. Nothing was changed. Keep a copy of the folder, \
         then restore the newest backup",
        stream.0, position.0
    )]
    Damaged {
        /// The stream it was found in.
        stream: StreamId,
        /// The first position that cannot be trusted.
        position: Position,
        /// What was found.
        detail: String,
    },
    /// The file's structure is damaged, or a row is damaged and its stream is unknown.
    #[error(
        "the journal's file is damaged: {detail}. Nothing was changed. Keep a copy of the folder, then restore the newest backup"
    )]
    Corrupt {
        /// What was found, and after which record.
        detail: String,
    },
    /// Acknowledged batches are missing at the end of the journal.
    #[error(
        "the journal ends at batch {journal}, but batch {anchor} had been acknowledged: its end is lost. Either journal.db-wal was \
         damaged or removed, or an older journal.db was put beside a newer journal.anchor. Nothing was changed. Keep a copy \
         of the folder and look for the missing files; else restore the newest backup into an empty folder. Removing \
         journal.anchor accepts the loss of the last {} batches",
        anchor - journal
    )]
    TailLost {
        /// The last batch that is there, counted over all streams.
        journal: u64,
        /// The last batch that was acknowledged, as far as the anchor knows.
        anchor: u64,
    },
    /// The journal and its anchor belong to different histories.
    #[error(
        "batch {sequence} of the journal is not the one its anchor names: journal.db and journal.anchor belong to different \
         histories. Nothing was changed. If this journal.db is the one you want (a restored backup), remove journal.anchor"
    )]
    Diverged {
        /// The batch that differs, counted over all streams.
        sequence: u64,
    },
    /// The anchor file is damaged, which no crash causes.
    #[error(
        "journal.anchor is damaged, so a lost end of the journal could not be noticed. Nothing was changed. Check \
         the disk; removing journal.anchor accepts the journal as it is"
    )]
    AnchorDamaged,
    /// The files could not be reached.
    #[error("{}: {detail}", path.display())]
    Failed {
        /// What was being opened.
        path: PathBuf,
        /// Why it failed.
        detail: String,
    },
}

impl OpenError {
    pub(super) fn failed(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Failed { path: path.to_owned(), detail: error.to_string() }
    }

    /// An error of SQLite while it read the journal.
    pub(super) fn reading(path: &Path, error: &rusqlite::Error) -> Self {
        if rows::is_damage(error) {
            Self::Corrupt { detail: error.to_string() }
        } else {
            Self::failed(path, error)
        }
    }
}

/// Locks the folder for one server, until the file is dropped or the process ends.
pub(super) fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join(LOCK_FILE);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|error| OpenError::failed(&path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(OpenError::failed(&path, error)),
    }
}

/// Makes the folder, durably.
pub(super) fn create_dir(dir: &Path) -> Result<(), OpenError> {
    let made = std::fs::create_dir_all(dir).and_then(|()| match dir.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?.sync_all(),
        _ => Ok(()),
    });
    made.map_err(|error| OpenError::failed(dir, error))
}

/// A connection that cannot write. Beside a running server it sees each commit once that is durable.
pub(super) fn reader(dir: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(dir.join(JOURNAL_FILE), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

/// The one connection that writes.
pub(super) fn writer(dir: &Path) -> rusqlite::Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(dir.join(JOURNAL_FILE), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // After a failed commit the files must not change until recovery, so closing makes no checkpoint. The writer makes
    // all checkpoints, because automatic ones hide their errors.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384; PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok(connection)
}

/// Copies the log of the last process into the database and syncs it, before the journal is used.
///
/// A process that died, after a failed fsync or otherwise, may have left commits in the page cache only. Syncing the log
/// again is not enough: after a failed fsync the kernel may mark lost pages as clean. The copy writes them anew.
pub(super) fn checkpoint_log(connection: &Connection) -> Result<(), String> {
    let copied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    match copied {
        Ok((frames, copied)) if frames == copied => Ok(()),
        Ok(_) => Err("another program is reading the journal; end it and start again".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Makes the tables of a new journal, in one transaction with its format version.
pub(super) fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT_VERSION}; {} {} COMMIT;",
        rows::SCHEMA,
        rows::CURSOR_SCHEMA
    ))
}

/// The format of a file that opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// A crash while the journal was first made left no table.
    Empty,
    Current,
}

/// Recognizes the format by the file's header.
pub(super) fn format(connection: &Connection, path: &Path) -> Result<Format, OpenError> {
    let pragma = |name: &str| {
        let number = connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        number.map_err(|error| OpenError::reading(path, &error))
    };
    let found = (pragma("application_id")?, pragma("user_version")?);
    if found == (APPLICATION_ID, FORMAT_VERSION) {
        return Ok(Format::Current);
    }
    if found == (0, 0) && pragma("schema_version")? == 0 {
        return Ok(Format::Empty);
    }
    let detail = format!("application {:#x}, format {}", found.0, found.1);
    Err(OpenError::Foreign { path: path.to_owned(), detail })
}
