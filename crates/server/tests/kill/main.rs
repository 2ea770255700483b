//! Buyers compete for seats over HTTP while the real program is killed repeatedly, at random moments and at every crash point. Afterwards
//! everything that it acknowledged still exists, no seat has two owners, and no order was charged twice.
//!
//! No test waits for time to pass: the server dies after a number of acknowledged answers, or at a crash point. `FAIRSEAT_SEED` repeats the
//! choices of a run, but not the order in which the machine executes them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]
#![expect(clippy::print_stderr, reason = "a run says its seed and how much happened")]

mod chance;
mod citus;
mod client;
#[path = "../common/command.rs"]
mod command;
mod faults;
mod hall;
mod nodes;
mod proof;
mod server;
#[path = "../common/server_process.rs"]
mod server_process;

use chance::Chance;
use hall::{Hall, Sizes};
use server::Death;

/// The crash points of a server that sells, and the highest number of passes before it dies there.
const CRASH_POINTS: [(&str, u64); 12] = [
    ("engine.before_append", 40),
    ("engine.after_append", 40),
    ("journal.before_commit", 30),
    ("journal.after_commit", 30),
    ("journal.after_anchor", 30),
    ("views.before_apply", 20),
    ("pay.before_charge", 10),
    ("pay.after_charge", 10),
    ("pay.before_capture", 10),
    ("pay.after_capture", 10),
    ("pay.before_refund", 3),
    ("pay.after_refund", 3),
];

/// All deaths of a run, in random order.
fn deaths(chance: &mut Chance, random: usize, rounds: usize) -> Vec<Death> {
    let mut deaths = Vec::new();
    for _ in 0..rounds {
        for (point, latest) in CRASH_POINTS {
            deaths.push(Death::AtPoint { point, passing: 1 + chance.below(latest) });
        }
    }
    deaths.extend((0..random).map(|_| Death::AfterAnswers(1 + chance.below(200))));
    chance.shuffle(&mut deaths);
    deaths
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_changes_survive_every_kill() {
    let long = std::env::var_os("FAIRSEAT_LONG").is_some();
    let (sizes, random, rounds) = match long {
        true => (Sizes { clients: 64, rows: 40, seats_per_row: 50 }, 20, 40),
        false => (Sizes { clients: 16, rows: 10, seats_per_row: 20 }, 4, 1),
    };
    let mut chance = Chance::from_environment();
    let deaths = deaths(&mut chance, random, rounds);
    let hall = Hall::open(&sizes).await;
    let crowd = Crowd::gather(&hall, &sizes, &mut chance);
    for death in &deaths {
        hall.serve_until(*death).await;
    }
    let server = hall.serve_on().await;
    let claims = crowd.claims().await;
    proof::holds(&hall, vec![server], &claims).await;
    assert!(claims.cut_off > 0, "nobody was talking to a server when it died");
}

/// All buyers, running until the hall closes.
struct Crowd(Vec<tokio::task::JoinHandle<client::Claims>>);

impl Crowd {
    fn gather(hall: &Hall, sizes: &Sizes, chance: &mut Chance) -> Self {
        let visit = |number| tokio::spawn(client::visit(hall.clone(), number, chance.branch()));
        Self((0..sizes.clients).map(visit).collect())
    }

    async fn claims(self) -> client::Claims {
        let mut claims = client::Claims::default();
        for client in self.0 {
            claims.add(client.await.unwrap());
        }
        claims
    }
}

/// Creating an event has two steps: one in the catalogue and one in the journal.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_creation_of_an_event_makes_one_event() {
    for point in ["event.before_sale", "event.before_ready"] {
        let hall = Hall::open(&Sizes { clients: 1, rows: 2, seats_per_row: 5 }).await;
        let created = tokio::spawn(hall::create_event(hall.clone(), "Second Night"));
        hall.serve_until(Death::AtPoint { point, passing: 1 }).await;
        let _server = hall.serve_on().await;
        let event = created.await.unwrap();
        let found = hall.get("/api/v1/events?q=Second+Night", None).await.json;
        assert_eq!((&found["total"], &found["events"][0]["event_id"]), (&1.into(), &event.into()), "{point}");
    }
}
