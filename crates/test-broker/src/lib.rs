//! Message brokers for tests.
//!
//! [`TestBroker`] is librdkafka's mock cluster: a broker of another make than our client, in this process. What it stores is read back with
//! librdkafka's consumer. [`BrokerProxy`] stands in front of it where a test needs what the mock lacks: TLS, signing in, lost answers.

mod broker;
mod frames;
mod proxy;
mod sign_in;

pub use broker::{Received, TestBroker, messages};
pub use proxy::{BrokerProxy, ProxyOptions};
pub use rdkafka::types::RDKafkaRespErr as BrokerError;
pub use sign_in::Users;
