//! The port by which messages are published.

use crate::message::Message;
use futures::future::BoxFuture;
use std::fmt::Debug;

/// Why messages were not published, or perhaps were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The broker cannot be reached, does not answer in time, or does not let anybody publish. Some messages may be published.
    #[error("{0}")]
    Away(String),
    /// The broker refuses one of these messages; it would take others.
    #[error("{0}")]
    Refused(String),
}

/// A broker that keeps messages.
pub trait Publisher: Debug + Send + Sync + 'static {
    /// Publishes messages to their topics and returns once the broker has stored all of them.
    ///
    /// In each topic, the messages of one key are appended in the given order, and no message is sent before the broker has acknowledged those
    /// before it. So what is published after an error is the beginning of what was given, perhaps more than once.
    ///
    /// # Errors
    /// [`PublishError`]; the caller publishes the same messages again.
    fn publish<'p>(&'p self, messages: &'p [Message]) -> BoxFuture<'p, Result<(), PublishError>>;

    /// Checks that the broker can be reached and has the topics.
    ///
    /// # Errors
    /// [`PublishError::Away`].
    fn check(&self) -> BoxFuture<'_, Result<(), PublishError>>;
}
