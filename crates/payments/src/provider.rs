//! What the platform needs from a payment provider beyond moving money: payment instruments, webhooks, and the page where a buyer approves a
//! payment.

use fairseat_domain::command::InstrumentMark;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Instrument, PaymentGateway, PaymentRef, ProviderFault};
use fairseat_store::Store;
use futures::future::BoxFuture;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// A payment provider.
pub trait PaymentProvider: PaymentGateway {
    /// The name in addresses: `/webhooks/{name}`.
    fn name(&self) -> &'static str;

    /// The instrument for paying, made from the details that the buyer sent.
    ///
    /// # Errors
    /// [`DetailsError`] says what is wrong with the details, without repeating them.
    fn instrument(&self, details: &Details, now: Timestamp) -> Result<Instrument, DetailsError>;

    /// Tells apart what the buyers of one event pay with; `None` when the provider cannot, or not before it was asked to charge.
    fn mark(&self, instrument: &Instrument, event: EventNumber) -> Option<InstrumentMark> {
        let (_, _) = (instrument, event);
        None
    }

    /// Checks the signature of a webhook, and returns the payment that it is about.
    ///
    /// # Errors
    /// [`WebhookError`].
    fn webhook(&self, webhook: Webhook<'_>, now: Timestamp) -> Result<PaymentRef, WebhookError>;

    /// Records the buyer's verdict on a payment that waits for it. `None` for providers that ask the buyer on their own pages.
    fn answer_for_buyer(
        &self,
        reference: PaymentRef,
        verdict: BuyerVerdict,
    ) -> Option<BoxFuture<'_, Result<bool, ProviderFault>>> {
        let (_, _) = (reference, verdict);
        None
    }
}

/// The buyer's answer when asked whether they made this payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuyerVerdict {
    /// The buyer approved the payment.
    Approved,
    /// The buyer declined the payment.
    Declined,
}

/// The parameters of opening a provider.
pub struct ProviderOptions<'a> {
    /// The data folder.
    pub data_dir: &'a Path,
    /// The store, for a provider that keeps records on its server.
    pub store: &'a Store,
    /// The installation's key for this provider.
    pub key: [u8; 32],
    /// The address of our page where a buyer approves or declines a payment.
    pub action_url: ActionUrl,
    /// Opens a public payment id; `None` if it is not one of ours.
    pub open_payment_id: OpenPaymentId,
}

/// Builds the address where a buyer approves or declines an attempt.
pub type ActionUrl = Arc<dyn Fn(PaymentRef) -> String + Send + Sync>;
/// Opens a public payment id.
pub type OpenPaymentId = Arc<dyn Fn(Uuid) -> Option<PaymentRef> + Send + Sync>;

impl fmt::Debug for ProviderOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderOptions").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

/// The payment details of a buyer: either a token from the provider's form, or the fields of a card.
#[derive(Clone, Default)]
pub struct Details {
    /// A token from the provider's own form.
    pub payment_token: Option<String>,
    /// The number on the card.
    pub card_number: Option<String>,
    /// The month of expiry: `12/30`.
    pub expiry: Option<String>,
    /// 3 or 4 digits.
    pub cvv: Option<String>,
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details(secret)")
    }
}

/// One field of the payment details that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name; empty for the details as a whole.
    pub field: &'static str,
    /// Why it is refused, and which values are accepted. Never contains the value.
    pub message: &'static str,
}

/// Why payment details are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetailsError {
    /// This provider accepts tokens only; a card number must never reach our server.
    #[error("card data is not accepted")]
    CardDataNotAccepted,
    /// Fields are wrong.
    #[error("the payment details are not valid")]
    Invalid(Vec<FieldProblem>),
}

/// A signed callback as it arrived.
pub struct Webhook<'a> {
    /// The value of a header, by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<&'a str>,
    /// The body's bytes, exactly as sent: the signature covers them.
    pub body: &'a [u8],
}

impl fmt::Debug for Webhook<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({} bytes)", self.body.len())
    }
}

/// Why a webhook is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The signature is missing, wrong or too old.
    #[error("the signature is missing, wrong or too old")]
    BadSignature,
    /// The body is not JSON in the provider's format.
    #[error("the body cannot be read: {0}")]
    Unreadable(String),
    /// The payment it names is not ours.
    #[error("the payment is not ours")]
    UnknownPayment,
}
