//! Who is told of every unit of work.

use std::sync::Arc;
use std::time::Duration;

/// Called with the name and the duration of every unit of work; a commit is called `store.commit`.
pub type Observer = Arc<dyn Fn(&'static str, Duration) + Send + Sync>;
