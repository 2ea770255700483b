//! The envelope around the facts of one command: its time, actor, request and cause.

use crate::command::{Command, Idempotency};
use crate::fact::Fact;
use crate::ids::AccountId;
use crate::time::Timestamp;

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    Account(AccountId),
    /// The platform itself, for example after a deadline or a provider's answer.
    System,
}

/// Which kind of command led to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A deadline that was reached.
    Due,
    /// [`Command::OpenSale`].
    OpenSale,
    /// Only in old journals: a command that changed the terms alone. See [`Command::ChangeEvent`].
    ChangeTerms,
    /// Only in old journals: a command that changed the prices alone. See [`Command::ChangeEvent`].
    ChangePrices,
    /// [`Command::ChangePlan`].
    ChangePlan,
    /// [`Command::BlockSeats`].
    BlockSeats,
    /// [`Command::UnblockSeats`].
    UnblockSeats,
    /// [`Command::PlaceReservation`].
    PlaceReservation,
    /// [`Command::ChangeReservation`].
    ChangeReservation,
    /// [`Command::ExtendReservation`].
    ExtendReservation,
    /// [`Command::CancelReservation`].
    CancelReservation,
    /// [`Command::PlaceOrder`].
    PlaceOrder,
    /// [`Command::ReportPayment`].
    ReportPayment,
    /// [`Command::ReportCapture`].
    ReportCapture,
    /// [`Command::ReportRefund`].
    ReportRefund,
    /// [`Command::CancelOrder`].
    CancelOrder,
    /// [`Command::CancelEvent`].
    CancelEvent,
    /// [`Command::DeleteSale`].
    DeleteSale,
    /// [`Command::SellAtCounter`].
    SellAtCounter,
    /// [`Command::ChangeEvent`].
    ChangeEvent,
    /// [`Command::HandOutRefund`].
    HandOutRefund,
    /// [`Command::AddToCart`].
    AddToCart,
    /// [`Command::MergeCart`].
    MergeCart,
}

impl From<&Command> for Cause {
    fn from(command: &Command) -> Self {
        match command {
            Command::OpenSale { .. } => Self::OpenSale,
            Command::ChangeEvent { .. } => Self::ChangeEvent,
            Command::ChangePlan { .. } => Self::ChangePlan,
            Command::BlockSeats { .. } => Self::BlockSeats,
            Command::UnblockSeats { .. } => Self::UnblockSeats,
            Command::PlaceReservation { .. } => Self::PlaceReservation,
            Command::AddToCart { .. } => Self::AddToCart,
            Command::MergeCart { .. } => Self::MergeCart,
            Command::ChangeReservation { .. } => Self::ChangeReservation,
            Command::ExtendReservation { .. } => Self::ExtendReservation,
            Command::CancelReservation { .. } => Self::CancelReservation,
            Command::PlaceOrder { .. } => Self::PlaceOrder,
            Command::ReportPayment { .. } => Self::ReportPayment,
            Command::ReportCapture { .. } => Self::ReportCapture,
            Command::ReportRefund { .. } => Self::ReportRefund,
            Command::CancelOrder { .. } => Self::CancelOrder,
            Command::HandOutRefund { .. } => Self::HandOutRefund,
            Command::CancelEvent => Self::CancelEvent,
            Command::DeleteSale => Self::DeleteSale,
            Command::SellAtCounter { .. } => Self::SellAtCounter,
            Command::Tick => Self::Due,
        }
    }
}

/// The facts of one command. The journal stores all of them or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The server's time of the decision; never earlier than the entry before.
    pub at: Timestamp,
    /// Who gave the command.
    pub actor: Actor,
    /// The id of the request, as in the logs; 0 for none.
    pub request: u128,
    /// The kind of command.
    pub cause: Cause,
    /// The fingerprints of the request, if it has an idempotency key.
    pub idempotency: Option<Idempotency>,
    /// The facts, in order.
    pub facts: Vec<Fact>,
}
