//! Values as both databases store them.

use crate::error::StoreError;

/// A value to store or to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueRef<'r> {
    /// NULL.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(&'r str),
    /// Bytes.
    Blob(&'r [u8]),
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef as Stored;
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match self {
            Self::Null => Stored::Null,
            Self::Integer(number) => Stored::Integer(*number),
            Self::Text(text) => Stored::Text(text.as_bytes()),
            Self::Blob(bytes) => Stored::Blob(bytes),
        }))
    }
}

impl<'r> ValueRef<'r> {
    pub(crate) fn of_sqlite(stored: rusqlite::types::ValueRef<'r>) -> Result<Self, StoreError> {
        use rusqlite::types::ValueRef as Stored;
        Ok(match stored {
            Stored::Null => Self::Null,
            Stored::Integer(number) => Self::Integer(number),
            Stored::Text(text) => {
                Self::Text(std::str::from_utf8(text).map_err(|_not_utf8| StoreError::Unreadable("text"))?)
            }
            Stored::Blob(bytes) => Self::Blob(bytes),
            Stored::Real(_) => return Err(StoreError::Unreadable("a fraction, which no column has")),
        })
    }

    /// The value, for itself.
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Integer(number) => Value::Integer(number),
            Self::Text(text) => Value::Text(text.to_owned()),
            Self::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }

    pub(crate) const fn as_integer(self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(number) } else { None }
    }

    pub(crate) const fn as_text(self) -> Option<&'r str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) const fn as_bytes(self) -> Option<&'r [u8]> {
        if let Self::Blob(bytes) = self { Some(bytes) } else { None }
    }
}
