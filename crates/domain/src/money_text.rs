//! Amounts of money as people read them, in pages, letters, printed tickets and errors. JSON and CSV have digits alone, from
//! [`Currency::format`].

use crate::money::{Amount, Currency};

impl Currency {
    /// `$1,250.00`, `€18.00`, `CHF 20.00`; negative amounts begin with a minus sign. A sign that several currencies share stands for one of
    /// them only: `$` is the US dollar, other dollars have their code.
    #[must_use]
    pub fn text(self, amount: Amount) -> String {
        let digits = self.format(amount);
        let (minus, digits) = digits.strip_prefix('-').map_or(("", &*digits), |rest| ("−", rest));
        format!("{minus}{}{}", self.sign(), grouped(digits))
    }

    /// What stands before an amount: `$`, or the code and a space that does not break.
    #[must_use]
    pub fn sign(self) -> String {
        match self.code() {
            "USD" => "$".to_owned(),
            "EUR" => "€".to_owned(),
            "GBP" => "£".to_owned(),
            "JPY" => "¥".to_owned(),
            other => format!("{other}\u{a0}"),
        }
    }
}

/// Digits in groups of three, with commas.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && whole.len().saturating_sub(place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_a_sign_separators_and_decimals() {
        for (minor, currency, expected) in [
            (7_200, "USD", "$72.00"),
            (3_840, "EUR", "€38.40"),
            (123_456_750, "GBP", "£1,234,567.50"),
            (-1_200, "USD", "−$12.00"),
            (5_000, "JPY", "¥5,000"),
            (99_900, "CHF", "CHF\u{a0}999.00"),
            (10_400, "CAD", "CAD\u{a0}104.00"),
            (5, "USD", "$0.05"),
        ] {
            let currency = Currency::from_code(currency).unwrap();
            assert_eq!(currency.text(Amount(minor)), expected);
        }
    }
}
