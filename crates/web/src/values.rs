//! Money and time from the API, formatted for people.

use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::money_text::grouped;
pub use fairseat_domain::money_text::{typed_amount, typed_price, without_currency};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Reads a seat's number as a text; the API sends it as a number or as a text.
///
/// # Errors
/// When it is not JSON.
pub fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// An amount with the digits that the API sent. Its currency is another field of the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money(String);

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Box::<RawValue>::deserialize(deserializer)?.get().to_owned()))
    }
}

impl Money {
    /// `$1,250.00`, `€18.00`, `CHF 20.00`.
    pub fn text(&self, currency: &str) -> String {
        let Some(known) = Currency::from_code(currency) else { return format!("{currency} {}", self.0) };
        known
            .parse(&self.0)
            .map_or_else(|_unreadable| format!("{currency} {}", self.0), |amount| known.text(amount))
    }

    /// The amount in minor units; `None` if the currency is unknown or does not have these decimals.
    pub fn amount(&self, currency: &str) -> Option<Amount> {
        Currency::from_code(currency)?.parse(&self.0).ok()
    }

    /// The digits as they were sent, for machines: `1250.00`.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The digits without trailing zeros, for percentages: `12.5`.
    pub fn short(&self) -> &str {
        let whole = self.0.strip_suffix(".00").unwrap_or(&self.0);
        if whole.contains('.') { whole.trim_end_matches('0') } else { whole }
    }

    /// Whether the amount is zero.
    pub fn is_zero(&self) -> bool {
        self.0.chars().all(|digit| matches!(digit, '0' | '.'))
    }
}

/// The sum of prices: `$208.00`; `None` if one of them is unknown or does not fit the currency.
pub fn total<'m>(prices: impl IntoIterator<Item = Option<&'m Money>>, currency: &str) -> Option<String> {
    let known = Currency::from_code(currency)?;
    let amounts: Option<Vec<Amount>> = prices.into_iter().map(|price| known.parse(&price?.0).ok()).collect();
    let sum = Amount::sum(amounts?).ok()?;
    Some(known.text(sum))
}

/// A count with thousands separators: `100,000`.
pub fn count(number: &u64) -> String {
    grouped(&number.to_string())
}

/// The range of these prices; `None` if there are none.
pub fn range_of<'m>(prices: impl Iterator<Item = &'m Money>, currency: &str) -> Option<String> {
    let known = Currency::from_code(currency)?;
    let mut priced: Vec<(Amount, &Money)> =
        prices.filter_map(|price| Some((known.parse(&price.0).ok()?, price))).collect();
    priced.sort_by_key(|(amount, _)| *amount);
    price_range(priced.first().map(|(_, price)| *price), priced.last().map(|(_, price)| *price), currency)
}

/// A range of prices: `$20.00`, `$20.00 – $80.00`, `Free`.
pub fn price_range(low: Option<&Money>, high: Option<&Money>, currency: &str) -> Option<String> {
    let (low, high) = (low?, high?);
    if high.is_zero() {
        return Some("Free".to_owned());
    }
    let (from, to) = (low.text(currency), high.text(currency));
    Some(if from == to { from } else { format!("{from} – {to}") })
}

/// A point in time from the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Timestamp);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, for machines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A point in time in one time zone.
#[derive(Clone, Debug)]
pub struct Local(jiff::ZonedDateTime);

impl Instant {
    /// In this IANA time zone; in UTC when the zone is unknown.
    pub fn at(self, zone: &str) -> Local {
        Local(self.0.to_zoned_datetime(TimeZone::get(zone).unwrap_or(TimeZone::UTC)))
    }

    /// Whether it is now or in the past.
    pub fn is_past(self) -> bool {
        self.0 <= Timestamp::now()
    }
}

impl Local {
    fn text(&self, format: &str) -> String {
        self.0.strftime(format).to_string()
    }

    /// `Saturday, 5 December 2026`.
    pub fn day(&self) -> String {
        self.text("%A, %-d %B %Y")
    }

    /// `Sat 5 Dec 2026`.
    pub fn short_day(&self) -> String {
        self.text("%a %-d %b %Y")
    }

    /// `20:00`.
    pub fn clock(&self) -> String {
        self.text("%H:%M")
    }

    /// `20:00 GMT`.
    pub fn clock_and_zone(&self) -> String {
        self.text("%H:%M %Z")
    }

    /// `20:00:05`.
    pub fn seconds(&self) -> String {
        self.text("%H:%M:%S")
    }

    /// The zone's abbreviation on that day, or its offset from UTC if it has none: `GMT`, `+03`.
    pub fn zone(&self) -> String {
        self.text("%Z")
    }

    /// `Sat 5 Dec 2026, 20:00 GMT`.
    pub fn full(&self) -> String {
        self.text("%a %-d %b %Y, %H:%M %Z")
    }

    /// The format of form fields for times: `2026-12-05T20:00`.
    pub fn field(&self) -> String {
        self.text("%Y-%m-%dT%H:%M")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_the_venues_time_zone() {
        let start: Instant = serde_json::from_str("\"2026-12-01T01:00:00.000Z\"").unwrap();
        assert_eq!(start.at("America/New_York").full(), "Mon 30 Nov 2026, 20:00 EST");
        assert_eq!(start.at("Nowhere/Else").full(), "Tue 1 Dec 2026, 01:00 UTC");
    }
}
