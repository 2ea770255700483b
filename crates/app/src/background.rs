//! The background tasks that run for as long as the application.

use crate::app::App;
use crate::consumers;
use std::sync::Arc;
use std::time::Duration;

/// How often the deadlines of sleeping sales are checked.
const WAKE_EVERY: Duration = Duration::from_millis(500);

/// How often a node usually asks what other nodes appended to the sales that are awake here.
pub const READ_EVERY: Duration = Duration::from_secs(1);

/// Starts the consumers of the journal, the effects of sales, and the task that wakes sales whose deadline has come.
pub fn start(app: &Arc<App>) {
    tokio::spawn(consumers::runner(app).run());
    tokio::spawn(app.effects.clone().run());
    tokio::spawn(app.engine.clone().run_waker(WAKE_EVERY));
    if !app.is_alone {
        tokio::spawn(app.engine.clone().run_reader(app.read_every));
    }
}
