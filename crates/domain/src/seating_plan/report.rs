//! Everything that an import reports besides the plan: problems, duplicate guids, repairs.

use crate::ids::SeatIndex;
use std::fmt;

/// A seat that got another guid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The guid in the file.
    pub from: String,
    /// The guid now.
    pub to: String,
    /// Which seat.
    pub location: SeatLocation,
}

/// Where a seat stands in the file. Displayed as `zones[0].rows[41].seats[3] (Ground floor AB-18)`.
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

/// Why a file is no plan: every problem found, up to a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the seating plan has {} problems", self.count())]
pub struct ImportError {
    /// The first 100 problems, in the order of the file.
    pub problems: Vec<Problem>,
    /// How many more were found; after 10,000 of them reading stops.
    pub more_problems: usize,
    /// The first 1,000 guids that several seats have, in the order of the file.
    pub duplicates: Vec<Duplicate>,
    /// How many more there were.
    pub more_duplicates: usize,
}

impl ImportError {
    fn count(&self) -> usize {
        [self.problems.len(), self.more_problems, self.duplicates.len(), self.more_duplicates]
            .into_iter()
            .fold(0, usize::saturating_add)
    }
}

/// Something wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its path in the JSON: `zones[0].rows[3].seats[7].position.x`; empty for the file itself.
    pub path: String,
    /// What is wrong, and what would do.
    pub message: String,
}

/// A guid that several seats have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The guid.
    pub guid: String,
    /// The seats, in the order of the file; the first 100 of them.
    pub locations: Vec<SeatLocation>,
}
