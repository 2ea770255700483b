//! Backup and restore: one file with journal, store, keys and the payment provider's databases. A server may be running.
//!
//! What must always hold: the journal is copied first, so the store's copy may be ahead of it (restoring drops views and messages that the
//! journal does not confirm); the file is complete or does not exist; only its owner can read it. The format is a tar archive, which any
//! system can open. It begins with a list of its parts and their hashes, so that a truncated or damaged file is detected.

use crate::migrate::mark;
use anyhow::{Context as _, Result, bail};
use blake3::Hash;
use fairseat_engine::stream_of;
use fairseat_journal::{Journal as _, SqliteJournal};
use fairseat_payments::ProviderKind;
use fairseat_store::{STORE_FILE, Store};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

/// Name of the journal's copy within a backup: the journal's own name.
const JOURNAL_FILE: &str = "journal.db";
/// Folder of the keys.
const KEYS: &str = "keys";
/// The archive's first entry, which identifies the file. Its text is the format, then a line for each part: hash, space, name.
const MARK: &str = "fairseat-backup";
const FORMAT: &str = "1";
/// The largest list of parts, in bytes.
const MAX_MARK: u64 = 64 * 1024;

/// The databases of payment providers.
fn provider_books() -> impl Iterator<Item = &'static str> {
    ProviderKind::ALL.into_iter().filter_map(ProviderKind::books)
}

/// All databases that a backup may contain.
fn databases() -> impl Iterator<Item = &'static str> {
    [JOURNAL_FILE, STORE_FILE].into_iter().chain(provider_books())
}

/// Writes a backup of `data_dir` to `file`, which must not exist.
///
/// # Errors
/// When something cannot be read or written; `file` is not there then.
pub async fn write(data_dir: &Path, file: &Path) -> Result<()> {
    if file.exists() {
        bail!("{} is there already: choose another name", file.display());
    }
    if !data_dir.join(STORE_FILE).exists() {
        bail!("{} is no data folder: name the one the server uses with --data-dir", data_dir.display());
    }
    // A copy of what is no longer served would be taken for a backup.
    mark::refuse(data_dir)?;
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let copies = tempfile::Builder::new().prefix(".fairseat-backup-").tempdir_in(beside);
    let copies = copies.with_context(|| format!("cannot write to {}", beside.display()))?;
    copy_parts(data_dir, copies.path()).await?;
    let archive = copies.path().join("archive.tar");
    pack(copies.path(), &archive)?;
    fs::rename(&archive, file).with_context(|| format!("cannot write {}", file.display()))?;
    File::open(beside).and_then(|folder| folder.sync_all()).context("the backup's folder cannot be synced")
}

async fn copy_parts(data_dir: &Path, to: &Path) -> Result<()> {
    if SqliteJournal::exists(data_dir) {
        let folder = data_dir.to_owned();
        let journal = tokio::task::spawn_blocking(move || SqliteJournal::open_read_only(&folder)).await?;
        let journal = journal.context("the journal cannot be opened")?;
        journal.backup(to.join(JOURNAL_FILE)).await.context("the journal cannot be copied")?;
    }
    let store = Store::open(data_dir.join(STORE_FILE)).await.context("the store cannot be opened")?;
    store.backup(to.join(STORE_FILE)).await.context("the store cannot be copied")?;
    for name in provider_books() {
        let books = data_dir.join(name);
        if books.exists() {
            let copied = Connection::open(books)
                .and_then(|books| books.execute("VACUUM INTO ?1", [to.join(name).to_string_lossy()]));
            copied.with_context(|| format!("{name} cannot be copied"))?;
        }
    }
    copy_keys(&data_dir.join(KEYS), &to.join(KEYS)).context("the keys cannot be copied")
}

/// Copies the keys before archiving them, because a key file may be replaced while the archive is being written.
fn copy_keys(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for key in fs::read_dir(from)? {
        let (path, name) = key.map(|key| (key.path(), key.file_name()))?;
        // A key file that is still being written begins with a dot.
        if !name.to_string_lossy().starts_with('.') {
            fs::copy(path, to.join(name))?;
        }
    }
    Ok(())
}

/// The parts: names in the archive, and paths on disk.
fn parts(copies: &Path) -> Result<Vec<(String, PathBuf)>> {
    let names = databases().map(str::to_owned);
    let mut keys = Vec::new();
    for key in fs::read_dir(copies.join(KEYS))? {
        keys.push(format!("{KEYS}/{}", key?.file_name().to_string_lossy()));
    }
    keys.sort();
    let parts = names.chain(keys).map(|name| (copies.join(&name), name));
    Ok(parts.filter(|(path, _)| path.exists()).map(|(path, name)| (name, path)).collect())
}

fn pack(copies: &Path, archive: &Path) -> Result<()> {
    let parts = parts(copies)?;
    let mut mark = format!("{FORMAT}\n");
    for (name, path) in &parts {
        let hash = blake3::Hasher::new().update_reader(File::open(path)?)?.finalize();
        mark.push_str(&format!("{hash} {name}\n"));
    }
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(archive)?;
    let mut tar = tar::Builder::new(BufWriter::new(file));
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(mark.len())?);
    header.set_mode(0o600);
    tar.append_data(&mut header, MARK, mark.as_bytes())?;
    for (name, path) in parts {
        tar.append_path_with_name(path, name)?;
    }
    let mut file = tar.into_inner().context("the backup cannot be written")?;
    file.flush()?;
    file.get_ref().sync_all().context("the backup cannot be synced")
}

/// Makes the data folder `data_dir`, which must not exist or be empty, from a backup.
///
/// # Errors
/// When the file is no backup, or damaged; `data_dir` is left as it was.
pub async fn restore(file: &Path, data_dir: &Path) -> Result<()> {
    if fs::read_dir(data_dir).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: choose another folder with --data-dir", data_dir.display());
    }
    let archive = File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let beside = data_dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(beside).with_context(|| format!("{} cannot be made", beside.display()))?;
    let unpacked = tempfile::Builder::new().prefix(".fairseat-restore-").tempdir_in(beside)?;
    let cannot = || format!("{} cannot be restored", file.display());
    unpack(archive, unpacked.path()).with_context(cannot)?;
    check(unpacked.path()).await.with_context(cannot)?;
    let folder = unpacked.keep();
    // An empty folder at the target is replaced.
    let moved = fs::rename(&folder, data_dir).with_context(|| format!("cannot make {}", data_dir.display()));
    if moved.is_err() {
        fs::remove_dir_all(&folder)?;
    }
    moved
}

fn unpack(archive: File, to: &Path) -> Result<()> {
    let mut tar = tar::Archive::new(BufReader::new(archive));
    let mut entries = tar.entries()?;
    let first = entries.next().context("it is empty")?.context("it is no archive")?;
    let mut missing = parts_in(first)?;
    for entry in entries {
        let mut entry = entry.context("it is damaged")?;
        let path = entry.path()?.into_owned();
        let Some(hash) = path.to_str().and_then(|name| missing.remove(name)) else {
            bail!("it contains the unknown file {}", path.display());
        };
        if !entry.header().entry_type().is_file() {
            bail!("{} is no file", path.display());
        }
        if write_part(&mut entry, &to.join(known_part(&path)?))? != hash {
            bail!("{} is damaged", path.display());
        }
    }
    match missing.first_key_value() {
        Some((name, _)) => bail!("{name} is missing"),
        None => Ok(()),
    }
}

/// The list of parts, from the first entry.
fn parts_in(first: tar::Entry<'_, impl Read>) -> Result<BTreeMap<String, Hash>> {
    if first.path()? != Path::new(MARK) {
        bail!("it is no backup of Fairseat");
    }
    let mark = std::io::read_to_string(first.take(MAX_MARK))?;
    let mut lines = mark.lines();
    if lines.next() != Some(FORMAT) {
        bail!("it was written by another release");
    }
    let part = |line: &str| {
        let (hash, name) = line.split_once(' ')?;
        Some((name.to_owned(), Hash::from_hex(hash).ok()?))
    };
    let parts: Option<BTreeMap<_, _>> = lines.map(part).collect();
    let parts = parts.context("its list of parts is damaged")?;
    if parts.contains_key(STORE_FILE) { Ok(parts) } else { bail!("{STORE_FILE} is missing") }
}

/// Accepts only the names of known parts, so that a malicious archive cannot write anywhere else.
fn known_part(path: &Path) -> Result<PathBuf> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let known = match parts.as_slice() {
        [Component::Normal(name)] => databases().any(|known| **name == *known),
        [Component::Normal(folder), _] => *folder == KEYS,
        _ => false,
    };
    if plain && known {
        Ok(path.to_owned())
    } else {
        bail!("it contains the unknown file {}", path.display())
    }
}

/// Writes a part durably; returns its hash.
fn write_part(entry: &mut impl Read, path: &Path) -> Result<Hash> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    std::io::copy(entry, &mut &file).context("it is damaged")?;
    file.sync_all()?;
    Ok(blake3::Hasher::new().update_reader(File::open(path)?)?.finalize())
}

/// Verifies the journal, and drops the views, which may be ahead of it; the server rebuilds them. Messages about orders that the journal
/// does not have are dropped as well: the next order gets the same number, and its message would be mistaken for a duplicate.
async fn check(folder: &Path) -> Result<()> {
    let mut journal = None;
    if SqliteJournal::exists(folder) {
        let dir = folder.to_owned();
        let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(&dir)).await?;
        journal = Some(opened.context("the backup's journal is damaged")?);
    }
    let store = Store::open(folder.join(STORE_FILE)).await.context("the backup's store cannot be opened")?;
    store.views().clear_all().await.context("the backup's views cannot be dropped")?;
    let forgotten = forget_messages(&store, journal.as_ref()).await;
    forgotten.context("the backup's messages cannot be dropped")?;
    if let Some(journal) = journal {
        // The rows of events may be ahead of their sales as well, so every consumer starts from the beginning.
        drop(journal);
        let dir = folder.to_owned();
        let forgotten = tokio::task::spawn_blocking(move || SqliteJournal::forget_cursors(&dir)).await?;
        forgotten.context("the backup's journal cannot be prepared")?;
    }
    Ok(())
}

/// Marks the messages of all facts in the journal as sent, so that restoring sends none of them again.
async fn forget_messages(store: &Store, journal: Option<&SqliteJournal>) -> Result<()> {
    let outbox = store.outbox();
    for event in outbox.events().await? {
        let version = match journal {
            Some(journal) => journal.head(stream_of(event)).await?.position.0,
            None => 0,
        };
        outbox.forget_after(event, version).await?;
    }
    Ok(())
}
