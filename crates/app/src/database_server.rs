//! The database server that journal and store are on, when one machine is not enough.
//!
//! What must always hold: programs with different keys never use the same database, because what one of them seals the other cannot open.

use crate::data_dir;
use crate::keys::Keys;
use anyhow::{Context as _, Result, bail};
use fairseat_journal::{Journal, PostgresJournal, PostgresOptions, STREAM_TABLE};
pub use fairseat_store::MAX_SHARDS;
use fairseat_store::{Demands, Observer, Store};
use std::path::Path;
use std::sync::Arc;

/// The connection string of a database: `postgres://…` or `host=… user=… dbname=…`. It may contain a password, so its Debug output does not show
/// it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The text, with the password.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for DatabaseUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    /// Takes every text: what is wrong with it is said without repeating it, when the database is opened.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl(secret)")
    }
}

/// A PostgreSQL database, and what is demanded of its server.
#[derive(Clone)]
pub struct DatabaseServer {
    /// The connection string: `postgres://…` or `host=… user=… dbname=…`. It may contain a password, and may name several hosts.
    pub url: String,
    /// The connection strings of read replicas.
    pub replicas: Vec<String>,
    /// Whether commits must wait for a standby.
    pub require_standby: bool,
    /// Whether a server is accepted that may lose commits in a crash. For tests only.
    pub allow_unsafe_server: bool,
}

impl std::fmt::Debug for DatabaseServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseServer(secret)")
    }
}

impl DatabaseServer {
    fn options(&self) -> PostgresOptions {
        PostgresOptions {
            require_standby: self.require_standby,
            allow_unsafe_server: self.allow_unsafe_server,
            ..PostgresOptions::default()
        }
    }

    fn demands(&self) -> Demands {
        Demands { require_standby: self.require_standby, allow_unsafe_server: self.allow_unsafe_server }
    }

    /// Makes the tables and functions of journal and store, or brings them to the newest version.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn prepare(&self) -> Result<()> {
        PostgresJournal::prepare(&self.url, self.options()).await?;
        Store::prepare_postgres(&self.url).await.context("the store's tables cannot be made")?;
        // In a distributed database, what this version has added is distributed as well.
        match PostgresJournal::shards(&self.url).await? {
            Some(shards) => self.distribute(shards).await,
            None => Ok(()),
        }
    }

    /// Distributes journal and store, which must be prepared, over the workers of Citus. Nobody may use the database meanwhile.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn distribute(&self, shards: u32) -> Result<()> {
        PostgresJournal::distribute(&self.url, shards).await?;
        Ok(Store::distribute_postgres(&self.url, shards, STREAM_TABLE).await?)
    }

    /// The keys in the data folder, which are made if nobody has used the database yet.
    ///
    /// # Errors
    /// When the database is used with other keys, or cannot be reached.
    pub async fn keys(&self, folder: &Path) -> Result<Keys> {
        let store = self.store(Arc::new(|_, _| {})).await?;
        let known = store.installation_keys().await?;
        let shown = folder.display();
        if known.is_some() && !Keys::exist(folder) {
            bail!(
                "the database is used with keys that are not in {shown}: copy the folder keys there from a machine that uses it"
            );
        }
        data_dir::create(folder)?;
        let keys = Keys::load_or_create(folder)?;
        if store.claim_installation(keys.fingerprint()).await? != keys.fingerprint() {
            bail!(
                "the database is used with other keys than those in {shown}: copy the folder keys there from a machine that uses it, or choose \
                 another database"
            );
        }
        Ok(keys)
    }

    /// Opens journal and store.
    pub(crate) async fn open(&self, observer: Observer) -> Result<(Arc<dyn Journal>, Store)> {
        let store = Store::open_replicated(&self.url, &self.replicas, self.demands(), observer).await;
        Ok((Arc::new(self.journal().await?), store.context("the store cannot be opened")?))
    }

    /// The server at this address, for a command that only reads, or that can be repeated after a crash.
    #[must_use]
    pub fn for_command(url: &DatabaseUrl) -> Self {
        let (url, replicas) = (url.expose().to_owned(), Vec::new());
        Self { url, replicas, require_standby: false, allow_unsafe_server: true }
    }

    /// Opens the journal.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn journal(&self) -> Result<PostgresJournal> {
        Ok(PostgresJournal::open(&self.url, self.options()).await?)
    }

    /// Opens the store.
    ///
    /// # Errors
    /// When it is not prepared, or the server cannot be reached.
    pub async fn store(&self, observer: Observer) -> Result<Store> {
        Store::open_postgres(&self.url, self.demands(), observer).await.context("the store cannot be opened")
    }
}
