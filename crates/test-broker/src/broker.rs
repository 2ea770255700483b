//! librdkafka's mock cluster.

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use std::fmt;
use std::time::{Duration, Instant};

/// How long a test waits for the mock cluster.
const PATIENCE: Duration = Duration::from_secs(20);

/// A cluster of one broker.
pub struct TestBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
    partitions: i32,
}

impl fmt::Debug for TestBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestBroker").field("address", &self.address()).finish_non_exhaustive()
    }
}

/// A message that the broker stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its partition.
    pub partition: i32,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its time, in milliseconds since the Unix epoch.
    pub timestamp: Option<i64>,
}

#[expect(clippy::missing_panics_doc, reason = "tests panic when their broker fails")]
#[expect(clippy::expect_used, reason = "tests panic when their broker fails")]
impl TestBroker {
    /// The broker's number in the mock cluster.
    const ID: i32 = 1;

    /// A broker with these topics.
    #[must_use]
    pub fn start(topics: &[&str], partitions: i32) -> Self {
        let cluster = MockCluster::new(Self::ID).expect("librdkafka's mock cluster starts");
        for topic in topics {
            cluster.create_topic(topic, partitions, 1).expect("the topic is new");
        }
        Self { cluster, partitions }
    }

    /// Its address, as `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        self.cluster.bootstrap_servers()
    }

    /// Closes all connections and accepts no more.
    pub fn go_away(&self) {
        self.cluster.broker_down(Self::ID).expect("the broker exists");
    }

    /// Accepts connections again.
    pub fn come_back(&self) {
        self.cluster.broker_up(Self::ID).expect("the broker exists");
    }

    /// Answers the next attempts to append with these errors, one after the other.
    pub fn refuse(&self, errors: &[RDKafkaRespErr]) {
        self.cluster.request_errors(RDKafkaApiKey::Produce, errors);
    }

    /// Ends the effect of [`Self::refuse`].
    pub fn accept(&self) {
        self.cluster.clear_request_errors(RDKafkaApiKey::Produce);
    }

    /// All messages of a topic: by partition, in the order in which they were appended.
    #[must_use]
    pub fn messages(&self, topic: &str) -> Vec<Received> {
        messages(&self.address(), topic, self.partitions)
    }

    /// The partitions that librdkafka chooses for keys by the rule of the Java client.
    #[must_use]
    pub fn partitions_of(&self, topic: &str, keys: &[String]) -> Vec<i32> {
        let mut config = config(&self.address());
        let producer: BaseProducer =
            config.set("partitioner", "murmur2_random").create().expect("it can be made");
        for key in keys {
            let sent = producer.send(BaseRecord::to(topic).key(key).payload("key"));
            sent.map_err(|(error, _)| error).expect("sent");
        }
        producer.flush(PATIENCE).expect("acknowledged");
        let messages = self.messages(topic);
        let of_key = |key: &String| {
            messages.iter().find(|found| found.key == *key).expect("it was appended").partition
        };
        keys.iter().map(of_key).collect()
    }
}

/// All messages of a topic of any broker: by partition, in the order in which they were appended.
#[expect(clippy::missing_panics_doc, reason = "tests panic when their broker fails")]
#[expect(clippy::expect_used, reason = "tests panic when their broker fails")]
#[must_use]
pub fn messages(address: &str, topic: &str, partitions: i32) -> Vec<Received> {
    let consumer: BaseConsumer = config(address).set("group.id", "test").create().expect("it can be made");
    let (mut from, mut count) = (TopicPartitionList::new(), 0);
    for partition in 0..partitions {
        let marks = consumer.fetch_watermarks(topic, partition, PATIENCE).expect("the topic exists");
        count += usize::try_from(marks.1 - marks.0).unwrap_or_default();
        from.add_partition_offset(topic, partition, Offset::Beginning).expect("it is valid");
    }
    consumer.assign(&from).expect("it can be assigned");
    let mut received = read(&consumer, count);
    received.sort_by_key(|message| message.partition);
    received
}

fn config(address: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", address).set("log_level", "0");
    config
}

/// Reads so many messages.
#[expect(clippy::expect_used, reason = "tests panic when their broker fails")]
fn read(consumer: &BaseConsumer, count: usize) -> Vec<Received> {
    let (mut received, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    while received.len() < count {
        // A poll can also end without a message.
        assert!(Instant::now() < deadline, "messages that were appended cannot be read");
        let Some(message) = consumer.poll(PATIENCE) else { continue };
        let message = message.expect("it can be read");
        let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        received.push(Received {
            partition: message.partition(),
            key: text(message.key()),
            value: text(message.payload()),
            headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
            timestamp: message.timestamp().to_millis(),
        });
    }
    received
}
