//! Ending an order: by its buyer, as far as the refund policy goes, or by its organizer, who says how much goes back; and
//! saying that money was handed out at the counter.

use crate::Routes;
use crate::caller::SignedIn;
use crate::commands::{answer, repeatable_sender, submit};
use crate::error::ApiError;
use crate::idempotency::{IdempotencyHeader, MaybeRepeatable, Repeat};
use crate::orders;
use crate::refusals::SeatFields;
use crate::state::ApiState;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use fairseat_app::access::Permission;
use fairseat_contract::JsonMoney;
use fairseat_domain::command::{Canceller, GiveBack};
use fairseat_domain::ids::{EventNumber, OrderNumber, RefundNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{RefundState, Subject};
use fairseat_domain::{Command, Sale};
use fairseat_edge::context::RequestContext;
use fairseat_edge::json::Json;
use fairseat_edge::limits::{Class, Who};
use fairseat_edge::problem::Problem;
use fairseat_edge::query::Path;
use fairseat_engine::Published;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// How long the caller waits for the provider to give the money back.
const PATIENCE: Duration = Duration::from_secs(3);

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(cancel_order)).with(routes!(refund_handed_out))
}

/// How much goes back.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RefundWish {
    /// What the refund policy gives the buyer now; the only one buyers can have
    Policy,
    /// Everything, fees included
    Full,
    /// Nothing
    None,
}

/// What is wished of a cancellation.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
struct CancelWish {
    /// `full` where nothing is said by somebody who may refund, else `policy`
    refund: Option<RefundWish>,
}

/// How an order ended.
#[derive(Debug, Serialize, ToSchema)]
struct CancelledOrder {
    order_id: Uuid,
    /// `refunded`, `refund_pending` while the provider works on it, or `cancelled` where there is nothing to give back
    status: &'static str,
    refunded_amount: JsonMoney,
    /// ISO 4217
    currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refund_id: Option<Uuid>,
}

/// Cancel an order
///
/// Its buyer gets back what the refund policy says, until when it says. Whoever may refund in the event's organization gives
/// everything back, or what they say in `refund`. What was sold at the counter is given back there, by whoever cancels.
/// Cancelling again answers the same.
#[utoipa::path(post, path = "/orders/{order_id}/cancel", tag = "Buying",
    request_body = Option<CancelWish>, params(("order_id" = Uuid, Path), IdempotencyHeader),
    responses((status = 200, body = CancelledOrder)))]
async fn cancel_order(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    MaybeRepeatable { body, repeat }: MaybeRepeatable<CancelWish>,
) -> Result<Response, ApiError> {
    app.check_limit(Class::ReserveByAccount, Who::Account(signed_in.account))?;
    let (event, order) = orders::open(&app, id)?;
    let wish = body.unwrap_or_default().refund;
    let by = canceller(&app, &signed_in, (event, order), wish).await?;
    let caller = repeatable_sender(&app, signed_in.account, &context, &repeat, event);
    let accepted =
        submit(&app, caller, event, Command::CancelOrder { order, by }, &SeatFields::none()).await?;
    let Subject::Cancellation(order, refund) = accepted.decision.subject else {
        return Err(Problem::internal("a cancellation was about something else").into());
    };
    let published = match refund {
        Some(refund) => settled(&app, event, refund).await?,
        None => accepted.published,
    };
    Ok(answer(accepted.decision.replayed, Json(ended(&app, &published.state, order, refund))))
}

/// Say that a refund was handed out at the counter
///
/// When an event is cancelled, what was paid at the counter waits until somebody has handed it out. Said again it answers the
/// same.
#[utoipa::path(post, path = "/orders/{order_id}/refund/handed-out", tag = "Console",
    params(("order_id" = Uuid, Path), IdempotencyHeader),
    responses((status = 200, body = CancelledOrder),
        (status = 409, description = "Nothing of it is to be handed out at the counter")))]
async fn refund_handed_out(
    State(app): State<ApiState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    repeat: Repeat,
) -> Result<Response, ApiError> {
    let (event, number) = orders::open(&app, id)?;
    let published = app.sale_now(event).await?;
    published.state.order(number).ok_or_else(Problem::not_found)?;
    orders::require(&app, &signed_in, event, Permission::Refund).await?;
    let sender = repeatable_sender(&app, signed_in.account, &context, &repeat, event);
    let command = Command::HandOutRefund { order: number };
    let accepted = submit(&app, sender, event, command, &SeatFields::none()).await?;
    let Subject::Cancellation(order, refund) = accepted.decision.subject else {
        return Err(Problem::internal("handing out a refund was about something else").into());
    };
    let view = ended(&app, &accepted.published.state, order, refund);
    Ok(answer(accepted.decision.replayed, Json(view)))
}

/// Whoever may refund does so in the organizer's name, their own orders included.
async fn canceller(
    app: &ApiState,
    signed_in: &SignedIn,
    (event, number): (EventNumber, OrderNumber),
    wish: Option<RefundWish>,
) -> Result<Canceller, ApiError> {
    let published = app.sale_now(event).await?;
    let order = published.state.order(number).ok_or_else(Problem::not_found)?;
    match orders::require(app, signed_in, event, Permission::Refund).await {
        Ok(()) => Ok(Canceller::Organizer(match wish {
            Some(RefundWish::Full) | None => GiveBack::Everything,
            Some(RefundWish::Policy) => GiveBack::ByPolicy,
            Some(RefundWish::None) => GiveBack::Nothing,
        })),
        Err(_) if order.buyer == signed_in.account => match wish {
            Some(RefundWish::Policy) | None => Ok(Canceller::Buyer(signed_in.account)),
            Some(RefundWish::Full | RefundWish::None) => {
                Err(Problem::forbidden("Buyers are given back what the refund policy says.").into())
            }
        },
        Err(refused) => Err(refused),
    }
}

/// The sale once the refund is done, or after a while.
async fn settled(
    app: &ApiState,
    event: EventNumber,
    refund: RefundNumber,
) -> Result<Arc<Published>, ApiError> {
    let mut versions = app.engine.sale(event).await?.watch();
    let is_settled = |published: &Arc<Published>| {
        published.state.refund(refund).is_some_and(|refund| refund.state != RefundState::Pending)
    };
    // Whether it was done or the time is up, the newest version tells.
    drop(timeout(PATIENCE, versions.wait_for(is_settled)).await);
    Ok(versions.borrow().clone())
}

fn ended(app: &ApiState, sale: &Sale, order: OrderNumber, number: Option<RefundNumber>) -> CancelledOrder {
    let (ids, currency) = (&app.ids, sale.terms().currency);
    let refund = number.and_then(|number| Some((number, sale.refund(number)?)));
    let (status, amount) = match refund {
        Some((_, refund)) => match refund.state {
            RefundState::Completed => ("refunded", refund.amount),
            RefundState::Pending | RefundState::Failed | RefundState::AtCounter => {
                ("refund_pending", refund.amount)
            }
            RefundState::Dropped => ("cancelled", Amount::ZERO),
        },
        None => ("cancelled", Amount::ZERO),
    };
    CancelledOrder {
        order_id: ids.order(sale.event(), order),
        status,
        refunded_amount: JsonMoney(amount, currency),
        currency: currency.code().to_owned(),
        refund_id: refund.map(|(number, _)| ids.refund(sale.event(), number)),
    }
}
