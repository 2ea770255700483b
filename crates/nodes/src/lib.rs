//! Equal nodes over one database. Every node can do everything. For speed, the commands of one sale run on one node, its *home*: the others pass
//! requests on to it, so that nodes do not compete for the sale's journal.
//!
//! ```text
//! node A                                         node B, the home of the event
//! request ──▶ edge ──▶ forward ──signed HTTP──▶ receive ──▶ edge ──▶ handler
//!                        └──▶ its own handler, if B cannot be reached
//! ```
//!
//! What must always hold:
//! - Nothing here is needed for correctness. If two nodes take themselves for the home of a sale, its journal still lets one append win.
//! - **One hop.** A request that another node passed on to this one is answered here, and never passed on again.
//! - **A command takes effect once.** One that was certainly not sent is carried out here. One that may have arrived is carried out here under the
//!   same id, which the facts record: the sale answers a repetition with what the first attempt did.

mod forward;
mod membership;
mod metrics;
mod receive;
mod schema;
mod signature;

pub use forward::{Forwarder, forward};
pub use membership::{Home, Node, NodeOptions, Nodes};
pub use metrics::NodeMetrics;
pub use receive::receive;
pub use schema::{NodesError, prepare};
pub use signature::NodesKey;
