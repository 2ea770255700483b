//! Lengths as text: converts JSON numbers to thousandths and back, exactly, without floating point.

use super::shape::MAX_COORDINATE;

/// Reads a JSON number as thousandths, rounded to the nearest, halves away from zero. `None` beyond [`MAX_COORDINATE`].
///
/// The text must be a number in JSON's grammar; editors write up to seventeen digits of a binary float.
pub(super) fn thousandths(text: &str) -> Option<i32> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, unsigned) = mantissa.strip_prefix('-').map_or((1, mantissa), |rest| (-1, rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let exponent =
        exponent.parse::<i32>().unwrap_or(if exponent.starts_with('-') { i32::MIN } else { i32::MAX });
    let digits = whole.bytes().chain(fraction.bytes()).map(|digit| i64::from(digit.saturating_sub(b'0')));
    let leading_zeros = digits.clone().take_while(|digit| *digit == 0).count();
    let mut significant = digits.skip(leading_zeros).peekable();
    if significant.peek().is_none() {
        return Some(0);
    }
    // The number of significant digits up to the thousandths. More than ten are too large in any case.
    let kept = i64::try_from(whole.len()).ok()?.saturating_add(i64::from(exponent)).saturating_add(3);
    let kept = kept.saturating_sub(i64::try_from(leading_zeros).ok()?);
    if kept > 10 {
        return None;
    }
    let mut value = (0..kept)
        .fold(0_i64, |value, _| value.saturating_mul(10).saturating_add(significant.next().unwrap_or(0)));
    if kept >= 0 && significant.next().is_some_and(|next| next >= 5) {
        value = value.saturating_add(1);
    }
    i32::try_from(value.saturating_mul(sign)).ok().filter(|value| value.abs() <= MAX_COORDINATE)
}

/// Writes thousandths as a JSON number: `390`, `0.25`, `-9.216`.
pub(super) fn write_thousandths(out: &mut String, value: i32) {
    if value < 0 {
        out.push('-');
    }
    let size = value.unsigned_abs();
    out.push_str(&(size / 1_000).to_string());
    let fraction = size % 1_000;
    if fraction > 0 {
        let digits = format!(".{fraction:03}");
        out.push_str(digits.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_editors_are_read() {
        for (text, value) in [
            ("390", 390_000),
            ("0.292213560708376", 292),
            ("-9.21556425547999", -9_216),
            ("1.7053025658242404e-13", 0),
            ("-4.547473508864641e-13", 0),
            ("0.0005", 1),
            ("-0.0005", -1),
            ("0.00049999", 0),
            ("0.99951", 1_000),
            ("1e2", 100_000),
            ("1.5E+1", 15_000),
            ("25e-1", 2_500),
            ("0e99999999999999999999", 0),
            ("1e-99999999999999999999", 0),
            ("9e-4", 1),
            ("9e-5", 0),
            ("0.00000000000000000001e20", 1_000),
            ("10000000000000000000000e-22", 1_000),
            ("1000000", MAX_COORDINATE),
            ("-1000000", -MAX_COORDINATE),
        ] {
            assert_eq!(thousandths(text), Some(value), "{text}");
        }
    }

    #[test]
    fn numbers_off_the_plan_are_refused() {
        for text in [
            "1000001",
            "1000000.0005",
            "-1e7",
            "1e400",
            "1e99999999999999999999",
            "123456789012345678901234567890",
        ] {
            assert_eq!(thousandths(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_without_needless_digits() {
        for (value, expected) in
            [(0, "0"), (390_000, "390"), (250, "0.25"), (-9_216, "-9.216"), (-1, "-0.001")]
        {
            let mut text = String::new();
            write_thousandths(&mut text, value);
            assert_eq!(text, expected);
        }
    }

    proptest! {
        #[test]
        fn written_numbers_are_read_back(value in -MAX_COORDINATE..=MAX_COORDINATE) {
            let mut text = String::new();
            write_thousandths(&mut text, value);
            prop_assert_eq!(thousandths(&text), Some(value));
        }

        #[test]
        fn numbers_are_rounded_half_away_from_zero(whole in 0..1_000_i32, micro in 0..1_000_000_i32) {
            let expected = whole.saturating_mul(1_000).saturating_add(micro.saturating_add(500) / 1_000);
            let text = format!("{whole}.{micro:06}");
            prop_assert_eq!(thousandths(&text), Some(expected));
            prop_assert_eq!(thousandths(&format!("-{text}")), Some(expected.saturating_neg()));
        }
    }
}
