//! The port for payment providers. The engine repeats a call whenever its outcome is unknown, so a provider must do the
//! work of each call at most once per reference.

use fairseat_domain::fact::DeclineReason;
use fairseat_domain::ids::{EventNumber, PaymentNumber, RefundNumber};
use fairseat_domain::money::{Amount, Currency};
use futures::future::BoxFuture;
use std::fmt;

/// Names one payment attempt. It never changes; providers derive their idempotency key from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentRef {
    /// The event.
    pub event: EventNumber,
    /// The attempt within its sale.
    pub payment: PaymentNumber,
}

/// Names one refund. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundRef {
    /// The attempt whose money is refunded.
    pub payment: PaymentRef,
    /// The refund within its sale.
    pub refund: RefundNumber,
}

/// The payment instrument: a provider's token, or a test card number. Never stored, never printed.
#[derive(Clone)]
pub struct Instrument(pub String);

impl fmt::Debug for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instrument(secret)")
    }
}

/// A request to authorize a payment.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Which attempt.
    pub reference: PaymentRef,
    /// The amount.
    pub amount: Amount,
    /// The amount's currency.
    pub currency: Currency,
    /// What the buyer pays with.
    pub instrument: Instrument,
}

/// The state of an attempt at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderState {
    /// The provider has no such attempt.
    Unknown,
    /// The provider has not decided yet.
    Processing,
    /// The buyer must confirm at this address (3-D Secure).
    NeedsAction {
        /// The address.
        url: String,
    },
    /// The money is authorized and not captured yet.
    Authorized,
    /// The money was captured.
    Captured,
    /// Declined, for this reason.
    Declined(DeclineReason),
    /// The attempt will never charge.
    Cancelled,
}

/// A provider's answer to a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Captured, now or by an earlier call.
    Captured,
    /// Refused for good; a retry would be refused again.
    Refused,
}

/// A provider's answer to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAnswer {
    /// Refunded, now or by an earlier call.
    Completed,
    /// Refused for good; a retry would be refused again.
    Refused,
}

/// The provider did not answer, or its answer was unclear: it is unknown whether it acted. A retry is safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment provider gave no certain answer: {0}")]
pub struct ProviderFault(pub String);

/// A payment provider.
pub trait PaymentGateway: fmt::Debug + Send + Sync + 'static {
    /// Authorizes a payment. Repeated under the same reference it answers the outcome of the first call.
    ///
    /// # Errors
    /// [`ProviderFault`]: the provider may or may not have acted.
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// The state of an attempt.
    ///
    /// # Errors
    /// [`ProviderFault`].
    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// Makes certain that an attempt never charges, even if its request has not reached the provider yet. Answers
    /// [`ProviderState::Authorized`] or [`ProviderState::Captured`] when it is too late for that. An authorization is voided
    /// only when `even_authorized`.
    ///
    /// # Errors
    /// [`ProviderFault`]: the attempt may still charge.
    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// Captures an authorized payment.
    ///
    /// # Errors
    /// [`ProviderFault`]: the provider may or may not have acted.
    fn capture(&self, reference: PaymentRef, amount: Amount)
    -> BoxFuture<'_, Result<Capture, ProviderFault>>;

    /// Refunds a captured payment.
    ///
    /// # Errors
    /// [`ProviderFault`]: the provider may or may not have acted.
    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>>;
}
