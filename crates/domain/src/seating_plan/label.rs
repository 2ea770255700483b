//! Names and labels: which texts are allowed, how a taken name is made unique, which sections are of one kind.

use crate::limits::MAX_LABEL_CHARS;
use crate::text::{fits_line, fits_lines};

/// Whether a text may be a name or label of a plan that is imported.
pub(super) fn is_new_label(text: &str) -> bool {
    is_label(text) && text.chars().all(fits_line)
}

/// Whether a text may be drawn on a decoration of a plan that is imported.
pub(super) fn is_new_text(text: &str) -> bool {
    is_text(text) && text.chars().all(fits_lines)
}

/// Whether a plan may have this text as a name or label: not too long, no control characters. Plans from before [`crate::text`] may have
/// other characters that are refused today.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL_CHARS.saturating_mul(4)
        && text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(char::is_control)
}

/// Whether a text may be drawn on a decoration: as a label, but line breaks and tabs are allowed.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Section, row and number as on a ticket: `Floor A-1`. Row and number may be empty.
pub(super) fn seat_label(section: &str, row: &str, number: &str) -> String {
    match (row, number) {
        ("", "") => section.to_owned(),
        ("", number) => format!("{section} {number}"),
        (row, "") => format!("{section} {row}"),
        (row, number) => format!("{section} {row}-{number}"),
    }
}

/// The longest prefix of a text that leaves room for a suffix of ten characters within [`MAX_LABEL_CHARS`].
pub(super) fn stem(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_LABEL_CHARS.saturating_sub(10));
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The kind of a section, by its name: `Lower` for `Lower 12`, empty for a name that is only a number. Sections of one kind
/// are arranged, priced and named together.
#[must_use]
pub fn section_kind(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_have_several_lines_but_not_too_many_characters() {
        for (text, allowed) in [
            ("two\r\nlines\tand a tab", true),
            ("\u{7}", false),
            (&"ß".repeat(200), true),
            (&"x".repeat(201), false),
        ] {
            assert_eq!(is_text(text), allowed, "{text:?}");
        }
    }
}
