//! The sandbox: a payment provider of our own that moves no money, for trials, demos and tests.
//!
//! It imitates a remote provider: its records are in a file of their own that survives a crash of the server, and it deduplicates by
//! payment reference, as real providers do by idempotency key. It stores the outcome of a test card, never the number.

mod books;
mod card;
pub mod signature;

use crate::provider::{
    ActionUrl, BuyerVerdict, Details, DetailsError, OpenPaymentId, PaymentProvider, ProviderOptions, Webhook,
    WebhookError,
};
use books::Books;
use fairseat_domain::command::InstrumentMark;
use fairseat_domain::ids::EventNumber;
use fairseat_domain::money::Amount;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{
    Authorization, Capture, Instrument, PaymentGateway, PaymentRef, ProviderFault, ProviderState,
    RefundAnswer, RefundRef,
};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;
use std::fmt;
use uuid::Uuid;

/// The provider's name.
pub(crate) const NAME: &str = "sandbox";
/// The file of its records in the data folder.
pub(crate) const BOOKS_FILE: &str = "sandbox.db";

/// The sandbox provider.
#[derive(Clone)]
pub(crate) struct Sandbox {
    books: Books,
    key: [u8; 32],
    action_url: ActionUrl,
    open_payment_id: OpenPaymentId,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sandbox")
    }
}

/// The body of a webhook.
#[derive(Deserialize)]
struct Callback {
    payment_id: Uuid,
}

impl Sandbox {
    /// Opens its records, creating them when they are missing.
    pub(crate) fn open(options: ProviderOptions<'_>) -> Result<Self, String> {
        let ProviderOptions { data_dir, store, key, action_url, open_payment_id } = options;
        let books = Books::open(&data_dir.join(BOOKS_FILE), store)
            .map_err(|error| format!("the sandbox's records cannot be opened: {error}"))?;
        Ok(Self { books, key, action_url, open_payment_id })
    }

    /// The state, with the address where the buyer must act.
    fn with_address(&self, mut state: ProviderState, reference: PaymentRef) -> ProviderState {
        if let ProviderState::NeedsAction { url } = &mut state {
            *url = (self.action_url)(reference);
        }
        state
    }
}

impl PaymentGateway for Sandbox {
    fn authorize(&self, request: Authorization) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        async move {
            let state = self.books.authorize(&request).await?;
            Ok(self.with_address(state, request.reference))
        }
        .boxed()
    }

    fn state(&self, reference: PaymentRef) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        async move { Ok(self.with_address(self.books.state(reference).await?, reference)) }.boxed()
    }

    fn cancel(
        &self,
        reference: PaymentRef,
        even_authorized: bool,
    ) -> BoxFuture<'_, Result<ProviderState, ProviderFault>> {
        async move {
            let state = self.books.cancel(reference, even_authorized).await?;
            Ok(self.with_address(state, reference))
        }
        .boxed()
    }

    fn capture(
        &self,
        reference: PaymentRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<Capture, ProviderFault>> {
        self.books.capture(reference, amount).boxed()
    }

    fn refund(
        &self,
        reference: RefundRef,
        amount: Amount,
    ) -> BoxFuture<'_, Result<RefundAnswer, ProviderFault>> {
        self.books.refund(reference, amount).boxed()
    }
}

impl PaymentProvider for Sandbox {
    fn name(&self) -> &'static str {
        NAME
    }

    fn instrument(&self, details: &Details, now: Timestamp) -> Result<Instrument, DetailsError> {
        card::instrument(details, now)
    }

    fn mark(&self, instrument: &Instrument, event: EventNumber) -> Option<InstrumentMark> {
        let owner = card::owner_of(&instrument.0)?;
        signature::keyed_mark(owner.as_bytes(), event, &self.key)
    }

    fn webhook(&self, webhook: Webhook<'_>, now: Timestamp) -> Result<PaymentRef, WebhookError> {
        let header = (webhook.header)(signature::HEADER).unwrap_or_default();
        if !signature::is_good(header, webhook.body, &self.key, now) {
            return Err(WebhookError::BadSignature);
        }
        let callback = serde_json::from_slice(webhook.body);
        let Callback { payment_id } =
            callback.map_err(|error| WebhookError::Unreadable(error.to_string()))?;
        (self.open_payment_id)(payment_id).ok_or(WebhookError::UnknownPayment)
    }

    fn answer_for_buyer(
        &self,
        reference: PaymentRef,
        verdict: BuyerVerdict,
    ) -> Option<BoxFuture<'_, Result<bool, ProviderFault>>> {
        Some(self.books.answer(reference, verdict).boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fairseat_domain::fact::DeclineReason;
    use fairseat_domain::ids::{PaymentNumber, RefundNumber};
    use fairseat_domain::money::Currency;
    use fairseat_store::Store;
    use std::sync::Arc;

    /// The public id of payment 3; others are not ours.
    const KNOWN: Uuid = Uuid::from_u128(3);

    fn reference(payment: u32) -> PaymentRef {
        PaymentRef { event: EventNumber(1), payment: PaymentNumber(payment) }
    }

    fn charge(payment: u32, card: &str) -> Authorization {
        Authorization {
            reference: reference(payment),
            amount: Amount(500),
            currency: Currency::USD,
            instrument: Instrument(card.to_owned()),
        }
    }

    async fn sandbox(folder: &tempfile::TempDir) -> Sandbox {
        let store = Store::open(folder.path().join("store.db")).await.unwrap();
        let options = ProviderOptions {
            data_dir: folder.path(),
            store: &store,
            key: [0; 32],
            action_url: Arc::new(|reference| format!("/pay/{}", reference.payment)),
            open_payment_id: Arc::new(|id| (id == KNOWN).then(|| reference(3))),
        };
        Sandbox::open(options).unwrap()
    }

    async fn answer(sandbox: &Sandbox, verdict: BuyerVerdict) -> bool {
        sandbox.answer_for_buyer(reference(3), verdict).unwrap().await.unwrap()
    }

    #[tokio::test]
    async fn each_test_card_has_its_published_outcome() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder).await;
        let cases = [
            (0, "4242424242424242", ProviderState::Authorized),
            (1, "4000000000000002", ProviderState::Declined(DeclineReason::Generic)),
            (2, "4000000000009995", ProviderState::Declined(DeclineReason::InsufficientFunds)),
            (3, "4000002500003155", ProviderState::NeedsAction { url: "/pay/3".to_owned() }),
            (4, "5555555555554444", ProviderState::Declined(DeclineReason::InvalidCard)),
        ];
        for (payment, card, expected) in cases {
            assert_eq!(sandbox.authorize(charge(payment, card)).await, Ok(expected), "{card}");
        }
        assert!(answer(&sandbox, BuyerVerdict::Approved).await);
        assert_eq!(sandbox.state(reference(3)).await, Ok(ProviderState::Authorized));
        assert!(!answer(&sandbox, BuyerVerdict::Declined).await, "only once");
    }

    #[tokio::test]
    async fn only_personal_cards_are_told_apart_and_only_within_an_event() {
        let (folder, other_folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (sandbox, mut other) = (sandbox(&folder).await, self::sandbox(&other_folder).await);
        other.key = [1; 32];
        let card = |token: &str| Instrument(token.to_owned());
        let (ada, bob) = (card("pm_card_visa_of_ada"), card("pm_card_visa_of_bob"));
        let mark = sandbox.mark(&ada, EventNumber(1));
        assert!(mark.is_some());
        assert_eq!(sandbox.mark(&ada, EventNumber(1)), mark);
        for another in [
            sandbox.mark(&bob, EventNumber(1)),
            sandbox.mark(&ada, EventNumber(2)),
            other.mark(&ada, EventNumber(1)),
            sandbox.mark(&card("tok_visa"), EventNumber(1)),
            sandbox.mark(&card("4242424242424242"), EventNumber(1)),
        ] {
            assert_ne!(another, mark);
        }
        assert_eq!(sandbox.mark(&card("4242424242424242"), EventNumber(1)), None);
    }

    #[tokio::test]
    async fn repeated_calls_act_once_and_records_survive_reopening() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let sandbox = sandbox(&folder).await;
            for _ in 0..2 {
                sandbox.authorize(charge(0, "4242424242424242")).await.unwrap();
                assert_eq!(sandbox.capture(reference(0), Amount(500)).await, Ok(Capture::Captured));
                let refund = RefundRef { payment: reference(0), refund: RefundNumber(0) };
                assert_eq!(sandbox.refund(refund, Amount(400)).await, Ok(RefundAnswer::Completed));
                let more = RefundRef { payment: reference(0), refund: RefundNumber(1) };
                assert_eq!(sandbox.refund(more, Amount(200)).await, Ok(RefundAnswer::Refused));
            }
        }
    }

    #[tokio::test]
    async fn a_cancelled_attempt_never_charges() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder).await;
        assert_eq!(sandbox.cancel(reference(7), false).await, Ok(ProviderState::Cancelled));
        assert_eq!(sandbox.authorize(charge(7, "4242424242424242")).await, Ok(ProviderState::Cancelled));
        sandbox.authorize(charge(8, "4242424242424242")).await.unwrap();
        assert_eq!(sandbox.cancel(reference(8), false).await, Ok(ProviderState::Authorized), "too late");
        assert_eq!(sandbox.cancel(reference(8), true).await, Ok(ProviderState::Cancelled), "let go of");
        assert_eq!(sandbox.capture(reference(8), Amount(500)).await, Ok(Capture::Refused));
    }

    #[tokio::test]
    async fn no_more_is_captured_than_was_authorized_and_no_more_refunded_than_was_captured() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder).await;
        sandbox.authorize(charge(0, "4242424242424242")).await.unwrap();
        assert_eq!(sandbox.capture(reference(0), Amount(501)).await, Ok(Capture::Refused));
        assert_eq!(sandbox.state(reference(0)).await, Ok(ProviderState::Authorized));
        assert_eq!(sandbox.capture(reference(0), Amount(300)).await, Ok(Capture::Captured));
        let refund = |number| RefundRef { payment: reference(0), refund: RefundNumber(number) };
        assert_eq!(sandbox.refund(refund(0), Amount(301)).await, Ok(RefundAnswer::Refused));
        assert_eq!(sandbox.refund(refund(0), Amount(300)).await, Ok(RefundAnswer::Completed));
        assert_eq!(sandbox.refund(refund(1), Amount(1)).await, Ok(RefundAnswer::Refused));
    }

    #[tokio::test]
    async fn a_payment_that_was_never_authorized_moves_no_money() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder).await;
        sandbox.authorize(charge(1, "4000000000000002")).await.unwrap();
        sandbox.authorize(charge(3, "4000002500003155")).await.unwrap();
        let refund = |payment| RefundRef { payment: reference(payment), refund: RefundNumber(0) };
        for payment in [0, 1, 3] {
            assert_eq!(sandbox.capture(reference(payment), Amount(500)).await, Ok(Capture::Refused));
            assert_eq!(sandbox.refund(refund(payment), Amount(1)).await, Ok(RefundAnswer::Refused));
        }
        assert_eq!(sandbox.state(reference(0)).await, Ok(ProviderState::Unknown));
        assert!(answer(&sandbox, BuyerVerdict::Declined).await);
        let declined = ProviderState::Declined(DeclineReason::AuthenticationFailed);
        assert_eq!(sandbox.state(reference(3)).await, Ok(declined));
        assert_eq!(sandbox.capture(reference(3), Amount(500)).await, Ok(Capture::Refused));
    }

    #[tokio::test]
    async fn a_webhook_needs_a_valid_signature_and_a_known_payment() {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(&folder).await;
        let now = Timestamp::from_millis(1_800_000_000_000);
        let receive = |body: &str, key: &[u8; 32]| {
            let signed = signature::sign(body.as_bytes(), key, now).unwrap();
            let header = |name: &str| (name == signature::HEADER).then_some(signed.as_str());
            sandbox.webhook(Webhook { header: &header, body: body.as_bytes() }, now)
        };
        let body = |id: Uuid| format!(r#"{{"payment_id":"{id}"}}"#);
        assert_eq!(receive(&body(KNOWN), &[0; 32]), Ok(reference(3)));
        assert_eq!(receive(&body(KNOWN), &[1; 32]), Err(WebhookError::BadSignature));
        assert_eq!(receive(&body(Uuid::nil()), &[0; 32]), Err(WebhookError::UnknownPayment));
        assert!(matches!(receive("{}", &[0; 32]), Err(WebhookError::Unreadable(_))));
        // The signature is checked first, so that an error reveals nothing about a body that somebody else sent.
        assert_eq!(receive("{}", &[1; 32]), Err(WebhookError::BadSignature));
        let unsigned = Webhook { header: &|_name| None, body: b"{}" };
        assert_eq!(sandbox.webhook(unsigned, now), Err(WebhookError::BadSignature));
    }
}
