//! Tables as CSV (RFC 4180) for spreadsheets: with a byte order mark, and without cells that a spreadsheet would run as a formula.

/// Marks the bytes as UTF-8, which spreadsheets do not detect by themselves.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Adds a row to a table.
pub(crate) fn push_row<'c>(table: &mut String, cells: impl IntoIterator<Item = &'c str>) {
    for (position, cell) in cells.into_iter().enumerate() {
        if position > 0 {
            table.push(',');
        }
        push_cell(table, cell);
    }
    table.push_str("\r\n");
}

/// A cell that begins like a formula gets a single quote in front, which makes it text (OWASP, CSV injection).
fn push_cell(table: &mut String, cell: &str) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = cell.contains(['"', ',', '\r', '\n']);
    if quoted {
        table.push('"');
    }
    if formula {
        table.push('\'');
    }
    for character in cell.chars() {
        if character == '"' {
            table.push('"');
        }
        table.push(character);
    }
    if quoted {
        table.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let mut table = String::new();
        push_row(&mut table, ["plain", "a, b", "say \"hi\"", "two\nlines", ""]);
        push_row(
            &mut table,
            ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "a=b", "=HYPERLINK(\"x\",\"y\")"],
        );
        assert_eq!(
            table,
            "plain,\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n\
             '=1+1,'+1,'-1,'@SUM(A1),'\tx,\"'\rx\",a=b,\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n"
        );
    }
}
