//! The running application: opens journal, engine, store and payment provider in the right order.

use crate::access::{Access, PasswordCost};
use crate::catalogue::{EventInfos, EventLocks};
use crate::database_server::DatabaseServer;
use crate::hold_refusals::HoldRefusals;
use crate::ids::PublicIds;
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::tickets::drawing::Drawings;
use anyhow::{Context as _, Result, anyhow};
use fairseat_bus::Bus;
use fairseat_domain::Command;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;
use fairseat_engine::{
    Clock as _, Doorbell, EffectRunner, Engine, EngineOptions, Fault, Homes, PaymentRef, Published,
    SaleHandle, SystemClock,
};
use fairseat_journal::{Journal, Position, SqliteJournal};
use fairseat_payments::{PaymentProvider, ProviderKind, ProviderOptions};
use fairseat_store::audit::AuditEntry;
use fairseat_store::{Observer, OrganizationId, STORE_FILE, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// What an application is opened with.
#[derive(Debug)]
pub struct AppOptions {
    /// The data folder, which this process has locked unless there is a database server.
    pub data_dir: PathBuf,
    /// The database server with journal and store; `None` when they are files in the data folder.
    pub database: Option<DatabaseServer>,
    /// The installation's secrets.
    pub keys: Keys,
    /// The address at which buyers reach the server.
    pub base_url: String,
    /// The kind of payment provider.
    pub payments: ProviderKind,
    /// The cost of hashing a password.
    pub password_cost: PasswordCost,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The memory in bytes above which sales fall asleep to make room for others.
    pub sales_memory: usize,
    /// Which of several nodes serves a sale, if they know each other.
    pub homes: Option<Arc<dyn Homes>>,
    /// Tells other nodes what this one appended; `None` when they only ask from time to time.
    pub doorbell: Option<Arc<dyn Doorbell>>,
    /// How often this node asks what others appended to the sales that are awake here.
    pub read_every: Duration,
    /// The message bus; `None` without a broker.
    pub bus: Option<Arc<Bus>>,
}

/// The running application.
#[derive(Debug)]
pub struct App {
    /// The address at which buyers reach the server, without a slash at the end.
    pub base_url: String,
    /// The installation's secrets.
    pub keys: Keys,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// The journal: the source of truth for every sale.
    pub journal: Arc<dyn Journal>,
    /// The engine that runs the sales.
    pub engine: Engine,
    /// Carries out the payment provider calls that sales request.
    pub effects: Arc<EffectRunner>,
    /// The payment provider.
    pub provider: Arc<dyn PaymentProvider>,
    /// Accounts, catalogue, views.
    pub store: Store,
    /// Converts between public ids and local numbers.
    pub ids: PublicIds,
    /// Locks for changing events.
    pub event_locks: EventLocks,
    /// The catalogue's description of events, cached.
    pub event_infos: EventInfos,
    /// Draws tickets.
    pub drawings: Drawings,
    /// Requests that the limits on hoarding refused.
    pub hold_refusals: HoldRefusals,
    /// Passwords, tokens, sessions, roles.
    pub access: Access,
    /// Whether no other process uses the same journal and store.
    pub is_alone: bool,
    /// How often this node asks what others appended to the sales that are awake here.
    pub read_every: Duration,
    /// The message bus; `None` without a broker.
    pub bus: Option<Arc<Bus>>,
}

/// How long a reader waits for the views of a sale.
const WAIT_FOR_VIEWS: Duration = Duration::from_secs(2);
/// How often it looks.
const LOOK_AT_VIEWS: Duration = Duration::from_millis(10);

impl App {
    /// Waits until the views show this version of a sale, but not for long: if they do not follow, an older list is better than none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn wait_for_views(&self, event: EventNumber, position: Position) -> Result<(), StoreError> {
        let end = Instant::now() + WAIT_FOR_VIEWS;
        while self.store.views().checkpoint(event).await? < position.0 && Instant::now() < end {
            tokio::time::sleep(LOOK_AT_VIEWS).await;
        }
        Ok(())
    }

    /// Opens everything in the data folder.
    ///
    /// # Errors
    /// When a file cannot be opened, or the journal finds that it lost or damaged something.
    pub async fn open(options: AppOptions) -> Result<Arc<Self>> {
        let AppOptions {
            data_dir,
            database,
            keys,
            base_url,
            payments,
            password_cost,
            metrics,
            sales_memory,
            homes,
            doorbell,
            read_every,
            bus,
        } = options;
        let base_url = base_url.trim_end_matches('/').to_owned();
        let access = Access::new(&keys, password_cost).context("the cost of passwords is out of range")?;
        let observer = metrics.clone();
        let observer: Observer = Arc::new(move |name, took| observer.query(name, took));
        // Only a data folder has one process alone. On a server there may be others, now or later.
        let is_alone = database.is_none();
        let (journal, store) = match &database {
            None => open_files(&data_dir, observer).await?,
            Some(server) => server.open(observer).await?,
        };
        let ids = PublicIds::new(keys.ids.expose());
        let options = EngineOptions {
            writer: random_writer()?,
            awake_bytes: sales_memory,
            shared: !is_alone,
            homes,
            doorbell,
            ..EngineOptions::default()
        };
        let engine = Engine::new(journal.clone(), Arc::new(SystemClock), options);
        let event_infos = EventInfos::new(store.clone(), metrics.clone());
        let provider = open_provider(payments, (&data_dir, &store), &keys, &ids, &base_url)?;
        let effects = EffectRunner::new(engine.clone(), provider.clone(), is_alone);
        Ok(Arc::new(Self {
            base_url,
            keys,
            metrics,
            journal,
            engine,
            effects,
            provider,
            store,
            ids,
            event_locks: EventLocks::default(),
            event_infos,
            drawings: Drawings::default(),
            hold_refusals: HoldRefusals::default(),
            access,
            is_alone,
            read_every,
            bus,
        }))
    }

    /// The time now, for everything a request does.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    /// An entry of the audit trail about what somebody does now to an object of an organization, without details.
    #[must_use]
    pub fn audit_entry(
        &self,
        actor: AccountId,
        organization: OrganizationId,
        action: &str,
        object: String,
    ) -> AuditEntry {
        AuditEntry {
            dedupe_key: format!("{action}:{}", Uuid::new_v4()),
            organization,
            at: self.now(),
            actor,
            action: action.to_owned(),
            event: None,
            object,
            detail: "{}".to_owned(),
        }
    }

    /// A sale as of now: everything that is due is decided first.
    ///
    /// # Errors
    /// When the sale cannot be opened, or what fell due cannot be made durable.
    pub async fn sale_now(&self, event: EventNumber) -> Result<Arc<Published>, Fault> {
        self.as_of_now(&*self.engine.sale(event).await?).await
    }

    /// As [`Self::sale_now`], for a caller that already has the sale.
    ///
    /// # Errors
    /// When what fell due cannot be made durable.
    pub async fn as_of_now(&self, sale: &SaleHandle) -> Result<Arc<Published>, Fault> {
        let published = sale.published();
        // A command makes the sale read what other nodes appended before it.
        if self.is_alone && published.state.next_due().is_none_or(|due| due > self.now()) {
            return Ok(published);
        }
        Ok(self.engine.submit_system(sale.number(), Command::Tick).await?.published)
    }
}

async fn open_files(folder: &Path, observer: Observer) -> Result<(Arc<dyn Journal>, Store)> {
    let (owned, store_file) = (folder.to_owned(), folder.join(STORE_FILE));
    let opened = tokio::task::spawn_blocking(move || SqliteJournal::open(&owned)).await?;
    let journal = Arc::new(opened.context("the journal cannot be opened")?);
    let store = Store::open_observed(&store_file, observer)
        .await
        .with_context(|| format!("{} cannot be opened", store_file.display()))?;
    Ok((journal, store))
}

fn open_provider(
    kind: ProviderKind,
    (data_dir, store): (&Path, &Store),
    keys: &Keys,
    ids: &PublicIds,
    base_url: &str,
) -> Result<Arc<dyn PaymentProvider>> {
    let (sealing, opening, base) = (ids.clone(), ids.clone(), base_url.to_owned());
    let name = kind.name();
    let options = ProviderOptions {
        data_dir,
        store,
        key: *keys.provider(kind).context("the payment provider has no key")?.expose(),
        action_url: Arc::new(move |reference: PaymentRef| {
            format!("{base}/{name}/payments/{}", sealing.payment(reference))
        }),
        open_payment_id: Arc::new(move |id| opening.open_payment(id)),
    };
    kind.open(options).map_err(|error| anyhow!(error))
}

fn random_writer() -> Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    Ok(u64::from_le_bytes(bytes))
}
