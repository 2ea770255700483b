//! Which characters a text may have: names, labels, addresses, notes.
//!
//! There is one rule for every input, and whatever passes it can be written into XML, JSON, iCalendar, CSV, mail and PDF. Texts from before the
//! rule may have other characters; outputs in which these are not allowed leave them out with [`writable`].

/// Whether one line of text may have this character. Refused are characters that outputs cannot contain, line and paragraph separators, and
/// characters that change the direction of text, which can make one name look like another.
#[must_use]
pub fn fits_line(character: char) -> bool {
    !character.is_control()
        && is_writable(character)
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
}

/// Whether text of several lines may have this character: as [`fits_line`], with line breaks and tabs.
#[must_use]
pub fn fits_lines(character: char) -> bool {
    fits_line(character) || matches!(character, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}')
}

/// Whether every output may contain this character. XML 1.0 forbids control characters, U+FFFE and U+FFFF; Unicode says that the other
/// noncharacters are not for interchange.
#[must_use]
pub fn is_writable(character: char) -> bool {
    let code = u32::from(character);
    let nonchar = matches!(character, '\u{fdd0}'..='\u{fdef}') || code & 0xfffe == 0xfffe;
    !nonchar && (!character.is_control() || matches!(character, '\n' | '\r' | '\t'))
}

/// A text without the characters that some output cannot contain.
#[must_use]
pub fn writable(text: &str) -> String {
    text.chars().filter(|character| is_writable(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_where_they_may_be() {
        let ordinary =
            ['a', 'ß', 'ع', '楽', '👩', '\u{200d}', '\u{200f}', '\u{fffd}', '\u{e0067}', '\u{10fffd}'];
        for character in ordinary {
            assert!(fits_line(character) && fits_lines(character) && is_writable(character), "{character:?}");
        }
        for character in ['\n', '\r', '\t', '\u{2028}', '\u{2029}'] {
            assert!(
                !fits_line(character) && fits_lines(character) && is_writable(character),
                "{character:?}"
            );
        }
        for character in ['\u{202e}', '\u{2066}', '\u{feff}', '\u{fffa}'] {
            assert!(
                !fits_line(character) && !fits_lines(character) && is_writable(character),
                "{character:?}"
            );
        }
        for character in [
            '\0',
            '\u{b}',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{fdd0}',
            '\u{fffe}',
            '\u{ffff}',
            '\u{1fffe}',
            '\u{10ffff}',
        ] {
            assert!(
                !fits_line(character) && !fits_lines(character) && !is_writable(character),
                "{character:?}"
            );
        }
    }
}
