//! The figures of a sale, calculated from one published version, so that they are consistent.
//!
//! One pass over seats, orders, reservations and tickets computes all figures.

use super::curve::{Curve, Sold, curve};
use fairseat_domain::Sale;
use fairseat_domain::fact::CounterPayment;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{
    LedgerAccount, Order, OrderState, Payment, PaymentState, Refund, RefundState, Reservation,
    ReservationPhase, SeatState, TicketState,
};
use fairseat_domain::time::Timestamp;

/// Seats by state, and the price of the sold ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Seats that can be reserved.
    pub available: u32,
    /// Seats in reservations.
    pub reserved: u32,
    /// Seats with a ticket that is not void.
    pub sold: u32,
    /// Seats withheld from sale.
    pub blocked: u32,
    /// Prices of the sold seats when they were bought, without fees.
    pub revenue: Amount,
}

impl Part {
    /// All seats of the part.
    #[must_use]
    pub fn total(self) -> u32 {
        self.available + self.reserved + self.sold + self.blocked
    }

    fn count(&mut self, sale: &Sale, state: SeatState) {
        match state {
            SeatState::Available => self.available += 1,
            SeatState::Reserved(_) => self.reserved += 1,
            SeatState::Blocked(_) => self.blocked += 1,
            SeatState::Sold(ticket) => {
                self.sold += 1;
                add(&mut self.revenue, sale.ticket(ticket).map(|ticket| ticket.price).unwrap_or_default());
            }
        }
    }
}

/// Active reservations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InFlight {
    /// How many.
    pub active: u32,
    /// Their seats.
    pub seats: u32,
    /// Their totals, fees included.
    pub amount: Amount,
    /// Of these, those with a payment in progress.
    pub paying: u32,
    /// When the first of them expires.
    pub next_end: Option<Timestamp>,
}

/// Orders by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Waiting for their payment.
    pub pending: u32,
    /// Paid, or free of charge.
    pub confirmed: u32,
    /// Confirmed once, then cancelled.
    pub cancelled: u32,
    /// Ended without a payment.
    pub unpaid: u32,
}

/// Tickets by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tickets {
    /// Valid for entry.
    pub valid: u32,
    /// Not valid until an operator has resolved their failed payment.
    pub suspended: u32,
    /// Not valid for entry.
    pub void: u32,
}

/// Money: net = gross − refunded − refunds still pending − uncollected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Of every order ever confirmed, fees included.
    pub gross: Amount,
    /// The part of `gross` that is fees.
    pub fees: Amount,
    /// Refunds that are completed.
    pub refunded: Amount,
    /// Refunds that the provider has not completed.
    pub refunds_pending: Amount,
    /// Authorized, but the capture finally failed.
    pub uncollected: Amount,
    /// What remains of `gross`.
    pub net: Amount,
}

/// Sales at the box office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Orders that are not cancelled.
    pub orders: u32,
    /// Tickets of these orders.
    pub tickets: u32,
    /// Paid in cash.
    pub cash: Amount,
    /// Paid at the counter's card terminal.
    pub card_terminal: Amount,
    /// Tickets given away.
    pub complimentary: u32,
    /// Money taken at the box office, minus money paid back there.
    pub in_hand: Amount,
}

/// All figures of a sale.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Active reservations.
    pub reservations: InFlight,
    /// Orders by state.
    pub orders: Orders,
    /// Tickets by state.
    pub tickets: Tickets,
    /// Sums of money.
    pub money: Money,
    /// Sales at the counter.
    pub counter: Counter,
    /// In the order of the sale's tiers.
    pub tiers: Vec<Part>,
    /// In the order of the plan's sections.
    pub sections: Vec<Part>,
    /// Sales over time.
    pub curve: Curve,
}

impl Figures {
    /// The figures of a sale.
    #[must_use]
    pub fn of(sale: &Sale) -> Self {
        let (tiers, sections) = parts(sale);
        let sold: Vec<Sold> = sale.orders().filter_map(|(_, order)| sold(order)).collect();
        Self {
            reservations: in_flight(sale),
            orders: orders(sale),
            tickets: tickets(sale),
            money: money(sale),
            counter: counter(sale),
            tiers,
            sections,
            curve: curve(&sold),
        }
    }
}

fn add(sum: &mut Amount, amount: Amount) {
    *sum = sum.plus(amount).unwrap_or(*sum);
}

fn count_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn parts(sale: &Sale) -> (Vec<Part>, Vec<Part>) {
    let mut tiers = vec![Part::default(); sale.tiers().len()];
    let mut sections = vec![Part::default(); sale.plan().sections().count()];
    for (seat, state) in sale.plan().seats().zip(sale.seat_states()) {
        let index: SeatIndex = seat.index;
        if let Some(section) = sections.get_mut(seat.section.position()) {
            section.count(sale, state);
        }
        if let Some(tier) = sale.tier_of(index).and_then(|tier| tiers.get_mut(usize::from(tier.0))) {
            tier.count(sale, state);
        }
    }
    (tiers, sections)
}

fn sold(order: &Order) -> Option<Sold> {
    let sold = order.sold()?;
    Some(Sold { at: sold.at, tickets: count_of(order.items.len()), total: order.total })
}

fn in_flight(sale: &Sale) -> InFlight {
    let mut all = InFlight::default();
    let active = sale.reservations().filter(|(_, found)| found.phase == ReservationPhase::Active);
    for (_, reservation) in active {
        all.active += 1;
        all.seats += count_of(reservation.items.len());
        all.paying += u32::from(is_paying(sale, reservation));
        add(&mut all.amount, reservation.total);
        let end = reservation.expires_at;
        all.next_end = Some(all.next_end.map_or(end, |next| next.min(end)));
    }
    all
}

fn is_paying(sale: &Sale, reservation: &Reservation) -> bool {
    let order = reservation.order.and_then(|order| sale.order(order));
    let attempt = order.and_then(|order| order.last_payment).and_then(|payment| sale.payment(payment));
    attempt.is_some_and(Payment::may_still_charge)
}

fn orders(sale: &Sale) -> Orders {
    let mut all = Orders::default();
    for (_, order) in sale.orders() {
        match order.state {
            OrderState::Pending => all.pending += 1,
            OrderState::Confirmed(_) => all.confirmed += 1,
            OrderState::Cancelled { .. } => all.cancelled += 1,
            OrderState::Abandoned { .. } => all.unpaid += 1,
        }
    }
    all
}

fn tickets(sale: &Sale) -> Tickets {
    let mut all = Tickets::default();
    for (_, ticket) in sale.tickets() {
        match ticket.state {
            TicketState::Valid => all.valid += 1,
            TicketState::Suspended => all.suspended += 1,
            TicketState::Void => all.void += 1,
        }
    }
    all
}

fn money(sale: &Sale) -> Money {
    let mut all = Money { net: sale.revenue(), refunded: sale.refunded_total(), ..Money::default() };
    for (_, order) in sale.orders().filter(|(_, order)| order.sold().is_some()) {
        add(&mut all.gross, order.total);
        add(&mut all.fees, order.fees);
    }
    // A late payment's refund is left out: that payment was never part of `gross`.
    for (_, refund) in sale.refunds().filter(|(_, refund)| is_owed(refund)) {
        add(&mut all.refunds_pending, refund.amount);
    }
    for (_, payment) in sale.payments().filter(|(_, payment)| payment.state == PaymentState::CaptureFailed) {
        add(&mut all.uncollected, payment.amount);
    }
    all
}

fn counter(sale: &Sale) -> Counter {
    let in_hand = sale.ledger().balance(LedgerAccount::Counter);
    let mut all = Counter { in_hand, ..Counter::default() };
    for (_, order) in sale.orders().filter(|(_, order)| matches!(order.state, OrderState::Confirmed(_))) {
        let Some(counter_payment) = order.counter_payment else { continue };
        let tickets = count_of(order.items.len());
        all.orders += 1;
        all.tickets += tickets;
        match counter_payment {
            CounterPayment::Cash => add(&mut all.cash, order.total),
            CounterPayment::CardTerminal => add(&mut all.card_terminal, order.total),
            CounterPayment::Complimentary => all.complimentary += tickets,
        }
    }
    all
}

fn is_owed(refund: &Refund) -> bool {
    refund.late_payment_reason.is_none()
        && matches!(refund.state, RefundState::Pending | RefundState::Failed | RefundState::AtCounter)
}
