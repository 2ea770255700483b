//! Queries of the repositories: run SQL text with values, read rows.
//!
//! Repositories use only [`Sql`], [`Row`] and [`Value`], with plain SQL and `?N` parameters that both databases understand. Where they differ,
//! a repository asks for the [`Dialect`]; that is so in a handful of places.

use crate::error::StoreError;
use crate::postgres::Transaction;
pub(crate) use crate::value::{Value, ValueRef};
use fairseat_domain::ids::{AccountId, EventNumber, OrderNumber, ReservationNumber, SeatIndex, TicketNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::time::Timestamp;
use std::cell::Cell;
use uuid::Uuid;

/// The part of a migration that SQL alone cannot do.
pub(crate) type Prepare = fn(&Sql<'_>) -> Result<(), StoreError>;

/// An open transaction.
#[derive(Debug)]
pub(crate) enum Sql<'c> {
    /// In SQLite.
    Sqlite(&'c rusqlite::Connection),
    /// In PostgreSQL.
    Postgres(&'c Transaction<'c>),
}

/// The database whose own words a query needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Sql<'_> {
    /// The database.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement that returns no rows. Returns how many rows it changed.
    pub(crate) fn execute(&self, text: &str, values: &[Value]) -> Result<usize, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(text)?;
                Ok(statement.execute(rusqlite::params_from_iter(values))?)
            }
            Self::Postgres(transaction) => transaction.execute(text, values),
        }
    }

    /// Runs a statement that returns no rows, once for each list of values.
    pub(crate) fn execute_each(
        &self,
        text: &str,
        rows: impl Iterator<Item = Vec<Value>>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(text)?;
                for values in rows {
                    statement.execute(rusqlite::params_from_iter(&values))?;
                }
                Ok(())
            }
            Self::Postgres(transaction) => transaction.execute_each(text, rows),
        }
    }

    /// The first row of a query, if any.
    pub(crate) fn one<T>(
        &self,
        text: &str,
        values: &[Value],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(text)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row::new(Cells::Sqlite(row)))).transpose()
            }
            Self::Postgres(transaction) => {
                let rows = transaction.query(text, values)?;
                rows.first().map(|row| read(&Row::new(Cells::Postgres(row)))).transpose()
            }
        }
    }

    /// All rows of a query.
    pub(crate) fn all<T>(
        &self,
        text: &str,
        values: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(text)?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let mut all = Vec::new();
                while let Some(row) = rows.next()? {
                    all.push(read(&Row::new(Cells::Sqlite(row)))?);
                }
                Ok(all)
            }
            Self::Postgres(transaction) => {
                let rows = transaction.query(text, values)?;
                rows.iter().map(|row| read(&Row::new(Cells::Postgres(row)))).collect()
            }
        }
    }

    /// The number that a `COUNT` query returns.
    pub(crate) fn count(&self, text: &str, values: &[Value]) -> Result<u64, StoreError> {
        Ok(self.one(text, values, cell)?.unwrap_or_default())
    }
}

/// Conditions of a query, and the values of their parameters.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// No conditions yet.
    pub(crate) const fn new() -> Self {
        Self { conditions: Vec::new(), values: Vec::new() }
    }

    /// Adds a value, and returns its parameter, such as `?3`.
    pub(crate) fn bind(&mut self, value: impl Column) -> String {
        self.values.push(value.value());
        format!("?{}", self.values.len())
    }

    /// Adds a condition.
    pub(crate) fn and(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// All conditions joined by `AND`.
    pub(crate) fn condition(&self) -> String {
        if self.conditions.is_empty() { "1 = 1".to_owned() } else { self.conditions.join(" AND ") }
    }

    /// The values, in the order of the parameters.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

/// A row whose columns are read from left to right, in the order of a struct's fields, so that no column is addressed by number.
pub(crate) struct Row<'r> {
    cells: Cells<'r>,
    column: Cell<usize>,
}

/// The columns of a row.
enum Cells<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl<'r> Row<'r> {
    const fn new(cells: Cells<'r>) -> Self {
        Self { cells, column: Cell::new(0) }
    }

    /// The next column.
    pub(crate) fn next<T: Column>(&self) -> Result<T, StoreError> {
        let column = self.column.get();
        self.column.set(column.saturating_add(1));
        match self.cells {
            Cells::Sqlite(row) => T::read(ValueRef::of_sqlite(row.get_ref(column)?)?),
            Cells::Postgres(row) => T::read(row.try_get(column)?),
        }
    }

    /// Skips columns.
    pub(crate) fn skip(&self, columns: usize) {
        self.column.set(self.column.get().saturating_add(columns));
    }
}

/// The only column of a row.
pub(crate) fn cell<T: Column>(row: &Row<'_>) -> Result<T, StoreError> {
    row.next()
}

/// A type that can be stored in a column.
pub(crate) trait Column: Sized {
    /// The value to store.
    fn value(&self) -> Value;
    /// Reads a stored value.
    fn read(value: ValueRef<'_>) -> Result<Self, StoreError>;
}

/// The values of a text's parameters, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::sql::Column::value(&$value)),*] };
}
pub(crate) use values;

impl Column for i64 {
    fn value(&self) -> Value {
        Value::Integer(*self)
    }

    fn read(value: ValueRef<'_>) -> Result<Self, StoreError> {
        value.as_integer().ok_or(StoreError::Unreadable("integer"))
    }
}

/// Declares types that are stored as another type.
macro_rules! column_as {
    ($($type:ty as $inner:ty: |$this:ident| $to:expr, |$stored:ident| $from:expr;)*) => {$(
        impl $crate::sql::Column for $type {
            fn value(&self) -> $crate::sql::Value {
                let $this = self;
                <$inner as $crate::sql::Column>::value(&$to)
            }

            fn read(value: $crate::sql::ValueRef<'_>) -> Result<Self, $crate::StoreError> {
                let $stored = <$inner as $crate::sql::Column>::read(value)?;
                $from.ok_or($crate::StoreError::Unreadable(stringify!($type)))
            }
        }
    )*};
}
pub(crate) use column_as;

column_as! {
    bool as i64: |this| i64::from(*this), |stored| Some(stored != 0);
    // Positions and event numbers are far below 2^63; a larger one saturates rather than wraps.
    u64 as i64: |this| i64::try_from(*this).unwrap_or(i64::MAX), |stored| Self::try_from(stored).ok();
    u32 as i64: |this| i64::from(*this), |stored| Self::try_from(stored).ok();
    u16 as i64: |this| i64::from(*this), |stored| Self::try_from(stored).ok();
    Timestamp as i64: |this| this.as_millis(), |stored| Some(Self::from_millis(stored));
    Amount as i64: |this| this.0, |stored| Some(Self(stored));
    EventNumber as u64: |this| this.0, |stored| Some(Self(stored));
    SeatIndex as u32: |this| this.0, |stored| Some(Self(stored));
    ReservationNumber as u32: |this| this.0, |stored| Some(Self(stored));
    OrderNumber as u32: |this| this.0, |stored| Some(Self(stored));
    TicketNumber as u32: |this| this.0, |stored| Some(Self(stored));
    Uuid as [u8; 16]: |this| *this.as_bytes(), |stored| Some(Self::from_bytes(stored));
    AccountId as [u8; 16]: |this| this.0.to_be_bytes(), |stored| Some(Self(u128::from_be_bytes(stored)));
    Currency as String: |this| this.code().to_owned(), |stored| Self::from_code(&stored);
}

impl<const N: usize> Column for [u8; N] {
    fn value(&self) -> Value {
        Value::Blob(self.to_vec())
    }

    fn read(value: ValueRef<'_>) -> Result<Self, StoreError> {
        let bytes = value.as_bytes().ok_or(StoreError::Unreadable("bytes"))?;
        bytes.try_into().ok().ok_or(StoreError::Unreadable("bytes of a fixed length"))
    }
}

impl Column for Vec<u8> {
    fn value(&self) -> Value {
        Value::Blob(self.clone())
    }

    fn read(value: ValueRef<'_>) -> Result<Self, StoreError> {
        value.as_bytes().map(<[u8]>::to_vec).ok_or(StoreError::Unreadable("bytes"))
    }
}

impl Column for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn read(value: ValueRef<'_>) -> Result<Self, StoreError> {
        value.as_text().map(str::to_owned).ok_or(StoreError::Unreadable("text"))
    }
}

impl<T: Column> Column for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::value)
    }

    fn read(value: ValueRef<'_>) -> Result<Self, StoreError> {
        if value == ValueRef::Null { Ok(None) } else { T::read(value).map(Some) }
    }
}

/// Declares an enum that is stored, and written to JSON, as text: one name for each variant.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stored name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The variant with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        $crate::sql::column_as! {
            $name as String: |this| this.name().to_owned(), |stored| Self::from_name(&stored);
        }
    };
}
pub(crate) use text_enum;
