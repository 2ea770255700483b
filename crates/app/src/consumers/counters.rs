//! Updates the metrics' counters from the facts. Nothing is stored: metrics count from the start of the process.

use super::COUNTERS;
use crate::app::App;
use crate::metrics::{Metrics, Money};
use fairseat_domain::{Fact, Sale};
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, CursorStorage, StreamSlice};
use fairseat_journal::ConsumerName;
use fairseat_payments::decline_code;
use futures::FutureExt as _;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Counters {
    app: Arc<App>,
}

impl Counters {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl Consumer for Counters {
    fn name(&self) -> ConsumerName {
        COUNTERS
    }

    fn cursors(&self) -> CursorStorage<'_> {
        CursorStorage::InProcess
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        let sale = &slice.published.state;
        for fact in slice.entries().flat_map(|entry| &entry.facts) {
            count(&self.app.metrics, sale, fact);
        }
        std::future::ready(Ok(Consumed::All)).boxed()
    }
}

fn count(metrics: &Metrics, sale: &Sale, fact: &Fact) {
    let money = |amount| Money { amount, currency: sale.terms().currency };
    #[expect(clippy::wildcard_enum_match_arm, reason = "only some facts are counted")]
    match fact {
        Fact::ReservationPlaced { .. } => metrics.reservation_made(),
        Fact::OrderConfirmed { order, .. } | Fact::SoldAtCounter { order, .. } => {
            if let Some(order) = sale.order(*order) {
                metrics.order_confirmed(order.items.len(), money(order.total));
            }
        }
        Fact::PaymentDeclined { reason, .. } => metrics.payment_failed(decline_code(*reason)),
        Fact::PaymentCancelled { .. } => metrics.payment_failed("cancelled"),
        Fact::CaptureFailed { .. } => {
            metrics.payment_failed("capture_failed");
            metrics.alert("capture_failed");
        }
        Fact::RefundFailed { .. } => metrics.alert("refund_failed"),
        Fact::OrderCancelled { order, refund, .. } => {
            let tickets = sale.order(*order).map_or(0, |order| order.items.len());
            let amount = refund.and_then(|due| due.seats.plus(due.fees).ok()).unwrap_or_default();
            metrics.refunded(tickets, money(amount));
        }
        _ => {}
    }
}
