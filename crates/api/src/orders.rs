//! Orders: buying a reservation, looking at what was bought.
//!
//! What must always hold: only a reservation's owner buys it; an order is seen by its buyer, by members of the event's
//! organization whose role includes that, and by administrators, and does not exist for anybody else.

use crate::Routes;
use crate::caller::SignedIn;
use crate::commands::{answer, problem_of, repeatable_sender};
use crate::error::ApiError;
use crate::idempotency::{IdempotencyHeader, Repeatable};
use crate::order_people::{Buyer, CustomerView};
use crate::order_view::{NextAction, View};
use crate::refusals::SeatFields;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use fairseat_app::access::Permission;
use fairseat_app::checkout::{Bought, BuyError, Outcome, Purchase, buy};
use fairseat_contract::JsonTime;
use fairseat_domain::Sale;
use fairseat_domain::fact::{DeclineReason, ReturnReason};
use fairseat_domain::ids::{EventNumber, OrderNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{Order, PaymentState};
use fairseat_edge::check::Check;
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::{Code, Problem};
use fairseat_edge::query::Path;
use fairseat_engine::{Instrument, PaymentRef};
use fairseat_payments::{Details, DetailsError, decline_code};
use fairseat_store::views::OrderStatus;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new().with(routes!(create_order)).with(routes!(order))
}

/// What is bought, and how it is paid.
#[derive(Debug, Deserialize, ToSchema)]
struct NewOrder {
    reservation_id: Uuid,
    /// A word such as `credit_card`
    #[schema(default = "credit_card", max_length = 32, pattern = "^[A-Za-z][A-Za-z_-]*$")]
    payment_method: Option<String>,
    /// Not needed where nothing is to be paid
    payment_details: Option<PaymentDetails>,
}

/// What to pay with: a provider's token, or (in the sandbox alone) one of Stripe's published test numbers.
#[derive(Deserialize, ToSchema)]
struct PaymentDetails {
    /// From the provider's own form
    payment_token: Option<String>,
    /// 4242424242424242 succeeds, 4000000000000002 is declined, 4000000000009995 has insufficient funds, 4000002500003155
    /// needs authentication
    card_number: Option<String>,
    /// `12/30`
    expiry: Option<String>,
    /// 3 or 4 digits
    cvv: Option<String>,
}

impl std::fmt::Debug for PaymentDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PaymentDetails(secret)")
    }
}

impl From<&PaymentDetails> for Details {
    fn from(details: &PaymentDetails) -> Self {
        Self {
            payment_token: details.payment_token.clone(),
            card_number: details.card_number.clone(),
            expiry: details.expiry.clone(),
            cvv: details.cvv.clone(),
        }
    }
}

fn refused_details(error: DetailsError) -> Problem {
    match error {
        DetailsError::CardDataNotAccepted => Problem::new(
            Code::CardDataNotAccepted,
            "Never send card numbers here: use the provider's form, and send its payment_token.",
        ),
        DetailsError::Invalid(problems) => {
            let mut check = Check::new();
            for problem in problems {
                let dot = if problem.field.is_empty() { "" } else { "." };
                check.refuse(format!("payment_details{dot}{}", problem.field), problem.message);
            }
            check.into_problem()
        }
    }
}

/// An order that waits for its buyer or the provider; poll `GET /orders/{order_id}`.
#[derive(Debug, Serialize, ToSchema)]
struct PendingOrder {
    order_id: Uuid,
    /// `pending`
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_action: Option<NextAction>,
    expires_at: JsonTime,
}

/// A word that cannot hide a card number: it is written down.
fn method(given: Option<String>) -> Result<String, ApiError> {
    let method = given.unwrap_or_else(|| "credit_card".to_owned());
    let letters = method.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    if letters && method.starts_with(|first: char| first.is_ascii_alphabetic()) && method.len() <= 32 {
        Ok(method)
    } else {
        Err(Problem::invalid("payment_method", "must be a word such as credit_card, of at most 32 letters")
            .into())
    }
}

/// Buy a reservation
///
/// 201 when it is paid. 202 when the buyer must act first (see `next_action`) or the provider takes longer than 8 seconds.
/// 402 when the payment is declined: the reservation stays, and another card can be tried.
#[utoipa::path(post, path = "/orders", tag = "Buying", request_body = NewOrder, params(IdempotencyHeader),
    responses((status = 201, body = View), (status = 202, body = PendingOrder)))]
async fn create_order(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Repeatable { body, repeat }: Repeatable<NewOrder>,
) -> Result<Response, ApiError> {
    app.check_limit(Class::Payment, Who::Account(signed_in.account))?;
    let method = method(body.payment_method)?;
    let opened = app.ids.open_reservation(body.reservation_id);
    let (event, reservation) = opened.ok_or_else(Problem::not_found)?;
    let published = app.sale_now(event).await?;
    let found = published.state.reservation(reservation);
    let mine = found.filter(|found| found.buyer == signed_in.account).ok_or_else(Problem::not_found)?;
    let instrument = instrument(&app, mine.total, body.payment_details.as_ref())?;
    let sender = repeatable_sender(&app, signed_in.account, &context, &repeat, event);
    let purchase = Purchase { event, reservation, sender, method, instrument };
    let bought = buy(app.app.clone(), purchase).await.map_err(|error| match error {
        BuyError::Command(error) => problem_of(&app, error, &SeatFields::none()),
        BuyError::Failed(failure) => failure.into(),
    })?;
    outcome(&app, &bought).await
}

fn instrument(
    app: &ApiState,
    total: Amount,
    details: Option<&PaymentDetails>,
) -> Result<Option<Instrument>, Problem> {
    match details {
        Some(details) if total != Amount::ZERO => {
            app.provider.instrument(&details.into(), app.now()).map(Some).map_err(refused_details)
        }
        None if total != Amount::ZERO => Err(Problem::invalid("payment_details", "is required")),
        Some(_) | None => Ok(None),
    }
}

async fn outcome(app: &ApiState, bought: &Bought) -> Result<Response, ApiError> {
    let sale = &bought.published.state;
    match &bought.outcome {
        Outcome::Confirmed => {
            let mut view = View::of(app, sale, bought.order).await?;
            view.confirmation_email_sent = Some(bought.confirmation_queued);
            Ok(answer(bought.replayed, (StatusCode::CREATED, Json(view))))
        }
        Outcome::Pending(url) => {
            let order = sale.order(bought.order).ok_or_else(Problem::not_found)?;
            let reservation = sale.reservation(order.reservation).ok_or_else(Problem::not_found)?;
            let pending = PendingOrder {
                order_id: app.ids.order(sale.event(), bought.order),
                status: OrderStatus::Pending.name(),
                next_action: url.clone().map(NextAction::redirect),
                expires_at: JsonTime(reservation.expires_at),
            };
            Ok(answer(bought.replayed, (StatusCode::ACCEPTED, Json(pending))))
        }
        Outcome::Declined(reason) => Err(declined(decline_code(*reason), why(*reason)).into()),
        Outcome::GivenUp => {
            Err(declined("cancelled", "The attempt was given up before anything was charged.").into())
        }
        Outcome::SentBack(reason) => Err(sent_back(*reason).into()),
    }
}

fn declined(reason: &'static str, detail: &'static str) -> Problem {
    Problem::new(Code::PaymentDeclined, detail).with("reason", &reason)
}

const fn why(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::Generic => "Your card was declined. Your seats are still held: try another card.",
        DeclineReason::InsufficientFunds => {
            "The card has insufficient funds. Your seats are still held: try another card."
        }
        DeclineReason::ExpiredCard => "The card has expired. Your seats are still held: try another card.",
        DeclineReason::InvalidCard => {
            "The card is not accepted. Your seats are still held: try another card."
        }
        DeclineReason::AuthenticationFailed => {
            "The payment was not approved. Your seats are still held: try again, or another card."
        }
    }
}

/// A payment that came too late for its seats.
fn sent_back(reason: ReturnReason) -> Problem {
    let (code, detail) = match reason {
        ReturnReason::SaleOver => (Code::SaleClosed, "The sale has ended; the payment is being sent back."),
        ReturnReason::SeatsGone => (
            Code::ReservationExpired,
            "The seats were given back before the payment came; it is being sent back.",
        ),
        ReturnReason::AlreadyPaid
        | ReturnReason::AmountChanged
        | ReturnReason::GivenBack
        | ReturnReason::TicketLimit => {
            (Code::Conflict, "The payment no longer fits the order; it is being sent back.")
        }
    };
    Problem::new(code, detail)
}

/// The order of an id, for whoever may see it.
///
/// # Errors
/// `not_found` for anybody else, `forbidden` for members of the organization whose role does not include `permission`.
pub(super) async fn visible<'s>(
    app: &ApiState,
    signed_in: &SignedIn,
    sale: &'s Sale,
    number: OrderNumber,
    permission: Permission,
) -> Result<&'s Order, ApiError> {
    let order = sale.order(number).ok_or_else(Problem::not_found)?;
    if order.buyer != signed_in.account {
        require(app, signed_in, sale.event(), permission).await?;
    }
    Ok(order)
}

/// That the caller has `permission` in the organization that holds the event.
pub(super) async fn require(
    app: &ApiState,
    signed_in: &SignedIn,
    event: EventNumber,
    permission: Permission,
) -> Result<(), ApiError> {
    if signed_in.is_admin() {
        return Ok(());
    }
    let known = app.event_infos.get(event).await?.ok_or_else(Problem::not_found)?;
    Ok(signed_in.require(known.organization, permission)?)
}

pub(super) fn open(app: &ApiState, id: Uuid) -> Result<(EventNumber, OrderNumber), ApiError> {
    Ok(app.ids.open_order(id).ok_or_else(Problem::not_found)?)
}

/// An order
///
/// For its buyer, and for those in the event's organization who may see orders.
#[utoipa::path(get, path = "/orders/{order_id}", tag = "Buying", params(("order_id" = Uuid, Path)),
    responses((status = 200, body = View)))]
async fn order(
    State(app): State<ApiState>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (event, number) = open(&app, id)?;
    let published = app.sale_now(event).await?;
    let sale = &published.state;
    let order = visible(&app, &signed_in, sale, number, Permission::SeeOrders).await?;
    let mut view = View::of(&app, sale, number).await?;
    if order.counter_payment.is_some() {
        view.customer = CustomerView::of(&app, event, number).await?;
    }
    if order.buyer != signed_in.account {
        view.buyer = Some(Buyer::of(&app, order.buyer).await?);
    }
    let waiting = order.last_payment.filter(|payment| {
        sale.payment(*payment).is_some_and(|found| found.state == PaymentState::NeedsAction)
    });
    if let Some(payment) = waiting.filter(|_| order.buyer == signed_in.account) {
        let url = app.effects.action_url(PaymentRef { event, payment }).await;
        view.next_action = url.map(NextAction::redirect);
    }
    Ok(Json(view).into_response())
}
