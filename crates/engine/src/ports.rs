//! What the engine needs of the world: a payment provider. Each call is made again after any doubt, so each must do its
//! work at most once per reference.

use fairseat_domain::fact::DeclineReason;
use fairseat_domain::ids::{EventNumber, PaymentNumber, RefundNumber};
use fairseat_domain::money::{Amount, Currency};
use futures::future::BoxFuture;
use std::fmt;

/// Names one payment attempt, everywhere and for ever; providers derive their idempotency key from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PaymentRef {
    /// The event.
    pub event: EventNumber,
    /// The attempt within its sale.
    pub payment: PaymentNumber,
}

/// Names one refund, everywhere and for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundRef {
    /// The attempt whose money goes back.
    pub payment: PaymentRef,
    /// The refund within its sale.
    pub refund: RefundNumber,
}

/// What the buyer pays with: a provider's token, or a test number. Never stored, never printed.
#[derive(Clone)]
pub struct Instrument(pub String);

impl fmt::Debug for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Instrument(secret)")
    }
}

/// An attempt to have money promised.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Which attempt.
    pub reference: PaymentRef,
    /// How much.
    pub amount: Amount,
    /// Of what.
    pub currency: Currency,
    /// From where.
    pub instrument: Instrument,
}

/// What a provider knows of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderState {
    /// It never heard of it.
    Unknown,
    /// It works on it.
    Processing,
    /// The buyer must act, at this address.
    NeedsAction {
        /// Where.
        url: String,
    },
    /// The money is promised.
    Authorized,
    /// The money was taken.
    Captured,
    /// No.
    Declined(DeclineReason),
    /// It will never charge.
    Cancelled,
}

/// What a provider says to taking money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// Taken, now or before.
    Captured,
    /// Finally not to be had.
    Refused,
}

/// What a provider says to giving money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAnswer {
    /// Done, now or before.
    Completed,
    /// Finally refused.
    Refused,
}

/// The provider did not answer, or not in a way that settles anything: nobody knows whether it acted. Ask again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment provider gave no certain answer: {0}")]
pub struct ProviderFault(pub String);

/// Somebody who moves money.
pub trait PaymentProvider: fmt::Debug + Send + Sync + 'static {
    /// Has the money promised; repeated under the same reference it answers what became of the first time.
    ///
    /// # Errors
    /// [`ProviderFault`]: it may or may not have acted.
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// What became of an attempt.
    ///
    /// # Errors
    /// [`ProviderFault`].
    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// Makes certain that an attempt never charges, even one that is still on its way; answers
    /// [`ProviderState::Authorized`] or [`ProviderState::Captured`] when it is too late for that. Money that is promised is only
    /// let go of when `even_authorized`.
    ///
    /// # Errors
    /// [`ProviderFault`]: nothing is certain.
    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>>;

    /// Takes promised money.
    ///
    /// # Errors
    /// [`ProviderFault`]: it may or may not have acted.
    fn capture(&self, reference: PaymentRef, amount: Amount)
    -> BoxFuture<'_, Result<Capture, ProviderFault>>;

    /// Gives taken money back.
    ///
    /// # Errors
    /// [`ProviderFault`]: it may or may not have acted.
    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>>;
}
