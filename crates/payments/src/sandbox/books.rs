//! The sandbox's records: payments and refunds, in a file or beside the store on a server.

use super::card;
use crate::provider::BuyerVerdict;
use fairseat_domain::fact::DeclineReason;
use fairseat_domain::money::Amount;
use fairseat_engine::{
    Authorization, Capture, PaymentRef, ProviderFault, ProviderState, RefundAnswer, RefundRef,
};
use fairseat_store::provider_records::{NewPayment, PaymentKey, PaymentState, ProviderRecords};
use fairseat_store::{Store, StoreError};
use std::path::Path;

const AUTHORIZED: &str = "authorized";
const CAPTURED: &str = "captured";
const CANCELLED: &str = "cancelled";
const NEEDS_ACTION: &str = "needs_action";
const DECLINED: &str = "declined";

/// The open records. Clones share them.
#[derive(Clone)]
pub(super) struct Books(ProviderRecords);

impl Books {
    /// Opens the file, creating it when it is missing; for a store on a server, the records are there.
    pub(super) fn open(file: &Path, store: &Store) -> Result<Self, StoreError> {
        Ok(Self(match ProviderRecords::belong_beside(store) {
            true => ProviderRecords::beside(store),
            false => ProviderRecords::in_file(file)?,
        }))
    }

    /// Records the buyer's verdict; `false` when the payment does not wait for one.
    pub(super) async fn answer(
        &self,
        reference: PaymentRef,
        verdict: BuyerVerdict,
    ) -> Result<bool, ProviderFault> {
        let (to, reason) = match verdict {
            BuyerVerdict::Approved => (AUTHORIZED, None),
            BuyerVerdict::Declined => (DECLINED, Some("authentication_failed")),
        };
        let approved = verdict == BuyerVerdict::Approved;
        self.0.decide(key(reference), NEEDS_ACTION, to, reason, approved).await.map_err(fault)
    }

    /// The recorded state of an attempt; the address of [`ProviderState::NeedsAction`] is empty.
    pub(super) async fn state(&self, reference: PaymentRef) -> Result<ProviderState, ProviderFault> {
        Ok(read(self.0.state(key(reference)).await.map_err(fault)?))
    }

    /// Records an attempt, unless it is recorded already; returns its state.
    pub(super) async fn authorize(&self, request: &Authorization) -> Result<ProviderState, ProviderFault> {
        let (state, reason) =
            card::outcome_of(&request.instrument.0).unwrap_or((DECLINED, Some("invalid_card")));
        let authorized = if state == AUTHORIZED { request.amount } else { Amount::ZERO };
        let (key, amount, currency) = (key(request.reference), request.amount, request.currency);
        let new = NewPayment { key, amount, currency, state, reason, authorized };
        Ok(read(self.0.record(new).await.map_err(fault)?))
    }

    /// Cancels an attempt that was not captured; returns its state. An unknown attempt is recorded as cancelled, so that it is refused if its
    /// request arrives later.
    pub(super) async fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> Result<ProviderState, ProviderFault> {
        let also = if even_authorized { AUTHORIZED } else { NEEDS_ACTION };
        Ok(read(self.0.cancel(key(reference), CANCELLED, [NEEDS_ACTION, also]).await.map_err(fault)?))
    }

    /// Captures an authorized amount; a repeated call changes nothing.
    pub(super) async fn capture(
        &self,
        reference: PaymentRef,
        amount: Amount,
    ) -> Result<Capture, ProviderFault> {
        let captured = self.0.capture(key(reference), amount, AUTHORIZED, CAPTURED).await.map_err(fault)?;
        Ok(if captured { Capture::Captured } else { Capture::Refused })
    }

    /// Refunds once for each refund reference, and never more than was captured.
    pub(super) async fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> Result<RefundAnswer, ProviderFault> {
        let refunded = self.0.refund(key(reference.payment), reference.refund.0, amount).await;
        Ok(if refunded.map_err(fault)? { RefundAnswer::Completed } else { RefundAnswer::Refused })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn fault(error: StoreError) -> ProviderFault {
    ProviderFault(error.to_string())
}

fn read(recorded: Option<PaymentState>) -> ProviderState {
    let Some(PaymentState { state, reason }) = recorded else { return ProviderState::Unknown };
    match state.as_str() {
        AUTHORIZED => ProviderState::Authorized,
        CAPTURED => ProviderState::Captured,
        CANCELLED => ProviderState::Cancelled,
        NEEDS_ACTION => ProviderState::NeedsAction { url: String::new() },
        _ => ProviderState::Declined(match reason.as_deref() {
            Some("insufficient_funds") => DeclineReason::InsufficientFunds,
            Some("authentication_failed") => DeclineReason::AuthenticationFailed,
            Some("invalid_card") => DeclineReason::InvalidCard,
            Some(_) | None => DeclineReason::Generic,
        }),
    }
}

fn key(reference: PaymentRef) -> PaymentKey {
    (reference.event, reference.payment.0)
}
