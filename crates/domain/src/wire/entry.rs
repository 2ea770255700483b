//! Version 1 of entries: the envelope around facts. It has the meaning of the domain's type of the same name, for ever.

use super::error::WireError;
use super::fact::FactV1;
use super::mirror::mirror;
use crate::command::Idempotency;
use crate::entry::{Actor, Cause, Entry};
use crate::fact::Fact;
use crate::ids::AccountId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Version 1 of an entry.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntryV1 {
    at: i64,
    actor: ActorV1,
    request: u128,
    cause: CauseV1,
    idempotency: Option<(u128, u64)>,
    facts: Vec<FactV1>,
}

#[derive(Debug, Serialize, Deserialize)]
enum ActorV1 {
    System,
    Account(u128),
}

impl From<&Entry> for EntryV1 {
    fn from(entry: &Entry) -> Self {
        Self {
            at: entry.at.as_millis(),
            actor: match entry.actor {
                Actor::System => ActorV1::System,
                Actor::Account(account) => ActorV1::Account(account.0),
            },
            request: entry.request,
            cause: entry.cause.into(),
            idempotency: entry.idempotency.map(|key| (key.key, key.body)),
            facts: entry.facts.iter().map(FactV1::from).collect(),
        }
    }
}

impl TryFrom<EntryV1> for Entry {
    type Error = WireError;

    fn try_from(entry: EntryV1) -> Result<Self, WireError> {
        Ok(Self {
            at: Timestamp::from_millis(entry.at),
            actor: match entry.actor {
                ActorV1::System => Actor::System,
                ActorV1::Account(account) => Actor::Account(AccountId(account)),
            },
            request: entry.request,
            cause: entry.cause.into(),
            idempotency: entry.idempotency.map(|(key, body)| Idempotency { key, body }),
            facts: entry.facts.into_iter().map(Fact::try_from).collect::<Result<_, _>>()?,
        })
    }
}

mirror! {
    /// Version 1 of a cause.
    CauseV1 for Cause {
        Due, OpenSale, ChangeTerms, ChangePrices, ChangePlan, BlockSeats, UnblockSeats, PlaceReservation, ChangeReservation, ExtendReservation, CancelReservation, PlaceOrder, ReportPayment, ReportCapture, ReportRefund, CancelOrder, CancelEvent, DeleteSale, SellAtCounter, ChangeEvent, HandOutRefund, AddToCart, MergeCart
    }
}
