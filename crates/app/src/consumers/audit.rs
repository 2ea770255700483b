//! What of a sale's journal stands in its organization's trail: what members did, not what buyers do for themselves.

use crate::app::App;
use crate::ids::PublicIds;
use crate::time_text::rfc3339;
use anyhow::Result;
use fairseat_domain::entry::{Actor, Cause, Entry};
use fairseat_domain::fact::CancelReason;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::{Fact, Sale};
use fairseat_store::OrganizationId;
use fairseat_store::audit::Line;
use serde_json::{Value, json};

/// Adds to the trail what these entries of the event's sale say.
///
/// # Errors
/// When the store fails; doing it again is safe.
pub(super) async fn follow<'e>(
    app: &App,
    sale: &Sale,
    entries: impl IntoIterator<Item = &'e Entry>,
) -> Result<()> {
    let told = entries
        .into_iter()
        .flat_map(|entry| told(&app.ids, sale, entry).into_iter().map(move |told| (entry, told)));
    let told: Vec<(&Entry, Told)> = told.collect();
    if told.is_empty() {
        return Ok(());
    }
    // A sale without a row has no organization to tell.
    let Some(event) = app.store.events().by_number(sale.event()).await? else { return Ok(()) };
    let lines = told.into_iter().map(|(entry, told)| told.line(event.organization, sale.event(), entry));
    Ok(app.store.audit().record(lines.collect()).await?)
}

struct Told {
    actor: AccountId,
    action: &'static str,
    object: String,
    detail: Value,
}

impl Told {
    fn line(self, organization: OrganizationId, event: EventNumber, entry: &Entry) -> Line {
        let (at, request) = (entry.at, entry.request);
        Line {
            // One request does at most one thing of a kind to a sale.
            dedupe_key: format!("sale:{}:{}:{request:032x}:{}", event.0, at.as_millis(), self.action),
            organization,
            at,
            actor: self.actor,
            action: self.action.to_owned(),
            event: Some(event),
            object: self.object,
            detail: self.detail.to_string(),
        }
    }
}

fn told(ids: &PublicIds, sale: &Sale, entry: &Entry) -> Vec<Told> {
    let Actor::Account(actor) = entry.actor else { return Vec::new() };
    let event = ids.event(sale.event()).to_string();
    let plain = |action| vec![(action, event.clone(), json!({}))];
    let lines = match entry.cause {
        Cause::OpenSale => plain("event.created"),
        Cause::ChangePrices => plain("event.prices_changed"),
        Cause::ChangePlan => plain("event.plan_changed"),
        Cause::CancelEvent => plain("event.cancelled"),
        Cause::DeleteSale => plain("event.withdrawn"),
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
        | Cause::ChangeReservation
        | Cause::ExtendReservation
        | Cause::CancelReservation
        | Cause::PlaceOrder
        | Cause::ReportPayment
        | Cause::ReportCapture => Vec::new(),
    };
    let told = |(action, object, detail)| Told { actor, action, object, detail };
    lines.into_iter().map(told).collect()
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other facts are told by their cause, or are not told"
)]
fn of_fact(ids: &PublicIds, sale: &Sale, fact: &Fact) -> Option<(&'static str, String, Value)> {
    let event = sale.event();
    let money = |amount: Amount| sale.terms().currency.format(amount);
    let number_of = |refund| sale.refund(refund).and_then(|refund| sale.payment(refund.payment));
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
            let order = number_of(*refund)?.order;
            let amount = sale.refund(*refund)?.amount;
            ("refund.handed_out", ids.order(event, order).to_string(), json!({"amount": money(amount)}))
        }
        _ => return None,
    })
}
