//! `POST /orders`: buys a reservation.

use crate::commands::{answer, problem_of, repeatable_sender};
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, IdempotentBody};
use crate::orders::contact::keep_contact;
use crate::orders::view::order_view;
use crate::prefer::{PreferHeader, QrCodes};
use fairseat_app::checkout::{BuyError, Outcome, Purchase, PurchaseResult, buy};
use fairseat_contract::orders::{NewOrder, NextAction, Order, PaymentDetails, PendingOrder};
use fairseat_domain::fact::{DeclineReason, ReturnReason};
use fairseat_domain::money::Amount;
use fairseat_engine::Instrument;
use fairseat_payments::{Details, DetailsError, decline_code};
use fairseat_problems::refusals::SeatFields;
use fairseat_store::views::OrderStatus;

fn provider_details(details: &PaymentDetails) -> Details {
    Details {
        payment_token: details.payment_token.clone(),
        card_number: details.card_number.clone(),
        expiry: details.expiry.clone(),
        cvv: details.cvv.clone(),
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

/// Checks that the payment method is a short word. It is stored, so it must not be able to contain a card number.
pub(crate) fn method(given: Option<String>) -> Result<String, ApiError> {
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
/// 201 when it is paid. 202 when the buyer must act first (see `next_action`) or the provider takes longer than 8 seconds. 402 when the
/// payment is declined: the reservation stays, and the buyer can try another card. A guest says in `contact` who gets the tickets: they come by
/// mail, with a link that opens them without signing in.
#[utoipa::path(post, path = "/orders", tag = "Buying", request_body = NewOrder, params(IdempotencyHeader, PreferHeader),
    responses((status = 201, body = Order), (status = 202, body = PendingOrder)))]
pub(crate) async fn create_order(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    qr_codes: QrCodes,
    IdempotentBody { body, key }: IdempotentBody<NewOrder>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::Payment, LimitedCaller::Account(signed_in.account)).await?;
    let method = method(body.payment_method)?;
    let opened = app.ids.open_reservation(body.reservation_id);
    let (event, reservation) = opened.ok_or_else(Problem::not_found)?;
    let sale = app.engine.sale(event).await?;
    let published = app.as_of_now(&sale).await?;
    let found = published.state.reservation(reservation);
    let mine = found.filter(|found| found.buyer == signed_in.account).ok_or_else(Problem::not_found)?;
    let total = mine.total;
    let instrument = instrument(&app, total, body.payment_details.as_ref())?;
    // A free order sends a letter to any address at no cost, so these letters are limited by network; a paid one is not.
    let client = (total == Amount::ZERO).then_some(context.client);
    keep_contact(&app, &signed_in, (event, reservation), body.contact, client).await?;
    let sender = repeatable_sender(&app, signed_in.account, &context, &key, event);
    let marked = instrument.as_ref().filter(|_| app.edge.limits.are_on());
    let mark = marked.and_then(|instrument| app.provider.mark(instrument, event));
    let purchase = Purchase { sale, reservation, sender, method, instrument, mark };
    let bought = buy(app.app.clone(), purchase).await.map_err(|error| match error {
        BuyError::Command(error) => problem_of(&app, error, &SeatFields::none()),
        BuyError::Failed(failure) => failure.into(),
    })?;
    outcome(&app, &bought, qr_codes).await
}

fn instrument(
    app: &ApiState,
    total: Amount,
    details: Option<&PaymentDetails>,
) -> Result<Option<Instrument>, Problem> {
    match details {
        Some(details) if total != Amount::ZERO => {
            app.provider.instrument(&provider_details(details), app.now()).map(Some).map_err(refused_details)
        }
        None if total != Amount::ZERO => Err(Problem::invalid("payment_details", "is required")),
        Some(_) | None => Ok(None),
    }
}

pub(crate) async fn outcome(
    app: &ApiState,
    bought: &PurchaseResult,
    qr_codes: QrCodes,
) -> Result<Response, ApiError> {
    let sale = &bought.published.state;
    match &bought.outcome {
        Outcome::Confirmed => {
            let mut view = order_view(app, sale, bought.order, qr_codes).await?;
            // The journal has the order's confirmation, so the letter will be sent.
            view.confirmation_email_sent = Some(true);
            Ok(answer(bought.replayed, (StatusCode::CREATED, Json(view))))
        }
        Outcome::Pending(url) => {
            let order = sale.order(bought.order).ok_or_else(Problem::not_found)?;
            let reservation = sale.reservation(order.reservation).ok_or_else(Problem::not_found)?;
            let pending = PendingOrder {
                order_id: app.ids.order(sale.event(), bought.order),
                number: app.ids.order_code(sale.event(), bought.order),
                status: OrderStatus::Pending.name(),
                next_action: url.clone().map(NextAction::redirect),
                expires_at: JsonTime(reservation.expires_at),
            };
            Ok(answer(bought.replayed, (StatusCode::ACCEPTED, Json(pending))))
        }
        Outcome::Declined(reason) => Err(declined(decline_code(*reason), why(*reason)).into()),
        Outcome::Cancelled => {
            Err(declined("cancelled", "The attempt was cancelled before anything was charged.").into())
        }
        Outcome::Returned(reason) => Err(returned(*reason).into()),
    }
}

pub(crate) fn declined(reason: &'static str, detail: &'static str) -> Problem {
    Problem::new(Code::PaymentDeclined, detail).with("reason", &reason)
}

pub(crate) const fn why(reason: DeclineReason) -> &'static str {
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

/// A payment that came too late for its seats and is sent back.
fn returned(reason: ReturnReason) -> Problem {
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
