//! Moves whole streams from another journal into an empty one: `fairseat migrate`.
//!
//! The batches keep their hashes, so that the history is the same. A stream's head, deadline and cursors are written in the transaction of
//! its last batches, and streams come by ascending number. So the tables themselves say how far a move that was interrupted had
//! come. Nobody else may use the journal meanwhile.

use std::pin::pin;

use fairseat_postgres::{Pooled, ServerError, describe};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::{PostgresJournal, head_from, signed, stream_from};
use crate::{Head, Position, ReadError, StreamId, StreamPart, StreamState};

/// How far a move has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MovedStreams {
    /// The last stream that is complete; streams come by ascending number.
    pub complete: Option<StreamId>,
    /// The stream after it, and the last of its batches that is there, if there is one.
    pub begun: Option<(StreamId, Head)>,
}

const COMPLETE: &str = "SELECT max(stream) FROM fairseat_journal.head";
const BEGUN: &str = "SELECT stream, position, hash FROM fairseat_journal.batch
    WHERE stream > $1 ORDER BY stream DESC, position DESC LIMIT 1";
const STATES: &str = "SELECT head.stream, head.position, hash, deadline,
        array_agg(consumer ORDER BY consumer COLLATE \"C\") FILTER (WHERE consumer IS NOT NULL),
        array_agg(cursor.position ORDER BY consumer COLLATE \"C\") FILTER (WHERE consumer IS NOT NULL)
    FROM fairseat_journal.head LEFT JOIN fairseat_journal.consumer_cursor AS cursor USING (stream)
    WHERE head.stream > $1 GROUP BY head.stream ORDER BY head.stream LIMIT $2";
const COMPLETE_CONSUMER: &str = "INSERT INTO fairseat_journal.consumer (name, complete) VALUES ($1, true)
    ON CONFLICT (name) DO UPDATE SET complete = true";

const ANALYZE: &str = "ANALYZE fairseat_journal.batch; ANALYZE fairseat_journal.head;
    ANALYZE fairseat_journal.deadline; ANALYZE fairseat_journal.consumer_cursor";

/// A row for `COPY`.
type Cells<'r> = Vec<&'r (dyn ToSql + Sync)>;

fn failed(error: &tokio_postgres::Error) -> ReadError {
    ReadError::Failed(describe(error))
}

impl PostgresJournal {
    /// How far a move into this journal has come.
    ///
    /// # Errors
    /// [`ReadError::Failed`]; [`ReadError::Damaged`] if a hash has the wrong length.
    pub async fn moved_streams(&self) -> Result<MovedStreams, ReadError> {
        let rows = self.query(COMPLETE, &[]).await?;
        let complete: Option<i64> = rows.first().and_then(|row| row.get(0));
        let rows = self.query(BEGUN, &[&complete.unwrap_or(-1)]).await?;
        let begun = rows.first().map(|row| {
            let stream = stream_from(row.get(0));
            Ok((stream, head_from(stream, row.get(1), row.get(2))?))
        });
        Ok(MovedStreams { complete: complete.map(stream_from), begun: begun.transpose()? })
    }

    /// Writes batches of streams, and the states of streams that are complete with them, in one transaction.
    ///
    /// # Errors
    /// [`ReadError::Failed`]; then [`Self::moved_streams`] says whether they were written.
    pub async fn move_in(&self, parts: &[StreamPart]) -> Result<(), ReadError> {
        let connection = self.for_moves().await?;
        let moved = async {
            connection.client.batch_execute("BEGIN").await?;
            copy_batches(&connection.client, parts).await?;
            copy_ends(&connection.client, parts).await?;
            connection.client.batch_execute("COMMIT").await
        };
        // After an error the connection is closed, and its transaction rolled back.
        moved.await.map_err(|error| failed(&error))?;
        self.appends.put_back(connection);
        Ok(())
    }

    /// Ends a move: these consumers have a cursor in every stream. The server's statistics are made, so that it plans the first queries well.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    pub async fn end_move(&self, consumers: &[String]) -> Result<(), ReadError> {
        let connection = self.for_moves().await?;
        for consumer in consumers {
            let ended = connection.client.execute(COMPLETE_CONSUMER, &[consumer]).await;
            ended.map_err(|error| failed(&error))?;
        }
        connection.client.batch_execute(ANALYZE).await.map_err(|error| failed(&error))?;
        self.appends.put_back(connection);
        Ok(())
    }

    /// Streams by ascending number, starting behind `after`, at most `limit`, with everything that is known of them beside
    /// their batches.
    ///
    /// # Errors
    /// As [`Self::moved_streams`].
    pub async fn stream_states(
        &self,
        after: Option<StreamId>,
        limit: usize,
    ) -> Result<Vec<StreamState>, ReadError> {
        let after = after.map_or(-1, |after| signed(after.0));
        let rows = self.query(STATES, &[&after, &signed(limit as u64)]).await?;
        rows.iter().map(state_from).collect()
    }

    /// A connection whose commits are durable.
    async fn for_moves(&self) -> Result<Pooled, ReadError> {
        self.appends.get().await.map_err(|error: ServerError| ReadError::Failed(error.to_string()))
    }
}

fn state_from(row: &Row) -> Result<StreamState, ReadError> {
    let stream = stream_from(row.get(0));
    let head = head_from(stream, row.get(1), row.get(2))?;
    let consumers: Vec<String> = row.get::<_, Option<_>>(4).unwrap_or_default();
    let positions: Vec<i64> = row.get::<_, Option<_>>(5).unwrap_or_default();
    let positions = positions.into_iter().map(|position| Position(position.unsigned_abs()));
    let cursors = consumers.into_iter().zip(positions).collect();
    Ok(StreamState { stream, head, deadline: row.get(3), cursors })
}

async fn copy_batches(client: &Client, parts: &[StreamPart]) -> Result<(), tokio_postgres::Error> {
    let batches = parts.iter().flat_map(|part| part.batches.iter().map(|batch| (part.stream, batch)));
    let rows: Vec<_> = batches
        .map(|(stream, batch)| {
            let (stream, position) = (signed(stream.0), signed(batch.position.0));
            (
                stream,
                position,
                batch.batch.0.to_be_bytes().to_vec(),
                batch.hash.to_vec(),
                batch.payload.as_ref(),
            )
        })
        .collect();
    let cells = rows.iter().map(|row| -> Cells<'_> { vec![&row.0, &row.1, &row.2, &row.3, &row.4] });
    let types = [Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA, Type::BYTEA];
    copy(client, "batch (stream, position, id, hash, payload)", &types, cells).await
}

async fn copy_ends(client: &Client, parts: &[StreamPart]) -> Result<(), tokio_postgres::Error> {
    let ends: Vec<&StreamState> = parts.iter().filter_map(|part| part.end.as_ref()).collect();
    let heads: Vec<_> = ends
        .iter()
        .map(|end| (signed(end.stream.0), signed(end.head.position.0), end.head.hash.to_vec(), end.deadline))
        .collect();
    let cells = heads.iter().map(|row| -> Cells<'_> { vec![&row.0, &row.1, &row.2, &row.3] });
    let types = [Type::INT8, Type::INT8, Type::BYTEA, Type::INT8];
    copy(client, "head (stream, position, hash, deadline)", &types, cells).await?;

    let with_deadline = ends
        .iter()
        .filter_map(|end| Some((signed(end.stream.0), i16::from(end.stream.kind().0), end.deadline?)));
    let deadlines: Vec<_> = with_deadline.collect();
    let cells = deadlines.iter().map(|row| -> Cells<'_> { vec![&row.0, &row.1, &row.2] });
    let types = [Type::INT8, Type::INT2, Type::INT8];
    copy(client, "deadline (stream, kind, due_at)", &types, cells).await?;

    let of_stream = |end: &&'_ StreamState| {
        let (stream, head) = (end.stream, end.head.position);
        let cursors = end.cursors.clone().into_iter();
        cursors.map(move |(consumer, at)| (signed(stream.0), consumer, signed(at.0), at < head))
    };
    let cursors: Vec<_> = ends.iter().flat_map(of_stream).collect();
    let cells = cursors.iter().map(|row| -> Cells<'_> { vec![&row.0, &row.1, &row.2, &row.3] });
    let types = [Type::INT8, Type::TEXT, Type::INT8, Type::BOOL];
    copy(client, "consumer_cursor (stream, consumer, position, unread)", &types, cells).await
}

/// Writes rows to a table and its columns.
async fn copy(
    client: &Client,
    table: &str,
    types: &[Type],
    rows: impl Iterator<Item = Cells<'_>>,
) -> Result<(), tokio_postgres::Error> {
    let sink = client.copy_in(&format!("COPY fairseat_journal.{table} FROM STDIN BINARY")).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, types));
    for row in rows {
        writer.as_mut().write(&row).await?;
    }
    writer.finish().await.map(drop)
}
