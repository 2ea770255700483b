//! What buyers send to pay with, checked as far as a form can be, and turned into what the provider takes.
//!
//! What must always hold: the number and the code on a card go no further than this file, except for the published test
//! numbers, which are nobody's; nothing here is logged, and no message repeats any of it.

use super::sandbox;
use crate::config::Payments;
use crate::http::check::Check;
use crate::http::problem::{Code, Problem};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Instrument;
use serde::Deserialize;
use std::fmt;
use utoipa::ToSchema;

/// What to pay with: a provider's token, or (in the sandbox alone) one of Stripe's published test numbers.
#[derive(Deserialize, ToSchema)]
pub struct PaymentDetails {
    /// From the provider's own form
    payment_token: Option<String>,
    /// 4242424242424242 succeeds, 4000000000000002 is declined, 4000000000009995 has insufficient funds, 4000002500003155
    /// needs authentication
    card_number: Option<String>,
    /// `12/30`
    expiry: Option<String>,
    /// 3 or 4 digits
    cvv: Option<String>,
}

impl fmt::Debug for PaymentDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaymentDetails(secret)")
    }
}

const FIELD: &str = "payment_details";
const CARD_NUMBER: &str = "payment_details.card_number";
const EXPIRY: &str = "payment_details.expiry";
/// The last of a month's clocks to show its end is so far behind UTC.
const LAST_CLOCK: Millis = Millis::from_seconds(12 * 3600);
const MAX_TOKEN_BYTES: usize = 255;
const TEST_NUMBERS: &str = "must be one of the published test numbers: 4242424242424242 (succeeds), 4000000000000002 (declined), \
                            4000000000009995 (insufficient funds), 4000002500003155 (needs authentication)";

impl PaymentDetails {
    /// What the provider takes.
    ///
    /// # Errors
    /// `invalid` for what is no card or token, `card_data_not_accepted` for a card where only tokens are taken.
    pub fn instrument(&self, provider: Payments, now: Timestamp) -> Result<Instrument, Problem> {
        let card = self.card_number.is_some() || self.expiry.is_some() || self.cvv.is_some();
        match (&self.payment_token, card) {
            (Some(token), false) => self::token(token, provider),
            (None, true) => self.card(provider, now),
            (Some(_), true) | (None, false) => {
                Err(Problem::invalid(FIELD, "must have either payment_token, or card_number, expiry and cvv"))
            }
        }
    }

    fn card(&self, provider: Payments, now: Timestamp) -> Result<Instrument, Problem> {
        if !takes_cards(provider) {
            return Err(Problem::new(
                Code::CardDataNotAccepted,
                "Never send card numbers here: use the provider's form, and send its payment_token.",
            ));
        }
        let mut check = Check::new();
        let digits = |text: &Option<String>| text.as_deref().unwrap_or_default().replace([' ', '-'], "");
        let number = digits(&self.card_number);
        check.that(sandbox::is_test_card(&number), CARD_NUMBER, TEST_NUMBERS);
        let expiry = month_of(self.expiry.as_deref().unwrap_or_default());
        check.that(expiry.is_some(), EXPIRY, "must be a month and a year such as 12/30");
        check.that(
            expiry.is_none_or(|last| !is_over(last, now)),
            EXPIRY,
            "is in the past: the card has expired",
        );
        check.that(is_code(&digits(&self.cvv)), "payment_details.cvv", "must have 3 or 4 digits");
        check.finish()?;
        Ok(Instrument(number))
    }
}

const fn takes_cards(provider: Payments) -> bool {
    match provider {
        Payments::Sandbox => true,
    }
}

fn token(token: &str, provider: Payments) -> Result<Instrument, Problem> {
    let plain = !token.is_empty()
        && token.len() <= MAX_TOKEN_BYTES
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let known = match provider {
        Payments::Sandbox => sandbox::is_test_instrument(token) && !sandbox::is_test_card(token),
    };
    if plain && known {
        return Ok(Instrument(token.to_owned()));
    }
    Err(Problem::invalid("payment_details.payment_token", "is no token of the payment provider"))
}

/// A year and a month of it out of `MM/YY` or `MM/YYYY`, spaces around the slash tolerated.
fn month_of(text: &str) -> Option<(i16, i8)> {
    let (month, year) = text.split_once(['/', '-'])?;
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (month, year) = (month.trim(), year.trim());
    if !digits(month) || !digits(year) || month.len() > 2 {
        return None;
    }
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let year: i16 = year.parse().ok().filter(|_| matches!(year.len(), 2 | 4))?;
    Some((if year < 100 { 2000 + year } else { year }, month))
}

/// Whether a card that is good until the end of this month is over, on every clock of the world.
fn is_over(last: (i16, i8), now: Timestamp) -> bool {
    let now = jiff::Timestamp::from_millisecond(now.minus(LAST_CLOCK).as_millis()).unwrap_or_default();
    let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    last < (today.year(), today.month())
}

fn is_code(text: &str) -> bool {
    matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01T11:00:00Z: it is still November somewhere.
    const NOW: Millis = Millis(1_796_122_800_000);

    fn outcome(details: serde_json::Value) -> Result<String, String> {
        let details: PaymentDetails = serde_json::from_value(details).map_err(|error| error.to_string())?;
        let instrument = details.instrument(Payments::Sandbox, Timestamp::EPOCH.plus(NOW));
        instrument.map(|instrument| instrument.0).map_err(|problem| {
            let document = problem.document();
            assert!(!document.to_string().contains("5555"), "nothing that was sent is repeated");
            let errors = document["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
            let fields: Vec<_> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
            fields.join(" ").replace("payment_details", "")
        })
    }

    #[test]
    fn the_sandbox_takes_test_numbers_and_nothing_else() {
        use serde_json::json;
        let card = |number: &str, expiry: &str, cvv: &str| {
            outcome(json!({"card_number": number, "expiry": expiry, "cvv": cvv}))
        };
        assert_eq!(card("4242424242424242", "12/30", "123"), Ok("4242424242424242".to_owned()));
        assert_eq!(card("4242 4242-4242 4242", "1/2030", "1234"), Ok("4242424242424242".to_owned()));
        assert_eq!(card("4000002500003155", "12 / 30", "123"), Ok("4000002500003155".to_owned()));
        assert_eq!(card("4242424242424242", "11/26", "123"), Ok("4242424242424242".to_owned()));
        for (number, expiry, cvv, fields) in [
            ("5555555555554444", "12/30", "123", ".card_number"),
            ("tok_visa", "12/30", "123", ".card_number"),
            ("", "12/30", "123", ".card_number"),
            ("4242424242424242", "10/26", "123", ".expiry"),
            ("4242424242424242", "12/2025", "123", ".expiry"),
            ("4242424242424242", "13/30", "123", ".expiry"),
            ("4242424242424242", "12/3", "123", ".expiry"),
            ("4242424242424242", "1230", "123", ".expiry"),
            ("4242424242424242", "+1/30", "123", ".expiry"),
            ("4242424242424242", "12/30", "12", ".cvv"),
            ("4242424242424242", "12/30", "12a", ".cvv"),
            ("5555555555554444", "", "", ".card_number .expiry .cvv"),
        ] {
            assert_eq!(card(number, expiry, cvv), Err(fields.to_owned()), "{number} {expiry} {cvv}");
        }
        assert_eq!(outcome(json!({"payment_token": "tok_visa"})), Ok("tok_visa".to_owned()));
        assert_eq!(outcome(json!({"payment_token": "4242424242424242"})), Err(".payment_token".to_owned()));
        assert_eq!(outcome(json!({"payment_token": "tok_5555"})), Err(".payment_token".to_owned()));
        assert_eq!(outcome(json!({})), Err(String::new()));
        let both = json!({"payment_token": "tok_visa", "card_number": "4242424242424242"});
        assert_eq!(outcome(both), Err(String::new()));
    }
}
