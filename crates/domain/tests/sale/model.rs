//! A simple model of a sale. It applies the facts to plain maps, so that the sale's state can be compared with it. It shares no
//! code with the sale.

mod checks;

use fairseat_domain::command::{Holder, InstrumentMark};
use fairseat_domain::entry::{Cause, Entry};
use fairseat_domain::fact::{CounterPayment, Fact};
use fairseat_domain::ids::{
    AccountId, OrderNumber, PaymentNumber, RefundNumber, ReservationNumber, SeatIndex,
};
use fairseat_domain::terms::HoldLimits;
use fairseat_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Owner {
    Cart(ReservationNumber),
    Order(OrderNumber),
}

#[derive(Clone, Debug)]
struct Cart {
    buyer: AccountId,
    seats: Vec<SeatIndex>,
    expires_at: Timestamp,
    live: bool,
    holder: Option<Holder>,
}

#[derive(Clone, Debug)]
struct BoughtOrder {
    cart: ReservationNumber,
    seats: Vec<SeatIndex>,
    confirmed: bool,
    counter: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum PaymentStatus {
    Open,
    Cancelling,
    Refused,
    Promised,
    Taken,
    Lost,
    Returned,
}

#[derive(Clone, Copy, Debug)]
struct Charge {
    order: OrderNumber,
    cents: i64,
    status: PaymentStatus,
    counter: bool,
    instrument: Option<InstrumentMark>,
}

#[derive(Clone, Copy, Debug)]
struct RefundStatus {
    payment: PaymentNumber,
    cents: i64,
    late: bool,
    pending: bool,
    done: bool,
}

/// The state of the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    owners: BTreeMap<SeatIndex, Owner>,
    carts: BTreeMap<ReservationNumber, Cart>,
    orders: BTreeMap<OrderNumber, BoughtOrder>,
    charges: BTreeMap<PaymentNumber, Charge>,
    refunds: BTreeMap<RefundNumber, RefundStatus>,
    limit: usize,
    hold_limits: HoldLimits,
    over: bool,
    /// The revenue in cents: seats and fees sold, minus decided refunds and payments that could not be captured.
    earned: i64,
}

impl Model {
    pub(crate) fn apply(&mut self, entry: &Entry) {
        for fact in &entry.facts {
            self.apply_fact(fact, entry);
        }
    }

    fn apply_fact(&mut self, fact: &Fact, entry: &Entry) {
        match fact {
            Fact::SaleOpened { terms, .. } | Fact::TermsChanged { terms } => {
                self.limit = usize::try_from(terms.max_tickets_per_buyer).expect("small");
            }
            Fact::PricesChanged { .. }
            | Fact::SingleSeatRuleChanged { .. }
            | Fact::CategoriesPreferred
            | Fact::PlanChanged { .. }
            | Fact::SeatsUnblocked { .. } => {}
            Fact::SeatsBlocked { seats, .. } => {
                assert!(seats.iter().all(|seat| !self.owners.contains_key(seat)), "an owned seat is blocked");
            }
            Fact::EventCancelled | Fact::SaleDeleted => self.over = true,
            Fact::HoldLimitsChanged { limits } => self.hold_limits = *limits,
            Fact::ReservationPlaced { .. }
            | Fact::ReservationChanged { .. }
            | Fact::ReservationExtended { .. }
            | Fact::ReservationCancelled { .. }
            | Fact::ReservationHeldFrom { .. }
            | Fact::CartMerged { .. }
            | Fact::ReservationExpired { .. } => self.apply_cart_fact(fact, entry),
            Fact::OrderPlaced { .. }
            | Fact::OrderConfirmed { .. }
            | Fact::OrderReseated { .. }
            | Fact::OrderCancelled { .. } => self.apply_order_fact(fact),
            Fact::SoldAtCounter { .. } => self.apply_counter_fact(fact, entry),
            Fact::PaymentStarted { .. }
            | Fact::PaymentIdentified { .. }
            | Fact::PaymentNeedsAction { .. }
            | Fact::PaymentDeclined { .. }
            | Fact::PaymentCancelStarted { .. }
            | Fact::PaymentCancelled { .. }
            | Fact::PaymentCaptured { .. }
            | Fact::CaptureFailed { .. }
            | Fact::PaymentReturned { .. }
            | Fact::RefundCompleted { .. }
            | Fact::RefundFailed { .. } => self.apply_money_fact(fact),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller sorted the facts")]
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of fact")]
    fn apply_cart_fact(&mut self, fact: &Fact, entry: &Entry) {
        match fact {
            Fact::ReservationPlaced { reservation, buyer, items, hold, expires_at, .. } => {
                assert_eq!(*expires_at, entry.at.plus(*hold));
                let seats: Vec<SeatIndex> = items.iter().map(|item| item.seat).collect();
                seats.iter().for_each(|seat| self.give(*seat, Owner::Cart(*reservation)));
                let cart = Cart { buyer: *buyer, seats, expires_at: *expires_at, live: true, holder: None };
                assert!(self.carts.insert(*reservation, cart).is_none(), "a number is used twice");
                assert!(self.seats_of(*buyer) <= self.limit, "a buyer has more than allowed");
            }
            Fact::ReservationChanged { reservation, items, .. } => {
                let cart = self.carts.get_mut(reservation).expect("known");
                assert!(cart.live && !items.is_empty());
                let buyer = cart.buyer;
                let seats: Vec<SeatIndex> = items.iter().map(|item| item.seat).collect();
                let before = std::mem::replace(&mut cart.seats, seats.clone());
                let grew = seats.len() > before.len();
                before.iter().for_each(|seat| self.free(*seat, Owner::Cart(*reservation)));
                seats.iter().for_each(|seat| self.give(*seat, Owner::Cart(*reservation)));
                assert!(!grew || self.seats_of(buyer) <= self.limit, "a buyer has more than allowed");
                if grew {
                    self.check_holds(*reservation);
                }
            }
            Fact::ReservationHeldFrom { reservation, holder } => {
                let cart = self.carts.get_mut(reservation).expect("known");
                assert_eq!(cart.holder.replace(*holder), None);
                self.check_holds(*reservation);
            }
            Fact::CartMerged { from, into, buyer, items, left_out, expires_at, holder, .. } => {
                let own = into.filter(|into| into != from).map(|into| self.carts[&into].clone());
                assert!(
                    own.as_ref().is_none_or(|own| own.buyer == *buyer),
                    "merged with another buyer's cart"
                );
                let guests = self.carts[from].clone();
                let least = own.as_ref().map_or(0, |own| own.seats.len());
                let limit = self.limit.max(self.seats_of(*buyer));
                self.end_cart(*from);
                if let Some(into) = into.filter(|into| into != from) {
                    self.end_cart(into);
                }
                let seats: Vec<SeatIndex> = items.iter().map(|item| item.seat).collect();
                let all: BTreeSet<SeatIndex> = seats.iter().chain(left_out).copied().collect();
                let before = guests.seats.iter().chain(own.iter().flat_map(|own| &own.seats));
                assert_eq!(all, before.copied().collect(), "a merge loses seats");
                assert!(seats.len() >= least, "a merge takes seats away from the account");
                let Some(into) = into else { return assert!(seats.is_empty()) };
                seats.iter().for_each(|seat| self.give(*seat, Owner::Cart(*into)));
                let latest = guests.expires_at.max(own.map_or(guests.expires_at, |own| own.expires_at));
                assert!(*expires_at <= latest, "a merge gains time");
                let cart =
                    Cart { buyer: *buyer, seats, expires_at: *expires_at, live: true, holder: *holder };
                self.carts.insert(*into, cart);
                assert!(self.seats_of(*buyer) <= limit, "a buyer has more than allowed");
            }
            Fact::ReservationExtended { reservation, expires_at } => {
                let cart = self.carts.get_mut(reservation).expect("known");
                assert!(*expires_at > cart.expires_at);
                cart.expires_at = *expires_at;
            }
            Fact::ReservationCancelled { reservation } => {
                assert!(entry.cause != Cause::Due || self.over, "time alone cancelled a cart");
                self.end_cart(*reservation);
            }
            Fact::ReservationExpired { reservation } => {
                let cart = self.carts.get(reservation).expect("known");
                assert!(cart.expires_at <= entry.at, "seats vanished early");
                self.end_cart(*reservation);
            }
            _ => unreachable!("{fact:?}"),
        }
    }

    /// No more is held from the network of this reservation than the organizer allows.
    fn check_holds(&self, reservation: ReservationNumber) {
        let Some(holder) = self.carts.get(&reservation).expect("known").holder else { return };
        let from_there = |cart: &&Cart| cart.live && cart.holder.is_some_and(|by| by.origin == holder.origin);
        let all: usize = self.carts.values().filter(from_there).map(|cart| cart.seats.len()).sum();
        let is_new = |cart: &&Cart| cart.holder.is_some_and(|by| by.new_account);
        let new =
            self.carts.values().filter(from_there).filter(is_new).map(|cart| cart.seats.len()).sum::<usize>();
        let within = |count: usize, limit: Option<u32>| limit.is_none_or(|limit| count <= limit as usize);
        assert!(within(all, self.hold_limits.seats), "{all} seats held from one network");
        let new_limit = self.hold_limits.seats_of_new_accounts.filter(|_| holder.new_account);
        assert!(within(new, new_limit), "{new} seats held by new accounts");
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller sorted the facts")]
    fn apply_order_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::OrderPlaced { order, reservation, .. } => {
                let cart = self.carts.get(reservation).expect("known");
                assert!(cart.live);
                let bought = BoughtOrder {
                    cart: *reservation,
                    seats: cart.seats.clone(),
                    confirmed: false,
                    counter: false,
                };
                if let Some(before) = self.orders.insert(*order, bought) {
                    assert_eq!((before.cart, before.confirmed), (*reservation, false));
                }
            }
            Fact::OrderReseated { order } => {
                let bought = self.orders.get(order).expect("known").clone();
                bought.seats.iter().for_each(|seat| self.give(*seat, Owner::Cart(bought.cart)));
                let cart = self.carts.get_mut(&bought.cart).expect("known");
                assert!(!cart.live);
                (cart.live, cart.seats) = (true, bought.seats);
                let buyer = cart.buyer;
                assert!(self.seats_of(buyer) <= self.limit, "a buyer has more than allowed");
            }
            Fact::OrderConfirmed { order, payment, .. } => {
                let bought = self.orders.get_mut(order).expect("known");
                assert!(!std::mem::replace(&mut bought.confirmed, true), "confirmed twice");
                let bought = bought.clone();
                for seat in &bought.seats {
                    self.free(*seat, Owner::Cart(bought.cart));
                    self.give(*seat, Owner::Order(*order));
                }
                self.carts.get_mut(&bought.cart).expect("known").live = false;
                if let Some(payment) = payment {
                    let charge = self.charges.get_mut(payment).expect("known");
                    assert!(matches!(
                        charge.status,
                        PaymentStatus::Open | PaymentStatus::Cancelling | PaymentStatus::Refused
                    ));
                    assert_eq!(charge.order, *order);
                    let was_refused = charge.status == PaymentStatus::Refused;
                    charge.status = PaymentStatus::Promised;
                    self.earned += charge.cents;
                    if was_refused {
                        self.check_instrument(*payment);
                    }
                }
            }
            Fact::OrderCancelled { order, refund, .. } => {
                let bought = self.orders.get_mut(order).expect("known");
                assert!(std::mem::replace(&mut bought.confirmed, false));
                let seats = bought.seats.clone();
                seats.iter().for_each(|seat| self.free(*seat, Owner::Order(*order)));
                if let Some(due) = refund {
                    let paid = |charge: &Charge| {
                        charge.order == *order
                            && matches!(charge.status, PaymentStatus::Promised | PaymentStatus::Taken)
                    };
                    let payment = self.charges.iter().find(|(_, charge)| paid(charge));
                    let (payment, charge) = payment.expect("only money that came goes back");
                    let cents = due.seats.0 + due.fees.0;
                    assert!(cents > 0 && cents <= charge.cents, "more goes back than came");
                    self.earned -= cents;
                    let pending = !charge.counter;
                    let back = RefundStatus { payment: *payment, cents, late: false, pending, done: false };
                    assert!(self.refunds.insert(due.refund, back).is_none());
                }
            }
            _ => unreachable!("{fact:?}"),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller sorted the facts")]
    fn apply_money_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::PaymentStarted { payment, order, amount } => {
                let open = |charge: &&Charge| {
                    matches!(charge.status, PaymentStatus::Open | PaymentStatus::Cancelling)
                };
                let same = self.charges.values().filter(|charge| charge.order == *order);
                assert_eq!(same.filter(open).count(), 0, "two attempts at once");
                assert!(amount.0 > 0);
                let (cents, status) = (amount.0, PaymentStatus::Open);
                let charge = Charge { order: *order, cents, status, counter: false, instrument: None };
                assert!(self.charges.insert(*payment, charge).is_none());
            }
            Fact::PaymentIdentified { payment, instrument } => {
                let charge = self.charges.get_mut(payment).expect("known");
                assert_eq!(charge.instrument.replace(*instrument), None);
                self.check_instrument(*payment);
            }
            Fact::PaymentNeedsAction { payment } => assert_eq!(self.status(*payment), PaymentStatus::Open),
            Fact::PaymentDeclined { payment, .. } | Fact::PaymentCancelled { payment } => {
                self.set_status(*payment, PaymentStatus::Refused);
            }
            Fact::PaymentCancelStarted { payment } => self.set_status(*payment, PaymentStatus::Cancelling),
            Fact::PaymentCaptured { payment } => self.set_status(*payment, PaymentStatus::Taken),
            Fact::CaptureFailed { payment } => {
                self.set_status(*payment, PaymentStatus::Lost);
                for back in self.refunds.values_mut().filter(|back| back.payment == *payment) {
                    assert!(!back.done);
                    back.pending = false;
                    self.earned += back.cents;
                }
                self.earned -= self.charges[payment].cents;
            }
            Fact::PaymentReturned { payment, refund, .. } => {
                let cents = self.charges[payment].cents;
                assert!(matches!(
                    self.status(*payment),
                    PaymentStatus::Open | PaymentStatus::Cancelling | PaymentStatus::Refused
                ));
                self.set_status(*payment, PaymentStatus::Returned);
                let back = RefundStatus { payment: *payment, cents, late: true, pending: true, done: false };
                assert!(self.refunds.insert(*refund, back).is_none());
            }
            Fact::RefundCompleted { refund } => {
                let back = self.refunds.get_mut(refund).expect("known");
                assert!(!back.done, "given back twice");
                (back.pending, back.done) = (false, true);
            }
            Fact::RefundFailed { refund } => self.refunds.get_mut(refund).expect("known").pending = false,
            _ => unreachable!("{fact:?}"),
        }
    }

    /// A counter sale: reservation, order, payment and confirmation in one fact. It counts towards no ticket limit.
    fn apply_counter_fact(&mut self, fact: &Fact, entry: &Entry) {
        let Fact::SoldAtCounter { reservation, order, seller, items, fees, payment, counter_payment, .. } =
            fact
        else {
            unreachable!("{fact:?}")
        };
        let seats: Vec<SeatIndex> = items.iter().map(|item| item.seat).collect();
        seats.iter().for_each(|seat| self.give(*seat, Owner::Order(*order)));
        let cart =
            Cart { buyer: *seller, seats: seats.clone(), expires_at: entry.at, holder: None, live: false };
        assert!(self.carts.insert(*reservation, cart).is_none(), "a number is used twice");
        let bought = BoughtOrder { cart: *reservation, seats, confirmed: true, counter: true };
        assert!(self.orders.insert(*order, bought).is_none(), "a number is used twice");
        let cents = items.iter().map(|item| item.price.0).sum::<i64>() + fees.0;
        assert_eq!(payment.is_some(), cents > 0);
        assert!(*counter_payment != CounterPayment::Complimentary || cents == 0, "a present costs something");
        if let Some(payment) = payment {
            let (status, instrument) = (PaymentStatus::Taken, None);
            let charge = Charge { order: *order, cents, status, counter: true, instrument };
            assert!(self.charges.insert(*payment, charge).is_none());
            self.earned += cents;
        }
    }

    /// Asserts that no more tickets than allowed are paid with the instrument of an attempt that counts from now on.
    fn check_instrument(&self, payment: PaymentNumber) {
        let Some(instrument) = self.charges[&payment].instrument else { return };
        let counts = |charge: &&Charge| {
            let confirmed = self.orders[&charge.order].confirmed;
            charge.instrument == Some(instrument)
                && match charge.status {
                    PaymentStatus::Open | PaymentStatus::Cancelling => true,
                    PaymentStatus::Promised | PaymentStatus::Taken | PaymentStatus::Lost => confirmed,
                    PaymentStatus::Refused | PaymentStatus::Returned => false,
                }
        };
        let seats = |charge: &Charge| self.orders[&charge.order].seats.len();
        let tickets: usize = self.charges.values().filter(counts).map(seats).sum();
        let own = self.hold_limits.tickets_per_instrument;
        let limit = own.map_or(self.limit, |own| usize::try_from(own).expect("small"));
        assert!(tickets <= limit, "{tickets} tickets are paid with one instrument");
    }

    fn give(&mut self, seat: SeatIndex, owner: Owner) {
        let before = self.owners.insert(seat, owner);
        assert!(before.is_none(), "seat {seat} is given to {owner:?}, but {before:?} has it");
    }

    fn free(&mut self, seat: SeatIndex, owner: Owner) {
        assert_eq!(self.owners.remove(&seat), Some(owner), "seat {seat} is taken from the wrong owner");
    }

    fn end_cart(&mut self, number: ReservationNumber) {
        let cart = self.carts.get_mut(&number).expect("known");
        assert!(std::mem::replace(&mut cart.live, false), "a cart ended twice");
        let seats = cart.seats.clone();
        seats.iter().for_each(|seat| self.free(*seat, Owner::Cart(number)));
    }

    fn status(&self, payment: PaymentNumber) -> PaymentStatus {
        self.charges[&payment].status
    }

    fn set_status(&mut self, payment: PaymentNumber, status: PaymentStatus) {
        self.charges.get_mut(&payment).expect("known").status = status;
    }

    /// Seats a buyer holds and owns.
    fn seats_of(&self, buyer: AccountId) -> usize {
        let owner = |owner: &&Owner| {
            let cart = match owner {
                Owner::Cart(cart) => *cart,
                Owner::Order(order) if self.orders[order].counter => return false,
                Owner::Order(order) => self.orders[order].cart,
            };
            self.carts[&cart].buyer == buyer
        };
        self.owners.values().filter(owner).count()
    }

    fn is_paying(&self, cart: ReservationNumber) -> bool {
        self.charges.values().any(|charge| {
            matches!(charge.status, PaymentStatus::Open | PaymentStatus::Cancelling)
                && self.orders[&charge.order].cart == cart
        })
    }
}
