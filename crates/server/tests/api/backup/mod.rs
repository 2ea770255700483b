//! `fairseat backup` and `fairseat restore`: the real binary runs beside a server in this process while people buy.

mod archive;
mod damaged;
mod torn;

use crate::common::command::run;
use crate::common::test_shop::{GOOD_CARD, TestShop, order_body, string_of};
use crate::common::{TestServer, within_patience};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How a command ended, and what it printed: its stdout if it succeeded, else its stderr.
struct Outcome {
    succeeded: bool,
    said: String,
}

impl Outcome {
    #[track_caller]
    fn done(self) -> String {
        assert!(self.succeeded, "{}", self.said);
        self.said
    }

    /// The one sentence of a failed command.
    #[track_caller]
    fn refused(self) -> String {
        let one_sentence = self.said.lines().count() == 1 && self.said.starts_with("fairseat: ");
        assert!(!self.succeeded && one_sentence, "{}", self.said);
        self.said
    }
}

fn fairseat(arguments: &[&str], data_dir: &Path) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fairseat"));
    command.args(arguments).arg("--data-dir").arg(data_dir).env("FAIRSEAT_LOG", "error");
    let output = run(&mut command, "");
    let succeeded = output.status.success();
    let said = if succeeded { output.stdout } else { output.stderr };
    Outcome { succeeded, said: String::from_utf8(said).unwrap() }
}

fn backup(data_dir: &Path, file: &Path) -> Outcome {
    fairseat(&["backup", file.to_str().unwrap()], data_dir)
}

fn restore(file: &Path, data_dir: &Path) -> Outcome {
    fairseat(&["restore", file.to_str().unwrap()], data_dir)
}

/// Everything in a folder, by path, with contents.
fn everything_in(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything_in(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

impl TestShop {
    /// Buys places until told to stop, and counts the orders.
    async fn keep_buying(self: Arc<Self>, bought: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::Relaxed) {
            let place = json!({"general_admission": [{"section": "Field", "quantity": 1}]});
            let reserved = self.buyer.post(&self.event.path("/reserve"), place).await;
            let reservation = string_of(&reserved.expect(201)["reservation_id"]);
            self.buyer.post("/orders", order_body(&reservation, GOOD_CARD)).await.expect(201);
            bought.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The same people at a server that has their data.
    fn moved_to(&self, server: TestServer) -> Self {
        let (organizer, buyer) = (server.same_person(&self.organizer), server.same_person(&self.buyer));
        Self { server, organizer, event: self.event.clone(), buyer }
    }

    /// The orders and tickets as their owners see them.
    async fn seen(&self, server: &TestServer, orders: &[Value]) -> Vec<Value> {
        let buyer = server.same_person(&self.buyer);
        let mut seen = vec![server.anonymous().get("/ticket-key").await.expect(200).clone()];
        for order in orders {
            seen.push(
                buyer.get(&format!("/orders/{}", string_of(&order["order_id"]))).await.expect(200).clone(),
            );
            for ticket in order["tickets"].as_array().unwrap() {
                let path = format!("/tickets/{}", string_of(&ticket["ticket_id"]));
                seen.push(buyer.get(&path).await.expect(200).clone());
            }
        }
        seen
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_people_buy_has_everything_sold_before() {
    let shop = TestShop::open().await;
    let event = shop.server.event_with(&shop.organizer, |terms| terms.max_tickets_per_buyer = 1_000).await;
    let shop = Arc::new(TestShop { event, ..shop });
    let sold = vec![shop.bought(&["Floor A-1", "Floor A-2"]).await, shop.bought(&["Gift A-1"]).await];
    let cancel = format!("/orders/{}/cancel", string_of(&shop.bought(&["Floor B-1"]).await["order_id"]));
    shop.buyer.post(&cancel, json!({})).await.expect(200);
    let before = shop.seen(&shop.server, &sold).await;
    let (parent, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (bought, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let buying: Vec<_> =
        (0..3).map(|_| tokio::spawn(shop.clone().keep_buying(bought.clone(), stop.clone()))).collect();
    let taken = async {
        loop {
            let before = bought.load(Ordering::Relaxed);
            let (folder, file) =
                (shop.server.folder().to_owned(), parent.path().join(format!("{before}.tar")));
            let written = file.clone();
            let said = tokio::task::spawn_blocking(move || backup(&folder, &written)).await.unwrap().done();
            assert!(said.ends_with("it contains the keys, so keep it as safe as the data folder\n"));
            // A backup during which nobody bought anything would prove nothing.
            if before > 0 && bought.load(Ordering::Relaxed) > before {
                break file;
            }
            fs::remove_file(file).unwrap();
        }
    };
    let file = within_patience("somebody buys while a backup is taken", taken).await;
    stop.store(true, Ordering::Relaxed);
    let ended = within_patience("the buyers stop", futures::future::join_all(buying)).await;
    ended.into_iter().for_each(|buyer| buyer.unwrap());

    assert!(restore(&file, restored.path()).done().starts_with("restored "));
    let proof: Value =
        serde_json::from_str(&fairseat(&["verify", "--json"], restored.path()).done()).unwrap();
    assert_eq!(proof["violations"], json!([]));
    assert_eq!(proof["events"][1]["views_at"], 0, "views are not taken from a backup");
    let orders = proof["events"][1]["orders"].as_u64().unwrap();
    assert!(orders > 3, "what was bought in the end is there as well: {proof}");
    let server = TestServer::start_over(restored).await;
    assert_eq!(shop.seen(&server, &sold).await, before, "keys and ids are the same");
    server.wait_for_view_of(&shop.event).await;
    server.assert_views_equal_the_journal().await;
    let listed = server.same_person(&shop.buyer).get(&format!("/users/{}/orders", shop.buyer.id())).await;
    let listed = listed.expect(200)["total"].as_u64().unwrap();
    assert!((orders..=orders + 3).contains(&listed), "each buyer may have been about to pay: {listed}");
    shop.moved_to(server).bought(&["Floor C-1"]).await;
}

#[tokio::test]
async fn backup_and_restore_never_overwrite_files() {
    let shop = TestShop::open().await;
    let parent = tempfile::tempdir().unwrap();
    let (file, missing) = (parent.path().join("backup.tar"), parent.path().join("missing"));
    backup(shop.server.folder(), &file).done();
    fs::write(parent.path().join("letter"), "Dear grandmother").unwrap();
    let before = everything_in(parent.path());
    for (outcome, expected) in [
        (backup(shop.server.folder(), &file), "is there already: choose another name"),
        (backup(shop.server.folder(), &missing.join("backup.tar")), "cannot write to"),
        (backup(parent.path(), &missing), "is no data folder: name the one the server uses"),
        (restore(&file, shop.server.folder()), "is not empty: choose another folder with --data-dir"),
        (restore(&file, parent.path()), "is not empty: choose another folder with --data-dir"),
        (restore(&file, &parent.path().join("letter")), "cannot make"),
        (restore(&missing, &parent.path().join("data")), "cannot be opened"),
    ] {
        let said = outcome.refused();
        assert!(said.contains(expected), "{said}");
    }
    assert_eq!(everything_in(parent.path()), before);
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
    shop.bought(&["Floor A-1"]).await;
}
