//! Runs state machines of the domain: each has one mailbox, one loop and one journal stream. The sale is the first.
//!
//! [`Machine`] is what a state machine must offer. [`MachineLoop`] is the core without I/O: requests, time and the
//! journal's answers go in; appends, replies and published versions come out. [`Engine`] is the thin tokio shell around
//! many loops of one kind: it wakes sleeping machines, feeds their loops, writes snapshots. [`EffectRunner`] carries out at the
//! payment provider what sales need there, and reports the outcomes to them as commands. [`Runner`] gives what became
//! durable to the [`Consumer`]s of the journal, each from its own cursor.
//!
//! What must always hold: no reply, yes or no, before the facts it relied on are durable (I2); the replies of one machine
//! match one order of its requests; a machine whose invariant fails stops alone.

mod background;
mod batch;
mod clock;
mod consumers;
mod context;
mod doorbell;
mod engine;
mod fault;
mod handle;
mod homes;
mod machine;
mod machine_loop;
mod options;
mod published;
mod registry;
mod sale;
mod snapshots;
mod task;
mod usage;
mod wake;

pub use batch::BatchIds;
pub use clock::{Clock, SystemClock};
pub use consumers::{
    ConsumeFuture, Consumed, Consumer, ConsumerError, CursorStorage, OwnCursors, Runner, RunnerOptions,
    StreamSlice,
};
pub use doorbell::Doorbell;
pub use engine::Engine;
pub use fault::Fault;
pub use handle::{Handle, PublishedPosition};
pub use homes::Homes;
pub use machine::{Answer, ChangeLog, Machine, Step};
pub use machine_loop::{Input, MachineLoop, Output};
pub use options::EngineOptions;
pub use published::{Answered, Committed, Published, Writer};
pub use sale::{
    Authorization, Capture, EffectRunner, Instrument, PaymentGateway, PaymentProgress, PaymentRef,
    ProviderFault, ProviderState, RefundAnswer, RefundRef, SaleHandle, SeatChangeLog, stream_of,
};
pub use wake::{WakeError, replay, state_at, wake};
