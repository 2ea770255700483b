//! Encodings of columns, which are lists with one element for each seat: second-order delta encoding, run-length encoding and
//! front coding. Decoding trusts nothing: damaged input gives an error and takes bounded memory.

use crate::limits::MAX_LABEL_CHARS;
use crate::seating_plan::PlanError;

/// Second-order delta encoding: the difference of each number's delta from the delta before it. In a row of evenly spaced
/// seats all but the first two differences are 0.
pub(super) fn differences(numbers: impl Iterator<Item = i32>) -> Vec<i32> {
    let (mut last, mut step) = (0_i32, 0_i32);
    let second_difference = |number: i32| {
        let new_step = number.wrapping_sub(last);
        let difference = new_step.wrapping_sub(step);
        (last, step) = (number, new_step);
        difference
    };
    numbers.map(second_difference).collect()
}

/// Decodes [`differences`].
pub(super) fn from_differences(differences: &[i32]) -> impl Iterator<Item = i32> {
    let (mut last, mut step) = (0_i32, 0_i32);
    differences.iter().map(move |difference| {
        step = step.wrapping_add(*difference);
        last = last.wrapping_add(step);
        last
    })
}

/// Run-length encoding: a pair of count and value for each run of equal neighbours.
pub(super) fn runs<T: Copy + PartialEq>(values: impl Iterator<Item = T>) -> Vec<(u32, T)> {
    let mut runs: Vec<(u32, T)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((count, last)) if *last == value => *count = count.saturating_add(1),
            _ => runs.push((1, value)),
        }
    }
    runs
}

/// Decodes [`runs`].
///
/// # Errors
/// [`PlanError::Damaged`] unless there are exactly `count` values.
pub(super) fn from_runs<T: Copy>(runs: &[(u32, T)], count: usize) -> Result<Vec<T>, PlanError> {
    let mut values = Vec::new();
    for (length, value) in runs {
        let length = usize::try_from(*length).unwrap_or(usize::MAX);
        if length > count.saturating_sub(values.len()) {
            return Err(PlanError::Damaged("a run too long"));
        }
        values.extend(std::iter::repeat_n(*value, length));
    }
    if values.len() == count { Ok(values) } else { Err(PlanError::Damaged("a run too short")) }
}

/// Front coding: for each text the bytes that it shares with the text before and the bytes of its suffix; and all suffixes,
/// one after the other.
pub(super) fn front_coded<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<(u16, u16)>, String) {
    let (mut lengths, mut suffixes, mut last) = (Vec::new(), String::new(), "");
    for text in texts {
        let differs = text.char_indices().zip(last.chars()).find(|((_, a), b)| a != b);
        let shared = differs.map_or(text.len().min(last.len()), |((at, _), _)| at);
        let suffix = text.get(shared..).unwrap_or_default();
        let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        lengths.push((length(shared), length(suffix.len())));
        suffixes.push_str(suffix);
        last = text;
    }
    (lengths, suffixes)
}

/// Decodes [`front_coded`] and appends the texts to `pool`. Returns each text's start and length there.
pub(super) fn from_front_coded(
    lengths: &[(u16, u16)],
    suffixes: &str,
    pool: &mut String,
) -> Result<Vec<(u32, u16)>, PlanError> {
    let damaged = || PlanError::Damaged("a guid");
    // Without this bound a few damaged bytes could ask for gigabytes.
    let longest = MAX_LABEL_CHARS.saturating_mul(4);
    let (mut suffixes, mut last) = (suffixes, 0..0);
    let mut places = Vec::new();
    for (shared, own) in lengths {
        let length =
            shared.checked_add(*own).filter(|length| usize::from(*length) <= longest).ok_or_else(damaged)?;
        let (suffix, others) = suffixes.split_at_checked(usize::from(*own)).ok_or_else(damaged)?;
        let prefix =
            pool.get(last).and_then(|last| last.get(..usize::from(*shared))).ok_or_else(damaged)?.to_owned();
        let start = pool.len();
        pool.push_str(&prefix);
        pool.push_str(suffix);
        suffixes = others;
        last = start..pool.len();
        places.push((u32::try_from(start).ok().ok_or_else(damaged)?, length));
    }
    if suffixes.is_empty() { Ok(places) } else { Err(damaged()) }
}
