//! Buying: from a reservation to valid tickets, or to the buyer's next step.
//!
//! What must always hold: once a payment attempt is in the journal it continues, even if the buyer closes the connection. Therefore [`buy`]
//! runs in a task of its own.

use crate::app::App;
use crate::commands::{Accepted, CommandError, Sender};
use crate::consumers::messages::order_message;
use crate::failure::Failure;
use fairseat_domain::fact::{DeclineReason, ReturnReason};
use fairseat_domain::ids::{EventNumber, OrderNumber, PaymentNumber, ReservationNumber};
use fairseat_domain::sale::{OrderState, PaymentState, Subject};
use fairseat_domain::{Command, Sale};
use fairseat_engine::{Authorization, Instrument, PaymentRef, Published};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a buyer waits for the provider; after that the order is answered as pending.
const PATIENCE: Duration = Duration::from_secs(8);

/// A reservation to buy, and how it is paid for.
#[derive(Debug)]
pub struct Purchase {
    /// The event of the reservation.
    pub event: EventNumber,
    /// The reservation.
    pub reservation: ReservationNumber,
    /// The buyer.
    pub sender: Sender,
    /// The payment method's name.
    pub method: String,
    /// What the buyer pays with; `None` when the total is zero.
    pub instrument: Option<Instrument>,
}

/// How far a purchase got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tickets are valid.
    Confirmed,
    /// The provider has not decided; it may wait for the buyer, at this address.
    Pending(Option<String>),
    /// The provider said no.
    Declined(DeclineReason),
    /// The attempt was cancelled before anything was charged.
    GivenUp,
    /// The payment succeeded too late and is being refunded.
    SentBack(ReturnReason),
}

/// A purchase, as far as it got.
#[derive(Debug)]
pub struct Bought {
    /// The order.
    pub order: OrderNumber,
    /// How far the purchase got.
    pub outcome: Outcome,
    /// The version of the sale in which this is true.
    pub published: Arc<Published>,
    /// Whether an earlier request with the same idempotency key did it.
    pub replayed: bool,
    /// Whether the confirmation is durably queued.
    pub confirmation_queued: bool,
}

/// Why nothing was bought.
#[derive(Debug, thiserror::Error)]
pub enum BuyError {
    /// The sale refused the order, or could not decide.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The store or the engine failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Buys a reservation.
///
/// # Errors
/// [`BuyError`]; then no payment was started.
pub async fn buy(app: Arc<App>, purchase: Purchase) -> Result<Bought, BuyError> {
    tokio::spawn(buy_unattended(app, purchase)).await.map_err(Failure::bug)?
}

async fn buy_unattended(app: Arc<App>, purchase: Purchase) -> Result<Bought, BuyError> {
    let Purchase { event, reservation, sender, method, instrument } = purchase;
    let command = Command::PlaceOrder { reservation, buyer: sender.account, method };
    let Accepted { decision, published } = sender.submit(&app, event, command).await?;
    let Subject::Payment(order, payment) = decision.subject else {
        return Err(Failure::bug("an order's command was about something else").into());
    };
    let replayed = decision.replayed;
    let (published, url) = match payment {
        Some(payment) if !replayed => pay(&app, published, payment, instrument).await,
        Some(_) | None => (published, None),
    };
    let outcome = outcome_of(&app, &published.state, order, payment, url).await;
    let confirmation_queued = outcome == Outcome::Confirmed && confirm(&app, &published, order).await;
    Ok(Bought { order, outcome, published, replayed, confirmation_queued })
}

/// Starts the payment and waits [`PATIENCE`] for its outcome.
async fn pay(
    app: &App,
    started: Arc<Published>,
    payment: PaymentNumber,
    instrument: Option<Instrument>,
) -> (Arc<Published>, Option<String>) {
    let sale = &started.state;
    let event = sale.event();
    let authorization = Authorization {
        reference: PaymentRef { event, payment },
        amount: sale.payment(payment).map(|attempt| attempt.amount).unwrap_or_default(),
        currency: sale.terms().currency,
        // Without an instrument the total was zero a moment ago. If it no longer is, the provider refuses the empty one.
        instrument: instrument.unwrap_or_else(|| Instrument(String::new())),
    };
    let followed = app.effects.pay(authorization);
    let followed = tokio::select! {
        followed = timeout(PATIENCE, followed) => followed,
        // The journal stopped, so the outcome cannot be recorded: answer now, and let the next process find it out.
        _reason = app.journal.stopped() => return (started, None),
    };
    match followed {
        Ok(Ok(Some(followed))) => (followed.answered.published, followed.action_url),
        // Decided by another task, or not decided yet: the newest version tells.
        Ok(Ok(None) | Err(_)) | Err(_) => match app.engine.sale(event).await {
            Ok(sale) => (sale.published(), None),
            Err(_asleep_or_stopping) => (started, None),
        },
    }
}

async fn outcome_of(
    app: &App,
    sale: &Sale,
    order: OrderNumber,
    payment: Option<PaymentNumber>,
    url: Option<String>,
) -> Outcome {
    let state = sale.order(order).map(|order| order.state);
    if matches!(state, Some(OrderState::Confirmed(_) | OrderState::Cancelled { .. })) {
        return Outcome::Confirmed;
    }
    let attempt = payment.and_then(|payment| Some((payment, sale.payment(payment)?.state)));
    match attempt {
        Some((payment, PaymentState::NeedsAction)) => {
            let reference = PaymentRef { event: sale.event(), payment };
            Outcome::Pending(match url {
                Some(url) => Some(url),
                None => app.effects.action_url(reference).await,
            })
        }
        Some((_, PaymentState::Declined(reason))) => Outcome::Declined(reason),
        Some((_, PaymentState::Returned(refund))) => {
            let late = sale.refund(refund).and_then(|refund| refund.late);
            Outcome::SentBack(late.unwrap_or(ReturnReason::SaleOver))
        }
        Some((_, PaymentState::Cancelled)) => Outcome::GivenUp,
        Some((_, PaymentState::Started | PaymentState::Cancelling)) => Outcome::Pending(None),
        Some((_, PaymentState::Authorized | PaymentState::Captured | PaymentState::CaptureFailed)) | None => {
            Outcome::Pending(None)
        }
    }
}

/// Queues the confirmation, so that the answer can say that it is queued. Otherwise the consumer of the journal would do it a moment later.
async fn confirm(app: &App, published: &Published, order: OrderNumber) -> bool {
    let now = app.now();
    let message = order_message(&app.ids, published, order, "order_confirmed", now);
    let Some(message) = message else { return false };
    match app.store.outbox().queue(message, now).await {
        Ok(_new) => true,
        Err(error) => {
            tracing::warn!(%error, "the confirmation could not be queued; the consumer of the journal will queue it");
            false
        }
    }
}
