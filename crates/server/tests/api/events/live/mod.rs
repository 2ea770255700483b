//! The live feed over real sockets: what viewers receive, and what happens to viewers that do not read.

pub(crate) mod viewer;

use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{Actor, StoppedClock, TestServer, until, within_patience};
use fairseat_domain::Command;
use fairseat_domain::ids::{EventNumber, SeatIndex};
use fairseat_edge::listener::serve;
use futures::SinkExt;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::tungstenite::{Error, Message};
use viewer::{SeatMap, Viewer};

/// A server that listens; returns whether it drained in time. Its send buffers are small, so that a viewer that does not read is noticed
/// soon.
pub(crate) fn listening(server: &TestServer) -> (SocketAddr, JoinHandle<bool>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_send_buffer_size(32 * 1_024).unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(100).unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(serve(listener, server.server.service(), server.server.edge.clone(), 1_000)))
}

impl TestShop {
    pub(crate) async fn availability(&self, rest: &str) -> Value {
        self.server
            .anonymous()
            .get(&self.event.path(&format!("/availability{rest}")))
            .await
            .expect(200)
            .clone()
    }

    /// Reserves two places, buys a third, blocks a seat and unblocks it.
    async fn reserve_buy_and_block(&self) {
        let place = json!({"general_admission": [{"section": "Field", "quantity": 2}]});
        self.buyer.post(&self.event.path("/reserve"), place).await.expect(201);
        let gift =
            self.buyer.post(&self.event.path("/reserve"), json!({"best_available": {"quantity": 1}})).await;
        self.buyer
            .post("/orders", order_body(&string_of(&gift.expect(201)["reservation_id"]), GOOD_CARD))
            .await
            .expect(201);
        let blocked = json!({"seat_ids": [self.event.seat("Balcony A-1")], "reason": "Camera"});
        self.organizer.post(&self.event.path("/seats/block"), blocked.clone()).await.expect(200);
        self.organizer.post(&self.event.path("/seats/unblock"), blocked).await.expect(200);
    }

    /// Blocks or unblocks all places of the field: a large batch for viewers.
    async fn block_or_unblock_the_field(&self, turn: usize) {
        let seats = (35..1_035).map(SeatIndex).collect();
        let command = match turn % 2 {
            0 => Command::BlockSeats { seats, reason: "Rain".to_owned() },
            _ => Command::UnblockSeats { seats },
        };
        self.server.app.engine.submit_system(self.event.number, command).await.unwrap().answer.unwrap();
    }

    /// Commits this many batches as fast as possible.
    async fn make_viewers_miss(&self, batches: usize) {
        let app = &self.server.app;
        let sale = app.engine.sale(self.event.number).await.unwrap();
        let mut punctual = self.server.server.api.broadcasters.join(&app.ids, self.event.number, &sale);
        let clock = StoppedClock::stop();
        for turn in 0..batches {
            self.block_or_unblock_the_field(turn).await;
            let batch = async {
                while punctual.try_recv().is_err() {
                    clock.advance(Duration::from_millis(1)).await;
                }
            };
            within_patience("a viewer on time gets the batch", batch).await;
        }
    }

    /// The number of viewers, by the metrics.
    async fn viewers(&self) -> u32 {
        let metrics =
            String::from_utf8(self.server.anonymous().at([127, 0, 0, 1]).get("/metrics").await.bytes)
                .unwrap();
        let counts = metrics.lines().filter_map(|line| line.strip_prefix("fairseat_live_viewers "));
        counts.collect::<String>().parse().unwrap()
    }
}

#[tokio::test]
async fn viewers_receive_every_change_in_order() {
    let shop = TestShop::open().await;
    let event = shop.server.event_with(&shop.organizer, |terms| terms.max_tickets_per_buyer = 100).await;
    let shop = TestShop { event, ..shop };
    let (address, _serving) = listening(&shop.server);
    let mut plain = Viewer::open(address, &shop.event.path("/live")).await.unwrap();
    let mut compact = Viewer::open(address, &shop.event.path("/live?format=binary")).await.unwrap();
    let full = shop.availability("").await;
    let first =
        json!({"version": full["version"], "event_id": shop.event.id, "seats": 1_037, "available": 1_035});
    assert_eq!(plain.json().await, first);
    assert_eq!(compact.json().await, first);
    let (mut seen, mut seen_compact) = (SeatMap::of(&full), SeatMap::of(&full));
    for _ in 0..3 {
        shop.reserve_buy_and_block().await;
        let truth = SeatMap::of(&shop.availability("").await);
        while seen.version < truth.version {
            let (before, batch) = (seen.version, plain.json().await);
            assert!(batch["version"].as_u64().unwrap() > before, "{batch}");
            let change = &batch["changes"][0];
            let seat = SeatIndex(u32::try_from(change["index"].as_u64().unwrap()).unwrap());
            let id = shop.server.app.ids.seat(shop.event.number, seat);
            assert_eq!(change["seat_id"], id.to_string());
            seen.take(&batch);
            seen_compact.take_binary(&compact.message().await.into_data());
            assert_eq!(seen_compact, seen);
        }
        // A payment may have been captured meanwhile, which makes a version as well.
        assert!(seen.seats == truth.seats, "another map at version {}", seen.version);
    }
}

#[tokio::test]
async fn changed_prices_make_every_viewer_reload_the_map() {
    let shop = TestShop::open().await;
    let (address, _serving) = listening(&shop.server);
    for (format, price) in [("json", 61.0), ("binary", 62.0)] {
        let path = shop.event.path(&format!("/live?format={format}"));
        let mut viewer = Viewer::open(address, &path).await.unwrap();
        viewer.json().await;
        let changed = json!({"price_tiers": {"Floor": price}});
        shop.organizer.patch(&shop.event.path(""), changed).await.expect(200);
        let Message::Text(told) = viewer.message().await else { panic!("{format}: bytes cannot say it") };
        assert!(told.ends_with("\"reload\":true}"), "{format}: {told}");
    }
}

/// Half of them read JSON, half the binary form.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_viewers_of_a_busy_sale_end_with_the_right_map() {
    let shop = TestShop::open().await;
    let event = shop.server.event_with(&shop.organizer, |terms| terms.max_tickets_per_buyer = 100).await;
    let shop = TestShop { event, ..shop };
    let (address, _serving) = listening(&shop.server);
    let full = shop.availability("").await;
    let last = watch::Sender::new(u64::MAX);
    let mut viewers = JoinSet::new();
    for number in 0..500 {
        let format = if number % 2 == 0 { "json" } else { "binary" };
        let path = shop.event.path(&format!("/live?format={format}"));
        let viewer = Viewer::open(address, &path).await.unwrap();
        viewers.spawn(viewer.learn(SeatMap::of(&full), last.subscribe()));
    }
    assert_eq!(shop.viewers().await, 500);
    for turn in 0..8 {
        shop.block_or_unblock_the_field(turn).await;
        let blocked = json!({"seat_ids": [shop.event.seat("Balcony A-1")], "reason": "Camera"});
        let path = shop.event.path(if turn % 2 == 0 { "/seats/block" } else { "/seats/unblock" });
        shop.organizer.post(&path, blocked).await.expect(200);
    }
    shop.reserve_buy_and_block().await;
    let truth = SeatMap::of(&shop.availability("").await);
    last.send_replace(truth.version);
    let maps = within_patience("every viewer has the last version", viewers.join_all()).await;
    assert_eq!(maps.len(), 500);
    for seen in maps {
        assert!(seen.seats == truth.seats, "another map at version {}", seen.version);
    }
}

/// The first viewer is told a version before its broadcaster's task starts.
#[test]
fn a_change_before_the_first_frame_is_in_the_first_frame() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (sales, feeds) = (runtime(), runtime());
    let shop = sales.block_on(TestShop::open());
    let app = &shop.server.app;
    let sale = sales.block_on(app.engine.sale(shop.event.number)).unwrap();
    let mut frames = {
        let _runs_later = feeds.enter();
        shop.server.server.api.broadcasters.join(&app.ids, shop.event.number, &sale)
    };
    let told = sale.published().position;
    sales.block_on(shop.reserved(&["Floor A-1"]));
    let frame = feeds.block_on(within_patience("the first frame", frames.recv())).unwrap();
    assert_eq!(frame.version.0, told.0 + 1);
    assert!(frame.text.contains(&shop.event.seat("Floor A-1").to_string()), "{}", frame.text);
}

#[tokio::test]
async fn a_feed_that_does_not_exist_is_refused_before_the_socket_opens() {
    let shop = TestShop::open().await;
    let draft = shop.server.event_with(&shop.organizer, |terms| terms.published = false).await;
    let (address, _serving) = listening(&shop.server);
    let refused = async |path: &str| match Viewer::open(address, path).await {
        Err(Error::Http(answer)) => {
            let problem: Value = serde_json::from_slice(answer.body().as_ref().unwrap()).unwrap();
            (answer.status().as_u16(), string_of(&problem["code"]))
        }
        Err(error) => panic!("{path}: {error}"),
        Ok(_) => panic!("{path} opened"),
    };
    let unknown = shop.server.app.ids.event(EventNumber(9_999));
    for (path, expected) in [
        (format!("/events/{unknown}/live"), (404, "not_found")),
        (format!("/events/{}/live", shop.event.seat("Floor A-1")), (404, "not_found")),
        ("/events/everything/live".to_owned(), (404, "not_found")),
        (draft.path("/live"), (404, "not_found")),
        (shop.event.path("/live?format=xml"), (422, "invalid")),
    ] {
        let (status, code) = refused(&path).await;
        assert_eq!((status, code.as_str()), expected, "{path}");
    }
    shop.organizer.get(&shop.event.path("/live")).await.refused(422, "invalid");
    assert_eq!(shop.viewers().await, 0);
}

#[tokio::test]
async fn a_server_that_shuts_down_closes_feeds_with_code_1001() {
    let shop = TestShop::open().await;
    let (address, serving) = listening(&shop.server);
    let mut viewer = Viewer::open(address, &shop.event.path("/live")).await.unwrap();
    viewer.json().await;
    assert_eq!(shop.viewers().await, 1);
    shop.server.server.edge.shutdown.begin();
    let Message::Close(Some(goodbye)) = viewer.message().await else { panic!("no goodbye") };
    assert_eq!((u16::from(goodbye.code), goodbye.reason.as_str()), (1001, "the server is shutting down"));
    viewer.end().await;
    let in_time = within_patience("the listener ends", serving).await.unwrap();
    assert!(in_time, "nobody was cut off");
    assert_eq!(shop.viewers().await, 0);
}

#[tokio::test]
async fn a_viewer_who_sends_a_large_message_is_disconnected() {
    let shop = TestShop::open().await;
    let (address, _serving) = listening(&shop.server);
    let mut viewer = Viewer::open(address, &shop.event.path("/live")).await.unwrap();
    viewer.json().await;
    viewer.socket.send(Message::text("{}")).await.unwrap();
    viewer.socket.send(Message::text("x".repeat(100_000))).await.unwrap();
    viewer.end().await;
    assert_eq!(shop.viewers().await, 0);
}

#[tokio::test]
async fn a_viewer_who_reads_nothing_is_disconnected() {
    let shop = TestShop::open().await;
    let (address, _serving) = listening(&shop.server);
    let silent_viewer = Viewer::open_narrow(address, &shop.event.path("/live")).await.unwrap();
    let clock = StoppedClock::stop();
    let turn = AtomicUsize::new(0);
    until("the viewer is let go", async || {
        shop.block_or_unblock_the_field(turn.fetch_add(1, Ordering::Relaxed)).await;
        clock.advance(Duration::from_secs(1)).await;
        shop.viewers().await == 0
    })
    .await;
    drop(silent_viewer);
}

/// It is behind by more batches than the server keeps for it, but not so long that the server disconnects it.
#[tokio::test]
async fn a_viewer_who_missed_changes_is_told_to_reload() {
    const MORE_THAN_IS_KEPT: usize = 80;
    let shop = TestShop::open().await;
    let (address, _serving) = listening(&shop.server);
    let mut late = Viewer::open_narrow(address, &shop.event.path("/live")).await.unwrap();
    let mut seen = SeatMap::of(&shop.availability("").await);
    assert_eq!(late.json().await["version"], seen.version);
    shop.make_viewers_miss(MORE_THAN_IS_KEPT).await;
    let mut told = 0;
    let gap = loop {
        let batch = late.json().await;
        if batch["reload"] == true {
            break batch["version"].clone();
        }
        told += 1;
        seen.take(&batch);
    };
    assert!(told < MORE_THAN_IS_KEPT && gap == seen.version, "what it was told was in order: {told}");
    seen.take(&shop.availability(&format!("?since={gap}")).await);
    shop.reserve_buy_and_block().await;
    // A payment may still be captured meanwhile, which makes a version as well.
    let mut truth = SeatMap::of(&shop.availability("").await);
    while seen.version != truth.version {
        let batch = late.json().await;
        if batch["version"].as_u64().unwrap() > seen.version {
            seen.take(&batch);
        }
        truth = SeatMap::of(&shop.availability("").await);
    }
    assert_eq!(seen, truth);
}

/// The feed of a draft is for members: it ends with the membership and with the session.
#[tokio::test]
async fn a_member_who_is_removed_loses_the_feed_of_a_draft() {
    let shop = TestShop::open().await;
    let draft = shop.server.event_with(&shop.organizer, |terms| terms.published = false).await;
    let (address, _serving) = listening(&shop.server);
    let staff = shop.server.staff("steffi", &shop.organizer).await;
    let other = shop.server.staff("otto", &shop.organizer).await;
    let open = async |actor: &Actor| {
        let mut viewer = Viewer::open_as(address, &draft.path("/live"), actor.token()).await.unwrap();
        viewer.json().await;
        viewer
    };
    let (mut removed, mut signed_out, mut stays) =
        (open(&staff).await, open(&other).await, open(&shop.organizer).await);
    let members = format!("/organizations/{}/members", shop.organizer.organization().0);
    shop.organizer.delete(&format!("{members}/{}", staff.id())).await.expect(204);
    other.send("POST".parse().unwrap(), "/auth/logout", None).await.expect(204);
    for viewer in [&mut removed, &mut signed_out] {
        let Message::Close(Some(goodbye)) = viewer.message().await else { panic!("the feed goes on") };
        assert_eq!(
            (u16::from(goodbye.code), goodbye.reason.as_str()),
            (1008, "you may no longer see this event")
        );
    }
    let blocked = json!({"seat_ids": [draft.seat("Balcony A-1")], "reason": "Camera"});
    shop.organizer.post(&draft.path("/seats/block"), blocked).await.expect(200);
    assert_eq!(stays.json().await["changes"][0]["status"], "blocked");
}
