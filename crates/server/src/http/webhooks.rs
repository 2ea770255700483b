//! Signed callbacks of payment providers: hints that something changed, never believed for what they say.
//!
//! Whatever a callback says, the provider is asked. So one that comes twice, late, or out of order changes nothing that
//! asking would not have found.

use super::Routes;
use super::body::{self, DEFAULT_BODY_BYTES};
use super::problem::{Code, Problem};
use super::query::Path;
use crate::app::AppState;
use crate::http::json::Json;
use crate::payments::signature;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

/// The routes of this file.
pub(super) fn routes() -> Routes {
    Routes::new().with(routes!(receive_webhook))
}

/// What a callback is about.
#[derive(Debug, Deserialize, ToSchema)]
struct Callback {
    payment_id: Uuid,
}

/// That it was taken in.
#[derive(Debug, Serialize, ToSchema)]
struct Received {
    received: bool,
}

/// A payment provider says that a payment changed
///
/// For `sandbox` the header `Fairseat-Signature` is `t=…,v1=…`: seconds since 1970, and in hexadecimal digits the HMAC-SHA256, under the
/// sandbox's key, of those digits, a full stop, and the body. It must be at most 300 seconds old.
#[utoipa::path(post, path = "/webhooks/{provider}", tag = "Sandbox", security(()), request_body = Callback,
    params(("provider" = String, Path), ("Fairseat-Signature" = String, Header)),
    responses((status = 200, body = Received)))]
async fn receive_webhook(
    State(app): State<AppState>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    raw: Body,
) -> Result<Json<Received>, Problem> {
    if provider != "sandbox" || app.platform.sandbox.is_none() {
        return Err(Problem::not_found());
    }
    let bytes = body::read(raw, DEFAULT_BODY_BYTES).await?;
    let header = headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !signature::is_good(header, &bytes, app.keys.sandbox.expose(), app.now()) {
        return Err(Problem::new(
            Code::InvalidSignature,
            "Sign the body as it is sent, with the time of sending.",
        ));
    }
    let Callback { payment_id } = body::parse(&bytes)?;
    let opened = app.platform.ids.open_payment(payment_id);
    let reference = opened.ok_or_else(|| Problem::invalid("payment_id", "is no payment of ours"))?;
    // Nothing to hear means nothing certain yet; the runner of effects goes on asking.
    drop(app.platform.effects.look_into(reference).await);
    Ok(Json(Received { received: true }))
}
