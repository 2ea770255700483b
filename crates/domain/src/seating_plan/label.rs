//! Names and labels: which texts are allowed, and which sections are of one kind.

use crate::limits::MAX_LABEL_CHARS;

/// Whether a text may be a name or label: not too long, no control characters.
pub(super) fn is_label(text: &str) -> bool {
    text.len() <= MAX_LABEL_CHARS.saturating_mul(4)
        && text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(char::is_control)
}

/// Whether a text may be written on a decoration: as a label, but of several lines.
pub(super) fn is_text(text: &str) -> bool {
    text.chars().count() <= MAX_LABEL_CHARS
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// What a section is one of, by its name: `Lower` for `Lower 12`; nothing for a mere number. Sections of a kind are arranged, priced
/// and named together.
#[must_use]
pub fn section_kind(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_several_lines_and_an_end() {
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
