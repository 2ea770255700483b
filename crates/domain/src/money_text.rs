//! Amounts of money as people read and type them, in pages, letters, printed tickets and errors. JSON and CSV have digits alone, from
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

/// The text without the currency's sign or code in front of it or behind it.
#[must_use]
pub fn without_currency<'t>(text: &'t str, currency: &str) -> &'t str {
    let sign = Currency::from_code(currency).map(Currency::sign).unwrap_or_default();
    let mut rest = text.trim();
    for name in [sign.trim(), currency].into_iter().filter(|name| !name.is_empty()) {
        if let Some((start, after)) = rest.split_at_checked(name.len())
            && start.eq_ignore_ascii_case(name)
        {
            rest = after.trim_start();
        }
        if let Some((before, end)) =
            rest.len().checked_sub(name.len()).and_then(|at| rest.split_at_checked(at))
            && end.eq_ignore_ascii_case(name)
        {
            rest = before.trim_end();
        }
    }
    rest
}

/// An amount as people type it, in the digits of the API: `$20`, `20 €`, `CHF 1'250.-`, `1.250,50`. `None` for anything else.
#[must_use]
pub fn typed_amount(text: &str, currency: &str) -> Option<String> {
    let known = Currency::from_code(currency)?;
    let is_digit_or_sign = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '\'' | '’');
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let digits = text.trim_matches(|letter| !is_digit_or_sign(letter));
    let (before, after) = text.split_once(digits).filter(|_| !digits.is_empty())?;
    let names = [currency, known.sign().trim(), "US$", "Fr.", ""].map(str::to_lowercase);
    let is_name = |part: &str| names.contains(&part.to_lowercase());
    if !digits.chars().all(is_digit_or_sign)
        || !is_name(before)
        || !is_name(after.trim_start_matches(['-', '–', '—']))
    {
        return None;
    }
    let digits = digits.trim_end_matches(['.', ',']);
    let plain = |part: &str| part.chars().filter(char::is_ascii_digit).collect::<String>();
    let typed = match decimals_in(digits, known.decimals()) {
        Some((whole, decimals)) => format!("{}.{}", plain(whole), plain(decimals)),
        None => plain(digits),
    };
    let typed = if typed.starts_with('.') { format!("0{typed}") } else { typed };
    known.parse(&typed).ok().map(|_| typed)
}

/// Splits at the last sign, which begins the decimals unless three digits follow it or it comes more than once.
fn decimals_in(digits: &str, decimals: u8) -> Option<(&str, &str)> {
    let (whole, rest) = digits.rsplit_once(['.', ','])?;
    let sign = digits.get(whole.len()..)?.chars().next()?;
    (digits.matches(sign).count() == 1 && (rest.len() != 3 || decimals == 3)).then_some((whole, rest))
}

/// A price as people type it, with the currency if they name one: `$20`, `20 €`, `20`.
#[must_use]
pub fn typed_price(text: &str) -> Option<(String, Option<String>)> {
    const SIGNS: [(&str, &str); 6] =
        [("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "JPY"), ("￥", "JPY"), ("Fr.", "CHF")];
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let signed = SIGNS.iter().find(|(sign, _)| text.contains(sign)).map(|(_, code)| (*code).to_owned());
    let named = || Some(letters.to_uppercase()).filter(|code| Currency::from_code(code).is_some());
    let currency = signed.or_else(named);
    let digits = typed_amount(text, currency.as_deref().unwrap_or("USD"))?;
    Some((digits, currency))
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

    #[test]
    fn amounts_are_understood_as_people_type_them() {
        for (typed, currency, expected) in [
            ("20", "USD", Some("20")),
            ("$20", "USD", Some("20")),
            ("$ 1,250.50", "USD", Some("1250.50")),
            ("20 USD", "USD", Some("20")),
            ("usd 20.5", "USD", Some("20.5")),
            ("12,50 €", "EUR", Some("12.50")),
            ("1.250", "EUR", Some("1250")),
            ("1.250,5", "EUR", Some("1250.5")),
            ("1'250.-", "CHF", Some("1250")),
            (".50", "USD", Some("0.50")),
            ("¥5,000", "JPY", Some("5000")),
            ("20€", "USD", None),
            ("twenty", "USD", None),
            ("2 or 3", "USD", None),
            ("-5", "USD", None),
            ("", "USD", None),
        ] {
            assert_eq!(typed_amount(typed, currency).as_deref(), expected, "{typed:?} in {currency}");
        }
    }

    #[test]
    fn a_price_may_name_its_currency() {
        for (typed, expected) in [
            ("20", Some(("20", None))),
            ("$20", Some(("20", Some("USD")))),
            ("20,50 €", Some(("20.50", Some("EUR")))),
            ("chf 20", Some(("20", Some("CHF")))),
            ("5000 JPY", Some(("5000", Some("JPY")))),
            ("20 bananas", None),
        ] {
            let found = typed_price(typed);
            let found = found.as_ref().map(|(digits, currency)| (digits.as_str(), currency.as_deref()));
            assert_eq!(found, expected, "{typed:?}");
        }
    }
}
