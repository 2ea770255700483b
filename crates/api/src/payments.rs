//! The page where a buyer approves or declines a payment, for providers that have no page of their own. It corresponds to a bank's page for
//! card payments.
//!
//! Anybody who has the address of a payment can answer for it, once; the address cannot be guessed.

use crate::handler::*;
use crate::routes::Routes;
use axum::http::{HeaderMap, HeaderValue, header};
use fairseat_contract::asset_paths;
use fairseat_contract::payments::Answered;
use fairseat_domain::sale::PaymentState;
use fairseat_edge::prepared::{CachePolicy, Prepared};
use fairseat_engine::{PaymentRef, Published};
use fairseat_payments::BuyerVerdict;
use fairseat_store::views::order_status;
use std::sync::Arc;
use utoipa_axum::routes;

const PAGE: &str = include_str!("../static/payment-page.html");

/// The pages for browsers, at the root.
pub(crate) fn pages() -> Routes {
    Routes::new().with(routes!(payment_page)).with(routes!(approve_on_page)).with(routes!(decline_on_page))
}

/// The same actions for programs.
pub(crate) fn routes() -> Routes {
    Routes::new().with(routes!(approve_payment)).with(routes!(decline_payment))
}

/// A payment, and its sale.
struct Found {
    reference: PaymentRef,
    published: Arc<Published>,
}

async fn find(app: &ApiState, id: Uuid) -> Result<Found, ApiError> {
    let reference = app.ids.open_payment(id).ok_or_else(Problem::not_found)?;
    let published = app.sale_now(reference.event).await?;
    published.state.payment(reference.payment).ok_or_else(Problem::not_found)?;
    Ok(Found { reference, published })
}

/// Where a buyer approves or declines a payment
#[utoipa::path(get, path = "/payments/{payment_id}", tag = "Sandbox", security(()),
    params(("payment_id" = Uuid, Path)), responses((status = 200, body = String, content_type = "text/html")))]
async fn payment_page(
    State(app): State<ApiState>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Found { reference, published, .. } = find(&app, id).await?;
    let sale = &published.state;
    let payment = sale.payment(reference.payment).ok_or_else(Problem::not_found)?;
    let currency = sale.terms().currency;
    let (lead, forms) = match payment.state {
        PaymentState::Started | PaymentState::NeedsAction => ("Your bank asks: is this you?", true),
        PaymentState::Authorized | PaymentState::Captured => ("Approved. You can close this page.", false),
        PaymentState::Declined(_) => ("Declined. You can close this page.", false),
        PaymentState::Cancelling
        | PaymentState::Cancelled
        | PaymentState::CaptureFailed
        | PaymentState::Returned(_) => ("This payment no longer waits for you.", false),
    };
    let form = |verdict: &str, look: &str, label: &str| {
        format!(
            "<form method=\"post\" action=\"{id}/{verdict}\"><button class=\"{look}\">{label}</button></form>"
        )
    };
    let forms = if forms {
        form("approve", "primary large", "Approve") + &form("decline", "large", "Decline")
    } else {
        String::new()
    };
    let amount = currency.text(payment.amount);
    let html = PAGE.replace("{lead}", lead).replace("{amount}", &amount).replace("{forms}", &forms);
    let html = html.replace("{styles}", asset_paths::STYLES);
    let html = html.replace("{icon}", asset_paths::ICON);
    let mut response = Prepared::html(html, CachePolicy::REVALIDATE).respond(&headers);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends the buyer's decision to the provider, and applies the outcome to the sale at once.
async fn decide(
    app: &ApiState,
    context: &RequestContext,
    id: Uuid,
    verdict: BuyerVerdict,
) -> Result<Answered, ApiError> {
    app.check_limit(RateLimit::ReserveByAddress, LimitedCaller::address(context.client)).await?;
    let Found { reference, .. } = find(app, id).await?;
    let answering = app.provider.answer_for_buyer(reference, verdict).ok_or_else(Problem::not_found)?;
    let accepted = answering.await.map_err(Problem::unavailable)?;
    let looked_into = app.effects.query_provider(reference).await;
    let published = match looked_into {
        Some(followed) => followed.answered.published,
        None => find(app, id).await?.published,
    };
    let sale = &published.state;
    let payment = sale.payment(reference.payment).ok_or_else(Problem::not_found)?;
    let order = sale.order(payment.order).ok_or_else(Problem::not_found)?;
    // A node that died may have sent the decision before: then this request is repeated under its command's id.
    let is_repeated = context.command.is_some() && shows(payment.state, verdict);
    if !accepted && !is_repeated {
        return Err(Problem::new(Code::Conflict, "This payment does not wait for an answer.").into());
    }
    Ok(Answered {
        payment_id: id,
        status: match verdict {
            BuyerVerdict::Approved => "approved",
            BuyerVerdict::Declined => "declined",
        },
        order_id: app.ids.order(reference.event, payment.order),
        order_status: order_status(sale, order).name(),
    })
}

/// Whether a payment in this state may be one that the buyer decided upon like this. The sale may not know the decision yet.
const fn shows(state: PaymentState, verdict: BuyerVerdict) -> bool {
    match state {
        PaymentState::Started | PaymentState::NeedsAction => true,
        PaymentState::Authorized | PaymentState::Captured => matches!(verdict, BuyerVerdict::Approved),
        PaymentState::Declined(_) => matches!(verdict, BuyerVerdict::Declined),
        PaymentState::Cancelling
        | PaymentState::Cancelled
        | PaymentState::CaptureFailed
        | PaymentState::Returned(_) => false,
    }
}

/// Redirects a browser to the order; answers a program in JSON.
fn shown(headers: &HeaderMap, answered: Answered) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        let page = format!("/orders/{}", answered.order_id);
        return (StatusCode::SEE_OTHER, [(header::LOCATION, page)]).into_response();
    }
    Json(answered).into_response()
}

/// Approve a payment, from its page
#[utoipa::path(post, path = "/payments/{payment_id}/approve", tag = "Sandbox", security(()),
    params(("payment_id" = Uuid, Path)),
    responses((status = 200, body = Answered), (status = 303, description = "For browsers: redirects to the order")))]
async fn approve_on_page(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    Ok(shown(&headers, decide(&app, &context, id, BuyerVerdict::Approved).await?))
}

/// Decline a payment, from its page
#[utoipa::path(post, path = "/payments/{payment_id}/decline", tag = "Sandbox", security(()),
    params(("payment_id" = Uuid, Path)),
    responses((status = 200, body = Answered), (status = 303, description = "For browsers: redirects to the order")))]
async fn decline_on_page(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    Ok(shown(&headers, decide(&app, &context, id, BuyerVerdict::Declined).await?))
}

/// Approve a payment
#[utoipa::path(post, path = "/payments/{payment_id}/approve", tag = "Sandbox", security(()),
    params(("payment_id" = Uuid, Path)), responses((status = 200, body = Answered)))]
async fn approve_payment(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<Uuid>,
) -> Result<Json<Answered>, ApiError> {
    decide(&app, &context, id, BuyerVerdict::Approved).await.map(Json)
}

/// Decline a payment
#[utoipa::path(post, path = "/payments/{payment_id}/decline", tag = "Sandbox", security(()),
    params(("payment_id" = Uuid, Path)), responses((status = 200, body = Answered)))]
async fn decline_payment(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    Path(id): Path<Uuid>,
) -> Result<Json<Answered>, ApiError> {
    decide(&app, &context, id, BuyerVerdict::Declined).await.map(Json)
}
