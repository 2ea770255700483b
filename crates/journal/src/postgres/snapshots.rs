//! Snapshots, in a table of their own. One that is damaged, or whose head is not in its stream's history, counts as missing.

use bytes::Bytes;

use super::{PostgresJournal, head_from, signed};
use crate::limits::MAX_SNAPSHOT_BYTES;
use crate::{Head, ReadError, SaveError, StreamId};

/// Whether a stream's history contains a head.
const HAS: &str =
    "SELECT CASE WHEN $2::bigint = 0 THEN $3::bytea = decode(repeat('00', 32), 'hex') ELSE EXISTS (
    SELECT FROM fairseat_journal.batch WHERE stream = $1 AND position = $2 AND hash = $3) END";
/// The head of the stored snapshot.
const KEPT: &str = "SELECT position, hash FROM fairseat_journal.snapshot WHERE stream = $1";
/// A newer snapshot replaces the stored one, and any does if that has the head `$6`, `$7`.
const PUT: &str = "
    INSERT INTO fairseat_journal.snapshot AS kept (stream, position, hash, crc, bytes) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (stream) DO UPDATE
    SET position = EXCLUDED.position, hash = EXCLUDED.hash, crc = EXCLUDED.crc, bytes = EXCLUDED.bytes
    WHERE kept.position <= EXCLUDED.position OR (kept.position = $6 AND kept.hash = $7)";
const GET: &str = "SELECT position, hash, crc, bytes FROM fairseat_journal.snapshot WHERE stream = $1";

impl PostgresJournal {
    pub(super) async fn save_snapshot(
        &self,
        stream: StreamId,
        at: Head,
        bytes: Bytes,
    ) -> Result<(), SaveError> {
        if bytes.len() > MAX_SNAPSHOT_BYTES {
            return Err(SaveError::Invalid("the snapshot is too large".to_owned()));
        }
        if !self.has(stream, at).await.map_err(failed)? {
            return Err(SaveError::Invalid(
                "the snapshot is of another history than its stream's".to_owned(),
            ));
        }
        let foreign = self.foreign_snapshot(stream).await.map_err(failed)?;
        let (hash, crc) = (at.hash.as_slice(), i64::from(crc(stream, at, &bytes)));
        let (stream, position) = (signed(stream.0), signed(at.position.0));
        let replaced = foreign.unwrap_or(at);
        let (replaced, replaced_hash) = (signed(replaced.position.0), replaced.hash.as_slice());
        let put = self
            .query(PUT, &[&stream, &position, &hash, &crc, &bytes.as_ref(), &replaced, &replaced_hash])
            .await;
        put.map(drop).map_err(failed)
    }

    /// The head of the stored snapshot, if it is of another history than the stream's: then it gives way to an older one of this history.
    async fn foreign_snapshot(&self, stream: StreamId) -> Result<Option<Head>, ReadError> {
        let rows = self.query(KEPT, &[&signed(stream.0)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Ok(kept) = head_from(stream, row.get(0), row.get(1)) else { return Ok(None) };
        Ok((!self.has(stream, kept).await?).then_some(kept))
    }

    pub(super) async fn load_snapshot(&self, stream: StreamId) -> Option<(Head, Bytes)> {
        let found = self.query(GET, &[&signed(stream.0)]).await;
        let rows =
            found.inspect_err(|error| tracing::warn!(stream = stream.0, %error, "no snapshot could be read"));
        let row = rows.ok()?.into_iter().next()?;
        let head = head_from(stream, row.get(0), row.get(1)).ok()?;
        let bytes = Bytes::copy_from_slice(row.get(3));
        let is_whole = row.get::<_, i64>(2) == i64::from(crc(stream, head, &bytes));
        if is_whole && self.has(stream, head).await.ok()? {
            return Some((head, bytes));
        }
        tracing::warn!(stream = stream.0, "a snapshot that is damaged or of another history is ignored");
        None
    }

    async fn has(&self, stream: StreamId, head: Head) -> Result<bool, ReadError> {
        let (stream, position) = (signed(stream.0), signed(head.position.0));
        let rows = self.query(HAS, &[&stream, &position, &head.hash.as_slice()]).await?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }
}

fn failed(error: ReadError) -> SaveError {
    SaveError::Failed(error.to_string())
}

fn crc(stream: StreamId, head: Head, bytes: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&stream.0.to_be_bytes());
    crc.update(&head.position.0.to_be_bytes());
    crc.update(&head.hash);
    crc.update(bytes);
    crc.finalize()
}
