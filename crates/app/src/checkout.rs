//! Buying: one request from a reservation to tickets, or to what the buyer must do next.
//!
//! What must always hold: once the attempt is in the journal it goes on, whether or not the buyer waits. So the whole of
//! [`buy`] runs in a task of its own, and a client that vanishes only fails to hear how it ended.

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

/// How long a buyer waits for the provider; then the answer is that the order is pending.
const PATIENCE: Duration = Duration::from_secs(8);

/// What somebody wants to buy, and with what.
#[derive(Debug)]
pub struct Purchase {
    /// The event of the reservation.
    pub event: EventNumber,
    /// What is bought.
    pub reservation: ReservationNumber,
    /// Who buys.
    pub sender: Sender,
    /// The payment method's name.
    pub method: String,
    /// What it is paid with; nothing where nothing is to be paid.
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
    /// The attempt was given up before it charged.
    GivenUp,
    /// It succeeded too late and is being sent back.
    SentBack(ReturnReason),
}

/// A purchase, as far as it got.
#[derive(Debug)]
pub struct Bought {
    /// The order.
    pub order: OrderNumber,
    /// How far.
    pub outcome: Outcome,
    /// The version this is true in.
    pub published: Arc<Published>,
    /// Whether an earlier request with the same key did it.
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
    /// The world failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Buys a reservation.
///
/// # Errors
/// [`BuyError`]; nothing was begun then.
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

/// Has the attempt charged, and waits a while for what comes of it.
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
        // Nothing to pay with can only be sent where there was nothing to pay a moment ago; the provider refuses it.
        instrument: instrument.unwrap_or_else(|| Instrument(String::new())),
    };
    let followed = app.effects.pay(authorization);
    let followed = tokio::select! {
        followed = timeout(PATIENCE, followed) => followed,
        // Nothing can be journaled any more, and the next process is to find out what became of it: the sooner the better.
        _reason = app.journal.stopped() => return (started, None),
    };
    match followed {
        Ok(Ok(Some(followed))) => (followed.answered.published, followed.action_url),
        // Settled another way, or not yet: the newest version says which.
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

/// Queues the confirmation, so that the answer may say so. The consumer of messages would queue the same one a moment later.
async fn confirm(app: &App, published: &Published, order: OrderNumber) -> bool {
    let now = app.now();
    let message = order_message(&app.ids, published, order, "order_confirmed", now);
    let Some(message) = message else { return false };
    match app.store.outbox().queue(message, now).await {
        Ok(_new) => true,
        Err(error) => {
            tracing::warn!(%error, "a confirmation is left to the consumer of messages");
            false
        }
    }
}
