//! Copies rows, a chunk in each transaction.

use super::destination::Destination;
use super::error::TransferError;
use super::source::Source;
use super::tables::Table;
use crate::error::StoreError;
use crate::sql::{Value, ValueRef};
use crate::venues;
use std::pin::pin;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::ToSql;

/// How far the copy of one table has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyProgress<'t> {
    /// The table.
    pub table: &'t str,
    /// Its rows that are on the server, those of earlier runs included.
    pub rows: u64,
    /// All of its rows.
    pub of: u64,
}

impl Destination {
    /// Copies all rows that are not there yet. Afterwards the server's counters continue after the highest number that was copied. Calls `report`
    /// after each chunk.
    ///
    /// # Errors
    /// [`TransferError`]; a second call goes on.
    pub async fn copy(
        &self,
        source: &Source,
        report: &mut dyn FnMut(CopyProgress<'_>),
    ) -> Result<(), TransferError> {
        source.check_fits(self.tables())?;
        for table in self.tables() {
            if source.has(table)? {
                let copied = self.copy_table(source, table, report).await;
                copied.map_err(|cause| TransferError::Table { table: table.name.clone(), cause })?;
            }
        }
        Ok(())
    }

    /// Builds the full-text index of all events, which is made of words in another form than in a file.
    ///
    /// # Errors
    /// When the database fails; nothing was changed then.
    pub async fn build_search(&self) -> Result<(), TransferError> {
        Ok(self.prepare(venues::refold).await?)
    }

    async fn copy_table(
        &self,
        source: &Source,
        table: &Table,
        report: &mut dyn FnMut(CopyProgress<'_>),
    ) -> Result<(), StoreError> {
        let of = source.count(table)?;
        let mut rows = self.count(table).await?;
        let mut after = self.last_key(table).await?;
        loop {
            let chunk = source.chunk(table, after.as_deref())?;
            let Some(last) = chunk.last() else { break };
            after = Some(table.key.iter().filter_map(|place| last.get(*place).cloned()).collect());
            self.write(table, &chunk).await?;
            rows = rows.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            report(CopyProgress { table: &table.name, rows, of });
        }
        if let Some(column) = &table.numbered {
            let last = i64::try_from(source.last_number(table, column)?).unwrap_or(i64::MAX);
            let text = format!(
                "SELECT setval(pg_get_serial_sequence('fairseat_store.{}', '{column}'), GREATEST($1::bigint, 1), $1::bigint > 0)",
                table.name
            );
            self.client().query_one(&text, &[&last]).await?;
        }
        Ok(())
    }

    /// The key of the last row that is there.
    async fn last_key(&self, table: &Table) -> Result<Option<Vec<Value>>, StoreError> {
        let text = format!(
            "SELECT {} FROM fairseat_store.\"{}\" AS t ORDER BY {} LIMIT 1",
            table.key_list(""),
            table.name,
            table.key_list(" DESC")
        );
        let Some(row) = self.client().query_opt(&text, &[]).await? else { return Ok(None) };
        let value = |place| Ok(row.try_get::<_, ValueRef<'_>>(place)?.to_value());
        (0..table.key.len()).map(value).collect::<Result<_, StoreError>>().map(Some)
    }

    async fn write(&self, table: &Table, rows: &[Vec<Value>]) -> Result<(), StoreError> {
        let text = format!("COPY fairseat_store.\"{}\" ({}) FROM STDIN BINARY", table.name, table.names());
        let sink = self.client().copy_in(&text).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &table.types));
        for row in rows {
            let cells: Vec<&(dyn ToSql + Sync)> =
                row.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
            writer.as_mut().write(&cells).await?;
        }
        writer.finish().await?;
        Ok(())
    }
}
