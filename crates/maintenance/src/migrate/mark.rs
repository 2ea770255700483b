//! The mark of a data folder whose venue is being moved, or was moved, into a database: a file whose first line has the state and the id of the
//! move. Programs that would write to the folder's journal or store refuse a folder with it.

use anyhow::{Context as _, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// What the mark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// There is none.
    None,
    /// The move with this id has begun.
    Begun(String),
    /// The move with this id has ended: the folder is older than the database.
    Moved(String),
}

impl Mark {
    /// The name of the file in the data folder.
    pub const FILE: &str = "moved-to-database";
}

/// For people who open the file.
const EXPLANATION: &str = "
The venue of this data folder is being moved into a PostgreSQL database (begun), or was moved there (moved): `fairseat migrate`.
With this file here, no program sells from this folder. docs/operations.md, \"From one machine to many\", says what it means to remove it.
";

/// Reads the mark of a folder.
///
/// # Errors
/// When the file cannot be read, or has another form.
pub fn read(folder: &Path) -> Result<Mark> {
    let path = folder.join(Mark::FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Mark::None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    match text.lines().next().and_then(|line| line.split_once(' ')) {
        Some(("begun", id)) => Ok(Mark::Begun(id.to_owned())),
        Some(("moved", id)) => Ok(Mark::Moved(id.to_owned())),
        _ => bail!("{} is damaged: its first line must be begun or moved, and an id", path.display()),
    }
}

/// Replaces the mark of a folder, durably.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn write(folder: &Path, mark: &Mark) -> Result<()> {
    let line = match mark {
        Mark::None => return Ok(()),
        Mark::Begun(id) => format!("begun {id}\n"),
        Mark::Moved(id) => format!("moved {id}\n"),
    };
    let (path, temporary) = (folder.join(Mark::FILE), folder.join(format!(".{}", Mark::FILE)));
    let write = || {
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
        file.write_all(line.as_bytes())?;
        file.write_all(EXPLANATION.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &path)?;
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Refuses a folder that is being moved or was moved.
///
/// # Errors
/// One sentence that says what to do instead.
pub fn refuse(folder: &Path) -> Result<()> {
    let shown = folder.display();
    match read(folder)? {
        Mark::None => Ok(()),
        Mark::Begun(_) => bail!(
            "the data folder {shown} is being moved into a database, and not all of it is there: run `fairseat migrate` again, which goes on \
             where it was interrupted; or give the move up by removing {shown}/{}, and use an empty database for the next one",
            Mark::FILE
        ),
        Mark::Moved(_) => bail!(
            "the data folder {shown} was moved into a database: serve that with --database. What the folder has is older; the way back is in \
             docs/operations.md, From one machine to many"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, read, refuse, write};

    #[test]
    fn a_mark_is_read_as_it_was_written_and_refuses() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), Mark::None);
        refuse(folder.path()).unwrap();
        for (mark, said) in [
            (Mark::Begun("5f".to_owned()), "run `fairseat migrate` again"),
            (Mark::Moved("5f".to_owned()), "serve that with --database"),
        ] {
            write(folder.path(), &mark).unwrap();
            assert_eq!(read(folder.path()).unwrap(), mark);
            let refused = refuse(folder.path()).unwrap_err().to_string();
            assert!(refused.contains(said) && !refused.contains('\n'), "{refused}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        std::fs::write(folder.path().join(Mark::FILE), "").unwrap();
        assert!(refuse(folder.path()).unwrap_err().to_string().contains("is damaged"));
    }
}
