//! The document is what the calculation says; and small round numbers for the tests of its parts.

use super::input::Input;
use super::*;

#[test]
fn the_document_has_what_the_calculation_says() {
    let (document, blocks) = (document().unwrap(), blocks(&input().unwrap()).unwrap());
    let filled = filled(&document, &blocks).unwrap();
    assert!(document == filled, "docs/capacity.md is out of date: cargo run -p xtask -- capacity --write");
}

#[test]
fn small_numbers_use_every_value() {
    let blocks = blocks(&small()).unwrap();
    let document: String = blocks
        .iter()
        .map(|(name, _)| format!("a <!-- {name} -->\nOUTDATED\n<!-- end of {name} --> z\n"))
        .collect();
    let once = filled(&document, &blocks).unwrap();
    assert_eq!(filled(&once, &blocks).unwrap(), once, "filling again changes nothing");
    assert!(!once.contains("OUTDATED") && once.contains("| pages | 900 | 10 | 0.009 |"), "{once}");
    assert!(filled("no comments", &blocks).unwrap_err().to_string().contains("peak"));
}

/// Compares up to rounding.
pub(super) fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= expected.abs() * 1e-9, "{found}, not {expected}");
}

/// An input with small round numbers.
pub(super) fn small() -> Input {
    Input::parse(SMALL).unwrap()
}

const SMALL: &str = include_str!("small.json");
