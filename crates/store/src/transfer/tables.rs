//! The tables to move, as the server describes them.

use super::error::TransferError;
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// Tables that only a server has, so that no row is copied into them: the version of the tables is in the header of a file, which keys belong to it
/// in the folder beside it, and the full-text index is of another kind.
pub const ONLY_ON_SERVER: [&str; 4] = ["version", "installation", "event_text", "beat"];

/// The program's own number, which is written when a database is prepared.
pub(super) const PREPARED: &str = "search_format";

const COLUMNS: &str = "SELECT relname::text, attname::text, atttypid, attidentity <> ''
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'fairseat_store' AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
    ORDER BY relname, attnum";
const KEYS: &str = "SELECT relname::text, attname::text
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace,
         unnest(conkey) WITH ORDINALITY AS part (number, nth)
         JOIN LATERAL (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = part.number) AS named ON true
    WHERE nspname = 'fairseat_store' AND contype = 'p' ORDER BY relname, nth";
const REFERENCES: &str = "SELECT DISTINCT own.relname::text, other.relname::text
    FROM pg_constraint JOIN pg_class AS own ON own.oid = conrelid JOIN pg_class AS other ON other.oid = confrelid
         JOIN pg_namespace ON pg_namespace.oid = own.relnamespace
    WHERE nspname = 'fairseat_store' AND contype = 'f' AND conrelid <> confrelid";

/// A table, with the names of its columns in the order in which rows are read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) types: Vec<Type>,
    /// The columns of the primary key, as places in `columns`.
    pub(super) key: Vec<usize>,
    /// The column that the server numbers.
    pub(super) numbered: Option<String>,
}

impl Table {
    /// The columns for a query of a table that is called `t` there. A quoted name without `t.` would be a text to SQLite if there were no such
    /// column.
    pub(super) fn column_list(&self) -> String {
        list(self.columns.iter(), "")
    }

    pub(super) fn key_list(&self, direction: &str) -> String {
        list(self.key.iter().filter_map(|place| self.columns.get(*place)), direction)
    }

    /// The columns for `COPY`.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
    }
}

fn list<'c>(columns: impl Iterator<Item = &'c String>, direction: &str) -> String {
    columns.map(|column| format!("t.\"{column}\"{direction}")).collect::<Vec<_>>().join(", ")
}

/// The tables to move: each one after those that it refers to.
pub(super) async fn read(client: &Client) -> Result<Vec<Table>, TransferError> {
    let mut tables: Vec<Table> = Vec::new();
    for row in client.query(COLUMNS, &[]).await? {
        let (name, column, type_id, is_numbered): (String, String, u32, bool) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        if ONLY_ON_SERVER.contains(&name.as_str()) || name == PREPARED {
            continue;
        }
        let Some(kind) =
            Type::from_oid(type_id).filter(|kind| [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind))
        else {
            return Err(TransferError::Schema(format!(
                "the column {column} of {name} has a type that cannot be copied"
            )));
        };
        if tables.last().is_none_or(|last| last.name != name) {
            tables.push(Table { name, ..Table::default() });
        }
        let Some(table) = tables.last_mut() else { continue };
        table.numbered = table.numbered.take().or_else(|| is_numbered.then(|| column.clone()));
        table.columns.push(column);
        table.types.push(kind);
    }
    for row in client.query(KEYS, &[]).await? {
        let (name, column): (String, String) = (row.get(0), row.get(1));
        if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
            table.key.extend(table.columns.iter().position(|known| *known == column));
        }
    }
    if let Some(table) = tables.iter().find(|table| table.key.is_empty()) {
        return Err(TransferError::Schema(format!("the table {} has no primary key", table.name)));
    }
    let references = client.query(REFERENCES, &[]).await?;
    in_order(tables, &references.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Orders tables so that each one comes after those that it refers to.
fn in_order(
    mut waiting: Vec<Table>,
    references: &BTreeSet<(String, String)>,
) -> Result<Vec<Table>, TransferError> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let is_waiting = |name: &String| waiting.iter().any(|table| table.name == *name);
        let blocked: BTreeSet<&String> =
            references.iter().filter(|(_, to)| is_waiting(to)).map(|(from, _)| from).collect();
        let (later, next): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|table| blocked.contains(&table.name));
        if next.is_empty() {
            return Err(TransferError::Schema("tables refer to each other in a circle".to_owned()));
        }
        ordered.extend(next);
        waiting = later;
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::{Table, in_order};

    #[test]
    fn a_table_comes_after_those_that_it_refers_to() {
        let table = |name: &str| Table { name: name.to_owned(), ..Table::default() };
        let refers = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
        };
        let tables = || ["audit", "members", "organizations", "users"].map(table).to_vec();
        let references =
            refers(&[("members", "users"), ("members", "organizations"), ("organizations", "users")]);
        let ordered = in_order(tables(), &references).unwrap();
        let names: Vec<_> = ordered.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["audit", "users", "organizations", "members"]);
        assert!(in_order(tables(), &refers(&[("audit", "users"), ("users", "audit")])).is_err());
    }
}
