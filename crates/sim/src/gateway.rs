//! The payment gateway: its books, its faults, and each node's connection to it.
//!
//! Its books are always right, even when its answers are lost: a call repeated under the same reference takes effect once.
//! A cancelled attempt never charges. A declined attempt may still charge, after a manual review.

use crate::disk::Disk;
use crate::history::EVENT;
use crate::incarnation::Incarnation;
use crate::model_input::Movement;
use crate::world::World;
use fairseat_domain::fact::DeclineReason;
use fairseat_domain::money::Amount;
use fairseat_engine::{
    Authorization, Capture, PaymentGateway, PaymentRef, ProviderFault, ProviderState, RefundAnswer,
    RefundRef, stream_of,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The calls of the gateway.
#[derive(Clone, Debug)]
enum Asked {
    Authorize(u32, i64, String),
    State(u32),
    Cancel(u32, bool),
    Capture(u32, i64),
    Refund(u32, u32, i64),
}

#[derive(Clone, Debug)]
struct Attempt {
    amount: i64,
    state: ProviderState,
    refuses_capture: bool,
}

#[derive(Debug, Default)]
struct Books {
    attempts: BTreeMap<u32, Attempt>,
    refunds: BTreeMap<(u32, u32), bool>,
    /// Attempts that changed and whose webhook was not sent yet.
    hints: BTreeSet<u32>,
}

/// The gateway.
#[derive(Debug)]
pub(crate) struct Gateway {
    world: Arc<World>,
    disk: Arc<Disk>,
    books: Mutex<Books>,
}

impl Gateway {
    pub(crate) fn new(world: Arc<World>, disk: Arc<Disk>) -> Arc<Self> {
        Arc::new(Self { world, disk, books: Mutex::default() })
    }

    /// Takes the webhooks to send: attempts that changed.
    pub(crate) fn take_hints(&self) -> Vec<u32> {
        std::mem::take(&mut self.books.lock().hints).into_iter().collect()
    }

    /// Puts a webhook back that did not arrive.
    pub(crate) fn hint_again(&self, payment: u32) {
        self.books.lock().hints.insert(payment);
    }

    pub(crate) fn has_hints(&self) -> bool {
        !self.books.lock().hints.is_empty()
    }

    /// Whether an attempt waits for the buyer's confirmation.
    pub(crate) fn waits_for_buyer(&self, payment: u32) -> bool {
        let books = self.books.lock();
        books
            .attempts
            .get(&payment)
            .is_some_and(|found| matches!(found.state, ProviderState::NeedsAction { .. }))
    }

    /// The buyer confirms or rejects an attempt; the gateway then sends a webhook.
    pub(crate) fn authenticate(&self, payment: u32, approve: bool) {
        let mut books = self.books.lock();
        let Some(attempt) = books.attempts.get_mut(&payment) else { return };
        if !matches!(attempt.state, ProviderState::NeedsAction { .. } | ProviderState::Processing) {
            return;
        }
        attempt.state = if approve {
            ProviderState::Authorized
        } else {
            ProviderState::Declined(DeclineReason::AuthenticationFailed)
        };
        let amount = attempt.amount;
        if approve {
            self.moved("promised", payment, None, amount);
        }
        books.hints.insert(payment);
    }

    /// A declined attempt charges after all.
    fn change_mind(&self, payment: u32) {
        let mut books = self.books.lock();
        let Some(attempt) = books.attempts.get_mut(&payment) else { return };
        if matches!(attempt.state, ProviderState::Declined(_)) && !self.world.is_calm() {
            attempt.state = ProviderState::Authorized;
            let amount = attempt.amount;
            self.world.count("fault", "gateway declines and charges after all");
            self.moved("promised", payment, None, amount);
            books.hints.insert(payment);
        }
    }

    fn moved(&self, what: &'static str, payment: u32, refund: Option<u32>, amount: i64) {
        self.world.note(format_args!("gateway: {what} {amount}, payment {payment}, refund {refund:?}"));
        let durable = self.disk.head(stream_of(EVENT));
        let refund = refund.map_or(-1, i64::from);
        let movement = Movement { durable, what, payment: i64::from(payment), refund, amount };
        self.world.record.lock().books.push(movement);
    }

    /// Carries out a call in the books.
    fn perform(self: &Arc<Self>, asked: &Asked) -> ProviderState {
        match asked {
            Asked::Authorize(payment, amount, card) => self.authorize(*payment, *amount, card),
            Asked::State(payment) => self.state(*payment),
            Asked::Cancel(payment, even_authorized) => self.cancel(*payment, *even_authorized),
            Asked::Capture(payment, amount) => self.capture(*payment, *amount),
            Asked::Refund(payment, refund, amount) => self.refund(*payment, *refund, *amount),
        }
    }

    fn state(&self, payment: u32) -> ProviderState {
        self.books.lock().attempts.get(&payment).map_or(ProviderState::Unknown, |found| found.state.clone())
    }

    fn authorize(self: &Arc<Self>, payment: u32, amount: i64, card: &str) -> ProviderState {
        let mut books = self.books.lock();
        if let Some(known) = books.attempts.get(&payment) {
            return known.state.clone();
        }
        let waits = || ProviderState::NeedsAction { url: format!("https://bank/{payment}") };
        let state = match card {
            "declined" => ProviderState::Declined(DeclineReason::InsufficientFunds),
            "undecided" => ProviderState::Declined(DeclineReason::Generic),
            "authenticated" => waits(),
            "processing" => ProviderState::Processing,
            _ => ProviderState::Authorized,
        };
        let refuses_capture = card == "uncollectable";
        books.attempts.insert(payment, Attempt { amount, state: state.clone(), refuses_capture });
        if state == ProviderState::Authorized {
            self.moved("promised", payment, None, amount);
        }
        self.follow_up(payment, card);
        state
    }

    /// Changes an attempt some time later.
    fn follow_up(self: &Arc<Self>, payment: u32, card: &str) {
        let gateway = self.clone();
        match card {
            "undecided" => drop(tokio::spawn(async move {
                gateway.world.pass_time(1_000, 400_000).await;
                gateway.change_mind(payment);
            })),
            "processing" => drop(tokio::spawn(async move {
                gateway.world.count("fault", "gateway takes its time");
                gateway.world.pass_time(500, 60_000).await;
                let approve = !gateway.world.one_in(4);
                gateway.authenticate(payment, approve);
            })),
            _ => {}
        }
    }

    fn cancel(&self, payment: u32, even_authorized: bool) -> ProviderState {
        let mut books = self.books.lock();
        let unknown = Attempt { amount: 0, state: ProviderState::Unknown, refuses_capture: false };
        let attempt = books.attempts.entry(payment).or_insert(unknown);
        let open = matches!(
            attempt.state,
            ProviderState::Unknown | ProviderState::Processing | ProviderState::NeedsAction { .. }
        );
        let authorized = attempt.state == ProviderState::Authorized;
        if open || (authorized && even_authorized) {
            attempt.state = ProviderState::Cancelled;
        }
        let (state, amount) = (attempt.state.clone(), attempt.amount);
        if authorized && even_authorized {
            self.moved("let go", payment, None, amount);
        }
        state
    }

    fn capture(&self, payment: u32, amount: i64) -> ProviderState {
        let mut books = self.books.lock();
        let Some(attempt) = books.attempts.get_mut(&payment) else { return ProviderState::Unknown };
        if attempt.state == ProviderState::Authorized && amount <= attempt.amount && !attempt.refuses_capture
        {
            attempt.state = ProviderState::Captured;
            self.moved("took", payment, None, amount);
        }
        attempt.state.clone()
    }

    fn refund(&self, payment: u32, refund: u32, amount: i64) -> ProviderState {
        let mut books = self.books.lock();
        let captured = matches!(
            books.attempts.get(&payment),
            Some(Attempt { state: ProviderState::Captured, amount: taken, .. }) if amount <= *taken
        );
        let known = books.refunds.get(&(payment, refund)).copied();
        let done = known.unwrap_or_else(|| captured && !self.world.fault("gateway refuses a refund", 6));
        books.refunds.insert((payment, refund), done);
        if done && known.is_none() {
            self.moved("gave back", payment, Some(refund), amount);
        }
        if done { ProviderState::Captured } else { ProviderState::Cancelled }
    }
}

/// A node's connection to the gateway.
#[derive(Debug)]
pub(crate) struct GatewayConnection {
    pub(crate) world: Arc<World>,
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) gateway: Arc<Gateway>,
}

/// Longer than any node waits for an answer.
const FOR_EVER: (u64, u64) = (60_000, 90_000);

impl GatewayConnection {
    async fn call(
        &self,
        [before, after]: [&'static str; 2],
        asked: Asked,
    ) -> Result<ProviderState, ProviderFault> {
        self.incarnation.crash_point(before).await;
        let answer = self.call_somehow(&asked).await;
        self.world
            .note(format_args!("node {} asks the gateway: {asked:?}: {answer:?}", self.incarnation.node));
        self.incarnation.crash_point(after).await;
        answer
    }

    async fn call_somehow(&self, asked: &Asked) -> Result<ProviderState, ProviderFault> {
        let failed = || Err(ProviderFault("no answer".to_owned()));
        self.world.pass_time(20, 150).await;
        if self.world.fault("gateway fails before its effect", 16) {
            return failed();
        }
        if self.world.fault("gateway hangs before its effect", 40) {
            self.world.pass_time(FOR_EVER.0, FOR_EVER.1).await;
            return failed();
        }
        if self.world.fault("gateway acts after the time-out", 40) {
            let (world, gateway, asked) = (self.world.clone(), self.gateway.clone(), asked.clone());
            drop(tokio::spawn(async move {
                world.pass_time(21_000, 60_000).await;
                drop(gateway.perform(&asked));
            }));
            self.world.pass_time(FOR_EVER.0, FOR_EVER.1).await;
            return failed();
        }
        if self.world.fault("gateway is slow", 12) {
            self.world.pass_time(1_000, 15_000).await;
        }
        let state = self.gateway.perform(asked);
        if self.world.fault("gateway fails after its effect", 16) {
            return failed();
        }
        if self.world.fault("gateway hangs after its effect", 40) {
            self.world.pass_time(FOR_EVER.0, FOR_EVER.1).await;
            return failed();
        }
        Ok(state)
    }
}

impl PaymentGateway for GatewayConnection {
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let asked = Asked::Authorize(request.reference.payment.0, request.amount.0, request.instrument.0);
        self.call(["authorize.before", "authorize.after"], asked).boxed()
    }

    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        self.call(["state.before", "state.after"], Asked::State(reference.payment.0)).boxed()
    }

    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        let asked = Asked::Cancel(reference.payment.0, even_authorized);
        self.call(["cancel.before", "cancel.after"], asked).boxed()
    }

    fn capture(
        &self,
        reference: PaymentRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<Capture, ProviderFault>> {
        async move {
            let asked = Asked::Capture(reference.payment.0, amount.0);
            let state = self.call(["capture.before", "capture.after"], asked).await?;
            Ok(if state == ProviderState::Captured { Capture::Captured } else { Capture::Refused })
        }
        .boxed()
    }

    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>> {
        async move {
            let asked = Asked::Refund(reference.payment.payment.0, reference.refund.0, amount.0);
            let state = self.call(["refund.before", "refund.after"], asked).await?;
            Ok(if state == ProviderState::Captured { RefundAnswer::Completed } else { RefundAnswer::Refused })
        }
        .boxed()
    }
}
