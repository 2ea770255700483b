//! The state that all parts of a history share: random numbers, true time, planned faults, and the record.

use crate::random::Dice;
use crate::record::Record;
use fairseat_domain::time::Timestamp;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// When every history begins.
const START_MS: i64 = 1_800_000_000_000;

/// The kind of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// Servers, all writing the same sale.
    pub(crate) nodes: usize,
    /// Few operations and exact clocks, so that every order of the operations can be tried.
    pub(crate) small: bool,
    /// Every kind of fault is this many times rarer than in the wildest history.
    pub(crate) fault_rarity: u64,
}

/// One history's world.
#[derive(Debug)]
pub(crate) struct World {
    dice: Mutex<Dice>,
    pub(crate) style: Style,
    pub(crate) record: Mutex<Record>,
    began: Instant,
    /// How far true time has jumped ahead.
    leap_ms: AtomicI64,
    calm: AtomicBool,
    crashes: Mutex<BTreeMap<&'static str, u64>>,
    numbers: AtomicU64,
}

impl World {
    pub(crate) fn new(mut dice: Dice, style: Style) -> Self {
        let crashes = plan_crashes(&mut dice, style);
        Self {
            dice: Mutex::new(dice),
            style,
            record: Mutex::default(),
            began: Instant::now(),
            leap_ms: AtomicI64::new(0),
            calm: AtomicBool::new(false),
            crashes: Mutex::new(crashes),
            numbers: AtomicU64::new(0),
        }
    }

    /// True time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        let elapsed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        START_MS + elapsed + self.leap_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn instant(&self, after_ms: i64) -> Timestamp {
        Timestamp::from_millis(self.now().saturating_add(after_ms))
    }

    /// All clocks jump ahead together, as after a suspended night.
    pub(crate) fn leap(&self, ms: i64) {
        self.leap_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// A new number, unique in this history.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.dice.lock().below(bound.max(1))
    }

    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    pub(crate) fn one_in(&self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn pick<T: Clone>(&self, among: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(among.len() as u64)).unwrap_or(0);
        among.get(at).cloned()
    }

    pub(crate) fn small(&self, bound: u32) -> u32 {
        u32::try_from(self.below(u64::from(bound))).unwrap_or(0)
    }

    /// Lets simulated time pass.
    pub(crate) async fn pass_time(&self, low_ms: u64, high_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.between(low_ms, high_ms))).await;
    }

    /// Whether this fault happens now.
    pub(crate) fn fault(&self, name: &'static str, chances: u64) -> bool {
        let happens = !self.is_calm() && self.one_in(chances.saturating_mul(self.style.fault_rarity));
        if happens {
            self.count("fault", name);
            self.note(format_args!("fault: {name}"));
        }
        happens
    }

    /// Whether the node that passes this point crashes there.
    pub(crate) fn crashes_at(&self, point: &'static str) -> bool {
        if self.is_calm() {
            return false;
        }
        let mut crashes = self.crashes.lock();
        let Some(left) = crashes.get_mut(point) else { return false };
        *left = left.saturating_sub(1);
        let crashes_now = *left == 0;
        if crashes_now {
            crashes.remove(point);
            drop(crashes);
            self.count("crash point", point);
        }
        crashes_now
    }

    /// No more faults from here on.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        let at = self.now() - START_MS;
        self.record.lock().note(at, what);
    }

    pub(crate) fn count(&self, kind: &'static str, name: &'static str) {
        self.record.lock().count(kind, name);
    }
}

/// Every step at which a node can crash, with roughly how often a history passes it.
pub(crate) const CRASH_POINTS: [(&str, u64); 31] = [
    ("append.before", 60),
    ("append.after", 60),
    ("read.before", 6),
    ("read.after", 6),
    ("due.before", 200),
    ("due.after", 200),
    ("behind.before", 40),
    ("behind.after", 40),
    ("cursor.before", 4),
    ("cursor.after", 4),
    ("caught_up.before", 40),
    ("caught_up.after", 40),
    ("put_snapshot.before", 3),
    ("put_snapshot.after", 3),
    ("snapshot.before", 3),
    ("snapshot.after", 3),
    ("authorize.before", 10),
    ("authorize.after", 10),
    ("state.before", 4),
    ("state.after", 4),
    ("cancel.before", 2),
    ("cancel.after", 2),
    ("capture.before", 6),
    ("capture.after", 6),
    ("refund.before", 2),
    ("refund.after", 2),
    ("views.before", 40),
    ("views.after", 40),
    ("messages.before", 40),
    ("messages.after", 40),
    ("reply.before", 60),
];

/// A few points at which nodes will crash, and how often a point is passed before the crash.
fn plan_crashes(dice: &mut Dice, style: Style) -> BTreeMap<&'static str, u64> {
    let wanted = if style.fault_rarity > 3 { dice.below(2) } else { 2 + dice.below(7) };
    let mut planned = BTreeMap::new();
    for _ in 0..wanted {
        let at = usize::try_from(dice.below(CRASH_POINTS.len() as u64)).unwrap_or(0);
        if let Some((point, passings)) = CRASH_POINTS.get(at) {
            planned.insert(*point, 1 + dice.below(*passings));
        }
    }
    planned
}
