//! Reads batches, and verifies each one and its link to the batch before it.

use tokio_postgres::Row;

use super::append::batch_of;
use super::signed;
use crate::limits::MAX_READ_BATCHES;
use crate::{Batch, Hash, Head, Position, ReadError, StreamId};
use fairseat_postgres::Connection;

/// One statement, so that head and batches are of one moment. The first row is the batch before, for its hash, without its
/// payload. Beyond the first batch, a batch is left out if the payloads up to it are larger than the limit.
pub(super) const READ: &str = "
    SELECT head.position, page.position, page.id, page.hash, page.payload
    FROM fairseat_journal.head LEFT JOIN LATERAL (
        SELECT position, id, hash, CASE WHEN position > $2 THEN payload ELSE ''::bytea END AS payload,
               sum(CASE WHEN position > $2 THEN octet_length(payload) ELSE 0 END) OVER (ORDER BY position) AS total
        FROM (SELECT position, id, hash, payload FROM fairseat_journal.batch
              WHERE stream = $1 AND position >= $2 ORDER BY position LIMIT $4) AS rows_in_order
        ORDER BY position
    ) AS page ON page.total <= $3 OR page.position <= $2 + 1
    WHERE head.stream = $1 ORDER BY page.position";

#[derive(Debug)]
pub(super) enum PageError {
    Server(tokio_postgres::Error),
    Read(ReadError),
}

impl From<tokio_postgres::Error> for PageError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
}

pub(super) async fn page(
    connection: &Connection,
    stream: StreamId,
    after: Position,
    max_bytes: usize,
) -> Result<Vec<Batch>, PageError> {
    let Ok(first) = i64::try_from(after.0) else { return Ok(Vec::new()) };
    if first == i64::MAX {
        return Ok(Vec::new());
    }
    let statement = connection.prepare(READ).await?;
    // The row of the batch before counts towards the limit.
    let rows = signed(MAX_READ_BATCHES as u64 + u64::from(after != Position::START));
    let max_bytes = signed(max_bytes as u64);
    let rows = connection.client.query(&statement, &[&signed(stream.0), &first, &max_bytes, &rows]).await?;
    verified(stream, after, &rows).map_err(PageError::Read)
}

fn verified(stream: StreamId, after: Position, rows: &[Row]) -> Result<Vec<Batch>, ReadError> {
    let Some(end) = rows.first().map(|row| Position(row.get::<_, i64>(0).unsigned_abs())) else {
        return Ok(Vec::new());
    };
    if end <= after {
        return Ok(Vec::new());
    }
    let mut rows = rows.iter().filter(|row| row.get::<_, Option<i64>>(1).is_some());
    let damaged = |position, detail: &str| ReadError::Damaged { stream, position, detail: detail.to_owned() };
    let missing = |position| damaged(position, "a batch is missing");
    let hash = match after {
        Position::START => Hash::default(),
        before => rows.next().and_then(|row| parsed(row, before)).ok_or_else(|| missing(before))?.hash,
    };
    let (mut head, mut batches) = (Head { position: after, hash }, Vec::new());
    for row in rows {
        let position = head.position.next();
        let batch = parsed(row, position).ok_or_else(|| missing(position))?;
        if !batch.follows(stream, &head) {
            return Err(damaged(position, "the hash chain does not continue here"));
        }
        head = batch.head();
        batches.push(batch);
    }
    if batches.is_empty() { Err(missing(after.next())) } else { Ok(batches) }
}

/// The batch of a row, if it has the position that is expected.
fn parsed(row: &Row, position: Position) -> Option<Batch> {
    let found = Position(row.get::<_, i64>(1).unsigned_abs());
    let batch = batch_of(position, row.get(2), row.get(3), row.get(4))?;
    (found == position).then_some(batch)
}
