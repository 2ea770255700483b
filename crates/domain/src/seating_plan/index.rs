//! Indexes of sections, rows, segments and categories: positions in the lists of one plan.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a list.
            #[must_use]
            pub fn position(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }

            /// The index for a position in a list. Saturates, far beyond every limit of a plan.
            #[must_use]
            pub fn at(position: usize) -> Self {
                Self(u32::try_from(position).unwrap_or(u32::MAX))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

index! {
    /// A section of a plan. A section may get another index when the plan changes; its name stays.
    SectionIndex
}
index! {
    /// A row, counted through the whole plan.
    RowIndex
}
index! {
    /// A segment (seats of one row without a gap between them), counted through the whole plan.
    SegmentIndex
}
index! {
    /// A category of a plan.
    CategoryIndex
}
