//! Moves all tables of a store, and the records of a payment provider, from files into an empty database on a server: `fairseat migrate`.
//!
//! The tables are copied by the schema that the server describes, so that a new table needs no line here. Rows come in the order of their primary
//! key, so the last key that is there says how far an interrupted copy had come. While it is unfinished the database has a mark ([`Destination`]),
//! with which no server starts. What deliberately does not live here: the journal, the data folder, and the order of the steps
//! (`fairseat-maintenance`).

mod compare;
mod copy;
mod destination;
mod error;
mod source;
mod tables;

pub use compare::TableContent;
pub use copy::CopyProgress;
pub use destination::{Destination, DestinationState};
pub use error::TransferError;
pub use source::Source;
pub use tables::ONLY_ON_SERVER;
