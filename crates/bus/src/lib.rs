//! The bus: public messages about sales, published to a Kafka-compatible broker for other programs.
//!
//! Here are the messages as readers get them ([`Message`], [`Body`] and the types in [`data`]), the port by which they are published
//! ([`Publisher`]), its implementation for Kafka ([`kafka`]), and [`Bus`], which stops trying while the broker is away. docs/bus.md
//! explains topics, keys, ids and repeats to readers; docs/bus has a JSON Schema for each topic.
//!
//! What must always hold: **a key's messages are appended in the order in which they were given, and none is appended before all earlier ones of its
//! topic are** ([`Publisher::publish`]). Readers that drop repeated ids rely on it.
//!
//! What deliberately does not live here: which facts become which messages (`app`, `consumers/bus`), and cursors (the journal has them).

mod bus;
pub mod data;
pub mod kafka;
mod message;
mod publisher;

pub use bus::{Bus, BusError, BusObserver};
pub use data::Body;
pub use fairseat_breaker::BreakerOptions;
pub use message::{Kind, Message, Place, Time, Topic};
pub use publisher::{PublishError, Publisher};
