//! Translates the domain's types into the model's words. No other file knows both.

use crate::model_input::{Entry as PlainEntry, Statement, Subject as PlainSubject, ViewContents};
use fairseat_domain::command::{Canceller, HoldOrigin, Holder, Selection};
use fairseat_domain::entry::{Cause, Entry};
use fairseat_domain::fact::{CancelReason, CounterPayment, Fact, Item};
use fairseat_domain::ids::{AccountId, OrderNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::{MAX_HOLD, MAX_METHOD_CHARS, MIN_HOLD};
use fairseat_domain::sale::Subject;
use fairseat_domain::terms::Terms;
use fairseat_domain::{Command, Refusal, Sale};
use fairseat_store::views::ViewRows;
use std::collections::{BTreeMap, BTreeSet};

/// Seats with the prices fixed in their reservation.
type Seats = Vec<(u32, i64)>;

fn statement(verb: &'static str, a: u32, b: i64, numbers: &[i64]) -> Statement {
    Statement { verb, a: i64::from(a), b, numbers: numbers.to_vec(), ..Statement::default() }
}

fn with(seats: Seats, about: Statement) -> Statement {
    Statement { seats, ..about }
}

fn items(items: &[Item]) -> Seats {
    items.iter().map(|item| (item.seat.0, item.price.0)).collect()
}

fn seats(seats: &[SeatIndex]) -> Seats {
    seats.iter().map(|seat| (seat.0, 0)).collect()
}

fn buyer(account: AccountId) -> i64 {
    i64::try_from(account.0).unwrap_or(-1)
}

fn terms(terms: &Terms) -> Statement {
    let opens = if terms.published { terms.on_sale_at.as_millis() } else { i64::MAX };
    let (fees, policy) = (terms.fees, terms.refund_policy);
    let numbers = [
        opens,
        terms.sales_end_at.as_millis(),
        terms.starts_at.as_millis(),
        i64::from(terms.max_tickets_per_buyer),
        fees.per_ticket.0,
        fees.per_order.0,
        i64::from(fees.share.0),
        i64::from(policy.share.0),
        i64::from(policy.fees_too),
        policy.until_before_start.0,
    ];
    statement("terms", 0, -1, &numbers)
}

/// A fact in the model's words; `None` for changes of prices or plan, which [`prices`] covers, and for the limits on
/// hoarding, which the history checks on the state.
#[expect(clippy::too_many_lines, reason = "one short arm for each fact")]
pub(crate) fn change(fact: &Fact) -> Option<Statement> {
    Some(match fact {
        Fact::SaleOpened { terms: all, .. } | Fact::TermsChanged { terms: all } => terms(all),
        Fact::PricesChanged { .. }
        | Fact::CategoriesPreferred
        | Fact::PlanChanged { .. }
        | Fact::ReservationHeldFrom { .. }
        | Fact::SingleSeatRuleChanged { .. }
        | Fact::PaymentIdentified { .. }
        | Fact::HoldLimitsChanged { .. } => return None,
        Fact::SeatsBlocked { seats: all, .. } => with(seats(all), statement("blocked", 0, -1, &[])),
        Fact::SeatsUnblocked { seats: all } => with(seats(all), statement("unblocked", 0, -1, &[])),
        Fact::ReservationPlaced { reservation, buyer: whose, items: all, fees, hold, expires_at } => {
            let numbers = [fees.0, hold.0, expires_at.as_millis()];
            with(items(all), statement("took", reservation.0, buyer(*whose), &numbers))
        }
        Fact::ReservationChanged { reservation, items: all, fees } => {
            with(items(all), statement("changed", reservation.0, -1, &[fees.0]))
        }
        Fact::CartMerged { from, into, buyer: whose, items: all, left_out, fees, expires_at, holder } => {
            let into = into.map_or(-1, |into| i64::from(into.0));
            let mut numbers =
                vec![fees.0, buyer(*whose), expires_at.as_millis(), i64::from(holder.is_some())];
            numbers.extend(left_out.iter().map(|seat| i64::from(seat.0)));
            with(items(all), statement("merged", from.0, into, &numbers))
        }
        Fact::ReservationExtended { reservation, expires_at } => {
            statement("extended", reservation.0, -1, &[expires_at.as_millis()])
        }
        Fact::ReservationCancelled { reservation } => statement("gave-up", reservation.0, -1, &[]),
        Fact::ReservationExpired { reservation } => statement("expired", reservation.0, -1, &[]),
        Fact::OrderPlaced { order, reservation, .. } => {
            statement("ordered", order.0, i64::from(reservation.0), &[])
        }
        Fact::PaymentStarted { payment, order, amount } => {
            statement("tried", payment.0, i64::from(order.0), &[amount.0])
        }
        Fact::PaymentNeedsAction { payment } => statement("waits", payment.0, -1, &[]),
        Fact::PaymentDeclined { payment, .. } => statement("declined", payment.0, -1, &[]),
        Fact::PaymentCancelStarted { payment } => statement("stops", payment.0, -1, &[]),
        Fact::PaymentCancelled { payment } => statement("stopped", payment.0, -1, &[]),
        Fact::OrderConfirmed { order, payment, first_ticket } => {
            let payment = payment.map_or(-1, |payment| i64::from(payment.0));
            statement("confirmed", order.0, payment, &[i64::from(first_ticket.0)])
        }
        Fact::OrderReseated { order } => statement("reseated", order.0, -1, &[]),
        Fact::PaymentCaptured { payment } => statement("captured", payment.0, -1, &[]),
        Fact::CaptureFailed { payment } => statement("failed", payment.0, -1, &[]),
        Fact::OrderCancelled { order, reason, refund } => {
            let refund = refund.map(|due| [i64::from(due.refund.0), due.seats.0, due.fees.0]);
            let by_organizer = i64::from(*reason != CancelReason::Buyer);
            statement("ended", order.0, by_organizer, &refund.unwrap_or_default()[..])
                .without_nothing(refund.is_none())
        }
        Fact::PaymentReturned { payment, refund, .. } => {
            statement("returned", payment.0, i64::from(refund.0), &[])
        }
        Fact::RefundCompleted { refund } => statement("refunded", refund.0, -1, &[]),
        Fact::RefundFailed { refund } => statement("refused", refund.0, -1, &[]),
        Fact::EventCancelled | Fact::SaleDeleted => statement("over", 0, -1, &[]),
        Fact::SoldAtCounter {
            reservation,
            order,
            seller,
            items: all,
            fees,
            counter_payment,
            payment,
            ..
        } => {
            let payment = payment.map_or(-1, |payment| i64::from(payment.0));
            let numbers = [
                fees.0,
                buyer(*seller),
                payment,
                i64::from(*counter_payment != CounterPayment::Complimentary),
            ];
            with(items(all), statement("sold", order.0, i64::from(reservation.0), &numbers))
        }
    })
}

impl Statement {
    fn without_nothing(mut self, nothing: bool) -> Self {
        if nothing {
            self.numbers.clear();
        }
        self
    }
}

pub(crate) fn changes(facts: &[Fact]) -> Vec<Statement> {
    facts.iter().filter_map(change).collect()
}

/// The price of each seat now.
fn prices(sale: &Sale) -> Statement {
    let count = u32::try_from(sale.plan().seat_count()).unwrap_or(u32::MAX);
    let priced = |seat: u32| Some((seat, sale.price_of(SeatIndex(seat))?.0));
    // A seat's identity apart from its label: the model checks that an index never gets another seat.
    let identity = |text: &str| text.bytes().fold(7_i64, |sum, byte| sum.wrapping_mul(31) + i64::from(byte));
    let names: Vec<i64> =
        (0..count).filter_map(|seat| Some(identity(sale.plan().seat(SeatIndex(seat))?.guid))).collect();
    with((0..count).filter_map(priced).collect(), statement("prices", count, -1, &names))
}

/// A command of a small history for the linearizability search; `None` if it changes nothing.
#[expect(clippy::wildcard_enum_match_arm, reason = "small histories are about seats alone")]
pub(crate) fn wish(command: &Command) -> Option<Statement> {
    let number = |number: u32| i64::from(number);
    Some(match command {
        Command::PlaceReservation { buyer: whose, selection: Selection::Seats(all), hold } => {
            let known = all.iter().all(|seat| seat.0 < 1_000) && *hold >= MIN_HOLD && *hold <= MAX_HOLD;
            let distinct = all.iter().collect::<BTreeSet<_>>().len() == all.len();
            let place = statement("place", 0, -1, &[hold.0, i64::from(known && distinct)]);
            with(seats(all), Statement { a: buyer(*whose), ..place })
        }
        Command::ChangeReservation { reservation, buyer: whose, add, remove } => {
            let removed = remove.iter().map(|seat| (seat.0, -1));
            let all = removed.chain(add.iter().map(|seat| (seat.0, 1))).collect();
            with(all, statement("change", reservation.0, buyer(*whose), &[]))
        }
        Command::ExtendReservation { reservation, buyer: whose } => {
            statement("extend", reservation.0, buyer(*whose), &[])
        }
        Command::CancelReservation { reservation, buyer: whose } => {
            statement("cancel", reservation.0, buyer(*whose), &[])
        }
        Command::PlaceOrder { reservation, buyer: whose, method, .. } if method.len() <= MAX_METHOD_CHARS => {
            statement("order", reservation.0, buyer(*whose), &[])
        }
        Command::CancelOrder { order, by: Canceller::Buyer(whose) } => {
            statement("end", order.0, buyer(*whose), &[])
        }
        Command::CancelOrder { order, by: Canceller::Organizer(_) } => {
            Statement { a: number(order.0), ..statement("end", 0, -1, &[]) }
        }
        Command::BlockSeats { seats: all, .. } => with(seats(all), statement("block", 0, -1, &[])),
        Command::UnblockSeats { seats: all } => with(seats(all), statement("unblock", 0, -1, &[])),
        _ => return None,
    })
}

/// The subject of an answer.
pub(crate) fn subject(subject: Subject) -> PlainSubject {
    match subject {
        Subject::Sale => ('s', -1, -1),
        Subject::Reservation(number) => ('r', i64::from(number.0), -1),
        Subject::Payment(order, payment) => {
            ('p', i64::from(order.0), payment.map_or(-1, |payment| i64::from(payment.0)))
        }
        Subject::Cancellation(order, refund) => {
            ('c', i64::from(order.0), refund.map_or(-1, |refund| i64::from(refund.0)))
        }
    }
}

/// An entry of the journal, already applied to `sale`.
pub(crate) fn entry(version: u64, entry: &Entry, sale: &Sale) -> PlainEntry {
    let moved = |fact: &Fact| {
        matches!(fact, Fact::SaleOpened { .. } | Fact::PricesChanged { .. } | Fact::PlanChanged { .. })
    };
    let request = u64::try_from(entry.request).unwrap_or(u64::MAX);
    let key = entry.idempotency.map(|key| (u64::try_from(key.key).unwrap_or(0), key.body));
    let prices = entry.facts.iter().any(moved).then(|| prices(sale));
    let changes = prices.into_iter().chain(changes(&entry.facts)).collect();
    let (at, due) = (entry.at.as_millis(), entry.cause == Cause::Due);
    PlainEntry { version, at, request, key, due, subject: subject_of(entry, sale), changes }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other facts are about the whole sale")]
fn subject_of(entry: &Entry, sale: &Sale) -> PlainSubject {
    let about = entry.facts.iter().rev().find_map(|fact| match fact {
        Fact::ReservationPlaced { reservation, .. }
        | Fact::ReservationChanged { reservation, .. }
        | Fact::ReservationExtended { reservation, .. } => Some(Subject::Reservation(*reservation)),
        Fact::CartMerged { from, into, .. } => Some(Subject::Reservation(into.unwrap_or(*from))),
        Fact::ReservationCancelled { reservation } => {
            let order = sale.reservation(*reservation).and_then(|found| found.order);
            let order = order.filter(|_| entry.cause == Cause::CancelOrder);
            let whole = Subject::Reservation(*reservation);
            Some(order.map_or(whole, |order| Subject::Cancellation(order, None)))
        }
        Fact::PaymentStarted { order, payment, .. } => Some(Subject::Payment(*order, Some(*payment))),
        Fact::OrderConfirmed { order, payment, .. } | Fact::SoldAtCounter { order, payment, .. } => {
            Some(Subject::Payment(*order, *payment))
        }
        Fact::OrderCancelled { order, refund, .. } => {
            Some(Subject::Cancellation(*order, refund.map(|due| due.refund)))
        }
        Fact::RefundCompleted { refund } | Fact::RefundFailed { refund } => {
            let payment = sale.refund(*refund).and_then(|refund| sale.payment(refund.payment))?;
            Some(Subject::Cancellation(payment.order, Some(*refund)))
        }
        _ => None,
    });
    about.map_or(('s', -1, -1), subject)
}

/// Why a command was refused, as a sentence that must have been true.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these commands name an order")]
pub(crate) fn refusal_reason(command: &Command, refusal: &Refusal, sale: &Sale) -> Statement {
    let (reservation, account) = reservation_of(command);
    let order = match command {
        Command::CancelOrder { order, .. } | Command::HandOutRefund { order } => order.0,
        _ => 0,
    };
    match refusal {
        Refusal::SeatUnavailable(taken) if matches!(command, Command::BlockSeats { .. }) => {
            with(seats(taken), statement("held", 0, -1, &[]))
        }
        Refusal::SeatUnavailable(taken) => with(seats(taken), statement("taken", 0, -1, &[])),
        Refusal::NotForSale(unpriced) => with(seats(unpriced), statement("not for sale", 0, -1, &[])),
        // Seats that the buyer keeps giving back are free and do not fit.
        Refusal::NothingFits if holder_of(command).is_some() => statement("plain", 0, -1, &[]),
        Refusal::NothingFits => nothing_fits(command, sale),
        Refusal::TicketLimit { max, have } => {
            let numbers = [more(command), i64::from(*max), i64::from(*have)];
            statement("limit", u32::try_from(account).unwrap_or(u32::MAX), -1, &numbers)
        }
        Refusal::SaleNotOpen { .. } => statement("not open", 0, -1, &[]),
        Refusal::SaleClosed if matches!(command, Command::SellAtCounter { .. }) => {
            statement("no sale", 0, -1, &[])
        }
        Refusal::SaleClosed => statement("closed", 0, -1, &[]),
        Refusal::ReservationExpired => statement("expired", reservation, -1, &[]),
        Refusal::ReservationCancelled => statement("cancelled", reservation, -1, &[]),
        Refusal::AlreadyOrdered(order) => statement("bought", reservation, i64::from(order.0), &[]),
        Refusal::CannotExtend => statement("no extension", reservation, -1, &[]),
        Refusal::PaymentInProgress if matches!(command, Command::CancelOrder { .. }) => {
            statement("order paying", order, -1, &[])
        }
        Refusal::PaymentInProgress => statement("paying", reservation, -1, &[]),
        Refusal::TooManyAttempts => statement("too often", reservation, -1, &[]),
        Refusal::NotRefundable => statement("no refund", order, -1, &[]),
        Refusal::HasOrders => statement("sold", 0, -1, &[]),
        Refusal::NothingToHandOut => statement("nothing owed", order, -1, &[]),
        Refusal::NotFound => not_found(command),
        Refusal::AlreadyOpened => statement("opened", 0, -1, &[]),
        Refusal::IdempotencyMismatch => statement("other body", 0, -1, &[]),
        Refusal::IdempotencyInFlight => statement("key busy", 0, -1, &[]),
        Refusal::HoldLimit { .. }
        | Refusal::InstrumentLimit { .. }
        | Refusal::SeatsCooling { .. }
        | Refusal::SingleSeatLeft(_)
        | Refusal::UnknownSeats(_)
        | Refusal::DuplicateSeats(_)
        | Refusal::NoSeats
        | Refusal::TooManySeats { .. }
        | Refusal::NotGeneralAdmission
        | Refusal::HoldOutOfRange
        | Refusal::TimesOutOfOrder
        | Refusal::AmountOutOfRange
        | Refusal::LabelsInUse(_)
        | Refusal::PlanUnfit(_)
        | Refusal::LimitReached(_) => statement("plain", 0, -1, &[]),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other commands name no reservation")]
fn reservation_of(command: &Command) -> (u32, i64) {
    let (ReservationNumber(number), account) = match command {
        Command::PlaceReservation { buyer, .. } | Command::AddToCart { buyer, .. } => {
            (ReservationNumber(0), *buyer)
        }
        Command::MergeCart { reservation, guest, .. } => (*reservation, *guest),
        Command::ChangeReservation { reservation, buyer, .. }
        | Command::ExtendReservation { reservation, buyer }
        | Command::CancelReservation { reservation, buyer }
        | Command::PlaceOrder { reservation, buyer, .. } => (*reservation, *buyer),
        _ => return (0, -1),
    };
    (number, buyer(account))
}

/// From where a buyer's command comes: half of the buyers are limited in what they hold, from two networks, and half of those are new.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other commands hold no seats")]
pub(crate) fn holder_of(command: &Command) -> Option<Holder> {
    let buyer = match command {
        Command::PlaceReservation { buyer, .. }
        | Command::AddToCart { buyer, .. }
        | Command::ChangeReservation { buyer, .. } => buyer.0,
        Command::MergeCart { account, .. } => account.0,
        _ => return None,
    };
    let origin = HoldOrigin(u64::from(buyer % 4 == 0));
    (buyer % 2 == 0).then_some(Holder { origin, new_account: buyer % 8 < 4 })
}

/// How many seats the command would add to the buyer's.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other commands take no seats")]
fn more(command: &Command) -> i64 {
    let count = match command {
        Command::PlaceReservation { selection, .. } | Command::AddToCart { selection, .. } => match selection
        {
            Selection::Seats(seats) => seats.len(),
            Selection::BestAvailable(wanted) => return i64::from(wanted.quantity),
            Selection::GeneralAdmission(wanted) => {
                return wanted.iter().map(|(_, count)| i64::from(*count)).sum();
            }
        },
        Command::ChangeReservation { add, remove, .. } => add.len().saturating_sub(remove.len()),
        _ => 0,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Too few free seats, for selections that are simple enough to count.
fn nothing_fits(command: &Command, sale: &Sale) -> Statement {
    let (Command::PlaceReservation { selection, .. }
    | Command::AddToCart { selection, .. }
    | Command::SellAtCounter { selection, .. }) = command
    else {
        return statement("plain", 0, -1, &[]);
    };
    let (section, wanted) = match selection {
        Selection::GeneralAdmission(wanted) if wanted.len() == 1 => {
            (wanted.first().map(|one| one.0), wanted.iter().map(|one| i64::from(one.1)).sum())
        }
        Selection::BestAvailable(wanted)
            if wanted.quantity == 1 && wanted.max_price.is_none() && !wanted.accessible =>
        {
            (wanted.section, 1)
        }
        Selection::BestAvailable(_) | Selection::GeneralAdmission(_) | Selection::Seats(_) => {
            return statement("plain", 0, -1, &[]);
        }
    };
    let all: Vec<SeatIndex> = match section.and_then(|section| sale.plan().section(section)) {
        Some(section) => section.seats().map(|seat| seat.index).collect(),
        None => sale.plan().seats().map(|seat| seat.index).collect(),
    };
    with(seats(&all), statement("too few", 0, wanted, &[]))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other commands are about the sale or a reservation")]
fn not_found(command: &Command) -> Statement {
    match command {
        Command::CancelOrder { order: OrderNumber(order), by } => {
            let whose = if let Canceller::Buyer(account) = by { buyer(*account) } else { -1 };
            statement("no order", *order, whose, &[])
        }
        Command::HandOutRefund { order: OrderNumber(order) } => statement("no order", *order, -1, &[]),
        Command::ChangeReservation { .. }
        | Command::MergeCart { .. }
        | Command::ExtendReservation { .. }
        | Command::CancelReservation { .. }
        | Command::PlaceOrder { .. } => {
            let (reservation, account) = reservation_of(command);
            statement("no reservation", reservation, account, &[])
        }
        _ => statement("no sale", 0, -1, &[]),
    }
}

/// The contents of the views.
pub(crate) fn view_contents(rows: &ViewRows) -> ViewContents {
    let mut all = BTreeMap::new();
    for row in &rows.reservations {
        all.insert(('r', i64::from(row.number.0)), (row.status.name(), buyer(row.buyer)));
    }
    for row in &rows.orders {
        all.insert(('o', i64::from(row.number.0)), (row.status.name(), row.refunded.0));
    }
    let figures = &rows.figures;
    let counts = [figures.available, figures.reserved, figures.sold, figures.blocked];
    let counts = counts.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
    ViewContents { rows: all, counts, revenue: figures.revenue.0 }
}
