//! `fairseat serve`: starts the server, prints when it is ready, and shuts down gracefully.

use crate::config::Settings;
use crate::demo;
use crate::server::Server;
use anyhow::{Context, Result, bail};
use fairseat_app::catalogue::events;
use fairseat_app::data_dir::ServedDataDir;
use fairseat_app::keys::Keys;
use fairseat_app::{App, background, consumers, erasure};
use fairseat_domain::time::Millis;
use fairseat_edge::{Shutdown, listener};
use fairseat_maintenance::migrate::mark;
use futures::FutureExt as _;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// How long the shutdown waits for letters that are being sent. Letters that are not sent by then are sent after the next start.
const LAST_LETTERS: Duration = Duration::from_secs(10);
/// How long the shutdown waits for the journal's answers. A database that is away gives none; as after a crash, its answer decides.
const LAST_APPENDS: Duration = Duration::from_secs(10);
/// An event that was not finished for so long was left by a node that died: no request runs longer.
const UNFINISHED_FOR: Millis = Millis::from_seconds(60);
/// How often such events are looked for.
const FINISH_EVERY: Duration = Duration::from_secs(60);
/// The most connections of other nodes.
const NODE_CONNECTIONS: usize = 4_096;
/// How long the shutdown waits for messages that are being published. Those that are not published by then are published after the next start.
const LAST_MESSAGES: Duration = Duration::from_secs(5);
/// The most connections to the measurements' own listener.
const METRICS_CONNECTIONS: usize = 64;
/// How often expired rows are deleted from the store.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

/// Serves until a signal tells it to stop.
///
/// # Errors
/// When the data folder or the address is not available.
pub(super) fn run(settings: Settings) -> Result<()> {
    let max_connections = listener::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.context("cannot start threads")?.block_on(serve(settings, max_connections))
}

async fn serve(mut settings: Settings, max_connections: usize) -> Result<()> {
    let transport = Server::transport(&settings)?;
    let (_lock, keys) = match settings.database_server() {
        None => {
            let data_dir = ServedDataDir::take(&settings.data_dir)?;
            mark::refuse(data_dir.path())?;
            let keys = Keys::load_or_create(data_dir.path())?;
            (Some(data_dir), keys)
        }
        // Other programs may use the database, and even this folder: it has the keys alone.
        Some(database) => (None, database.keys(&settings.data_dir).await?),
    };
    let listener = bind(settings.listen, "--listen").await?;
    let metrics_listener = match settings.metrics_listen {
        Some(address) => Some(bind(address, "--metrics-listen").await?),
        None => None,
    };
    let nodes_listener = bind_for_nodes(&mut settings).await?;
    let address = listener.local_addr().context("cannot tell the address listened on")?;
    let base_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let server = Server::open(settings, keys, &base_url).await?;
    let (app, shutdown) = (&server.app, &server.edge.shutdown);
    background::start(app);
    if server.settings.database.is_none() {
        // No other process answers requests. With a database server, claims of processes that died end by themselves after a minute.
        app.store.idempotency().end_claims().await?;
    }
    resume_events(app).await?;
    shut_down_when_the_journal_stops(app, shutdown.clone());
    if server.settings.demo {
        demo::load(app, &server.settings.data_dir).await.context("the demo cannot be loaded")?;
    }
    let mailer = server.start_mail(transport);
    purge_from_time_to_time(app.clone());
    let drain = Duration::from_secs(server.settings.drain_seconds.into());
    shut_down_on_signal(shutdown.clone(), drain)?;
    if let Some(listener) = metrics_listener {
        serve_metrics(&server, listener)?;
    }
    let for_nodes = match nodes_listener {
        Some(listener) => serve_nodes(&server, listener).await?,
        None => None,
    };
    announce(address, server.settings.demo)?;
    let drained = listener::serve(listener, server.service(), server.edge.clone(), max_connections).await;
    if let Some(for_nodes) = for_nodes {
        // What other nodes passed on to this one is answered as well.
        drop(for_nodes.await);
    }
    if !drained {
        tracing::warn!("the shutdown timed out while requests were still being answered");
    }
    finish(&server, mailer).await
}

/// Ends the background work after the last request: what is not done by then is done after the next start.
async fn finish(server: &Server, mailer: Option<JoinHandle<()>>) -> Result<()> {
    let app = &server.app;
    if let Some(mailer) = mailer {
        drop(tokio::time::timeout(LAST_LETTERS, mailer).await);
    }
    if !consumers::bus::flush(app, LAST_MESSAGES).await {
        tracing::info!("some messages are not published yet: they are after the next start");
    }
    if let Some(node) = &server.node {
        node.nodes.leave().await;
    }
    if tokio::time::timeout(LAST_APPENDS, app.engine.stop()).await.is_err() {
        tracing::warn!(
            "the database does not say whether the last commands were carried out; their clients got no answer"
        );
    }
    match app.journal.stopped().now_or_never() {
        Some(reason) => bail!("the journal stopped ({reason}): start the server again to recover it"),
        None => Ok(()),
    }
}

/// Finishes creating events that a crash interrupted, before requests are served. Then, in the background, opens the sales that a restored
/// backup lacks.
async fn resume_events(app: &Arc<App>) -> Result<()> {
    if !app.is_alone {
        finish_events_from_time_to_time(app.clone());
        return Ok(());
    }
    events::resume(app, app.now()).await.context("events cannot be resumed")?;
    let app = app.clone();
    drop(tokio::spawn(async move {
        if let Err(failure) = events::reopen_lost(&app).await {
            tracing::error!(%failure, "cannot check which events have no journal");
        }
    }));
    Ok(())
}

/// Finishes creating events that a node left half-made when it died. Younger ones may be in the making on another node.
fn finish_events_from_time_to_time(app: Arc<App>) {
    drop(tokio::spawn(async move {
        let mut due = tokio::time::interval(FINISH_EVERY);
        loop {
            due.tick().await;
            let before = app.now().minus(UNFINISHED_FOR);
            if let Err(failure) = events::resume(&app, before).await {
                tracing::warn!(%failure, "events that a node left half-made stay so for another minute");
            }
        }
    }));
}

/// Deletes expired sessions, links, idempotency records and sent messages from time to time, and what they left in the store's log.
fn purge_from_time_to_time(app: Arc<App>) {
    drop(tokio::spawn(async move {
        let mut due = tokio::time::interval(PURGE_EVERY);
        loop {
            due.tick().await;
            if let Err(error) = app.store.purge(app.now()).await {
                tracing::warn!(%error, "expired rows stay in the store for another hour");
            }
            erasure::erase_traces(&app.store).await;
        }
    }));
}

/// Shuts down when the journal has stopped. It stops when it cannot guarantee durability, and only a new process can recover it.
fn shut_down_when_the_journal_stops(app: &App, shutdown: Shutdown) {
    let stopped = app.journal.stopped();
    drop(tokio::spawn(async move {
        let reason = stopped.await;
        tracing::error!(reason, "the journal stopped: shutting down, so that a restart can recover it");
        shutdown.begin();
    }));
}

/// Answers `GET /metrics` on a listener of its own, until the shutdown.
fn serve_metrics(server: &Server, listener: TcpListener) -> Result<()> {
    let address = listener.local_addr().context("cannot tell the address listened on")?;
    tracing::info!(%address, "measurements are answered to everybody who can reach this address");
    let serving =
        listener::serve(listener, server.metrics_service(), server.edge.clone(), METRICS_CONNECTIONS);
    drop(tokio::spawn(serving));
    Ok(())
}

/// Answers other nodes on a listener of its own, and tells them that this one runs, until the shutdown.
async fn serve_nodes(server: &Server, listener: TcpListener) -> Result<Option<JoinHandle<bool>>> {
    let Some(node) = &server.node else { return Ok(None) };
    let address = listener.local_addr().context("cannot tell the address for nodes")?;
    tracing::info!(%address, as = node.nodes.me().address, "other nodes can pass requests on to this one");
    let serving = listener::serve(listener, node.service(&server.api), server.edge.clone(), NODE_CONNECTIONS);
    let serving = tokio::spawn(serving);
    node.nodes.enter().await?;
    let (nodes, shutdown) = (node.nodes.clone(), server.edge.shutdown.clone());
    drop(tokio::spawn(async move {
        let retired = async {
            shutdown.begun().await;
            nodes.retire().await;
            // It says that it runs until the process ends, so that the others wait for what they passed on.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = nodes.clone().run() => {}
            () = retired => {}
        }
    }));
    Ok(Some(serving))
}

/// Listens for other nodes, and notes at which address they reach this one.
async fn bind_for_nodes(settings: &mut Settings) -> Result<Option<TcpListener>> {
    let Some(address) = settings.nodes_listen else { return Ok(None) };
    let listener = bind(address, "--nodes-listen").await?;
    let bound = listener.local_addr().context("cannot tell the address for nodes")?;
    settings.nodes_address.get_or_insert_with(|| bound.to_string());
    Ok(Some(listener))
}

async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}")).map_err(|error| {
        let advice = match error.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
            Some(ErrorKind::AddrInUse) => "the port is taken: stop the other program, or choose another",
            Some(ErrorKind::PermissionDenied) => "not allowed: choose a port above 1023",
            _ => "choose an address of this machine",
        };
        anyhow::anyhow!("cannot listen on {address}, {advice} with {option}")
    })
}

/// Prints the line that scripts wait for; in the demo it also prints the accounts.
fn announce(address: SocketAddr, is_demo: bool) -> Result<()> {
    let mut text = format!("fairseat listening on http://{address}\n");
    if is_demo {
        for (email, purpose) in demo::ACCOUNTS {
            text.push_str(&format!("  {email:<21} password {}   {purpose}\n", demo::PASSWORD));
        }
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("cannot write to stdout")
}

fn shut_down_on_signal(shutdown: Shutdown, drain: Duration) -> Result<()> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    drop(tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if !drain.is_zero() {
            tracing::info!(?drain, "draining: not ready any more, but answering everything");
            shutdown.drain();
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        tracing::info!("shutting down: no new connections, finishing requests under way");
        shutdown.begin();
    }));
    Ok(())
}
