//! Payments, captures and refunds with a provider that fails in every way the port allows.

use crate::log::Errors;
use crate::provider::{Act, Call, DECLINED, ScriptedProvider, needs_action};
use crate::support::{EVENT, TokioClock, at, engine, is_free, opened, ordered, reserved, until, yes};
use fairseat_domain::command::{Canceller, PaymentOutcome, RefundChoice};
use fairseat_domain::ids::{EventNumber, OrderNumber, PaymentNumber, RefundNumber, TicketNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{OrderState, PaymentState, RefundState, TicketState};
use fairseat_domain::{Command, Sale};
use fairseat_engine::{
    Authorization, EffectRunner, Engine, EngineOptions, Instrument, PaymentProgress, PaymentRef,
    ProviderState,
};
use fairseat_journal::MemoryJournal;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::Instant;

struct Shop {
    journal: Arc<MemoryJournal>,
    engine: Engine,
    provider: Arc<ScriptedProvider>,
    effects: Arc<EffectRunner>,
}

impl Shop {
    async fn opened() -> Self {
        let journal = Arc::new(MemoryJournal::new());
        let engine = engine(&journal, EngineOptions::default());
        opened(&engine, EVENT, 4, 5).await;
        Self::over(journal, engine, ScriptedProvider::new())
    }

    fn over(journal: Arc<MemoryJournal>, engine: Engine, provider: Arc<ScriptedProvider>) -> Self {
        let effects = EffectRunner::new(engine.clone(), provider.clone(), true);
        tokio::spawn(effects.clone().run());
        tokio::spawn(engine.clone().run_waker(Duration::from_secs(1)));
        Self { journal, engine, provider, effects }
    }

    /// Crashes the process and starts it again: only journal and provider remain.
    async fn crash_and_restart(self, later_ms: i64) -> Self {
        let now = self.engine.clock().now().as_millis();
        // A task that is stopped neither reports nor reads any more.
        self.engine.stop().await;
        let clock = TokioClock::starting(at(now - at(0).as_millis() + later_ms));
        let engine = Engine::new(self.journal.clone(), clock, EngineOptions::default());
        Self::over(self.journal, engine, self.provider)
    }

    /// An attempt of a thousand cents for one seat, journaled and not charged.
    async fn attempt(&self, seat: u32) -> PaymentRef {
        self.attempt_at(EVENT, seat).await
    }

    async fn attempt_at(&self, event: EventNumber, seat: u32) -> PaymentRef {
        let reservation = reserved(&self.engine, event, u128::from(seat), &[seat]).await;
        let (_, payment) = ordered(&self.engine, event, u128::from(seat), reservation).await;
        PaymentRef { event, payment }
    }

    fn pay(&self, reference: PaymentRef) -> JoinHandle<Option<PaymentProgress>> {
        let (amount, currency) = (Amount(1_000), Currency::USD);
        let instrument = Instrument("4242".into());
        tokio::spawn(self.effects.pay(Authorization { reference, amount, currency, instrument }))
    }

    async fn until(&self, test: impl Fn(&Sale) -> bool) -> Sale {
        until(&self.engine, EVENT, test).await
    }

    async fn until_captured(&self, payment: PaymentNumber) -> Sale {
        self.until(|sale| state(sale, payment) == PaymentState::Captured).await
    }

    fn money(&self) -> (usize, usize, usize) {
        self.provider.books(|books| (books.promised.len(), books.taken.len(), books.given_back.len()))
    }
}

fn state(sale: &Sale, payment: PaymentNumber) -> PaymentState {
    sale.payment(payment).unwrap().state
}

fn is_confirmed(sale: &Sale) -> bool {
    matches!(sale.order(OrderNumber(0)).unwrap().state, OrderState::Confirmed(_))
}

#[tokio::test(start_paused = true)]
async fn a_charge_happens_once_whatever_the_provider_does() {
    use Act::{FailAfter, FailBefore, Fine, HangAfter, HangBefore, Slow};
    let scripts: [&[Act]; 8] = [
        &[Fine],
        &[FailBefore],
        &[FailAfter],
        &[HangBefore],
        &[HangAfter],
        &[Slow(19)],
        &[Slow(60)],
        &[FailAfter, HangAfter, FailBefore, Slow(30), HangBefore, FailBefore],
    ];
    for script in scripts {
        let shop = Shop::opened().await;
        shop.provider.script(Call::Authorize, script);
        shop.provider.script(Call::Capture, script);
        let reference = shop.attempt(0).await;
        let followed = shop.pay(reference).await.unwrap().unwrap();
        assert!(followed.answered.answer.is_ok() && followed.action_url.is_none(), "{script:?}");
        assert!(is_confirmed(&followed.answered.published.state), "{script:?}");
        shop.until_captured(reference.payment).await;
        assert_eq!(shop.money(), (1, 1, 0), "{script:?}");
        assert_eq!(
            shop.provider.calls(Call::Cancel),
            0,
            "an attempt that is followed is never cancelled: {script:?}"
        );
        shop.engine.stop().await;
    }
}

/// Not only when all effects are listed, which is every five seconds.
#[tokio::test(start_paused = true)]
async fn a_failed_call_is_retried_when_its_own_pause_is_over() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::FailBefore, Act::FailAfter]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    let begun = Instant::now();
    shop.until_captured(reference.payment).await;
    assert_eq!(
        begun.elapsed(),
        Duration::from_millis(700),
        "begun 100 ms after the change; pauses of 200 and 400 ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_payment_goes_on_when_the_buyer_has_gone() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Authorize, &[Act::Slow(10)]);
    let reference = shop.attempt(0).await;
    drop(shop.pay(reference));
    shop.until_captured(reference.payment).await;
}

#[tokio::test(start_paused = true)]
async fn a_declined_attempt_leaves_the_seats_for_another() {
    let shop = Shop::opened().await;
    shop.provider.attempts_come_to(DECLINED);
    let first = shop.attempt(0).await;
    let followed = shop.pay(first).await.unwrap().unwrap();
    let sale = &followed.answered.published.state;
    assert!(matches!(state(sale, first.payment), PaymentState::Declined(_)) && !is_free(sale, 0));
    shop.provider.attempts_come_to(ProviderState::Authorized);
    let (_, payment) = ordered(&shop.engine, EVENT, 0, 0).await;
    shop.pay(PaymentRef { event: EVENT, payment }).await.unwrap().unwrap();
    shop.until_captured(payment).await;
    assert_eq!(shop.money(), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_buyer_who_must_confirm_gets_the_address_and_repeated_webhooks_change_nothing() {
    let shop = Shop::opened().await;
    shop.provider.attempts_come_to(needs_action());
    let reference = shop.attempt(0).await;
    let followed = shop.pay(reference).await.unwrap().unwrap();
    assert_eq!(followed.action_url.as_deref(), Some("https://bank.example/1"));
    assert_eq!(shop.effects.action_url(reference).await, followed.action_url);
    let before = followed.answered.published.position;
    for _ in 0..3 {
        let hinted = shop.effects.query_provider(reference).await.unwrap();
        assert_eq!(hinted.answered.published.position, before, "nothing new, nothing written");
    }
    shop.provider.settle(reference, ProviderState::Authorized);
    let hints = (0..5).map(|_| shop.effects.query_provider(reference));
    for hinted in futures::future::join_all(hints).await {
        assert!(is_confirmed(&hinted.unwrap().answered.published.state));
    }
    shop.until_captured(reference.payment).await;
    assert_eq!(shop.money(), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_settled_attempt_is_found_without_a_webhook() {
    let shop = Shop::opened().await;
    shop.provider.attempts_come_to(ProviderState::Processing);
    let reference = shop.attempt(0).await;
    let followed = shop.pay(reference);
    tokio::time::sleep(Duration::from_secs(120)).await;
    shop.provider.settle(reference, needs_action());
    assert!(followed.await.unwrap().unwrap().action_url.is_some());
    shop.provider.settle(reference, ProviderState::Authorized);
    shop.until_captured(reference.payment).await;
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_an_attempt_is_finished_or_cancelled_for_certain() {
    // The provider had charged, and the fact was not written.
    let shop = Shop::opened().await;
    let charged = shop.attempt(0).await;
    shop.provider.settle(charged, ProviderState::Authorized);
    let shop = shop.crash_and_restart(1_000).await;
    shop.until_captured(charged.payment).await;
    assert_eq!(shop.money(), (1, 1, 0));

    // The provider does not know the attempt: it is cancelled there, and another attempt may follow.
    let unknown = shop.attempt(1).await;
    let shop = shop.crash_and_restart(1_000).await;
    shop.until(|sale| state(sale, unknown.payment) == PaymentState::Cancelled).await;
    let late = shop.pay(unknown).await.unwrap();
    assert!(late.is_none(), "an attempt that is over is not charged");
    assert_eq!(shop.money(), (1, 1, 0));
    shop.engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_orphaned_attempt_is_settled_after_a_minute() {
    let shop = Shop::opened().await;
    let reference = shop.attempt(0).await;
    tokio::time::sleep(Duration::from_secs(55)).await;
    let sale = shop.engine.sale(EVENT).await.unwrap().published();
    assert_eq!(
        state(&sale.state, reference.payment),
        PaymentState::Started,
        "the request that began it may be slow"
    );
    tokio::time::sleep(Duration::from_secs(6)).await;
    let sale = shop.engine.sale(EVENT).await.unwrap().published();
    assert_eq!(state(&sale.state, reference.payment), PaymentState::Cancelled, "a minute is enough");
}

#[tokio::test(start_paused = true)]
async fn the_ceiling_cancels_an_attempt_that_stays_unknown_and_the_seats_come_back() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Authorize, &[Act::HangAfter; 500]);
    shop.provider.attempts_come_to(needs_action());
    let reference = shop.attempt(0).await;
    let followed = shop.pay(reference);
    let sale = shop.until(|sale| is_free(sale, 0)).await;
    assert_eq!(state(&sale, reference.payment), PaymentState::Cancelled);
    assert_eq!(sale.now().since(at(0)).0, 1_500_000, "10 minutes hold and 15 more, to the millisecond");
    assert!(followed.await.unwrap().is_none(), "it was settled another way");
    assert_eq!(shop.money(), (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_capture_is_retried_until_it_is_done() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::FailBefore; 40]);
    shop.provider.script(Call::Capture, &[Act::HangAfter, Act::FailAfter]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    shop.until_captured(reference.payment).await;
    assert_eq!((shop.money(), shop.provider.calls(Call::Capture)), ((1, 1, 0), 43));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_fails_for_an_hour_is_overdue_until_it_succeeds() {
    let (errors, _kept) = Errors::kept();
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::FailBefore; 130]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(3_590)).await;
    assert_eq!(shop.effects.overdue(), 0);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(shop.effects.overdue(), 1);
    shop.until_captured(reference.payment).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(shop.effects.overdue(), 0);
    assert_eq!(errors.numbers(), [("overdue", 1)], "one error when it begins, and no other");
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_is_refused_for_good_suspends_the_tickets() {
    let shop = Shop::opened().await;
    shop.provider.refuses_capture();
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    let sale = shop.until(|sale| state(sale, reference.payment) == PaymentState::CaptureFailed).await;
    assert_eq!(sale.ticket(TicketNumber(0)).unwrap().state, TicketState::Suspended);
    assert_eq!(sale.alerts().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refund_waits_for_its_capture() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::FailBefore; 5]);
    shop.provider.script(Call::Refund, &[Act::FailAfter, Act::HangBefore, Act::HangAfter]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    let cancel =
        Command::CancelOrder { order: OrderNumber(0), by: Canceller::Organizer(RefundChoice::Everything) };
    yes(shop.engine.submit_system(EVENT, cancel).await);
    // The books refuse to give back what was not taken.
    let sale = shop.until(|sale| refund(sale) == RefundState::Completed).await;
    assert_eq!(state(&sale, reference.payment), PaymentState::Captured);
    assert_eq!(shop.money(), (1, 1, 1));
}

fn refund(sale: &Sale) -> RefundState {
    sale.refund(RefundNumber(0)).unwrap().state
}

#[tokio::test(start_paused = true)]
async fn a_payment_that_comes_too_late_is_voided_or_refunded() {
    for captured in [false, true] {
        let shop = Shop::opened().await;
        let reference = shop.attempt(0).await;
        let cancelled =
            Command::ReportPayment { payment: reference.payment, outcome: PaymentOutcome::Cancelled };
        yes(shop.engine.submit_system(EVENT, cancelled).await);
        yes(shop.engine.submit_system(EVENT, Command::CancelEvent).await);
        shop.provider.settle(reference, ProviderState::Authorized);
        if captured {
            shop.provider.settle(reference, ProviderState::Captured);
            shop.provider.capture_by_hand(reference);
        }
        shop.provider.script(Call::Cancel, &[Act::FailAfter, Act::HangAfter]);
        shop.effects.query_provider(reference).await.unwrap();
        let sale = shop.until(|sale| !sale.has_effects()).await;
        assert_eq!(refund(&sale), RefundState::Completed);
        let left = if captured { (1, 1, 1) } else { (0, 0, 0) };
        assert_eq!(shop.money(), left, "voided, or refunded if it was captured by hand");
        assert_eq!(sale.check_invariants(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_for_one_sale_delays_no_other() {
    let shop = Shop::opened().await;
    let other = EventNumber(8);
    opened(&shop.engine, other, 4, 5).await;
    for seat in 0..20 {
        let reference = shop.attempt(seat).await;
        shop.pay(reference).await.unwrap().unwrap();
    }
    shop.provider.hangs_for(EVENT);
    yes(shop.engine.submit_system(EVENT, Command::CancelEvent).await);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let began = shop.engine.clock().now();
    let reference = shop.attempt_at(other, 0).await;
    shop.pay(reference).await.unwrap().unwrap();
    until(&shop.engine, other, |sale| state(sale, reference.payment) == PaymentState::Captured).await;
    assert_eq!(shop.engine.clock().now().since(began).0, 100, "the pause between two lists of effects");
    let sale = shop.engine.sale(EVENT).await.unwrap().published();
    assert!(sale.state.has_effects());
    yes(shop.engine.submit_system(EVENT, Command::Tick).await);
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_refunds_uses_16_calls_at_a_time() {
    const ORDERS: u32 = 5_000;
    let journal = Arc::new(MemoryJournal::new());
    let engine = engine(&journal, EngineOptions::default());
    opened(&engine, EVENT, 50, 100).await;
    let shop = Shop::over(journal, engine, ScriptedProvider::new());
    shop.provider.takes(Duration::from_millis(100));
    for seat in 0..ORDERS {
        let reference = shop.attempt(seat).await;
        drop(shop.pay(reference));
    }
    shop.until(|sale| sale.payments().all(|(_, payment)| payment.state == PaymentState::Captured)).await;
    assert_eq!(shop.provider.take_most_in_progress(), 256 + 16, "charges, and captures of one sale");
    yes(shop.engine.submit_system(EVENT, Command::CancelEvent).await);
    let began = shop.engine.clock().now();
    let sale = shop.until(|sale| sale.refunds().count() == 5_000 && !sale.has_effects()).await;
    let took = shop.engine.clock().now().since(began).0;
    assert_eq!(took, 31_400, "100 ms until the first list of effects, then 313 rounds of 16 calls of 100 ms");
    assert_eq!(shop.money(), (5_000, 5_000, 5_000));
    assert_eq!(shop.provider.calls(Call::Refund), 5_000, "each asked once");
    assert_eq!(shop.provider.take_most_in_progress(), 16, "refunds");
    assert_eq!(sale.check_invariants(), []);
}

#[tokio::test(start_paused = true)]
async fn an_effect_whose_task_panicked_is_retried() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::Panic, Act::Panic]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    let sale = shop.until_captured(reference.payment).await;
    assert_eq!(sale.now().since(at(0)).0, 10_000, "at the second scan");
    shop.provider.script(Call::Authorize, &[Act::Panic]);
    let charged = shop.attempt(1).await;
    assert!(shop.pay(charged).await.is_err(), "the caller gets an error");
    shop.until(|sale| state(sale, charged.payment) == PaymentState::Cancelled).await;
}

#[tokio::test(start_paused = true)]
async fn a_restarted_process_finishes_open_effects() {
    let shop = Shop::opened().await;
    shop.provider.script(Call::Capture, &[Act::FailBefore; 1_000]);
    let reference = shop.attempt(0).await;
    shop.pay(reference).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(600)).await;
    let shop = shop.crash_and_restart(3_600_000).await;
    shop.until_captured(reference.payment).await;
    assert_eq!(shop.money(), (1, 1, 0));
}
