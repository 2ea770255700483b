//! Which of a sale's effects is tried next, and when an effect is retried. No I/O, no clock.
//!
//! What must always hold: an effect is in progress at most once. Effects are tried in the order in which they became due,
//! so that neither a flood of new effects nor many failing ones starve the others.

use fairseat_domain::effect::Effect;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(crate) struct Schedule {
    waiting: BTreeSet<(Instant, Effect)>,
    known: BTreeMap<Effect, Known>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// How long to wait after the next try.
    pause: Duration,
    /// When it is tried next; `None` while it is in progress.
    at: Option<Instant>,
}

impl Schedule {
    /// Replaces the wanted effects: new ones are due at once, those no longer wanted are forgotten.
    pub(crate) fn refresh(&mut self, wanted: impl IntoIterator<Item = Effect>, now: Instant) {
        let wanted: BTreeSet<Effect> = wanted.into_iter().collect();
        for effect in &wanted {
            self.known.entry(*effect).or_insert_with(|| {
                self.waiting.insert((now, *effect));
                Known { pause: FIRST_PAUSE, at: Some(now) }
            });
        }
        self.known.retain(|effect, known| {
            let keep = known.at.is_none() || wanted.contains(effect);
            if let Some(at) = known.at.filter(|_| !keep) {
                self.waiting.remove(&(at, *effect));
            }
            keep
        });
    }

    /// The effect that has been due longest; it is in progress from now on.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Effect> {
        let (at, effect) = *self.waiting.first().filter(|(at, _)| *at <= now)?;
        self.waiting.remove(&(at, effect));
        if let Some(known) = self.known.get_mut(&effect) {
            known.at = None;
        }
        Some(effect)
    }

    /// When the next is due.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// Notes that a try has ended. If the effect is still wanted it is due again after a pause, longer each time.
    pub(crate) fn tried(&mut self, effect: Effect, now: Instant) {
        if let Some(known) = self.known.get_mut(&effect) {
            let at = now + known.pause;
            *known = Known { pause: LONGEST_PAUSE.min(known.pause * 2), at: Some(at) };
            self.waiting.insert((at, effect));
        }
    }

    /// Removes an effect that is no longer wanted.
    pub(crate) fn forget(&mut self, effect: Effect) {
        if let Some(Known { at: Some(at), .. }) = self.known.remove(&effect) {
            self.waiting.remove(&(at, effect));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::PaymentNumber;

    fn cancel(number: u32) -> Effect {
        Effect::Cancel(PaymentNumber(number))
    }

    #[test]
    fn effects_are_tried_in_the_order_they_became_due() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut schedule = Schedule::default();
        schedule.refresh([cancel(1), cancel(2)], at(0));
        assert_eq!(schedule.take(at(0)), Some(cancel(1)));
        schedule.refresh([cancel(0), cancel(1), cancel(2)], at(1));
        assert_eq!(schedule.take(at(1)), Some(cancel(2)), "due longer than 0; 1 is in progress");
        assert_eq!(schedule.take(at(1)), Some(cancel(0)));
        assert_eq!(schedule.take(at(1)), None);
        schedule.tried(cancel(1), at(10));
        schedule.refresh([cancel(1), cancel(2)], at(11));
        assert_eq!((schedule.take(at(209)), schedule.next_at()), (None, Some(at(210))));
        assert_eq!(schedule.take(at(210)), Some(cancel(1)));
        schedule.tried(cancel(1), at(210));
        assert_eq!(schedule.next_at(), Some(at(610)), "a longer pause each time");
        schedule.refresh([], at(211));
        assert_eq!(schedule.next_at(), None, "no longer wanted");
        schedule.tried(cancel(2), at(212));
        assert_eq!(
            schedule.next_at(),
            Some(at(412)),
            "it was in progress; its next try finds that it is no longer wanted"
        );
        schedule.forget(cancel(2));
        assert_eq!(schedule.next_at(), None);
    }
}
