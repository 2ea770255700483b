//! Why a journal on PostgreSQL did not open. Each message is one line that says what to do.

use fairseat_postgres::ServerError;

/// Why a journal on PostgreSQL did not open. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresOpenError {
    /// No server can be used.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The database has no journal.
    #[error(
        "the database has no journal (there is no schema fairseat_journal): run `fairseat database prepare` first"
    )]
    NoSchema,
    /// The schema is neither of the version that this program was written for nor of the next one.
    #[error(
        "the journal's schema has version {found}, and this program was written for version {known}: {advice}"
    )]
    SchemaVersion {
        /// The version in the database.
        found: i32,
        /// The version that this program was written for.
        known: i32,
        /// What to do.
        advice: &'static str,
    },
    /// The user may not do something that the journal needs.
    #[error("the database user {user} lacks a right: GRANT {right} TO {user}")]
    MissingRight {
        /// The user.
        user: String,
        /// The right, as in a GRANT statement.
        right: String,
    },
    /// Citus distributes the tables, but does not run every function where its stream is.
    #[error("the journal is distributed, but not all of its functions: run `fairseat database distribute`")]
    NotDistributed,
    /// A statement failed.
    #[error("the database server refused: {0}")]
    Failed(String),
}
