//! Phone numbers as people paste them.

use fairseat_store::limits::MAX_PHONE_CHARS;

/// Digits of an extension.
const MAX_EXTENSION_DIGITS: usize = 8;

/// Digits of a phone number (ITU-T E.164 allows 15; extensions add a few).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=20;

/// The number in `text`, in plain characters: pasted numbers have typographic spaces and dashes, full-width digits and marks of direction.
/// `None` if it is not a phone number.
#[must_use]
pub fn phone_number(text: &str) -> Option<String> {
    let plain: String = text.chars().filter_map(plain_of).collect();
    let plain = plain.trim();
    let plain = plain.strip_prefix("tel:").unwrap_or(plain).trim();
    let (number, extension) = split_extension(plain)?;
    let digits = number.chars().chain(extension.chars()).filter(char::is_ascii_digit).count();
    let good = PHONE_DIGITS.contains(&digits)
        && number.contains(|character: char| character.is_ascii_digit())
        && number.chars().all(|character| character.is_ascii_digit() || "+-/.() ".contains(character));
    let whole = if extension.is_empty() { number.to_owned() } else { format!("{number} ext. {extension}") };
    Some(whole).filter(|whole| good && whole.len() <= MAX_PHONE_CHARS)
}

fn plain_of(character: char) -> Option<char> {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' => Some('-'),
        '\u{ff0b}' => Some('+'),
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(character) - 0xff10, 10),
        // Copied from an address book.
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => None,
        // A line break or a tab inside a number is not typography.
        space if space.is_whitespace() && !space.is_control() => Some(' '),
        other => Some(other),
    }
}

/// The number and the digits of its extension; `None` if something else follows the number.
fn split_extension(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find(|character: char| character.is_ascii_alphabetic() || character == '#') else {
        return Some((text, ""));
    };
    let rest = lower.get(at..)?;
    let words = ["extension", "extn", "ext", "x", "#"];
    let after = words.iter().find_map(|word| rest.strip_prefix(word))?;
    let skipped = rest.len() - after.trim_start_matches(['.', ':', '=', ' ']).len();
    let digits = text.get(at + skipped..)?;
    let good = (1..=MAX_EXTENSION_DIGITS).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| (text[..at].trim_end_matches([' ', ',', ';']), digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_as_people_paste_them() {
        for (pasted, number) in [
            ("+44 20 7946 0018", "+44 20 7946 0018"),
            ("+49\u{a0}30\u{202f}1234\u{2009}567", "+49 30 1234 567"),
            ("212–555—0100", "212-555-0100"),
            ("(212)\u{a0}555\u{2011}0100", "(212) 555-0100"),
            ("+1 212 555 0100 ext. 12", "+1 212 555 0100 ext. 12"),
            ("+1 212 555 0100, Ext 12", "+1 212 555 0100 ext. 12"),
            ("+1 212 555 0100x12", "+1 212 555 0100 ext. 12"),
            ("+1 212 555 0100;ext=12", "+1 212 555 0100 ext. 12"),
            ("+1 212 555 0100 extension: 12", "+1 212 555 0100 ext. 12"),
            ("030 1234 #5", "030 1234 ext. 5"),
            ("tel:+12125550100", "+12125550100"),
            ("\u{202a}+1 212 555 0100\u{202c}", "+1 212 555 0100"),
            ("０３－１２３４－５６７８", "03-1234-5678"),
        ] {
            assert_eq!(phone_number(pasted).as_deref(), Some(number), "{pasted}");
        }
        for wrong in [
            "",
            "call me",
            "12",
            "+1 212 555 0100 or 0101",
            "ext. 123",
            "212 555 0100 ext.",
            "212\n555",
            "#####",
        ] {
            assert_eq!(phone_number(wrong), None, "{wrong}");
        }
    }
}
