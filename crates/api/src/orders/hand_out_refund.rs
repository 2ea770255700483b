//! `POST /orders/{order_id}/refund/handed-out`: records that a refund was paid out at the counter.

use crate::commands::{answer, repeatable_sender, submit};
use crate::handler::*;
use crate::idempotency::{IdempotencyHeader, IdempotencyKey};
use crate::orders::access;
use crate::orders::cancelled_view::cancelled_order_view;
use fairseat_contract::orders::CancelledOrder;
use fairseat_domain::Command;
use fairseat_domain::sale::Subject;
use fairseat_problems::refusals::SeatFields;

/// Record that a refund was paid out at the counter
///
/// When an event is cancelled, refunds of box-office orders wait until somebody has paid them out. Repeating the request gives the same
/// answer.
#[utoipa::path(post, path = "/orders/{order_id}/refund/handed-out", tag = "Console",
    params(("order_id" = Uuid, Path), IdempotencyHeader),
    responses((status = 200, body = CancelledOrder),
        (status = 409, description = "The order has no refund to pay out at the counter")))]
pub(crate) async fn refund_handed_out(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    key: IdempotencyKey,
) -> Result<Response, ApiError> {
    let (event, number) = access::open(&app, id)?;
    let published = app.sale_now(event).await?;
    published.state.order(number).ok_or_else(Problem::not_found)?;
    access::require(&app, &signed_in, event, Permission::Refund).await?;
    let sender = repeatable_sender(&app, signed_in.account, &context, &key, event);
    let command = Command::HandOutRefund { order: number };
    let accepted = submit(&app, sender, event, command, &SeatFields::none()).await?;
    let Subject::Cancellation(order, refund) = accepted.decision.subject else {
        return Err(Problem::internal("unexpected subject in the decision on HandOutRefund").into());
    };
    let view = cancelled_order_view(&app, &accepted.published.state, order, refund);
    Ok(answer(accepted.decision.replayed, Json(view)))
}
