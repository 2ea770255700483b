//! HTTP without resources: the code that all routes share.
//!
//! What lives here: the listener and its sockets, limits by address and account, request bodies and queries parsed into types,
//! problem documents, answers prepared once for many readers, and the layer around every route. What must always hold: the size, the duration
//! and the number of requests are bounded before a handler runs; no error repeats a value that the caller sent. What deliberately
//! does not live here: resources, accounts and events (see `fairseat-api`, `fairseat-web`).

mod answers;
pub mod body;
pub mod check;
pub mod context;
pub mod docs_page;
pub mod edit_tag;
pub mod gate;
mod hashed_map;
mod host;
pub mod json;
pub mod layer;
#[cfg(test)]
mod layer_tests;
pub mod limits;
pub mod listener;
#[cfg(test)]
mod listener_tests;
pub mod metrics;
mod metrics_token;
pub mod origin;
pub mod per_thread;
pub mod prepared;
pub mod problem;
pub mod query;
mod recent_write;
pub mod shares;
mod shutdown;
mod socket;
mod state;
#[cfg(test)]
mod test_routes;

pub use edit_tag::{EditTag, IfMatch, IfMatchHeader};
pub use gate::Gate;
pub use metrics_token::MetricsToken;
pub use per_thread::PerThread;
pub use prepared::{CachePolicy, Prepared};
pub use problem::{Code, FieldError, Problem};
pub use shutdown::Shutdown;
pub use state::{Edge, EdgeOptions, EdgeState};
