//! What a sale wants of the outside world. Effects are read from the state, never queued: after any crash the state
//! still says what is to be done, and what the world answers re-enters as a command.

use crate::ids::{PaymentNumber, RefundNumber};
use crate::money::Amount;

/// One thing to do at the payment provider; doing it twice under its key must be harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Find out what became of an attempt, and have it charged or cancelled for certain.
    Settle(PaymentNumber),
    /// Cancel an attempt whose time is up.
    Cancel(PaymentNumber),
    /// Take authorised money.
    Capture(PaymentNumber, Amount),
    /// Give captured money back.
    Refund(RefundNumber, PaymentNumber, Amount),
    /// Let go of authorised money that was never taken.
    Void(RefundNumber, PaymentNumber),
}
