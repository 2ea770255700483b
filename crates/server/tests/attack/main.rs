//! One attacker with little traffic, from 127.0.0.2 and up, against the demo as the real program, while a buyer from 127.0.0.1 buys. What is
//! measured is what the attack costs others: the server's memory, and how long the buyer waits.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![expect(clippy::print_stderr, reason = "a run says what it measured")]

mod attacker;
mod buyer;
#[path = "../common/command.rs"]
mod command;
mod demo;
#[path = "../common/server_process.rs"]
mod server_process;

use attacker::Attacker;
use buyer::Buyer;
use demo::Demo;
use std::time::Duration;

/// What an attack may add to the server's memory, in megabytes.
const MEMORY_MB: u64 = 400;
/// How long 99 of 100 requests of the buyer may take at most.
const BUYER_WAITS: Duration = Duration::from_secs(1);

/// The size of an attack: the big numbers in the long run.
fn size(short: usize, long: usize) -> usize {
    if std::env::var_os("FAIRSEAT_LONG").is_some() { long } else { short }
}

/// Lets the buyer buy during an attack, and then checks what both cost. The attack runs until the buyer has done enough.
async fn under_attack<A: Send>(demo: &Demo, name: &str, attack: impl Future<Output = A> + Send) -> A {
    let buyer = Buyer::sign_in(demo).await;
    buyer.buy(demo, 5).await;
    let rest = demo.memory_mb();
    let watch = demo.watch_memory();
    let attacked = attack.await;
    let waits = buyer.buy(demo, 20).await;
    let most = watch.most_mb();
    let slowest = waits.p99();
    eprintln!("{name}: memory {rest} MB at rest, {most} MB at most; the buyer waits {slowest:?} (99 %)");
    assert!(most <= rest + MEMORY_MB, "{name}: {rest} MB at rest, {most} MB at most");
    assert!(slowest <= BUYER_WAITS, "{name}: the buyer waits {slowest:?}");
    assert_eq!(demo.get("/readyz").await, 200, "{name}: it is ready, and says so");
    attacked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_without_an_account_take_no_memory() {
    let demo = Demo::start();
    under_attack(&demo, "forms", async {
        let attacker = Attacker::at(2);
        let form = format!("name=x&sections={}", "Stalls%2C+1%2C+1%0A".repeat(200_000));
        for _ in 0..size(10, 100) {
            let status = attacker.post_form(&demo, "/console/venues/new", &form).await;
            assert!(matches!(status, 303 | 408 | 413), "{status}");
        }
        // All but the last byte, from as many connections as one address may open in a moment.
        let paths = [
            "/console/venues/new",
            "/api/v1/venues",
            "/sign-in",
            "/console/events/x/picture",
            "/api/v1/auth/login",
        ];
        let mut open = Vec::new();
        for connection in 0..size(200, 1_000) {
            open.push(attacker.send_all_but_one(&demo, paths[connection % paths.len()], 4 << 20).await);
        }
        open
    })
    .await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn announced_bodies_that_never_come_keep_nobody_out() {
    let demo = Demo::start();
    under_attack(&demo, "announced bodies", async {
        let mut open = Vec::new();
        // More than one address's share of places, from enough addresses for all places.
        for address in 2..14 {
            let attacker = Attacker::at(address);
            for _ in 0..size(140, 400) {
                open.push(attacker.announce(&demo, "/sign-in", 100_000).await);
            }
        }
        open
    })
    .await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_reads_take_little_memory() {
    let demo = Demo::start();
    let event = demo.largest_event().await;
    under_attack(&demo, "unread answers", async {
        let (mut open, mut given) = (Vec::new(), 0);
        for number in 0..size(16, 160) {
            let attacker = Attacker::at(2 + u8::try_from(number % 2).unwrap());
            let (connection, status) = attacker.ask(&demo, &format!("/api/v1/events/{event}/seats")).await;
            given += usize::from(status == 200);
            open.push(connection);
        }
        assert!((1..=8).contains(&given), "{given} answers were given, the rest refused");
        open
    })
    .await;
    demo.end();
}

/// A blocking thread goes on when nobody waits for its result any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_given_up_take_no_more_memory_than_one() {
    let demo = Demo::start();
    let event = demo.largest_event().await;
    let token = demo.token("organizer@demo.test").await;
    under_attack(&demo, "abandoned requests", async {
        let attacker = Attacker::at(2);
        let list = format!("/api/v1/events/{event}/seats");
        for _ in 0..size(40, 200) {
            let given_up = attacker.begin(&demo, "GET", &list, "", &[]).await;
            assert_eq!(demo.get("/healthz").await, 200, "the server has begun with it");
            drop(given_up);
        }
        let picture = demo::one_coloured_png(6_300, 6_300);
        let image = format!("/api/v1/events/{event}/image");
        let head = format!("authorization: Bearer {token}\r\ncontent-type: image/png\r\n");
        for _ in 0..size(8, 40) {
            let given_up = attacker.begin(&demo, "PUT", &image, &head, &picture).await;
            assert_eq!(demo.get("/healthz").await, 200, "the server has begun with it");
            drop(given_up);
        }
    })
    .await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trickling_uploads_keep_no_organizer_out() {
    let demo = Demo::start();
    let event = demo.largest_event().await;
    let token = demo.token("buyer@demo.test").await;
    under_attack(&demo, "trickling uploads", async {
        let mut open = Vec::new();
        for address in 2..10 {
            let attacker = Attacker::at(address);
            let path = format!("/api/v1/events/{event}/image");
            open.push(attacker.trickle(&demo, &path, &token).await);
        }
        let organizer = demo.token("organizer@demo.test").await;
        let status = demo.put_picture(&event, &organizer).await;
        assert_eq!(status, 200, "the organizer uploads meanwhile");
        open
    })
    .await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn passwords_of_one_address_are_hashed_in_turn_with_those_of_others() {
    let demo = Demo::start();
    under_attack(&demo, "passwords", async {
        let guesses = (0..size(60, 300)).map(|guess| {
            let demo = &demo;
            async move {
                let email = format!("nobody-{guess}@example.org");
                Attacker::at(2).sign_in(demo, &email, "wrong-password").await
            }
        });
        let mut guesses = Box::pin(futures::future::join_all(guesses));
        let waits = tokio::select! {
            statuses = &mut guesses => panic!("the guesses ended before the buyer was in: {statuses:?}"),
            waits = async {
                let begun = std::time::Instant::now();
                drop(Buyer::sign_in(&demo).await);
                begun.elapsed()
            } => waits,
        };
        assert!(waits <= BUYER_WAITS, "signing in took {waits:?}");
        guesses.await
    })
    .await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_time_are_no_more_than_guesses_in_sequence() {
    let demo = Demo::start();
    let attacker = Attacker::at(2);
    let guesses = (0..200).map(|_| attacker.sign_in(&demo, "buyer@demo.test", "wrong-password"));
    let statuses = futures::future::join_all(guesses).await;
    let tried = statuses.iter().filter(|status| **status == 401).count();
    assert!((1..=5).contains(&tried), "{tried} guesses were tried");
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)), "{statuses:?}");
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_accounts_of_one_network_hold_no_more_than_their_share() {
    let demo = Demo::start();
    let buyer = Buyer::sign_in(&demo).await;
    let attacker = Attacker::at(2);
    buyer.limit_new_accounts(&demo, 16).await;
    let holds = (0..size(40, 90)).map(|number| attacker.register_and_hold(&demo, number, buyer.event()));
    let statuses = futures::future::join_all(holds).await;
    let held = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(held, 16, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 403)), "{statuses:?}");
    buyer.buy(&demo, 5).await;
    demo.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn organizers_who_make_themselves_fill_no_memory() {
    let demo = Demo::start_with(&["--sales-memory", "48"]);
    under_attack(&demo, "organizers", async {
        let attacker = Attacker::at(2);
        let token = attacker.register(&demo, "organizer-of-much@example.org").await;
        let venue = attacker.make_venue_of_250_000_seats(&demo, &token).await;
        let mut made = 0;
        // 15 MB each. The quota allows eleven with the venue's own seats.
        while made < size(6, 20) {
            match attacker.make_event(&demo, &token, &venue).await {
                (201, _) => made += 1,
                (403, code) if code == "quota_reached" => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(made, size(6, 11));
        let sales = demo.metric("fairseat_sales_memory_bytes").await;
        assert!(sales <= 2 * 48 * 1_024 * 1_024, "{sales} bytes of sales are awake");
    })
    .await;
    demo.end();
}
