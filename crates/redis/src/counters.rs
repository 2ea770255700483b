//! The counters of limits that nodes share, each decided by one script in Redis, in one step.

use crate::link::{Away, Link};
use crate::metrics::Purpose;
use crate::names::Names;
use fairseat_edge::limits::SharedCounters;
use fairseat_edge::limits::shared::{Count, Counted, CounterName, CountersAway, GuessCounter, Settlement};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use redis::Script;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long an address counts as its owner's after they were there. A node alone remembers 100,000 addresses instead.
const OWNER_FOR: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The script that counts a request.
pub(crate) fn count_script() -> Script {
    Script::new(include_str!("count.lua"))
}

/// The counters of limits in Redis.
pub(crate) struct Counters {
    link: Arc<Link>,
    names: Names,
    scripts: Arc<Scripts>,
}

struct Scripts {
    count: Script,
    guess: Script,
    settle: Script,
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters").field("link", &self.link).finish_non_exhaustive()
    }
}

impl Counters {
    pub(crate) fn new(link: Arc<Link>, names: Names) -> Self {
        let guess = Script::new(include_str!("guess.lua"));
        let settle = Script::new(include_str!("settle.lua"));
        Self { link, names, scripts: Arc::new(Scripts { count: count_script(), guess, settle }) }
    }
}

impl SharedCounters for Counters {
    fn are_there(&self) -> bool {
        self.link.is_there()
    }

    fn count(&self, count: Count) -> BoxFuture<'_, Result<Counted, CountersAway>> {
        let Count { counter, interval, tolerance, known } = count;
        let mut call = self.scripts.count.key(self.names.counter(counter));
        // The count that is known is rounded down, so that it never adds to the one that is stored.
        let known = u64::try_from(known.as_micros()).unwrap_or(u64::MAX);
        call.arg(microseconds(interval)).arg(microseconds(tolerance)).arg(known);
        async move {
            let ask = |mut connection| async move { call.invoke_async::<(u8, u64)>(&mut connection).await };
            let (is_admitted, full_in) = self.link.call(Purpose::Limits, ask).await?;
            Ok(Counted { is_admitted: is_admitted == 1, full_in: Duration::from_micros(full_in) })
        }
        .boxed()
    }

    fn guess(
        &self,
        owner: CounterName,
        counters: Vec<GuessCounter>,
        forget_after: Duration,
    ) -> BoxFuture<'_, Result<Duration, CountersAway>> {
        let mut call = self.scripts.guess.key(self.names.counter(owner));
        call.arg(milliseconds(forget_after));
        for GuessCounter { counter, free, longest_wait, spares_owner } in counters {
            call.key(self.names.counter(counter));
            call.arg(free).arg(microseconds(longest_wait)).arg(u8::from(spares_owner));
        }
        async move {
            let ask = |mut connection| async move { call.invoke_async::<u64>(&mut connection).await };
            Ok(Duration::from_micros(self.link.call(Purpose::Limits, ask).await?))
        }
        .boxed()
    }

    fn settle(
        &self,
        owner: Option<CounterName>,
        counters: Vec<(CounterName, Settlement)>,
    ) -> BoxFuture<'static, ()> {
        let (link, names, scripts) = (self.link.clone(), self.names.clone(), self.scripts.clone());
        async move {
            let mut call = scripts.settle.prepare_invoke();
            call.key(owner.map_or_else(|| names.check(), |owner| names.counter(owner)));
            call.arg(owner.map_or(0, |_| milliseconds(OWNER_FOR)));
            for (counter, settlement) in counters {
                call.key(names.counter(counter));
                call.arg(match settlement {
                    Settlement::TakeBack => "take back",
                    Settlement::Forget => "forget",
                });
            }
            let ask = |mut connection| async move { call.invoke_async::<()>(&mut connection).await };
            // While Redis is away, the guess stays counted until it is forgotten.
            let _settled = link.call(Purpose::Limits, ask).await;
        }
        .boxed()
    }
}

impl From<Away> for CountersAway {
    fn from(_: Away) -> Self {
        Self
    }
}

/// Rounded up, so that nothing is admitted earlier than by a node alone.
fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
