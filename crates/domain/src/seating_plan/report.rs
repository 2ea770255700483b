//! What an import reports besides the plan: problems, duplicate guids, repairs and parts left out.

use crate::ids::SeatIndex;
use std::fmt;

/// A seat that got a new guid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The guid in the file; may be empty.
    pub from: String,
    /// The new guid.
    pub to: String,
    /// The seat.
    pub location: SeatLocation,
}

/// A seat that got a new number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renumbering {
    /// The number in the file.
    pub from: String,
    /// The new number.
    pub to: String,
    /// The seat, with its number in the file.
    pub location: SeatLocation,
}

/// A part of the file that was left out because it cannot be used. The plan is complete without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path in the JSON: `zones[0].areas[2]`.
    pub path: String,
    /// The reason, as the end of a sentence that begins with the path: `polygon is missing`, `must be a UUID`.
    pub reason: String,
}

/// Where a seat is in the file. Displayed as `zones[0].rows[41].seats[3] (Ground floor AB-18)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatLocation {
    /// Its path in the JSON.
    pub path: String,
    /// The name of its section.
    pub section: String,
    /// The label of its row.
    pub row: String,
    /// Its number.
    pub number: String,
    /// Its index in the plan.
    pub index: SeatIndex,
}

impl fmt::Display for SeatLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {}-{})", self.path, self.section, self.row, self.number)
    }
}

/// Why a file was refused: every problem found, up to a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the seating plan has {} problems", self.count())]
pub struct ImportError {
    /// The first 100 problems, in the order of the file.
    pub problems: Vec<Problem>,
    /// How many more problems were found. Reading stops after 10,000 of them.
    pub more_problems: usize,
    /// The first 1,000 guids that several seats have, in the order of the file.
    pub duplicates: Vec<Duplicate>,
    /// How many more duplicate guids were found.
    pub more_duplicates: usize,
    /// The first 1,000 labels that several seats have, in the order of the file.
    pub duplicate_labels: Vec<DuplicateLabel>,
    /// How many more duplicate labels were found.
    pub more_duplicate_labels: usize,
}

impl ImportError {
    fn count(&self) -> usize {
        let guids = [self.duplicates.len(), self.more_duplicates];
        let labels = [self.duplicate_labels.len(), self.more_duplicate_labels];
        let problems = [self.problems.len(), self.more_problems];
        problems.into_iter().chain(guids).chain(labels).fold(0, usize::saturating_add)
    }
}

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its path in the JSON: `zones[0].rows[3].seats[7].position.x`; empty for the file itself.
    pub path: String,
    /// What is wrong, and what would be accepted.
    pub message: String,
}

/// A guid that several seats have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The guid.
    pub guid: String,
    /// The first 100 seats that have it, in the order of the file.
    pub locations: Vec<SeatLocation>,
}

/// A place that several seats have: tickets for them could not be told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateLabel {
    /// Section, row and number, as on a ticket: `Main A-1`.
    pub label: String,
    /// The first 100 seats that have it, in the order of the file.
    pub locations: Vec<SeatLocation>,
}
