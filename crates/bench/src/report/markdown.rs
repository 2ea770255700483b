//! The document in Markdown.

use super::goals::Goal;
use super::{Before, Figure, Goals, Machine, Section};
use crate::measure::Measured;
use std::fmt::Write as _;

const OPENING: &str = "# Benchmarks

Written by the command below; do not edit. Sections that name a date of their own were measured then, by the command they name. How it is measured, and why so: docs/adr/0009-benchmark.md.

![Reservations a second, durable, over HTTP](benchmarks.svg)

";

const READING: &str = "
How to read the tables: *rate* is operations a second, the median of the rounds; latencies are milliseconds, medians of the
rounds' percentiles, in open-loop rows from when a request was due; *server* and *load* are microseconds of processor time an
operation, of the server with everything that works for it and of the load beside it. Servers and load share the cores. Ratios are
medians of what each round says, in which the compared rows are neighbours. Every answer is checked: an unexpected status ends the run.
";

/// The whole document.
pub(super) fn document(machine: &Machine, sections: &[Section], goals: &Goals, before: &Before) -> String {
    let mut text = OPENING.to_owned();
    text.push_str("| | |\n| --- | --- |\n");
    for (name, value) in &machine.lines {
        line(&mut text, format_args!("| {name} | {value} |"));
    }
    if let Some(run) = &before.run {
        line(&mut text, format_args!("| before | {run}, on the same machine |"));
    }
    text.push_str(READING);
    goals_table(&mut text, &goals.0);
    for section in sections {
        line(&mut text, format_args!("\n## {}\n\n{}\n", section.title, section.intro));
        rows_table(&mut text, section, before);
        figures_table(&mut text, section, before);
        for missing in &section.missing {
            line(&mut text, format_args!("\n{missing}"));
        }
    }
    text
}

fn goals_table(text: &mut String, goals: &[Goal]) {
    text.push_str("\n## Goals\n\n| | goal | measured | |\n| --- | --- | --- | --- |\n");
    for goal in goals {
        let measured = goal.measured.map_or_else(|| "not measured".to_owned(), number);
        let reached = match goal.is_reached() {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "",
        };
        line(text, format_args!("| {} | {} | {measured} | {reached} |", goal.text, goal.wanted_text()));
    }
}

fn rows_table(text: &mut String, section: &Section, before: &Before) {
    if section.rows.is_empty() {
        return;
    }
    let earlier = |row: &Measured| before.values(section.title, &row.label, Some(row.connections));
    let has_earlier = section.rows.iter().any(|row| earlier(row).is_some());
    text.push_str("| | connections | rate | p50 | p99 | p99.9 | server | load |");
    text.push_str(if has_earlier { " rate before | server before |\n" } else { "\n" });
    text.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    text.push_str(if has_earlier { " ---: | ---: |\n" } else { "\n" });
    for row in &section.rows {
        let offered = row.offered.map_or_else(String::new, |rate| format!(" of {} offered", number(rate)));
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| number(row.quantile_ms(share)));
        let (server, load) = (number(row.server_cpu_us()), number(row.load_cpu_us()));
        let yes = row.share(201);
        let said = if row.share(409) > 0.0 { format!(" ({:.1} % yes)", yes * 100.0) } else { String::new() };
        let (label, connections, rate) = (&row.label, row.connections, number(row.rate()));
        let was = match earlier(row) {
            Some(values) => format!(" {} | {} |", values.rate, values.server),
            None if has_earlier => " | |".to_owned(),
            None => String::new(),
        };
        line(
            text,
            format_args!(
                "| {label}{said} | {connections} | {rate}{offered} | {p50} | {p99} | {p999} | {server} | {load} |{was}"
            ),
        );
    }
}

fn figures_table(text: &mut String, section: &Section, before: &Before) {
    if section.figures.is_empty() {
        return;
    }
    let earlier = |figure: &Figure| before.values(section.title, &figure.label, None);
    let has_earlier = section.figures.iter().any(|figure| earlier(figure).is_some());
    text.push_str("\n| | | p50 | p99 | processor | |");
    text.push_str(if has_earlier { " before |\n" } else { "\n" });
    text.push_str("| --- | ---: | ---: | ---: | ---: | --- |");
    text.push_str(if has_earlier { " ---: |\n" } else { "\n" });
    for figure in &section.figures {
        let optional = |value: Option<f64>, unit: &str| {
            value.map_or_else(String::new, |value| format!("{} {unit}", number(value)))
        };
        let (p50, p99) = (optional(figure.p50_ms, "ms"), optional(figure.p99_ms, "ms"));
        let (cpu, note) = (optional(figure.cpu_us, "µs"), figure.note.as_deref().unwrap_or_default());
        let (label, value, unit) = (&figure.label, number(figure.value), &figure.unit);
        let was = match earlier(figure) {
            Some(values) => format!(" {} |", values.rate),
            None if has_earlier => " |".to_owned(),
            None => String::new(),
        };
        line(text, format_args!("| {label} | {value} {unit} | {p50} | {p99} | {cpu} | {note} |{was}"));
    }
}

/// Formats with three significant digits and thousands separators.
pub(super) fn number(value: f64) -> String {
    if value.abs() < 1_000.0 {
        let decimals = if value.abs() >= 100.0 || value.fract().abs() < 1e-9 {
            0
        } else if value.abs() >= 10.0 {
            1
        } else if value.abs() >= 0.1 {
            2
        } else {
            4
        };
        return format!("{value:.decimals$}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(text, "{arguments}");
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (0.503, "0.50"),
            (0.0031, "0.0031"),
            (12.34, "12.3"),
            (987.6, "988"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), expected);
        }
    }
}
