//! Ending an order: by its buyer, as far as the refund policy goes, or by its organizer, who says how much goes back; and
//! saying that money was handed out at the counter.

use super::Routes;
use super::commands::{Caller, answer};
use super::context::RequestContext;
use super::idempotency::{IdempotencyHeader, MaybeRepeatable, Repeat};
use super::orders;
use super::problem::{Code, Problem};
use super::query::Path;
use super::rate_limit::{Class, Who};
use super::refusals::{self, Asked};
use super::sale_access::sale_now;
use crate::app::AppState;
use crate::auth::{Permission, SignedIn};
use crate::http::json::Json;
use crate::money_json::JsonMoney;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use fairseat_domain::command::{Canceller, GiveBack};
use fairseat_domain::ids::{EventNumber, OrderNumber, RefundNumber};
use fairseat_domain::money::Amount;
use fairseat_domain::sale::{OrderState, RefundState, Subject};
use fairseat_domain::{Command, Sale};
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
    State(app): State<AppState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    MaybeRepeatable { body, repeat }: MaybeRepeatable<CancelWish>,
) -> Result<Response, Problem> {
    app.check_limit(Class::ReserveByAccount, Who::Account(signed_in.account))?;
    let (event, order) = orders::open(&app, id)?;
    let wish = body.unwrap_or_default().refund;
    let by = canceller(&app, &signed_in, (event, order), wish).await?;
    let caller = Caller::repeatable(signed_in.account, &context, &repeat, &app, event);
    let granted = caller.submit(&app, event, Command::CancelOrder { order, by }, &Asked::nothing()).await?;
    let Subject::Cancellation(order, refund) = granted.decision.subject else {
        return Err(Problem::internal("a cancellation was about something else"));
    };
    let published = match refund {
        Some(refund) => settled(&app, event, refund).await?,
        None => granted.published,
    };
    Ok(answer(granted.decision.replayed, Json(ended(&app, &published.state, order, refund))))
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
    State(app): State<AppState>,
    Extension(context): Extension<RequestContext>,
    signed_in: SignedIn,
    Path(id): Path<Uuid>,
    repeat: Repeat,
) -> Result<Response, Problem> {
    let (event, number) = orders::open(&app, id)?;
    let published = sale_now(&app, event).await?;
    let order = published.state.order(number).ok_or_else(Problem::not_found)?;
    orders::require(&app, &signed_in, event, Permission::Refund).await?;
    let owed = match order.state {
        OrderState::Cancelled { refund, .. } => refund.filter(|_| order.tender.is_some()),
        OrderState::Pending | OrderState::Confirmed(_) | OrderState::Abandoned { .. } => None,
    };
    let nothing =
        || Problem::new(Code::Conflict, "Nothing of this order is to be handed out at the counter.");
    let refund = owed.ok_or_else(nothing)?;
    let caller = Caller::repeatable(signed_in.account, &context, &repeat, &app, event);
    let command = Command::ReportRefund { refund, completed: true };
    let granted = caller.submit(&app, event, command, &Asked::nothing()).await?;
    let told = ended(&app, &granted.published.state, number, Some(refund));
    Ok(answer(granted.decision.replayed, Json(told)))
}

/// Whoever may refund does so in the organizer's name, their own orders included.
async fn canceller(
    app: &AppState,
    signed_in: &SignedIn,
    (event, number): (EventNumber, OrderNumber),
    wish: Option<RefundWish>,
) -> Result<Canceller, Problem> {
    let published = sale_now(app, event).await?;
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
                Err(Problem::forbidden("Buyers are given back what the refund policy says."))
            }
        },
        Err(refused) => Err(refused),
    }
}

/// The sale once the refund is done, or after a while.
async fn settled(
    app: &AppState,
    event: EventNumber,
    refund: RefundNumber,
) -> Result<Arc<Published>, Problem> {
    let mut versions = app.platform.engine.sale(event).await.map_err(refusals::failed)?.watch();
    let is_settled = |published: &Arc<Published>| {
        published.state.refund(refund).is_some_and(|refund| refund.state != RefundState::Pending)
    };
    // Whether it was done or the time is up, the newest version tells.
    drop(timeout(PATIENCE, versions.wait_for(is_settled)).await);
    Ok(versions.borrow().clone())
}

fn ended(app: &AppState, sale: &Sale, order: OrderNumber, number: Option<RefundNumber>) -> CancelledOrder {
    let (ids, currency) = (&app.platform.ids, sale.terms().currency);
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
