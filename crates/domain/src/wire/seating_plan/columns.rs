//! Lists that run through all seats, written as what changes from one to the next; and back, with nothing trusted.

use crate::limits::MAX_LABEL_CHARS;
use crate::seating_plan::PlanError;

/// Each number as what it differs from the one foretold by the two before it; 0 all along an even row.
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

/// The numbers again.
pub(super) fn sums(differences: &[i32]) -> impl Iterator<Item = i32> {
    let (mut last, mut step) = (0_i32, 0_i32);
    differences.iter().map(move |difference| {
        step = step.wrapping_add(*difference);
        last = last.wrapping_add(step);
        last
    })
}

/// Equal neighbours as runs of how many and what.
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

/// The values again, which must be `count`.
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

/// Each text as the length it shares with the one before, and its own rest.
pub(super) fn front_coded<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<(u16, u16)>, String) {
    let (mut lengths, mut rests, mut last) = (Vec::new(), String::new(), "");
    for text in texts {
        let same = text.char_indices().zip(last.chars()).find(|((_, a), b)| a != b);
        let shared = same.map_or(text.len().min(last.len()), |((at, _), _)| at);
        let rest = text.get(shared..).unwrap_or_default();
        let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        lengths.push((length(shared), length(rest.len())));
        rests.push_str(rest);
        last = text;
    }
    (lengths, rests)
}

/// Writes the texts one after the other into `pool`; answers where each starts and how long it is.
pub(super) fn from_front_coded(
    lengths: &[(u16, u16)],
    rests: &str,
    pool: &mut String,
) -> Result<Vec<(u32, u16)>, PlanError> {
    let damaged = || PlanError::Damaged("a guid");
    // Without this bound a few damaged bytes could ask for gigabytes.
    let longest = MAX_LABEL_CHARS.saturating_mul(4);
    let (mut rests, mut last) = (rests, 0..0);
    let mut places = Vec::new();
    for (shared, own) in lengths {
        let length =
            shared.checked_add(*own).filter(|length| usize::from(*length) <= longest).ok_or_else(damaged)?;
        let (rest, others) = rests.split_at_checked(usize::from(*own)).ok_or_else(damaged)?;
        let prefix =
            pool.get(last).and_then(|last| last.get(..usize::from(*shared))).ok_or_else(damaged)?.to_owned();
        let start = pool.len();
        pool.push_str(&prefix);
        pool.push_str(rest);
        rests = others;
        last = start..pool.len();
        places.push((u32::try_from(start).ok().ok_or_else(damaged)?, length));
    }
    if rests.is_empty() { Ok(places) } else { Err(damaged()) }
}
