//! What a node believes about which node serves a sale. It may be wrong at any moment: several nodes believe that they do, or none, and a node may
//! think that it has served the sale since a moment ago. Only once the history is calm does every node serve what it is asked for.

use crate::world::World;
use fairseat_domain::time::Timestamp;
use fairseat_engine::{Clock, Homes};
use fairseat_journal::StreamId;
use futures::future::{BoxFuture, FutureExt as _, ready};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Beliefs {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Homes for Beliefs {
    fn claim(&self, streams: Vec<StreamId>) -> BoxFuture<'_, Vec<StreamId>> {
        let another = self.world.fault("node believes that another serves the sale", 3);
        ready(if another { Vec::new() } else { streams }).boxed()
    }

    fn since(&self, _stream: StreamId) -> Option<Timestamp> {
        self.world.fault("node believes that it serves the sale since now", 4).then(|| self.clock.now())
    }

    fn release(&self, _stream: StreamId) {}
}
