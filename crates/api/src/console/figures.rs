//! What a sale comes to, in numbers: worked out from one published version, so that they fit together.
//!
//! Each seat, order, reservation and ticket is looked at once, whatever is asked.

use super::curve::{Curve, Sold, curve};
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
pub(super) struct Part {
    pub(super) available: u32,
    pub(super) reserved: u32,
    pub(super) sold: u32,
    pub(super) blocked: u32,
    pub(super) revenue: Amount,
}

impl Part {
    pub(super) fn total(self) -> u32 {
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
pub(super) struct InFlight {
    pub(super) active: u32,
    pub(super) seats: u32,
    pub(super) amount: Amount,
    /// Of these, with an attempt to pay under way.
    pub(super) paying: u32,
    /// The first of them ends then.
    pub(super) next_end: Option<Timestamp>,
}

/// Orders by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) pending: u32,
    pub(super) confirmed: u32,
    pub(super) cancelled: u32,
    pub(super) unpaid: u32,
}

/// Tickets by whether they let somebody in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tickets {
    pub(super) valid: u32,
    pub(super) suspended: u32,
    pub(super) void: u32,
}

/// Money: `gross` less what went back, is to go back and was never to be had, is `net`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Money {
    pub(super) gross: Amount,
    pub(super) fees: Amount,
    pub(super) refunded: Amount,
    pub(super) refunds_pending: Amount,
    pub(super) uncollected: Amount,
    pub(super) net: Amount,
}

/// The counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counter {
    pub(super) orders: u32,
    pub(super) tickets: u32,
    pub(super) cash: Amount,
    pub(super) card_terminal: Amount,
    pub(super) complimentary: u32,
    /// What was taken there and not handed out again.
    pub(super) in_hand: Amount,
}

/// Everything.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) reservations: InFlight,
    pub(super) orders: Orders,
    pub(super) tickets: Tickets,
    pub(super) money: Money,
    pub(super) counter: Counter,
    /// In the order of the sale's tiers.
    pub(super) tiers: Vec<Part>,
    /// In the order of the plan's sections.
    pub(super) sections: Vec<Part>,
    pub(super) curve: Curve,
}

impl Figures {
    pub(super) fn of(sale: &Sale) -> Self {
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
    attempt.is_some_and(Payment::is_unsettled)
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

fn counter(sale: &Sale) -> Counter {
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

fn is_owed(refund: &Refund) -> bool {
    refund.late.is_none()
        && matches!(refund.state, RefundState::Pending | RefundState::Failed | RefundState::AtCounter)
}
