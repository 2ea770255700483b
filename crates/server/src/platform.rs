//! The parts that hold the data, opened together in the right order: journal, store, payment provider, engine.

use crate::catalogue::EventLocks;
use crate::config::{Payments, Settings};
use crate::follower::Follower;
use crate::keys::Keys;
use crate::payments::sandbox::{ActionUrl, Sandbox};
use crate::public_ids::PublicIds;
use crate::telemetry::metrics::Metrics;
use anyhow::{Context as _, Result};
use fairseat_engine::{Effects, Engine, EngineOptions, PaymentRef, SystemClock};
use fairseat_journal::{Journal, SqliteJournal};
use fairseat_store::Store;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// File of the store within the data folder.
pub const STORE_FILE: &str = "store.db";
/// File of the sandbox provider's books within the data folder.
pub const SANDBOX_FILE: &str = "sandbox.db";

/// How often sleeping sales are asked whether their deadline has come.
const WAKE_EVERY: Duration = Duration::from_millis(500);

/// The running parts of one installation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The truth of every sale.
    pub journal: Arc<dyn Journal>,
    /// The sales.
    pub engine: Engine,
    /// What the sales ask of the payment provider.
    pub effects: Arc<Effects>,
    /// The sandbox provider, where it is the one in use.
    pub sandbox: Option<Sandbox>,
    /// Accounts, catalogue, views.
    pub store: Store,
    /// Ids as the outside sees them.
    pub ids: PublicIds,
    /// Who is changing which event.
    pub event_locks: Arc<EventLocks>,
}

impl Platform {
    /// Opens everything in the data folder, which this process has locked.
    ///
    /// # Errors
    /// When a file cannot be opened, or the journal finds that it lost or damaged something.
    pub async fn open(
        settings: &Settings,
        keys: &Keys,
        metrics: &Arc<Metrics>,
        base_url: &str,
    ) -> Result<Self> {
        let folder = settings.data_dir.clone();
        let journal: Arc<dyn Journal> = Arc::new(open_journal(&folder).await?);
        let store_file = folder.join(STORE_FILE);
        let observer = metrics.clone();
        let store = Store::open_observed(&store_file, Arc::new(move |name, took| observer.query(name, took)))
            .await
            .with_context(|| format!("{} cannot be opened", store_file.display()))?;
        let ids = PublicIds::new(keys.ids.expose());
        let options = EngineOptions { writer: random_writer()?, ..EngineOptions::default() };
        let engine = Engine::new(journal.clone(), Arc::new(SystemClock), options);
        let sandbox = match settings.payments {
            Payments::Sandbox => open_sandbox(&folder, &ids, base_url)?,
        };
        let effects = Effects::new(engine.clone(), Arc::new(sandbox.clone()), true);
        Ok(Self { journal, engine, effects, sandbox: Some(sandbox), store, ids, event_locks: Arc::default() })
    }

    /// Sets everything going that works by itself: views, effects of sales, and waking those whose deadline comes.
    pub fn start(&self, metrics: &Arc<Metrics>) {
        tokio::spawn(Follower::new(self.clone(), metrics.clone()).run());
        tokio::spawn(self.effects.clone().run());
        tokio::spawn(self.engine.clone().run_waker(WAKE_EVERY));
    }
}

async fn open_journal(folder: &Path) -> Result<SqliteJournal> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(&folder)).await?;
    opened.context("the journal cannot be opened")
}

fn open_sandbox(folder: &Path, ids: &PublicIds, base_url: &str) -> Result<Sandbox> {
    let (ids, base) = (ids.clone(), base_url.trim_end_matches('/').to_owned());
    let url: ActionUrl =
        Arc::new(move |reference: PaymentRef| format!("{base}/sandbox/payments/{}", ids.payment(reference)));
    Sandbox::open(&folder.join(SANDBOX_FILE), url).context("the sandbox's books cannot be opened")
}

fn random_writer() -> Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(u64::from_le_bytes(bytes))
}
