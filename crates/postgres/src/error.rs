//! Why no server can be used. Each message is one line that says what to do.

/// Why no server can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// The connection string cannot be used.
    #[error("the database's connection string cannot be used: {0}")]
    BadUrl(String),
    /// No server could be reached that accepts writes.
    #[error("no database server accepts our connection: {0}")]
    Unreachable(String),
    /// A setting of the server allows it to lose commits.
    #[error(
        "the database server has {setting} = {value}, so a crash can lose sold tickets: set it to {wanted} and start again"
    )]
    NotDurable {
        /// The setting's name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// A value that is accepted.
        wanted: &'static str,
    },
    /// Commits do not wait for a standby, although that is required.
    #[error(
        "commits on the database server wait for no standby (synchronous_standby_names is empty): name one, or start \
         without requiring it"
    )]
    NoStandby,
    /// The connection string of a read replica cannot be used.
    #[error("a database replica's connection string cannot be used: {0}")]
    BadReplicaUrl(String),
    /// A server that was given as a read replica has another database.
    #[error(
        "the database replica {0} is no replica of this database: name a standby of the database server, and the same database there"
    )]
    OtherDatabase(String),
    /// A worker of Citus is set up so that it cannot be used.
    #[error("the worker {worker}: {refused}")]
    Worker {
        /// Its address.
        worker: String,
        /// What is wrong with it.
        refused: Box<ServerError>,
    },
}

/// An error with its causes, in one line.
#[must_use]
pub fn describe(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text.replace('\n', " ")
}
