//! What a sale comes to, in numbers: worked out from one published version, so that they fit together.
//!
//! Each seat, order, reservation and ticket is looked at once, whatever is asked.

use crate::events::statistics::curve::{Curve, Sold, curve};
use fairseat_domain::Sale;
use fairseat_domain::fact::CounterPayment;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{
    Account, Order, OrderState, Payment, PaymentState, Refund, RefundState, Reservation, ReservationPhase,
    SeatState, TicketState,
};
use fairseat_domain::time::Timestamp;

/// Seats by what they are doing, and what the sold ones cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) available: u32,
    pub(crate) reserved: u32,
    pub(crate) sold: u32,
    pub(crate) blocked: u32,
    pub(crate) revenue: Amount,
}

impl Part {
    pub(crate) fn total(self) -> u32 {
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

/// Reservations whose time runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) active: u32,
    pub(crate) seats: u32,
    pub(crate) amount: Amount,
    /// Of these, with an attempt to pay under way.
    pub(crate) paying: u32,
    /// The first of them ends then.
    pub(crate) next_end: Option<Timestamp>,
}

/// Orders by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    pub(crate) pending: u32,
    pub(crate) confirmed: u32,
    pub(crate) cancelled: u32,
    pub(crate) unpaid: u32,
}

/// Tickets by whether they let somebody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tickets {
    pub(crate) valid: u32,
    pub(crate) suspended: u32,
    pub(crate) void: u32,
}

/// Money: `gross` less what went back, is to go back and was never to be had, is `net`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Money {
    pub(crate) gross: Amount,
    pub(crate) fees: Amount,
    pub(crate) refunded: Amount,
    pub(crate) refunds_pending: Amount,
    pub(crate) uncollected: Amount,
    pub(crate) net: Amount,
}

/// The counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) orders: u32,
    pub(crate) tickets: u32,
    pub(crate) cash: Amount,
    pub(crate) card_terminal: Amount,
    pub(crate) complimentary: u32,
    /// What was taken there and not handed out again.
    pub(crate) in_hand: Amount,
}

/// Everything.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) reservations: InFlight,
    pub(crate) orders: Orders,
    pub(crate) tickets: Tickets,
    pub(crate) money: Money,
    pub(crate) counter: Counter,
    /// In the order of the sale's tiers.
    pub(crate) tiers: Vec<Part>,
    /// In the order of the plan's sections.
    pub(crate) sections: Vec<Part>,
    pub(crate) curve: Curve,
}

impl Figures {
    pub(crate) fn of(sale: &Sale) -> Self {
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

pub(crate) fn add(sum: &mut Amount, amount: Amount) {
    *sum = sum.plus(amount).unwrap_or(*sum);
}

pub(crate) fn count_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

pub(crate) fn parts(sale: &Sale) -> (Vec<Part>, Vec<Part>) {
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

pub(crate) fn sold(order: &Order) -> Option<Sold> {
    let sold = order.sold()?;
    Some(Sold { at: sold.at, tickets: count_of(order.items.len()), total: order.total })
}

pub(crate) fn in_flight(sale: &Sale) -> InFlight {
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

pub(crate) fn is_paying(sale: &Sale, reservation: &Reservation) -> bool {
    let order = reservation.order.and_then(|order| sale.order(order));
    let attempt = order.and_then(|order| order.last_payment).and_then(|payment| sale.payment(payment));
    attempt.is_some_and(Payment::is_unsettled)
}

pub(crate) fn orders(sale: &Sale) -> Orders {
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

pub(crate) fn tickets(sale: &Sale) -> Tickets {
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

pub(crate) fn money(sale: &Sale) -> Money {
    let mut all = Money { net: sale.revenue(), refunded: sale.given_back(), ..Money::default() };
    for (_, order) in sale.orders().filter(|(_, order)| order.sold().is_some()) {
        add(&mut all.gross, order.total);
        add(&mut all.fees, order.fees);
    }
    // What was charged too late and is sent back was never sold.
    for (_, refund) in sale.refunds().filter(|(_, refund)| is_owed(refund)) {
        add(&mut all.refunds_pending, refund.amount);
    }
    for (_, payment) in sale.payments().filter(|(_, payment)| payment.state == PaymentState::CaptureFailed) {
        add(&mut all.uncollected, payment.amount);
    }
    all
}

pub(crate) fn counter(sale: &Sale) -> Counter {
    let in_hand = sale.ledger().balance(Account::Counter);
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

pub(crate) fn is_owed(refund: &Refund) -> bool {
    refund.late.is_none()
        && matches!(refund.state, RefundState::Pending | RefundState::Failed | RefundState::AtCounter)
}
