//! Publishing to Kafka, or to any broker that speaks its protocol.
//!
//! The client sends one batch to one partition and waits for its acknowledgement (`acks=all`), so nothing is buffered and the order of
//! messages does not depend on retries: batch n + 1 is sent only after batch n was acknowledged. A batch whose
//! acknowledgement was lost is sent again and then stands twice in its partition, which readers notice by the ids. docs/adr/0021-bus.md has the reasons.
//!
//! After a failure the connections are closed, and the next call makes new ones from the configured brokers.

mod connection;
mod options;
mod partition;
mod tls;

pub use options::{KafkaOptions, OptionsError, Password, Sasl, SaslMechanism, Tls};

use self::connection::Connection;
use crate::message::{Message, Topic};
use crate::publisher::{PublishError, Publisher};
use chrono::DateTime;
use futures::FutureExt as _;
use futures::future::{BoxFuture, try_join_all};
use rskafka::record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The size at which a batch is sent, in bytes of keys and values. Brokers accept 1 MiB by default.
const BATCH_BYTES: usize = 512 * 1024;
/// The most messages in one batch.
const BATCH_MESSAGES: usize = 2_000;

/// Publishes to Kafka.
#[derive(Debug)]
pub struct KafkaPublisher {
    options: KafkaOptions,
    tls: Option<Arc<rustls::ClientConfig>>,
    connection: Mutex<Option<Arc<Connection>>>,
}

impl KafkaPublisher {
    /// A publisher that connects when it is first used.
    ///
    /// # Errors
    /// [`OptionsError`] when the certificates of authorities cannot be read.
    pub fn new(options: KafkaOptions) -> Result<Self, OptionsError> {
        let tls = options.tls.as_ref().map(|tls| tls::client_config(tls.ca_file.as_deref())).transpose()?;
        Ok(Self { options, tls, connection: Mutex::new(None) })
    }

    async fn connected(&self) -> Result<Arc<Connection>, PublishError> {
        let mut connection = self.connection.lock().await;
        if let Some(connected) = &*connection {
            return Ok(connected.clone());
        }
        let connected = Arc::new(Connection::open(&self.options, self.tls.clone()).await?);
        *connection = Some(connected.clone());
        Ok(connected)
    }

    /// Closes a connection that failed, unless another call has already replaced it.
    async fn disconnect(&self, failed: &Arc<Connection>) {
        let mut connection = self.connection.lock().await;
        if connection.as_ref().is_some_and(|current| Arc::ptr_eq(current, failed)) {
            *connection = None;
        }
    }

    async fn publish_all(&self, messages: &[Message]) -> Result<(), PublishError> {
        let connection = self.connected().await?;
        let mut streams: BTreeMap<(Topic, i32), Vec<&Message>> = BTreeMap::new();
        for message in messages {
            let topic = message.kind.topic();
            let partition = connection.partition_of(topic, message.key.to_string().as_bytes());
            streams.entry((topic, partition)).or_default().push(message);
        }
        let sent = streams.into_iter().map(|(stream, messages)| append(&connection, stream, messages));
        let published = try_join_all(sent).await.map(|_| ());
        if matches!(published, Err(PublishError::Away(_))) {
            self.disconnect(&connection).await;
        }
        published
    }
}

/// Appends messages to one partition, in batches, each after the acknowledgement of the one before it.
async fn append(
    connection: &Connection,
    (topic, partition): (Topic, i32),
    messages: Vec<&Message>,
) -> Result<(), PublishError> {
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    for message in messages {
        if bytes >= BATCH_BYTES || batch.len() >= BATCH_MESSAGES {
            connection.append(topic, partition, std::mem::take(&mut batch)).await?;
            bytes = 0;
        }
        bytes = bytes.saturating_add(message.json.len());
        batch.push(record(message));
    }
    connection.append(topic, partition, batch).await
}

fn record(message: &Message) -> Record {
    let content_type = ("content-type".to_owned(), Message::MEDIA_TYPE.into());
    Record {
        key: Some(message.key.to_string().into_bytes()),
        value: Some(message.json.to_vec()),
        headers: BTreeMap::from([content_type]),
        timestamp: DateTime::from_timestamp_millis(message.at.0).unwrap_or_default(),
    }
}

impl Publisher for KafkaPublisher {
    fn publish<'p>(&'p self, messages: &'p [Message]) -> BoxFuture<'p, Result<(), PublishError>> {
        self.publish_all(messages).boxed()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), PublishError>> {
        async move { self.connected().await.map(|_| ()) }.boxed()
    }
}
