//! Redis, if nodes share it.

use crate::config::Settings;
use anyhow::Result;
use fairseat_app::keys::Keys;
use fairseat_redis::{Redis, RedisMetrics, RedisOptions};
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// Connects to Redis, if the settings name one. If it is away, the server starts without it.
///
/// # Errors
/// When the address cannot be used, or the server refuses this program.
pub(crate) async fn open(
    settings: &Settings,
    keys: &Keys,
    registry: &mut Registry,
) -> Result<Option<Arc<Redis>>> {
    let Some(url) = settings.redis.clone() else { return Ok(None) };
    let (fingerprint, secret) = (keys.fingerprint(), *keys.fingerprints.expose());
    let options = RedisOptions { url, fingerprint, secret, patience: settings.redis_patience };
    Ok(Some(Redis::open(options, RedisMetrics::new(registry)).await?))
}
