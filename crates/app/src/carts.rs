//! Carts at sign-in: what a guest holds goes to the account that they sign in to.
//!
//! What must hold: signing in never fails because of a cart; a cart that is being paid for stays with the guest, who gets its tickets by mail.

use crate::app::App;
use crate::commands::{Accepted, Sender};
use crate::failure::Failure;
use fairseat_domain::command::{Command, Holder};
use fairseat_domain::fact::Fact;
use fairseat_domain::ids::{AccountId, EventNumber, ReservationNumber, SeatIndex};
use fairseat_engine::Published;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A guest's cart, after the guest signed in.
#[derive(Clone, Debug)]
pub struct BroughtCart {
    /// The guest's reservation.
    pub from: ReservationNumber,
    /// Where its seats are now; `None` when the account may hold no more.
    pub into: Option<ReservationNumber>,
    /// The seats that did not fit into the account's limits.
    pub left_out: Vec<SeatIndex>,
    /// The sale, with the merge.
    pub published: Arc<Published>,
}

/// Who signs in, as a sender of commands.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The account.
    pub account: AccountId,
    /// The request id, as in the logs.
    pub request_id: u128,
    /// From where the request comes, if the seats held from there are limited.
    pub holder: Option<Holder>,
}

/// Gives the account every cart of the guest. Carts that cannot be moved are left out and logged.
pub async fn bring(app: &App, arrival: Arrival, guest: AccountId) -> Vec<BroughtCart> {
    let mut brought = Vec::new();
    let held = match held_by(app, guest).await {
        Ok(held) => held,
        Err(error) => {
            tracing::warn!(%error, "a guest's carts were not found at sign-in");
            return brought;
        }
    };
    for (event, from) in held {
        let Arrival { account, request_id, holder } = arrival;
        let sender = Sender { account, request_id, idempotency: None, holder };
        let command = Command::MergeCart { reservation: from, guest, account };
        match sender.submit(app, event, command).await {
            Ok(accepted) => brought.extend(merged(from, accepted)),
            Err(error) => tracing::info!(%error, "a guest's cart was not merged at sign-in"),
        }
    }
    brought
}

fn merged(from: ReservationNumber, accepted: Accepted) -> Option<BroughtCart> {
    let Accepted { decision, published } = accepted;
    decision.facts.into_iter().find_map(|fact| {
        let Fact::CartMerged { into, left_out, .. } = fact else { return None };
        Some(BroughtCart { from, into, left_out, published: published.clone() })
    })
}

/// The active reservations of an account. The views follow the sales by milliseconds, so the sales that are awake are asked as well.
async fn held_by(
    app: &App,
    account: AccountId,
) -> Result<BTreeSet<(EventNumber, ReservationNumber)>, Failure> {
    let listed = app.store.views().active_reservations_of(account).await?;
    let mut held: BTreeSet<_> = listed.into_iter().collect();
    for (event, sale) in app.engine.handles() {
        let published = sale.published();
        let numbers = published.state.active_reservations_of(account).map(|(number, _)| (event, number));
        held.extend(numbers);
    }
    Ok(held)
}
