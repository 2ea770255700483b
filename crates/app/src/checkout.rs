//! Buying: from a reservation to valid tickets, or to the buyer's next step.
//!
//! What must always hold: once a payment attempt is in the journal it continues, even if the buyer closes the connection. Therefore a task
//! of its own places the order and pays for it.
//!
//! This module does not queue the confirmation letter. The journal holds the confirmation as a fact, as durable as the tickets, and the
//! journal consumer `messages` queues the letter from it.

use crate::app::App;
use crate::commands::{Accepted, CommandError, Sender};
use crate::failure::Failure;
use fairseat_domain::command::InstrumentMark;
use fairseat_domain::fact::{DeclineReason, ReturnReason};
use fairseat_domain::ids::{OrderNumber, PaymentNumber, ReservationNumber};
use fairseat_domain::sale::{OrderState, PaymentState, Subject};
use fairseat_domain::{Command, Sale};
use fairseat_engine::{Authorization, Instrument, PaymentProgress, PaymentRef, Published, SaleHandle};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a buyer's request waits for the provider; after that the order is answered as pending.
const PROVIDER_WAIT: Duration = Duration::from_secs(8);

/// A reservation to buy, and how it is paid for.
#[derive(Debug)]
pub struct Purchase {
    /// The sale of the reservation.
    pub sale: Arc<SaleHandle>,
    /// The reservation.
    pub reservation: ReservationNumber,
    /// The buyer.
    pub sender: Sender,
    /// The payment method's name.
    pub method: String,
    /// What the buyer pays with; `None` when the total is zero.
    pub instrument: Option<Instrument>,
    /// What the sale limits tickets by; `None` when the provider cannot tell instruments apart, or nobody is limited.
    pub mark: Option<InstrumentMark>,
}

/// How far a purchase got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tickets are valid.
    Confirmed,
    /// The provider has not decided yet. The address, if any, is where the buyer must act.
    Pending(Option<String>),
    /// The provider declined the payment.
    Declined(DeclineReason),
    /// The attempt was cancelled before anything was charged.
    Cancelled,
    /// The payment succeeded too late and is being refunded.
    Returned(ReturnReason),
}

/// The order of a purchase, and how far it got.
#[derive(Debug)]
pub struct PurchaseResult {
    /// The order.
    pub order: OrderNumber,
    /// How far the purchase got.
    pub outcome: Outcome,
    /// The version of the sale that shows this outcome.
    pub published: Arc<Published>,
    /// Whether an earlier request with the same idempotency key did it.
    pub replayed: bool,
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
pub async fn buy(app: Arc<App>, purchase: Purchase) -> Result<PurchaseResult, BuyError> {
    let (tell_placed, placed) = oneshot::channel();
    let mut buying = tokio::spawn(place_and_pay(app.clone(), purchase, tell_placed));
    let ended = tokio::select! {
        ended = timeout(PROVIDER_WAIT, &mut buying) => ended.ok(),
        // The journal stopped, so no outcome can be recorded. Answer now; the next process resolves the payment.
        _reason = app.journal.stopped() => None,
    };
    let (order, followed) = match ended {
        Some(ended) => ended.map_err(Failure::bug)??,
        None => match placed.await {
            Ok(order) => (order, None),
            // The task ended before it placed an order.
            Err(_) => buying.await.map_err(Failure::bug)??,
        },
    };
    let Placed { order, payment, replayed, version } = order;
    let (published, url) = match followed {
        Some(followed) => (followed.answered.published, followed.action_url),
        None if payment.is_none() || replayed => (version, None),
        // Another task has the outcome, or there is none yet: the newest version tells.
        None => match app.engine.sale(version.state.event()).await {
            Ok(sale) => (sale.published(), None),
            Err(_asleep_or_stopping) => (version, None),
        },
    };
    let outcome = outcome_of(&app, &published.state, order, payment, url).await;
    Ok(PurchaseResult { order, outcome, published, replayed })
}

/// An order that is in the journal.
#[derive(Clone)]
struct Placed {
    order: OrderNumber,
    payment: Option<PaymentNumber>,
    /// Whether an earlier request with the same idempotency key placed it.
    replayed: bool,
    version: Arc<Published>,
}

/// Places the order and follows its payment to its outcome; `None` if there is no payment to follow.
async fn place_and_pay(
    app: Arc<App>,
    purchase: Purchase,
    tell_placed: oneshot::Sender<Placed>,
) -> Result<(Placed, Option<PaymentProgress>), BuyError> {
    let Purchase { sale, reservation, sender, method, instrument, mark } = purchase;
    let command = Command::PlaceOrder { reservation, buyer: sender.account, method, instrument: mark };
    let Accepted { decision, published } = sender.submit_to(&app, &sale, command).await?;
    let Subject::Payment(order, payment) = decision.subject else {
        return Err(Failure::bug("unexpected subject in the decision on PlaceOrder").into());
    };
    let placed = Placed { order, payment, replayed: decision.replayed, version: published };
    let Some(payment) = payment.filter(|_| !placed.replayed) else { return Ok((placed, None)) };
    let state = &placed.version.state;
    let authorization = Authorization {
        reference: PaymentRef { event: sale.number(), payment },
        amount: state.payment(payment).map(|attempt| attempt.amount).unwrap_or_default(),
        currency: state.terms().currency,
        // Without an instrument the total was zero a moment ago. If it no longer is, the provider refuses the empty one.
        instrument: instrument.unwrap_or_else(|| Instrument(String::new())),
    };
    // Sending fails when the buyer's request has gone.
    drop(tell_placed.send(placed.clone()));
    let followed = app.effects.pay(authorization).await;
    Ok((placed, followed))
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
            let late = sale.refund(refund).and_then(|refund| refund.late_payment_reason);
            Outcome::Returned(late.unwrap_or(ReturnReason::SaleOver))
        }
        Some((_, PaymentState::Cancelled)) => Outcome::Cancelled,
        Some((_, PaymentState::Started | PaymentState::Cancelling)) => Outcome::Pending(None),
        Some((_, PaymentState::Authorized | PaymentState::Captured | PaymentState::CaptureFailed)) | None => {
            Outcome::Pending(None)
        }
    }
}
