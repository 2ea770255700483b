//! Values as PostgreSQL takes and gives them. The tables have whole numbers (`bigint`), text and bytes only; queries also give counts and truths.

use crate::value::{Value, ValueRef};
use bytes::{BufMut as _, BytesMut};
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

type Failure = Box<dyn Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Self::Null => return Ok(IsNull::Yes),
            Self::Integer(number) => match *wanted {
                Type::INT8 => out.put_i64(*number),
                Type::INT4 => out.put_i32(i32::try_from(*number)?),
                Type::INT2 => out.put_i16(i16::try_from(*number)?),
                Type::BOOL => out.put_u8(u8::from(*number != 0)),
                _ => return Err(format!("a number is given where {wanted} is wanted").into()),
            },
            Self::Text(text) if *wanted != Type::BYTEA => out.put_slice(text.as_bytes()),
            Self::Text(_) => return Err("text is given where bytes are wanted".into()),
            Self::Blob(bytes) if *wanted == Type::BYTEA => out.put_slice(bytes),
            Self::Blob(_) => return Err(format!("bytes are given where {wanted} is wanted").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_wanted: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'r> FromSql<'r> for ValueRef<'r> {
    fn from_sql(given: &Type, raw: &'r [u8]) -> Result<Self, Failure> {
        Ok(match *given {
            Type::INT8 => Self::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Self::Integer(i64::from(i32::from_be_bytes(raw.try_into()?))),
            Type::INT2 => Self::Integer(i64::from(i16::from_be_bytes(raw.try_into()?))),
            Type::BOOL => Self::Integer(i64::from(raw.first().is_some_and(|byte| *byte != 0))),
            Type::BYTEA => Self::Blob(raw),
            _ => Self::Text(std::str::from_utf8(raw)?),
        })
    }

    fn from_sql_null(_given: &Type) -> Result<Self, Failure> {
        Ok(Self::Null)
    }

    fn accepts(given: &Type) -> bool {
        matches!(
            *given,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::BOOL
                | Type::BYTEA
                | Type::TEXT
                | Type::VARCHAR
                | Type::UNKNOWN
        )
    }
}
