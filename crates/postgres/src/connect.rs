//! New connections: which server, TLS, and what is checked before a connection is used.
//!
//! Always true of a connection that is handed out, unless it is to a read replica: its server accepts writes, is on the newest timeline that any
//! connection has seen, and is durable; and a standby, if commits wait for one, has everything that was visible when it connected.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::error::Severity;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Socket, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::Demands;
use crate::error::{ServerError, describe};
use crate::url;

/// A server that does not answer for this long counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Sent data that is not acknowledged for this long ends the connection.
const TCP_TIMEOUT: Duration = Duration::from_secs(10);

/// An idle connection is probed after this long, so that a server that vanished is noticed.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(15);
/// Prepared statements that a connection keeps; then all are prepared anew.
const MAX_STATEMENTS: usize = 1_000;
/// No statement waits longer for a lock. Without the bound, every repeat of an append whose commit waits for an absent standby
/// would occupy one more connection of the server.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";

/// An open connection.
#[derive(Debug)]
pub struct Connection {
    /// The client.
    pub client: Client,
    pub(crate) timeline: u32,
    warned: Arc<AtomicBool>,
    prepared: Mutex<BTreeMap<String, Statement>>,
}

impl Connection {
    /// Whether the server sent a warning since the last call.
    pub fn take_warning(&self) -> bool {
        self.warned.swap(false, Ordering::Relaxed)
    }

    /// Prepares a statement, once for each connection.
    ///
    /// # Errors
    /// When the server refuses it, or the connection broke.
    pub async fn prepare(&self, text: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(prepared) = self.prepared().get(text) {
            return Ok(prepared.clone());
        }
        let statement = self.client.prepare(text).await?;
        let mut prepared = self.prepared();
        if prepared.len() >= MAX_STATEMENTS {
            prepared.clear();
        }
        prepared.insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    fn prepared(&self) -> MutexGuard<'_, BTreeMap<String, Statement>> {
        // No code panics while it holds the lock, so a poisoned lock guards consistent data.
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens connections to the servers of a connection string.
#[derive(Debug)]
pub struct Connector {
    servers: Vec<Config>,
    /// The server that was connected to last, which is tried first.
    preferred: AtomicUsize,
    /// The newest timeline that any connection has seen. A promotion begins a new one.
    newest_timeline: AtomicU32,
    tls: TlsSettings,
    /// `None` for a read replica, of which nothing is demanded.
    demands: Option<Demands>,
}

/// Why another server must be tried, or this one later.
fn unusable(reason: &str) -> ServerError {
    ServerError::Unreachable(reason.to_owned())
}

pub(crate) fn failed(error: &tokio_postgres::Error) -> ServerError {
    ServerError::Unreachable(describe(error))
}

impl Connector {
    /// For the servers of a connection string, which may name several.
    ///
    /// # Errors
    /// [`ServerError::BadUrl`].
    pub fn new(url: &str, demands: Demands) -> Result<Self, ServerError> {
        Self::with(url, Some(demands))
    }

    /// For a server that is only read from, and may be a standby.
    ///
    /// # Errors
    /// [`ServerError::BadUrl`].
    pub fn for_replica(url: &str) -> Result<Self, ServerError> {
        Self::with(url, None)
    }

    fn with(url: &str, demands: Option<Demands>) -> Result<Self, ServerError> {
        let config = url::parse(url)?;
        let servers = one_by_one(&config)?;
        let tls = TlsSettings::new(&servers)?;
        let (preferred, newest_timeline) = (AtomicUsize::new(0), AtomicU32::new(0));
        Ok(Self { servers, preferred, newest_timeline, tls, demands })
    }

    /// The hosts and ports of its servers.
    #[must_use]
    pub fn name(&self) -> String {
        self.servers.iter().map(name).collect::<Vec<_>>().join(",")
    }

    /// Whether a promotion has made the connection's server an old one.
    pub(crate) fn is_outdated(&self, connection: &Connection) -> bool {
        connection.timeline < self.newest_timeline.load(Ordering::Relaxed)
    }

    /// Connects to the first server that is usable, and runs `setup` there.
    ///
    /// # Errors
    /// [`ServerError`].
    pub async fn connect(&self, setup: &str) -> Result<Connection, ServerError> {
        let first = self.preferred.load(Ordering::Relaxed);
        let mut reasons = Vec::new();
        for at in (0..self.servers.len()).map(|at| (first + at) % self.servers.len()) {
            let Some(server) = self.servers.get(at) else { continue };
            let tried = tokio::time::timeout(PATIENCE, self.connect_to(server, setup)).await;
            match tried.unwrap_or_else(|_elapsed| Err(unusable("it does not answer"))) {
                Ok(connection) => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return Ok(connection);
                }
                Err(ServerError::Unreachable(reason)) => reasons.push(format!("{}: {reason}", name(server))),
                Err(misconfigured) => return Err(misconfigured),
            }
        }
        Err(ServerError::Unreachable(reasons.join("; ")))
    }

    async fn connect_to(&self, server: &Config, setup: &str) -> Result<Connection, ServerError> {
        let warned = Arc::new(AtomicBool::new(false));
        let client = self.tls.connect(server, &warned).await.map_err(|error| failed(&error))?;
        let Some(demands) = &self.demands else {
            client.batch_execute(setup).await.map_err(|error| failed(&error))?;
            return Ok(Connection { client, timeline: 0, warned, prepared: Mutex::default() });
        };
        let timeline = check(&client, demands).await?;
        if self.newest_timeline.fetch_max(timeline, Ordering::Relaxed) > timeline {
            return Err(unusable("it was replaced by a promoted standby"));
        }
        client.batch_execute(LOCK_TIMEOUT).await.map_err(|error| failed(&error))?;
        pass_barrier(&client).await?;
        client.batch_execute(setup).await.map_err(|error| failed(&error))?;
        Ok(Connection { client, timeline, warned, prepared: Mutex::default() })
    }
}

/// The server's timeline, if the server accepts writes and is durable.
async fn check(client: &Client, demands: &Demands) -> Result<u32, ServerError> {
    let sql = "SELECT CASE WHEN NOT pg_is_in_recovery()
                      THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END,
               current_setting('fsync'), current_setting('full_page_writes'),
               current_setting('synchronous_commit'), current_setting('synchronous_standby_names')";
    let row = client.query_one(sql, &[]).await.map_err(|error| failed(&error))?;
    let Some(timeline) = row.get::<_, Option<String>>(0) else {
        return Err(unusable("it is a standby"));
    };
    let [fsync, full_page_writes, synchronous_commit, standbys] =
        [1, 2, 3, 4].map(|column| row.get::<_, String>(column));
    for (setting, value) in [("fsync", fsync), ("full_page_writes", full_page_writes)] {
        if value != "on" && !demands.allow_unsafe_server {
            return Err(ServerError::NotDurable { setting, value, wanted: "on" });
        }
    }
    let accepted = ["on", "remote_apply"].contains(&synchronous_commit.as_str());
    if !accepted && !demands.allow_unsafe_server {
        let (setting, value, wanted) = ("synchronous_commit", synchronous_commit, "on");
        return Err(ServerError::NotDurable { setting, value, wanted });
    }
    if demands.require_standby && standbys.is_empty() {
        return Err(ServerError::NoStandby);
    }
    u32::from_str_radix(&timeline, 16).map_err(|_no_number| unusable("its timeline is unknown"))
}

/// A server that crashed and came back shows commits that no standby has yet. Waiting until one more commit has reached the
/// standby makes sure that nothing is read here and lost by a promotion afterwards. Before the database is prepared there
/// is no barrier, and nothing to read.
async fn pass_barrier(client: &Client) -> Result<(), ServerError> {
    // What is missing, the schema or a right, is reported when the journal opens.
    let sql = "SELECT EXISTS (SELECT FROM pg_proc JOIN pg_namespace AS schema ON schema.oid = pronamespace
                              WHERE nspname = 'fairseat_journal' AND proname = 'pass_barrier_1'
                              AND has_schema_privilege(schema.oid, 'USAGE')
                              AND has_function_privilege(pg_proc.oid, 'EXECUTE'))
                  AND EXISTS (SELECT FROM pg_class JOIN pg_namespace AS schema ON schema.oid = relnamespace
                              WHERE nspname = 'fairseat_journal' AND relname = 'barrier'
                              AND has_table_privilege(pg_class.oid, 'SELECT')
                              AND has_table_privilege(pg_class.oid, 'UPDATE'))";
    let row = client.query_one(sql, &[]).await.map_err(|error| failed(&error))?;
    if row.get(0) {
        let passed = client.batch_execute("SELECT fairseat_journal.pass_barrier_1()").await;
        passed.map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn name(server: &Config) -> String {
    let port = server.get_ports().first().copied().unwrap_or(5432);
    match server.get_hosts().first() {
        Some(Host::Tcp(host)) => format!("{host}:{port}"),
        Some(Host::Unix(folder)) => format!("{}/.s.PGSQL.{port}", folder.display()),
        None => "no host".to_owned(),
    }
}

/// One configuration for each host, because each server is checked before it is used.
fn one_by_one(config: &Config) -> Result<Vec<Config>, ServerError> {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate();
    let servers: Vec<Config> = hosts
        .map(|(at, host)| {
            let mut server = without_hosts(config);
            match host {
                Host::Tcp(host) => server.host(host),
                Host::Unix(folder) => server.host_path(folder),
            };
            if let Some(address) = config.get_hostaddrs().get(at) {
                server.hostaddr(*address);
            }
            server.port(ports.get(at).or(ports.first()).copied().unwrap_or(5432));
            server
        })
        .collect();
    if servers.is_empty() {
        return Err(ServerError::BadUrl("it names no host".to_owned()));
    }
    Ok(servers)
}

fn without_hosts(config: &Config) -> Config {
    let mut server = Config::new();
    if let Some(user) = config.get_user() {
        server.user(user);
    }
    if let Some(password) = config.get_password() {
        server.password(password);
    }
    if let Some(name) = config.get_dbname() {
        server.dbname(name);
    }
    if let Some(options) = config.get_options() {
        server.options(options);
    }
    if let Some(every) = config.get_keepalives_interval() {
        server.keepalives_interval(every);
    }
    if let Some(retries) = config.get_keepalives_retries() {
        server.keepalives_retries(retries);
    }
    server.application_name(config.get_application_name().unwrap_or("fairseat"));
    server.ssl_mode(config.get_ssl_mode()).ssl_negotiation(config.get_ssl_negotiation());
    server.connect_timeout(config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT));
    server.tcp_user_timeout(config.get_tcp_user_timeout().copied().unwrap_or(TCP_TIMEOUT));
    server.keepalives(config.get_keepalives()).keepalives_idle(KEEPALIVES_IDLE);
    server.channel_binding(config.get_channel_binding());
    server.target_session_attrs(TargetSessionAttrs::Any);
    server
}

/// How connections are encrypted, as `sslmode` says. A certificate is always verified against the system's certificates.
#[derive(Clone)]
enum TlsSettings {
    Never,
    WherePossible(MakeRustlsConnect),
}

impl std::fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Never => "Never",
            Self::WherePossible(_) => "WherePossible",
        })
    }
}

impl TlsSettings {
    fn new(servers: &[Config]) -> Result<Self, ServerError> {
        let is_remote = |server: &Config| matches!(server.get_hosts().first(), Some(Host::Tcp(_)));
        let is_off = |server: &Config| server.get_ssl_mode() == SslMode::Disable;
        if servers.iter().all(|server| is_off(server) || !is_remote(server)) {
            return Ok(Self::Never);
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| ServerError::BadUrl(error.to_string()))?;
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        Ok(Self::WherePossible(MakeRustlsConnect::new(config)))
    }

    async fn connect(
        &self,
        server: &Config,
        warned: &Arc<AtomicBool>,
    ) -> Result<Client, tokio_postgres::Error> {
        match self {
            Self::Never => {
                let (client, connection) = server.connect(NoTls).await?;
                drive(connection, Arc::clone(warned));
                Ok(client)
            }
            Self::WherePossible(tls) => {
                let (client, connection) = server.connect(tls.clone()).await?;
                drive(connection, Arc::clone(warned));
                Ok(client)
            }
        }
    }
}

/// Runs a connection until it ends. Warnings are noted before the answer that they belong to is delivered.
fn drive<S>(mut connection: tokio_postgres::Connection<Socket, S>, warned: Arc<AtomicBool>)
where
    S: TlsStream + Unpin + Send + 'static,
{
    let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
    drop(tokio::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notice(notice) = message
                && notice.parsed_severity() == Some(Severity::Warning)
            {
                tracing::warn!(warning = notice.message(), "the database server warns");
                warned.store(true, Ordering::Relaxed);
            }
        }
    }));
}
