//! Computes the rows of a sale's views from the sale. Updating, rebuilding and verifying all use this code.

use super::{
    OrderRow, OrderStatus, PaymentStatus, ReservationRow, ReservationStatus, SaleFigures, SeatPrice, Seats,
    TicketRow, TicketStatus, ViewRows,
};
use fairseat_domain::entry::Entry;
use fairseat_domain::fact::Item;
use fairseat_domain::ids::{AccountId, OrderNumber, PaymentNumber, ReservationNumber, TicketNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::planted_bugs::{Bug, planted};
use fairseat_domain::sale::{
    Order, OrderState, Payment, PaymentState, RefundState, Reservation, ReservationPhase, Ticket, TicketState,
};
use fairseat_domain::{Fact, Sale};
use std::collections::{BTreeMap, BTreeSet};

/// Every row of a sale.
#[must_use]
pub fn rows_of(sale: &Sale) -> ViewRows {
    let reservations = sale.reservations().map(|(number, _)| number).collect();
    let orders = sale.orders().map(|(number, _)| number).collect();
    rows(sale, &reservations, &orders)
}

/// The rows that these entries may have changed, with the values of `sale`, which must already have applied the entries.
#[must_use]
pub fn touched_rows<'e>(sale: &Sale, entries: impl IntoIterator<Item = &'e Entry>) -> ViewRows {
    let mut touched = Touched {
        sale,
        reservations: BTreeSet::new(),
        orders: BTreeSet::new(),
        ended: BTreeMap::new(),
        moved: BTreeMap::new(),
    };
    entries.into_iter().flat_map(|entry| &entry.facts).for_each(|fact| touched.note(fact));
    let rows = rows(sale, &touched.reservations, &touched.orders);
    let (ended, moved) = (touched.ended.into_iter().collect(), touched.moved.into_iter().collect());
    ViewRows { ended, moved, ..rows }
}

struct Touched<'s> {
    sale: &'s Sale,
    reservations: BTreeSet<ReservationNumber>,
    orders: BTreeSet<OrderNumber>,
    /// Ended reservations that the sale has forgotten: the batch may reach over more than the day for which it remembers them.
    ended: BTreeMap<ReservationNumber, ReservationStatus>,
    /// Reservations that changed hands and that the sale has forgotten.
    moved: BTreeMap<ReservationNumber, AccountId>,
}

impl Touched<'_> {
    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::ReservationPlaced { reservation, .. }
            | Fact::ReservationChanged { reservation, .. }
            | Fact::ReservationExtended { reservation, .. } => self.reservation(*reservation),
            Fact::ReservationCancelled { reservation } => {
                self.ended(*reservation, ReservationStatus::Cancelled)
            }
            Fact::ReservationExpired { reservation } => self.ended(*reservation, ReservationStatus::Expired),
            Fact::CartMerged { from, into, buyer, .. } => {
                if *into != Some(*from) {
                    self.ended(*from, ReservationStatus::Cancelled);
                }
                if let Some(into) = into {
                    self.moved(*into, *buyer);
                }
            }
            Fact::OrderPlaced { order, .. }
            | Fact::PaymentStarted { order, .. }
            | Fact::OrderConfirmed { order, .. }
            | Fact::OrderReseated { order }
            | Fact::SoldAtCounter { order, .. }
            | Fact::OrderCancelled { order, .. } => self.order(*order),
            Fact::PaymentNeedsAction { payment }
            | Fact::PaymentDeclined { payment, .. }
            | Fact::PaymentCancelStarted { payment }
            | Fact::PaymentCancelled { payment }
            | Fact::PaymentCaptured { payment }
            | Fact::CaptureFailed { payment }
            | Fact::PaymentReturned { payment, .. } => self.payment(*payment),
            Fact::RefundCompleted { .. } if planted(Bug::ViewsMissRefunds) => {}
            Fact::RefundCompleted { refund } | Fact::RefundFailed { refund } => {
                if let Some(refund) = self.sale.refund(*refund) {
                    self.payment(refund.payment);
                }
            }
            Fact::SaleOpened { .. }
            | Fact::ReservationHeldFrom { .. }
            | Fact::PaymentIdentified { .. }
            | Fact::HoldLimitsChanged { .. }
            | Fact::SingleSeatRuleChanged { .. }
            | Fact::TermsChanged { .. }
            | Fact::PricesChanged { .. }
            | Fact::CategoriesPreferred
            | Fact::PlanChanged { .. }
            | Fact::SeatsBlocked { .. }
            | Fact::SeatsUnblocked { .. }
            | Fact::EventCancelled
            | Fact::SaleDeleted => {}
        }
    }

    fn reservation(&mut self, number: ReservationNumber) {
        self.reservations.insert(number);
        if let Some(order) = self.sale.reservation(number).and_then(|reservation| reservation.order) {
            self.orders.insert(order);
        }
    }

    fn ended(&mut self, number: ReservationNumber, status: ReservationStatus) {
        if self.sale.reservation(number).is_none() {
            self.ended.insert(number, status);
        }
        self.reservation(number);
    }

    fn moved(&mut self, number: ReservationNumber, buyer: AccountId) {
        if self.sale.reservation(number).is_none() {
            self.moved.insert(number, buyer);
        }
        self.reservation(number);
    }

    fn order(&mut self, number: OrderNumber) {
        self.orders.insert(number);
        if let Some(order) = self.sale.order(number) {
            self.reservations.insert(order.reservation);
        }
    }

    fn payment(&mut self, number: PaymentNumber) {
        if let Some(payment) = self.sale.payment(number) {
            self.order(payment.order);
        }
    }
}

fn rows(sale: &Sale, reservations: &BTreeSet<ReservationNumber>, orders: &BTreeSet<OrderNumber>) -> ViewRows {
    let mut rows = ViewRows { figures: figures(sale), ..ViewRows::default() };
    let known = reservations.iter().filter_map(|number| Some((*number, sale.reservation(*number)?)));
    rows.reservations = known.map(|(number, reservation)| reservation_row(number, reservation)).collect();
    for (number, order) in orders.iter().filter_map(|number| Some((*number, sale.order(*number)?))) {
        rows.orders.push(order_row(sale, number, order));
        let tickets = order.tickets().filter_map(|ticket| Some((ticket, sale.ticket(ticket)?)));
        rows.tickets.extend(tickets.map(|(ticket, found)| ticket_row(order, ticket, found)));
    }
    // Orders may be confirmed in another order than they were placed.
    rows.tickets.sort_unstable_by_key(|ticket| ticket.number);
    rows
}

fn figures(sale: &Sale) -> SaleFigures {
    let counts = sale.counts();
    let range = sale.price_range();
    SaleFigures {
        total: counts.total(),
        available: counts.available,
        reserved: counts.reserved,
        sold: counts.sold,
        blocked: counts.blocked,
        min_price: range.map(|(low, _)| low),
        max_price: range.map(|(_, high)| high),
        orders: sale.orders_sold(),
        revenue: sale.revenue(),
        refunds: sale.refunded_total(),
    }
}

fn seats(items: &[Item]) -> Seats {
    Seats(items.iter().map(|item| SeatPrice { seat: item.seat, price: item.price }).collect())
}

fn reservation_row(number: ReservationNumber, reservation: &Reservation) -> ReservationRow {
    ReservationRow {
        number,
        buyer: reservation.buyer,
        status: match reservation.phase {
            ReservationPhase::Active => ReservationStatus::Active,
            ReservationPhase::Expired => ReservationStatus::Expired,
            ReservationPhase::Cancelled => ReservationStatus::Cancelled,
            ReservationPhase::Converted => ReservationStatus::ConvertedToOrder,
        },
        seats: seats(&reservation.items),
        total: reservation.total,
        fees: reservation.fees,
        placed_at: reservation.placed_at,
        expires_at: reservation.expires_at,
    }
}

fn order_row(sale: &Sale, number: OrderNumber, order: &Order) -> OrderRow {
    let waiting = order.state == OrderState::Pending;
    OrderRow {
        number,
        buyer: order.buyer,
        reservation: order.reservation,
        status: order_status(sale, order),
        payment_status: payment_status(sale, order),
        payment_method: order.method.to_string(),
        seats: seats(&order.items),
        first_ticket: order.sold().map(|sold| sold.first_ticket),
        total: order.total,
        fees: order.fees,
        refunded: refunded(sale, order),
        created_at: order.placed_at,
        confirmed_at: order.sold().map(|sold| sold.at),
        expires_at: sale
            .reservation(order.reservation)
            .filter(|_| waiting)
            .map(|reservation| reservation.expires_at),
        counter_payment: order.counter_payment.map(|paid| paid.name().to_owned()),
    }
}

/// An order's status in views and in the API.
#[must_use]
pub fn order_status(sale: &Sale, order: &Order) -> OrderStatus {
    match order.state {
        OrderState::Pending => OrderStatus::Pending,
        OrderState::Confirmed(_) => OrderStatus::Confirmed,
        OrderState::Abandoned { .. } => OrderStatus::Cancelled,
        OrderState::Cancelled { refund, .. } => {
            let state = refund.and_then(|refund| sale.refund(refund)).map(|refund| refund.state);
            if state == Some(RefundState::Completed) { OrderStatus::Refunded } else { OrderStatus::Cancelled }
        }
    }
}

/// The status of an order's payment in views and in the API.
#[must_use]
pub fn payment_status(sale: &Sale, order: &Order) -> PaymentStatus {
    match order.last_payment.and_then(|payment| sale.payment(payment)) {
        None if order.sold().is_some() => PaymentStatus::Completed,
        None => PaymentStatus::Pending,
        Some(payment) => payment_word(payment),
    }
}

fn payment_word(payment: &Payment) -> PaymentStatus {
    match payment.state {
        PaymentState::Started | PaymentState::NeedsAction | PaymentState::Cancelling => {
            PaymentStatus::Pending
        }
        PaymentState::Authorized | PaymentState::Captured => PaymentStatus::Completed,
        PaymentState::Declined(_)
        | PaymentState::Cancelled
        | PaymentState::CaptureFailed
        | PaymentState::Returned(_) => PaymentStatus::Failed,
    }
}

/// The refund that was paid for a cancelled order; 0 while it is pending or failed.
#[must_use]
pub fn refunded(sale: &Sale, order: &Order) -> Amount {
    let OrderState::Cancelled { refund: Some(refund), .. } = order.state else { return Amount::ZERO };
    let done = sale.refund(refund).filter(|refund| refund.state == RefundState::Completed);
    done.map_or(Amount::ZERO, |refund| refund.amount)
}

fn ticket_row(order: &Order, number: TicketNumber, ticket: &Ticket) -> TicketRow {
    TicketRow {
        number,
        order: ticket.order,
        owner: order.buyer,
        seat: ticket.seat,
        price: ticket.price,
        status: match ticket.state {
            TicketState::Valid => TicketStatus::Valid,
            TicketState::Suspended => TicketStatus::Suspended,
            TicketState::Void => TicketStatus::Void,
        },
        issued_at: order.sold().map_or(order.placed_at, |sold| sold.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::command::{Command, Selection};
    use fairseat_domain::entry::Actor;
    use fairseat_domain::ids::{AccountId, EventNumber, SeatIndex};
    use fairseat_domain::limits::ENDED_RESERVATION_TTL;
    use fairseat_domain::money::Currency;
    use fairseat_domain::sale::{Changes, Request};
    use fairseat_domain::seating_plan::{ImportOptions, import};
    use fairseat_domain::terms::{Fees, PriceTier, RefundPolicy, Terms};
    use fairseat_domain::time::{Millis, Timestamp};

    fn open_sale() -> Command {
        let document = r#"{"name": "Hall", "categories": [{"name": "A"}], "zones": [{"name": "Hall", "position": {"x": 0, "y": 0},
            "rows": [{"row_number": "1", "position": {"x": 0, "y": 0}, "seats": [
                {"seat_guid": "1", "seat_number": "1", "position": {"x": 0, "y": 0}, "category": "A"}]}]}]}"#;
        let terms = Terms {
            currency: Currency::USD,
            on_sale_at: Timestamp::EPOCH,
            sales_end_at: Timestamp::MAX,
            starts_at: Timestamp::MAX,
            max_tickets_per_buyer: 8,
            fees: Fees::default(),
            refund_policy: RefundPolicy::default(),
            published: true,
        };
        let tiers = vec![PriceTier { name: "A".to_owned(), price: Amount(1_000) }];
        Command::OpenSale { terms, tiers, plan: import(document, ImportOptions::default()).unwrap().plan }
    }

    /// A consumer that was down for longer than a day sees the end of a reservation only when the sale has forgotten it.
    #[test]
    fn a_reservation_that_the_sale_has_forgotten_is_still_marked_as_ended() {
        let mut sale = Sale::unopened(EventNumber(1));
        let mut entries = Vec::new();
        let mut step = |command, at: Millis| {
            let request =
                Request { command, actor: Actor::System, request: 0, idempotency: None, holder: None };
            let now = Timestamp::EPOCH.plus(at);
            entries.extend(sale.step(&request, now, &mut Changes::default()).unwrap().entries);
        };
        let place = |buyer| Command::PlaceReservation {
            buyer: AccountId(buyer),
            selection: Selection::Seats(vec![SeatIndex(0)]),
            hold: Millis::from_seconds(60),
        };
        step(open_sale(), Millis::ZERO);
        step(place(1), Millis::ZERO);
        step(place(2), Millis::from_seconds(100));
        let later = Millis(ENDED_RESERVATION_TTL.0 + 1_000_000);
        step(Command::Tick, later);
        step(place(3), later);
        let rows = touched_rows(&sale, &entries);
        let forgotten = (ReservationNumber(0), ReservationStatus::Expired);
        assert!(sale.reservation(forgotten.0).is_none());
        assert!(rows.ended.contains(&forgotten), "{rows:?}");
        assert!(rows.reservations.iter().all(|row| row.number != forgotten.0));
    }
}
