//! The data folder: only its owner can read it, and one server at a time locks it.
//!
//! What must always hold once it is in use: neither the folder nor a file in it can be read or written by other users. The program's mask of
//! file rights (`fairseat_server::cli::run`) ensures this for new files, [`narrow`] for those that were there before.

use anyhow::{Context, Result, bail};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The rights of everybody but the owner.
const OTHERS: u32 = 0o077;

/// The lock on the data folder: no other server can use it until this is dropped.
#[derive(Debug)]
pub struct ServedDataDir {
    path: PathBuf,
    _lock: File,
}

/// Makes the folder and its parents if they are missing, and takes from a folder that is there the rights that other users have.
///
/// # Errors
/// When it cannot be made, is a file, cannot be written to, or other users can read it and this cannot be changed.
pub fn create(path: &Path) -> Result<()> {
    let shown = path.display();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create the data folder {shown}: choose another with --data-dir"))?;
    narrow(path)?;
    let probe = path.join(format!(".probe-{}", std::process::id()));
    let written = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&probe);
    written.with_context(|| {
        format!("cannot write to the data folder {shown}: check its owner and permissions")
    })?;
    fs::remove_file(&probe).with_context(|| format!("cannot remove a file in the data folder {shown}"))
}

/// Takes from a data folder, from its folders and from their files all rights that other users have.
///
/// # Errors
/// When the rights cannot be read, or belong to somebody else and so cannot be changed.
pub fn narrow(folder: &Path) -> Result<()> {
    narrow_one(folder)?;
    let listed =
        fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in listed {
        let entry = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // A link's own rights mean nothing, and what it leads to may belong to another program.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_folder {
            narrow(&entry.path())?;
        } else if is_file {
            narrow_one(&entry.path())?;
        }
    }
    Ok(())
}

fn narrow_one(path: &Path) -> Result<()> {
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o7777,
        // Another process of this installation has removed a temporary file.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read the rights of {}", path.display()));
        }
    };
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let narrowed = fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS));
    narrowed.with_context(|| {
        let shown = path.display();
        format!("{shown} has the rights {mode:03o}, so other users can read or change it, and this cannot be changed: run as its owner, or chmod go= {shown}")
    })?;
    tracing::warn!(path = %path.display(), from = %format!("{mode:03o}"), "other users had rights to this: they were taken away");
    Ok(())
}

impl ServedDataDir {
    /// Locks the folder for this server; makes it if it is missing.
    ///
    /// # Errors
    /// As [`create`]; and when another server has it.
    pub fn take(path: &Path) -> Result<Self> {
        create(path)?;
        let lock = path.join("server.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock);
        let file = file.with_context(|| format!("cannot open {}", lock.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another fairseat server uses the data folder {}: stop it first, or choose another with --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", lock.display()))
            }
        }
    }

    /// The path of the folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let first = ServedDataDir::take(&path).unwrap();
        assert_eq!(fs::metadata(first.path()).unwrap().permissions().mode() & 0o777, 0o700);
        let refused = ServedDataDir::take(&path).unwrap_err().to_string();
        assert!(refused.starts_with("another fairseat server uses the data folder"), "{refused}");
        drop(first);
        assert!(ServedDataDir::take(&path).is_ok());
    }

    #[test]
    fn rights_of_others_are_taken_away_from_all_that_was_there() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        fs::create_dir_all(path.join("keys")).unwrap();
        fs::write(parent.path().join("beside"), "").unwrap();
        std::os::unix::fs::symlink(parent.path().join("beside"), path.join("link")).unwrap();
        for (name, mode) in
            [("keys/ids", 0o644), ("store.db", 0o660), ("", 0o755), ("keys", 0o711), ("../beside", 0o644)]
        {
            if mode & 0o111 == 0 {
                fs::write(path.join(name), "").unwrap();
            }
            fs::set_permissions(path.join(name), Permissions::from_mode(mode)).unwrap();
        }
        drop(ServedDataDir::take(&path).unwrap());
        let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(["", "keys"].map(mode), [0o700, 0o700]);
        assert_eq!(["keys/ids", "store.db", "server.lock"].map(mode), [0o600, 0o600, 0o600]);
        assert_eq!(mode("../beside"), 0o644, "what a link leads to is not ours");
    }

    #[test]
    fn an_unusable_folder_is_reported_with_advice() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = ServedDataDir::take(&file).unwrap_err().to_string();
        assert!(refused.ends_with("choose another with --data-dir"), "{refused}");
    }
}
