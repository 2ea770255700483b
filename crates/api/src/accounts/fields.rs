//! Checks the fields of an account in a request.

use fairseat_app::access::{Password, email};
use fairseat_edge::check::Check;
use fairseat_store::limits::MAX_PHONE_CHARS;

const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 1..=100;

/// Digits of a phone number (ITU-T E.164 allows 15; extensions add a few).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

pub(crate) fn check_email(check: &mut Check, field: &'static str, text: &str) -> String {
    let address = email::address(text);
    check.that(address.is_some(), field, "must be an e-mail address such as ada@example.org");
    address.unwrap_or_default().to_owned()
}

pub(crate) fn check_username(check: &mut Check, text: &str) -> String {
    check.text("username", text, USERNAME_CHARS)
}

pub(crate) fn check_phone_number(check: &mut Check, text: &str) -> String {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let good = text.len() <= MAX_PHONE_CHARS
        && PHONE_DIGITS.contains(&digits)
        && text.chars().all(|character| character.is_ascii_digit() || "+-/.() ".contains(character));
    check.that(good, "phone_number", "must be a phone number such as +1 212 555 0100");
    text.to_owned()
}

pub(crate) fn check_password(check: &mut Check, field: &'static str, password: &Password) {
    if let Some(complaint) = password.complaint() {
        check.refuse(field, complaint);
    }
}
