//! Markdown tables, and numbers as people write them.

use std::fmt::Write as _;

/// A table: the first column holds text, the others numbers.
#[derive(Debug)]
pub(super) struct Table {
    text: String,
}

impl Table {
    /// A table with these column titles.
    pub(super) fn new(titles: &[&str]) -> Self {
        let mut table = Self { text: String::new() };
        table.row(&titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>());
        let lines = (0..titles.len()).map(|column| if column == 0 { "---" } else { "---:" }.to_owned());
        table.row(&lines.collect::<Vec<_>>());
        table
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: &[String]) {
        // Writing to a String cannot fail.
        let _infallible = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    /// The Markdown.
    pub(super) fn text(self) -> String {
        self.text
    }
}

/// Three significant digits, with thousands separators.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = 2 - (value.abs().log10().floor() as i32);
    let scale = 10_f64.powi(digits);
    let rounded = (value * scale).round() / scale;
    let decimals = usize::try_from(digits).unwrap_or(0);
    let text = format!("{rounded:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let is_group = at > 0 && (whole.len() - at).is_multiple_of(3) && !grouped.ends_with('-');
        grouped.push_str(if is_group { "," } else { "" });
        grouped.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { grouped } else { format!("{grouped}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, expected) in [
            (0.0, "0"),
            (0.012_345, "0.0123"),
            (1.0, "1"),
            (2.5, "2.5"),
            (31.4159, "31.4"),
            (999.6, "1,000"),
            (123_456.0, "123,000"),
            (10_000_000.0, "10,000,000"),
            (-1_234.0, "-1,230"),
        ] {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new(&["", "cores"]);
        table.row(&["pages".to_owned(), number(3.0)]);
        assert_eq!(table.text(), "|  | cores |\n| --- | ---: |\n| pages | 3 |\n");
    }
}
