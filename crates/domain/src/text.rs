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

/// Whether a reader sees that there is a character: none of the spaces, and none of those that only change their neighbours.
#[must_use]
pub fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !character.is_control()
        && !matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
        )
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
    fn what_nobody_sees_is_not_visible() {
        for character in ['a', '7', '.', 'ß', '字', 'ा', '🎻', '\u{1f1e9}'] {
            assert!(is_visible(character), "{character:?}");
        }
        for character in [
            ' ',
            '\u{a0}',
            '\u{3000}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{2060}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{e0041}',
        ] {
            assert!(!is_visible(character), "{character:?}");
        }
    }

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
