//! Facts, refusals and states as text for scripts.

use crate::hall::{ALICE, BOB, CAROL, name_of, on_sale};
use fairseat_domain::effect::Effect;
use fairseat_domain::fact::{Fact, Item};
use fairseat_domain::ids::{AccountId, OrderNumber, SeatIndex, TicketNumber};
use fairseat_domain::money::{Amount, Currency};
use fairseat_domain::sale::{
    Alert, BlockReason, LedgerAccount, OrderState, Sale, SeatState, Subject, TierIndex,
};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Refusal, ReusedLabel};

/// A time as hours since sales began.
pub(crate) fn clock(at: Timestamp) -> String {
    let ms = at.since(on_sale()).0;
    let (sign, ms) = if ms < 0 { ("-", -ms) } else { ("", ms) };
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let fraction = if ms % 1000 == 0 { String::new() } else { format!(".{:03}", ms % 1000) };
    format!("{sign}{hours}:{minutes:02}:{seconds:02}{fraction}")
}

pub(crate) fn buyer(account: AccountId) -> &'static str {
    match account {
        ALICE => "alice",
        BOB => "bob",
        CAROL => "carol",
        AccountId(_) => "somebody",
    }
}

pub(crate) fn money(amount: Amount) -> String {
    Currency::USD.format(amount)
}

pub(crate) fn seats(sale: &Sale, seats: &[SeatIndex]) -> String {
    let names: Vec<String> = seats.iter().map(|seat| name_of(sale.plan(), *seat)).collect();
    names.join(" ")
}

fn items(sale: &Sale, items: &[Item], fees: Amount) -> String {
    let priced = |item: &Item| format!("{} {}", name_of(sale.plan(), item.seat), money(item.price));
    let listed: Vec<String> = items.iter().map(priced).collect();
    let fees = if fees == Amount::ZERO { String::new() } else { format!(" + fees {}", money(fees)) };
    format!("{}{fees}", listed.join(", "))
}

pub(crate) fn refusal(sale: &Sale, refusal: &Refusal) -> String {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the texts of the others are complete")]
    match refusal {
        Refusal::SeatUnavailable(list) => format!("not available: {}", seats(sale, list)),
        Refusal::UnknownSeats(list) => format!("no such seats: {}", seats(sale, list)),
        Refusal::DuplicateSeats(list) => format!("named twice: {}", seats(sale, list)),
        Refusal::NotForSale(list) => format!("not for sale: {}", seats(sale, list)),
        Refusal::SingleSeatLeft(list) => format!("would be left alone: {}", seats(sale, list)),
        Refusal::SeatsCooling { seats: list, until } => {
            format!("left to others until {}: {}", clock(*until), seats(sale, list))
        }
        Refusal::LabelsInUse(labels) => {
            let line =
                |label: &ReusedLabel| format!("{} of {}", label.label, name_of(sale.plan(), label.sold));
            format!(
                "labels of sold tickets for other seats: {}",
                labels.iter().map(line).collect::<Vec<_>>().join(", ")
            )
        }
        Refusal::SaleNotOpen { opens_at } => format!("the sale opens at {}", clock(*opens_at)),
        other => other.to_string(),
    }
}

#[expect(clippy::too_many_lines, reason = "an arm for each kind of fact")]
pub(crate) fn fact(sale: &Sale, fact: &Fact) -> String {
    match fact {
        Fact::SaleOpened { plan, .. } => format!("the sale is opened with {} seats", plan.seat_count()),
        Fact::TermsChanged { .. } => "terms changed".to_owned(),
        Fact::PricesChanged { .. } => "prices changed".to_owned(),
        Fact::CategoriesPreferred => "shared names mean categories".to_owned(),
        Fact::PlanChanged { plan } => format!("plan changed, {} seats", plan.seat_count()),
        Fact::SeatsBlocked { seats: list, reason } => format!("{} blocked: {reason}", seats(sale, list)),
        Fact::SeatsUnblocked { seats: list } => format!("{} unblocked", seats(sale, list)),
        Fact::ReservationPlaced { reservation, buyer: who, items: list, fees, expires_at, .. } => format!(
            "R{reservation} placed for {}: {}; until {}",
            buyer(*who),
            items(sale, list, *fees),
            clock(*expires_at)
        ),
        Fact::ReservationChanged { reservation, items: list, fees } => {
            format!("R{reservation} changed: {}", items(sale, list, *fees))
        }
        Fact::ReservationExtended { reservation, expires_at } => {
            format!("R{reservation} extended until {}", clock(*expires_at))
        }
        Fact::ReservationCancelled { reservation } => format!("R{reservation} cancelled"),
        Fact::ReservationExpired { reservation } => format!("R{reservation} expired"),
        Fact::ReservationHeldFrom { reservation, holder } => {
            let new = if holder.new_account { ", a new account" } else { "" };
            format!("R{reservation} held from net{}{new}", holder.origin.0)
        }
        Fact::SingleSeatRuleChanged { refuse: true } => {
            "choices that leave a single seat are refused".to_owned()
        }
        Fact::SingleSeatRuleChanged { refuse: false } => "choices may leave a single seat".to_owned(),
        Fact::CartMerged { from, into, buyer: who, items: list, left_out, fees, expires_at, holder } => {
            let into = into.map_or_else(|| "nothing".to_owned(), |into| format!("R{into}"));
            let rest = if left_out.is_empty() {
                String::new()
            } else {
                format!("; left out: {}", seats(sale, left_out))
            };
            let from_where = holder.map_or_else(String::new, |holder| {
                format!(
                    "; held from net{}{}",
                    holder.origin.0,
                    if holder.new_account { ", a new account" } else { "" }
                )
            });
            let (who, list, until) = (buyer(*who), items(sale, list, *fees), clock(*expires_at));
            format!("R{from} merged into {into} of {who}: {list}; until {until}{rest}{from_where}")
        }
        Fact::HoldLimitsChanged { limits } => {
            let number =
                |limit: Option<u32>| limit.map_or_else(|| "the default".to_owned(), |n| n.to_string());
            let (all, new) = (number(limits.seats), number(limits.seats_of_new_accounts));
            let card =
                limits.tickets_per_instrument.map_or_else(String::new, |n| format!(", {n} tickets a card"));
            format!("holds limited to {all} from one network, {new} by new accounts{card}")
        }
        Fact::OrderPlaced { order, reservation, method } => {
            format!("O{order} placed for R{reservation} by {method}")
        }
        Fact::PaymentStarted { payment, order, amount } => {
            format!("P{payment} of O{order} started: {}", money(*amount))
        }
        Fact::PaymentIdentified { payment, instrument } => {
            format!("P{payment} is paid with C{}", instrument.0)
        }
        Fact::PaymentNeedsAction { payment } => format!("P{payment} waits for the buyer"),
        Fact::PaymentDeclined { payment, reason } => format!("P{payment} declined: {reason:?}"),
        Fact::PaymentCancelStarted { payment } => format!("P{payment} is being cancelled"),
        Fact::PaymentCancelled { payment } => format!("P{payment} cancelled"),
        Fact::OrderConfirmed { order, payment, first_ticket } => {
            let by = payment.map_or_else(|| "for nothing".to_owned(), |payment| format!("by P{payment}"));
            format!("O{order} confirmed {by}, tickets from T{first_ticket}")
        }
        Fact::OrderReseated { order } => format!("O{order} has its seats again"),
        Fact::PaymentCaptured { payment } => format!("P{payment} captured"),
        Fact::CaptureFailed { payment } => format!("P{payment} could not be captured"),
        Fact::OrderCancelled { order, reason, refund } => {
            let back = refund.map_or_else(
                || "nothing goes back".to_owned(),
                |due| format!("F{}: {} + fees {}", due.refund, money(due.seats), money(due.fees)),
            );
            format!("O{order} cancelled ({reason:?}); {back}")
        }
        Fact::PaymentReturned { payment, refund, reason } => {
            format!("P{payment} sent back as F{refund}: {reason:?}")
        }
        Fact::RefundCompleted { refund } => format!("F{refund} completed"),
        Fact::RefundFailed { refund } => format!("F{refund} failed"),
        Fact::EventCancelled => "the event is cancelled".to_owned(),
        Fact::SaleDeleted => "the sale is withdrawn".to_owned(),
        Fact::SoldAtCounter {
            reservation,
            order,
            items: list,
            fees,
            counter_payment,
            payment,
            first_ticket,
            ..
        } => {
            let taken = payment.map(|payment| format!(" as P{payment}")).unwrap_or_default();
            let list = items(sale, list, *fees);
            let word = counter_payment.name();
            format!(
                "O{order} of R{reservation} sold at the counter: {list}; {word}{taken}, tickets from T{first_ticket}"
            )
        }
    }
}

pub(crate) fn subject(subject: Subject) -> String {
    match subject {
        Subject::Sale => "the sale".to_owned(),
        Subject::Reservation(reservation) => format!("R{reservation}"),
        Subject::Payment(order, None) => format!("O{order}"),
        Subject::Payment(order, Some(payment)) => format!("O{order}, P{payment}"),
        Subject::Cancellation(order, None) => format!("O{order}, no refund"),
        Subject::Cancellation(order, Some(refund)) => format!("O{order}, F{refund}"),
    }
}

pub(crate) fn seat(sale: &Sale, seat: SeatIndex) -> String {
    let name = name_of(sale.plan(), seat);
    match sale.seat(seat) {
        None => format!("{name} does not exist"),
        Some(SeatState::Available) => {
            format!("{name} available at {}", money(sale.price_of(seat).expect("a price")))
        }
        Some(SeatState::Reserved(reservation)) => format!("{name} reserved by R{reservation}"),
        Some(SeatState::Sold(ticket)) => format!("{name} sold as T{ticket}"),
        Some(SeatState::Blocked(BlockReason::Unpriced)) => format!("{name} has no price"),
        Some(SeatState::Blocked(BlockReason::Removed)) => format!("{name} is gone"),
        Some(SeatState::Blocked(BlockReason::Organizer(number))) => {
            format!("{name} blocked: {}", sale.block_reason(number).expect("a reason"))
        }
    }
}

/// Every tier, its price, and how many seats it prices.
pub(crate) fn tiers(sale: &Sale) -> String {
    let seats_of = |index| sale.plan().seats().filter(|seat| sale.tier_of(seat.index) == Some(index)).count();
    let listed = (0..)
        .map(TierIndex)
        .zip(sale.tiers())
        .map(|(index, tier)| format!("{} {} for {} seats", tier.name, money(tier.price), seats_of(index)));
    listed.collect::<Vec<_>>().join(", ")
}

pub(crate) fn order(sale: &Sale, number: OrderNumber) -> String {
    let order = sale.order(number).expect("an order");
    let state = match order.state {
        OrderState::Pending => "pending".to_owned(),
        OrderState::Confirmed(_) => "confirmed".to_owned(),
        OrderState::Abandoned { at } => format!("abandoned at {}", clock(at)),
        OrderState::Cancelled { at, reason, .. } => format!("cancelled at {} ({reason:?})", clock(at)),
    };
    let tickets: Vec<String> = order
        .tickets()
        .map(|number| {
            let ticket = sale.ticket(number).expect("a ticket");
            format!("T{number} {} {:?}", name_of(sale.plan(), ticket.seat), ticket.state)
        })
        .collect();
    format!("O{number} {state}, total {} [{}]", money(order.total), tickets.join(", "))
}

pub(crate) fn accounts(sale: &Sale) -> String {
    let balance = |account| (account, sale.ledger().balance(account));
    let moved = LedgerAccount::ALL.map(balance).into_iter().filter(|(_, amount)| *amount != Amount::ZERO);
    let listed: Vec<String> =
        moved.map(|(account, amount)| format!("{account:?} {}", money(amount))).collect();
    format!("{}; revenue {}", listed.join(", "), money(sale.revenue()))
}

pub(crate) fn to_do(sale: &Sale) -> String {
    let effect = |effect: &Effect| match effect {
        Effect::LookUp(payment) => format!("look up P{payment}"),
        Effect::Cancel(payment) => format!("cancel P{payment}"),
        Effect::Capture(payment, amount) => format!("capture P{payment} {}", money(*amount)),
        Effect::Refund(refund, payment, amount) => {
            format!("refund F{refund} of P{payment} {}", money(*amount))
        }
        Effect::Void(refund, payment) => format!("void F{refund} of P{payment}"),
    };
    let alert = |alert: Alert| match alert {
        Alert::CaptureFailed(payment) => format!("somebody must look at P{payment}"),
        Alert::RefundFailed(refund) => format!("somebody must look at F{refund}"),
        Alert::RefundAtCounter(refund) => format!("somebody must hand out F{refund}"),
    };
    let mut listed: Vec<String> = sale.effects().iter().map(effect).collect();
    listed.extend(sale.alerts().map(alert));
    if listed.is_empty() { "nothing".to_owned() } else { listed.join(", ") }
}

/// The former labels of tickets that are not void, and the orders that a change of the plan at this moment concerns.
pub(crate) fn former_labels(sale: &Sale) -> String {
    let line = |ticket: TicketNumber| {
        let labels: Vec<String> = sale
            .former_labels(ticket)
            .iter()
            .map(|former| format!("{} until {}", former.label, clock(former.until)))
            .collect();
        (!labels.is_empty()).then(|| format!("T{ticket} was {}", labels.join(", ")))
    };
    let tickets: Vec<String> = sale.tickets().filter_map(|(number, _)| line(number)).collect();
    let now: Vec<String> =
        sale.orders_relabelled(sale.now()).iter().map(|order| format!("O{order}")).collect();
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    format!("former labels: {}; relabelled now: {}", or_none(tickets.join("; ")), or_none(now.join(" ")))
}
