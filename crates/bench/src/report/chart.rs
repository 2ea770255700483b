//! The chart: bars of reservations a second, of our server and of the baselines.

use super::Section;
use super::markdown::number;
use crate::measure::Measured;
use std::fmt::Write as _;

const SHOWN: [&str; 8] = [
    "empty_post",
    "reserve_contended",
    "reserve_spread",
    "redis_lua",
    "redis_locks",
    "conditional_update",
    "sqlite_transaction",
    "row_locks",
];
const BAR: f64 = 26.0;
const GAP: f64 = 12.0;
const LEFT: f64 = 290.0;
const WIDEST: f64 = 420.0;
const TOP: f64 = 48.0;

/// An SVG that is readable on light and dark pages.
pub(super) fn svg(sections: &[Section]) -> String {
    let all: Vec<&Measured> = sections.iter().flat_map(|section| &section.rows).collect();
    let shown = SHOWN.iter().filter_map(|key| all.iter().find(|row| row.key == *key));
    let shown: Vec<&&Measured> = shown.collect();
    let most = shown.iter().map(|row| row.rate()).fold(1.0, f64::max);
    let height = TOP + (BAR + GAP) * shown.len() as f64 + GAP;
    let width = LEFT + WIDEST + 90.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"14\" role=\"img\" aria-label=\"Reservations a second\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"16\" y=\"28\" font-size=\"16\" font-weight=\"bold\">Reservations a second, durable, over HTTP, 256 connections</text>\n"
    );
    for (place, row) in shown.iter().enumerate() {
        let y = TOP + (BAR + GAP) * place as f64;
        let colour = match row.key {
            "reserve_spread" | "reserve_contended" => "#1d4ed8",
            "empty_post" => "#cbd5e1",
            _ => "#94a3b8",
        };
        let (bar, text_y) = ((row.rate() / most * WIDEST).max(1.0), y + BAR * 0.7);
        // Writing to a String cannot fail.
        let _infallible = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{text_y:.0}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LEFT:.0}\" y=\"{y:.0}\" width=\"{bar:.1}\" height=\"{BAR:.0}\" rx=\"3\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"{text_y:.0}\">{}</text>",
            LEFT - 10.0,
            row.label,
            LEFT + bar + 8.0,
            number(row.rate()),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
