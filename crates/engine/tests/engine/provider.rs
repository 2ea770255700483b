//! A payment provider whose faults a test scripts, with books that the test can check.

use fairseat_domain::fact::DeclineReason;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::Amount;
use fairseat_engine::{
    Authorization, Capture, PaymentGateway, PaymentRef, ProviderFault, ProviderState, RefundAnswer, RefundRef,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// The behaviour of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It succeeds.
    Fine,
    /// An error, without an effect.
    FailBefore,
    /// An error after the effect.
    FailAfter,
    /// It hangs, without an effect.
    HangBefore,
    /// It hangs after the effect.
    HangAfter,
    /// A panic, as from a bug in the adapter.
    Panic,
    /// It succeeds after this many seconds.
    Slow(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Authorize,
    State,
    Cancel,
    Capture,
    Refund,
}

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// The state of each attempt.
    pub(crate) attempts: BTreeMap<PaymentRef, ProviderState>,
    /// Authorized and not voided, by attempt.
    pub(crate) promised: BTreeMap<PaymentRef, Amount>,
    pub(crate) taken: BTreeMap<PaymentRef, Amount>,
    pub(crate) given_back: BTreeMap<RefundRef, Amount>,
    pub(crate) calls: BTreeMap<Call, usize>,
    script: BTreeMap<Call, VecDeque<Act>>,
    /// Events for which every call hangs.
    hanging: BTreeSet<EventNumber>,
    /// The outcome of new attempts; authorized by default.
    outcome: Option<ProviderState>,
    refuses_capture: bool,
    in_progress: usize,
    most_in_progress: usize,
    always_slow: Option<Duration>,
}

#[derive(Debug, Default)]
pub(crate) struct ScriptedProvider {
    books: Mutex<Books>,
}

impl ScriptedProvider {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Scripts the next calls of a kind; later ones succeed.
    pub(crate) fn script(&self, call: Call, acts: &[Act]) {
        self.books.lock().script.entry(call).or_default().extend(acts);
    }

    pub(crate) fn attempts_come_to(&self, outcome: ProviderState) {
        self.books.lock().outcome = Some(outcome);
    }

    /// Changes the state of an attempt, as the buyer's confirmation or the provider's decision does.
    pub(crate) fn settle(&self, reference: PaymentRef, state: ProviderState) {
        let mut books = self.books.lock();
        if state == ProviderState::Authorized {
            books.promised.insert(reference, Amount(1_000));
        }
        books.attempts.insert(reference, state);
    }

    /// Captures an attempt outside of Fairseat.
    pub(crate) fn capture_by_hand(&self, reference: PaymentRef) {
        self.books.lock().taken.insert(reference, Amount(1_000));
    }

    pub(crate) fn refuses_capture(&self) {
        self.books.lock().refuses_capture = true;
    }

    pub(crate) fn hangs_for(&self, event: EventNumber) {
        self.books.lock().hanging.insert(event);
    }

    pub(crate) fn takes(&self, each: Duration) {
        self.books.lock().always_slow = Some(each);
    }

    pub(crate) fn books<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.books.lock())
    }

    /// The most calls that were in progress at once since the last time this was asked.
    pub(crate) fn take_most_in_progress(&self) -> usize {
        let mut books = self.books.lock();
        let in_progress = books.in_progress;
        std::mem::replace(&mut books.most_in_progress, in_progress)
    }

    pub(crate) fn calls(&self, call: Call) -> usize {
        self.books(|books| books.calls.get(&call).copied().unwrap_or(0))
    }

    async fn act<T>(
        &self,
        call: Call,
        event: EventNumber,
        work: impl FnOnce(&mut Books) -> T,
    ) -> Result<T, ProviderFault> {
        let (act, slow, _in_progress) = {
            let mut books = self.books.lock();
            *books.calls.entry(call).or_default() += 1;
            books.in_progress += 1;
            books.most_in_progress = books.most_in_progress.max(books.in_progress);
            let hangs = books.hanging.contains(&event).then_some(Act::HangBefore);
            let next = books.script.get_mut(&call).and_then(VecDeque::pop_front);
            (hangs.or(next).unwrap_or(Act::Fine), books.always_slow, InProgress(&self.books))
        };
        if let Some(slow) = slow {
            tokio::time::sleep(slow).await;
        }
        let fault = || Err(ProviderFault("scripted".to_owned()));
        match act {
            Act::Fine => Ok(work(&mut self.books.lock())),
            Act::FailBefore => fault(),
            Act::FailAfter => {
                work(&mut self.books.lock());
                fault()
            }
            Act::Panic => panic!("scripted"),
            Act::HangBefore => std::future::pending().await,
            Act::HangAfter => {
                work(&mut self.books.lock());
                std::future::pending().await
            }
            Act::Slow(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                Ok(work(&mut self.books.lock()))
            }
        }
    }
}

struct InProgress<'a>(&'a Mutex<Books>);

impl Drop for InProgress<'_> {
    fn drop(&mut self) {
        self.0.lock().in_progress -= 1;
    }
}

impl PaymentGateway for ScriptedProvider {
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let reference = request.reference;
        self.act(Call::Authorize, reference.event, move |books| {
            if let Some(known) = books.attempts.get(&reference) {
                return known.clone();
            }
            let outcome = books.outcome.clone().unwrap_or(ProviderState::Authorized);
            if outcome == ProviderState::Authorized {
                books.promised.insert(reference, request.amount);
            }
            books.attempts.insert(reference, outcome.clone());
            outcome
        })
        .boxed()
    }

    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        self.act(Call::State, reference.event, move |books| {
            books.attempts.get(&reference).cloned().unwrap_or(ProviderState::Unknown)
        })
        .boxed()
    }

    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        self.act(Call::Cancel, reference.event, move |books| {
            let state = books.attempts.entry(reference).or_insert(ProviderState::Cancelled);
            match state {
                ProviderState::Captured | ProviderState::Declined(_) => {}
                ProviderState::Authorized if !even_authorized => {}
                ProviderState::Unknown
                | ProviderState::Processing
                | ProviderState::NeedsAction { .. }
                | ProviderState::Authorized
                | ProviderState::Cancelled => *state = ProviderState::Cancelled,
            }
            let state = state.clone();
            if state == ProviderState::Cancelled {
                books.promised.remove(&reference);
            }
            state
        })
        .boxed()
    }

    fn capture(
        &self,
        reference: PaymentRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<Capture, ProviderFault>> {
        self.act(Call::Capture, reference.event, move |books| {
            if books.refuses_capture {
                return Capture::Refused;
            }
            assert_eq!(books.promised.get(&reference), Some(&amount), "nothing else was promised");
            books.attempts.insert(reference, ProviderState::Captured);
            books.taken.insert(reference, amount);
            Capture::Captured
        })
        .boxed()
    }

    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>> {
        self.act(Call::Refund, reference.payment.event, move |books| {
            assert!(books.taken.contains_key(&reference.payment), "nothing was taken");
            books.given_back.insert(reference, amount);
            RefundAnswer::Completed
        })
        .boxed()
    }
}

pub(crate) const DECLINED: ProviderState = ProviderState::Declined(DeclineReason::InsufficientFunds);

pub(crate) fn needs_action() -> ProviderState {
    ProviderState::NeedsAction { url: "https://bank.example/1".to_owned() }
}
