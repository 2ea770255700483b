//! The names of commands, refusals, facts and faults in traces and coverage.

use crate::client::ClientRequest;
use fairseat_domain::entry::Cause;
use fairseat_domain::{Command, Fact, Refusal};
use fairseat_engine::Fault;
use std::fmt;

macro_rules! names {
    ($(#[$doc:meta])* $list:ident, $function:ident($type:ident): $($variant:ident)*) => {
        $(#[$doc])*
        pub(crate) const $list: &[&str] = &[$(stringify!($variant)),*];

        pub(crate) fn $function(of: &$type) -> &'static str {
            match of {
                $($type::$variant { .. } => stringify!($variant),)*
            }
        }
    };
}

names! {
    /// Every kind of command.
    COMMANDS, command(Command): OpenSale ChangeEvent ChangePlan BlockSeats UnblockSeats PlaceReservation
    ChangeReservation ExtendReservation CancelReservation PlaceOrder ReportPayment ReportCapture ReportRefund CancelOrder
    CancelEvent DeleteSale Tick SellAtCounter HandOutRefund AddToCart MergeCart
}
names! {
    /// Every kind of refusal.
    REFUSALS, refusal(Refusal): NotFound AlreadyOpened SeatUnavailable NothingFits UnknownSeats DuplicateSeats NoSeats
    TooManySeats NotGeneralAdmission SaleNotOpen SaleClosed TicketLimit HoldOutOfRange ReservationExpired
    ReservationCancelled AlreadyOrdered CannotExtend PaymentInProgress TooManyAttempts NotRefundable HasOrders NotForSale
    TimesOutOfOrder NothingToHandOut AmountOutOfRange PlanUnfit LimitReached IdempotencyMismatch IdempotencyInFlight
    HoldLimit InstrumentLimit SeatsCooling SingleSeatLeft
    LabelsInUse
}
names! {
    /// Every kind of fact.
    FACTS, fact(Fact): SaleOpened TermsChanged PricesChanged PlanChanged SeatsBlocked SeatsUnblocked ReservationPlaced
    ReservationChanged ReservationExtended ReservationCancelled ReservationExpired OrderPlaced PaymentStarted
    PaymentNeedsAction PaymentDeclined PaymentCancelStarted PaymentCancelled OrderConfirmed OrderReseated PaymentCaptured
    CaptureFailed OrderCancelled PaymentReturned RefundCompleted RefundFailed EventCancelled SaleDeleted SoldAtCounter
    ReservationHeldFrom HoldLimitsChanged CartMerged SingleSeatRuleChanged PaymentIdentified
    CategoriesPreferred
}
names! {
    /// Every fault of a request.
    FAILURES, failure(Fault): Overloaded ReadOnly Unavailable Quarantined TooLarge
}

/// The name of an entry's command, if the platform itself gave it.
pub(crate) fn report(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::ReportPayment => Some("ReportPayment"),
        Cause::ReportCapture => Some("ReportCapture"),
        Cause::ReportRefund => Some("ReportRefund"),
        Cause::Due
        | Cause::OpenSale
        | Cause::ChangeTerms
        | Cause::ChangePrices
        | Cause::ChangePlan
        | Cause::BlockSeats
        | Cause::UnblockSeats
        | Cause::PlaceReservation
        | Cause::ChangeReservation
        | Cause::ExtendReservation
        | Cause::CancelReservation
        | Cause::PlaceOrder
        | Cause::CancelOrder
        | Cause::CancelEvent
        | Cause::DeleteSale
        | Cause::SellAtCounter
        | Cause::ChangeEvent
        | Cause::AddToCart
        | Cause::MergeCart
        | Cause::HandOutRefund => None,
    }
}

/// A command as a trace shows it: large ones by name alone.
pub(crate) struct Short<'a>(pub(crate) &'a ClientRequest);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClientRequest { command, key, card } = self.0;
        match command {
            Command::OpenSale { .. } | Command::ChangePlan { .. } => f.write_str(self::command(command))?,
            Command::PlaceReservation { .. }
            | Command::AddToCart { .. }
            | Command::BlockSeats { .. }
            | Command::ChangeEvent { .. } => {
                let text = format!("{command:?}");
                let end = text.char_indices().nth(300).map_or(text.len(), |(end, _)| end);
                f.write_str(text.get(..end).unwrap_or_default())?;
            }
            Command::UnblockSeats { .. }
            | Command::MergeCart { .. }
            | Command::ChangeReservation { .. }
            | Command::ExtendReservation { .. }
            | Command::CancelReservation { .. }
            | Command::PlaceOrder { .. }
            | Command::SellAtCounter { .. }
            | Command::ReportPayment { .. }
            | Command::ReportCapture { .. }
            | Command::ReportRefund { .. }
            | Command::CancelOrder { .. }
            | Command::HandOutRefund { .. }
            | Command::CancelEvent
            | Command::DeleteSale
            | Command::Tick => write!(f, "{command:?}")?,
        }
        write!(f, ", key {key:?}, card {card}")
    }
}
