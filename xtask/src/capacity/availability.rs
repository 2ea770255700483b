//! How much of the permitted downtime failures take, as one sale sees it.

use super::input::Input;
use super::table::{Table, number};
use anyhow::Result;
use std::fmt::Write as _;

const SECONDS_A_YEAR: f64 = 365.0 * 24.0 * 3_600.0;

/// The calculation's block of the document.
///
/// # Errors
/// When a duration is missing.
pub(super) fn text(input: &Input) -> Result<String> {
    let budget = (1.0 - input.get("available", "of 1")?) * SECONDS_A_YEAR;
    let mut table = Table::new(&[
        "what makes a sale wait",
        "measured, s",
        "until noticed, s (assumed)",
        "a year (assumed)",
        "s a year",
        "the budget alone would allow, a year",
    ]);
    let mut all = 0.0;
    for outage in &input.outages {
        let measured = input.get(&outage.seconds, "s")?;
        let noticed = outage.noticed_after.as_deref().map(|name| input.get(name, "s")).transpose()?;
        let each = measured + noticed.unwrap_or(0.0);
        all += each * outage.a_year;
        let noticed = noticed.map_or_else(String::new, number);
        let cells = [number(outage.a_year), number(each * outage.a_year), number((budget / each).floor())];
        table.row(&[vec![outage.what.clone(), number(measured), noticed], cells.to_vec()].concat());
    }
    let mut text = format!(
        "{} leaves {} s a year ({} minutes a month).\n\n",
        percent(input.get("available", "of 1")?),
        number(budget),
        number(budget / 12.0 / 60.0)
    );
    text.push_str(&table.text());
    writeln!(
        text,
        "\nTogether {} s a year, {} % of the budget. The rest is for what was not measured.",
        number(all),
        number(all / budget * 100.0)
    )?;
    Ok(text)
}

/// `99.9 %`
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::small;

    #[test]
    fn outages_are_weighed_against_the_budget() {
        let text = super::text(&small()).unwrap();
        // One in a hundred of a year is 315,360 s.
        assert!(text.starts_with("99.0 % leaves 315,000 s a year (438 minutes a month)"), "{text}");
        assert!(text.contains("| a node dies | 2 |  | 10 | 20 | 158,000 |"), "{text}");
        assert!(text.contains("| a failover | 5 | 30 | 4 | 140 | 9,010 |"), "{text}");
        assert!(text.contains("Together 160 s a year"), "{text}");
    }
}
