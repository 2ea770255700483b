//! Signed callbacks of payment providers. They are hints that something changed; their contents are never trusted.
//!
//! After each callback the provider is asked for the current state. So a callback that comes twice, late, or out of order does no harm.

use crate::handler::{ApiError, ApiState, Code, Json, Path, Problem, State};
use crate::routes::Routes;
use axum::extract::Request;
use fairseat_contract::payments::{Callback, Received};
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_payments::{Webhook, WebhookError};
use utoipa_axum::routes;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new().with(routes!(receive_webhook))
}

/// Receive a callback of a payment provider
///
/// For the demo's provider the header `Fairseat-Signature` is `t=…,v1=…`: `t` is the time in seconds since 1970; `v1` is the HMAC-SHA256,
/// in hexadecimal digits and under the provider's key, of the digits of `t`, a full stop, and the body. It must be at most 300 seconds old.
#[utoipa::path(post, path = "/webhooks/{provider}", tag = "Sandbox", security(()), request_body = Callback,
    params(("provider" = String, Path), ("Fairseat-Signature" = String, Header)),
    responses((status = 200, body = Received)))]
async fn receive_webhook(
    State(app): State<ApiState>,
    Path(provider): Path<String>,
    request: Request,
) -> Result<Json<Received>, ApiError> {
    if provider != app.provider.name() {
        return Err(Problem::not_found().into());
    }
    let headers = request.headers().clone();
    let body = body::read(request, DEFAULT_BODY_BYTES, None).await?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let checked = app.provider.webhook(Webhook { header: &header, body: &body }, app.now());
    let reference = checked.map_err(refused)?;
    // If the provider cannot be reached now, the effect worker keeps asking.
    drop(app.effects.query_provider(reference).await);
    Ok(Json(Received { received: true }))
}

fn refused(error: WebhookError) -> Problem {
    match error {
        WebhookError::BadSignature => {
            Problem::new(Code::InvalidSignature, "Sign the body as it is sent, with the time of sending.")
        }
        WebhookError::Unreadable(why) => Problem::invalid("", "is not the JSON of a webhook").because(why),
        WebhookError::UnknownPayment => Problem::invalid("payment_id", "is no payment of ours"),
    }
}
