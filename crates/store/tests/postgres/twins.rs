//! The tables of the files and those on a server are twins: the same columns, of the same kinds, with the same keys.

use crate::common::Fixture;
use fairseat_store::Store;
use fairseat_store::provider_records::ProviderRecords;
use fairseat_store::transfer::ONLY_ON_SERVER;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A column: whether it may be NULL, and its kind in SQLite's words.
type Columns = BTreeMap<String, (bool, String)>;

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Columns,
    primary_key: Vec<String>,
    /// Columns whose values are unique together, apart from the primary key.
    unique: BTreeSet<Vec<String>>,
    /// A column, and the table and column that it refers to.
    references: BTreeSet<(String, String, String)>,
    /// Columns that are filled in when a row is inserted without them.
    defaults: BTreeSet<String>,
}

type Tables = BTreeMap<String, Table>;

fn rows<const N: usize>(file: &Connection, text: &str) -> Vec<[Option<String>; N]> {
    let mut statement = file.prepare(text).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        let mut cells = [const { None }; N];
        for (at, cell) in cells.iter_mut().enumerate() {
            *cell = row.get::<_, Option<String>>(at)?;
        }
        Ok(cells)
    };
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

fn tables_of_file(path: &Path) -> Tables {
    let file = Connection::open(path).unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'event_text%'";
    let mut tables = Tables::new();
    for [name] in rows::<1>(&file, names) {
        let name = name.unwrap();
        let mut table = Table::default();
        let columns = format!(
            "SELECT name, type, CAST(\"notnull\" AS text), CAST(pk AS text), dflt_value FROM pragma_table_info('{name}') ORDER BY pk"
        );
        for [column, kind, not_null, key, default] in rows::<5>(&file, &columns) {
            let column = column.unwrap();
            let is_key = key.unwrap() != "0";
            if is_key {
                table.primary_key.push(column.clone());
            }
            if default.is_some() {
                table.defaults.insert(column.clone());
            }
            table.columns.insert(column, (!is_key && not_null.unwrap() == "0", kind.unwrap()));
        }
        let indexes =
            format!("SELECT name FROM pragma_index_list('{name}') WHERE \"unique\" = 1 AND origin <> 'pk'");
        for [index] in rows::<1>(&file, &indexes) {
            let columns = format!("SELECT name FROM pragma_index_info('{}') ORDER BY seqno", index.unwrap());
            table
                .unique
                .insert(rows::<1>(&file, &columns).into_iter().map(|[column]| column.unwrap()).collect());
        }
        let references = format!("SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list('{name}')");
        table.references = rows::<3>(&file, &references)
            .into_iter()
            .map(|row| {
                let [from, table, to] = row.map(Option::unwrap);
                (from, table, to)
            })
            .collect();
        tables.insert(name, table);
    }
    tables
}

fn tables_of_server(by_hand: &dyn Fn(&str) -> String) -> Tables {
    let list = |text: &str| -> Vec<Vec<String>> {
        by_hand(text).lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
    };
    let mut tables = Tables::new();
    let columns = "SELECT table_name, column_name, is_nullable = 'YES', CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' \
                   WHEN 'bytea' THEN 'BLOB' ELSE data_type END, column_default IS NOT NULL \
                   FROM information_schema.columns WHERE table_schema = 'fairseat_store'";
    for row in list(columns) {
        let [table, column, nullable, kind, default] = <[String; 5]>::try_from(row).unwrap();
        let table = tables.entry(table).or_default();
        if default == "t" {
            table.defaults.insert(column.clone());
        }
        table.columns.insert(column, (nullable == "t", kind));
    }
    let keys = "SELECT indrelid::regclass::text, indisprimary, string_agg(attname, ',' ORDER BY nth) \
                FROM pg_index JOIN pg_class ON pg_class.oid = indrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace, \
                     unnest(indkey::int2[]) WITH ORDINALITY AS part (number, nth) \
                     JOIN LATERAL (SELECT attname FROM pg_attribute WHERE attrelid = indrelid AND attnum = part.number) AS named ON true \
                WHERE nspname = 'fairseat_store' AND indisunique GROUP BY indexrelid, indrelid, indisprimary";
    for row in list(keys) {
        let [table, primary, columns] = <[String; 3]>::try_from(row).unwrap();
        let table = tables.get_mut(table.trim_start_matches("fairseat_store.")).unwrap();
        let columns: Vec<String> = columns.split(',').map(str::to_owned).collect();
        if primary == "t" {
            table.primary_key = columns;
        } else {
            table.unique.insert(columns);
        }
    }
    let references = "SELECT own.relname, a.attname, other.relname, b.attname FROM pg_constraint \
                      JOIN pg_class AS own ON own.oid = conrelid JOIN pg_class AS other ON other.oid = confrelid \
                      JOIN pg_namespace ON pg_namespace.oid = own.relnamespace \
                      JOIN pg_attribute AS a ON a.attrelid = conrelid AND a.attnum = conkey[1] \
                      JOIN pg_attribute AS b ON b.attrelid = confrelid AND b.attnum = confkey[1] \
                      WHERE contype = 'f' AND nspname = 'fairseat_store' AND array_length(conkey, 1) = 1";
    for row in list(references) {
        let [table, from, other, to] = <[String; 4]>::try_from(row).unwrap();
        tables.get_mut(&table).unwrap().references.insert((from, other, to));
    }
    tables
}

#[tokio::test]
async fn tables_in_files_and_on_a_server_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let (store, records) = (folder.path().join("store.db"), folder.path().join("sandbox.db"));
    drop(Store::open(&store).await.unwrap());
    drop(ProviderRecords::in_file(&records).unwrap());
    let mut files = tables_of_file(&store);
    files.extend(tables_of_file(&records));

    let database = Fixture::new().await.database.unwrap();
    let mut server = tables_of_server(&|text| database.by_hand(text).unwrap());
    for only_there in ONLY_ON_SERVER {
        assert!(server.remove(only_there).is_some(), "{only_there}");
    }
    // SQLite has this column in every table without naming it.
    let rowid = server.get_mut("mailbox").unwrap().columns.remove("rowid");
    assert_eq!(rowid, Some((false, "INTEGER".to_owned())));

    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&files), names(&server));
    for (name, table) in &files {
        assert_eq!(table, &server[name], "{name}");
    }
    assert!(files.len() > 20, "{}", files.len());
}
