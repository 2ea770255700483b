//! Checks the fields of an account in a request.

use fairseat_app::access::{MailAddress, Password};
use fairseat_app::accounts::phone_number;
use fairseat_edge::check::Check;

const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 1..=100;

pub(crate) fn check_email(check: &mut Check, field: &'static str, text: &str) -> String {
    match MailAddress::parse(text) {
        Ok(address) => address.shown().to_owned(),
        Err(refusal) => {
            check.refuse(field, refusal.to_string());
            String::new()
        }
    }
}

pub(crate) fn check_username(check: &mut Check, text: &str) -> String {
    check.text("username", text, USERNAME_CHARS)
}

pub(crate) fn check_phone_number(check: &mut Check, text: &str) -> String {
    let number = phone_number(text);
    let hint = "must be a phone number such as +1 212 555 0100 or +1 212 555 0100 ext. 12";
    check.that(number.is_some(), "phone_number", hint);
    number.unwrap_or_default()
}

/// Checks a new password of a person with these details (name, address).
pub(crate) fn check_password(check: &mut Check, field: &'static str, password: &Password, details: &[&str]) {
    if let Some(complaint) = password.complaint(details) {
        check.refuse(field, complaint);
    }
}
