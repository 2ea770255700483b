//! Money in integer minor units, with checked arithmetic. Rounding happens only here.
//!
//! Amounts are parsed from and written to decimal text exactly, without floating-point numbers.

use crate::limits::MAX_AMOUNT_MINOR;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in minor units (cents for USD). Its currency is that of the sale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Amount(pub i64);

/// A result does not fit into an [`Amount`]. Checked inputs never lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount is out of range")]
pub struct AmountOutOfRange;

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// The sum.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] past `i64`.
    pub fn plus(self, other: Self) -> Result<Self, AmountOutOfRange> {
        self.0.checked_add(other.0).map(Self).ok_or(AmountOutOfRange)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] past `i64`.
    pub fn minus(self, other: Self) -> Result<Self, AmountOutOfRange> {
        self.0.checked_sub(other.0).map(Self).ok_or(AmountOutOfRange)
    }

    /// The amount `count` times.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] past `i64`.
    pub fn times(self, count: u32) -> Result<Self, AmountOutOfRange> {
        self.0.checked_mul(i64::from(count)).map(Self).ok_or(AmountOutOfRange)
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] past `i64`.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountOutOfRange> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// This share of a non-negative amount, rounded to the nearest minor unit, halves up.
    ///
    /// # Errors
    /// [`AmountOutOfRange`] past `i64`.
    pub fn share(self, share: BasisPoints) -> Result<Self, AmountOutOfRange> {
        let scaled = i128::from(self.0).checked_mul(i128::from(share.0)).ok_or(AmountOutOfRange)?;
        let rounded = scaled.checked_add(5_000).ok_or(AmountOutOfRange)?.div_euclid(10_000);
        i64::try_from(rounded).map(Self).ok().ok_or(AmountOutOfRange)
    }
}

/// A share in hundredths of a percent: 10,000 is 100%.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BasisPoints(pub u32);

impl BasisPoints {
    /// 100%.
    pub const WHOLE: Self = Self(10_000);
}

/// An ISO 4217 currency: three capital letters and how many decimals its minor unit has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

/// Currencies whose minor unit is not a hundredth (ISO 4217, 2024); a code in neither list has two decimals.
const NO_DECIMALS: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF",
    "XPF",
];
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Active ISO 4217 codes of 2026, without funds, metals and test codes.
const IN_USE: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
    MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD \
    SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW \
    ZWG";

impl Currency {
    /// The default currency.
    pub const USD: Self = Self { code: *b"USD", decimals: 2 };

    /// The currency of an ISO 4217 code in capitals; `None` for anything that is not three capital letters.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then(|| Self { code: bytes, decimals: decimals_of(code) })
    }

    /// Whether a new event may use it. This refuses mistyped codes.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        IN_USE.split(' ').any(|code| code == self.code())
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// The codes whose minor unit has 0 or 3 decimals; empty for any other number.
    #[must_use]
    pub const fn codes_with_decimals(decimals: u8) -> &'static [&'static str] {
        match decimals {
            0 => &NO_DECIMALS,
            3 => &THREE_DECIMALS,
            _ => &[],
        }
    }

    /// Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub const fn decimals(self) -> u8 {
        self.decimals
    }

    /// Reads a decimal number as JSON writes it (`300`, `300.00`, `3e2`), exactly.
    ///
    /// # Errors
    /// [`ParseAmountError`] when it is no number, has more decimals than the currency, or is past
    /// [`MAX_AMOUNT_MINOR`] in size.
    pub fn parse(self, text: &str) -> Result<Amount, ParseAmountError> {
        let scaled = parse_decimal(text, u32::from(self.decimals))?;
        (-MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR)
            .contains(&scaled)
            .then_some(Amount(scaled))
            .ok_or(ParseAmountError::OutOfRange)
    }

    /// Writes an amount as a JSON number with the currency's decimals: `300.00`.
    #[must_use]
    pub fn format(self, amount: Amount) -> String {
        let decimals = usize::from(self.decimals);
        let mut text = amount.0.unsigned_abs().to_string();
        while text.len() <= decimals {
            text.insert(0, '0');
        }
        if decimals > 0 {
            text.insert(text.len().saturating_sub(decimals), '.');
        }
        if amount.0 < 0 {
            text.insert(0, '-');
        }
        text
    }
}

fn decimals_of(code: &str) -> u8 {
    if NO_DECIMALS.contains(&code) {
        0
    } else if THREE_DECIMALS.contains(&code) {
        3
    } else {
        2
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text cannot be read as an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    /// Not a decimal number.
    #[error("is not a number")]
    NotANumber,
    /// More decimals than the currency has. A price is never rounded silently.
    #[error("has more decimals than the currency")]
    TooPrecise,
    /// Too large.
    #[error("is out of range")]
    OutOfRange,
}

/// Reads `text`, a decimal number in JSON's grammar, as an integer of `10^-decimals`, exactly.
///
/// # Errors
/// [`ParseAmountError`] when it is no number, not a whole multiple of the unit, or too large for `i64`.
pub fn parse_decimal(text: &str, decimals: u32) -> Result<i64, ParseAmountError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i32>().ok().ok_or(ParseAmountError::NotANumber)?)
        }
        None => (text, 0),
    };
    let (negative, unsigned) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(ParseAmountError::NotANumber);
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX).saturating_sub(i64::from(exponent));
    let magnitude = scale(digits, i64::from(decimals).saturating_sub(places))?;
    Ok(if negative { magnitude.saturating_neg() } else { magnitude })
}

/// `digits` times ten to the `shift`, exactly.
fn scale(digits: &str, shift: i64) -> Result<i64, ParseAmountError> {
    if digits.is_empty() {
        return Ok(0);
    }
    if shift >= 0 {
        let zeros =
            usize::try_from(shift).ok().filter(|zeros| *zeros < 20).ok_or(ParseAmountError::OutOfRange)?;
        return format!("{digits}{}", "0".repeat(zeros)).parse().ok().ok_or(ParseAmountError::OutOfRange);
    }
    let cut = usize::try_from(shift.saturating_neg()).unwrap_or(usize::MAX);
    let keep = digits.len().saturating_sub(cut);
    let (kept, dropped) = digits.split_at(keep);
    if dropped.bytes().any(|byte| byte != b'0') {
        return Err(ParseAmountError::TooPrecise);
    }
    if kept.is_empty() { Ok(0) } else { kept.parse().ok().ok_or(ParseAmountError::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_json_numbers_exactly() {
        let usd = |text| Currency::USD.parse(text);
        assert_eq!(usd("300"), Ok(Amount(30_000)));
        assert_eq!(usd("300.00"), Ok(Amount(30_000)));
        assert_eq!(usd("0.1"), Ok(Amount(10)));
        assert_eq!(usd("3e2"), Ok(Amount(30_000)));
        assert_eq!(usd("1.5E-1"), Ok(Amount(15)));
        assert_eq!(usd("-2.50"), Ok(Amount(-250)));
        assert_eq!(usd("10.000"), Ok(Amount(1_000)), "zeros past the cent change nothing");
        assert_eq!(usd("0.001"), Err(ParseAmountError::TooPrecise));
        assert_eq!(usd("1e400"), Err(ParseAmountError::OutOfRange));
        assert_eq!(usd("1e-400"), Err(ParseAmountError::TooPrecise));
        assert_eq!(parse_decimal("1", 18), Ok(1_000_000_000_000_000_000));
        assert_eq!(parse_decimal("9e18", 0), Ok(9_000_000_000_000_000_000));
        assert_eq!(parse_decimal("1e19", 0), Err(ParseAmountError::OutOfRange));
        assert_eq!(usd("0e999999999"), Ok(Amount::ZERO));
        for bad in ["", "-", ".5", "5.", "1,5", "0x1", "NaN", "1e", "--1", "1.2.3", " 1"] {
            assert_eq!(usd(bad), Err(ParseAmountError::NotANumber), "{bad:?}");
        }
    }

    #[test]
    fn knows_the_decimals_of_currencies() {
        let write = |code, minor| Currency::from_code(code).unwrap().format(Amount(minor));
        assert_eq!(write("USD", 5), "0.05");
        assert_eq!(write("JPY", 5), "5");
        assert_eq!(write("KWD", -5), "-0.005");
        for (code, decimals) in [("JPY", 0), ("USD", 2), ("KWD", 3)] {
            let currency = Currency::from_code(code).unwrap();
            assert_eq!((currency.decimals(), &*currency.to_string()), (decimals, code));
        }
        assert_eq!(Currency::codes_with_decimals(0).len() + Currency::codes_with_decimals(3).len(), 23);
        assert!(Currency::codes_with_decimals(2).is_empty());
        let in_use = |code| Currency::from_code(code).is_some_and(|currency| currency.is_in_use());
        assert!(NO_DECIMALS.iter().chain(&THREE_DECIMALS).chain(&["USD", "ZWG"]).all(|code| in_use(code)));
        assert!(!["XXX", "XTS", "XAU", "UDS"].into_iter().any(in_use));
        assert_eq!(Currency::from_code("usd"), None);
        assert_eq!(Currency::from_code("EURO"), None);
    }

    #[test]
    fn shares_round_half_up() {
        assert_eq!(Amount(1_01).share(BasisPoints(5_000)), Ok(Amount(51)));
        assert_eq!(Amount(99).share(BasisPoints(250)), Ok(Amount(2)));
        assert_eq!(Amount(10_000).share(BasisPoints::WHOLE), Ok(Amount(10_000)));
    }

    proptest! {
        #[test]
        fn formatted_amounts_are_parsed_back(minor in -MAX_AMOUNT_MINOR..=MAX_AMOUNT_MINOR, code in "[A-Z]{3}") {
            let currency = Currency::from_code(&code).unwrap();
            prop_assert_eq!(currency.parse(&currency.format(Amount(minor))), Ok(Amount(minor)));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,40}", decimals in 0..4_u32) {
            let _answer: Result<i64, ParseAmountError> = parse_decimal(&text, decimals);
        }
    }
}
