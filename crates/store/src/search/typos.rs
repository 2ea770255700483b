//! Corrects misspelt words: finds indexed words that share trigrams with a word and differ from it in few letters.
//!
//! Words of scripts without spaces are not corrected. The words come from names and places of events and are never deleted. A word that no longer occurs in any visible event finds nothing.

use super::tokens::has_unspaced;
use crate::error::StoreError;
use crate::sql::{Filter, Sql, cell, values};
use std::collections::BTreeSet;

/// The most candidates that are compared letter by letter with each misspelt word.
const CANDIDATES: u32 = 100;
/// The most corrections of one misspelt word.
const MAX_SIMILAR: usize = 20;

/// Adds words to the dictionary.
pub(crate) fn learn(sql: &Sql<'_>, words: &[String]) -> Result<(), StoreError> {
    let text =
        "INSERT INTO word_trigrams (trigram, word) VALUES (?1, ?2) ON CONFLICT (trigram, word) DO NOTHING";
    for word in words.iter().filter(|word| !has_unspaced(word)) {
        for trigram in trigrams(word) {
            sql.execute(text, &values![trigram, word.clone()])?;
        }
    }
    Ok(())
}

/// For each word: the word and its corrections. `None` when no word has a correction.
pub(crate) fn similar(sql: &Sql<'_>, words: &[String]) -> Result<Option<Vec<Vec<String>>>, StoreError> {
    let mut any = false;
    let mut groups = Vec::new();
    for word in words {
        let meant = meant_by(sql, word)?;
        any |= !meant.is_empty();
        groups.push(std::iter::once(word.clone()).chain(meant).collect());
    }
    Ok(any.then_some(groups))
}

fn meant_by(sql: &Sql<'_>, word: &str) -> Result<Vec<String>, StoreError> {
    if has_unspaced(word) {
        return Ok(Vec::new());
    }
    let mut filter = Filter::new();
    let wanted: Vec<_> = trigrams(word).into_iter().map(|trigram| filter.bind(trigram)).collect();
    let limit = filter.bind(CANDIDATES);
    let text = format!(
        "SELECT word FROM word_trigrams WHERE trigram IN ({}) GROUP BY word ORDER BY COUNT(*) DESC, word LIMIT {limit}",
        wanted.join(", ")
    );
    let mut known: Vec<String> = sql.all(&text, filter.values(), cell)?;
    known.retain(|known| known != word && distance(word, known) <= tolerance(word));
    known.truncate(MAX_SIMILAR);
    Ok(known)
}

/// The trigrams of a word; a space at each end counts as a letter, so that short words have trigrams too.
fn trigrams(word: &str) -> BTreeSet<String> {
    let padded: Vec<char> = format!("  {word} ").chars().collect();
    padded.windows(3).map(|three| three.iter().collect()).collect()
}

/// How many letters may be wrong. In a word of three letters none, because nearly every other short word would match.
fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// How many letters must be added, left out, changed or swapped with their neighbour to turn one word into the other
/// (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut previous_letter = None;
    for (down, letter) in (1..).zip(one.chars()) {
        let mut next = vec![down];
        for (across, facing) in (1..).zip(&other) {
            let changed = row[across - 1] + usize::from(letter != *facing);
            let mut least = changed.min(row[across] + 1).min(next[across - 1] + 1);
            let swapped = across > 1 && previous_letter == Some(*facing) && other[across - 2] == letter;
            if swapped {
                least = least.min(before[across - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
        previous_letter = Some(letter);
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases = [
            ("rock", "rock", 0),
            ("rock", "roks", 2),
            ("tailor", "taylor", 1),
            ("siwft", "swift", 1),
            ("", "abc", 3),
        ];
        for (one, other, expected) in cases {
            assert_eq!((distance(one, other), distance(other, one)), (expected, expected), "{one} {other}");
        }
    }
}
