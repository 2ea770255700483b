//! The fields of a submitted form, so that a refused form can be shown again; and their conversion to the API's numbers and times.

use super::problem_text::saved_meanwhile;
use fairseat_client::FieldProblem;
use fairseat_domain::money::Currency;
use fairseat_web::values::without_currency;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde_json::{Number, Value};

/// The fields of a form in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form body or a query string.
    pub(crate) fn read(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    /// The first value with this name, trimmed; empty when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The value, unless it is empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Whether the field was sent: a ticked checkbox, or the button that was pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// All values of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The fields whose names begin with `prefix`: the rest of the name, and the value.
    pub(crate) fn after<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())))
    }

    /// The fields among `names` whose value in `saved` differs from the value here.
    pub(crate) fn differing(&self, saved: &Self, names: &[&str]) -> Vec<FieldProblem> {
        let differs = |name: &&&str| self.get(name) != saved.get(name);
        names.iter().filter(differs).map(|name| saved_meanwhile(name, saved.get(name))).collect()
    }

    /// Sets a field; [`Self::get`] finds this value before others of the same name.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(0, (name.to_owned(), value.into()));
    }
}

/// A number for the API, with a point or a comma before one or two decimals. Any other text stays a text, which the API refuses with a
/// message: `1,000` and `1.000` mean a thousand to some people and one to others.
pub(crate) fn number(text: &str) -> Value {
    decimal(text, 2)
}

/// Like [`number`], for an amount of money, with or without its currency: `20`, `$20`, `20 EUR`. Currencies with three decimals need a point.
pub(crate) fn amount(text: &str, currency: &str) -> Value {
    decimal(without_currency(text, currency), Currency::from_code(currency).map_or(2, Currency::decimals))
}

fn decimal(text: &str, most: u8) -> Value {
    let decimals = text.split_once([',', '.']).map(|(_, decimals)| decimals.len());
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-'));
    let is_clear = match decimals {
        None | Some(1 | 2) => true,
        Some(decimals) => decimals == usize::from(most) && !text.contains(','),
    };
    let number = text.replacen(',', ".", 1).parse::<Number>().ok().filter(|_| is_plain && is_clear);
    number.map_or_else(|| Value::from(text), Value::Number)
}

/// A time in the time zone `zone`, as an instant for the API. Any other text stays a text, which the API refuses with a message; so does a
/// time that the clocks skip in spring. A time that occurs twice in autumn means the first one.
pub(crate) fn instant(text: &str, zone: &str) -> Value {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let zoned = text.parse::<DateTime>().and_then(|time| match zone.to_ambiguous_zoned_datetime(time) {
        skipped if matches!(skipped.offset(), AmbiguousOffset::Gap { .. }) => skipped.unambiguous(),
        once_or_twice => once_or_twice.earlier(),
    });
    zoned.map_or_else(|_unreadable| Value::from(text), |time| Value::from(time.timestamp().to_string()))
}

/// A random idempotency key for a form, so that sending it twice has one effect.
pub(crate) fn new_idempotency_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_in_the_venues_time_zone() {
        assert_eq!(instant("2026-12-05T20:00", "America/New_York"), json!("2026-12-06T01:00:00Z"));
        assert_eq!(instant("2026-07-05T20:00", "Europe/Berlin"), json!("2026-07-05T18:00:00Z"));
        assert_eq!(instant("2026-12-05T20:00", "Nowhere/Else"), json!("2026-12-05T20:00:00Z"));
        assert_eq!(instant("soon", "Europe/Berlin"), json!("soon"));
        assert_eq!(
            instant("2026-03-29T02:30", "Europe/Berlin"),
            json!("2026-03-29T02:30"),
            "the clocks skip it"
        );
        assert_eq!(
            instant("2026-10-25T02:30", "Europe/Berlin"),
            json!("2026-10-25T00:30:00Z"),
            "the first of two"
        );
    }

    #[test]
    fn ambiguous_numbers_stay_texts() {
        assert_eq!(number("79.50").to_string(), "79.5");
        assert_eq!(number("79,5").to_string(), "79.5");
        assert_eq!(number("12").to_string(), "12");
        for unclear in
            ["a lot", "1,000", "1.000", "0.125", "1.2.3", "1.000,50", "1,000.50", "1,2,3", "1e2", "12,", ""]
        {
            assert_eq!(number(unclear), json!(unclear));
        }
    }

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        for (text, currency, read) in [
            ("1.000", "KWD", json!(1.0)),
            ("1,000", "KWD", json!("1,000")),
            ("1.000", "EUR", json!("1.000")),
            ("12,5", "EUR", json!(12.5)),
            ("1200", "JPY", json!(1200)),
            ("1.000", "JPY", json!("1.000")),
        ] {
            assert_eq!(amount(text, currency), read, "{text} {currency}");
        }
    }

    #[test]
    fn fields_are_read_from_a_form() {
        let fields = Fields::read(b"name=+A+%26+B+&seat=1&seat=2&price.Stalls=3");
        assert_eq!(fields.get("name"), "A & B");
        assert_eq!(fields.all("seat").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.after("price.").collect::<Vec<_>>(), [("Stalls", "3")]);
        assert!(fields.has("seat") && fields.given("nothing").is_none());
    }
}
