//! Exact money and time in JSON: an amount is parsed from the number's text and written digit by digit.
//!
//! What must always hold: no amount is ever a binary float. serde's `flatten` and `untagged` buffer values and turn numbers into floats, so
//! [`MoneyText`] fails inside such types; do not use money in them.

use fairseat_domain::money::{Amount, Currency, ParseAmountError};
use fairseat_domain::time::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An amount from a request, before its currency is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyText(String);

impl MoneyText {
    /// The number's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount in `currency`.
    ///
    /// # Errors
    /// When it has more decimals than the currency, or is out of range.
    pub fn amount(&self, currency: Currency) -> Result<Amount, ParseAmountError> {
        currency.parse(&self.0)
    }
}

impl<'de> Deserialize<'de> for MoneyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        // RawValue is valid JSON, so its first byte tells whether it is a number.
        if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(D::Error::custom("must be a number such as 300.00"))
    }
}

/// An amount in an answer, written with its currency's decimals: `300.00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonMoney(pub Amount, pub Currency);

impl Serialize for JsonMoney {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.1.format(self.0)).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// An instant. It is read as RFC 3339 with any offset, and always written in UTC with three decimals, so that sorting the texts sorts the
/// times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonTime(pub Timestamp);

impl<'de> Deserialize<'de> for JsonTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let unreadable =
            || D::Error::custom("must be a time such as 2026-12-01T20:00:00Z, from 1970 to 9999");
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let time: jiff::Timestamp = text.parse().ok().ok_or_else(unreadable)?;
        let millis = time.as_millisecond();
        let clamped = Timestamp::from_millis(millis);
        if clamped.as_millis() == millis { Ok(Self(clamped)) } else { Err(unreadable()) }
    }
}

impl Serialize for JsonTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time =
            jiff::Timestamp::from_millisecond(self.0.as_millis()).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&MILLISECONDS.timestamp_to_string(&time))
    }
}

fn money_schema() -> RefOr<Schema> {
    let example = serde_json::json!(300.0);
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .description(Some("In the currency's main unit"))
        .examples([example])
        .into()
}

macro_rules! schema {
    ($($type:ty: $name:literal $schema:expr;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    $schema
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed($name)
                }
            }
        )*
    };
}

schema! {
    MoneyText: "Money" money_schema();
    JsonMoney: "Money" money_schema();
    JsonTime: "Time" ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    struct Prices {
        price_tiers: BTreeMap<String, MoneyText>,
    }

    #[test]
    fn amounts_are_read_exactly() {
        for (json, expected) in [
            ("300", Ok(Amount(30_000))),
            ("300.00", Ok(Amount(30_000))),
            ("3e2", Ok(Amount(30_000))),
            ("0.1", Ok(Amount(10))),
            ("9007199254.99", Ok(Amount(900_719_925_499))),
            ("0.005", Err(ParseAmountError::TooPrecise)),
            ("1e300", Err(ParseAmountError::OutOfRange)),
        ] {
            let prices: Prices =
                serde_json::from_str(&format!(r#"{{"price_tiers": {{"Floor":  {json} }}}}"#)).unwrap();
            assert_eq!(prices.price_tiers["Floor"].amount(Currency::USD), expected, "{json}");
        }
    }

    #[test]
    fn anything_but_a_number_is_refused() {
        for json in ["\"300.00\"", "null", "[1]", "{}", "true"] {
            let refused = serde_json::from_str::<MoneyText>(json).unwrap_err().to_string();
            assert!(refused.starts_with("must be a number such as 300.00"), "{json}: {refused}");
        }
    }

    #[test]
    fn money_is_written_with_its_decimals() {
        let yen = Currency::from_code("JPY").unwrap();
        let json =
            serde_json::to_string(&[JsonMoney(Amount(30_000), Currency::USD), JsonMoney(Amount(5), yen)]);
        assert_eq!(json.unwrap(), "[300.00,5]");
    }

    #[test]
    fn times_are_read_with_any_offset_and_written_in_utc() {
        for (given, expected) in [
            ("2026-12-01T20:00:00Z", Some("2026-12-01T20:00:00.000Z")),
            ("2026-12-01T20:00:00+02:00", Some("2026-12-01T18:00:00.000Z")),
            ("2026-12-01T20:00:00.25Z", Some("2026-12-01T20:00:00.250Z")),
            ("2026-12-01", None),
            ("2026-12-01T20:00:00", None),
            ("1969-12-31T23:59:59Z", None),
            ("+010000-01-01T00:00:00Z", None),
            ("tomorrow", None),
        ] {
            let time = serde_json::from_str::<JsonTime>(&format!("\"{given}\""));
            let written = time.ok().map(|time| serde_json::to_value(time).unwrap());
            assert_eq!(written.as_ref().and_then(|value| value.as_str()), expected, "{given}");
        }
    }
}
