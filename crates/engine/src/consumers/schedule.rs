//! The order of one consumer's work: which stream is next, which is being worked on, and which waits after a failure.
//!
//! Always true: a stream is worked on at most once at a time; every stream with work is in the queue, being worked on, or
//! waiting for its retry; streams are served first come, first served, so that a busy one cannot starve the others.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause. A stream is retried for ever, so every message is queued and every view catches up in the end.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// `N` identifies a stream, `W` is the work to do for it.
#[derive(Debug)]
pub(super) struct Schedule<N, W> {
    queue: VecDeque<N>,
    waiting: BTreeMap<N, W>,
    working: BTreeSet<N>,
    failed: BTreeMap<N, Failed>,
}

#[derive(Debug)]
struct Failed {
    times: u32,
    retry_at: Instant,
}

impl<N: Copy + Ord, W> Schedule<N, W> {
    pub(super) fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            waiting: BTreeMap::new(),
            working: BTreeSet::new(),
            failed: BTreeMap::new(),
        }
    }

    pub(super) fn has_queue(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Adds work. Work that waits already is merged with it. A stream that failed takes no work until its retry, which
    /// reads everything there is.
    pub(super) fn add(&mut self, number: N, work: W, merge: impl FnOnce(W, W) -> W) {
        if self.failed.contains_key(&number) && !self.working.contains(&number) {
            return;
        }
        let merged = match self.waiting.remove(&number) {
            Some(before) => merge(before, work),
            None => {
                if !self.working.contains(&number) {
                    self.queue.push_back(number);
                }
                work
            }
        };
        self.waiting.insert(number, merged);
    }

    /// Begins the next work.
    pub(super) fn begin(&mut self) -> Option<(N, W)> {
        let number = self.queue.pop_front()?;
        let work = self.waiting.remove(&number)?;
        self.working.insert(number);
        Some((number, work))
    }

    /// Ends the work on a stream; work added meanwhile is queued. Returns how often the stream had failed before.
    pub(super) fn succeed(&mut self, number: N) -> u32 {
        self.working.remove(&number);
        if self.waiting.contains_key(&number) {
            self.queue.push_back(number);
        }
        self.failed.remove(&number).map_or(0, |failed| failed.times)
    }

    /// Ends the work on a stream until its retry. Returns how often it has failed in a row, and the pause.
    pub(super) fn fail(&mut self, number: N, now: Instant) -> (u32, Duration) {
        self.working.remove(&number);
        self.waiting.remove(&number);
        let times = self.failed.get(&number).map_or(0, |failed| failed.times);
        let pause = FIRST_PAUSE.saturating_mul(1 << times.min(6)).min(LONGEST_PAUSE);
        let times = times.saturating_add(1);
        self.failed.insert(number, Failed { times, retry_at: now + pause });
        (times, pause)
    }

    /// Forgets all work that has not begun, retries included. Returns the streams that had such work.
    pub(super) fn forget(&mut self) -> BTreeSet<N> {
        self.queue.clear();
        let waiting = std::mem::take(&mut self.waiting).into_keys();
        waiting.chain(std::mem::take(&mut self.failed).into_keys()).collect()
    }

    /// When the next retry is due.
    pub(super) fn next_retry(&self) -> Option<Instant> {
        let idle = self.failed.iter().filter(|(number, _)| !self.is_busy(number));
        idle.map(|(_, failed)| failed.retry_at).min()
    }

    /// Queues the retries that are due.
    pub(super) fn retry(&mut self, now: Instant, work: impl Fn() -> W) {
        let due = |(number, failed): (&N, &Failed)| {
            (failed.retry_at <= now && !self.is_busy(number)).then_some(*number)
        };
        let due: Vec<N> = self.failed.iter().filter_map(due).collect();
        for number in due {
            self.waiting.insert(number, work());
            self.queue.push_back(number);
        }
    }

    fn is_busy(&self, number: &N) -> bool {
        self.working.contains(number) || self.waiting.contains_key(number)
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, LONGEST_PAUSE, Schedule};
    use std::collections::BTreeSet;
    use std::time::Duration;
    use tokio::time::Instant;

    fn both(before: Vec<u8>, later: Vec<u8>) -> Vec<u8> {
        [before, later].concat()
    }

    #[test]
    fn streams_are_served_in_turn_and_work_for_one_is_merged() {
        let mut schedule = Schedule::new();
        for (number, work) in [(2, 1), (1, 2), (2, 3)] {
            schedule.add(number, vec![work], both);
        }
        assert_eq!(schedule.begin(), Some((2, vec![1, 3])));
        schedule.add(2, vec![4], both);
        assert_eq!(schedule.begin(), Some((1, vec![2])));
        assert_eq!(schedule.begin(), None, "the other is being worked on");
        assert_eq!(schedule.succeed(2), 0);
        assert_eq!(schedule.begin(), Some((2, vec![4])));
    }

    #[test]
    fn forgotten_work_is_neither_begun_nor_retried() {
        let mut schedule = Schedule::new();
        let now = Instant::now();
        for number in [1, 2, 3] {
            schedule.add(number, vec![0], both);
        }
        schedule.begin().unwrap();
        schedule.begin().unwrap();
        schedule.fail(1, now);
        assert_eq!(schedule.forget(), BTreeSet::from([1, 3]));
        assert_eq!((schedule.begin(), schedule.next_retry()), (None, None));
        assert_eq!(schedule.succeed(2), 0);
        schedule.add(1, vec![4], both);
        assert_eq!(schedule.begin(), Some((1, vec![4])), "without waiting for a retry");
    }

    #[test]
    fn a_failed_stream_waits_longer_each_time_and_delays_no_other() {
        let mut schedule = Schedule::new();
        let mut now = Instant::now();
        let mut pauses = Vec::new();
        schedule.add(1, vec![0], both);
        for times in 1..=9 {
            assert_eq!(schedule.begin(), Some((1, vec![0])));
            let (failures, pause) = schedule.fail(1, now);
            assert_eq!(failures, times);
            pauses.push(pause.as_secs());
            schedule.add(1, vec![9], both);
            schedule.add(2, vec![5], both);
            assert_eq!(schedule.begin(), Some((2, vec![5])));
            schedule.succeed(2);
            assert_eq!(schedule.next_retry(), Some(now + pause));
            schedule.retry(now + pause - Duration::from_millis(1), || vec![0]);
            assert_eq!(schedule.begin(), None);
            now += pause;
            schedule.retry(now, || vec![0]);
            assert_eq!(schedule.next_retry(), None, "it is queued");
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(schedule.begin(), Some((1, vec![0])));
        assert_eq!(schedule.succeed(1), 9);
        schedule.add(1, vec![7], both);
        assert_eq!(schedule.begin(), Some((1, vec![7])));
        assert_eq!(schedule.fail(1, now), (1, FIRST_PAUSE));
        assert!(LONGEST_PAUSE > FIRST_PAUSE);
    }
}
