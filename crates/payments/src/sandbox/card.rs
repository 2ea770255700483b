//! The payment details that the sandbox accepts: Stripe's published test card numbers, the test tokens of the same cards, and tokens of personal
//! cards. A published number stands for the cards of many people; `pm_card_visa_of_ada` stands for the one card of somebody called Ada, so that
//! limits by card can be tried.
//!
//! What must always hold: card numbers and codes do not leave this file, except for the published test numbers; this module logs nothing,
//! and no message contains a value.

use crate::provider::{Details, DetailsError, FieldProblem};
use fairseat_domain::time::{Millis, Timestamp};
use fairseat_engine::Instrument;

/// How much later than in UTC a month ends in the last time zone.
const LAST_TIME_ZONE: Millis = Millis::from_seconds(12 * 3600);
const TEST_NUMBERS: &str = "must be one of the published test numbers: 4242424242424242 (succeeds), 4000000000000002 (declined), \
                            4000000000009995 (insufficient funds), 4000002500003155 (needs authentication)";

/// The start of a personal card's token; the owner's name follows.
const PERSONAL: &str = "pm_card_visa_of_";
const MAX_OWNER_CHARS: usize = 32;

/// The owner of a personal card: 1 to 32 lower-case letters and digits.
pub(super) fn owner_of(instrument: &str) -> Option<&str> {
    let owner = instrument.strip_prefix(PERSONAL)?;
    let is_name = owner.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (is_name && (1..=MAX_OWNER_CHARS).contains(&owner.len())).then_some(owner)
}

/// The outcome of a published test number or test token.
pub(super) fn outcome_of(instrument: &str) -> Option<(&'static str, Option<&'static str>)> {
    match instrument {
        personal if owner_of(personal).is_some() => Some(("authorized", None)),
        "4242424242424242" | "pm_card_visa" | "tok_visa" => Some(("authorized", None)),
        "4000000000000002" | "pm_card_chargeDeclined" => Some(("declined", Some("generic"))),
        "4000000000009995" | "pm_card_chargeDeclinedInsufficientFunds" => {
            Some(("declined", Some("insufficient_funds")))
        }
        "4000002500003155" | "pm_card_authenticationRequired" => Some(("needs_action", None)),
        _ => None,
    }
}

/// The instrument from a buyer's details.
pub(super) fn instrument(details: &Details, now: Timestamp) -> Result<Instrument, DetailsError> {
    let is_card = details.card_number.is_some() || details.expiry.is_some() || details.cvv.is_some();
    match (&details.payment_token, is_card) {
        (Some(token), false) if outcome_of(token).is_some() && !is_test_card(token) => {
            Ok(Instrument(token.clone()))
        }
        (Some(_), false) => invalid("payment_token", "is no token of the payment provider"),
        (None, true) => card(details, now),
        (Some(_), true) | (None, false) => {
            invalid("", "must have either payment_token, or card_number, expiry and cvv")
        }
    }
}

fn invalid(field: &'static str, message: &'static str) -> Result<Instrument, DetailsError> {
    Err(DetailsError::Invalid(vec![FieldProblem { field, message }]))
}

fn card(details: &Details, now: Timestamp) -> Result<Instrument, DetailsError> {
    let digits = |text: &Option<String>| text.as_deref().unwrap_or_default().replace([' ', '-'], "");
    let mut problems = Vec::new();
    let mut check = |holds: bool, field, message| {
        if !holds {
            problems.push(FieldProblem { field, message });
        }
    };
    let number = digits(&details.card_number);
    check(is_test_card(&number), "card_number", TEST_NUMBERS);
    let expiry = month_of(details.expiry.as_deref().unwrap_or_default());
    check(expiry.is_some(), "expiry", "must be a month and a year such as 12/30");
    check(expiry.is_none_or(|last| !is_over(last, now)), "expiry", "is in the past: the card has expired");
    check(is_code(&digits(&details.cvv)), "cvv", "must have 3 or 4 digits");
    if problems.is_empty() { Ok(Instrument(number)) } else { Err(DetailsError::Invalid(problems)) }
}

fn is_test_card(number: &str) -> bool {
    number.bytes().all(|byte| byte.is_ascii_digit()) && outcome_of(number).is_some()
}

/// The year and the month in `MM/YY` or `MM/YYYY`. The month may have one digit; spaces or a dash do for the slash, and without one
/// (`1230`, `122030`) the first two digits are the month.
fn month_of(text: &str) -> Option<(i16, i8)> {
    let text = text.trim();
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, '/' | '-' | '.');
    let (month, year) = match text.split_once(is_between) {
        Some((month, year)) => (month, year.trim_matches(is_between)),
        None if matches!(text.len(), 4 | 6) => text.split_at_checked(2)?,
        None => return None,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(month) || !digits(year) || month.len() > 2 {
        return None;
    }
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    let year: i16 = year.parse().ok().filter(|_| matches!(year.len(), 2 | 4))?;
    Some((if year < 100 { 2000 + year } else { year }, month))
}

/// Whether a card that is valid until the end of this month has expired in every time zone.
fn is_over(last: (i16, i8), now: Timestamp) -> bool {
    let now = jiff::Timestamp::from_millisecond(now.minus(LAST_TIME_ZONE).as_millis()).unwrap_or_default();
    let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    last < (today.year(), today.month())
}

fn is_code(text: &str) -> bool {
    matches!(text.len(), 3 | 4) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01T11:00:00Z, when it is still November in the last time zone.
    const NOW: Millis = Millis(1_796_122_800_000);

    fn outcome(details: serde_json::Value) -> Result<String, String> {
        let field = |name: &str| details[name].as_str().map(str::to_owned);
        let details = Details {
            payment_token: field("payment_token"),
            card_number: field("card_number"),
            expiry: field("expiry"),
            cvv: field("cvv"),
        };
        let instrument = instrument(&details, Timestamp::EPOCH.plus(NOW));
        instrument.map(|instrument| instrument.0).map_err(|error| {
            assert!(!format!("{error:?}").contains("5555"), "nothing that was sent is repeated");
            let DetailsError::Invalid(problems) = error else { panic!("the sandbox takes cards") };
            problems.iter().map(|problem| problem.field).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn the_sandbox_accepts_published_test_numbers_only() {
        use serde_json::json;
        let card = |number: &str, expiry: &str, cvv: &str| {
            outcome(json!({"card_number": number, "expiry": expiry, "cvv": cvv}))
        };
        assert_eq!(card("4242424242424242", "12/30", "123"), Ok("4242424242424242".to_owned()));
        assert_eq!(card("4242 4242-4242 4242", "1/2030", "1234"), Ok("4242424242424242".to_owned()));
        assert_eq!(card("4000002500003155", "12 / 30", "123"), Ok("4000002500003155".to_owned()));
        for expiry in ["11/26", "1230", "122030", "12/2030", "12 / 30", " 12-30 ", "12 30", "12.30", "1/30"] {
            assert_eq!(
                card("4242424242424242", expiry, "123"),
                Ok("4242424242424242".to_owned()),
                "{expiry}"
            );
        }
        for (number, expiry, cvv, fields) in [
            ("5555555555554444", "12/30", "123", "card_number"),
            ("tok_visa", "12/30", "123", "card_number"),
            ("", "12/30", "123", "card_number"),
            ("4242424242424242", "10/26", "123", "expiry"),
            ("4242424242424242", "12/2025", "123", "expiry"),
            ("4242424242424242", "13/30", "123", "expiry"),
            ("4242424242424242", "12/3", "123", "expiry"),
            ("4242424242424242", "123", "123", "expiry"),
            ("4242424242424242", "12//30/1", "123", "expiry"),
            ("4242424242424242", "+1/30", "123", "expiry"),
            ("4242424242424242", "12/30", "12", "cvv"),
            ("4242424242424242", "12/30", "12a", "cvv"),
            ("5555555555554444", "", "", "card_number expiry cvv"),
        ] {
            assert_eq!(card(number, expiry, cvv), Err(fields.to_owned()), "{number} {expiry} {cvv}");
        }
        assert_eq!(outcome(json!({"payment_token": "tok_visa"})), Ok("tok_visa".to_owned()));
        assert_eq!(outcome(json!({"payment_token": "4242424242424242"})), Err("payment_token".to_owned()));
        assert_eq!(outcome(json!({"payment_token": "tok_5555"})), Err("payment_token".to_owned()));
        for (token, good) in [
            ("pm_card_visa_of_ada", true),
            (&*format!("pm_card_visa_of_{}", "a".repeat(32)), true),
            (&*format!("pm_card_visa_of_{}", "a".repeat(33)), false),
            ("pm_card_visa_of_", false),
            ("pm_card_visa_of_Ada", false),
            ("pm_card_visa_of_5555 ", false),
        ] {
            let expected = if good { Ok(token.to_owned()) } else { Err("payment_token".to_owned()) };
            assert_eq!(outcome(json!({"payment_token": token})), expected, "{token}");
        }
        assert_eq!(outcome(json!({})), Err(String::new()));
        let both = json!({"payment_token": "tok_visa", "card_number": "4242424242424242"});
        assert_eq!(outcome(both), Err(String::new()));
    }
}
