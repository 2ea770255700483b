//! Effects: calls to the payment provider that a sale needs. They are derived from the state and never queued, so a crash
//! loses none of them. The provider's answer comes back to the sale as a command.

use crate::ids::{PaymentNumber, RefundNumber};
use crate::money::Amount;

/// One call to the payment provider. It is idempotent: repeating it under the same key changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Ask the provider for the outcome of an attempt, until it is authorised, declined or cancelled.
    LookUp(PaymentNumber),
    /// Cancel a payment attempt that took too long.
    Cancel(PaymentNumber),
    /// Capture an authorised payment.
    Capture(PaymentNumber, Amount),
    /// Refund captured money.
    Refund(RefundNumber, PaymentNumber, Amount),
    /// Release an authorised payment that was never captured.
    Void(RefundNumber, PaymentNumber),
}
