//! A database of its own for one test.

use crate::server::PostgresServer;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names a server that runs already, as a connection string without a database: `./test.sh` starts one for all tests.
const VARIABLE: &str = "TEST_POSTGRES";

/// Settings of a server that forgets everything with the test.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=300",
    "max_pred_locks_per_transaction=256",
    "jit=off",
];

/// The server that this process started. Its watchdog ends it with the process.
static OURS: Mutex<Option<PostgresServer>> = Mutex::new(None);

/// An empty database, on the server that `TEST_POSTGRES` names, or on one that this process starts. It stays on the server after the test, which
/// ends with all tests.
#[derive(Clone, Debug)]
pub struct TestDatabase {
    url: String,
}

impl TestDatabase {
    /// Makes one, starting a server if necessary.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start or answer.
    pub fn create() -> io::Result<Self> {
        let given = std::env::var(VARIABLE).ok().filter(|given| !given.is_empty());
        let at = match given {
            Some(given) => given,
            None => our_server()?,
        };
        let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let name = format!("test_{}_{nanoseconds}", std::process::id());
        crate::installation::create_database(&at, &name)?;
        Ok(Self { url: format!("{at} dbname={name}") })
    }

    /// Its connection string.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Runs SQL as somebody would who has access to the database; returns what `psql` prints, without headers.
    ///
    /// # Errors
    /// When the server refuses it.
    pub fn by_hand(&self, text: &str) -> io::Result<String> {
        crate::installation::psql(&self.url, text)
    }
}

fn our_server() -> io::Result<String> {
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    let server = match ours.take() {
        Some(running) => running,
        None => PostgresServer::start(SETTINGS)?,
    };
    Ok(ours.insert(server).address())
}
