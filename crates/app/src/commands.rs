//! An account's command to a sale: who sends it, in which request, under which idempotency key.

use crate::app::App;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::sale::{Decision, Request};
use fairseat_domain::{Actor, Command, Idempotency, Refusal};
use fairseat_engine::{Fault, Published};
use std::sync::Arc;

/// Who sends a command.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Whose account.
    pub account: AccountId,
    /// The request, as in the logs.
    pub request_id: u128,
    /// The fingerprints of its idempotency key and body, where it has a key.
    pub idempotency: Option<Idempotency>,
}

/// A command that the sale accepted, with the durable version in which that is true.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// What was decided.
    pub decision: Decision,
    /// The version.
    pub published: Arc<Published>,
}

/// A command without effect.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The sale says no.
    #[error("{refusal}")]
    Refused {
        /// Why.
        refusal: Refusal,
        /// The version it looked at.
        published: Arc<Published>,
    },
    /// The engine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Sender {
    /// Has `command` decided by the event's sale; answers when the decision is durable.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn submit(
        self,
        app: &App,
        event: EventNumber,
        command: Command,
    ) -> Result<Accepted, CommandError> {
        let request = Request {
            command,
            actor: Actor::Account(self.account),
            request: self.request_id,
            idempotency: self.idempotency,
        };
        let answered = app.engine.submit(event, request).await?;
        let published = answered.published;
        match answered.answer {
            Ok(decision) => Ok(Accepted { decision, published }),
            Err(refusal) => Err(CommandError::Refused { refusal, published }),
        }
    }
}
