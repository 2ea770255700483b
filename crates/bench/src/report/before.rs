//! The document that an earlier version of the program wrote on the same machine. Its values are shown beside the new ones.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The key of a table's row: its section, its label, and its number of connections if it has one.
type Key = (String, String, Option<usize>);

/// The values of an earlier document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// The commit and the date of that run.
    pub(super) run: Option<String>,
    rows: BTreeMap<Key, Values>,
}

/// The values of an earlier row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    /// The rate of a row, or the value of a figure.
    pub(super) rate: String,
    /// Microseconds of the server's processor; empty for a figure.
    pub(super) server: String,
}

impl Before {
    /// Reads a `benchmarks.md`.
    ///
    /// # Errors
    /// When it cannot be read, or has no table of rows.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let before = Self::parse(&text);
        anyhow::ensure!(!before.rows.is_empty(), "{} has no measured rows", path.display());
        Ok(before)
    }

    fn parse(text: &str) -> Self {
        let mut before = Self::default();
        let (mut section, mut head) = (String::new(), Vec::new());
        let (mut date, mut commit) = (String::new(), String::new());
        for line in text.lines() {
            if let Some(title) = line.strip_prefix("## ") {
                title.clone_into(&mut section);
            }
            let Some(cells) = cells(line) else { continue };
            match cells.as_slice() {
                ["date", value] => date = (*value).to_owned(),
                ["commit", value] => commit = (*value).to_owned(),
                ["", ..] => head = cells.iter().copied().map(str::to_owned).collect(),
                [label, second, ..] => {
                    let cell = |name: &str| {
                        let at = head.iter().position(|title| title == name)?;
                        cells.get(at).map(|cell| (*cell).to_owned())
                    };
                    let key = |connections| (section.clone(), plain_label(label), connections);
                    let (key, values) = match (second.parse().ok(), cell("rate"), cell("server")) {
                        (Some(connections), Some(rate), Some(server)) => {
                            (key(Some(connections)), Values { rate, server })
                        }
                        _ => (key(None), Values { rate: (*second).to_owned(), server: String::new() }),
                    };
                    before.rows.insert(key, values);
                }
                _ => {}
            }
        }
        before.run = (!commit.is_empty()).then(|| format!("{commit}, {date}"));
        before
    }

    /// The earlier values of a row or figure.
    pub(super) fn values(&self, section: &str, label: &str, connections: Option<usize>) -> Option<&Values> {
        self.rows.get(&(section.to_owned(), plain_label(label), connections))
    }
}

/// The cells of a line of a table; `None` for other lines and for the line below a table's head.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
    let is_rule = cells.iter().all(|cell| cell.starts_with("---"));
    (!is_rule).then_some(cells)
}

/// A label without the share of successful requests, which differs from run to run.
fn plain_label(label: &str) -> String {
    match label.split_once(" (") {
        Some((plain, rest)) if rest.contains("% yes)") => plain.to_owned(),
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "| | |
| --- | --- |
| date | 2026-11-28 |
| commit | 8996146558b2 |

## Reads

| | connections | rate | p50 | server | load |
| --- | ---: | ---: | ---: | ---: | ---: |
| hello | 256 | 148,124 | 1.51 | 6.93 | 5.55 |
| reserve (1.0 % yes) | 256 | 54,948 | 4.52 | 27.2 | 8.33 |
| reserve (1.0 % yes) | 32 | 47,168 | 0.61 | 30.8 | 8.59 |

## Viewers

| | | p50 |
| --- | ---: | ---: |
| memory a viewer | 2.33 kB | |
";

    #[test]
    fn rows_and_figures_are_found_by_section_label_and_connections() {
        let before = Before::parse(DOCUMENT);
        let values = |section, label, connections| {
            before
                .values(section, label, connections)
                .map(|values| (values.rate.as_str(), values.server.as_str()))
        };
        assert_eq!(before.run.as_deref(), Some("8996146558b2, 2026-11-28"));
        assert_eq!(values("Reads", "hello", Some(256)), Some(("148,124", "6.93")));
        assert_eq!(values("Reads", "reserve (2.5 % yes)", Some(32)), Some(("47,168", "30.8")));
        assert_eq!(values("Viewers", "memory a viewer", None), Some(("2.33 kB", "")));
        assert_eq!(values("Viewers", "hello", Some(256)), None, "another section");
    }
}
