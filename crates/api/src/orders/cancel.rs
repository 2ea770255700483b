//! `POST /orders/{order_id}/cancel`. The buyer gets the refund of the refund policy; an organizer chooses how much is refunded.

use crate::commands::{answer, repeatable_sender, submit};
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, OptionalIdempotentBody};
use crate::orders::access;
use crate::orders::cancelled_view::cancelled_order_view;
use fairseat_contract::orders::{CancelRequest, CancelledOrder, RequestedRefund};
use fairseat_domain::Command;
use fairseat_domain::command::{Canceller, RefundChoice};
use fairseat_domain::ids::{EventNumber, OrderNumber, RefundNumber};
use fairseat_domain::sale::{RefundState, Subject};
use fairseat_engine::Published;
use fairseat_problems::refusals::SeatFields;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long the caller waits for the provider to refund.
const PROVIDER_WAIT: Duration = Duration::from_secs(3);

/// Cancel an order
///
/// The buyer gets the share of the refund policy, until its deadline. Members who may refund give everything back, or the amount that they
/// choose in `refund`. An order from the box office is refunded in cash by the person who cancels it. Cancelling again gives the same
/// answer.
#[utoipa::path(post, path = "/orders/{order_id}/cancel", tag = "Buying",
    request_body = Option<CancelRequest>, params(("order_id" = Uuid, Path), IdempotencyHeader),
    responses((status = 200, body = CancelledOrder)))]
pub(crate) async fn cancel_order(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    OptionalIdempotentBody { body, key }: OptionalIdempotentBody<CancelRequest>,
) -> Result<Response, ApiError> {
    app.check_limit(RateLimit::ReserveByAccount, LimitedCaller::Account(signed_in.account)).await?;
    let (event, order) = access::open(&app, id)?;
    let wish = body.unwrap_or_default().refund;
    let by = canceller(&app, &signed_in, (event, order), wish).await?;
    let caller = repeatable_sender(&app, signed_in.account, &context, &key, event);
    let accepted =
        submit(&app, caller, event, Command::CancelOrder { order, by }, &SeatFields::none()).await?;
    let Subject::Cancellation(order, refund) = accepted.decision.subject else {
        return Err(Problem::internal("unexpected subject in the decision on CancelOrder").into());
    };
    let published = match refund {
        Some(refund) => settled(&app, event, refund).await?,
        None => accepted.published,
    };
    Ok(answer(accepted.decision.replayed, Json(cancelled_order_view(&app, &published.state, order, refund))))
}

/// A member who may refund acts as the organizer, even on their own orders.
async fn canceller(
    app: &ApiState,
    signed_in: &SignedIn,
    (event, number): (EventNumber, OrderNumber),
    wish: Option<RequestedRefund>,
) -> Result<Canceller, ApiError> {
    let published = app.sale_now(event).await?;
    let order = published.state.order(number).ok_or_else(Problem::not_found)?;
    match access::require(app, signed_in, event, Permission::Refund).await {
        Ok(()) => Ok(Canceller::Organizer(match wish {
            Some(RequestedRefund::Full) | None => RefundChoice::Everything,
            Some(RequestedRefund::Policy) => RefundChoice::ByPolicy,
            Some(RequestedRefund::None) => RefundChoice::Nothing,
        })),
        Err(_) if order.buyer == signed_in.account => match wish {
            Some(RequestedRefund::Policy) | None => Ok(Canceller::Buyer(signed_in.account)),
            Some(RequestedRefund::Full | RequestedRefund::None) => {
                Err(Problem::forbidden("Buyers are given back what the refund policy says.").into())
            }
        },
        Err(refused) => Err(refused),
    }
}

/// The sale once the refund is completed, or after [`PROVIDER_WAIT`].
async fn settled(
    app: &ApiState,
    event: EventNumber,
    refund: RefundNumber,
) -> Result<Arc<Published>, ApiError> {
    let mut versions = app.engine.sale(event).await?.watch();
    let is_settled = |published: &Arc<Published>| {
        published.state.refund(refund).is_some_and(|refund| refund.state != RefundState::Pending)
    };
    // The newest version shows whether it was completed.
    drop(timeout(PROVIDER_WAIT, versions.wait_for(is_settled)).await);
    Ok(versions.borrow().clone())
}
