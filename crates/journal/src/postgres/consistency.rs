//! Whether the tables agree with each other. Reading a stream verifies its batches; this verifies what repeats them.

use super::{PostgresJournal, stream_from};
use crate::{ReadError, StreamId};

/// The most streams that one check lists.
const LIMIT: i64 = 100;

/// Each check with what is wrong with the streams that its query lists.
const CHECKS: [(&str, &str); 4] = [
    (
        "the head is not the last batch",
        "SELECT stream FROM fairseat_journal.head LEFT JOIN fairseat_journal.batch USING (stream, position)
         WHERE batch.hash IS DISTINCT FROM head.hash LIMIT $1",
    ),
    (
        "a batch is behind the head",
        "SELECT DISTINCT stream FROM fairseat_journal.batch LEFT JOIN fairseat_journal.head USING (stream)
         WHERE head.position IS NULL OR batch.position > head.position LIMIT $1",
    ),
    (
        "the deadline to poll is not the head's",
        "SELECT stream FROM fairseat_journal.head FULL JOIN fairseat_journal.deadline USING (stream)
         WHERE head.deadline IS DISTINCT FROM deadline.due_at OR kind <> stream >> 56 LIMIT $1",
    ),
    (
        "a consumer's cursor or mark does not fit the head",
        "SELECT DISTINCT stream FROM fairseat_journal.consumer_cursor LEFT JOIN fairseat_journal.head USING (stream)
         WHERE head.position IS NULL OR consumer_cursor.position > head.position
            OR unread <> (consumer_cursor.position < head.position) LIMIT $1",
    ),
];

impl PostgresJournal {
    /// Compares the tables with each other, and lists streams where they disagree, at most 100 for each kind of
    /// disagreement. It reads every table, so it is for `verify` and not for a serving node.
    ///
    /// # Errors
    /// [`ReadError::Failed`].
    pub async fn inconsistencies(&self) -> Result<Vec<(StreamId, &'static str)>, ReadError> {
        let mut found = Vec::new();
        for (fault, query) in CHECKS {
            let rows = self.query(query, &[&LIMIT]).await?;
            found.extend(rows.iter().map(|row| (stream_from(row.get(0)), fault)));
        }
        Ok(found)
    }
}
