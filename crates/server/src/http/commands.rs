//! A signed-in caller's command to a sale: with who asks, which request, and which key, and its "no" as a problem.

use super::context::RequestContext;
use super::idempotency::Repeat;
use super::problem::Problem;
use super::refusals::{self, Asked};
use crate::app::AppState;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::sale::{Decision, Request};
use fairseat_domain::{Actor, Command, Idempotency};
use fairseat_engine::Published;
use std::sync::Arc;

/// Says that an answer is that of an earlier request with the same key.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Who asks something of a sale.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose account.
    pub account: AccountId,
    /// The request, as in the logs.
    pub request_id: u128,
    /// Its fingerprints, when it came with a key.
    pub idempotency: Option<Idempotency>,
}

/// A yes, with the durable version it is true in.
#[derive(Clone, Debug)]
pub struct Granted {
    /// What was decided.
    pub decision: Decision,
    /// The version.
    pub published: Arc<Published>,
}

impl Caller {
    /// Somebody signed in, whose request cannot come again.
    #[must_use]
    pub fn once(account: AccountId, context: &RequestContext) -> Self {
        Self { account, request_id: context.request_id, idempotency: None }
    }

    /// The same, whose request may.
    #[must_use]
    pub fn repeatable(
        account: AccountId,
        context: &RequestContext,
        repeat: &Repeat,
        app: &AppState,
        event: EventNumber,
    ) -> Self {
        let idempotency = repeat.in_sale(app, account, event);
        Self { idempotency, ..Self::once(account, context) }
    }

    /// Has `command` decided, and answers when the answer is durable.
    ///
    /// # Errors
    /// The sale's refusal or the engine's fault, as a problem.
    pub async fn submit(
        self,
        app: &AppState,
        event: EventNumber,
        command: Command,
        asked: &Asked,
    ) -> Result<Granted, Problem> {
        let request = Request {
            command,
            actor: Actor::Account(self.account),
            request: self.request_id,
            idempotency: self.idempotency,
        };
        let answered = app.platform.engine.submit(event, request).await.map_err(refusals::failed)?;
        let published = answered.published;
        match answered.answer {
            Ok(decision) => Ok(Granted { decision, published }),
            Err(refusal) => Err(refusals::refused(&refusal, &app.platform.ids, &published.state, asked)),
        }
    }
}

/// An answer, marked when it repeats an earlier one.
pub fn answer(replayed: bool, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}
