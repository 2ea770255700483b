//! The nodes: each runs the real engine, effects and consumers over its own connections to journal and gateway, crashes and
//! restarts.

use crate::beliefs::Beliefs;
use crate::consumers::{self, Outbox, Views};
use crate::disk::Disk;
use crate::doorbell::{self, NodeDoorbell};
use crate::gateway::{Gateway, GatewayConnection};
use crate::history::EVENT;
use crate::incarnation::{Incarnation, SkewedClock};
use crate::journal_connection::JournalConnection;
use crate::world::World;
use fairseat_domain::ids::PaymentNumber;
use fairseat_engine::{Doorbell, EffectRunner, Engine, EngineOptions, Homes, PaymentRef, Runner, stream_of};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// One incarnation of a node.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) clock: Arc<SkewedClock>,
    pub(crate) engine: Engine,
    pub(crate) effects: Arc<EffectRunner>,
}

/// All nodes, with the journal, gateway, views and outbox that they share.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) world: Arc<World>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) views: Arc<Views>,
    pub(crate) outbox: Arc<Outbox>,
    doorbell: doorbell::Channel,
    nodes: Mutex<Vec<Option<Arc<Node>>>>,
}

impl Cluster {
    /// Starts the nodes, and the tasks that restart them.
    pub(crate) fn start(world: &Arc<World>) -> Arc<Self> {
        let (disk, stopped) = Disk::new(world.clone());
        let gateway = Gateway::new(world.clone(), disk.clone());
        let nodes = Mutex::new(vec![None; world.style.nodes]);
        let (views, outbox) = (Arc::default(), Arc::default());
        let (world, doorbell) = (world.clone(), doorbell::channel());
        let cluster = Arc::new(Self { world, disk, gateway, views, outbox, doorbell, nodes });
        let world = &cluster.world;
        for node in 0..world.style.nodes {
            drop(tokio::spawn(cluster.clone().keep_running(node)));
        }
        drop(tokio::spawn(cluster.clone().keep_powered(stopped)));
        drop(tokio::spawn(cluster.clone().deliver_hints()));
        cluster
    }

    /// The node, if it lives.
    pub(crate) fn node(&self, node: usize) -> Option<Arc<Node>> {
        self.nodes.lock().get(node).cloned().flatten().filter(|node| !node.incarnation.is_over())
    }

    pub(crate) fn any_node(&self) -> Option<Arc<Node>> {
        let first = usize::try_from(self.world.below(self.world.style.nodes as u64)).unwrap_or(0);
        (0..self.world.style.nodes).find_map(|at| self.node((first + at) % self.world.style.nodes))
    }

    async fn keep_running(self: Arc<Self>, node: usize) {
        loop {
            self.disk.rest().await;
            if self.disk.durable().is_ok() {
                let started = self.boot(node);
                started.incarnation.ended().await;
            }
            self.world.pass_time(50, 8_000).await;
        }
    }

    fn boot(&self, node: usize) -> Arc<Node> {
        // Each sale that wakes takes the next number, so they must be far apart.
        let (world, writer) = (self.world.clone(), self.world.number() << 32);
        let error_ms = self.clock_error();
        world.count("fault", "node starts");
        world.note(format_args!("node {node} starts as writer {writer}, its clock {error_ms} ms off"));
        let incarnation = Incarnation::new(world.clone(), node);
        let clock = SkewedClock::new(world.clone(), error_ms);
        let journal = JournalConnection {
            world: world.clone(),
            incarnation: incarnation.clone(),
            disk: self.disk.clone(),
        };
        let gateway = GatewayConnection {
            world: world.clone(),
            incarnation: incarnation.clone(),
            gateway: self.gateway.clone(),
        };
        let options = EngineOptions {
            mailbox: if world.one_in(4) { 2 } else { 256 },
            idle_after: Duration::from_secs(world.between(5, 60)),
            snapshot_every: world.between(8, 60),
            writer,
            shared: world.style.nodes > 1,
            homes: (world.style.nodes > 1).then(|| self.beliefs(&clock)),
            doorbell: (world.style.nodes > 1).then(|| self.doorbell_of(&incarnation)),
            ..EngineOptions::default()
        };
        let engine = Engine::new(Arc::new(journal), clock.clone(), options);
        let effects = EffectRunner::new(engine.clone(), Arc::new(gateway), world.style.nodes == 1);
        let runner = consumers::runner(&self.world, &incarnation, &engine, (&self.views, &self.outbox));
        let started = Arc::new(Node { incarnation, clock, engine, effects });
        drop(tokio::spawn(attend(world, started.clone(), runner, self.doorbell.clone())));
        if let Some(place) = self.nodes.lock().get_mut(node) {
            *place = Some(started.clone());
        }
        started
    }

    fn beliefs(&self, clock: &Arc<SkewedClock>) -> Arc<dyn Homes> {
        Arc::new(Beliefs { world: self.world.clone(), clock: clock.clone() })
    }

    fn doorbell_of(&self, incarnation: &Arc<Incarnation>) -> Arc<dyn Doorbell> {
        Arc::new(NodeDoorbell { incarnation: incarnation.clone(), channel: self.doorbell.clone() })
    }

    /// A random clock error; small histories have exact clocks.
    fn clock_error(&self) -> i64 {
        if self.world.style.small || self.world.is_calm() {
            return 0;
        }
        match self.world.below(4) {
            0 => {
                self.world.count("fault", "clock is ahead");
                i64::try_from(self.world.below(5_000)).unwrap_or(0)
            }
            1 => {
                self.world.count("fault", "clock is behind");
                -i64::try_from(self.world.below(5_000)).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Cuts the power now and then, and restarts a disk that has stopped.
    async fn keep_powered(self: Arc<Self>, mut stopped: mpsc::UnboundedReceiver<()>) {
        loop {
            let next =
                Duration::from_millis(self.world.between(60_000, 900_000) * self.world.style.fault_rarity);
            tokio::select! {
                biased;
                _ = stopped.recv() => self.world.pass_time(100, 3_000).await,
                () = tokio::time::sleep(next) => {
                    if self.world.is_calm() {
                        continue;
                    }
                    self.world.count("fault", "power cut");
                }
            }
            self.restart_all().await;
        }
    }

    async fn restart_all(&self) {
        let nodes = self.world.one_in(2) || self.world.style.nodes == 1;
        let is_promotion = self.world.style.nodes > 1 && self.world.one_in(2);
        if is_promotion {
            self.until_committing().await;
            self.disk.kill();
        } else {
            self.disk.cut_power();
        }
        if nodes {
            self.end_all("the power is cut");
        } else {
            self.world.count("fault", "journal alone starts again");
        }
        self.world.pass_time(100, 5_000).await;
        if is_promotion {
            self.disk.recover_alone();
            self.world.pass_time(1_000, 20_000).await;
            self.disk.promote();
        } else {
            self.disk.recover();
        }
    }

    /// Waits for a commit that is under way, so that the promotion has something to lose. A quiet sale has none.
    async fn until_committing(&self) {
        for _ in 0..1_000 {
            if self.disk.is_committing() {
                return;
            }
            self.world.pass_time(1, 3).await;
        }
    }

    /// Ends every node at once.
    pub(crate) fn end_all(&self, why: &str) {
        let nodes = self.nodes.lock().clone();
        nodes.iter().flatten().for_each(|node| node.incarnation.end(why));
    }

    /// Delivers the gateway's webhooks to nodes. Each is repeated until a node has accepted it.
    async fn deliver_hints(self: Arc<Self>) {
        loop {
            self.world.pass_time(500, 5_000).await;
            for payment in self.gateway.take_hints() {
                if self.world.fault("hint is lost", 4) {
                    self.gateway.hint_again(payment);
                    continue;
                }
                let times = if self.world.fault("hint comes twice", 4) { 2 } else { 1 };
                let mut heard = false;
                for _ in 0..times {
                    heard |= self.hint(payment).await;
                }
                if !heard {
                    self.gateway.hint_again(payment);
                }
            }
        }
    }

    async fn hint(&self, payment: u32) -> bool {
        let Some(node) = self.any_node() else { return false };
        let reference = PaymentRef { event: EVENT, payment: PaymentNumber(payment) };
        tokio::select! {
            biased;
            () = node.incarnation.ended() => false,
            followed = node.effects.query_provider(reference) => followed.is_some(),
            () = tokio::time::sleep(Duration::from_secs(120)) => false,
        }
    }

    /// Sets the clock of a random node.
    pub(crate) fn set_a_clock(&self) {
        if let Some(node) = self.any_node().filter(|_| !self.world.style.small) {
            let error_ms = i64::try_from(self.world.below(20_000)).unwrap_or(0) - 10_000;
            self.world.count("fault", "clock jumps");
            self.world
                .note(format_args!("the clock of node {} jumps to {error_ms} ms off", node.incarnation.node));
            node.clock.jump(error_ms);
        }
    }
}

/// Everything a node does by itself, until it dies.
async fn attend(world: Arc<World>, node: Arc<Node>, runner: Runner, doorbell: doorbell::Channel) {
    let heard = |stream| node.engine.heard_of(stream);
    let waker = node.engine.clone().run_waker(Duration::from_secs(1));
    tokio::select! {
        biased;
        () = node.incarnation.ended() => {}
        () = node.effects.clone().run() => {}
        () = waker => {}
        () = learn_of_others(&world, &node), if world.style.nodes > 1 => {}
        () = doorbell::listen(&world, &doorbell, heard), if world.style.nodes > 1 => {}
        () = doorbell::lie(&world, stream_of(EVENT), heard), if world.style.nodes > 1 => {}
        () = runner.run() => {}
    }
}

/// Asks at odd times what other nodes appended, whether or not the doorbell rang.
async fn learn_of_others(world: &World, node: &Node) {
    loop {
        world.pass_time(10, 5_000).await;
        node.engine.read_other_writers().await;
    }
}
