//! The connections to one cluster, from the first question for its topics until something fails.

use super::options::{KafkaOptions, Sasl, SaslMechanism};
use super::partition::partition_of;
use crate::message::Topic;
use crate::publisher::PublishError;
use rskafka::BackoffConfig;
use rskafka::client::error::{Error, ProtocolError};
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long connecting may take, with the question for the topics.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a batch may wait for its acknowledgement, with the connection to its partition.
const ACKNOWLEDGE: Duration = Duration::from_secs(20);
/// How long the client itself tries again, for example while a partition gets a new leader. Short, because the breaker tries again as well.
const RETRY: Duration = Duration::from_secs(1);

/// Connections to one cluster.
pub(super) struct Connection {
    client: Client,
    /// Each topic's partitions, by number, connected when they are first needed.
    topics: BTreeMap<Topic, TopicPartitions>,
}

struct TopicPartitions {
    name: String,
    partitions: Vec<OnceCell<PartitionClient>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.topics.values().map(|topic| (&topic.name, topic.partitions.len()));
        f.debug_map().entries(names).finish()
    }
}

impl Connection {
    pub(super) async fn open(
        options: &KafkaOptions,
        tls: Option<Arc<rustls::ClientConfig>>,
    ) -> Result<Self, PublishError> {
        in_time(CONNECT, async {
            let client = builder(options, tls).build().await.map_err(|error| away(&error))?;
            let known = client.list_topics().await.map_err(|error| away(&error))?;
            let known = known.into_iter().map(|topic| (topic.name, topic.partitions.len()));
            let known: BTreeMap<String, usize> = known.collect();
            let mut topics = BTreeMap::new();
            for topic in Topic::ALL {
                let name = options.topic_name(topic);
                let count = known.get(&name).copied().filter(|count| *count > 0);
                let count = count.ok_or_else(|| {
                    let advice = "create it (docs/bus.md) or let this user describe it";
                    PublishError::Away(format!("the broker shows no topic {name}: {advice}"))
                })?;
                let partitions = (0..count).map(|_| OnceCell::new()).collect();
                topics.insert(topic, TopicPartitions { name, partitions });
            }
            Ok(Self { client, topics })
        })
        .await
    }

    /// The partition of a key.
    pub(super) fn partition_of(&self, topic: Topic, key: &[u8]) -> i32 {
        partition_of(key, self.topics.get(&topic).map_or(1, |topic| topic.partitions.len()))
    }

    /// Appends a batch to a partition and waits for its acknowledgement by all replicas in sync.
    pub(super) async fn append(
        &self,
        topic: Topic,
        partition: i32,
        records: Vec<Record>,
    ) -> Result<(), PublishError> {
        let no_partition = || PublishError::Away(format!("no partition {partition} of {}", topic.name()));
        let topic = self.topics.get(&topic).ok_or_else(no_partition)?;
        let position = usize::try_from(partition).ok();
        let cell = position.and_then(|position| topic.partitions.get(position)).ok_or_else(no_partition)?;
        in_time(ACKNOWLEDGE, async {
            let connect =
                || self.client.partition_client(&*topic.name, partition, UnknownTopicHandling::Error);
            let client = cell.get_or_try_init(connect).await.map_err(|error| away(&error))?;
            let appended = client.produce(records, Compression::NoCompression).await;
            appended.map(|_offsets| ()).map_err(|error| refused_or_away(&topic.name, &error))
        })
        .await
    }
}

fn builder(options: &KafkaOptions, tls: Option<Arc<rustls::ClientConfig>>) -> ClientBuilder {
    let backoff = BackoffConfig {
        max_backoff: Duration::from_secs(1),
        deadline: Some(RETRY),
        ..BackoffConfig::default()
    };
    let mut builder =
        ClientBuilder::new(options.brokers.clone()).client_id("fairseat").backoff_config(backoff);
    if let Some(tls) = tls {
        builder = builder.tls_config(tls);
    }
    if let Some(Sasl { mechanism, user, password }) = &options.sasl {
        let credentials = Credentials::new(user.clone(), password.expose().to_owned());
        builder = builder.sasl_config(match mechanism {
            SaslMechanism::Plain => SaslConfig::Plain(credentials),
            SaslMechanism::ScramSha256 => SaslConfig::ScramSha256(credentials),
            SaslMechanism::ScramSha512 => SaslConfig::ScramSha512(credentials),
        });
    }
    builder
}

async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, PublishError>>,
) -> Result<T, PublishError> {
    match timeout(patience, work).await {
        Ok(done) => done,
        Err(_elapsed) => {
            Err(PublishError::Away(format!("the broker did not answer within {} s", patience.as_secs())))
        }
    }
}

fn away(error: &Error) -> PublishError {
    PublishError::Away(error.to_string())
}

/// Only what the broker says about the messages themselves concerns these messages alone.
fn refused_or_away(topic: &str, error: &Error) -> PublishError {
    let Error::ServerError { protocol_error, .. } = error else { return away(error) };
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other errors of a broker concern every message")]
    match protocol_error {
        ProtocolError::MessageTooLarge | ProtocolError::RecordListTooLarge => {
            let advice = "raise max.message.bytes of the topic to 1 MiB or more";
            PublishError::Refused(format!("a batch is too large for the topic {topic}: {advice}"))
        }
        ProtocolError::InvalidRecord => {
            PublishError::Refused(format!("the topic {topic} does not accept a message: {error}"))
        }
        _ => away(error),
    }
}
