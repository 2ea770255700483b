//! The errors that a test's own thread writes to the log.

use parking_lot::Mutex;
use std::fmt::Debug;
use std::sync::Arc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Level, Metadata, Subscriber};

/// The numeric fields of the logged errors, in order: name and value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errors(Arc<Mutex<Vec<(&'static str, u64)>>>);

impl Errors {
    /// Collects errors from now on, until the guard is dropped.
    pub(crate) fn kept() -> (Self, DefaultGuard) {
        let errors = Self::default();
        let guard = set_default(errors.clone());
        (errors, guard)
    }

    pub(crate) fn numbers(&self) -> Vec<(&'static str, u64)> {
        self.0.lock().clone()
    }
}

impl Visit for Errors {
    fn record_u64(&mut self, field: &Field, number: u64) {
        self.0.lock().push((field.name(), number));
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
