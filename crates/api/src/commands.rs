//! Sends a signed-in caller's command to a sale, and turns the sale's refusal into a problem document.

use crate::handler::{ApiError, ApiState, IntoResponse, LimitedCaller, RequestContext, Response};
use crate::idempotency::{IDEMPOTENT_REPLAYED, IdempotencyKey};
use axum::http::HeaderValue;
use fairseat_app::commands::{Accepted, CommandError, Sender};
use fairseat_app::hold_origin;
use fairseat_app::hold_refusals::HoardingLimit;
use fairseat_domain::command::Holder;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::time::Timestamp;
use fairseat_domain::{Command, Idempotency, Refusal};
use fairseat_problems::refusals::{self, SeatFields};

/// The sender of the only command of a request without an idempotency key. If another node may have carried it out already, it has the id under
/// which that node received it.
pub(crate) fn sender(account: AccountId, context: &RequestContext) -> Sender {
    let idempotency = context.command.map(|key| Idempotency { key, body: 0 });
    Sender { account, request_id: context.request_id, idempotency, holder: None }
}

/// From where an account holds seats, whose address was verified and that was made at these times; `None` when callers are not limited.
pub(crate) fn holder(
    app: &ApiState,
    account: (Option<Timestamp>, Timestamp),
    context: &RequestContext,
) -> Option<Holder> {
    let network = LimitedCaller::address(context.client).key();
    app.edge.limits.are_on().then(|| hold_origin::holder(&app.keys, network, account, app.now()))
}

/// The sender of a command in a request that may have an idempotency key.
pub(crate) fn repeatable_sender(
    app: &ApiState,
    account: AccountId,
    context: &RequestContext,
    key: &IdempotencyKey,
    event: EventNumber,
) -> Sender {
    let sender = sender(account, context);
    Sender { idempotency: key.in_sale(app, account, event).or(sender.idempotency), ..sender }
}

/// Sends `command` to the sale. Returns when the decision is durable.
///
/// # Errors
/// The sale's refusal, which names seats by the caller's fields, or the engine's fault.
pub(crate) async fn submit(
    app: &ApiState,
    sender: Sender,
    event: EventNumber,
    command: Command,
    fields: &SeatFields,
) -> Result<Accepted, ApiError> {
    sender.submit(app, event, command).await.map_err(|error| problem_of(app, error, fields))
}

/// Why a command had no effect, as a problem.
pub(crate) fn problem_of(app: &ApiState, error: CommandError, fields: &SeatFields) -> ApiError {
    match error {
        CommandError::Refused { refusal, published } => {
            let by_network = matches!(refusal, Refusal::HoldLimit { .. });
            let by_instrument = matches!(refusal, Refusal::InstrumentLimit { .. });
            if by_network || by_instrument {
                let limit = if by_network { HoardingLimit::Network } else { HoardingLimit::Instrument };
                app.hold_refusals.note(published.state.event(), limit, app.now());
            }
            refusals::refused(&refusal, &app.ids, &published.state, fields).into()
        }
        CommandError::Fault(fault) => fault.into(),
    }
}

/// An answer; it is marked if it repeats an earlier one.
pub(crate) fn answer(replayed: bool, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
