//! The reference server: our listener and axum's router with two handlers that do nothing.
//!
//! It has no edge: no context, limits, headers, log lines or metrics of ours. Every program on this HTTP stack costs at least as much.

use anyhow::Result;
use axum::Router;
use axum::routing::{get, post};
use fairseat_app::keys::Keys;
use fairseat_edge::listener;
use fairseat_server::Server;
use fairseat_server::config::Settings;
use std::io::Write as _;
use std::path::Path;
use tokio::net::TcpListener;

/// Serves until the process ends. `plain` uses axum's own server instead of our listener.
///
/// # Errors
/// When it cannot listen.
pub(crate) fn role(folder: &Path, plain: bool) -> Result<()> {
    let max_connections = listener::raise_file_limit();
    runtime()?.block_on(async {
        let router = Router::new().route("/hello", get(async || "hello")).route("/empty", post(async || ()));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        announce(&listener)?;
        if plain {
            return Ok(axum::serve(listener, router).await?);
        }
        // The listener gets its limits on connections from a server's edge; nothing else of that server is used.
        let keys = Keys::load_or_create(folder)?;
        let server = Server::open(trusting(folder)?, keys, "http://bench").await?;
        listener::serve(listener, router, server.edge.clone(), max_connections).await;
        Ok(())
    })
}

/// A runtime configured as the server's.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Settings that trust the load's `X-Forwarded-For` header.
pub(crate) fn trusting(folder: &Path) -> Result<Settings> {
    let loopback = "127.0.0.1".parse().map_err(anyhow::Error::msg)?;
    Ok(Settings { trusted_proxies: vec![loopback], ..Settings::new(folder.to_owned()) })
}

/// Prints the line with the address on which a role listens.
pub(crate) fn announce(listener: &TcpListener) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    Ok(stdout.flush()?)
}
