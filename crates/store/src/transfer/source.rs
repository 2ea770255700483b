//! The files that are moved. No other process can write to them meanwhile.

use super::error::TransferError;
use super::tables::{PREPARED, Table};
use crate::error::StoreError;
use crate::sql::{Value, ValueRef};
use crate::sqlite;
use rusqlite::{Connection, Row, params_from_iter};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A chunk ends with the row that makes it larger than this.
const CHUNK_BYTES: usize = 4 << 20;
/// The most rows of a chunk.
const CHUNK_ROWS: usize = 5_000;
/// The tables of the full-text index, which the server builds anew.
const FULL_TEXT: &str = "event_text";
/// A column that SQLite has in every table and does not list.
const ROWID: &str = "rowid";

/// The store's file, and the file of a payment provider's records if there is one.
pub struct Source {
    connection: Connection,
    /// The tables of the files, and their columns.
    tables: BTreeMap<String, BTreeSet<String>>,
    has_records: bool,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("tables", &self.tables.len()).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens the files, which this release must have opened as a store before, and keeps other processes from writing to them. Blocks.
    ///
    /// # Errors
    /// When a file cannot be opened, or another process writes to it for too long.
    pub fn lock(store: &Path, records: Option<&Path>) -> Result<Self, TransferError> {
        let connection = sqlite::connect(store)?;
        if let Some(records) = records {
            let attached = connection.execute("ATTACH DATABASE ?1 AS records", [records.to_string_lossy()]);
            attached.map_err(StoreError::from)?;
        }
        connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from)?;
        let tables = tables_of(&connection, records.is_some())?;
        Ok(Self { connection, tables, has_records: records.is_some() })
    }

    /// Checks that every table and column of the files has its place on the server.
    pub(super) fn check_fits(&self, tables: &[Table]) -> Result<(), TransferError> {
        for (name, columns) in &self.tables {
            let Some(table) = tables.iter().find(|table| table.name == *name) else {
                return Err(TransferError::Schema(format!("the server has no table {name}")));
            };
            if let Some(column) = columns.iter().find(|column| !table.columns.contains(column)) {
                return Err(TransferError::Schema(format!("the server has no column {column} in {name}")));
            }
        }
        for table in tables {
            let Some(columns) = self.tables.get(&table.name) else { continue };
            if let Some(column) =
                table.columns.iter().find(|column| !columns.contains(*column) && *column != ROWID)
            {
                let name = &table.name;
                return Err(TransferError::Schema(format!("the file has no column {column} in {name}")));
            }
        }
        Ok(())
    }

    /// Whether the files have this table. Those of the provider's records are missing while nobody has bought anything.
    pub(super) fn has(&self, table: &Table) -> Result<bool, TransferError> {
        let has = self.tables.contains_key(&table.name);
        if has || (!self.has_records && ["payments", "refunds"].contains(&table.name.as_str())) {
            return Ok(has);
        }
        Err(TransferError::Schema(format!("the file has no table {}", table.name)))
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: &Table) -> Result<u64, StoreError> {
        self.number(&format!("SELECT COUNT(*) FROM \"{}\"", table.name))
    }

    /// The largest number that the column which the server numbers ever had.
    pub(super) fn last_number(&self, table: &Table, column: &str) -> Result<u64, StoreError> {
        let name = &table.name;
        let text = format!(
            "SELECT MAX(COALESCE((SELECT MAX(t.\"{column}\") FROM \"{name}\" AS t), 0), \
                        COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0))"
        );
        self.number(&text)
    }

    /// The next rows of a table by its key, after the row with this key.
    pub(super) fn chunk(
        &self,
        table: &Table,
        after: Option<&[Value]>,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let after = after.unwrap_or_default();
        let marks: Vec<_> = (1..=after.len()).map(|number| format!("?{number}")).collect();
        let condition = match after {
            [] => String::new(),
            _ => format!("WHERE ({}) > ({})", table.key_list(""), marks.join(", ")),
        };
        let (mut rows, mut bytes) = (Vec::new(), 0_usize);
        self.each(table, &condition, after, |row| {
            let values = values(row, table)?;
            bytes = values.iter().fold(bytes, |bytes, value| bytes.saturating_add(size(value)));
            rows.push(values);
            Ok(bytes < CHUNK_BYTES && rows.len() < CHUNK_ROWS)
        })?;
        Ok(rows)
    }

    /// Calls `read` with each row of a table, in the order of its key, until it returns false.
    pub(super) fn each(
        &self,
        table: &Table,
        condition: &str,
        parameters: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let (columns, name, key) = (table.column_list(), &table.name, table.key_list(""));
        let text = format!("SELECT {columns} FROM \"{name}\" AS t {condition} ORDER BY {key}");
        let mut statement = self.connection.prepare(&text)?;
        let mut rows = statement.query(params_from_iter(parameters))?;
        while let Some(row) = rows.next()? {
            if !read(row)? {
                break;
            }
        }
        Ok(())
    }

    /// The events in the full-text index.
    pub(super) fn indexed_events(&self) -> Result<BTreeSet<i64>, StoreError> {
        let mut statement = self.connection.prepare("SELECT rowid FROM event_text")?;
        let numbers = statement.query_map([], |row| row.get(0))?;
        Ok(numbers.collect::<Result<_, _>>()?)
    }

    fn number(&self, text: &str) -> Result<u64, StoreError> {
        let number: i64 = self.connection.query_row(text, [], |row| row.get(0))?;
        Ok(number.unsigned_abs())
    }
}

fn values(row: &Row<'_>, table: &Table) -> Result<Vec<Value>, StoreError> {
    (0..table.columns.len()).map(|place| Ok(ValueRef::of_sqlite(row.get_ref(place)?)?.to_value())).collect()
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Integer(_) => 8,
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
    }
}

fn tables_of(
    connection: &Connection,
    has_records: bool,
) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for database in ["main", "records"].iter().take(1 + usize::from(has_records)) {
        let text = format!(
            "SELECT m.name, c.name FROM {database}.sqlite_schema AS m, pragma_table_info(m.name, '{database}') AS c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name <> '{PREPARED}'"
        );
        let mut statement = connection.prepare(&text)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
            if !table.starts_with(FULL_TEXT) {
                tables.entry(table).or_default().insert(column);
            }
        }
    }
    Ok(tables)
}
