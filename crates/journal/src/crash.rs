//! Named crash points, so that tests can kill the real program exactly where a crash hurts most.
//!
//! `FAIRSEAT_CRASH_AT=journal.after_commit` aborts the process when it first passes that point, and
//! `FAIRSEAT_CRASH_AT=journal.after_commit:20` the twentieth time. Without the variable a point costs one relaxed load.
//! Nothing is unwound, flushed or closed: what is on disk is what a power cut of the process would leave.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// The variable that arms one point.
pub const VARIABLE: &str = "FAIRSEAT_CRASH_AT";

const UNREAD: u8 = 0;
const DISARMED: u8 = 1;
const ARMED: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(UNREAD);
static TARGET: OnceLock<Option<Target>> = OnceLock::new();

/// Aborts the process if the environment says so, else does nothing.
#[inline]
pub fn point(name: &str) {
    if STATE.load(Ordering::Relaxed) != DISARMED {
        pass(name);
    }
}

#[derive(Debug)]
struct Target {
    name: String,
    remaining: AtomicU64,
}

impl Target {
    fn parse(text: &str) -> Self {
        let (name, times) = match text.rsplit_once(':') {
            Some((name, times)) => (name, times.parse().unwrap_or(1)),
            None => (text, 1),
        };
        Self { name: name.to_owned(), remaining: AtomicU64::new(times) }
    }

    /// Counts a passing of `name`; true exactly once, at the last one asked for.
    fn strikes(&self, name: &str) -> bool {
        self.name == name && self.remaining.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

#[cold]
fn pass(name: &str) {
    let target = TARGET.get_or_init(|| std::env::var(VARIABLE).ok().map(|text| Target::parse(&text)));
    STATE.store(if target.is_some() { ARMED } else { DISARMED }, Ordering::Relaxed);
    if target.as_ref().is_some_and(|target| target.strikes(name)) {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_target_strikes_once_at_the_passing_it_names() {
        let passings = |text: &str| {
            let target = Target::parse(text);
            ["a", "b", "a", "b", "a", "b"].map(|name| target.strikes(name))
        };
        assert_eq!(passings("b"), [false, true, false, false, false, false]);
        assert_eq!(passings("b:2"), [false, false, false, true, false, false]);
        assert_eq!(passings("c"), [false; 6]);
    }
}
