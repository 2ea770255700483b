//! One file with everything: journal, catalogue, keys, the sandbox's books. Written while a server runs or not.
//!
//! What must always hold: the journal is copied first, so that nothing the catalogue copy knows of a sale's views is
//! trusted afterwards (restoring drops and rebuilds the views); the file is complete or not there; only its owner can read
//! it. The format is a tar archive, so that any system can look into it.

use crate::platform::{SANDBOX_FILE, STORE_FILE};
use anyhow::{Context as _, Result, bail};
use fairseat_journal::{Journal as _, SqliteJournal};
use fairseat_store::Store;
use rusqlite::Connection;
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

/// Name of the journal's copy within a backup: the journal's own name.
const JOURNAL_FILE: &str = "journal.db";
/// Folder of the keys.
const KEYS: &str = "keys";
/// Says what the file is; first in the archive.
const MARK: &str = "fairseat-backup";
const FORMAT: &str = "1\n";

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
    let beside = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let copies = tempfile::Builder::new().prefix(".fairseat-backup-").tempdir_in(beside);
    let copies = copies.with_context(|| format!("cannot write to {}", beside.display()))?;
    copy_parts(data_dir, copies.path()).await?;
    let archive = copies.path().join("archive.tar");
    pack(data_dir, copies.path(), &archive)?;
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
    let sandbox = data_dir.join(SANDBOX_FILE);
    if sandbox.exists() {
        let copied = Connection::open(sandbox)
            .and_then(|books| books.execute("VACUUM INTO ?1", [to.join(SANDBOX_FILE).to_string_lossy()]));
        copied.context("the sandbox's books cannot be copied")?;
    }
    Ok(())
}

fn pack(data_dir: &Path, copies: &Path, archive: &Path) -> Result<()> {
    let file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(archive)?;
    let mut tar = tar::Builder::new(BufWriter::new(file));
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(FORMAT.len())?);
    header.set_mode(0o600);
    tar.append_data(&mut header, MARK, FORMAT.as_bytes())?;
    for name in [JOURNAL_FILE, STORE_FILE, SANDBOX_FILE] {
        if copies.join(name).exists() {
            tar.append_path_with_name(copies.join(name), name)?;
        }
    }
    tar.append_dir_all(KEYS, data_dir.join(KEYS)).context("the keys cannot be read")?;
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
    unpack(archive, unpacked.path())
        .with_context(|| format!("{} is no backup of Fairseat", file.display()))?;
    check(unpacked.path()).await?;
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
    let mut marked = false;
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if !marked && path != Path::new(MARK) {
            bail!("it begins with something else");
        }
        if path == Path::new(MARK) {
            marked = std::io::read_to_string(&mut entry)? == FORMAT;
            if !marked {
                bail!("it was written by a newer release");
            }
        } else if entry.header().entry_type().is_file() {
            write_part(&mut entry, &to.join(known_part(&path)?))?;
        } else if !entry.header().entry_type().is_dir() {
            bail!("it contains a link");
        }
    }
    if marked { Ok(()) } else { bail!("it is empty") }
}

/// Only parts that a backup has, so that an archive made by somebody else can write nothing elsewhere.
fn known_part(path: &Path) -> Result<PathBuf> {
    let parts: Vec<Component<'_>> = path.components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    let known = match parts.as_slice() {
        [Component::Normal(name)] => {
            [JOURNAL_FILE, STORE_FILE, SANDBOX_FILE].iter().any(|known| name == known)
        }
        [Component::Normal(folder), _] => *folder == KEYS,
        _ => false,
    };
    if plain && known { Ok(path.to_owned()) } else { bail!("it contains {}", path.display()) }
}

fn write_part(entry: &mut impl std::io::Read, path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    std::io::copy(entry, &mut file)?;
    file.sync_all()?;
    Ok(())
}

/// The journal is verified whole, and the views, which may be ahead of it, are dropped: the server rebuilds them.
async fn check(folder: &Path) -> Result<()> {
    if SqliteJournal::exists(folder) {
        let dir = folder.to_owned();
        let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(&dir).map(drop)).await?;
        opened.context("the backup's journal is damaged")?;
    }
    let store = Store::open(folder.join(STORE_FILE)).await.context("the backup's store cannot be opened")?;
    store.views().clear_all().await.context("the backup's views cannot be dropped")
}
