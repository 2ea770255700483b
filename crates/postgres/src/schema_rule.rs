//! Which versions of a schema a program can use: its own, and the next one.
//!
//! So an update has no pause: `fairseat database prepare` of the new release raises the schema from N to N + 1 while programs of N serve;
//! then their nodes are replaced one after the other. The new programs do not start before that, because they need N + 1.
//!
//! A migration to version N + 1 may therefore contain only what the programs of version N do not notice:
//! - new tables and new indexes;
//! - new columns that may be NULL or have a default, because programs of N insert rows without them;
//! - new functions. A changed function gets a new number in its name; the old one stays and keeps every promise that N relies on;
//! - constraints that every row of a program of N meets.
//!
//! It must not drop, rename or retype anything that N uses, make a column of N mandatory, or give a stored value a meaning that N does not know. What
//! N + 1 no longer uses is dropped by N + 2 at the earliest: programs of N no longer run then. A migration also must not hold a lock for long that
//! stops reading or writing: a large index is made by `CREATE INDEX CONCURRENTLY` in a step of its own.

/// What a program can do with the version of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaFit {
    /// Use it.
    Serves,
    /// Nothing, until the database is prepared for the program.
    TooOld,
    /// Nothing: the schema is of a release after the next one.
    TooNew,
}

impl SchemaFit {
    /// Of a schema of version `found`, for a program that was written for version `known`.
    #[must_use]
    pub const fn of(found: u32, known: u32) -> Self {
        if found < known {
            Self::TooOld
        } else if found <= known.saturating_add(1) {
            Self::Serves
        } else {
            Self::TooNew
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SchemaFit::{self, Serves, TooNew, TooOld};

    #[test]
    fn a_program_uses_its_own_version_and_the_next() {
        let fits = [4, 5, 6, 7, u32::MAX].map(|found| SchemaFit::of(found, 5));
        assert_eq!(fits, [TooOld, Serves, Serves, TooNew, TooNew]);
    }
}
