//! Validation: a [`Check`] collects one error for each wrong field, so that a caller sees all of them at once.

use crate::problem::{FieldError, Problem};
use fairseat_domain::text::{fits_line, fits_lines, is_visible};
use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// The most errors that one answer lists.
const MAX_ERRORS: usize = 100;

/// Collects errors about fields; [`Check::finish`] turns them into one 422.
#[derive(Debug, Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// Without errors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error: why `field` is refused and which values are accepted. `message` must not contain the value.
    pub fn refuse(&mut self, field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FieldError { field: field.into(), message: message.into() });
        }
    }

    /// Adds the error `message` about `field` if `holds` is false.
    pub fn that(
        &mut self,
        holds: bool,
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) {
        if !holds {
            self.refuse(field, message);
        }
    }

    /// Checks one line of text: only characters of [`fits_line`], and a length within `chars` after trimming. Returns the trimmed text.
    pub fn text(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: &str,
        chars: RangeInclusive<usize>,
    ) -> String {
        self.characters(field.into(), value, chars, fits_line)
    }

    /// As [`Self::text`], but line breaks and tabs are allowed.
    pub fn lines(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        value: &str,
        chars: RangeInclusive<usize>,
    ) -> String {
        self.characters(field.into(), value, chars, fits_lines)
    }

    fn characters(
        &mut self,
        field: Cow<'static, str>,
        value: &str,
        chars: RangeInclusive<usize>,
        fits: impl Fn(char) -> bool,
    ) -> String {
        let value = value.trim();
        let count = value.chars().count();
        if *chars.start() > 0 && !value.chars().any(is_visible) {
            self.refuse(field, "must not be empty");
        } else if !chars.contains(&count) {
            self.refuse(field, format!("must have {} to {} characters", chars.start(), chars.end()));
        } else if let Some(wrong) = value.chars().find(|character| !fits(*character)) {
            self.refuse(field, unfit(wrong));
        }
        value.to_owned()
    }

    /// Checks that a number is within bounds, both included.
    pub fn number<N>(&mut self, field: impl Into<Cow<'static, str>>, value: N, bounds: RangeInclusive<N>)
    where
        N: PartialOrd + Display,
    {
        if !bounds.contains(&value) {
            self.refuse(field, format!("must be {} to {}", bounds.start(), bounds.end()));
        }
    }

    /// Checks the number of entries in a list.
    pub fn list(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        length: usize,
        bounds: RangeInclusive<usize>,
    ) {
        if !bounds.contains(&length) {
            self.refuse(field, format!("must have {} to {} entries", bounds.start(), bounds.end()));
        }
    }

    /// Ends the validation.
    ///
    /// # Errors
    /// `invalid` with every error, in the order they were added.
    pub fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.into_problem()) }
    }

    /// The errors as one problem.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        Problem::invalid_fields(self.errors)
    }
}

/// Why a text is refused that has this character. It is named by its number, because it is not visible.
fn unfit(character: char) -> String {
    if fits_lines(character) {
        return "must be one line, without tabs".to_owned();
    }
    format!("must not contain the character U+{:04X}, which cannot be printed", u32::from(character))
}

/// Turns serde's error about the value at `path` into a problem that does not contain the value.
///
/// serde's text contains the value ("invalid type: string \"4242…\", expected u32"), so only the part after "expected" is used.
pub(crate) fn serde_problem(path: &str, text: &str) -> Problem {
    let parent = if path == "." { "" } else { path };
    for (prefix, message) in
        [("missing field `", "is required"), ("duplicate field `", "is given more than once")]
    {
        // These are the names of our own fields, not text from the caller.
        if let Some(name) = text.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('`')) {
            return Problem::invalid(join(parent, name), message);
        }
    }
    if let Some(rest) = text.strip_prefix("unknown field `") {
        return unknown_field(parent, rest.split('`').next().unwrap_or_default());
    }
    let message = if text.starts_with("UUID parsing failed") {
        "must be a UUID".to_owned()
    } else if text.starts_with("invalid ") || text.starts_with("unknown variant ") {
        let expected = text.rsplit_once(", expected ").map_or("something else", |(_, expected)| expected);
        let expected = match expected {
            "u8" | "u16" | "u32" | "u64" => "a whole number, not below 0",
            "i8" | "i16" | "i32" | "i64" => "a whole number",
            "f32" | "f64" => "a number",
            other => other,
        };
        format!("must be {}", expected.replace('`', "\""))
    } else {
        text.to_owned()
    };
    Problem::invalid(parent.to_owned(), message)
}

/// The name comes from the caller, so it is repeated only if it looks like the name of a field.
fn unknown_field(parent: &str, name: &str) -> Problem {
    let is_name = name.len() <= 50
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    let (outer, last) = parent.rsplit_once('.').unwrap_or(("", parent));
    match (is_name, last == name) {
        (true, true) => Problem::invalid(parent.to_owned(), "is not a known field"),
        (true, false) => Problem::invalid(join(parent, name), "is not a known field"),
        (false, true) => Problem::invalid(outer.to_owned(), "has a field that is not known"),
        (false, false) => Problem::invalid(parent.to_owned(), "has a field that is not known"),
    }
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_are_listed_at_once() {
        let mut check = Check::new();
        assert_eq!(check.text("name", "  Romeo and Juliet ", 1..=200), "Romeo and Juliet");
        check.text("city", " ", 1..=200);
        check.text("state", "New\0York", 1..=200);
        check.text("venue", "\u{202e}elaS", 1..=200);
        check.text("category", "two\u{2028}lines", 1..=200);
        check.lines("note", "One\u{2029}Two\u{ffff}", 0..=20);
        check.lines("description", "One\nTwo", 0..=7);
        check.lines("address", "12345678", 0..=7);
        check.number("hold_duration", 59, 60..=900);
        check.list("seat_ids", 0, 1..=1000);
        check.that(false, "end_time", "must be after the start");
        let problem = check.finish().unwrap_err();
        let errors = problem.document()["errors"].clone();
        let said = |index: usize| {
            format!("{}: {}", errors[index]["field"], errors[index]["message"]).replace('"', "")
        };
        let said: Vec<String> = (0..errors.as_array().map_or(0, Vec::len)).map(said).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        city: must not be empty
        state: must not contain the character U+0000, which cannot be printed
        venue: must not contain the character U+202E, which cannot be printed
        category: must be one line, without tabs
        note: must not contain the character U+FFFF, which cannot be printed
        address: must have 0 to 7 characters
        hold_duration: must be 60 to 900
        seat_ids: must have 1 to 1000 entries
        end_time: must be after the start
        ");
    }

    #[test]
    fn no_message_repeats_the_value() {
        for (text, expected) in [
            ("invalid type: string \"4242\", expected u32", "must be a whole number, not below 0"),
            ("invalid type: string \", expected 4242\", expected a list", "must be a list"),
            ("invalid value: integer `-1`, expected u32", "must be a whole number, not below 0"),
            ("unknown variant `4242`, expected `on` or `off`", "must be \"on\" or \"off\""),
            ("unknown field `4242`, expected `on` or `off`", "has a field that is not known"),
            ("invalid length 3, expected an array of length 2", "must be an array of length 2"),
        ] {
            let document = serde_problem("a.b[0]", text).document();
            assert_eq!(document["errors"][0]["message"], expected);
            assert_eq!(document["errors"][0]["field"], "a.b[0]");
        }
    }
}
