//! Compares every table of the files with its copy: the number of rows, and a hash of all values in the order of the keys.

use super::destination::Destination;
use super::error::TransferError;
use super::source::Source;
use super::tables::Table;
use crate::error::StoreError;
use crate::sql::ValueRef;
use futures::TryStreamExt as _;
use std::collections::BTreeSet;
use std::pin::pin;

/// What a table contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableContent {
    /// The table.
    pub table: String,
    /// Its rows.
    pub rows: u64,
    /// A BLAKE3 hash of all of them.
    pub hash: [u8; 32],
}

impl Destination {
    /// Reads every table of both sides. Returns their contents if they are the same, else a sentence for each difference.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub async fn compare(
        &self,
        source: &Source,
    ) -> Result<Result<Vec<TableContent>, Vec<String>>, TransferError> {
        let (mut same, mut differences) = (Vec::new(), Vec::new());
        for table in self.tables() {
            let failed = |cause| TransferError::Table { table: table.name.clone(), cause };
            let original = match source.has(table)? {
                true => of_file(source, table).map_err(failed)?,
                false => Content::default().finish(table),
            };
            let copy = self.of_server(table).await.map_err(failed)?;
            if original == copy {
                same.push(copy);
            } else {
                let (name, rows, copied) = (&table.name, original.rows, copy.rows);
                differences.push(format!("the table {name} has {rows} rows in the file and {copied} in the database, or other values"));
            }
        }
        let (original, copy) = (source.indexed_events()?, self.indexed_events().await?);
        if original != copy {
            let [events, copied] = [original.len(), copy.len()];
            differences.push(format!(
                "the search finds {events} events in the file and {copied} in the database, or others"
            ));
        }
        Ok(if differences.is_empty() { Ok(same) } else { Err(differences) })
    }

    async fn of_server(&self, table: &Table) -> Result<TableContent, StoreError> {
        let (columns, name, key) = (table.column_list(), &table.name, table.key_list(""));
        let text = format!("SELECT {columns} FROM fairseat_store.\"{name}\" AS t ORDER BY {key}");
        let none: [i64; 0] = [];
        let mut rows = pin!(self.client().query_raw(&text, none).await?);
        let mut content = Content::default();
        while let Some(row) = rows.try_next().await? {
            content.begin_row();
            for place in 0..table.columns.len() {
                content.add(row.try_get(place)?);
            }
        }
        Ok(content.finish(table))
    }

    async fn indexed_events(&self) -> Result<BTreeSet<i64>, StoreError> {
        let rows = self.client().query("SELECT rowid FROM fairseat_store.event_text", &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

fn of_file(source: &Source, table: &Table) -> Result<TableContent, StoreError> {
    let mut content = Content::default();
    source.each(table, "", &[], |row| {
        content.begin_row();
        for place in 0..table.columns.len() {
            content.add(ValueRef::of_sqlite(row.get_ref(place)?)?);
        }
        Ok(true)
    })?;
    Ok(content.finish(table))
}

/// The hash of rows that were read so far.
#[derive(Default)]
struct Content {
    rows: u64,
    hasher: blake3::Hasher,
}

impl Content {
    fn begin_row(&mut self) {
        self.rows = self.rows.saturating_add(1);
    }

    /// Each value begins with its kind and its length, so that no two rows hash the same bytes.
    fn add(&mut self, value: ValueRef<'_>) {
        let number;
        let (kind, bytes): (u8, &[u8]) = match value {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(integer) => {
                number = integer.to_be_bytes();
                (1, &number)
            }
            ValueRef::Text(text) => (2, text.as_bytes()),
            ValueRef::Blob(bytes) => (3, bytes),
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.hasher.update(&[kind]).update(&length.to_be_bytes()).update(bytes);
    }

    fn finish(self, table: &Table) -> TableContent {
        TableContent { table: table.name.clone(), rows: self.rows, hash: *self.hasher.finalize().as_bytes() }
    }
}
