//! Turns a sale's refusals into problem documents; no other module does.
//!
//! What must always hold: every refusal has an answer here, which the compiler checks; an answer names only what the caller sent (their
//! field, their seat) and reveals nothing about other people.

use fairseat_app::ids::PublicIds;
use fairseat_contract::JsonTime;
use fairseat_domain::ids::SeatIndex;
use fairseat_domain::limits::{MAX_HOLD, MIN_HOLD};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Refusal, ReusedLabel, Sale};
use fairseat_edge::problem::{Code, FieldError, Problem};
use serde::Serialize;
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

/// The fields in which the caller named seats, so that an answer can name them.
#[derive(Clone, Debug, Default)]
pub struct SeatFields {
    /// The field that chooses the seats, for errors about the choice as a whole.
    pub field: &'static str,
    /// Lists of seats in the request, by the name of their field.
    pub lists: Vec<(&'static str, Vec<SeatIndex>)>,
}

impl SeatFields {
    /// A request that names no seats.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// An error for each entry that names one of `seats`; with `again`, only for entries that repeat an earlier one.
    fn field_errors(&self, seats: &[SeatIndex], message: &'static str, again: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (field, list) in &self.lists {
            for (position, seat) in list.iter().enumerate() {
                let repeats = list.iter().take(position).any(|earlier| earlier == seat);
                if seats.contains(seat) && (!again || repeats) {
                    let field = Cow::Owned(format!("{field}[{position}]"));
                    errors.push(FieldError { field, message: Cow::Borrowed(message) });
                }
            }
        }
        if errors.is_empty() {
            errors.push(FieldError { field: Cow::Borrowed(self.field), message: Cow::Borrowed(message) });
        }
        errors
    }
}

/// A seat as a problem names it.
#[derive(Serialize)]
struct NamedSeat {
    seat_id: Uuid,
    label: String,
}

/// The most labels that one problem lists.
const MAX_LISTED: usize = 1_000;

/// A label that a sold ticket bears and a new plan gives to another seat.
#[derive(Serialize)]
struct InUse {
    label: String,
    /// The seat of the ticket.
    seat_id: Uuid,
    /// The label that this seat would have.
    becomes: String,
}

fn named(ids: &PublicIds, sale: &Sale, seats: &[SeatIndex]) -> Vec<NamedSeat> {
    let name = |seat: &SeatIndex| {
        let label = sale.plan().seat(*seat).map(|view| view.label()).unwrap_or_default();
        NamedSeat { seat_id: ids.seat(sale.event(), *seat), label }
    };
    seats.iter().map(name).collect()
}

fn hold_limit(max: u32, have: u32, new_accounts: bool) -> Problem {
    let detail = if new_accounts {
        "Accounts that are new, or whose e-mail address is not verified, share a limit on what they hold. Verify your address, buy or give \
         back what is held, or wait until it expires."
    } else {
        "Buy or give back what is held, or wait until it expires."
    };
    Problem::new(Code::HoldLimit, detail).with("max", &max).with("have", &have)
}

fn instrument_limit(max: u32, have: u32) -> Problem {
    let detail = format!(
        "{max} tickets for this event may be paid with one card or account, and this one has paid for {have}. Your seats are still held: pay \
         with another one, or take fewer seats."
    );
    Problem::new(Code::TicketLimit, detail).with("max", &max).with("have", &have)
}

fn cooling(until: Timestamp) -> Problem {
    let detail = "You have given them back more than once. Choose other seats, or come back later.";
    Problem::new(Code::SeatsCooling, detail).with("until", &JsonTime(until))
}

/// The answer to a command that `sale` refused.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one short arm for each refusal")]
pub fn refused(refusal: &Refusal, ids: &PublicIds, sale: &Sale, fields: &SeatFields) -> Problem {
    let conflict = |code, detail: &'static str| Problem::new(code, detail);
    match refusal {
        Refusal::NotFound => Problem::not_found(),
        Refusal::SeatUnavailable(seats) | Refusal::NotForSale(seats) => {
            conflict(Code::SeatUnavailable, "Somebody has it, or it is not for sale. Choose other seats.")
                .with("seats", &named(ids, sale, seats))
        }
        Refusal::NothingFits => conflict(
            Code::SeatUnavailable,
            "Nothing that is available fits. Ask for fewer seats, another section or another price.",
        )
        .with("seats", &[(); 0]),
        Refusal::SaleNotOpen { opens_at } => {
            conflict(Code::SaleNotOpen, "Come back when it opens.").with("opens_at", &JsonTime(*opens_at))
        }
        Refusal::SaleClosed => conflict(Code::SaleClosed, "Nothing is sold for this event any more."),
        Refusal::TicketLimit { max, have } => Problem::new(
            Code::TicketLimit,
            format!("A buyer may have {max} tickets for this event; you hold or own {have} already."),
        )
        .with("max", max)
        .with("have", have),
        Refusal::HoldLimit { max, have, new_accounts } => hold_limit(*max, *have, *new_accounts),
        Refusal::InstrumentLimit { max, have } => instrument_limit(*max, *have),
        Refusal::SingleSeatLeft(seats) => {
            let detail = "Move along, so that no single seat is left between taken ones.";
            Problem::new(Code::SingleSeatLeft, detail).with("seats", &named(ids, sale, seats))
        }
        Refusal::SeatsCooling { seats, until } => cooling(*until).with("seats", &named(ids, sale, seats)),
        Refusal::ReservationExpired => {
            conflict(Code::ReservationExpired, "Its seats were given back. Reserve again.")
        }
        Refusal::ReservationCancelled => {
            conflict(Code::ReservationCancelled, "Its seats were given back. Reserve again.")
        }
        Refusal::AlreadyOrdered(order) => {
            conflict(Code::AlreadyOrdered, "Its order is confirmed; see order_id.")
                .with("order_id", &ids.order(sale.event(), *order))
        }
        Refusal::CannotExtend => {
            conflict(Code::CannotExtend, "It was extended before, or is as long as any may be.")
        }
        Refusal::PaymentInProgress => {
            conflict(Code::PaymentInProgress, "Wait until it is known how that attempt ends.")
        }
        Refusal::TooManyAttempts => {
            conflict(Code::TooManyAttempts, "Let the reservation go, and reserve again.")
        }
        Refusal::NotRefundable => {
            conflict(Code::NotRefundable, "The refund policy of this event gives nothing back any more.")
        }
        Refusal::HasOrders => conflict(Code::HasOrders, "Tickets were sold: cancel the event instead."),
        Refusal::LabelsInUse(labels) => labels_in_use(labels, ids, sale),
        Refusal::NothingToHandOut => {
            conflict(Code::Conflict, "Nothing of this order is to be handed out at the counter.")
        }
        Refusal::AlreadyOpened | Refusal::LimitReached(_) => {
            Problem::new(Code::Conflict, capitalized(refusal))
        }
        Refusal::IdempotencyMismatch => {
            conflict(Code::IdempotencyMismatch, "Use a new Idempotency-Key for a new request.")
        }
        Refusal::IdempotencyInFlight => {
            conflict(Code::IdempotencyInFlight, "Ask again in a moment.").retry_after(Duration::from_secs(1))
        }
        Refusal::UnknownSeats(_)
        | Refusal::DuplicateSeats(_)
        | Refusal::NoSeats
        | Refusal::TooManySeats { .. }
        | Refusal::NotGeneralAdmission
        | Refusal::HoldOutOfRange
        | Refusal::TimesOutOfOrder
        | Refusal::AmountOutOfRange
        | Refusal::PlanUnfit(_) => invalid(refusal, fields),
    }
}

fn labels_in_use(labels: &[ReusedLabel], ids: &PublicIds, sale: &Sale) -> Problem {
    let named = |reused: &ReusedLabel| InUse {
        label: reused.label.clone(),
        seat_id: ids.seat(sale.event(), reused.sold),
        becomes: reused.becomes.clone(),
    };
    let detail = format!(
        "The new plan gives {} labels that sold tickets bear to other seats, so that two people would look for one seat; see \
         labels. Keep the labels of sold seats, or repeat the request with ?confirm_relabelled=true.",
        labels.len()
    );
    let listed: Vec<InUse> = labels.iter().take(MAX_LISTED).map(named).collect();
    Problem::new(Code::LabelsInUse, detail).with("labels", &listed)
}

/// Refusals because of mistakes in the request.
fn invalid(refusal: &Refusal, fields: &SeatFields) -> Problem {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller has told these from the rest")]
    match refusal {
        Refusal::UnknownSeats(seats) => {
            Problem::invalid_fields(fields.field_errors(seats, "is not a seat of this event", false))
        }
        Refusal::DuplicateSeats(seats) => {
            Problem::invalid_fields(fields.field_errors(seats, "is named more than once", true))
        }
        Refusal::NoSeats => Problem::invalid(fields.field, "must come to at least one seat"),
        Refusal::TooManySeats { max } => {
            Problem::invalid(fields.field, format!("must come to at most {max} seats"))
        }
        Refusal::NotGeneralAdmission => {
            Problem::invalid(fields.field, "must name sections of general admission, each once")
        }
        Refusal::HoldOutOfRange => {
            let (min, max) = (MIN_HOLD.0 / 1_000, MAX_HOLD.0 / 1_000);
            Problem::invalid("hold_duration", format!("must be {min} to {max} seconds"))
        }
        Refusal::TimesOutOfOrder => Problem::invalid("on_sale_time", "must be before the end of sales"),
        Refusal::PlanUnfit(why) => Problem::invalid("seating_plan", why.clone()),
        other => Problem::invalid(fields.field, other.to_string()),
    }
}

fn capitalized(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect()) + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::ids::{EventNumber, OrderNumber};
    use fairseat_domain::time::Timestamp;
    use serde_json::{Value, json};

    fn document(refusal: &Refusal) -> Value {
        let sale = Sale::unopened(EventNumber(1));
        let seats = vec![SeatIndex(3), SeatIndex(4), SeatIndex(3)];
        let fields = SeatFields { field: "seat_indexes", lists: vec![("seat_indexes", seats)] };
        refused(refusal, &PublicIds::new(&[7; 16]), &sale, &fields).document()
    }

    #[test]
    fn every_refusal_has_its_status_and_code() {
        let seats = || vec![SeatIndex(3)];
        for (refusal, status, code) in [
            (Refusal::NotFound, 404, "not_found"),
            (Refusal::AlreadyOpened, 409, "conflict"),
            (Refusal::SeatUnavailable(seats()), 409, "seat_unavailable"),
            (Refusal::NothingFits, 409, "seat_unavailable"),
            (Refusal::NotForSale(seats()), 409, "seat_unavailable"),
            (Refusal::UnknownSeats(seats()), 422, "invalid"),
            (Refusal::DuplicateSeats(seats()), 422, "invalid"),
            (Refusal::NoSeats, 422, "invalid"),
            (Refusal::TooManySeats { max: 1_000 }, 422, "invalid"),
            (Refusal::NotGeneralAdmission, 422, "invalid"),
            (Refusal::SaleNotOpen { opens_at: Timestamp::EPOCH }, 409, "sale_not_open"),
            (Refusal::SaleClosed, 409, "sale_closed"),
            (Refusal::TicketLimit { max: 8, have: 7 }, 403, "ticket_limit"),
            (Refusal::HoldLimit { max: 16, have: 16, new_accounts: true }, 403, "hold_limit"),
            (Refusal::InstrumentLimit { max: 8, have: 7 }, 403, "ticket_limit"),
            (Refusal::SingleSeatLeft(seats()), 409, "single_seat_left"),
            (Refusal::SeatsCooling { seats: seats(), until: Timestamp::EPOCH }, 409, "seats_cooling"),
            (Refusal::HoldOutOfRange, 422, "invalid"),
            (Refusal::ReservationExpired, 410, "reservation_expired"),
            (Refusal::ReservationCancelled, 409, "reservation_cancelled"),
            (Refusal::AlreadyOrdered(OrderNumber(1)), 409, "already_ordered"),
            (Refusal::CannotExtend, 409, "cannot_extend"),
            (Refusal::PaymentInProgress, 409, "payment_in_progress"),
            (Refusal::TooManyAttempts, 409, "too_many_attempts"),
            (Refusal::NotRefundable, 409, "not_refundable"),
            (Refusal::HasOrders, 409, "has_orders"),
            (Refusal::LabelsInUse(Vec::new()), 409, "labels_in_use"),
            (Refusal::NothingToHandOut, 409, "conflict"),
            (Refusal::TimesOutOfOrder, 422, "invalid"),
            (Refusal::AmountOutOfRange, 422, "invalid"),
            (Refusal::PlanUnfit("too large".to_owned()), 422, "invalid"),
            (Refusal::LimitReached("orders of one sale"), 409, "conflict"),
            (Refusal::IdempotencyMismatch, 422, "idempotency_mismatch"),
            (Refusal::IdempotencyInFlight, 409, "idempotency_in_flight"),
        ] {
            let document = document(&refusal);
            assert_eq!(
                (&document["status"], &document["code"]),
                (&json!(status), &json!(code)),
                "{refusal:?}"
            );
        }
    }

    #[test]
    fn problems_have_the_details_of_their_refusals() {
        let unknown = document(&Refusal::UnknownSeats(vec![SeatIndex(3)]));
        let fields = |document: &Value| -> Vec<String> {
            let errors = document["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
            errors.iter().map(|error| error["field"].to_string()).collect()
        };
        assert_eq!(fields(&unknown), ["\"seat_indexes[0]\"", "\"seat_indexes[2]\""]);
        let twice = document(&Refusal::DuplicateSeats(vec![SeatIndex(3)]));
        assert_eq!(fields(&twice), ["\"seat_indexes[2]\""]);
        let unavailable = document(&Refusal::SeatUnavailable(vec![SeatIndex(3)]));
        assert!(unavailable["seats"][0]["seat_id"].is_string());
        assert_eq!(document(&Refusal::NothingFits)["seats"], json!([]));
        let limit = document(&Refusal::TicketLimit { max: 8, have: 7 });
        assert_eq!((&limit["max"], &limit["have"]), (&json!(8), &json!(7)));
        let early = document(&Refusal::SaleNotOpen { opens_at: Timestamp::EPOCH });
        assert_eq!(early["opens_at"], "1970-01-01T00:00:00.000Z");
        assert!(document(&Refusal::AlreadyOrdered(OrderNumber(1)))["order_id"].is_string());
    }
}
