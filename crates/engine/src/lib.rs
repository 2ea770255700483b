//! Runs sales: one mailbox, one loop and one journal stream each.
//!
//! [`SaleLoop`] is the sans-IO heart: requests, time and the journal's answers go in; appends, replies and published
//! versions come out. [`Engine`] is the thin tokio shell around many of them: it wakes sleeping sales, feeds their
//! loops, keeps snapshots. [`Effects`] does at the payment provider what the states of sales ask for, and hands the
//! answers back as commands.
//!
//! What must always hold: no reply, yes or no, before the facts it relied on are durable (I2); replies of one sale are
//! those of some order of its commands; a sale whose invariant fails stops, alone.

mod batch;
mod changes;
mod clock;
mod effects;
mod engine;
mod fault;
mod heavy;
mod ports;
mod registry;
mod sale_loop;
mod schedule;
mod snapshots;
mod task;
mod tender;
mod wake;

pub use batch::BatchIds;
pub use changes::ChangeLog;
pub use clock::{Clock, SystemClock};
pub use effects::{Effects, PaymentFollowed};
pub use engine::{Answered, Committed, Engine, EngineOptions, SaleHandle, Tip};
pub use fault::Fault;
pub use ports::{
    Authorization, Capture, Instrument, PaymentProvider, PaymentRef, ProviderFault, ProviderState,
    RefundAnswer, RefundRef,
};
pub use sale_loop::{Input, Output, Published, SaleLoop};
pub use wake::{WakeError, replay, stream_of, wake};
