//! The data folder: only its owner can read it, and one server at a time locks it.

use anyhow::{Context, Result, bail};
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The lock on the data folder: no other server can use it until this is dropped.
#[derive(Debug)]
pub struct ServedDataDir {
    path: PathBuf,
    _lock: File,
}

/// Makes the folder and its parents if they are missing. Only its owner can read a new one.
///
/// # Errors
/// When it cannot be made, is a file, or cannot be written to.
pub fn create(path: &Path) -> Result<()> {
    let shown = path.display();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create the data folder {shown}: choose another with --data-dir"))?;
    let probe = path.join(format!(".probe-{}", std::process::id()));
    let written = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&probe);
    written.with_context(|| {
        format!("cannot write to the data folder {shown}: check its owner and permissions")
    })?;
    fs::remove_file(&probe).with_context(|| format!("cannot remove a file in the data folder {shown}"))
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
    use std::os::unix::fs::PermissionsExt;

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
    fn an_unusable_folder_is_reported_with_advice() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = ServedDataDir::take(&file).unwrap_err().to_string();
        assert!(refused.ends_with("choose another with --data-dir"), "{refused}");
    }
}
