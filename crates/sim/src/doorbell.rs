//! The doorbell by which nodes tell each other what they appended. It may be silent for a node, late, or ring for what never happened.

use crate::incarnation::Incarnation;
use crate::world::World;
use fairseat_engine::Doorbell;
use fairseat_journal::StreamId;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Streams that were rung for and that a slow node has not heard of yet; it misses more.
const CAPACITY: usize = 16;

/// The channel on which all nodes ring and listen.
pub(crate) type Channel = broadcast::Sender<StreamId>;

pub(crate) fn channel() -> Channel {
    broadcast::channel(CAPACITY).0
}

/// The doorbell of one node.
#[derive(Debug)]
pub(crate) struct NodeDoorbell {
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) channel: Channel,
}

impl Doorbell for NodeDoorbell {
    fn ring(&self, stream: StreamId) {
        if !self.incarnation.is_over() {
            // It fails when nobody listens, which is fine.
            drop(self.channel.send(stream));
        }
    }
}

/// Tells a node what others rang for.
pub(crate) async fn listen(world: &World, channel: &Channel, heard: impl Fn(StreamId)) {
    let mut rung = channel.subscribe();
    loop {
        let stream = match rung.recv().await {
            Ok(stream) => stream,
            Err(broadcast::error::RecvError::Lagged(_)) => continue,
            Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
        };
        if world.fault("doorbell is silent", 4) {
            continue;
        }
        if world.fault("doorbell is late", 4) {
            world.pass_time(100, 10_000).await;
        }
        heard(stream);
    }
}

/// Rings for a stream of which nobody appended anything, now and then.
pub(crate) async fn lie(world: &World, stream: StreamId, heard: impl Fn(StreamId)) {
    loop {
        world.pass_time(1_000, 60_000).await;
        if world.fault("doorbell rings for nothing", 1) {
            heard(stream);
        }
    }
}
