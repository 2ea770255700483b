//! Buyers: they behave, repeat clicks, share an account, make mistakes, touch other buyers' orders, and go away.

use crate::client::{CallOutcome, ClientRequest, call};
use crate::cluster::Cluster;
use crate::generate::{self, PIT};
use crate::world::World;
use fairseat_domain::Command;
use fairseat_domain::best_available::BestAvailableRequest;
use fairseat_domain::command::{Canceller, InstrumentMark, Selection};
use fairseat_domain::ids::{AccountId, OrderNumber, ReservationNumber, SeatIndex};
use fairseat_domain::limits::{MAX_HOLD, MAX_SEATS_PER_RESERVATION, MIN_HOLD};
use fairseat_domain::sale::Subject;
use fairseat_domain::seating_plan::SectionIndex;
use fairseat_domain::time::Millis;
use futures::future::join_all;
use std::sync::Arc;

/// One person at one browser.
#[derive(Debug)]
pub(crate) struct Buyer {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) account: AccountId,
    carts: Vec<ReservationNumber>,
    orders: Vec<OrderNumber>,
    /// Commands that succeeded, with their keys.
    used: Vec<ClientRequest>,
}

/// The cards that buyers use. A card that is listed more often is used more often.
const CARDS: [&str; 20] = [
    "good",
    "good",
    "good",
    "good",
    "good",
    "good",
    "good",
    "good",
    "good",
    "declined",
    "declined",
    "undecided",
    "undecided",
    "undecided",
    "authenticated",
    "authenticated",
    "authenticated",
    "processing",
    "uncollectable",
    "uncollectable",
];

impl Buyer {
    pub(crate) fn new(cluster: Arc<Cluster>, account: u128) -> Self {
        let account = AccountId(account);
        Self { cluster, account, carts: Vec::new(), orders: Vec::new(), used: Vec::new() }
    }

    fn world(&self) -> Arc<World> {
        self.cluster.world.clone()
    }

    /// Acts this many times, with pauses.
    pub(crate) async fn live(mut self, actions: u64) {
        let world = self.world();
        for _ in 0..actions {
            world.pass_time(200, 12_000).await;
            if world.one_in(60) {
                // Goes away for a while, perhaps past an expiry.
                world.pass_time(60_000, 400_000).await;
            }
            let wish = self.choose();
            self.send_with_retries(wish).await;
        }
        if world.one_in(25) {
            self.pay_repeatedly().await;
        }
        if world.one_in(8) {
            self.repeat_old_requests().await;
        }
        if world.one_in(6) {
            self.hold_and_give_back().await;
        }
    }

    fn choose(&mut self) -> ClientRequest {
        let world = self.world();
        let buyer = self.account;
        let cart = world.pick(&self.carts);
        let order = world.pick(&self.orders);
        let command = match (world.below(100), cart, order) {
            (0..30, ..) => self.reserve(),
            (30..52, Some(reservation), _) => {
                let (method, instrument) = ("card".to_owned(), self.instrument());
                Command::PlaceOrder { reservation, buyer, method, instrument }
            }
            (52..58, Some(reservation), _) => Command::CancelReservation { reservation, buyer },
            (58..64, Some(reservation), _) => Command::ExtendReservation { reservation, buyer },
            (64..71, Some(reservation), _) => self.change(reservation),
            (71..73, Some(reservation), _) if !world.style.small => self.sign_in(reservation),
            (73..82, _, Some(order)) => Command::CancelOrder { order, by: Canceller::Buyer(buyer) },
            (82..88, ..) => self.fumble(),
            (88..92, ..) => self.meddle(),
            (92..94, ..) => Command::Tick,
            _ => self.reserve(),
        };
        let card = world.pick(&CARDS).unwrap_or("good");
        let repeatable = command != Command::Tick && !world.one_in(4);
        let key = repeatable.then(|| (world.number(), world.number()));
        ClientRequest { command, key, card }
    }

    fn reserve(&self) -> Command {
        let world = self.world();
        let selection = generate::selection(&world);
        let hold = if world.one_in(2) { MIN_HOLD } else { Millis(i64::from(60_000 + world.small(840_000))) };
        let buyer = self.account;
        // The search for an order of small histories knows no carts.
        if world.style.small || world.one_in(2) {
            Command::PlaceReservation { buyer, selection, hold }
        } else {
            Command::AddToCart { buyer, selection, hold }
        }
    }

    /// Takes the cart along to another account, which may be another buyer's, as when two people share one.
    fn sign_in(&self, reservation: ReservationNumber) -> Command {
        let account = AccountId(u128::from(self.world().between(1, 8)));
        Command::MergeCart { reservation, guest: self.account, account }
    }

    fn change(&self, reservation: ReservationNumber) -> Command {
        let world = self.world();
        let node = self.cluster.any_node();
        let known = node.and_then(|node| node.engine.handles().pop());
        let items =
            known.and_then(|(_, sale)| Some(sale.published().state.reservation(reservation)?.items.clone()));
        let mut remove: Vec<SeatIndex> =
            items.iter().flat_map(|items| items.iter().map(|item| item.seat)).collect();
        remove.truncate(usize::try_from(world.below(2)).unwrap_or(0));
        let add = generate::seats(&world, world.below(3));
        Command::ChangeReservation { reservation, buyer: self.account, add, remove }
    }

    /// A command that is always refused.
    fn fumble(&self) -> Command {
        let world = self.world();
        let (mut selection, mut hold) = (Selection::Seats(generate::seats(&world, 1)), MIN_HOLD);
        match world.below(8) {
            0 => selection = Selection::Seats(vec![SeatIndex(9_999)]),
            1 => selection = Selection::Seats(vec![SeatIndex(1), SeatIndex(1)]),
            2 => selection = Selection::Seats(Vec::new()),
            3 => selection = Selection::Seats((0..=MAX_SEATS_PER_RESERVATION).map(SeatIndex::at).collect()),
            4 => selection = Selection::GeneralAdmission(vec![(SectionIndex::at(0), 1)]),
            5 => hold = Millis(MAX_HOLD.0 + 1),
            6 => selection = Selection::GeneralAdmission(vec![(SectionIndex::at(PIT), 0)]),
            _ => hold = Millis(1),
        }
        Command::PlaceReservation { buyer: self.account, selection, hold }
    }

    /// One of few cards, which several buyers share, or nothing that the provider could tell apart.
    fn instrument(&self) -> Option<InstrumentMark> {
        let world = self.world();
        world.one_in(2).then(|| InstrumentMark(world.below(8)))
    }

    /// A command about a reservation or order that belongs to another buyer, or does not exist.
    fn meddle(&self) -> Command {
        let world = self.world();
        let buyer = self.account;
        let reservation = ReservationNumber(world.small(60));
        match world.below(4) {
            0 => Command::CancelOrder { order: OrderNumber(world.small(30)), by: Canceller::Buyer(buyer) },
            1 => Command::PlaceOrder {
                reservation,
                buyer,
                method: "x".repeat(usize::try_from(world.below(40)).unwrap_or(0)),
                instrument: self.instrument(),
            },
            2 => Command::ExtendReservation { reservation, buyer },
            _ => Command::CancelReservation { reservation, buyer },
        }
    }

    /// Asks until there is an answer, or four times.
    async fn send_with_retries(&mut self, wish: ClientRequest) {
        let world = self.world();
        let nodes = world.style.nodes as u64;
        let home = world.below(nodes);
        if wish.key.is_some() && world.one_in(6) {
            return self.send_concurrently(&wish).await;
        }
        for round in 0..4 {
            let node = usize::try_from((home + round) % nodes).unwrap_or(0);
            let heard = call(&self.cluster, node, &wish).await;
            if !matches!(heard, CallOutcome::Nothing) || wish.key.is_none() {
                return self.learn(&wish, &heard).await;
            }
            world.pass_time(100, 5_000).await;
        }
    }

    /// Sends the same request several times at once, to one node or to several.
    async fn send_concurrently(&mut self, wish: &ClientRequest) {
        let world = self.world();
        let calls = (0..world.between(2, 3)).map(|_| {
            let node = usize::try_from(world.below(world.style.nodes as u64)).unwrap_or(0);
            let (cluster, wish) = (self.cluster.clone(), wish.clone());
            async move { call(&cluster, node, &wish).await }
        });
        let calls: Vec<_> = calls.collect();
        for heard in join_all(calls).await {
            self.learn(wish, &heard).await;
        }
    }

    async fn learn(&mut self, wish: &ClientRequest, heard: &CallOutcome) {
        let world = self.world();
        let CallOutcome::Yes(subject) = heard else { return };
        if let Command::MergeCart { account, .. } = wish.command {
            self.account = account;
        }
        match *subject {
            Subject::Reservation(number) if !self.carts.contains(&number) => self.carts.push(number),
            Subject::Payment(order, payment) => {
                if !self.orders.contains(&order) {
                    self.orders.push(order);
                }
                if let Some(payment) = payment.filter(|_| wish.card == "authenticated") {
                    self.authenticate(payment.0);
                }
                if world.one_in(8) {
                    self.cancel_at_once(order).await;
                }
            }
            Subject::Sale | Subject::Reservation(_) | Subject::Cancellation(..) => {}
        }
        self.used.push(wish.clone());
        if world.one_in(30) {
            self.reuse_old_key().await;
        }
    }

    /// Uses an old key again, with the same body or with another.
    async fn reuse_old_key(&mut self) {
        let world = self.world();
        let Some(ClientRequest { command, key: Some((key, body)), card }) = world.pick(&self.used) else {
            return;
        };
        let body = if world.one_in(2) { body + 1_000_000 } else { body };
        let again = ClientRequest { command, key: Some((key, body)), card };
        let node = usize::try_from(world.below(world.style.nodes as u64)).unwrap_or(0);
        let _whatever = call(&self.cluster, node, &again).await;
    }

    /// Repeats old requests long after their reservations and orders have ended, as an old browser tab does.
    async fn repeat_old_requests(&mut self) {
        let world = self.world();
        world.pass_time(600_000, 2_400_000).await;
        for _ in 0..4 {
            self.reuse_old_key().await;
        }
    }

    /// Cancels an order right after it was placed.
    async fn cancel_at_once(&self, order: OrderNumber) {
        let world = self.world();
        let by = Canceller::Buyer(self.account);
        let node = usize::try_from(world.below(world.style.nodes as u64)).unwrap_or(0);
        let _whatever =
            call(&self.cluster, node, &ClientRequest::new(Command::CancelOrder { order, by })).await;
    }

    /// Answers the bank's question (3-D Secure) soon, late, or never.
    fn authenticate(&self, payment: u32) {
        let cluster = self.cluster.clone();
        drop(tokio::spawn(async move {
            let world = &cluster.world;
            match world.below(8) {
                0 => {
                    world.count("fault", "buyer never authenticates");
                    return;
                }
                1 => {
                    world.count("fault", "buyer authenticates late");
                    world.pass_time(300_000, 1_900_000).await;
                }
                _ => world.pass_time(1_000, 60_000).await,
            }
            let approve = !world.one_in(5);
            if cluster.gateway.waits_for_buyer(payment) {
                cluster.gateway.authenticate(payment, approve);
            }
        }));
    }

    /// Holds the same seat and gives it back, until it is left to others.
    async fn hold_and_give_back(&self) {
        let (world, buyer) = (self.world(), self.account);
        let selection = Selection::Seats(generate::seats(&world, 1));
        for _ in 0..4 {
            let selection = selection.clone();
            let hold = ClientRequest::new(Command::PlaceReservation { buyer, selection, hold: MAX_HOLD });
            let CallOutcome::Yes(Subject::Reservation(reservation)) = call(&self.cluster, 0, &hold).await
            else {
                return;
            };
            let give_back = ClientRequest::new(Command::CancelReservation { reservation, buyer });
            let _whatever = call(&self.cluster, 0, &give_back).await;
        }
    }

    /// Pays one reservation many times with a declined card.
    async fn pay_repeatedly(&mut self) {
        let world = self.world();
        let buyer = self.account;
        let any = BestAvailableRequest { quantity: 1, section: None, max_price: None, accessible: false };
        let selection = if world.style.small {
            Selection::Seats(generate::seats(&world, 1))
        } else {
            Selection::BestAvailable(any)
        };
        let reserve = ClientRequest::new(Command::PlaceReservation { buyer, selection, hold: MAX_HOLD });
        let CallOutcome::Yes(Subject::Reservation(reservation)) = call(&self.cluster, 0, &reserve).await
        else {
            return;
        };
        for _ in 0..150 {
            world.pass_time(10, 500).await;
            let method = "card".to_owned();
            let command = Command::PlaceOrder { reservation, buyer, method, instrument: None };
            let wish = ClientRequest { command, key: None, card: "declined" };
            let node = usize::try_from(world.below(world.style.nodes as u64)).unwrap_or(0);
            let _whatever = call(&self.cluster, node, &wish).await;
        }
    }
}
