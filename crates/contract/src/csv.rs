//! Tables as CSV (RFC 4180) for spreadsheets: with a byte order mark, and without cells that a spreadsheet would run as a formula.
//!
//! A spreadsheet may split a table at another character than the one it was written with, by its user's settings. So what follows any
//! common separator counts as the beginning of a cell.

use fairseat_domain::text::is_writable;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Marks the bytes as UTF-8, which spreadsheets do not detect by themselves.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The separators that spreadsheets split lines at, and line breaks.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '\r', '\n'];
/// The characters with which a formula begins (OWASP, CSV injection), and their full-width forms.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// As in RFC 4180.
    #[default]
    Comma,
    /// As spreadsheets expect it where the comma is the decimal sign.
    Semicolon,
}

/// The form of a table.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CsvForm {
    /// `comma` or `semicolon`; by default `comma`
    #[param(required = false, inline)]
    #[serde(default)]
    separator: Separator,
    /// Whether the first line is `sep=;` or `sep=,`, which tells Excel the separator
    #[param(required = false)]
    #[serde(default)]
    sep_line: bool,
}

/// A table being written.
#[derive(Debug)]
pub struct Table {
    text: String,
    separator: char,
}

impl Table {
    /// A table in this form, without rows.
    pub fn new(form: CsvForm) -> Self {
        let separator = match form.separator {
            Separator::Comma => ',',
            Separator::Semicolon => ';',
        };
        let mut text = BYTE_ORDER_MARK.to_owned();
        if form.sep_line {
            text.push_str(&format!("sep={separator}\r\n"));
        }
        Self { text, separator }
    }

    /// Adds a row.
    pub fn push<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        for (position, cell) in cells.into_iter().enumerate() {
            if position > 0 {
                self.text.push(self.separator);
            }
            self.push_cell(&without_formulas(cell));
        }
        self.text.push_str("\r\n");
    }

    /// Takes what was written since the last call.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn push_cell(&mut self, cell: &str) {
        if cell.contains(['"', '\r', '\n', self.separator]) {
            self.text.push('"');
            self.text.push_str(&cell.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(cell);
        }
    }
}

/// Puts a single quote, which makes a cell text, before each character that would begin a formula: at the beginning and after a separator,
/// with any spaces and quotes between.
fn without_formulas(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len());
    let mut begins = true;
    for character in cell.chars().filter(|character| is_writable(*character)) {
        let runs = begins && FORMULA.contains(&character);
        if runs || (safe.is_empty() && matches!(character, '\t' | '\r')) {
            safe.push('\'');
        }
        begins =
            SEPARATORS.contains(&character) || (begins && (character.is_whitespace() || character == '"'));
        safe.push(character);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(form: CsvForm, rows: &[&[&str]]) -> String {
        let mut table = Table::new(form);
        rows.iter().for_each(|row| table.push(row.iter().copied()));
        table.take().trim_start_matches(BYTE_ORDER_MARK).to_owned()
    }

    const SEMICOLONS: CsvForm = CsvForm { separator: Separator::Semicolon, sep_line: false };

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let rows: [&[&str]; 2] = [
            &["plain", "a, b", "say \"hi\"", "two\nlines", ""],
            &["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a=b", "=HYPERLINK(\"x\",\"y\")"],
        ];
        assert_eq!(
            written(CsvForm::default(), &rows),
            "plain,\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n\
             '=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",a=b,\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n"
        );
    }

    #[test]
    fn a_cell_needs_quotes_for_its_own_separator_only() {
        assert_eq!(written(SEMICOLONS, &[&["a, b", "c; d", "e"]]), "a, b;\"c; d\";e\r\n");
        let with_line = CsvForm { sep_line: true, ..SEMICOLONS };
        assert_eq!(written(with_line, &[&["a", "b"]]), "sep=;\r\na;b\r\n");
    }

    #[test]
    fn no_separator_makes_the_rest_of_a_cell_a_formula() {
        for (cell, safe) in [
            ("x;=HYPERLINK(A1);", "x;'=HYPERLINK(A1);"),
            ("x,+1", "x,'+1"),
            ("x|@SUM(A1)|-1", "x|'@SUM(A1)|'-1"),
            ("x\t=1", "x\t'=1"),
            ("two\n=1", "two\n'=1"),
            ("x; \"=1", "x; \"'=1"),
            (" =1", " '=1"),
            ("x;\u{ffff}=1", "x;'=1"),
            ("x；＝1;＝1", "x；＝1;'＝1"),
            ("a - b; c=d", "a - b; c=d"),
        ] {
            assert_eq!(without_formulas(cell), safe);
        }
    }

    /// Splits a text at a separator as spreadsheets do, which take a quote as such at the beginning of a cell only.
    fn cells(text: &str, separator: char) -> Vec<String> {
        let (mut cells, mut cell, mut quoted, mut begins) = (Vec::new(), String::new(), false, true);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if quoted && characters.peek() == Some(&'"') => cell.extend(characters.next()),
                '"' if quoted => quoted = false,
                '"' if begins => quoted = true,
                '\r' | '\n' if !quoted => cells.push(std::mem::take(&mut cell)),
                other if other == separator && !quoted => cells.push(std::mem::take(&mut cell)),
                other => cell.push(other),
            }
            begins = !quoted && cell.is_empty() && character != '"';
        }
        cells.push(cell);
        cells
    }

    proptest::proptest! {
        #[test]
        fn no_way_to_split_a_table_gives_a_formula(row in proptest::collection::vec("[=+@a,;|\"\t\n ]{0,8}", 3), semicolons: bool) {
            let form = if semicolons { SEMICOLONS } else { CsvForm::default() };
            let row: Vec<&str> = row.iter().map(String::as_str).collect();
            let text = written(form, &[&row]);
            for separator in [',', ';', '\t', '|'] {
                for cell in cells(&text, separator) {
                    proptest::prop_assert!(!cell.trim_start().starts_with(FORMULA), "{separator}: {cell:?} of {text:?}");
                }
            }
        }
    }
}
