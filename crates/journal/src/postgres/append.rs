//! One append: one statement outside any transaction block, and what its answer means.
//!
//! Only a short list of errors is certain. Every other error, a warning (a cancelled wait for a standby is one: the commit
//! stands on this server and perhaps nowhere else) and a missing answer mean that the outcome is unknown.

use std::time::Duration;

use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::ToSql;

use super::{describe, signed};
use crate::limits::{MAX_MISSED_BYTES, MAX_READ_BATCHES};
use crate::{Append, AppendError, Batch, BatchId, Hash, Head, Position};
use bytes::Bytes;
use fairseat_postgres::Connection;

pub(super) const APPEND: &str =
    "SELECT fairseat_journal.append_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

/// An answer that does not come for this long is given up. The statement is not cancelled: it may still be carried out.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer, and whether the connection can be used again.
pub(super) async fn append(
    connection: &Connection,
    append: &Append,
    require_standby: bool,
) -> (Result<Head, AppendError>, bool) {
    connection.take_warning();
    let answer = match tokio::time::timeout(PATIENCE, call(connection, append, require_standby)).await {
        Err(_elapsed) => {
            tracing::warn!(stream = append.stream.0, "an append was not answered in time");
            return (Err(AppendError::Unknown), false);
        }
        Ok(answer) => answer,
    };
    if connection.take_warning() {
        return (Err(AppendError::Unknown), true);
    }
    match answer {
        Ok(answer) => (understood(append, &answer), true),
        Err(error) => {
            let meaning = meaning(&error);
            if meaning == AppendError::Unknown {
                let error = describe(&error);
                tracing::warn!(stream = append.stream.0, error, "an append has no certain outcome");
            }
            (Err(meaning), false)
        }
    }
}

async fn call(
    connection: &Connection,
    append: &Append,
    require_standby: bool,
) -> Result<Vec<Vec<u8>>, tokio_postgres::Error> {
    let statement = connection.prepare(APPEND).await?;
    let (stream, position) = (signed(append.stream.0), signed(append.expected.position.0));
    let (id, new_hash) = (append.batch.0.to_be_bytes(), append.to_batch().hash);
    let missed_bytes = signed(MAX_MISSED_BYTES as u64);
    let missed_batches = i32::try_from(MAX_READ_BATCHES).unwrap_or(i32::MAX);
    let parameters: [&(dyn ToSql + Sync); 12] = [
        &stream,
        &position,
        &append.expected.hash.as_slice(),
        &id.as_slice(),
        &append.payload.as_ref(),
        &new_hash.as_slice(),
        &append.deadline,
        &append.decided.first,
        &append.decided.last,
        &require_standby,
        &missed_bytes,
        &missed_batches,
    ];
    connection.client.query_one(&statement, &parameters).await?.try_get(0)
}

/// The certain errors: the server says that it carried out nothing.
fn meaning(error: &tokio_postgres::Error) -> AppendError {
    let Some(refused) = error.as_db_error() else { return AppendError::Unknown };
    if refused.parsed_severity() != Some(Severity::Error) {
        return AppendError::Unknown;
    }
    let unavailable = [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::UNDEFINED_TABLE,
        SqlState::INVALID_SCHEMA_NAME,
    ];
    if *refused.code() == SqlState::DISK_FULL {
        AppendError::Full
    } else if unavailable.contains(refused.code()) {
        AppendError::Unavailable(refused.message().to_owned())
    } else {
        AppendError::Unknown
    }
}

/// What the function's answer says; see `schema_1.sql`. An answer of another form, which no version gives, says nothing.
fn understood(append: &Append, answer: &[Vec<u8>]) -> Result<Head, AppendError> {
    let word = answer.first().map_or(&[][..], Vec::as_slice);
    let rest = answer.get(1..).unwrap_or_default();
    match (word, rest) {
        (b"won", []) => Ok(append.to_batch().head()),
        (b"lost", missed) => Err(AppendError::Conflict { missed: missed_batches(append, missed) }),
        (b"diverged", [position, hash]) => match (number(position), hash.as_slice().try_into()) {
            (Some(position), Ok(hash)) => Err(AppendError::Diverged {
                head: Head { position: Position(position.unsigned_abs()), hash },
            }),
            _ => Err(AppendError::Unknown),
        },
        (b"clock", [ahead]) => {
            let ahead_ms = number(ahead).ok_or(AppendError::Unknown)?;
            Err(AppendError::ClockDiffers { ahead_ms })
        }
        (b"standby", []) => {
            let reason = "commits wait for no standby, although that is required";
            Err(AppendError::Unavailable(reason.to_owned()))
        }
        _ => Err(AppendError::Unknown),
    }
}

/// The batches that follow the expected head. If one does not continue it, the list ends before it: the caller reads on, and
/// gets the error from there.
fn missed_batches(append: &Append, columns: &[Vec<u8>]) -> Vec<Batch> {
    let (mut head, mut batches) = (append.expected, Vec::new());
    for batch in columns.chunks_exact(3) {
        let [id, hash, payload] = batch else { break };
        let Some(batch) = batch_of(head.position.next(), id, hash, payload) else { break };
        if !batch.follows(append.stream, &head) {
            break;
        }
        head = batch.head();
        batches.push(batch);
    }
    batches
}

/// A batch from its columns; `None` if one has the wrong length.
pub(super) fn batch_of(position: Position, id: &[u8], hash: &[u8], payload: &[u8]) -> Option<Batch> {
    let batch = BatchId(u128::from_be_bytes(id.try_into().ok()?));
    let hash: Hash = hash.try_into().ok()?;
    Some(Batch { position, batch, payload: Bytes::copy_from_slice(payload), hash })
}

fn number(bytes: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(bytes.try_into().ok()?))
}
