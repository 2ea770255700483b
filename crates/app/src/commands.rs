//! Sends a command to a sale on behalf of an account, with the request id and the idempotency key.

use crate::app::App;
use fairseat_domain::command::Holder;
use fairseat_domain::ids::{AccountId, EventNumber};
use fairseat_domain::sale::{Decision, Request};
use fairseat_domain::{Actor, Command, Idempotency, Refusal};
use fairseat_engine::{Fault, Published, SaleHandle};
use std::sync::Arc;

/// The sender of a command.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The account.
    pub account: AccountId,
    /// The request id, as in the logs.
    pub request_id: u128,
    /// The fingerprints of the idempotency key and the body, if the request has a key.
    pub idempotency: Option<Idempotency>,
    /// From where the request comes, if the seats held from there are limited.
    pub holder: Option<Holder>,
}

/// A command that the sale accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The decision.
    pub decision: Decision,
    /// The durable version of the sale with this decision.
    pub published: Arc<Published>,
}

/// Why a command had no effect.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The sale refused it.
    #[error("{refusal}")]
    Refused {
        /// The reason.
        refusal: Refusal,
        /// The version of the sale that refused.
        published: Arc<Published>,
    },
    /// The engine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Sender {
    /// Submits `command` to the event's sale; returns when the decision is durable.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn submit(
        self,
        app: &App,
        event: EventNumber,
        command: Command,
    ) -> Result<Accepted, CommandError> {
        let sale = app.engine.sale(event).await?;
        self.submit_to(app, &sale, command).await
    }

    /// As [`Self::submit`], for a caller that already has the sale.
    ///
    /// # Errors
    /// [`CommandError`].
    pub async fn submit_to(
        self,
        app: &App,
        sale: &Arc<SaleHandle>,
        command: Command,
    ) -> Result<Accepted, CommandError> {
        let request = Request {
            command,
            actor: Actor::Account(self.account),
            request: self.request_id,
            idempotency: self.idempotency,
            holder: self.holder,
        };
        let answered = app.engine.submit_to(sale, request).await?;
        let published = answered.published;
        match answered.answer {
            Ok(decision) => Ok(Accepted { decision, published }),
            Err(refusal) => Err(CommandError::Refused { refusal, published }),
        }
    }
}
