//! What the servers of a Citus cluster are like.

use super::error::CitusError;
use crate::Demands;
use crate::error::ServerError;
use tokio_postgres::Client;

/// Checks that this is a coordinator with workers.
pub(super) async fn check(client: &Client) -> Result<(), CitusError> {
    if !has_citus(client).await? {
        return Err(CitusError::NoExtension);
    }
    let sql = "SELECT (SELECT groupid FROM pg_dist_local_group) = 0,
                      EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0),
                      EXISTS (SELECT FROM pg_dist_node WHERE shouldhaveshards AND isactive AND noderole = 'primary')";
    let row = client.query_one(sql, &[]).await?;
    if !row.get::<_, bool>(0) {
        Err(CitusError::NotCoordinator)
    } else if !row.get::<_, bool>(1) {
        // It must be known before workers are added.
        Err(CitusError::NoCoordinator)
    } else if !row.get::<_, bool>(2) {
        Err(CitusError::NoWorkers)
    } else {
        Ok(())
    }
}

/// In how many shards a table lies, given with its schema; `None` if it is not distributed, or there is no such table.
///
/// # Errors
/// [`CitusError::Failed`].
pub async fn shards_of(client: &Client, table: &str) -> Result<Option<u32>, CitusError> {
    if !has_citus(client).await? {
        return Ok(None);
    }
    let sql = "SELECT count(*) FROM pg_dist_shard JOIN pg_dist_partition USING (logicalrelid)
               WHERE logicalrelid = to_regclass($1::text) AND partmethod = 'h'";
    let shards: i64 = client.query_one(sql, &[&table]).await?.get(0);
    Ok(u32::try_from(shards).ok().filter(|shards| *shards > 0))
}

async fn has_citus(client: &Client) -> Result<bool, CitusError> {
    let sql = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";
    Ok(client.query_one(sql, &[]).await?.get(0))
}

/// What each worker says about its settings, as the coordinator's sessions there see them.
const SETTINGS: &str = "SELECT nodename || ':' || nodeport, success, result FROM run_command_on_workers($$
    SELECT current_setting('fsync') || ' ' || current_setting('full_page_writes') || ' ' || current_setting('synchronous_commit')
           || ' ' || (current_setting('synchronous_standby_names') <> '')::text $$)";

/// Refuses workers that may lose commits, as the server itself is refused. A worker that does not answer is passed over: it may be failing over,
/// and the others can serve meanwhile.
///
/// # Errors
/// [`ServerError::Worker`]; [`CitusError::Failed`].
pub async fn check_workers(client: &Client, demands: Demands) -> Result<(), CitusError> {
    for row in client.query(SETTINGS, &[]).await? {
        let (worker, has_answered, answer): (String, bool, String) = (row.get(0), row.get(1), row.get(2));
        if !has_answered {
            tracing::warn!(worker, "a worker does not say how it is set up");
            continue;
        }
        if let Some(refused) = refused(&answer, demands) {
            return Err(ServerError::Worker { worker, refused: Box::new(refused) }.into());
        }
    }
    Ok(())
}

fn refused(answer: &str, demands: Demands) -> Option<ServerError> {
    let words: Vec<&str> = answer.split(' ').collect();
    let [fsync, full_page_writes, synchronous_commit, has_standby] = words.as_slice() else { return None };
    let settings = [
        ("fsync", *fsync, &["on"][..]),
        ("full_page_writes", *full_page_writes, &["on"]),
        ("synchronous_commit", *synchronous_commit, &["on", "remote_apply"]),
    ];
    let unsafe_one = settings.into_iter().find(|(_, value, accepted)| !accepted.contains(value));
    match unsafe_one {
        Some((setting, value, _)) if !demands.allow_unsafe_server => {
            Some(ServerError::NotDurable { setting, value: value.to_owned(), wanted: "on" })
        }
        _ if demands.require_standby && *has_standby != "true" => Some(ServerError::NoStandby),
        _ => None,
    }
}
