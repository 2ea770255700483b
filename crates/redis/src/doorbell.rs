//! The doorbell: one channel on which nodes say to which streams they have appended.
//!
//! A message is the number of the node that sent it, chosen at its start, and the numbers of streams, 8 bytes each. It is believed by nobody: who hears it
//! reads the journal.

use crate::link::Link;
use crate::metrics::Purpose;
use crate::url::Trouble;
use fairseat_engine::{Doorbell, Engine, Machine};
use fairseat_journal::StreamId;
use futures::StreamExt as _;
use parking_lot::Mutex;
use redis::aio::PubSub;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{interval, sleep, timeout};

/// What is appended within this time is said in one message: a sale that is written hundreds of times a second rings 50 times.
const GATHER: Duration = Duration::from_millis(20);
/// The most streams in one message.
const MAX_STREAMS: usize = 1_000;
/// How often a listener asks whether its connection is alive, and how long an answer may take.
const PING_EVERY: Duration = Duration::from_secs(1);
/// The pause before a listener connects again.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// The doorbell of one node.
#[derive(Debug)]
pub(crate) struct RedisDoorbell {
    link: Arc<Link>,
    channel: String,
    /// Tells this node's messages from those of others.
    me: u64,
    /// Streams of which nothing was said yet.
    rung: Mutex<BTreeSet<StreamId>>,
    waiting: Notify,
}

impl Doorbell for RedisDoorbell {
    fn ring(&self, stream: StreamId) {
        // While Redis is away nothing is gathered: others find out by asking the journal.
        if self.link.is_there() {
            self.rung.lock().insert(stream);
            self.waiting.notify_one();
        }
    }
}

impl RedisDoorbell {
    pub(crate) fn new(link: Arc<Link>, channel: String, me: u64) -> Self {
        Self { link, channel, me, rung: Mutex::default(), waiting: Notify::new() }
    }

    /// Finds out whether this node may hear and say something.
    ///
    /// # Errors
    /// When it may not. If Redis has just vanished, that is found out later.
    pub(crate) async fn try_out(&self) -> Result<(), Trouble> {
        let heard = self.link.subscribe(&self.channel).await.map(drop);
        let said = self.link.try_out(&self.says(&[])).await;
        match heard.and(said) {
            Err(refused @ Trouble::Refused(_)) => Err(refused),
            Ok(()) | Err(Trouble::Away(_)) => Ok(()),
        }
    }

    /// Publishes the streams to which this node has appended, again and again; it never returns. What cannot be published is dropped, because other
    /// nodes also ask once a second.
    pub(crate) async fn send(&self) {
        loop {
            self.waiting.notified().await;
            let rung = std::mem::take(&mut *self.rung.lock());
            let rung: Vec<StreamId> = rung.into_iter().collect();
            for streams in rung.chunks(MAX_STREAMS) {
                let command = self.says(streams);
                let ask = |mut connection| async move { command.query_async::<u64>(&mut connection).await };
                let _said = self.link.call(Purpose::Doorbell, ask).await;
            }
            sleep(GATHER).await;
        }
    }

    /// The command that says to which streams this node has appended.
    fn says(&self, streams: &[StreamId]) -> redis::Cmd {
        let mut command = redis::cmd("PUBLISH");
        command.arg(&self.channel).arg(message(self.me, streams));
        command
    }

    /// Hears what others say, for ever, and has the engine read it.
    pub(crate) async fn listen<M: Machine>(&self, engine: &Engine<M>) {
        loop {
            match self.link.subscribe(&self.channel).await {
                Ok(messages) => {
                    tracing::debug!("the doorbell is heard");
                    // What was said before is lost.
                    engine.read_other_writers().await;
                    self.hear(messages, engine).await;
                    tracing::debug!("the doorbell is not heard any more");
                }
                Err(trouble) => tracing::debug!(reason = trouble.reason(), "the doorbell is not heard"),
            }
            sleep(RECONNECT_AFTER).await;
        }
    }

    /// Hears until the connection is broken.
    async fn hear<M: Machine>(&self, messages: PubSub, engine: &Engine<M>) {
        let (mut asking, mut messages) = messages.split();
        let alive = async {
            let mut due = interval(PING_EVERY);
            loop {
                due.tick().await;
                if !matches!(timeout(PING_EVERY, asking.ping::<redis::Value>()).await, Ok(Ok(_))) {
                    return;
                }
            }
        };
        let heard = async {
            while let Some(message) = messages.next().await {
                let streams = streams_of(message.get_payload_bytes(), self.me);
                self.link.metrics.heard(streams.len());
                streams.into_iter().for_each(|stream| engine.heard_of(stream));
            }
        };
        tokio::select! {
            () = alive => {}
            () = heard => {}
        }
    }
}

fn message(me: u64, streams: &[StreamId]) -> Vec<u8> {
    std::iter::once(me).chain(streams.iter().map(|stream| stream.0)).flat_map(u64::to_be_bytes).collect()
}

/// The streams of a message; none if it is this node's own, or no message of a node.
fn streams_of(message: &[u8], me: u64) -> Vec<StreamId> {
    let (numbers, rest) = message.as_chunks::<8>();
    let mut numbers = numbers.iter().map(|bytes| u64::from_be_bytes(*bytes));
    match numbers.next() {
        Some(sender) if sender != me && rest.is_empty() => numbers.take(MAX_STREAMS).map(StreamId).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_heard_by_others_and_nonsense_by_nobody() {
        let streams = [StreamId(7), StreamId(u64::MAX)];
        assert_eq!(streams_of(&message(1, &streams), 2), streams);
        assert_eq!(streams_of(&message(1, &streams), 1), [], "its own");
        for nonsense in [&b""[..], b"hello", &message(1, &[])[..], &[0; 23]] {
            assert_eq!(streams_of(nonsense, 2), [], "{nonsense:?}");
        }
        let many = vec![StreamId(7); 100_000];
        assert_eq!(streams_of(&message(1, &many), 2).len(), MAX_STREAMS);
    }
}
