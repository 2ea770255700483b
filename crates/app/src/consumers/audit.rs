//! The audit trail: each action of a member on a sale becomes an entry in the organization's trail. Actions of buyers are not in it.

use super::AUDIT;
use crate::app::App;
use crate::ids::PublicIds;
use crate::time_text::rfc3339;
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::CancelReason;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::{Fact, Sale};
use fairseat_engine::{ConsumeFuture, Consumed, Consumer, ConsumerError, StreamSlice};
use fairseat_journal::{ConsumerName, Position};
use fairseat_store::OrganizationId;
use fairseat_store::audit::{AuditEntry, SaleEntry};
use futures::FutureExt as _;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Audit {
    app: Arc<App>,
}

impl Audit {
    pub(super) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Adds audit entries for these journal entries; entries that the trail already has are skipped.
    async fn record(&self, slice: &StreamSlice) -> Result<(), ConsumerError> {
        let (event, sale) = (slice.number, &slice.published.state);
        let of_entry = |placed: (Position, usize, _)| {
            let actions = actions_of(&self.app.ids, sale, placed.2).into_iter();
            actions.map(move |action| (placed, action))
        };
        let actions: Vec<_> = slice.placed_entries().flat_map(of_entry).collect();
        if actions.is_empty() {
            return Ok(());
        }
        // A sale without a row belongs to no organization, so it has no trail.
        let Some(row) = self.app.store.events().by_number(event).await? else { return Ok(()) };
        let entries =
            actions.into_iter().map(|(placed, action)| action.audit_entry(row.organization, event, placed));
        Ok(self.app.store.audit().record_of_sale(entries.collect()).await?)
    }
}

impl Consumer for Audit {
    fn name(&self) -> ConsumerName {
        AUDIT
    }

    fn consume<'c>(&'c self, slice: &'c StreamSlice) -> ConsumeFuture<'c, Consumed> {
        async move { self.record(slice).await.map(|()| Consumed::All) }.boxed()
    }
}

/// An action of a member.
struct Action {
    actor: AccountId,
    verb: &'static str,
    object: String,
    detail: Value,
}

impl Action {
    /// Its key is the entry's place in the journal, which no caller can choose. The time is a part of it, because the journal of a restored
    /// backup uses positions again that a newer trail already has.
    fn audit_entry(
        self,
        organization: OrganizationId,
        event: EventNumber,
        (position, place, entry): (Position, usize, &Entry),
    ) -> SaleEntry {
        let (at, request, verb) = (entry.at, entry.request, self.verb);
        let millis = at.as_millis();
        SaleEntry {
            former_key: format!("sale:{}:{millis}:{request:032x}:{verb}", event.0),
            entry: AuditEntry {
                // An entry has each kind of action at most once.
                dedupe_key: format!("sale:{}@{}.{place}:{millis}:{verb}", event.0, position.0),
                organization,
                at,
                actor: self.actor,
                action: verb.to_owned(),
                event: Some(event),
                object: self.object,
                detail: self.detail.to_string(),
            },
        }
    }
}

fn actions_of(ids: &PublicIds, sale: &Sale, entry: &Entry) -> Vec<Action> {
    let Actor::Account(actor) = entry.actor else { return Vec::new() };
    let event = ids.event(sale.event()).to_string();
    let of_event = |verb| vec![(verb, event.clone(), json!({}))];
    let found = match entry.cause {
        Cause::OpenSale => of_event("event.created"),
        Cause::ChangePrices => of_event("event.prices_changed"),
        Cause::ChangePlan => of_event("event.plan_changed"),
        Cause::CancelEvent => of_event("event.cancelled"),
        Cause::DeleteSale => of_event("event.withdrawn"),
        Cause::ChangeTerms
        | Cause::BlockSeats
        | Cause::UnblockSeats
        | Cause::SellAtCounter
        | Cause::CancelOrder
        | Cause::ReportRefund
        | Cause::HandOutRefund => {
            entry.facts.iter().find_map(|fact| of_fact(ids, sale, fact)).into_iter().collect()
        }
        // One command may change both terms and prices.
        Cause::ChangeEvent => entry.facts.iter().filter_map(|fact| of_fact(ids, sale, fact)).collect(),
        Cause::Due
        | Cause::PlaceReservation
        | Cause::AddToCart
        | Cause::MergeCart
        | Cause::ChangeReservation
        | Cause::ExtendReservation
        | Cause::CancelReservation
        | Cause::PlaceOrder
        | Cause::ReportPayment
        | Cause::ReportCapture => Vec::new(),
    };
    found.into_iter().map(|(verb, object, detail)| Action { actor, verb, object, detail }).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other facts are recorded by their cause, or not at all")]
fn of_fact(ids: &PublicIds, sale: &Sale, fact: &Fact) -> Option<(&'static str, String, Value)> {
    let event = sale.event();
    let money = |amount: Amount| sale.terms().currency.format(amount);
    let payment_of = |refund| sale.refund(refund).and_then(|refund| sale.payment(refund.payment));
    Some(match fact {
        Fact::TermsChanged { terms } => {
            let detail = json!({
                "start_time": rfc3339(terms.starts_at),
                "on_sale_time": rfc3339(terms.on_sale_at),
                "draft": !terms.published,
            });
            ("event.terms_changed", ids.event(event).to_string(), detail)
        }
        Fact::PricesChanged { .. } => ("event.prices_changed", ids.event(event).to_string(), json!({})),
        Fact::SeatsBlocked { seats, reason } => {
            ("seats.blocked", ids.event(event).to_string(), json!({"seats": seats.len(), "reason": reason}))
        }
        Fact::SeatsUnblocked { seats } => {
            ("seats.unblocked", ids.event(event).to_string(), json!({"seats": seats.len()}))
        }
        Fact::SoldAtCounter { order, items, counter_payment, .. } => {
            let total = sale.order(*order).map(|order| order.total).unwrap_or_default();
            let detail = json!({"tickets": items.len(), "payment": counter_payment.name(), "total_amount": money(total)});
            ("box_office.sold", ids.order(event, *order).to_string(), detail)
        }
        Fact::OrderCancelled { order, reason: CancelReason::Organizer, refund } => {
            let amount = refund.and_then(|due| due.seats.plus(due.fees).ok()).unwrap_or_default();
            ("order.cancelled", ids.order(event, *order).to_string(), json!({"refund_amount": money(amount)}))
        }
        Fact::RefundCompleted { refund } => {
            let order = payment_of(*refund)?.order;
            let amount = sale.refund(*refund)?.amount;
            ("refund.handed_out", ids.order(event, order).to_string(), json!({"amount": money(amount)}))
        }
        _ => return None,
    })
}
