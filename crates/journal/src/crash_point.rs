//! Crash points: places where a test can kill the process. They are fail points of the crate `fail`, and exist only in
//! builds with the feature `fail-points`, which the workspace's tests turn on. Release builds do not contain them.
//!
//! The environment variable `FAILPOINTS` arms a point: `journal.after_commit=return` aborts the process when it first
//! passes that point, `journal.after_commit=19*off->return` the twentieth time. Nothing is unwound, flushed or closed: the
//! files are as a SIGKILL would leave them.

use std::sync::Once;

/// Aborts the process if `FAILPOINTS` says so. Called by [`crash_point!`](crate::crash_point).
#[doc(hidden)]
pub fn reach(name: &str) {
    static READ_ENVIRONMENT: Once = Once::new();
    // Dropping the scenario would disarm all points.
    READ_ENVIRONMENT.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    fail::fail_point!(name, |_| std::process::abort());
}
