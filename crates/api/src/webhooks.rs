//! Signed callbacks of payment providers: hints that something changed, never believed for what they say.
//!
//! Whatever a callback says, the provider is asked. So one that comes twice, late, or out of order changes nothing that
//! asking would not have found.

use crate::handler::{ApiError, ApiState, Code, Json, Path, Problem, State};
use crate::routes::Routes;
use axum::body::Body;
use axum::http::HeaderMap;
use fairseat_contract::payments::{Callback, Received};
use fairseat_edge::body::{self, DEFAULT_BODY_BYTES};
use fairseat_payments::{Webhook, WebhookError};
use utoipa_axum::routes;

/// The routes of this file.
pub(crate) fn routes() -> Routes {
    Routes::new().with(routes!(receive_webhook))
}

/// A payment provider says that a payment changed
///
/// For the provider of the demo the header `Fairseat-Signature` is `t=…,v1=…`: seconds since 1970, and in hexadecimal digits the HMAC-SHA256, under the
/// provider's key, of those digits, a full stop, and the body. It must be at most 300 seconds old.
#[utoipa::path(post, path = "/webhooks/{provider}", tag = "Sandbox", security(()), request_body = Callback,
    params(("provider" = String, Path), ("Fairseat-Signature" = String, Header)),
    responses((status = 200, body = Received)))]
async fn receive_webhook(
    State(app): State<ApiState>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    raw: Body,
) -> Result<Json<Received>, ApiError> {
    if provider != app.provider.name() {
        return Err(Problem::not_found().into());
    }
    let body = body::read(raw, DEFAULT_BODY_BYTES).await?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let checked = app.provider.webhook(Webhook { header: &header, body: &body }, app.now());
    let reference = checked.map_err(refused)?;
    // The provider could not be asked now: the effect worker goes on asking.
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
